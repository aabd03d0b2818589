"""Practice reports, the benchmark and the cost check as people see them: at every width, and by keyboard alone."""

import pytest
from flask import g
from playwright.sync_api import expect

from app.access import Kind, Role
from app.clock import now
from app.practices import reviewing
from app.practices.measures import MEASURES
from app.practices.models import YearBenchmark
from app.practices.rules import Mark
from app.practices.service import start_report
from tests import factory
from tests.browser.conftest import serving


@pytest.fixture
def ground(app):
    """The portal as `ground.actor` sees it: a creditor that reported on last year and was asked something."""
    place = type("Ground", (), {})()
    water, team = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
    place.actor, place.team = factory.actor(water, Role.CREDITOR_MANAGER), factory.actor(team, name="Joris Blaauw")
    place.before, place.draft = factory.practice_report(place.actor), start_report(place.actor, 2026)
    reviewing.mark_answer(place.team, place.before, "staff", Mark.QUESTIONED, "Tellen uitzendkrachten mee?", 0)
    figures = {measure.code: 20 + place_ for place_, measure in enumerate(MEASURES)} | {"complaints_rate": None, "summons_rate": 1250}
    factory.save(YearBenchmark(year=2025, figures={"all": {"at_least": 10, "figures": figures}}, made_at=now(), person_name="Joris"))
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", place.actor))
    with serving(app) as place.address:
        yield place


def test_every_page_fits_and_is_read_by_everybody(ground, page, check_page):
    own = ("", f"/{ground.draft}", f"/{ground.draft}/arrangements", f"/{ground.before}/answers/staff", "/benchmark", "/costs")
    for path in own:
        page.goto(f"{ground.address}/practices{path}")
        check_page(page)
    ground.actor = ground.team
    for path in ("", f"/{ground.before}", "/agents"):
        page.goto(f"{ground.address}/practices{path}")
        check_page(page)


def test_on_a_phone_nothing_of_a_report_or_the_benchmark_stands_beside_the_screen(ground, page):
    page.set_viewport_size({"width": 320, "height": 800})
    for path in (f"/{ground.before}", "/benchmark"):
        page.goto(f"{ground.address}/practices{path}")
        assert (
            page.evaluate("Math.max(...[...document.querySelectorAll('main td')].map(cell => cell.getBoundingClientRect().right))") <= 320
        )


def test_a_section_is_filled_in_by_keyboard_with_last_years_answers_in_sight(ground, page):
    page.goto(f"{ground.address}/practices/{ground.draft}/staff")
    page.locator("#staff").focus()
    page.keyboard.type("41")
    expect(page.locator("main")).to_contain_text("Vorig jaar: 40")
    page.keyboard.press("Enter")
    page.wait_for_url("**/complaints")
    page.goto(f"{ground.address}/practices/{ground.draft}/staff")
    assert page.locator("#staff").input_value() == "41"
