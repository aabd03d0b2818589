"""Every token that the portal takes, forged: the ID token of a provider, the session, links of mails, codes of letters."""

import secrets
import socket
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select, update

from app import db
from app.access import Kind
from app.accounts import rules
from app.accounts.federated_rules import Attempt
from app.accounts.models import FederatedIdentity, Invitation, Membership, Person, SignIn
from app.accounts.rules import hash_token
from app.accounts.service import open_whole
from app.audit.models import Event
from app.clock import now
from app.proposals.models import Offer
from tests import factory
from tests.federation import ProviderProcess, come_back, set_out
from tests.forgeries import FAMILIES, Forger
from tests.security.counting import count

FAMILY = "8 tokens"


# ── the ID token ─────────────────────────────────────────────────────────────


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
def officer(app, provider):
    """Somebody of the bank whom the provider vouches for."""
    person = factory.person(factory.organisation(Kind.BANK))
    factory.save(FederatedIdentity(issuer=provider.issuer, subject="subject-1", person_id=person.id, created_at=now()))
    return person


@pytest.fixture
def connections(monkeypatch):
    """The addresses that this process connected to."""
    made, connect = set(), socket.socket.connect

    def noted(self, address):
        made.add(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return made


@pytest.fixture
def forger(provider, monkeypatch):
    """Forges for attempts that all have one nonce, so that what takes long is forged once."""
    nonce = secrets.token_urlsafe(32)
    begin = Attempt.begin
    monkeypatch.setattr(Attempt, "begin", lambda *given: replace(begin(*given), nonce=nonce))
    return Forger(provider, nonce)


def hand_over(client, provider, token, number):
    """Go to the provider and come back; it hands over this token."""
    path = provider.visit(set_out(client))
    provider.tells(id_token=token)
    return come_back(client, path, f"198.51.{number // 250}.{number % 250}")


def failures():
    with db.reading(as_portal=True) as session:
        return session.scalar(select(func.count()).select_from(Event).where(Event.action == "session:fail"))


def open_sessions():
    with db.reading(as_portal=True) as session:
        return session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None)))


def test_a_right_token_made_by_the_forger_comes_in(client, provider, officer, forger):
    """Else the forgeries would be refused for a reason of their own."""
    assert hand_over(client, provider, forger.says(), 0).status_code == 302
    assert open_sessions() == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_forged_tokens_are_refused_with_an_event_and_reach_nobody_else(client, provider, officer, forger, connections, family):
    forged = list(FAMILIES[family](forger))
    for number, (name, token) in enumerate(forged):
        answer = hand_over(client, provider, token, number)
        assert (answer.status_code, failures(), open_sessions()) == (403, number + 1, 0), name
    issuer = urlsplit(provider.issuer)
    assert connections <= {(issuer.hostname, issuer.port)}
    count(FAMILY, "forged ID tokens refused", len(forged))


# ── the session ──────────────────────────────────────────────────────────────


def cookie_of(app, secret=None, salt=None, **values):
    """Return a cookie with these values as the portal signs it, or as somebody with another secret does."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    if secret or salt:
        signer = URLSafeTimedSerializer(
            secret or app.secret_key, salt=salt or "cookie-session", serializer=signer.serializer, signer_kwargs={"key_derivation": "hmac"}
        )
    return signer.dumps(values)


def shows(app, cookie):
    """Tell whether a page opens for whoever brings this cookie."""
    browser = app.test_client(use_cookies=False)
    answer = browser.get("/account", headers={"Cookie": f"portal={cookie}"})
    assert answer.status_code in {200, 302}, answer.status_code
    return answer.status_code == 200


@pytest.fixture
def token(app):
    """The token of an open session."""
    person = factory.person(factory.organisation())
    with db.transaction(as_portal=True) as session:
        return open_whole(session, person.id, "127.0.0.1", "test")


def test_a_cookie_that_was_touched_or_made_elsewhere_opens_nothing(app, token):
    values = {"token": token, "seen": int(now().timestamp())}
    right = cookie_of(app, **values)
    assert shows(app, right)
    touched = [f"{right[:at]}{'A' if right[at] != 'A' else 'B'}{right[at + 1 :]}" for at in range(0, len(right) - 1, 3)]
    others = [cookie_of(app, secret="another secret", **values), cookie_of(app, salt="another use", **values)]
    cut = [right[:-1], right.rpartition(".")[0], f"{right}.", f".{right}", "", ".", "..", "A" * 50_000, "null", right.replace(".", "")]
    for cookie in touched + others + cut:
        assert not shows(app, cookie), cookie[:80]
    count(FAMILY, "forged session cookies refused", len(touched + others + cut))


def test_a_session_token_opens_its_own_open_session_alone(app, token, clock):
    guesses = [
        secrets.token_urlsafe(32), "", token[:-1], f"{token} ", token.swapcase(), token[::-1], hash_token(token).hex(), "\x00", "é" * 50,
        "x" * 3000, "' OR 1=1 --", "%", "1", "../..", f"{token}\x00",
    ]  # fmt: skip
    for guess in guesses:
        assert not shows(app, cookie_of(app, token=guess, seen=int(now().timestamp()))), guess[:80]
    count(FAMILY, "guessed session tokens refused", len(guesses))


def ended(token):
    with db.transaction(as_portal=True) as session:
        session.execute(update(SignIn).values(ended_at=now()))


def without_its_second_factor(token):
    with db.transaction(as_portal=True) as session:
        session.execute(update(SignIn).values(second_factor_at=None))


def of_a_closed_account(token):
    with db.transaction(as_portal=True) as session:
        session.execute(update(Person).values(disabled_at=now()))


def of_somebody_who_left(token):
    with db.transaction(as_portal=True) as session:
        session.execute(update(Membership).values(ends_on=now().date() - timedelta(days=1)))


@pytest.mark.parametrize("spoil", [ended, without_its_second_factor, of_a_closed_account, of_somebody_who_left])
def test_a_session_that_is_over_opens_nothing(app, token, spoil):
    cookie = cookie_of(app, token=token, seen=int(now().timestamp()))
    assert shows(app, cookie)
    spoil(token)
    assert not shows(app, cookie)
    count(FAMILY, "sessions that are over refused")


@pytest.mark.parametrize("after", [rules.IDLE, rules.ABSOLUTE])
def test_a_session_ends_by_itself(app, token, clock, after):
    clock.shift(after + timedelta(seconds=1))
    assert not shows(app, cookie_of(app, token=token, seen=int(now().timestamp()) if after == rules.ABSOLUTE else 0))
    count(FAMILY, "sessions that are over refused")


# ── links of mails ───────────────────────────────────────────────────────────


def test_only_the_link_itself_opens_once_and_in_time(client, app, clock):
    person = factory.person(factory.organisation())
    right = secrets.token_urlsafe(32)
    factory.save(Invitation(token_hash=hash_token(right), person_id=person.id, expires_at=now() + timedelta(days=7)))
    assert client.get(f"/invitation/{right}").status_code == 200
    guesses = [
        secrets.token_urlsafe(32), right[:-1], f"{right}A", right.swapcase(), right[::-1], hash_token(right).hex(), "x" * 10_000,
        "%00", "%FF", "..%2F..", "null", "0", quote("' OR 1=1 --"), quote("é"), f"{right}%00", f"%20{right}",
    ]  # fmt: skip
    for guess in guesses:
        for answer in (
            client.get(f"/invitation/{guess}"),
            client.post(f"/invitation/{guess}", data={"password": "vier losse woorden hier"}),
        ):
            assert answer.status_code == 404, guess[:80]
    clock.shift(timedelta(days=7))
    assert client.get(f"/invitation/{right}").status_code == 404
    count(FAMILY, "forged links refused", 2 * len(guesses) + 1)


# ── codes on letters ─────────────────────────────────────────────────────────


@pytest.fixture
def offer(app):
    return factory.offers(factory.organisation())[0]


def spoilt(code):
    """Return a code with each of its signs changed once, cut, doubled and dressed up."""
    changed = [f"{code[:at]}{'A' if code[at] != 'A' else 'B'}{code[at + 1 :]}" for at in range(len(code))]
    odd = ["%", "' OR 1=1 --", "\x00", "٣" * 10, "é" * 10, "0" * 10, "A" * 10, "*" * 10, "{{7*7}}"]
    return [*changed, code[:-1], f"{code}A", code[::-1], *odd]


@pytest.mark.parametrize("path", ["/answer", "/verify"])
def test_a_code_of_a_letter_is_right_or_it_opens_nothing(app, offer, path):
    for number, guess in enumerate(spoilt(offer.code)):
        with db.transaction(as_portal=True) as session:
            session.execute(update(Offer).values(code_tries=0))  # else it is locked, which has its own test
        browser = app.test_client()
        answer = browser.post(path, data={"code": guess}, environ_overrides={"REMOTE_ADDR": f"198.51.100.{number}"})
        assert answer.status_code in {200, 422}, guess
        assert offer.ref not in answer.text, guess
        assert browser.get("/answer/offer").status_code == 302, guess
    count(FAMILY, f"forged codes refused at {path}", len(spoilt(offer.code)))


def test_a_cookie_of_a_letter_opens_its_offer_in_time_alone(app, offer):
    browser, letter = app.test_client(use_cookies=False), factory.held(offer.ref)
    assert offer.ref in browser.get("/answer/offer", headers={"Cookie": f"portal={cookie_of(app, letter=letter)}"}).text
    forged = [
        cookie_of(app, secret="another secret", letter=letter),
        cookie_of(app, salt="another use", letter=letter),
        cookie_of(app, letter=letter | {"until": int(now().timestamp()) - 1}),
        cookie_of(app, letter=letter | {"code": "00" * 32}),
    ]
    for cookie in forged:
        answer = browser.get("/answer/offer", headers={"Cookie": f"portal={cookie}"})
        assert (answer.status_code, offer.ref in answer.text) == (302, False)
    count(FAMILY, "forged cookies of letters refused", len(forged))
