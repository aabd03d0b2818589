"""A form that comes after the session ended is kept for the same person and sent when that person says so."""

import pytest
from sqlalchemy import select

from app import db
from app.access import Role
from app.accounts import rules
from app.accounts.models import Membership, Person, SignIn
from app.accounts.people import DEMO_PASSWORD, DEMO_SECRET
from app.accounts.service import hash_password
from app.accounts.totp import code_at
from app.clock import now
from tests import factory

NEW = {"name": "Nieuwe Collega", "email": "nieuw@organisatie.example", "role": "creditor worker"}


@pytest.fixture(scope="module")
def password_hash():
    return hash_password(DEMO_PASSWORD)


@pytest.fixture
def manager(database, password_hash):
    return factory.person(factory.organisation(), Role.CREDITOR_MANAGER, password_hash=password_hash, totp_secret=DEMO_SECRET)


@pytest.fixture
def idle(client_of, manager, clock, queue):
    """The browser of a manager who went away for lunch."""
    browser = client_of(manager)
    clock.shift(31 * 60)
    return browser


def sign_in(browser, person):
    browser.post("/sign-in", data={"email": person.email, "password": DEMO_PASSWORD})
    return browser.post("/sign-in/code", data={"code": code_at(DEMO_SECRET, now().timestamp())}).location


def colleagues():
    with db.reading() as session:
        return session.scalars(select(Person.name).order_by(Person.id)).all()


def test_what_came_too_late_is_sent_after_signing_in(idle, manager):
    assert idle.post("/people", data=NEW).location.startswith("/sign-in")
    assert "is bewaard" in idle.get("/sign-in").text
    assert sign_in(idle, manager) == "/sign-in/unsent"
    assert "Nieuwe Collega" in idle.get("/sign-in/unsent").text
    assert "Nieuwe Collega" not in colleagues()
    again = idle.post("/sign-in/unsent", data=NEW)
    assert (again.status_code, again.location) == (307, "/people")
    idle.post("/people", data=NEW)
    assert "Nieuwe Collega" in colleagues()
    assert idle.get("/sign-in/unsent").location == "/"


def test_passwords_and_codes_are_never_kept_and_the_rest_unreadable(idle, manager):
    idle.post("/people", data=NEW | {"code": "123456", "password-password": "geheim en lang", "postcode": "1098 HJ"})
    with db.reading() as session:
        kept = session.scalar(select(SignIn.unsent).where(SignIn.unsent.is_not(None)))
        raw = session.connection().exec_driver_sql("SELECT unsent FROM sign_in WHERE unsent IS NOT NULL").scalar()
    assert "Nieuwe Collega" in kept
    assert "1098 HJ" in kept
    assert "123456" not in kept
    assert "geheim" not in kept
    assert b"Nieuwe" not in raw


@pytest.mark.parametrize("fields", [NEW | {"name": "x" * rules.MOST_UNSENT}])
def test_what_is_too_long_is_not_kept_and_that_is_said(idle, manager, fields):
    idle.post("/people", data=fields)
    assert "Er is niets verstuurd" in idle.get("/sign-in").text


def test_an_ended_membership_gets_nothing_done(idle, manager):
    idle.post("/people", data=NEW)
    with db.transaction() as session:
        session.scalars(select(Membership)).one().ends_on = now().date().replace(year=2025)
    assert sign_in(idle, manager) is None
    assert idle.post("/sign-in/unsent", data=NEW).status_code == 404


def test_nobody_without_a_session_leaves_anything_behind(client):
    assert client.post("/people", data=NEW).status_code == 302
    with db.reading() as session:
        assert session.scalars(select(SignIn)).all() == []


def test_the_second_step_says_that_one_goes_on_where_one_was(client, manager):
    client.get("/sign-in?next=/account")
    client.post("/sign-in", data={"email": manager.email, "password": DEMO_PASSWORD})
    assert "Waar u was, blijft bewaard" in client.get("/sign-in/code").text
