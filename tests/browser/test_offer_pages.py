"""The creditor's pages as people see them: at every width, in light and dark, read by axe, by keyboard and without script."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import g, request

from app import db
from app.cases.rules import Rank
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, OfferEvent
from tests import factory
from tests.browser.conftest import opened, serving


@pytest.fixture
def linde(database):
    return factory.organisation(name="Zorgverzekeraar De Linde")


@pytest.fixture
def offers(linde):
    """Six offers around today, some late, some covered and put ready; the first with everything a page can show."""
    consent = factory.consent(linde)
    return [_offer(linde, consent, at) for at in range(6)]


def _offer(linde, consent, at):
    case = factory.case(surname=["van 't Hof", "Çelik", "Nguyễn"][at % 3])
    own = factory.claim(case, linde)
    others = [factory.claim(case, factory.organisation(), rank=Rank.PREFERENTIAL if n == 0 else Rank.CONCURRENT) for n in range(3)]
    proposal = factory.proposal(case, [own, *others])
    state = OfferState.PREPARED if at == 1 else OfferState.OPEN
    made = factory.offer(proposal, own, answer_by=date(2026, 6, 2) + timedelta(days=at), state=state)
    factory.assessment(made, consent_id=consent.id, covered=at == 1, **({"rows": []} if at == 1 else {}))
    event = {"offer_id": made.id, "creditor_id": linde.id, "at": datetime(2026, 6, 4, tzinfo=UTC), "who": "Kredietbank"}
    factory.save(OfferEvent(**event, what="reminded", facts={}))
    return made


@pytest.fixture
def place(app, linde):
    """The portal as somebody at the creditor sees it; the pages without an account are for nobody in particular."""
    actor = factory.actor(linde)

    def act():
        if not request.path.startswith(("/answer", "/verify")):
            g.actor = actor

    app.before_request_funcs.setdefault(None, []).append(act)
    with serving(app) as address:
        yield address


def state_of(offer):
    with db.reading() as session:
        return session.get(Offer, offer.id).state


@pytest.mark.parametrize("path", ["/offers", "/offers?q=niemand", "/offers?due=late&sort=claim"])
def test_the_list_fits_and_is_read_by_everybody(place, offers, page, check_page, path):
    page.goto(place + path)
    check_page(page)


def test_an_offer_fits_open_put_ready_with_faults_and_answered(place, offers, page, check_page):
    for offer in offers[:2]:
        page.goto(f"{place}/offers/{offer.ref}")
        check_page(page)
    page.goto(f"{place}/offers/{offers[0].ref}")
    page.check("input[value=reject]")
    page.click("text=Verstuur en open het volgende")
    page.locator(".errors", has_text="Kies de reden").wait_for()
    check_page(page)
    page.select_option("#reason", "policy")
    page.click("text=Verstuur en open het volgende")
    page.goto(f"{place}/offers/{offers[0].ref}")
    page.locator("aside", has_text="Afgewezen").wait_for()
    check_page(page)


def test_two_offers_are_answered_by_keyboard_alone(place, offers, page):
    page.goto(f"{place}/offers")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/offers/{offers[0].ref}")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/offers/{offers[1].ref}?*")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/offers/{offers[2].ref}?*")
    assert [state_of(offer) for offer in offers[:2]] == [OfferState.ACCEPTED] * 2


def test_everything_works_without_script(place, offers, chromium):
    with opened(chromium, java_script_enabled=False) as page:
        page.goto(f"{place}/offers")
        page.click("text=Begin bovenaan")
        page.check("input[value=other]")
        page.fill("#balance", "1.000,00")
        page.click("text=Verstuur en open het volgende")
        page.wait_for_url(f"**/offers/{offers[1].ref}?*")
    assert state_of(offers[0]) is OfferState.ACCEPTED_OTHER_BALANCE


def test_a_small_creditor_answers_with_the_code_of_its_letter(place, offers, page, check_page):
    page.goto(f"{place}/answer")
    page.fill("#code", "2222222222")
    page.click("main form button")
    page.locator(".errors").wait_for()
    check_page(page)
    page.fill("#code", offers[0].code.lower())
    page.click("main form button")
    page.wait_for_url("**/answer/offer")
    check_page(page)
    page.check("input[value=accept]")
    page.fill("#name", "Bakkerij de Kruimel")
    page.click("text=Verstuur uw antwoord")
    page.wait_for_url("**/answer/thanks")
    check_page(page)
    assert state_of(offers[0]) is OfferState.ACCEPTED


def test_a_letter_is_checked(place, offers, page, check_page):
    page.goto(f"{place}/verify")
    check_page(page)
    page.fill("#code", "A-2222-2222")
    page.click("main form button")
    page.locator("h1", has_text="kennen wij niet").wait_for()
    check_page(page)
