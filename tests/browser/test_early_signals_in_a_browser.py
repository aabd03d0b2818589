"""Early signals as a reporter and a team see them: reported, followed in one go, heard of; on a phone and on a desk."""

import pytest
from flask import g

from app import db
from app.access import Kind
from app.early_signals.models import Signal
from app.early_signals.rules import Sort, State
from tests import factory
from tests.browser.conftest import serving

NAMES = ("van ’t Hof-Waterschapsbelastingmedewerker", "Ait Haddou", "Ünlü", "de Wit")


@pytest.fixture
def ground(app):
    """The portal as `ground.actor` sees it, with four signals of a reporter at one team, the last a late one."""
    place = type("Ground", (), {})()
    water = factory.organisation(name="Waterbedrijf Westerdok")
    place.reporter, place.team = factory.actor(water), factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid"))
    for name in NAMES:
        factory.signal(water, surname=name, sort=Sort.EVICTION if name == NAMES[-1] else Sort.ARREARS)
    place.actor = place.team
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", place.actor))
    with serving(app) as place.address:
        yield place


def states():
    with db.reading() as session:
        return [one.state for one in session.query(Signal).order_by(Signal.id)]


def test_a_team_notes_one_attempt_for_many_and_the_reporter_hears_of_it(ground, page, check_page):
    page.goto(f"{ground.address}/early-signals")
    assert "de Wit" in page.locator("tbody tr").first.inner_text()
    for place in (0, 2):
        page.locator("input[name=chosen]").nth(place).check()
    page.click("text=Noteer een contactpoging")
    page.select_option("#kind", "card")
    page.select_option("#part", "evening")
    page.check("input[name=reached][value=no]")
    check_page(page)
    page.click("button:text-is('Noteer')")
    page.locator("main").get_by_text("Genoteerd bij 2 signalen.").wait_for()
    assert states().count(State.TRIED) == 2
    ground.actor = ground.reporter
    page.goto(f"{ground.address}/early-signals?status=news")
    assert page.locator("tbody tr").count() == 2
    check_page(page)


def test_a_report_keeps_what_was_typed_and_goes_in_once_it_is_mended(ground, page, check_page):
    ground.actor = ground.reporter
    page.goto(f"{ground.address}/early-signals/new")
    for field, text in (("reference", "KL-9"), ("surname", "Bos"), ("house_number", "7"), ("postcode", "10"), ("arrears_cents", "120")):
        page.fill(f"#{field}", text)
    page.click("button:text-is('Meld')")
    page.get_by_text("Dit is geen postcode.").first.wait_for()
    check_page(page)
    assert page.input_value("#surname") == "Bos"
    page.fill("#postcode", "1071ar")
    page.click("button:text-is('Meld')")
    page.locator("main").get_by_text("Binnen vier weken hoort u wat u mag weten.").wait_for()
    check_page(page)
    assert len(states()) == len(NAMES) + 1


def test_the_pages_of_a_signal_fit_and_are_read_by_everybody(ground, page, check_page):
    page.goto(f"{ground.address}/early-signals")
    page.click("tbody a >> nth=0")
    check_page(page)
    ground.actor = ground.reporter
    for path in ("/early-signals", page.url.removeprefix(ground.address), "/early-signals/import", "/help/vroegsignalen-melden"):
        page.goto(ground.address + path)
        check_page(page)
