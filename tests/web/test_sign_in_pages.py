"""Signing in as a person does it: two steps, back to where one was, errors in words, nothing in production's reach."""

import re
from dataclasses import replace

import pytest

from app import create_app
from app.access import Role
from app.accounts import service
from app.accounts.people import DEMO_PASSWORD, DEMO_SECRET, ensure_demo_people
from app.accounts.totp import code_at
from app.clock import now
from tests import factory


@pytest.fixture
def officer(app):
    ensure_demo_people()
    return "kredietbank@stad.example"


def code():
    return code_at(DEMO_SECRET, now().timestamp())


def test_two_steps_lead_back_to_where_one_was(client, officer):
    client.get("/sign-in?next=/account")
    assert client.post("/sign-in", data={"email": officer, "password": DEMO_PASSWORD}).location == "/sign-in/code"
    assert client.post("/sign-in/code", data={"code": code()}).location == "/account"
    assert "Marit Haverkamp" in client.get("/account").text


def test_a_wrong_password_is_said_and_the_address_kept(client, officer):
    answer = client.post("/sign-in", data={"email": officer, "password": "verkeerd wachtwoord"})
    assert answer.status_code == 422
    assert officer in answer.text
    assert "klopt niet" in answer.text


def test_a_wrong_code_is_said(client, officer):
    client.post("/sign-in", data={"email": officer, "password": DEMO_PASSWORD})
    answer = client.post("/sign-in/code", data={"code": "000000"})
    assert (answer.status_code, "Deze code klopt niet" in answer.text) == (422, True)


def test_a_recovery_code_has_a_field_of_its_own(client, officer):
    client.post("/demo/sign-in", data={"email": officer})
    shown = re.search(r"<b>((?:\w{4}-){6}\w{4})</b>", client.post("/account/recovery-codes").text)[1]
    client.post("/sign-out")
    client.post("/sign-in", data={"email": officer, "password": DEMO_PASSWORD})
    assert 'name="recovery"' in client.get("/sign-in/code").text
    assert client.post("/sign-in/code", data={"code": "", "recovery": shown.lower()}).location == "/"


def test_the_session_ends_with_the_button(client, officer):
    client.post("/demo/sign-in", data={"email": officer})
    assert client.get("/account").status_code == 200
    client.post("/sign-out")
    assert client.get("/account").location.startswith("/sign-in")


def test_signing_out_clears_what_the_browser_kept(client, officer):
    client.post("/demo/sign-in", data={"email": officer})
    assert client.post("/sign-out").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_an_idle_session_ends_and_leads_back(client, officer, clock):
    client.post("/demo/sign-in", data={"email": officer})
    clock.shift(31 * 60)
    assert client.get("/account").location == "/sign-in?next=/account"


def test_a_changed_cookie_opens_nothing(client, officer):
    client.post("/demo/sign-in", data={"email": officer})
    cookie = client.get_cookie("portal").value
    client.set_cookie("portal", cookie[:-2] + "xx")
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("email", ["iemand@elders.example", "", "kredietbank@stad.example'--"])
def test_the_demo_button_opens_the_people_of_the_demo_only(client, officer, email):
    assert client.post("/demo/sign-in", data={"email": email}).status_code == 404


def test_production_has_no_demo(settings, database, queue):
    app = create_app(replace(settings, environment="production"))
    assert not [rule for rule in app.url_map.iter_rules() if "demo" in rule.rule]
    assert "demo" not in app.test_client().get("/sign-in", base_url="https://portaal.example").text


def test_the_first_time_an_app_is_coupled_and_codes_are_shown_once(client, database):
    person = factory.person(factory.organisation(), password_hash=service.hash_password(DEMO_PASSWORD))
    client.post("/sign-in", data={"email": person.email, "password": DEMO_PASSWORD})
    assert client.get("/sign-in/code").location == "/sign-in/enrol"
    page = client.get("/sign-in/enrol").text
    secret = page.partition("deze sleutel over:")[2].partition("<b>")[2].partition("<")[0]
    answer = client.post("/sign-in/enrol", data={"secret": secret, "code": code_at(secret, now().timestamp())})
    assert "herstelcodes" in answer.text


def test_the_key_of_an_app_comes_from_the_portal_alone(client, database):
    """A form that names a key of its own, or an unreadable one, is not listened to."""
    person = factory.person(factory.organisation(), password_hash=service.hash_password(DEMO_PASSWORD))
    client.post("/sign-in", data={"email": person.email, "password": DEMO_PASSWORD})
    for secret in (DEMO_SECRET, "1", "é"):
        assert client.post("/sign-in/enrol", data={"secret": secret, "code": code()}).status_code == 422


def test_a_link_that_is_not_an_invitation_leads_nowhere(client):
    assert client.get("/invitation/AAAA").status_code == 404


def test_signs_that_no_database_keeps_are_no_bug(client):
    assert client.post("/sign-in", data={"email": "a\x00b@elders.example", "password": "\x00" * 12}).status_code == 422


def test_a_manager_adds_a_colleague_and_sees_the_faults(client_of, database, queue):
    manager = factory.person(factory.organisation(), Role.CREDITOR_MANAGER)
    browser = client_of(manager)
    wrong = browser.post("/people", data={"name": "Nieuw", "email": "geen adres", "role": "creditor worker"})
    assert (wrong.status_code, "geen e-mailadres" in wrong.text) == (422, True)
    browser.post("/people", data={"name": "Nieuw", "email": "nieuw@organisatie.example", "role": "creditor worker"})
    assert "uitgenodigd" in browser.get("/people").text
    assert queue.waiting


def test_a_worker_finds_no_page_of_people(client_of, database):
    assert client_of(factory.person(factory.organisation())).get("/people").status_code == 404


# ── a form that came after the end ───────────────────────────────────────────


@pytest.fixture
def manager(database):
    secret = {"password_hash": service.hash_password(DEMO_PASSWORD), "totp_secret": DEMO_SECRET}
    return factory.person(factory.organisation(), Role.CREDITOR_MANAGER, **secret)


TYPED = {"name": "Nieuwe Collega", "email": "nieuw@organisatie.example"}


def send_too_late(browser, clock):
    clock.shift(31 * 60)
    return browser.post("/organisation/contacts", data=TYPED)


def sign_in_again(browser, person):
    browser.post("/sign-in", data={"email": person.email, "password": DEMO_PASSWORD})
    return browser.post("/sign-in/code", data={"code": code()})


def test_a_form_sent_after_the_session_ended_is_kept_and_sent_after_signing_in(client_of, manager, clock):
    browser = client_of(manager)
    assert send_too_late(browser, clock).location.startswith("/sign-in")
    assert sign_in_again(browser, manager).location == "/sign-in/unsent"
    page = browser.get("/sign-in/unsent").text
    assert "Nieuwe Collega" in page
    again = browser.post(
        "/sign-in/unsent", data={"name": "Nieuwe Collega", "email": "nieuw@organisatie.example", "role": "creditor worker"}
    )
    assert (again.status_code, again.location) == (307, "/organisation/contacts")


def test_nobody_else_gets_a_form_that_somebody_sent_too_late(client_of, manager, clock, officer):
    send_too_late(client_of(manager), clock)
    other = client_of(factory.person(factory.organisation(), Role.CREDITOR_MANAGER))
    assert "Nieuwe Collega" not in other.get("/sign-in/unsent", follow_redirects=True).text


def test_a_form_can_be_dropped(client_of, manager, clock):
    browser = client_of(manager)
    send_too_late(browser, clock)
    sign_in_again(browser, manager)
    browser.post("/sign-in/unsent/drop")
    assert "Nieuwe Collega" not in browser.get("/sign-in/unsent", follow_redirects=True).text
