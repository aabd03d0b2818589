"""Working through many offers as people do: with keys alone, by choosing rows, and without script."""

from datetime import date, timedelta

import pytest
from flask import g
from sqlalchemy import func, select

from app import db
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer
from tests import factory
from tests.browser.conftest import opened, serving


@pytest.fixture
def linde(database):
    return factory.organisation(name="Zorgverzekeraar De Linde")


@pytest.fixture
def offers(linde):
    """Five offers of cases with another creditor, the second covered by the own consent."""
    other, consent = factory.organisation(), factory.consent(linde)
    made = [factory.offers(linde, other, answer_by=date(2026, 6, 2) + timedelta(days=at))[0] for at in range(5)]
    for at, offer in enumerate(made):
        factory.assessment(offer, consent_id=consent.id, covered=at == 1, **({"rows": []} if at == 1 else {}))
    return made


@pytest.fixture
def place(app, linde):
    """The portal as somebody at the creditor sees it."""
    person = factory.person(linde, name="Pieter Dros")
    actor = factory.actor(linde, person_id=person.id, name=person.name)
    factory.person(linde, name="Samira Bakali")

    def act():
        g.actor = actor

    app.before_request_funcs.setdefault(None, []).append(act)
    with serving(app) as address:
        yield address


def states(offers):
    with db.reading() as session:
        return [session.get(Offer, offer.id).state for offer in offers]


def test_rows_are_answered_with_keys_where_they_stand_and_the_last_is_taken_back(place, offers, page):
    page.goto(f"{place}/offers")
    for key in "jaa":
        page.keyboard.press(key)
    page.get_by_text("geaccepteerd", exact=True).nth(1).wait_for()
    assert page.url == f"{place}/offers"
    assert states(offers) == [OfferState.ACCEPTED] * 2 + [OfferState.OPEN] * 3
    page.keyboard.press("u")
    page.locator("main").get_by_text("is ongedaan gemaakt").wait_for()
    assert states(offers) == [OfferState.ACCEPTED] + [OfferState.OPEN] * 4


def test_a_rejection_asks_its_reason_once_and_keeps_it_for_the_next(place, offers, page, check_page):
    page.goto(f"{place}/offers")
    page.keyboard.press("j")
    page.keyboard.press("r")
    check_page(page)
    page.select_option("#reason", "policy")
    page.click("dialog button[value=reject]")
    page.get_by_text("afgewezen", exact=True).wait_for()
    page.keyboard.press("r")
    page.check("#confirmed")  # the second one is covered by the own consent
    page.click("dialog button[value=reject]")
    page.get_by_text("afgewezen", exact=True).nth(1).wait_for()
    assert states(offers)[:3] == [OfferState.REJECTED, OfferState.REJECTED, OfferState.OPEN]
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.get_by_text("afgewezen", exact=True).nth(2).wait_for()


def test_a_row_that_a_colleague_answered_says_so_and_stays(place, offers, page):
    page.goto(f"{place}/offers")
    with db.transaction() as session:
        session.get(Offer, offers[0].id).reminders = 1
    for key in "ja":
        page.keyboard.press(key)
    page.get_by_role("alert").get_by_text("was u voor").wait_for()
    assert states(offers) == [OfferState.OPEN] * 5


def test_a_key_held_down_answers_one_row(place, offers, page):
    page.goto(f"{place}/offers")
    page.keyboard.press("j")
    for _ in range(3):
        page.keyboard.down("a")  # without letting go: the browser says that it repeats
    page.get_by_text("geaccepteerd", exact=True).first.wait_for()
    page.keyboard.up("a")
    assert states(offers).count(OfferState.ACCEPTED) == 1


def test_chosen_rows_get_one_answer_and_every_page_of_it_fits(place, offers, page, check_page):
    page.goto(f"{place}/offers")
    for key in "jxjjx":
        page.keyboard.press(key)
    assert "2 gekozen van de 5" in page.inner_text("[data-chosen]")
    check_page(page)
    page.keyboard.press("r")
    page.get_by_role("heading", name="2 aanbiedingen beantwoorden").wait_for()
    check_page(page)
    page.select_option("#reason", "policy")
    page.click("text=Verstuur")
    page.get_by_role("heading", name="2 aanbiedingen afgewezen").wait_for()
    check_page(page)
    page.keyboard.press("u")
    page.locator("main").get_by_text("ongedaan gemaakt: 2").wait_for()
    assert states(offers) == [OfferState.OPEN] * 5


def test_it_all_works_without_script(place, offers, chromium):
    with opened(chromium, java_script_enabled=False) as page:
        page.goto(f"{place}/offers")
        page.check(f"input[value='{offers[0].ref}:1']")
        page.click("button[value=accept]")
        page.get_by_role("heading", name="1 aanbod geaccepteerd").wait_for()
        page.click("text=Maak deze antwoorden ongedaan")
        page.goto(f"{place}/offers")
        page.check(f"input[value='{offers[1].ref}:1']")
        page.select_option("#to", label="Samira Bakali")
        page.click("button[value=assign]")
        page.locator("main").get_by_text("1 aanbod is toegewezen.").wait_for()
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(Offer.assigned_id.is_not(None))) == 1


def test_a_filter_is_kept_from_the_list(place, offers, page, check_page):
    page.goto(f"{place}/offers?due=late")
    page.click("text=Bewaar dit filter")
    page.fill("#name", "Te laat")
    check_page(page)
    page.click("main form button")
    page.get_by_role("link", name="Te laat", exact=True).click()
    assert "due=late" in page.url
    check_page(page)
