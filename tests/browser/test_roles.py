"""What each person of the demo finds: every page of the menu and one of each kind behind it, read by axe once."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import assert_no_sideways_scroll, check, fits
from tests.browser.demo import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    COUNSELLOR,
    DEMO,
    MANAGER,
    OFFICER,
    RELATIONS,
    WORKER,
    signed_in,
)

# Who looks closely at which pages; the others see that each page of their menu opens.
CLOSELY = {
    WORKER: ["/offers", "/offers?status=answered", "/offers?q=niemand", "/account"],
    MANAGER: ["/consents", "/people"],
    AGENT: [],
    OFFICER: ["/cases", "/proposals", "/board", "/creditors", "/cases/import", "/creditors/import"],
    RELATIONS: ["/consents"],
    COUNSELLOR: ["/to-do"],
    AUDITOR: ["/audit"],
    ADMINISTRATOR: ["/people", "/jobs"],
}
# The first thing that a list shows, opened from it.
BEHIND = {WORKER: ["/offers"], OFFICER: ["/cases", "/proposals", "/creditors"], RELATIONS: ["/consents"]}


def test_a_page_that_does_not_exist_can_be_read_by_everybody(demo, page):
    assert page.goto(f"{demo.address}/niet-hier").status == 404
    check(page)


@pytest.mark.parametrize("email", DEMO)
def test_everything_in_the_menu_opens(demo, chromium, email):
    """Follow the menu as the person sees it; a page that this person looks at closely waits for the next test."""
    with signed_in(chromium, demo.address, email) as page:
        assert page.locator("nav.side a[aria-current]").count() <= 1
        for path in ["/", *menu(page)]:
            answer = page.goto(demo.address + path)
            assert answer.status == 200, f"{path} answers {answer.status} to {email}"
            fits(page)


def menu(page: Page) -> list[str]:
    links = page.locator("nav.side ul a")
    return [links.nth(index).get_attribute("href") for index in range(links.count())]


@pytest.mark.parametrize("email", CLOSELY)
def test_pages_of_the_menu_can_be_read_by_everybody(demo, chromium, email):
    with signed_in(chromium, demo.address, email) as page:
        for path in CLOSELY[email]:
            assert page.goto(demo.address + path).status == 200, path
            check(page)


@pytest.mark.parametrize("email", BEHIND)
def test_what_stands_behind_a_list_can_be_read_by_everybody(demo, chromium, email):
    with signed_in(chromium, demo.address, email) as page:
        for path in BEHIND[email]:
            page.goto(demo.address + path)
            page.locator("main tbody th a, main .rows a").first.click()
            check(page)


@pytest.mark.parametrize("email", CLOSELY)
def test_pages_fit_a_phone_before_the_font_is_there(demo, chromium, email):
    """A slow line shows the device's own font, which is wider; no page may scroll sideways for it."""
    with signed_in(chromium, demo.address, email) as page:
        page.route("**/*.woff2", lambda route: route.abort())
        page.set_viewport_size({"width": 320, "height": 900})
        for path in CLOSELY[email]:
            page.goto(demo.address + path)
            assert_no_sideways_scroll(page)
