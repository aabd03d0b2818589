"""Signing in: the same no for all, codes that count once, sessions that end on the server, managers of their own people only."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.accounts import enrolling, joining, passwords, people, second_factor, service
from app.accounts.joining import NewColleague
from app.accounts.models import Membership, Person, RecoveryCode, SignIn
from app.accounts.passwords import Change
from app.accounts.people import DEMO_SECRET
from app.accounts.queries import actor_of, open_sign_in
from app.accounts.rules import bare_code, hash_token
from app.accounts.second_factor import Proof
from app.accounts.totp import code_at
from app.audit.models import Event
from app.clock import now
from app.db import REF_ALPHABET
from app.errors import NotFound, Refusal
from app.notifications.models import Message
from app.sealing import blind_index
from tests import factory

PASSWORD = "paard batterij nietje juist"
pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture(scope="module")
def password_hash():
    return service.hash_password(PASSWORD)


@pytest.fixture
def somebody(database, password_hash):
    """A creditor's manager with password and second factor."""
    return factory.person(factory.organisation(), Role.CREDITOR_MANAGER, password_hash=password_hash, totp_secret=DEMO_SECRET)


def code(offset=0):
    return code_at(DEMO_SECRET, now().timestamp() + 30 * offset)


def begin(person, password=PASSWORD):
    return service.sign_in(person.email.upper(), password, "192.0.2.1", "test")


def signed_in(person):
    return service.confirm_sign_in(begin(person), Proof(code()), "test")


def is_open(token):
    with db.reading() as session:
        return open_sign_in(session, token) is not None


def test_password_and_code_open_a_session_under_a_new_token(somebody):
    first = begin(somebody)
    whole = service.confirm_sign_in(first, Proof(code()), "test")
    assert whole != first
    assert (is_open(first), is_open(whole)) == (False, True)


@pytest.mark.parametrize("email", ["nobody@organisatie.example", None])
def test_an_unknown_address_and_a_wrong_password_get_the_same_no(somebody, email):
    with pytest.raises(Refusal) as no:
        service.sign_in(email or somebody.email, "wrong password", "192.0.2.1", "test")
    assert (no.value.code, no.value.facts) == ("accounts.sign_in_failed", {})


@pytest.mark.parametrize("known", [True, False])
def test_after_five_failures_one_waits_known_or_not(somebody, clock, known):
    email = somebody.email if known else "nobody@organisatie.example"
    for _ in range(5):
        with pytest.raises(Refusal, match="sign_in_failed"):
            service.sign_in(email, "wrong password", "192.0.2.1", "test")
    with pytest.raises(Refusal, match="wait"):
        service.sign_in(email, PASSWORD, "192.0.2.1", "test")


def test_a_stranger_who_fails_on_purpose_keeps_nobody_out(somebody):
    for _ in range(5):
        with pytest.raises(Refusal, match="sign_in_failed"):
            service.sign_in(somebody.email, "wrong password", "192.0.2.66", "test")
    with pytest.raises(Refusal, match="wait"):
        service.sign_in(somebody.email, "wrong password", "192.0.2.66", "test")
    assert begin(somebody)


def test_guessing_one_password_from_many_addresses_has_to_wait(somebody):
    for n in range(50):
        with pytest.raises(Refusal, match="sign_in_failed"):
            service.sign_in(somebody.email, "wrong password", f"198.51.100.{n}", "test")
    with pytest.raises(Refusal, match="wait"):
        begin(somebody)


def test_after_the_wait_the_right_password_is_taken(somebody, clock):
    test_after_five_failures_one_waits_known_or_not(somebody, clock, known=True)
    clock.shift(timedelta(minutes=2))
    assert begin(somebody)


def test_failures_are_forgotten_after_a_day(somebody, clock):
    """Many share one network address for years: slips of long ago lock nobody out."""
    for _ in range(4):
        with pytest.raises(Refusal, match="sign_in_failed"):
            begin(somebody, "wrong password")
    clock.shift(timedelta(days=1))
    with pytest.raises(Refusal, match="sign_in_failed"):
        begin(somebody, "wrong password")
    assert begin(somebody)


def test_many_wrong_passwords_from_one_address_make_that_address_wait(somebody):
    for n in range(50):
        with pytest.raises(Refusal, match="sign_in_failed"):
            service.sign_in(f"nobody{n}@organisatie.example", "wrong password", "192.0.2.1", "test")
    with pytest.raises(Refusal, match="wait"):
        begin(somebody)
    assert service.sign_in(somebody.email, PASSWORD, "192.0.2.2", "test")


def test_nobody_who_writes_waits_for_the_slow_comparison_of_a_password(somebody, monkeypatch):
    """A password is slow to compare on purpose; inside a transaction, guessing would bring all work to a halt."""

    def compare(kept, password):
        with db.transaction():
            return True

    monkeypatch.setattr(service, "password_fits", compare)
    assert begin(somebody)


def test_a_password_that_was_changed_meanwhile_opens_nothing(somebody, monkeypatch):
    def compare(kept, password):
        with db.transaction() as session:
            session.get_one(Person, somebody.id).password_hash = "another"
        return True

    monkeypatch.setattr(service, "password_fits", compare)
    with pytest.raises(Refusal, match="sign_in_failed"):
        begin(somebody)


def test_a_code_counts_once(somebody):
    signed_in(somebody)
    with pytest.raises(Refusal, match="code_wrong"):
        service.confirm_sign_in(begin(somebody), Proof(code()), "test")


@pytest.mark.parametrize("offset", [-2, 2])
def test_a_code_of_another_time_is_wrong(somebody, offset):
    with pytest.raises(Refusal, match="code_wrong"):
        service.confirm_sign_in(begin(somebody), Proof(code(offset)), "test")


def test_a_password_alone_opens_nothing(somebody, app):
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update(token=begin(somebody), seen=int(now().timestamp()))
    assert browser.get("/people").location.startswith("/sign-in")


def acting(person):
    with db.reading() as session:
        return actor_of(session, person.id, None, "test")


def test_a_session_that_begins_says_in_the_audit_by_what(somebody):
    recovery = second_factor.renew_recovery_codes(acting(somebody))[0]
    for shown in (code(), recovery):
        service.confirm_sign_in(begin(somebody), Proof(shown), "test")
    with db.reading() as session:
        begun = session.scalars(select(Event.changes).where(Event.action == "session:begin").order_by(Event.sequence)).all()
    assert [json.loads(changes)["second_factor"][1] for changes in begun] == ["app", "recovery code"]


def test_who_makes_new_recovery_codes_hears_of_it(somebody):
    second_factor.renew_recovery_codes(acting(somebody))
    with db.reading() as session:
        assert session.scalars(select(Message.code).where(Message.address == somebody.email)).all() == ["accounts.changed"]


def test_a_recovery_code_counts_once(somebody):
    recovery = second_factor.renew_recovery_codes(acting(somebody))[0]
    assert service.confirm_sign_in(begin(somebody), Proof(recovery.lower()), "test")
    with pytest.raises(Refusal, match="code_wrong"):
        service.confirm_sign_in(begin(somebody), Proof(bare_code(recovery)), "test")


def test_new_recovery_codes_are_too_long_to_be_tried_out(somebody):
    codes = second_factor.renew_recovery_codes(acting(somebody))
    assert {len(REF_ALPHABET) ** len(bare_code(shown)) > 2**128 for shown in codes} == {True}


def test_a_short_recovery_code_of_before_still_counts_once(somebody):
    factory.save(RecoveryCode(person_id=somebody.id, code_hash=blind_index(f"recovery {somebody.id} 7K3M99QX2W")))
    assert service.confirm_sign_in(begin(somebody), Proof("7k3m9-9qx2w"), "test")
    with pytest.raises(Refusal, match="code_wrong"):
        service.confirm_sign_in(begin(somebody), Proof("7k3m9-9qx2w"), "test")


def test_guessing_codes_again_has_to_wait_and_is_in_the_audit(somebody):
    token, actor = signed_in(somebody), acting(somebody)
    for _ in range(5):
        with pytest.raises(Refusal, match="code_wrong"):
            second_factor.confirm_again(actor, token, Proof("000000"))
    with pytest.raises(Refusal, match="wait"):
        second_factor.confirm_again(actor, token, Proof(code()))
    with db.reading() as session:
        failed = select(func.count()).select_from(Event).where(Event.action == "session:fail", Event.person_id == somebody.id)
        assert session.scalar(failed) == 5


def test_a_wrong_code_is_in_the_audit(somebody):
    with pytest.raises(Refusal, match="code_wrong"):
        service.confirm_sign_in(begin(somebody), Proof("000000"), "test")
    with db.reading() as session:
        assert session.scalar(select(Event.subject).where(Event.action == "session:fail")) == f"person/{somebody.id}"


def test_a_right_code_wipes_out_the_wrong_ones(somebody, clock):
    token, actor = signed_in(somebody), acting(somebody)
    clock.shift(60)
    for attempt in ("000000",) * 4 + (code(),) + ("000000",) * 2:
        with suppress(Refusal):
            second_factor.confirm_again(actor, token, Proof(attempt))
    with pytest.raises(Refusal, match="code_wrong"):
        second_factor.confirm_again(actor, token, Proof("000000"))


NEW = "een heel ander lang geheim zinnetje"


def test_a_new_password_ends_the_other_sessions(somebody, clock):
    first = signed_in(somebody)
    clock.shift(60)
    second = signed_in(somebody)
    clock.shift(60)
    passwords.change_password(acting(somebody), second, Change(PASSWORD, NEW, Proof(code())))
    assert (is_open(first), is_open(second)) == (False, True)


@pytest.mark.parametrize(("old", "digits", "refusal"), [("wrong password", None, "password_wrong"), (PASSWORD, "000000", "code_wrong")])
def test_a_password_changes_with_the_former_one_and_the_second_factor_only(somebody, clock, old, digits, refusal):
    token = signed_in(somebody)
    clock.shift(60)
    with pytest.raises(Refusal, match=refusal):
        passwords.change_password(acting(somebody), token, Change(old, NEW, Proof(digits or code())))
    clock.shift(60)
    assert begin(somebody)


def test_signing_out_ends_the_session_on_the_server(somebody):
    token = signed_in(somebody)
    service.sign_out(acting(somebody), token)
    assert not is_open(token)


def test_enrolment_happens_once(database, password_hash):
    person = factory.person(factory.organisation(), password_hash=password_hash)
    token = begin(person)
    secret, _ = enrolling.enrolment_secret(token)
    whole, codes = enrolling.enrol(token, secret, code_at(secret, now().timestamp()), "test")
    assert is_open(whole)
    assert len(set(codes)) == 10
    assert enrolling.enrolment_secret(begin(person)) is None


def test_nothing_readable_is_kept_of_tokens_and_secrets(somebody, clock):
    token = signed_in(somebody)
    clock.shift(60)
    recovery = second_factor.renew_recovery_codes(acting(somebody))[0]
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(SignIn.token_hash == hash_token(token))) == 1
        raw = session.connection().exec_driver_sql("SELECT totp_secret, password_hash FROM person").one()
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert DEMO_SECRET.encode() not in raw[0]
    assert hash_token(bare_code(recovery)) not in kept, "the hash of so short a code can be tried out"
    assert raw[1].startswith("$argon2")


# ── managing people ──────────────────────────────────────────────────────────


@pytest.fixture
def manager(somebody):
    with db.reading() as session:
        return actor_of(session, somebody.id, None, "test")


def colleague(manager, **over):
    return NewColleague(**{"name": "Nieuw", "email": "Nieuw@organisatie.example", "role": Role.CREDITOR_WORKER} | over)


def add(manager, **over):
    return joining.ask_colleague(manager, colleague(manager, organisation_id=manager.organisation_id, **over))


def test_an_invited_colleague_sets_a_password_once(manager):
    token = add(manager).rpartition("/")[2]
    passwords.set_password(token, PASSWORD, "test")
    assert service.sign_in("nieuw@organisatie.example", PASSWORD, "192.0.2.1", "test")
    with pytest.raises(NotFound):
        passwords.set_password(token, PASSWORD + "!", "test")


def test_an_invitation_ends_after_a_week(manager, clock):
    token = add(manager).rpartition("/")[2]
    clock.shift(timedelta(days=7))
    with pytest.raises(NotFound):
        passwords.set_password(token, PASSWORD, "test")


def test_a_manager_adds_to_the_own_organisation_only(manager):
    other = factory.organisation()
    with pytest.raises(NotFound):
        joining.ask_colleague(manager, colleague(manager, organisation_id=other.id))


def test_a_role_of_the_bank_cannot_be_given_at_a_creditor(manager):
    with pytest.raises(Refusal, match="role_unfit"):
        add(manager, role=Role.OFFICER)


def test_adding_twice_is_refused_and_changes_nothing(manager):
    add(manager)
    with pytest.raises(Refusal, match="works_here_already"):
        add(manager)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_ending_a_colleague_ends_its_session_at_once(manager, password_hash, client_of):
    organisation = factory.organisation()
    worker = factory.person(organisation, password_hash=password_hash)
    boss = factory.actor(organisation, Role.CREDITOR_MANAGER)
    browser = client_of(worker)
    with db.reading() as session:
        membership = session.scalar(select(Membership.id).where(Membership.person_id == worker.id))
    assert browser.get("/account").status_code == 200
    people.end_membership(boss, membership)
    assert browser.get("/account").status_code == 302


def test_the_last_manager_stays(manager):
    with db.reading() as session:
        own = session.scalar(select(Membership.id).where(Membership.person_id == manager.person_id))
    with pytest.raises(Refusal, match="not_oneself"):
        people.end_membership(manager, own)
    administrator = factory.actor(factory.organisation(Kind.CITY), Role.ADMINISTRATOR)
    with pytest.raises(Refusal, match="last_manager"):
        people.change_role(administrator, own, Role.CREDITOR_WORKER)


def test_nobody_changes_the_own_role(manager):
    with db.reading() as session:
        own = session.scalar(select(Membership.id).where(Membership.person_id == manager.person_id))
    with pytest.raises(Refusal, match="own_role"):
        people.change_role(manager, own, Role.CREDITOR_WORKER)


def test_a_worker_manages_nobody(manager):
    worker = factory.actor(factory.organisation())
    with pytest.raises(NotFound):
        joining.ask_colleague(worker, colleague(manager, organisation_id=worker.organisation_id))


def test_the_administrator_adds_anywhere(manager):
    administrator = factory.actor(factory.organisation(Kind.CITY), Role.ADMINISTRATOR)
    assert joining.ask_colleague(administrator, colleague(manager, organisation_id=manager.organisation_id))


def test_every_change_of_people_is_in_the_audit(manager):
    add(manager)
    with db.reading() as session:
        events = session.execute(select(Event.action, Event.actor, Event.concerns_id).order_by(Event.sequence)).all()
    assert (events[-1].action, events[-1].actor, events[-1].concerns_id) == ("people:ask", manager.name, manager.organisation_id)


def test_the_people_of_the_demo_are_made_once(database):
    assert people.ensure_demo_people() == 6  # those of creditors and agents wait for the register
    assert people.ensure_demo_people() == 0
