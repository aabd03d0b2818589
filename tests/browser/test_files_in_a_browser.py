"""Answering with a file as people do: take the list along, bring it back, look, send, and fetch what could not be given."""

import csv

import pytest
from flask import g

from app import db
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer
from tests import factory
from tests.browser.conftest import serving


@pytest.fixture
def linde(database):
    return factory.organisation(name="Zorgverzekeraar De Linde")


@pytest.fixture
def offers(linde):
    other = factory.organisation()
    return [factory.offers(linde, other)[0] for _ in range(3)]


@pytest.fixture
def place(app, linde):
    """The portal as somebody at the creditor sees it."""
    person = factory.person(linde, name="Pieter Dros")
    actor = factory.actor(linde, person_id=person.id, name=person.name)
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", actor))
    with serving(app) as address:
        yield address


def filled(path, answers):
    """Fill in a CSV file that was downloaded, as Excel keeps it."""
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
    answer = rows[0].index("Antwoord")
    for row, told in zip(rows[1:], answers, strict=True):
        row[answer] = told
    out = path.with_name("ingevuld.csv")
    with out.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return out


def test_a_list_goes_out_comes_back_and_is_sent(place, offers, page, check_page, tmp_path):
    page.goto(f"{place}/offers")
    page.get_by_role("link", name="Antwoord met een bestand").click()
    check_page(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="csv").first.click()
    download.value.save_as(tmp_path / "lijst.csv")
    page.get_by_label("Ingevuld bestand").set_input_files(filled(tmp_path / "lijst.csv", ("akkoord", "misschien", "")))
    page.get_by_role("button", name="Bekijk wat er gebeurt").click()
    page.locator("main").get_by_text("Er is nog niets verstuurd.").wait_for()
    check_page(page)
    page.get_by_role("button", name="Verstuur 1 antwoord").click()
    page.get_by_role("heading", name="1 antwoord verstuurd").wait_for()
    check_page(page)
    with db.reading() as session:
        assert [session.get(Offer, offer.id).state for offer in offers].count(OfferState.ACCEPTED) == 1
    with page.expect_download() as rest:
        page.get_by_role("link", name="csv").click()
    assert rest.value.suggested_filename == "niet-verstuurd.csv"


@pytest.mark.parametrize("kind", ["balances", "pauses"])
def test_the_other_lists_have_the_same_pages(place, page, check_page, kind):
    page.goto(f"{place}/{kind}/file")
    check_page(page)
