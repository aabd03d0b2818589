"""Balance requests as people see them: at every width, in light and dark, read by axe; and stating one with its reckoning."""

from datetime import UTC, datetime

import pytest
from flask import g

from app.access import Kind
from app.cases.balance_rules import BalanceAnswer, Correction, Obstacle
from app.cases.rules import Rank
from tests import factory
from tests.browser.conftest import serving


@pytest.fixture
def world(app):
    """Three requests in one case: one waits, one states another rank, one does not cooperate."""
    water, agent = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    factory.mandate(agent, water)
    case = factory.case(surname="van ’t Hof-Waterschapsbelastingmedewerker")
    answered = {"state": BalanceAnswer.STATED, "answered_at": datetime(2026, 6, 2, tzinfo=UTC)}
    mine = factory.balance_request(factory.claim(case, water, stated_cents=None, stated_on=None))
    other = factory.balance_request(factory.claim(case, factory.organisation(name="Woningcorporatie Zuid")), **answered)
    factory.balance_statement(
        other, correction=Correction.WAITS, rank=Rank.PREFERENTIAL, costs_cents=40_000, total_cents=252_000, allowed_cents=30_000,
        obstacle=Obstacle.OTHER, explanation="Er loopt een procedure bij de kantonrechter.",
    )  # fmt: skip
    return {"water": water, "case": case.ref, "mine": mine.ref, "other": other.ref}


@pytest.fixture
def place(app, world):
    """The portal as a worker of the creditor sees it; `place.be(actor)` lets somebody else look."""
    seen = {"by": factory.actor(world["water"], name="Wout Water", person_id=1)}
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", seen["by"]))
    with serving(app) as address:
        yield address, seen


def test_the_pages_of_a_creditor_fit_and_are_read_by_everybody(place, page, check_page, world):
    for path in ("/balances", "/balances?q=niemand", f"/balances/{world['mine']}", "/help/saldoverzoeken"):
        page.goto(place[0] + path)
        check_page(page)


def test_the_pages_of_an_officer_fit_and_are_read_by_everybody(place, page, check_page, world):
    place[1]["by"] = factory.actor(factory.organisation(Kind.BANK, name="Kredietbank"), person_id=2)
    paths = ("/balances?status=all", f"/balances/{world['other']}", f"/cases/{world['case']}/balances", "/cases/balance-requests")
    for path in paths:
        page.goto(place[0] + path)
        check_page(page)
    page.goto(f"{place[0]}/cases/{world['case']}/balances")
    page.click("text=Neem dit niet over")
    page.locator(".errors").wait_for()
    check_page(page)


def test_costs_above_the_scale_are_shown_and_lowered(place, page, check_page, world):
    page.goto(f"{place[0]}/balances/{world['mine']}")
    page.fill("#principal", "1.000,00")
    page.click("text=Bij incassokosten")
    page.fill("#notice_on", "2026-05-01")
    page.fill("#costs", "400")
    page.click("button:text-is('Verstuur')")
    page.locator("main").get_by_text("Zo rekenen wij de incassokosten na").wait_for()
    check_page(page)
    page.fill("#costs", "150")
    page.click("button:text-is('Verstuur')")
    page.locator("main").get_by_text("Uw antwoord is verstuurd").wait_for()
