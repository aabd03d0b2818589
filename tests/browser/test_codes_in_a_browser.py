"""A letter without an account, as its holder and the bank see it: a new code, the first account, doubles, and work of agents."""

from datetime import date

import pytest
from flask import g

from app import db
from app.access import Kind, Role
from app.accounts.models import Signup
from app.proposals.models import Offer
from tests import factory
from tests.browser.conftest import serving


@pytest.fixture
def ground(app):
    """The portal as `ground.actor` sees it (nobody at first), with a bakery that was sent an offer."""
    place = type("Ground", (), {"actor": None})()
    place.bakery = factory.organisation(name="Bakkerij de Kruimel", kvk="12345678")
    factory.organisation(name="De Kruimel BV", kvk="12345678")
    place.agency = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    factory.mandate(place.agency, place.bakery, ends_on=date(2027, 1, 1))
    place.offer = factory.offers(place.bakery, factory.organisation())[0]
    place.agents = factory.offers(place.bakery, agent_id=place.agency.id)[0]
    place.officer = factory.actor(factory.organisation(Kind.BANK, name="Kredietbank"), name="Mila Haverkamp")
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", place.actor) if place.actor else None)
    with serving(app) as place.address:
        yield place


def now_of(offer):
    with db.reading() as session:
        return session.get(Offer, offer.id)


def answer(ground, page):
    page.goto(f"{ground.address}/answer")
    page.fill("#code", ground.offer.code)
    page.click("main form button")
    page.check("input[value=accept]")
    page.fill("#name", "Mia Kruimel")
    page.click("text=Verstuur uw antwoord")


def test_the_page_of_codes_leads_to_a_new_one_by_post(ground, page, check_page):
    page.goto(f"{ground.address}/answer")
    check_page(page)
    page.click("text=Vraag een nieuwe code aan per post")
    page.fill("#ref", "Jansen")
    page.click("main form button")
    check_page(page)
    page.fill("#ref", ground.offer.ref)
    page.click("main form button")
    page.locator("main").get_by_text("Reken op een paar werkdagen.").wait_for()


def test_after_an_answer_an_account_is_asked_and_the_bank_decides(ground, page, check_page):
    answer(ground, page)
    check_page(page)
    page.click("a:text-is('Vraag een account aan')")
    check_page(page)
    for field, text in (("name", "Mia Kruimel"), ("email", "mia@kruimel.example"), ("kvk", "12345678")):
        page.fill(f"#{field}", text)
    page.click("text=Verstuur de aanvraag")
    page.locator("main").get_by_text("Uw aanvraag is ontvangen.").wait_for()
    with db.reading() as session:
        ref = session.query(Signup.ref).scalar()
    ground.actor = ground.officer
    for path in ("/signups", f"/signups/{ref}", f"/creditors/{ground.bakery.code}/doubles", "/help/account-na-brief"):
        page.goto(ground.address + path)
        check_page(page)
    page.goto(f"{ground.address}/signups/{ref}")
    page.check("input[name=checked]")
    page.click("text=Keur goed en nodig uit")
    page.locator("main").get_by_text("De uitnodiging is gemaild.").wait_for()


def test_a_creditor_sees_what_its_agent_does_and_takes_it_back(ground, page, check_page):
    ground.actor = factory.actor(ground.bakery, Role.CREDITOR_MANAGER, name="Els Vermaat")
    for path in ("/offers?by=agent", f"/offers/{ground.agents.ref}", "/organisation"):
        page.goto(ground.address + path)
        check_page(page)
    page.goto(f"{ground.address}/offers/{ground.agents.ref}")
    page.click("text=Neem dit aanbod terug")
    page.locator("main").get_by_text("U behandelt dit aanbod nu zelf.").wait_for()
    assert now_of(ground.agents).agent_id is None


def test_an_agent_chooses_one_of_its_creditors(ground, page, check_page):
    ground.actor = factory.actor(ground.agency, name="Bo Bakker")
    page.goto(f"{ground.address}/offers")
    check_page(page)
    page.select_option("#f-creditor", str(ground.bakery.code))
    page.click("text=Toon")
    assert f"creditor={ground.bakery.code}" in page.url
