"""The whole way through pages, by keyboard and without JavaScript: what the pictures show, looked at and not kept."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import fits
from tests.browser.demo import WORKER, served_demo, signed_in
from tests.browser.keyboard import tab_to
from tests.browser.story import story
from tests.browser.tour import tour, two_at_once


@pytest.fixture(scope="module")
def changing_demo(tmp_path_factory, filled_demo):
    """A demo of these tests alone, for they change it."""
    with served_demo(tmp_path_factory.mktemp("tour"), filled=filled_demo) as demo:
        yield demo


def test_the_whole_way_from_a_consent_to_an_agreement(changing_demo, chromium):
    tour(chromium, changing_demo, lambda page, _: fits(page))


def test_the_story_of_a_complaint_to_a_promise_that_is_checked(changing_demo, chromium):
    story(chromium, changing_demo, lambda page, _: fits(page))


def test_two_colleagues_answer_the_same_offer_at_once(changing_demo, chromium):
    two_at_once(chromium, changing_demo)


def test_an_offer_is_answered_without_javascript(changing_demo, chromium):
    with signed_in(chromium, changing_demo.address, WORKER, java_script_enabled=False) as page:
        page.goto(f"{changing_demo.address}/offers")
        page.click("text=Begin bovenaan")
        page.check("input[name=answer][value=accept]")
        page.click("text=Verstuur en open het volgende")
        expect(page.locator("p.note--said")).to_contain_text("is verstuurd")


def test_signing_in_and_answering_with_the_keyboard_alone(changing_demo, page):
    page.goto(f"{changing_demo.address}/sign-in")
    tab_to(page, f"button[value='{WORKER}']")
    page.keyboard.press("Enter")
    page.locator("nav.side").wait_for()
    tab_to(page, "a:text('Begin bovenaan')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/offers/A-*")
    tab_to(page, "input[name=answer]")
    page.keyboard.press("Space")
    expect(page.locator("input[name=answer]:checked")).to_have_count(1)
    tab_to(page, "button:text('Verstuur en open het volgende')")
    page.keyboard.press("Enter")
    expect(page.locator("p.note--said")).to_contain_text("is verstuurd")
