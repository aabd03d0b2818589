"""Managing people: what a manager of one organisation can and cannot do to somebody, and what the command line can."""

import re

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.accounts import joining, passwords, people, service
from app.accounts.joining import NewColleague
from app.accounts.models import Joining, Membership, Person
from app.accounts.people import DEMO_SECRET
from app.accounts.queries import actor_by_email, open_sign_in
from app.accounts.words import REFUSALS as ACCOUNTS
from app.audit.models import Event
from app.audit.queries import AuditQuery, own_page
from app.cli import portal
from app.config import Settings
from app.consents.words import REFUSALS as CONSENTS
from app.errors import NotFound, Refusal
from tests import factory

PASSWORD = "paard batterij nietje juist"
pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture
def water(queue):
    return factory.organisation(code=4100, name="Waterbedrijf Westerdok")


@pytest.fixture
def manager(water):
    return factory.actor(water, Role.CREDITOR_MANAGER, person_id=factory.person(water, Role.CREDITOR_MANAGER).id)


@pytest.fixture
def worker(water):
    return factory.person(water, totp_secret=DEMO_SECRET)


@pytest.fixture
def officer(queue):
    """Somebody of the bank whom the manager added to the creditor as well."""
    return factory.person(factory.organisation(Kind.BANK), totp_secret=DEMO_SECRET)


def membership(person, organisation):
    with db.reading() as session:
        mine = select(Membership.id).where(Membership.person_id == person.id, Membership.organisation_id == organisation.id)
        return session.scalar(mine.order_by(Membership.id.desc()))


def add(manager, email, role=Role.CREDITOR_WORKER):
    """Ask somebody and let that person accept."""
    joining.ask_colleague(manager, NewColleague("Naam", email, role, manager.organisation_id))
    with db.reading() as session:
        asked = session.scalars(select(Joining).order_by(Joining.id.desc())).first()
    joining.accept_joining(factory.actor(factory.organisation(), person_id=asked.person_id), asked.id)


def open_session(person):
    with db.transaction() as session:
        return service.open_whole(session, person.id, "192.0.2.1", "test")


def is_open(token):
    with db.reading() as session:
        return open_sign_in(session, token) is not None


def kept(person):
    with db.reading() as session:
        return session.get(Person, person.id)


# ── one's own organisation, and no further ───────────────────────────────────


def test_somebody_who_was_ended_can_come_back_the_same_day(manager, water):
    for _ in range(2):
        add(manager, "nieuw@organisatie.example")
        with db.reading() as session:
            person = session.scalar(select(Person).where(Person.email == "nieuw@organisatie.example"))
        people.end_membership(manager, membership(person, water))
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(Membership.person_id == person.id)) == 1


def test_a_role_can_be_given_again_the_same_day(manager, water):
    for role in (Role.CREDITOR_WORKER, Role.CREDITOR_MANAGER):
        add(manager, "nieuw@organisatie.example", role)
        with db.reading() as session:
            person = session.scalar(select(Person).where(Person.email == "nieuw@organisatie.example"))
        if role is Role.CREDITOR_WORKER:
            people.end_membership(manager, membership(person, water))
    people.change_role(manager, membership(person, water), Role.CREDITOR_WORKER)
    with db.reading() as session:
        assert actor_by_email(session, person.email).roles == {Role.CREDITOR_WORKER}


def test_a_new_role_ends_what_was_open_under_the_old_one(manager, worker, water):
    token = open_session(worker)
    people.change_role(manager, membership(worker, water), Role.CREDITOR_MANAGER)
    assert not is_open(token)


def test_a_manager_uncouples_the_app_of_a_colleague(manager, worker, water):
    token = open_session(worker)
    people.reset_second_factor(manager, membership(worker, water))
    assert (kept(worker).totp_secret, is_open(token)) == (None, False)


def test_a_manager_does_not_uncouple_the_app_of_somebody_who_works_elsewhere_too(manager, officer, water):
    """Otherwise adding a bank officer to one's own organisation would open the door of the bank."""
    add(manager, officer.email)
    with pytest.raises(Refusal, match="works_elsewhere"):
        people.reset_second_factor(manager, membership(officer, water))
    assert kept(officer).totp_secret


def test_the_administrator_uncouples_it(manager, officer, water):
    add(manager, officer.email)
    administrator = factory.actor(factory.organisation(Kind.CITY), Role.ADMINISTRATOR)
    people.reset_second_factor(administrator, membership(officer, water))
    assert kept(officer).totp_secret is None


def test_ending_somebody_here_leaves_the_work_elsewhere_open(manager, officer, water):
    token = open_session(officer)
    add(manager, officer.email)
    people.end_membership(manager, membership(officer, water))
    assert is_open(token)


@pytest.mark.parametrize("act", [people.end_membership, people.reset_second_factor])
def test_the_people_of_others_do_not_exist(manager, officer, act):
    with db.reading() as session:
        theirs = session.scalar(select(Membership.id).where(Membership.person_id == officer.id))
    with pytest.raises(NotFound):
        act(manager, theirs)


def test_the_last_administrator_stays(queue):
    city = factory.organisation(Kind.CITY)
    person = factory.person(city, Role.ADMINISTRATOR)
    administrator = factory.actor(city, Role.ADMINISTRATOR, person_id=person.id)
    with pytest.raises(Refusal, match="own_role"):
        people.change_role(administrator, membership(person, city), Role.AUDITOR)
    with pytest.raises(Refusal, match="not_oneself"):
        people.end_membership(administrator, membership(person, city))


# ── invitations ──────────────────────────────────────────────────────────────


def test_a_newer_link_closes_the_older(worker):
    older, newer = (people.reset_person(worker.email).rpartition("/")[2] for _ in range(2))
    with pytest.raises(NotFound):
        passwords.set_password(older, PASSWORD, "test")
    passwords.set_password(newer, PASSWORD, "test")


def test_a_closed_account_takes_no_password(worker):
    token = people.reset_person(worker.email).rpartition("/")[2]
    people.disable_person(worker.email)
    with pytest.raises(NotFound):
        passwords.set_password(token, PASSWORD, "test")


# ── the command line ─────────────────────────────────────────────────────────


@pytest.fixture
def run(settings, water, monkeypatch):
    monkeypatch.setattr(Settings, "from_env", lambda: settings)
    return lambda *words: CliRunner().invoke(portal, ["users", *words])


def add_by_command(run, organisation="4100", role="creditor worker"):
    return run("add", "Nieuw@organisatie.example", "--name", "Nieuw", "--organisation", organisation, "--role", role)


@pytest.mark.parametrize("organisation", ["4100", "waterbedrijf westerdok"])
def test_the_command_line_adds_by_code_or_name_and_prints_the_link(run, organisation):
    done = add_by_command(run, organisation)
    assert done.exit_code == 0
    assert done.stdout.startswith("http://portaal.example/invitation/")


@pytest.mark.parametrize(("organisation", "role"), [("9999", "creditor worker"), ("4100", "officer")])
def test_the_command_line_says_in_one_sentence_what_it_refuses(run, organisation, role):
    done = add_by_command(run, organisation, role)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_an_unknown_role_is_a_slip_in_the_call(run):
    assert add_by_command(run, role="baas").exit_code == 2


def test_a_reset_takes_password_and_app_away(run, worker):
    token = open_session(worker)
    assert "/invitation/" in run("reset", worker.email).stdout
    assert (kept(worker).totp_secret, kept(worker).password_hash, is_open(token)) == (None, None, False)


def test_a_disabled_person_is_out_at_once_and_comes_back_by_command_only(run, worker, client_of):
    browser = client_of(worker)
    assert run("disable", worker.email).exit_code == 0
    assert browser.get("/account").status_code == 302
    done = run("add", worker.email, "--name", "Naam", "--organisation", "4100", "--role", "creditor manager")
    assert "/invitation/" in done.stdout
    with db.reading() as session:
        assert actor_by_email(session, worker.email).roles == {Role.CREDITOR_MANAGER}


def test_every_no_to_a_second_factor_has_words_where_consents_are_signed():
    assert {code for code in ACCOUNTS if code in {"accounts.wait", "accounts.code_wrong"}} <= set(CONSENTS)


@pytest.mark.parametrize(
    ("name", "email", "code"),
    [
        ("Jo", "jo", "not_an_email"),
        ("Jo", f"{'j' * 254}@a.example", "not_an_email"),
        (" ", "jo@a.example", "name_unfit"),
        ("j" * 121, "jo@a.example", "name_unfit"),
    ],
)
def test_somebody_who_cannot_be_written_to_or_named_is_not_added(water, name, email, code):
    before = count_people()
    with pytest.raises(Refusal, match=code):
        people.add_person(name, email, Role.CREDITOR_WORKER, "4100")
    assert count_people() == before


def count_people():
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Person))


def test_the_history_of_who_asks_tells_nothing_of_who_was_asked(manager, officer):
    joining.ask_colleague(manager, NewColleague("Naam", officer.email, Role.CREDITOR_WORKER, manager.organisation_id))
    with db.reading() as session:
        asked, theirs = session.scalars(select(Joining)).one(), actor_by_email(session, officer.email)
    joining.decline_joining(theirs, asked.id)
    with db.reading() as session:
        told = str(own_page(session, manager, AuditQuery()).rows)
        decline = session.scalars(select(Event).where(Event.action == "people:decline")).one()
    assert officer.email in told
    assert not re.search(f"person/|{officer.name}|{theirs.organisation_name}", told)
    assert (decline.person_id, decline.subject) == (officer.id, f"joining/{asked.id}")
