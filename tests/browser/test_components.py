"""The components in a real browser: readable for everybody, no sideways scroll, and the keys and guards of our script."""

import gzip

import pytest
from playwright.sync_api import expect

from app.web import ERROR_PAGES
from tests.browser.conftest import opened


def test_every_component_is_accessible(page, ground, check_page):
    page.goto(f"{ground}/gallery")
    check_page(page)


def test_a_failed_form_is_accessible_and_its_summary_has_the_focus(page, ground, check_page):
    page.goto(f"{ground}/gallery")
    page.get_by_role("button", name="Verstuur en open het volgende").click()
    expect(page.locator(".errors")).to_be_focused()
    assert page.title().startswith("Niet gelukt: ")
    page.get_by_role("link", name="Vul een dag in").click()
    assert page.evaluate("document.activeElement.id") == "day"
    check_page(page)


@pytest.mark.parametrize("status", sorted(ERROR_PAGES))
def test_error_pages_are_accessible(page, ground, check_page, status):
    page.goto(f"{ground}/errors/{status}")
    assert "5f2c9a7b11e04d63" in page.inner_text("main")
    check_page(page)


def test_rows_are_walked_chosen_and_opened_with_keys(page, ground):
    page.goto(f"{ground}/gallery")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("tr.is-selected").count() == 2
    assert page.inner_text("[data-chosen]").replace("\N{NO-BREAK SPACE}", " ") == "2 gekozen van de 25, samen € 262,31"
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**#A-000000")


def test_keys_rest_while_typing_and_when_turned_off(page, ground):
    page.goto(f"{ground}/gallery")
    page.keyboard.press("/")
    page.keyboard.type("jxa")
    assert page.input_value("#zoek") == "jxa"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_label("Sneltoetsen gebruiken op deze computer").uncheck()
    page.get_by_role("button", name="Sluiten").click()
    page.keyboard.press("j")
    assert page.locator("tr.is-current").count() == 0


def test_the_answer_key_asks_for_a_choice_before_it_sends(page, ground):
    page.goto(f"{ground}/gallery")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.value") == "accept"
    assert page.title().startswith("Bouwstenen")


def test_everything_on_the_page_is_chosen_at_once(page, ground):
    page.goto(f"{ground}/gallery")
    page.get_by_label("Kies alles op deze bladzijde").check()
    assert page.inner_text("[data-chosen]").startswith("25 gekozen van de 25, samen ")


def test_a_form_is_sent_once_however_often_it_is_clicked(page, ground):
    page.goto(f"{ground}/gallery")
    sent = []
    page.route("**/gallery", lambda route: (sent.append(route.request.method), route.fulfill(status=204)))
    with page.expect_response("**/gallery"):
        page.get_by_role("button", name="Herinner nu").dblclick()
    expect(page.get_by_role("button", name="Herinner nu")).to_be_disabled()
    assert sent == ["POST"]


def test_progress_is_kept_up_to_date(page, ground):
    page.goto(f"{ground}/gallery")
    page.locator("main").get_by_text("80 van 120 klaar").wait_for()


def test_pages_are_whole_without_script(chromium, ground):
    with opened(chromium, java_script_enabled=False) as page:
        page.goto(f"{ground}/gallery")
        assert page.get_by_text("Kies hieronder en geef één antwoord").is_visible()
        page.get_by_label("Afwijzen", exact=True).check()
        assert page.get_by_label("Reden").is_visible()
        page.set_viewport_size({"width": 320, "height": 900})
        page.get_by_role("button", name="Menu").click()
        assert page.get_by_role("link", name="Vroegsignalen").is_visible()


def test_nothing_moves_and_no_third_party_is_asked(page, ground):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{ground}/gallery", wait_until="networkidle")
    shift = page.evaluate(
        "new Promise(done => { let all = 0; new PerformanceObserver(list => list.getEntries().forEach(one => { all += one.value; }))"
        ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(all), 300); })"
    )
    assert shift < 0.001
    assert [url for url in asked if not url.startswith(ground)] == []


def test_the_first_view_stays_small(page, ground):
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{ground}/gallery", wait_until="networkidle")
    text = [answer.body() for answer in answers if answer.request.resource_type in {"document", "stylesheet", "script"}]
    assert len(text) == 4
    assert sum(len(gzip.compress(body)) for body in text) <= 120_000
