"""One answer as a screen reader is told of it: names, roles and states in the accessibility tree, and what is said afterwards."""

from datetime import date

import pytest
from flask import g

from app import db
from app.creditors.models import Organisation
from tests import factory
from tests.browser.conftest import serving
from tests.browser.spoken import lines


@pytest.fixture
def offers(database):
    """Two offers of one creditor that wait."""
    linde = factory.organisation(name="Zorgverzekeraar De Linde")
    cases = [factory.case(surname=name) for name in ("Çelik", "Nguyễn")]
    claims = [(case, factory.claim(case, linde)) for case in cases]
    return [factory.offer(factory.proposal(case, [claim]), claim, answer_by=date(2026, 6, 18)) for case, claim in claims]


@pytest.fixture
def place(app, offers):
    with db.reading() as session:
        actor = factory.actor(session.get_one(Organisation, offers[0].creditor_id))
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", actor))
    with serving(app) as address:
        yield address


def from_line(page, begin, count):
    """Return so many lines of the tree from the first one that begins so."""
    said = lines(page)
    at = next(number for number, one in enumerate(said) if one.startswith(begin))
    return said[at : at + count]


def choices(page):
    return [one for one in lines(page) if one.startswith("radio ")]


def test_the_page_names_its_parts_in_the_order_in_which_they_are_read(place, offers, page):
    page.goto(f"{place}/offers/{offers[0].ref}")
    said = lines(page)
    parts = [
        "link “Naar de inhoud”",
        "banner",
        "navigation “Hoofdmenu”",
        "main",
        "heading “X. Çelik” level=1",
        "form “Uw antwoord”",
        "contentinfo",
    ]
    assert [one for one in said if one in parts] == parts


def test_no_answer_is_chosen_and_none_is_called_wrong_before_somebody_answers(place, offers, page):
    page.goto(f"{place}/offers/{offers[0].ref}")
    assert from_line(page, "form “Uw antwoord”", 3)[1:] == ["heading “Uw antwoord” level=2", "radiogroup “Kies uw antwoord” required"]
    assert choices(page) == [
        "radio “Accepteren”", "radio “Accepteren met opmerking of ander saldo”", "radio “Afwijzen”", "radio “Heroverweging vragen”",
    ]  # fmt: skip
    assert "button “Verstuur en open het volgende”" in lines(page)


def test_the_key_a_says_which_answer_is_chosen_and_stays_there(place, offers, page):
    page.goto(f"{place}/offers/{offers[0].ref}")
    page.keyboard.press("a")
    assert choices(page)[0] == "radio “Accepteren” focused checked"
    assert [one for one in choices(page)[1:] if "checked" in one or "focused" in one] == []


def test_a_refusal_without_its_reason_is_read_first_and_the_field_says_why(place, offers, page):
    page.goto(f"{place}/offers/{offers[0].ref}")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.locator(".errors").wait_for()
    said = lines(page)
    assert next(one for one in said if "focused" in one and not one.startswith("RootWebArea")).startswith("alert")
    assert [one for one in said if one.startswith("combobox “Reden") and "Kies de reden" in one and "invalid" in one]


def test_after_the_answer_its_sending_is_said_and_then_falls_silent(place, offers, page):
    """A live region speaks of what changes in it: it begins empty, gets the words, and loses them before somebody reads them twice."""
    page.goto(f"{place}/offers/{offers[0].ref}")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/offers/{offers[1].ref}*")
    assert lines(page)[0].startswith("RootWebArea “X. Nguyễn – Schuldeisersportaal”")
    page.locator("[data-voice]", has_text=f"Uw antwoord op {offers[0].ref} is verstuurd.").wait_for(state="attached")
    assert from_line(page, "contentinfo", 2)[1] == "status live=polite"
    page.locator("[data-voice]:empty").wait_for(state="attached")
    assert "data-voice></p>" in page.request.get(page.url).text()
