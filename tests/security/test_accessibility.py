"""Everybody can read and use every page: axe-core on each page and state, at the width of a phone and of a desk, and tasks by keyboard."""

from dataclasses import replace
from itertools import cycle

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from app import clock, db
from app.accounts.models import SignIn
from app.accounts.people import DEMO_PASSWORD, DEMO_SECRET
from app.accounts.rules import FRESH
from app.accounts.service import open_whole
from app.accounts.totp import code_at
from app.clock import now
from app.config import Federation, Provider
from tests.browser.conftest import at_work, serving
from tests.browser.keyboard import press, walk, write
from tests.conftest import NOW
from tests.security import page_list
from tests.security.counting import count
from tests.security.page_list import NOBODY, Look
from tests.security.page_world import CODE, ISSUER, empty_world, full_world
from tests.security.reading import READ_AT, complaints

pytestmark = pytest.mark.browser


@pytest.fixture
def portal(settings, queue):
    """The portal with a running clock, passkeys, and providers of sign-in that do not answer; its app and its address."""
    away = Provider(ISSUER, "portaal", "geheim")
    app = at_work(replace(settings, clock=NOW, base_url="http://localhost", federation=Federation(away, away)))
    with serving(app) as address:
        yield app, address
    clock.start_at(None)


def cookie_of(app, world, look):
    """Return the cookie of who looks: signed in, or half-way in."""
    kept = world.sessions.get(look.who)
    if kept is None:
        with db.transaction() as session:
            token = open_whole(session, world.people[look.who].id, "127.0.0.1", "test")
            if look.stale:
                session.execute(update(SignIn).values(second_factor_at=now() - FRESH))
        kept = {"token": token, "seen": int(now().timestamp())}
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update(kept)
    return browser.get_cookie("portal").value


def go(page, portal, world, look):
    """Open a page as who looks at it, and do what leads to its state."""
    app, address = portal
    page.context.clear_cookies()
    page.set_default_timeout(10_000)
    if look.who:
        page.context.add_cookies([{"name": "portal", "value": cookie_of(app, world, look), "url": address}])
    answer = page.goto(address + look.path.format(**world.names))
    act(page, look)
    is_wrong = page.locator("[aria-invalid=true], .errors").count() > 0 or answer.status >= 500
    assert is_wrong == (look.state == "error"), f"{look} shows no such state"


def act(page, look):
    """Fill in and press what leads to a state."""
    if look.unfold:
        page.click(look.unfold)
    for field, value in look.fill.items():
        page.locator(field).fill(value) if isinstance(value, str) else page.set_input_files(field, value)
    for step in look.press:
        field, writes, text = step.partition(" := ")
        thing = page.locator(field).locator("visible=true").first
        thing.fill(text) if writes else thing.click()
        page.wait_for_load_state()


IN_TURN = tuple((width,) for width in READ_AT)  # states of pages that are read whole at every width: one width each, in turn


def unfit(page, portal, world, looks, read_at):
    """Return what is wrong with these pages, each read at the next of `read_at`."""
    found = []
    for look, widths in zip(looks, cycle(read_at), strict=False):
        go(page, portal, world, look)
        found += [f"{look.path} ({look.state}) for {look.who or 'nobody'} {line}" for line in complaints(page, widths)]
        count("12 accessibility", "pages × states × widths", len(widths))
    return found


def test_empty_pages_can_be_read_by_everybody(portal, page):
    assert unfit(page, portal, empty_world(), page_list.EMPTY, IN_TURN) == []


def test_filled_pages_can_be_read_by_everybody(portal, page, queue):
    assert unfit(page, portal, full_world(queue), page_list.FILLED, (READ_AT,)) == []


def test_pages_with_errors_can_be_read_by_everybody(portal, page, queue):
    assert unfit(page, portal, full_world(queue), page_list.ERRORS, IN_TURN) == []


# ── the list is whole ────────────────────────────────────────────────────────


def test_every_page_of_the_portal_is_looked_at(app):
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods} - page_list.NO_PAGES
    assert sorted(pages - {look.endpoint for look in page_list.FILLED}) == []
    assert set(app.view_functions) >= page_list.NO_PAGES, "an address that is no page any more"


def test_every_form_is_looked_at_with_an_error_and_every_list_with_nothing_in_it(app):
    forms = {rule.endpoint for rule in app.url_map.iter_rules() if {"GET", "POST"} <= rule.methods}
    assert sorted(forms - {look.endpoint for look in page_list.ERRORS} - page_list.NO_ERRORS) == []
    lists = {name for name, view in app.view_functions.items() if hasattr(view, "entry")}
    assert sorted(lists - {look.endpoint for look in page_list.EMPTY}) == []


# ── tasks with the keyboard alone ────────────────────────────────────────────


@pytest.fixture
def typist(portal, page, queue):
    """`typist(who, path)` opens a page as somebody who has no mouse, walks through it once, and starts at its top again."""
    world = full_world(queue)

    def opens(who, path):
        go(page, portal, world, Look("", who, path))
        count("12 accessibility", "stops of the Tab key", walk(page))
        page.reload()
        return page

    return opens


def says(page, text):
    """Wait until the page says what was done: what an earlier step said may still stand there for a moment."""
    expect(page.locator("p.note--said")).to_contain_text(text)


def test_signing_in_by_keyboard(typist):
    page = typist(NOBODY, "/sign-in")
    write(page, "#email", "worker@organisatie.example")
    write(page, "#password", DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code")
    write(page, "#code", code_at(DEMO_SECRET, now().timestamp()))
    page.keyboard.press("Enter")
    expect(page.locator("nav.side")).to_be_visible()


def test_answering_an_offer_by_keyboard(typist):
    page = typist("worker", "/offers/{offer}")
    press(page, "input[value=accept]", "Space")
    press(page, "button:text('Verstuur en open het volgende')")
    says(page, "is verstuurd")


def test_drafting_and_signing_a_consent_by_keyboard(typist):
    page = typist("manager", "/consents/{signed}")
    press(page, "input[name=products]", "Space")
    press(page, "input[name=zero_offers]:checked", "ArrowUp")
    write(page, "#min_percentage", "4,50")
    press(page, "#until_further_notice", "Space")
    press(page, "button:text('Bewaar concept')")
    says(page, "opnieuw berekend")
    press(page, "#agreed", "Space")
    write(page, "#code", code_at(DEMO_SECRET, now().timestamp()))
    press(page, "button:has-text('Onderteken versie')")
    says(page, "is ondertekend")


def test_issuing_a_proposal_by_keyboard(typist):
    page = typist("officer", "/cases/{free}/proposal")
    press(page, "input[name=product]", "Space")
    press(page, "button:has-text('Maak concept')")
    says(page, "Een collega moet het nu controleren")
    page = typist("second", "/cases/{free}/proposal")
    press(page, "button:has-text('Gecontroleerd, akkoord')")
    says(page, "Gecontroleerd")
    press(page, "button:has-text('Breng uit')")
    says(page, "Uitgebracht")


def test_answering_with_a_code_by_keyboard(typist):
    page = typist(NOBODY, "/answer")
    write(page, "#code", CODE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/answer/offer")
    count("12 accessibility", "stops of the Tab key", walk(page))
    page.reload()
    press(page, "input[value=accept]", "Space")
    write(page, "#name", "Bo de Wit")
    press(page, "button:text('Verstuur uw antwoord')")
    page.wait_for_url("**/answer/thanks")
