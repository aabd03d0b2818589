"""Notices and pauses as creditors and the bank see them: at every width, in light and dark, with and without script."""

from datetime import date

import pytest
from flask import g
from sqlalchemy import select

from app import db
from app.access import Kind
from app.cases import pausing
from app.cases.models import Case, Notice
from app.cases.pause_rules import NoticeState
from app.cases.pausing import SeenNotice
from tests import factory
from tests.browser.conftest import serving

NAMES = ("van ’t Hof-Waterschapsbelastingmedewerker", "Ait Haddou", "Ünlü", "de Wit", "Visser")


@pytest.fixture
def ground(app):
    """The portal as `ground.actor` sees it, with five clients of whom Waterbedrijf Westerdok was sent a notice."""
    place = type("Ground", (), {})()
    place.water, place.bank = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(Kind.BANK, name="Kredietbank")
    place.actor, place.officer = factory.actor(place.water), factory.actor(place.bank, name="Mila Haverkamp")
    place.notices = []
    for surname in NAMES:
        case = factory.case(surname=surname, initials="S.")
        factory.notice(factory.claim(case, factory.organisation(name="Zilverreiger Energie")))
        place.notices.append(factory.notice(factory.claim(case, place.water)))
    place.case = case
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", place.actor))
    with serving(app) as place.address:
        yield place


def states():
    with db.reading() as session:
        return list(session.scalars(select(Notice.state).order_by(Notice.id)))


def test_the_list_and_one_notice_fit_and_are_read_by_everybody(ground, page, check_page):
    for path in ("/pauses", "/pauses?status=all&q=visser", f"/pauses/{ground.notices[0].ref}", "/help/incassopauzes"):
        page.goto(ground.address + path)
        check_page(page)


def test_several_are_chosen_and_confirmed_in_one_go(ground, page, check_page):
    page.goto(f"{ground.address}/pauses")
    for place in (0, 2):
        page.locator("input[name=chosen]").nth(place).check()
    assert page.locator("[data-bulk] p").inner_text() == "2 gekozen van de 5"
    page.click("text=Bevestig de pauze")
    page.locator("main").get_by_text("2 kennisgevingen zijn bevestigd.").wait_for()
    check_page(page)
    assert states().count(NoticeState.CONFIRMED) == 2


def test_an_answer_unfolds_what_it_asks_and_keeps_what_was_typed(ground, page, check_page):
    page.goto(f"{ground.address}/pauses/{ground.notices[0].ref}")
    page.check("input[value='client unknown']")
    page.check("input[name=searched][value=name]")
    page.click("button:text-is('Verstuur')")
    page.get_by_text("Zoek op ten minste 2 gegevens").first.wait_for()
    check_page(page)
    assert page.is_checked("input[name=searched][value=name]")
    page.check("input[name=searched][value=address]")
    page.click("button:text-is('Verstuur')")
    page.wait_for_url("**/pauses")
    assert states().count(NoticeState.CLIENT_UNKNOWN) == 1


def test_the_bank_sees_collecting_on_the_case_and_on_its_pauses(ground, page, check_page):
    pausing.report_collecting(ground.actor, ground.notices[-1].ref, date(2026, 6, 3), "Er ging een automatische aanmaning uit.")
    pausing.confirm_notice(ground.actor, SeenNotice(ground.notices[-1].ref, 1))
    ground.actor = ground.officer
    with db.reading() as session:
        ref = session.get_one(Case, ground.case.id).ref
    for path in (f"/cases/{ref}", f"/cases/{ref}/pauses", "/pauses?status=all", "/cases/notices"):
        page.goto(ground.address + path)
        check_page(page)
    page.goto(f"{ground.address}/cases/{ref}")
    page.click("text=Bekijk de meldingen")
    page.click("button:text-is('Afgehandeld')")
    page.locator("main").get_by_text("De melding is afgehandeld.").wait_for()
