"""The officer's page of one offer, the call list and the page of daily work, at every width, in light and dark, read by axe."""

from datetime import date

import pytest
from flask import g

from app import db
from app.access import Kind
from app.proposals import clocks, settling
from app.proposals.calling import note_call
from app.proposals.court_rules import CourtPoint, Guidance
from app.proposals.lifecycle import RejectReason
from app.proposals.models import Offer
from app.proposals.reminding import run_reminders
from app.proposals.responding import Seen, reject_offer
from tests import factory
from tests.browser.conftest import serving


@pytest.fixture
def officer(app):
    return factory.officers(factory.organisation(Kind.BANK, name="Kredietbank"))[0]


@pytest.fixture
def place(app, officer):
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", officer))
    with serving(app) as address:
        yield address


def revision(offer):
    with db.reading() as session:
        return session.get_one(Offer, offer.id).revision


@pytest.fixture
def offers(app, officer):
    """One offer that was refused twice, one whose clock stands, one that waits; and one call that was made."""
    names = ("Woningcorporatie De Oeverlanden-Waterschapsbelasting", "Waterbedrijf Westerdok", "Zorgverzekeraar De Linde")
    parties = [factory.organisation(name=name, phone="020 555 01 61") for name in names]
    made = factory.offers(*parties)
    refuser = factory.actor(parties[0])
    reject_offer(refuser, Seen(made[0].ref, 1), RejectReason.PERCENTAGE_TOO_LOW, "Wij vragen ten minste 20%.")
    grounds = settling.Grounds((CourtPoint.MAXIMUM, CourtPoint.EQUAL_TREATMENT), (Guidance.BUDGET_MANAGEMENT,))
    settling.ask_again(officer, made[0].ref, "Alles is nagekeken.", revision(made[0]), grounds)
    reject_offer(refuser, Seen(made[0].ref, revision(made[0])), RejectReason.POLICY, "Wij blijven erbij.")
    clocks.stop_clock(officer, made[1].ref, "Wij zoeken het saldo na.", revision(made[1]))
    run_reminders(date(2026, 6, 11))
    note_call(officer, parties[2].id, date(2026, 6, 3), "mevrouw Baas", "Belt morgen terug.")
    return made


def test_a_refusal_a_standing_clock_and_the_way_to_court(place, page, check_page, offers):
    for offer in offers:
        page.goto(f"{place}/proposals/offers/{offer.ref}")
        check_page(page)
    page.goto(f"{place}/proposals/offers/{offers[0].ref}")
    page.get_by_label("Ja, wij vragen een dwangakkoord").check()
    page.fill("#court_reason", "Alle anderen zijn akkoord.")
    page.get_by_role("button", name="Leg vast").click()
    page.locator("main").get_by_text("Het besluit is vastgelegd.").wait_for()


def test_whom_to_call_and_what_daily_work_did(place, page, check_page, offers):
    for path in ("/board/calls", f"/board/calls/{offers[2].creditor_id}", "/reminders", "/board?wait=balance"):
        page.goto(place + path)
        check_page(page)
