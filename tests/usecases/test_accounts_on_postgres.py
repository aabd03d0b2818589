"""Two at once on PostgreSQL: guesses wait for each other, a link works once, and one address is one person."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app import connect, db
from app.access import Role
from app.accounts import admitting, passwords, service
from app.accounts.joining import NewColleague, ask_colleague
from app.accounts.models import FederatedIdentity, Joining, Person
from app.accounts.people import DEMO_SECRET
from app.accounts.second_factor import Proof
from app.accounts.totp import code_at
from app.audit.models import Event
from app.clock import now
from app.errors import Conflict, NotFound, Refusal
from app.jobs import service as jobs
from tests import factory
from tests.fake_jobs import FakeQueue

pytestmark = pytest.mark.postgres
ADDRESS = "nieuw@organisatie.example"


@pytest.fixture
def water(settings, migrated_url, clock):
    connect(replace(settings, database_url=migrated_url))
    jobs.bind(FakeQueue())
    yield factory.organisation()
    jobs.bind(None)
    db.engine().dispose()


@pytest.fixture
def manager(water):
    return factory.actor(water, Role.CREDITOR_MANAGER, person_id=factory.person(water, Role.CREDITOR_MANAGER).id)


@pytest.fixture
def somebody(water):
    return factory.person(water, totp_secret=DEMO_SECRET, password_hash=service.hash_password("paard batterij nietje juist"))


@contextmanager
def meanwhile(*acts):
    """Let use cases begin while the block holds what they need, and yield what becomes of them after it."""
    with ThreadPoolExecutor(len(acts)) as pool:
        made: list[Future] = []
        with db.transaction(as_portal=True) as session:
            yield session, made
            made += [pool.submit(act) for act in acts]
            time.sleep(1)  # until all of them wait


def failed(made):
    return [type(one.exception()) for one in made if one.exception()]


def count(what, *where):
    with db.reading(as_portal=True) as session:
        return session.scalar(select(func.count()).select_from(what).where(*where))


def test_of_many_codes_guessed_at_once_those_that_came_too_soon_are_not_looked_at(somebody):
    token = service.sign_in(somebody.email, "paard batterij nietje juist", "192.0.2.1", "test")
    wrong = code_at(DEMO_SECRET, now().timestamp() + 86_400)
    guesses = [lambda: service.confirm_sign_in(token, Proof(wrong), "test")] * 8
    with meanwhile(*guesses) as (session, made):
        session.get(Person, somebody.id, with_for_update=True)
    assert failed(made) == [Refusal] * 8
    assert count(Event, Event.action == "session:fail") == 5


def test_a_link_that_is_used_twice_at_once_works_once(somebody):
    with db.transaction() as session:
        token = passwords.new_link(session, somebody.id, passwords.rules.RESET_FOR).rpartition("/")[2]
    choices = [lambda: passwords.set_password(token, "zeven groene fietsen zwemmen", "test")] * 2
    with meanwhile(*choices) as (session, made):
        session.get(Person, somebody.id, with_for_update=True)
    assert failed(made) == [NotFound]


def test_who_is_asked_by_two_at_once_is_one_person(manager):
    new = NewColleague("Naam", ADDRESS, Role.CREDITOR_WORKER, manager.organisation_id)
    with meanwhile(lambda: ask_colleague(manager, new), lambda: ask_colleague(manager, new)) as (session, made):
        session.add(Person(email=ADDRESS, name="Naam", created_at=now()))
        session.flush()
    assert failed(made) == [Refusal]
    assert (count(Joining), count(Person, Person.email == ADDRESS)) == (1, 1)


def test_of_two_requests_with_one_address_one_is_admitted(manager, water):
    values = {"issuer": "https://broker.example", "subject": "s", "kvk": "90001234", "organisation_id": water.id}
    identity = factory.save(FederatedIdentity(**values, asked_name="Naam", asked_email=ADDRESS, created_at=now()))
    with meanwhile(lambda: admitting.admit(manager, identity.id, 1)) as (session, made):
        session.add(Person(email=ADDRESS, name="Naam", created_at=now()))
        session.flush()
    assert failed(made) == [Conflict]
