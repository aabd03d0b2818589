"""Passkeys as people use them, with the authenticator that Chromium plays; and every page of signing in at every width."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from app import clock
from app.access import Role
from app.accounts import service
from app.accounts.people import DEMO_SECRET
from app.accounts.totp import code_at
from app.clock import now
from tests import factory
from tests.browser.conftest import at_work, opened, serving
from tests.conftest import NOW

PASSWORD = "paard batterij nietje juist"
MINE = "[data-passkeys] button:visible"


@pytest.fixture
def portal(settings, database, queue):
    """The portal under the name localhost: browsers make no passkey for a number."""
    app = at_work(replace(settings, clock=NOW))
    with serving(app) as address:
        address = address.replace("127.0.0.1", "localhost")
        app.config["PORTAL"] = replace(settings, base_url=address)
        yield address
    clock.start_at(None)


@pytest.fixture
def manager(portal):
    hashed = service.hash_password(PASSWORD)
    return factory.person(factory.organisation(), Role.CREDITOR_MANAGER, password_hash=hashed, totp_secret=DEMO_SECRET)


@pytest.fixture
def device(page):
    """A passkey device in the browser that recognises its owner at once."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}})
    return lambda command, **more: devtools.send(f"WebAuthn.{command}", {"authenticatorId": made["authenticatorId"]} | more)


def give_password(page, portal, person):
    page.goto(f"{portal}/sign-in")
    page.fill("#email", person.email)
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Verder')")


def add_passkey(page, portal):
    page.goto(f"{portal}/account")
    page.click("text=Voeg een passkey toe")
    page.fill("#name", "laptop")
    page.click("text=Maak de passkey")
    expect(page.locator("main")).to_contain_text("De passkey is toegevoegd")


def sign_out(page):
    page.locator("button:has-text('Uitloggen'):visible").first.click()
    page.wait_for_url("**/sign-in")


def test_a_passkey_is_added_and_opens_the_door_alone_and_after_the_password(portal, manager, device, page, check_page):
    give_password(page, portal, manager)
    page.fill("#code", code_at(DEMO_SECRET, now().timestamp()))
    page.click("main button:has-text('Inloggen')")
    add_passkey(page, portal)
    assert len(device("getCredentials")["credentials"]) == 1
    check_page(page)
    sign_out(page)
    page.click("text=Inloggen met een passkey")
    page.wait_for_url(lambda url: "sign-in" not in url)
    sign_out(page)
    give_password(page, portal, manager)
    check_page(page)
    page.click("text=Inloggen met een passkey")
    page.wait_for_url(lambda url: "sign-in" not in url)


def test_the_first_time_a_passkey_serves_instead_of_an_app(portal, manager, device, page, check_page):
    person = factory.person(factory.organisation(), password_hash=service.hash_password(PASSWORD))
    give_password(page, portal, person)
    check_page(page)
    page.fill("#name", "laptop")
    page.click("text=Maak de passkey")
    expect(page.locator("h1")).to_have_text("Bewaar deze herstelcodes")
    check_page(page)


def test_a_form_goes_on_after_a_passkey_confirmed_it(portal, manager, device, page, check_page, monkeypatch):
    give_password(page, portal, manager)
    page.fill("#code", code_at(DEMO_SECRET, now().timestamp()))
    page.click("main button:has-text('Inloggen')")
    add_passkey(page, portal)
    monkeypatch.setattr("app.accounts.rules.is_fresh", lambda *_: False)
    page.goto(f"{portal}/people")
    page.fill("#name", "Nieuwe Collega")
    page.fill("#email", "nieuw@organisatie.example")
    page.click("text=Voeg toe")
    expect(page.locator("h1")).to_have_text("Laat zien dat u het bent")
    check_page(page)
    monkeypatch.undo()
    page.click("text=Ga verder met een passkey")
    expect(page.locator("main")).to_contain_text("Nieuwe Collega is uitgenodigd")
    check_page(page)


def test_a_passkey_that_signs_nothing_is_said_and_a_code_still_does(portal, manager, device, page):
    give_password(page, portal, manager)
    page.fill("#code", code_at(DEMO_SECRET, now().timestamp()))
    page.click("main button:has-text('Inloggen')")
    add_passkey(page, portal)
    sign_out(page)
    device("clearCredentials")
    device("setUserVerified", isUserVerified=False)
    page.click("text=Inloggen met een passkey")
    expect(page.locator("[data-passkey-failed]")).to_be_visible()


def test_without_a_script_nothing_of_passkeys_shows_and_an_app_does(portal, manager, chromium):
    with opened(chromium, java_script_enabled=False) as page:
        give_password(page, portal, manager)
        assert page.locator(MINE).count() == 0
        page.fill("#code", code_at(DEMO_SECRET, now().timestamp()))
        page.click("main button:has-text('Inloggen')")
        page.wait_for_url(lambda url: "sign-in" not in url)


def test_a_forgotten_password_is_asked_and_said_at_every_width(portal, manager, page, check_page):
    page.goto(f"{portal}/sign-in")
    check_page(page)
    page.click("text=Wachtwoord vergeten?")
    check_page(page)
    page.fill("#email", manager.email)
    page.click("text=Stuur mij een link")
    expect(page.locator("h1")).to_have_text("Kijk in uw mail")
    check_page(page)
