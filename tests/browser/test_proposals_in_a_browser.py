"""The bank's proposal pages as an officer sees them: before, during and after, at every width, in light and dark, read by axe."""

import pytest
from flask import g
from sqlalchemy import select

from app import db
from app.access import Kind
from app.cases.rules import Rank
from app.creditors.models import Organisation
from app.proposals.drafting import approve_proposal, draft_proposal
from app.proposals.issuing import issue_proposal
from app.proposals.lifecycle import AnsweredBy, RejectReason
from app.proposals.models import Offer
from app.proposals.responding import Seen, accept_offer, reject_offer
from tests import factory
from tests.browser.conftest import serving


@pytest.fixture
def officers(app):
    return factory.officers(factory.organisation(Kind.BANK, name="Kredietbank"))


@pytest.fixture
def place(app, officers):
    """The portal as the second officer sees it."""
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", officers[1]))
    with serving(app) as address:
        yield address


@pytest.fixture
def case(app):
    case = factory.case(surname="van ’t Hof-Waterschapsbelastingmedewerker")
    agent = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    for place, rank in enumerate((Rank.PREFERENTIAL, Rank.CONCURRENT, Rank.CONCURRENT, Rank.SECURED, Rank.EXCLUDED)):
        creditor = factory.organisation(name=f"Zorgverzekeraar De Linde {place}", phone="020 555 01 61")
        factory.mandate(agent, creditor)
        factory.claim(case, creditor, rank=rank, agent_id=agent.id if place == 1 else None)
    return case


@pytest.fixture
def answered(case, officers):
    """An issued proposal that one creditor accepts, one rejects, and two did not answer yet."""
    ref = draft_proposal(officers[0], case.ref)
    approve_proposal(officers[1], ref, 1)
    issue_proposal(officers[0], ref)
    with db.reading() as session:
        first, second = session.scalars(select(Offer).order_by(Offer.id).limit(2))
    accept_offer(_of(first), Seen(first.ref, first.revision, AnsweredBy.HAND))
    reject_offer(_of(second), Seen(second.ref, second.revision), RejectReason.PERCENTAGE_TOO_LOW, "Wij vragen ten minste 20%.")
    return case


def _of(offer):
    with db.reading() as session:
        return factory.actor(session.get_one(Organisation, offer.creditor_id))


@pytest.mark.parametrize("path", ["/proposals", "/board"])
def test_empty_lists(place, page, check_page, path):
    page.goto(place + path)
    check_page(page)


def test_products_are_compared_before_anything_is_drafted(place, page, check_page, case):
    page.goto(f"{place}/cases/{case.ref}/proposal")
    check_page(page)
    page.get_by_role("button", name="Maak concept").click()
    page.get_by_text("Kies een product").first.wait_for()
    check_page(page)


def test_a_draft_shows_what_goes_out(place, page, check_page, case, officers):
    draft_proposal(officers[0], case.ref)
    page.goto(f"{place}/cases/{case.ref}/proposal")
    check_page(page)
    page.goto(f"{place}/proposals")
    check_page(page)


def test_answers_and_who_still_blocks(place, page, check_page, answered):
    for path in (f"/cases/{answered.ref}/proposal", "/board", "/proposals?status=issued"):
        page.goto(place + path)
        check_page(page)


def test_from_the_board_a_creditor_is_asked_to_reconsider(place, page, check_page, answered):
    page.goto(f"{place}/board")
    page.get_by_role("link", name="Vraag heroverweging").click()
    check_page(page)
    page.fill("#words", "Alle gegevens zijn gecontroleerd.")
    page.get_by_label("Dit is het hoogst haalbare voor deze cliënt.").check()
    page.get_by_role("button", name="Vraag heroverweging").click()
    page.locator("main").get_by_text("De schuldeiser is gevraagd het te heroverwegen").wait_for()
