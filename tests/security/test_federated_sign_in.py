"""Signing in through a provider, the whole way: a real provider in a process of its own, reached over HTTP like any other."""

import json
import re
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from requests import RequestException
from sqlalchemy import func, select

from app import create_app, db
from app.access import Kind, Role
from app.accounts import federation, providers, rules
from app.accounts.models import FederatedIdentity, Invitation, Membership, Person, SignIn
from app.accounts.people import DEMO_SECRET, add_person, disable_person, reset_person
from app.accounts.service import open_whole
from app.audit.models import Event
from app.clock import now
from app.config import Provider
from app.notifications.models import Message
from tests import factory
from tests.conftest import settings_for
from tests.federation import KVK, PSEUDONYM, ProviderProcess, asked, come_back, set_out, sign_in
from tests.pages import PageClient
from tests.security.counting import count

EMAIL = "m.haverkamp@stad.example"


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    running = ProviderProcess(tmp_path_factory.mktemp("provider"))
    yield running
    running.stop()


@pytest.fixture
def provider(process, clock):
    process.tells()
    return process


@pytest.fixture
def settings(settings, provider):
    return replace(settings, federation=provider.federation())


@pytest.fixture
def officer(app):
    """Somebody of the bank who was invited and has no password yet."""
    person = factory.person(factory.organisation(Kind.BANK), email=EMAIL)
    factory.save(Invitation(token_hash=b"i" * 32, person_id=person.id, expires_at=now() + timedelta(days=7)))
    return person


@pytest.fixture
def water(app):
    return factory.organisation(kvk=KVK, name="Waterbedrijf Westerdok")


@pytest.fixture
def manager(water):
    return factory.person(water, Role.CREDITOR_MANAGER)


@pytest.fixture
def worker(water, provider):
    """Somebody of the waterworks who comes in by eHerkenning already."""
    person = factory.person(water, name="Samira Bakali")
    values = {"issuer": provider.issuer, "subject": PSEUDONYM, "kvk": KVK, "organisation_id": water.id, "person_id": person.id}
    factory.save(FederatedIdentity(**values, created_at=now()))
    return person


def failures():
    """Return the reasons of refused sign-ins as the audit has them."""
    with db.reading(as_portal=True) as session:
        found = session.scalars(select(Event.changes).where(Event.action == "session:fail").order_by(Event.sequence))
        return [re.search(r'"reason": \[null, "([^"]*)"', changes).group(1) for changes in found]


def open_sessions():
    with db.reading(as_portal=True) as session:
        return session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None)))


def refused(answer, reason, words=""):
    assert answer.status_code == 403
    assert words in answer.text
    assert (failures()[-1:], open_sessions()) == ([reason], 0)
    count("8 tokens", "federated sign-ins refused")


def reopened(email):
    """Close an account and add the same address again, for whoever has it now."""
    disable_person(email)
    return add_person("Nieuwe collega", email, Role.CREDITOR_WORKER, "Waterbedrijf Westerdok")


def is_in(client):
    return client.get("/account").status_code == 200


# ── staff ────────────────────────────────────────────────────────────────────


def test_an_invited_colleague_comes_in_and_is_linked(client, provider, officer):
    provider.says_staff(EMAIL)
    assert sign_in(client, provider).status_code == 302
    assert is_in(client)
    with db.reading(as_portal=True) as session:
        identity = session.scalars(select(FederatedIdentity)).one()
        assert (identity.issuer, identity.subject, identity.person_id) == (provider.issuer, "subject-1", officer.id)
        assert session.get(Invitation, b"i" * 32).used_at is not None


def test_the_second_time_the_address_no_longer_matters(client, app, provider, officer):
    provider.says_staff(EMAIL)
    sign_in(client, provider)
    provider.says_staff("een.ander@stad.example")
    other = app.test_client()
    sign_in(other, provider)
    assert is_in(other)


def test_without_a_second_factor_there_ours_is_asked_too(client, provider, officer):
    provider.says_staff(EMAIL, strong=False)
    assert sign_in(client, provider).location == "/sign-in/code"
    assert not is_in(client)


@pytest.mark.parametrize(
    "claims", [{}, {"email": EMAIL}, {"email": EMAIL, "email_verified": "true"}, {"email": "x@stad.example", "email_verified": True}]
)
def test_nobody_is_linked_by_an_address_that_was_not_verified(client, provider, officer, claims):
    provider.tells(claims={"sub": "subject-9", "amr": ["mfa"]} | claims)
    refused(sign_in(client, provider), "unknown person", "uitnodig")


@pytest.mark.parametrize("over", [{"password_hash": "x"}, {"disabled_at": now()}])
def test_an_account_that_stands_is_never_taken_over(client, provider, app, over):
    person = factory.person(factory.organisation(Kind.BANK), email=EMAIL, **over)
    factory.save(Invitation(token_hash=b"i" * 32, person_id=person.id, expires_at=now() + timedelta(days=7)))
    provider.says_staff(EMAIL)
    refused(sign_in(client, provider), "unknown person")


def test_an_invitation_that_is_over_links_nobody(client, provider, officer, clock):
    clock.shift(timedelta(days=8))
    provider.says_staff(EMAIL)
    refused(sign_in(client, provider), "unknown person")


def test_a_creditor_does_not_come_in_as_staff(client, provider, app):
    person = factory.person(factory.organisation(), email=EMAIL)
    factory.save(Invitation(token_hash=b"i" * 32, person_id=person.id, expires_at=now() + timedelta(days=7)))
    provider.says_staff(EMAIL)
    refused(sign_in(client, provider), "no membership")


# ── creditors ────────────────────────────────────────────────────────────────


def test_a_known_pseudonym_comes_in_for_its_organisation(client, provider, worker, water):
    provider.says_creditor()
    assert sign_in(client, provider, "creditors").status_code == 302
    assert "Samira Bakali" in client.get("/account").text
    with db.reading(as_portal=True) as session:
        opened = session.scalars(select(SignIn)).one()
        assert (opened.organisation_id, opened.identity_id is not None) == (water.id, True)


TOO_LITTLE = [
    ({"level": "2"}, "level", "EH3"),
    ({"level": "2plus"}, "level", "EH3"),
    ({"level": "33"}, "level", "EH3"),
    ({"acr": None}, "level", "EH3"),
    ({"acr": ["urn:etoegang:core:assurance-class:loa4"]}, "level", "EH3"),
    ({"urn:etoegang:core:LegalSubjectID": None}, "kvk", "KvK-nummer"),
    ({"urn:etoegang:core:LegalSubjectID": "9000123"}, "kvk", "KvK-nummer"),
    ({"urn:etoegang:core:LegalSubjectID": int(KVK)}, "kvk", "KvK-nummer"),
    ({"urn:etoegang:core:LegalSubjectID": [KVK]}, "kvk", "KvK-nummer"),
    ({"urn:etoegang:core:LegalSubjectID": "90009999"}, "unknown organisation", "020 555 01 00"),
    ({"urn:etoegang:core:ActingSubjectID": None}, "urn:etoegang:core:ActingSubjectID", "klopt niet"),
    ({"urn:etoegang:core:ActingSubjectID": "x" * 300}, "urn:etoegang:core:ActingSubjectID", "klopt niet"),
    ({"urn:etoegang:1.9:ServiceRestriction:Vestigingsnr": "000012345678"}, "establishment", "000012345678"),
    ({"urn:etoegang:1.9:ServiceRestriction:Vestigingsnr": "12"}, "establishment", "klopt niet"),
    ({"urn:etoegang:1.9:ServiceRestriction:Vestigingsnr": ["000012345678"]}, "establishment", "klopt niet"),
    ({"urn:etoegang:1.9:IntermediateEntityID:KvKnr": "90005555"}, "intermediary", "ketenmachtiging"),
]


def test_who_is_not_vouched_for_enough_does_not_come_in(app, provider, worker):
    for claims, reason, words in TOO_LITTLE:
        provider.says_creditor(**claims)
        refused(sign_in(app.test_client(), provider, "creditors"), reason, words)


@pytest.mark.parametrize("level", ["3", "4"])
def test_the_minimum_and_what_is_above_it_are_enough(client, provider, worker, level):
    provider.says_creditor(level)
    sign_in(client, provider, "creditors")
    assert is_in(client)


def test_an_organisation_that_stands_twice_in_the_register_is_nobodys(client, provider, worker):
    factory.organisation(kvk=KVK)
    provider.says_creditor()
    refused(sign_in(client, provider, "creditors"), "organisation twice", "meer dan eens")


def test_a_mandate_for_one_establishment_opens_that_establishment_alone(client, provider, worker):
    place = factory.organisation(kvk=KVK, establishment="000012345678", name="Waterbedrijf, vestiging Noord")
    factory.person(place, Role.CREDITOR_MANAGER)
    provider.says_creditor(**{"urn:etoegang:1.9:ServiceRestriction:Vestigingsnr": "000012345678"})
    assert sign_in(client, provider, "creditors").location == "/sign-in/access"
    assert "vestiging Noord" in client.get("/sign-in/access").text
    assert not is_in(client)


def test_the_city_is_no_creditor(client, provider, app):
    factory.organisation(Kind.BANK, kvk=KVK)
    provider.says_creditor()
    refused(sign_in(client, provider, "creditors"), "unknown organisation")


def test_who_works_there_no_more_does_not_come_in(client, provider, worker, clock):
    with db.transaction(as_portal=True) as session:
        session.scalars(select(Membership)).one().ends_on = now().date() - timedelta(days=1)
    provider.says_creditor()
    refused(sign_in(client, provider, "creditors"), "no membership")


def test_who_came_in_for_one_organisation_does_not_go_on_in_another(client, provider, worker, water):
    other = factory.organisation()
    factory.save(Membership(person_id=worker.id, organisation_id=other.id, role=Role.CREDITOR_MANAGER, starts_on=now().date()))
    provider.says_creditor()
    sign_in(client, provider, "creditors")
    assert client.post("/account/organisation", data={"organisation": other.id}).status_code == 404
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(SignIn.organisation_id)).all() == [water.id]


# ── asking access ────────────────────────────────────────────────────────────


@pytest.fixture
def asking(client, provider, manager):
    """A browser in which somebody unknown of a known organisation came back."""
    provider.says_creditor()
    assert sign_in(client, provider, "creditors").location == "/sign-in/access"
    return client


def mailed_code():
    with db.reading(as_portal=True) as session:
        message = session.scalars(select(Message).where(Message.code == "accounts.access_code").order_by(Message.id.desc()).limit(1)).one()
        return message.facts["access_code"]


def ask(browser, email="nieuw@waterbedrijf.example", code=None):
    browser.post("/sign-in/access", data={"name": "Nieuwe Collega", "email": email})
    return browser.post("/sign-in/access/code", data={"code": code or mailed_code()})


def waiting():
    with db.reading(as_portal=True) as session:
        return session.scalars(select(FederatedIdentity)).one()


def test_a_manager_admits_whoever_asks_in_the_lowest_role(asking, app, client_of, manager, provider):
    assert ask(asking).status_code == 302
    assert "wacht op een beheerder" in asking.get("/sign-in/access").text
    boss = client_of(manager)
    assert "Nieuwe Collega" in boss.get("/people").text
    boss.post(f"/people/identities/{waiting().id}/admit", data={"revision": waiting().revision})
    sign_in(asking, provider, "creditors")
    assert "Nieuwe Collega" in asking.get("/account").text
    with db.reading(as_portal=True) as session:
        role = session.scalar(
            select(Membership.role).join(Person, Person.id == Membership.person_id).where(Person.name == "Nieuwe Collega")
        )
        assert role is Role.CREDITOR_WORKER


def test_before_that_nobody_is_in(asking):
    ask(asking)
    assert not is_in(asking)
    assert open_sessions() == 0


@pytest.mark.parametrize("code", ["22222222", "' OR 1=1", "é"])
def test_a_wrong_code_of_the_mail_asks_nothing(asking, code):
    assert ask(asking, code=code).status_code == 422
    assert waiting().asked_email == ""


def test_codes_of_the_mail_are_not_guessed(asking):
    ask(asking, code="22222222")
    answers = [asking.post("/sign-in/access/code", data={"code": f"2222222{n}"}).text for n in range(2, 8)]
    assert "Wacht" in answers[-1]


def test_who_has_an_account_links_it_instead(asking, manager):
    answer = ask(asking, email=manager.email)
    assert (answer.status_code, "al een account" in answer.text, waiting().asked_email) == (422, True, "")


def test_a_manager_turns_away(asking, client_of, manager, provider):
    ask(asking)
    client_of(manager).post(f"/people/identities/{waiting().id}/refuse")
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(FederatedIdentity)).all() == []


@pytest.mark.parametrize("act", ["admit", "refuse", "unlink"])
def test_a_manager_decides_on_the_own_organisation_alone(asking, client_of, act):
    ask(asking)
    stranger = client_of(factory.person(factory.organisation(), Role.CREDITOR_MANAGER))
    revision = waiting().revision
    foreign = stranger.post(f"/people/identities/{waiting().id}/{act}", data={"revision": revision})
    assert foreign.status_code == 404
    assert waiting().person_id is None


def test_a_worker_decides_on_nobody(asking, client_of, water):
    ask(asking)
    assert client_of(factory.person(water)).post(f"/people/identities/{waiting().id}/admit").status_code == 404


def test_a_request_that_changed_meanwhile_is_not_admitted(asking, client_of, manager):
    ask(asking)
    revision = waiting().revision
    ask(asking, email="een.ander@waterbedrijf.example")
    assert client_of(manager).post(f"/people/identities/{waiting().id}/admit", data={"revision": revision}).status_code == 409
    assert waiting().person_id is None


def test_without_a_manager_it_says_whom_to_call(client, provider, water):
    provider.says_creditor()
    sign_in(client, provider, "creditors")
    assert "020 555 01 00" in client.get("/sign-in/access").text
    client.post("/sign-in/access", data={"name": "Nieuwe Collega", "email": "nieuw@waterbedrijf.example"})
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(Message)).all() == []


def test_who_comes_in_by_it_waits_for_nothing(worker, manager, client_of):
    with db.transaction(as_portal=True) as session:
        session.get_one(Person, manager.id).password_hash = "x"
        session.get_one(Person, manager.id).totp_secret = DEMO_SECRET
    page = client_of(manager).get("/people").text
    assert worker.name in page
    assert "uitgenodigd" not in page
    assert "nog geen tweede stap" not in page


def test_unlinking_ends_what_is_open(client, provider, worker, manager, client_of):
    provider.says_creditor()
    sign_in(client, provider, "creditors")
    client_of(manager).post(f"/people/identities/{waiting().id}/unlink")
    assert not is_in(client)
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(FederatedIdentity)).all() == []


@pytest.mark.parametrize("close", [reset_person, reopened])
def test_who_begins_anew_keeps_no_provider_of_before(client, provider, worker, close):
    provider.says_creditor()
    sign_in(client, provider, "creditors")
    close(worker.email)
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(FederatedIdentity)).all() == []
    assert not is_in(client)


def test_asking_needs_somebody_who_just_came_back(client, manager):
    assert client.get("/sign-in/access").status_code == 404
    assert client.get("/sign-in/access/code").status_code == 404


# ── linking the own account ──────────────────────────────────────────────────


def link(browser, provider):
    address = browser.get("/account/with/creditors").location
    return browser.get(provider.visit(address))


def test_a_colleague_links_the_own_account(client_of, provider, manager, client):
    provider.says_creditor()
    assert link(client_of(manager), provider).location == "/account"
    assert waiting().person_id == manager.id
    sign_in(client, provider, "creditors")
    assert manager.name in client.get("/account").text


def test_linking_asks_the_second_factor_that_is_not_fresh(client_of, provider, manager, clock):
    browser = client_of(manager)
    clock.shift(rules.FRESH + timedelta(seconds=1))
    answer = browser.get("/account/with/creditors")
    assert not (answer.location or "").startswith(provider.issuer)


def test_asking_for_the_heads_alone_sets_out_for_nowhere(client_of, provider, manager, clock):
    browser = client_of(manager)
    clock.shift(rules.FRESH + timedelta(seconds=1))
    assert not browser.head("/account/with/creditors").location.startswith(provider.issuer)
    with browser.session_transaction() as cookie:
        assert "attempts" not in cookie


@pytest.mark.parametrize(("site", "leads"), [("cross-site", "/account"), ("same-site", "/account"), ("same-origin", "http")])
def test_a_page_elsewhere_lets_nobody_link(client_of, provider, manager, site, leads):
    answer = client_of(manager).get("/account/with/creditors", headers={"Sec-Fetch-Site": site})
    assert answer.location.startswith(leads)


def test_who_links_hears_of_it_by_mail(client_of, provider, manager):
    provider.says_creditor()
    link(client_of(manager), provider)
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(Message.code).where(Message.address == manager.email)).all() == ["accounts.changed"]


def test_what_waits_at_another_organisation_is_not_linked(client_of, provider, manager):
    values = {"issuer": provider.issuer, "subject": PSEUDONYM, "kvk": KVK, "organisation_id": factory.organisation().id}
    factory.save(FederatedIdentity(**values, created_at=now()))
    provider.says_creditor()
    assert link(client_of(manager), provider).status_code == 403
    assert waiting().person_id is None


def test_nobody_links_what_signs_somebody_else_in(client_of, provider, worker, manager):
    provider.says_creditor()
    assert link(client_of(manager), provider).status_code == 403
    assert waiting().person_id == worker.id


def test_nobody_links_what_acts_for_another_organisation(client_of, provider, water):
    provider.says_creditor()
    stranger = factory.person(factory.organisation(), Role.CREDITOR_MANAGER)
    assert link(client_of(stranger), provider).status_code == 403
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(FederatedIdentity)).all() == []


# ── unlinking on the own account ─────────────────────────────────────────────


def opened_by_it(app, provider):
    """A browser that came in by the provider just now, and its link."""
    browser = app.test_client()
    provider.says_creditor(auth_time=int(now().timestamp()))
    sign_in(browser, provider, "creditors")
    return browser, waiting().id


def with_password(person):
    with db.transaction() as session:
        session.get_one(Person, person.id).password_hash = "x"
    return person


def test_the_own_account_shows_since_when_and_for_whom_a_provider_signs_in(app, provider, worker, water):
    browser, _ = opened_by_it(app, provider)
    page = browser.get("/account").text
    assert [words for words in (f"voor {water.name}", "bekend sinds", "laatst gebruikt", "deze sessie") if words not in page] == []


def test_who_unlinks_hears_of_it_and_what_it_opened_ends(app, provider, worker, client_of):
    browser, link_id = opened_by_it(app, provider)
    mine = client_of(with_password(worker))
    assert mine.post(f"/account/links/{link_id}/unlink").location == "/account"
    assert (is_in(mine), is_in(browser)) == (True, False)
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(FederatedIdentity)).all() == []
        assert session.scalar(select(Message.code).where(Message.address == worker.email)) == "accounts.changed"
        event = session.scalars(select(Event).where(Event.action == "people:unlink")).one()
    assert (event.person_id, event.subject) == (worker.id, f"person/{worker.id}")
    assert mine.post(f"/account/links/{link_id}/unlink").status_code == 404  # sent twice


def test_who_unlinks_what_the_session_came_by_signs_in_anew(app, provider, worker):
    browser, link_id = opened_by_it(app, provider)
    with_password(worker)
    answer = browser.post(f"/account/links/{link_id}/unlink")
    assert (answer.location, is_in(browser)) == ("/sign-in", False)
    assert "log op een andere manier opnieuw in" in browser.get("/sign-in").text


def test_the_only_way_in_stays(app, provider, worker):
    browser, link_id = opened_by_it(app, provider)
    assert f"/account/links/{link_id}/unlink" not in browser.get("/account").text
    browser.post(f"/account/links/{link_id}/unlink")
    assert "uw enige manier om in te loggen" in browser.get("/account").text
    assert waiting().person_id == worker.id


@pytest.mark.parametrize(("over", "stays"), [({}, False), ({"issuer": "https://former.example"}, True), ({"kvk": ""}, True)])
def test_another_provider_is_a_way_in_when_it_opens_something(app, provider, worker, water, over, stays):
    """One of former settings opens nothing, nor does one of staff for who does not work for the city."""
    browser, link_id = opened_by_it(app, provider)
    values = {"issuer": provider.issuer, "kvk": KVK, "organisation_id": None if "kvk" in over else water.id} | over
    factory.save(FederatedIdentity(**values, subject="another", person_id=worker.id, created_at=now()))
    browser.post(f"/account/links/{link_id}/unlink")
    with db.reading(as_portal=True) as session:
        assert (session.get(FederatedIdentity, link_id) is not None) is stays


def test_nobody_unlinks_what_is_anothers(app, provider, worker, client_of, manager):
    _, link_id = opened_by_it(app, provider)
    assert client_of(manager).post(f"/account/links/{link_id}/unlink").status_code == 404
    assert f"/links/{link_id}/" not in client_of(manager).get("/account").text
    assert waiting().person_id == worker.id


# ── states ───────────────────────────────────────────────────────────────────


@pytest.fixture
def returning(client, provider, officer):
    """The path with which a browser is about to come back."""
    provider.says_staff(EMAIL)
    return provider.visit(set_out(client))


def test_an_answer_counts_once(client, returning):
    come_back(client, returning)
    client.post("/sign-out")
    refused(come_back(client, returning), "state")


def test_an_answer_counts_once_although_the_cookie_is_turned_back(client, app, returning):
    before = client.get_cookie("portal").value
    come_back(client, returning)
    client.post("/sign-out")
    client.set_cookie("portal", before)
    refused(come_back(client, returning), "state used")


def test_an_answer_counts_in_the_browser_that_began_alone(app, returning):
    refused(come_back(app.test_client(), returning), "state")


def test_an_answer_counts_for_ten_minutes(client, returning, clock):
    clock.shift(timedelta(minutes=10, seconds=1))
    refused(come_back(client, returning), "state")


def test_another_state_opens_nothing(client, returning):
    for state in ("", "x", "é", "A" * 5000, "\x00"):
        refused(client.get("/sign-in/with/staff/back", query_string={"state": state, "code": "x"}), "state")


def test_swapped_states_open_nothing(app, provider, officer):
    provider.says_staff(EMAIL)
    first, second = app.test_client(), app.test_client()
    mine, others = provider.visit(set_out(first)), provider.visit(set_out(second))
    code, state = re.search("code=([^&]+)", mine).group(1), re.search("state=([^&]+)", others).group(1)
    refused(come_back(second, f"/sign-in/with/staff/back?state={state}&code={code}"), "code")


def test_an_answer_for_one_provider_is_none_for_the_other(client, returning):
    refused(come_back(client, returning.replace("/staff/", "/creditors/")), "state")


def test_two_states_in_one_address_are_none(client, returning):
    refused(come_back(client, f"{returning}&state=x"), "state")


@pytest.mark.parametrize(
    ("said", "reason"), [({"error": "access_denied"}, "not finished"), ({"iss": "https://evil.example"}, "answering issuer")]
)
def test_an_answer_without_a_code_or_of_another_issuer_opens_nothing(client, provider, officer, said, reason):
    provider.says_staff(EMAIL, **said)
    refused(sign_in(client, provider), reason)


def test_a_provider_that_always_names_itself_must(client, provider, officer):
    provider.says_staff(EMAIL, metadata={"authorization_response_iss_parameter_supported": True})
    refused(sign_in(client, provider), "answering issuer")


def test_an_invented_code_buys_nothing(client, provider, officer):
    provider.says_staff(EMAIL)
    state = asked(set_out(client))["state"]
    refused(come_back(client, f"/sign-in/with/staff/back?state={state}&code=invented"), "code")


def test_the_way_there_is_as_the_standard_asks(client, provider):
    way = asked(set_out(client, "creditors"))
    assert (way["response_type"], way["code_challenge_method"]) == ("code", "S256")
    assert way["redirect_uri"] == "http://portaal.example/sign-in/with/creditors/back"
    assert min(len(way[part]) for part in ("state", "nonce", "code_challenge")) >= 43
    assert "loa3" in way["acr_values"]
    assert "loa2" not in way["acr_values"]
    assert asked(set_out(client))["state"] != way["state"]


def test_setting_out_writes_nothing(client, provider):
    with db.reading(as_portal=True) as session:
        before = session.scalar(select(func.count()).select_from(Event))
    set_out(client)
    client.get("/sign-in/with/staff/back")
    with db.reading(as_portal=True) as session:
        assert session.scalar(select(func.count()).select_from(Event)) == before


def test_the_token_of_before_never_opens_the_new_session(client, provider, officer):
    with client.session_transaction() as cookie:
        cookie["token"], cookie["planted"] = "planted", "yes"
    provider.says_staff(EMAIL)
    sign_in(client, provider)
    with client.session_transaction() as cookie:
        assert cookie["token"] != "planted"
        assert "planted" not in cookie


# ── a provider that is away, slow or odd ─────────────────────────────────────

DISCOVERY = "/.well-known/openid-configuration"
AWAY = {
    "down": {"status": {DISCOVERY: 503}},
    "no json": {"body": {DISCOVERY: "<html>"}},
    "no object": {"body": {DISCOVERY: "[]"}},
    "too long": {"body": {DISCOVERY: " " * 300_000}},
    "a redirect inwards": {"location": {DISCOVERY: "http://169.254.169.254/latest/meta-data"}},
    "another issuer": {"metadata": {"issuer": "https://evil.example"}},
    "the issuer with a slash": {"metadata": {"issuer": "{issuer}/"}},
    "authorisation elsewhere": {"metadata": {"authorization_endpoint": "https://evil.example/authorize"}},
    "authorisation by file": {"metadata": {"authorization_endpoint": "file:///etc/passwd"}},
    "no authorisation": {"metadata": {"authorization_endpoint": None}},
}


def test_a_provider_that_is_away_or_odd_gets_a_clear_page(client, provider):
    for name, odd in AWAY.items():
        providers.trust(provider.federation())
        provider.tells(**json.loads(json.dumps(odd).replace("{issuer}", provider.issuer)))
        answer = client.get("/sign-in/with/staff")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60"), name
        assert "niets verloren" in answer.text
    count("8 tokens", "odd providers survived", len(AWAY))


LATER = {
    "token down": {"status": {"/token": 503}},
    "token no json": {"body": {"/token": "<html>"}},
    "token elsewhere": {"metadata": {"token_endpoint": "http://127.0.0.1:9/token"}},
    "token redirects": {"location": {"/token": "http://127.0.0.1:9/token"}},
    "keys down": {"status": {"/keys": 500}},
    "keys elsewhere": {"metadata": {"jwks_uri": "http://127.0.0.1:9/keys"}},
    "keys redirect": {"location": {"/keys": "http://127.0.0.1:9/keys"}},
    "keys no list": {"body": {"/keys": '{"keys": 1}'}},
}


def test_a_provider_that_goes_away_half_way_loses_nothing(app, provider, officer):
    for name, odd in LATER.items():
        providers.trust(provider.federation())
        provider.says_staff(EMAIL, **odd)
        answer = sign_in(app.test_client(), provider)
        assert answer.status_code == 503, name
        assert "niets verloren" in answer.text
        assert open_sessions() == 0
    count("8 tokens", "odd providers survived", len(LATER))


def test_a_slow_provider_does_not_hold_a_worker(client, provider, monkeypatch):
    monkeypatch.setattr(providers, "READ", 0.2)
    monkeypatch.setattr(providers, "WHOLE", 0.4)
    for slow in ({"delay": {DISCOVERY: 1}}, {"drip": {DISCOVERY: 0.05}}):
        provider.tells(**slow)
        providers.provider_of("staff")._away_at = None
        begun = time.perf_counter()
        assert client.get("/sign-in/with/staff").status_code == 503
        assert time.perf_counter() - begun < 4  # by itself the drip takes ten seconds


def test_nothing_is_asked_of_an_address_that_is_not_the_issuers(app, provider):
    for address in (
        "http://127.0.0.1:9/keys",
        "https://evil.example/keys",
        "file:///etc/passwd",
        provider.issuer.replace("http:", "https:"),
    ):
        with providers.provider_of("staff")._line() as line, pytest.raises(RequestException, match="somebody else"):
            line.get(address, withhold_token=True)


def test_one_that_was_away_is_left_alone_for_a_moment(client, provider, clock):
    provider.tells(status={DISCOVERY: 503})
    for _ in range(5):
        assert client.get("/sign-in/with/staff").status_code == 503
    assert provider.seen() == [DISCOVERY]
    clock.shift(providers.REST)
    provider.tells()
    assert client.get("/sign-in/with/staff").status_code == 302


def test_metadata_and_keys_are_remembered(client, app, provider, officer):
    provider.says_staff(EMAIL)
    sign_in(client, provider)
    sign_in(app.test_client(), provider)
    assert provider.seen().count(DISCOVERY) == provider.seen().count("/keys") == 1


def test_a_new_key_is_fetched_once_and_not_all_the_time(client, app, provider, officer, clock):
    provider.says_staff(EMAIL)
    sign_in(client, provider)
    clock.shift(providers.KEYS_AGAIN)
    provider.says_staff(EMAIL, kid="key-2", published=["key-2"])
    other = app.test_client()
    sign_in(other, provider)
    assert is_in(other)
    provider.says_staff(EMAIL, header={"kid": "unknown"})
    for _ in range(4):
        assert sign_in(app.test_client(), provider).status_code == 403
    assert provider.seen().count("/keys") == 0


def test_many_answers_that_nobody_asked_for_have_to_wait(app, provider, monkeypatch):
    monkeypatch.setattr(federation, "LENIENCE", 1)
    for _ in range(8):
        app.test_client().get("/sign-in/with/staff/back?state=invented&code=invented")
    assert failures() == ["state"] * 5


def test_many_forged_answers_from_one_address_have_to_wait(app, provider, officer, monkeypatch):
    monkeypatch.setattr(federation, "LENIENCE", 1)
    provider.says_staff(EMAIL, over={"aud": "somebody else"})
    answers = [sign_in(app.test_client(), provider) for _ in range(6)]
    assert "Wacht" in answers[-1].text


# ── freshness, signing out, settings ─────────────────────────────────────────


def second_factor_age():
    with db.reading(as_portal=True) as session:
        return now() - session.scalars(select(SignIn.second_factor_at).where(SignIn.ended_at.is_(None))).one()


@pytest.mark.parametrize(("ago", "is_fresh"), [(0, True), (3600, False), (None, False)])
def test_a_second_factor_is_as_old_as_the_provider_says(client, provider, worker, ago, is_fresh):
    said = {} if ago is None else {"auth_time": int(now().timestamp()) - ago}
    provider.says_creditor(**said)
    sign_in(client, provider, "creditors")
    assert (second_factor_age() < rules.FRESH) is is_fresh


def test_a_form_waits_also_for_who_showed_it_to_the_provider_days_ago(client, provider, worker, clock):
    provider.says_creditor(auth_time=int(now().timestamp()) - 3 * 86_400)
    sign_in(client, provider, "creditors")
    clock.shift(31 * 60)
    client.post("/jobs/some-work/replay", data={"remarks": "wat ik schreef"})
    assert "is bewaard" in client.get("/sign-in").text
    provider.says_creditor(auth_time=int(now().timestamp()) - 3 * 86_400)
    sign_in(client, provider, "creditors")
    assert "wat ik schreef" in client.get("/sign-in/unsent").text


@pytest.mark.parametrize(("ago", "comes_in"), [(0, True), (3600, False), (None, False)])
def test_who_must_show_it_anew_is_asked_anew(client, provider, worker, ago, comes_in):
    provider.says_creditor(**({} if ago is None else {"auth_time": int(now().timestamp()) - ago}))
    with client.session_transaction() as cookie:
        cookie["again"] = True
    address = set_out(client, "creditors")
    assert (asked(address)["prompt"], asked(address)["max_age"]) == ("login", "0")
    come_back(client, provider.visit(address))
    assert is_in(client) is comes_in


def test_signing_out_ends_the_session_here_first_and_leads_on(client, provider, worker):
    provider.says_creditor()
    sign_in(client, provider, "creditors")
    page = client.post("/sign-out", follow_redirects=True)
    assert open_sessions() == 0
    assert f"{provider.issuer}/sign-out?client_id=portaal&amp;post_logout_redirect_uri=http%3A%2F%2Fportaal.example%2Fsign-in" in page.text


@pytest.mark.parametrize("odd", [{"end_session_endpoint": None}, {"end_session_endpoint": "https://evil.example/out"}])
def test_without_a_page_of_its_own_there_is_no_way_on(client, provider, odd):
    provider.tells(metadata=odd)
    assert "sluit uw browser" in client.get("/sign-out/creditors").text.lower()
    assert "evil.example" not in client.get("/sign-out/creditors").text


def test_a_moment_that_no_calendar_holds_opens_nothing(client, provider, worker):
    provider.says_creditor(auth_time=2**39)
    refused(sign_in(client, provider, "creditors"), "auth_time")


@pytest.mark.parametrize("odd", [{"n": 5}, {"kty": ["RSA"]}, {"kid": 7}])
def test_an_odd_key_among_the_keys_breaks_nothing(client, provider, worker, odd):
    key = {"kty": "RSA", "kid": "key-1", "use": "sig", "n": "AQAB", "e": "AQAB"} | odd
    provider.tells(body={"/keys": {"keys": [key, 5, None]}})
    refused(sign_in(client, provider, "creditors"), "kid")


def test_an_odd_list_of_ways_to_show_who_asks_breaks_nothing(client, provider, worker):
    provider.tells(metadata={"token_endpoint_auth_methods_supported": 5})
    assert sign_in(client, provider, "creditors").status_code == 403


def test_the_buttons_are_there_when_providers_are(client):
    page = client.get("/sign-in").text
    assert "/sign-in/with/staff" in page
    assert "/sign-in/with/creditors" in page


def test_without_providers_there_is_nothing(tmp_path, settings, database, queue, clock):
    app = create_app(settings_for(tmp_path, settings.database_url))
    app.test_client_class = PageClient
    browser = app.test_client()
    assert "/sign-in/with/" not in browser.get("/sign-in").text
    for path in ("/sign-in/with/staff", "/sign-in/with/staff/back?state=x", "/sign-out/staff", "/sign-in/with/others"):
        assert browser.get(path).status_code == 404


# ── TLS ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def impostor(tmp_path):
    """The address of a server with a certificate of its own making, as somebody in the middle would have."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    (tmp_path / "cert.pem").write_bytes(built.sign(key, SHA256()).public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_certificate_that_nobody_vouches_for_is_no_provider(client, provider, impostor, caplog):
    providers.trust(provider.federation(staff=Provider(impostor, "portaal", "geheim")))
    assert client.get("/sign-in/with/staff").status_code == 503
    assert [record.why for record in caplog.records if record.name == "portal.federation"] == ["SSLError"]


# ── behind the second wall ───────────────────────────────────────────────────


@pytest.mark.postgres
def test_row_level_security_lets_somebody_ask_be_admitted_and_come_in(walled, provider):
    app = create_app(replace(walled, federation=provider.federation()))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = PageClient
    boss_of = factory.person(factory.organisation(kvk=KVK), Role.CREDITOR_MANAGER)
    asks, boss = app.test_client(), app.test_client()
    provider.says_creditor()
    sign_in(asks, provider, "creditors")
    assert ask(asks).status_code == 302
    with db.transaction(as_portal=True) as session:
        token = open_whole(session, boss_of.id, "127.0.0.1", "test")
        asked_for = select(FederatedIdentity.id, FederatedIdentity.revision).where(FederatedIdentity.kvk == KVK)
        identity_id, revision = session.execute(asked_for).one()
    with boss.session_transaction() as cookie:
        cookie["token"] = token
    assert "Nieuwe Collega" in boss.get("/people").text
    assert boss.post(f"/people/identities/{identity_id}/admit", data={"revision": revision}).status_code == 302
    sign_in(asks, provider, "creditors")
    assert "Nieuwe Collega" in asks.get("/account").text
    assert boss.post(f"/people/identities/{identity_id}/unlink").status_code == 302
    assert not is_in(asks)
