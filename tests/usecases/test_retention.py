"""Retention: what is over goes, a stub without the person stays, and a dry run says exactly what the run does."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import db
from app.access import SYSTEM, Role
from app.accounts.models import FederatedIdentity, Invitation, Joining, Membership, Person, RecoveryCode, SignIn, Throttle
from app.audit.models import Event
from app.audit.service import record, verify
from app.cases.models import Case, Claim
from app.consents.models import Assessment
from app.creditors.models import Contact
from app.documents import files
from app.documents.models import Document
from app.documents.service import store
from app.notifications.models import Message
from app.privacy import retention
from app.privacy.retention import run_retention
from app.proposals.lifecycle import OfferState, Visibility
from app.proposals.models import Offer, OfferEvent, Proposal
from tests import factory
from tests.conftest import NOW

TODAY = date(2026, 6, 4)
OVER = date(2021, 6, 4)  # five years ago to the day
PDF = b"%PDF-1.7 a letter about Zonneveld"


@pytest.fixture(autouse=True)
def still(clock):
    return clock


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


def closed_case(water, closed_on=OVER, content=PDF, **over):
    """A case with a claim, an answered offer, its history and its letter, closed on a day."""
    case = factory.case(surname="Zonneveld", bsn="123456782", closed_on=closed_on, household="gezin", children=2, **over)
    claim = factory.claim(case, water, reference="ZW-1")
    offer = factory.offer(
        factory.proposal(case, [claim], reason="woorden"), claim, state=OfferState.REJECTED, words="woorden over iemand",
        answerer="Mia", answered_at=NOW,
    )  # fmt: skip
    factory.save(OfferEvent(offer_id=offer.id, creditor_id=water.id, at=NOW, what="answered", who="Mia", facts={"words": "woorden"}))
    factory.assessment(offer)
    with db.transaction() as session:
        store(session, kind="offer letter", title="Brief", subject_ref=offer.ref, organisation_id=water.id, content=content)
    return case


def loaded(model, id_):
    with db.reading() as session:
        return session.get(model, id_)


def count(model):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_a_case_loses_its_person_five_years_after_it_was_closed(water):
    case = closed_case(water)
    run_retention()
    stub = loaded(Case, case.id)
    assert (stub.initials, stub.given_name, stub.surname, stub.street, stub.postcode, stub.bsn) == ("", "", "", "", "", None)
    assert (stub.bsn_index, stub.surname_index, stub.birth_date.year, stub.household, stub.children) == (None, b"", 1, "", 0)
    assert stub.relation_code == -case.id
    assert (stub.ref, stub.income_cents, stub.programme, stub.erased_on) == (case.ref, 184200, "", TODAY)


def test_its_words_and_letters_go_and_its_figures_stay(water):
    closed_case(water)
    name = loaded(Document, 1).sha256
    run_retention()
    offer, claim, proposal, event = loaded(Offer, 1), loaded(Claim, 1), loaded(Proposal, 1), loaded(OfferEvent, 1)
    assert (offer.words, offer.answerer, offer.code, offer.reference, claim.reference) == ("", None, "", "", "")
    assert (proposal.reason, proposal.worked, proposal.drafted_by, event.who, event.facts) == ("", {}, "", "", {})
    assert (offer.state, offer.payment_cents, claim.stated_cents, event.what) == (OfferState.REJECTED, 31276, 312764, "answered")
    assert offer.visibility is Visibility.ERASED
    assert count(Document) == 0
    assert name not in set(files.names())


@pytest.mark.parametrize("closed_on", [None, date(2021, 6, 5)])
def test_a_case_within_its_term_stays_as_it_is(water, closed_on):
    case = closed_case(water, closed_on)
    report = run_retention()
    assert loaded(Case, case.id).surname == "Zonneveld"
    assert report.tables["case_file"].stubbed == 0
    assert len(set(files.names())) == 1


def test_a_case_that_rests_stays_until_it_is_taken_up_again(water):
    """To erase is to process too (art. 4 and 18 GDPR)."""
    case = closed_case(water, restricted_at=NOW)
    assert run_retention().tables["case_file"].stubbed == 0
    assert loaded(Case, case.id).surname == "Zonneveld"
    with db.transaction() as session:
        session.get(Case, case.id).restricted_at = None
    assert run_retention().tables["case_file"].stubbed == 1


def test_what_a_consent_was_compared_with_goes_too(water):
    """Fraud, an own business, the day of a settlement: what is emptied in one column does not stay in the next."""
    closed_case(water)
    with db.transaction() as session:
        rows = [{"clause": "fraud", "required": False, "actual": True, "met": False}]
        session.scalar(select(Assessment)).rows = rows
    run_retention()
    stub = loaded(Assessment, 1)
    assert (stub.rows, stub.fraud, stub.payment_cents) == ({}, False, 31276)


def test_what_a_killed_process_was_writing_goes_after_a_day(water, monkeypatch):
    closed_case(water, closed_on=None)
    (name,) = files.names()
    left = files.kept(name).with_name(f"{files.DRAFT}x")
    left.write_bytes(b"half a letter")
    assert run_retention().files == 0
    monkeypatch.setattr(retention, "YOUNG", timedelta(days=-1000))
    assert (run_retention(dry_run=True).files, run_retention().files) == (1, 1)
    assert list(files.kept(name).parent.iterdir()) == [files.kept(name)]


def test_a_file_that_is_kept_again_is_young_again(water):
    """Its row may come while retention looks: a letter of which the transaction failed yesterday and is repeated now."""
    name = files.put(PDF)
    os.utime(files.kept(name), (0, 0))
    files.put(PDF)
    assert run_retention().files == 0
    os.utime(files.kept(name), (0, 0))
    assert run_retention().files == 1


def test_a_file_that_another_document_names_stays(water):
    closed_case(water)
    case = factory.case()
    with db.transaction() as session:
        store(session, kind="offer letter", title="Brief", subject_ref=case.ref, organisation_id=water.id, content=PDF)
    run_retention()
    assert len(set(files.names())) == 1


def test_messages_sessions_and_failed_attempts_go_after_ninety_days(water):
    person, old, young = factory.person(water), NOW - timedelta(days=91), NOW - timedelta(days=89)
    for at, name in ((old, b"o" * 32), (young, b"y" * 32)):
        factory.save(Throttle(key_hash=name, failures=1, failed_at=at))
        factory.save(SignIn(token_hash=name, person_id=person.id, created_at=at, seen_at=at))
        factory.save(Message(code="offers.reminder", address="a@b.example", language="nl", path="/", facts={}, created_at=at))
    run_retention()
    assert [count(model) for model in (Throttle, SignIn, Message)] == [1, 1, 1]


def leaver(water, ends_on, **over):
    person = factory.person(water, created_at=datetime(2020, 1, 1, tzinfo=UTC), **over)
    with db.transaction() as session:
        session.scalar(select(Membership).where(Membership.person_id == person.id)).ends_on = ends_on
    factory.save(RecoveryCode(person_id=person.id, code_hash=b"x" * 32))
    identity = factory.save(FederatedIdentity(issuer="https://a.example", subject=f"s{person.id}", person_id=person.id, created_at=NOW))
    for days in (1, 200):
        at, token = NOW - timedelta(days=days), f"{person.id} {days}".encode()
        factory.save(SignIn(token_hash=token, person_id=person.id, created_at=at, seen_at=at, identity_id=identity.id))
        asked = Joining(person_id=person.id, organisation_id=water.id, role=Role.CREDITOR_WORKER, name="X", asked_by="Y", asked_at=at)
        factory.save(Invitation(token_hash=token, person_id=person.id, joining_id=factory.save(asked).id, expires_at=at))
    return person


def test_an_account_becomes_nobody_a_year_after_the_last_membership_ended(water):
    person = leaver(water, date(2025, 6, 4), totp_secret="JBSWY3DPEHPK3PXP", password_hash="hash")
    run_retention()
    stub = loaded(Person, person.id)
    assert (stub.name, stub.email, stub.password_hash, stub.totp_secret) == ("", f"gewist-{person.id}@gewist.invalid", None, None)
    assert stub.disabled_at == NOW
    assert count(RecoveryCode) == 0
    assert count(Membership) == 1


@pytest.mark.parametrize("ends_on", [None, date(2025, 6, 5)])
def test_an_account_that_works_or_left_lately_stays(water, ends_on):
    person = leaver(water, ends_on)
    run_retention()
    assert loaded(Person, person.id).name == person.name
    assert count(RecoveryCode) == 1


def test_a_contact_person_goes_a_year_after_stopping(water):
    factory.save(Contact(organisation_id=water.id, name="Mia", ended_on=date(2025, 6, 4)))
    factory.save(Contact(organisation_id=water.id, name="Bo", ended_on=date(2025, 6, 5)))
    run_retention()
    assert [loaded(Contact, 1), loaded(Contact, 2).name] == [None, "Bo"]


def everything(database):
    """Return every row of every table, except of the audit."""
    with database.connect() as connection:
        tables = [t for t in db.Base.metadata.sorted_tables if not t.name.startswith("audit")]
        return {t.name: connection.execute(select(*t.columns).order_by(*t.primary_key.columns)).all() for t in tables}


def test_a_dry_run_changes_nothing_and_says_what_the_run_does(water, database, monkeypatch):
    monkeypatch.setattr(retention, "CASES", 2)
    for n in range(5):
        closed_case(water, content=PDF + bytes([n]))
    leaver(water, date(2025, 1, 1))
    before, kept = everything(database), set(files.names())
    dry = run_retention(dry_run=True)
    assert everything(database) == before
    assert set(files.names()) == kept
    real = run_retention()
    assert (dry.tables, dry.files) == (real.tables, real.files)
    assert real.tables["case_file"].stubbed == real.files == 5
    assert (real.tables["person"].stubbed, real.tables["recovery_code"].deleted) == (1, 1)
    assert (real.tables["sign_in"].deleted, real.tables["invitation"].deleted, real.tables["federated_identity"].deleted) == (2, 2, 1)


def test_a_second_run_finds_nothing(water):
    closed_case(water)
    leaver(water, date(2025, 1, 1))
    run_retention()
    again = run_retention()
    assert sum(one.stubbed + one.deleted for one in again.tables.values()) == again.files == 0


def test_a_run_that_broke_off_is_finished_by_the_next(water, monkeypatch):
    monkeypatch.setattr(retention, "CASES", 1)
    for n in range(3):
        closed_case(water, content=PDF + bytes([n]))

    def break_off(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_retention(progress=break_off)
    monkeypatch.setattr(retention, "YOUNG", timedelta(days=-1000))
    assert run_retention().tables["case_file"].stubbed == 1
    assert set(files.names()) == set()


@pytest.fixture
def old_log(clock, database):
    """Three events that are over, and three that are not."""
    for year in (2012, 2013, 2014, 2019, 2021, 2022):
        clock.move_to(datetime(year, 9, 4, 7, tzinfo=UTC))
        with db.transaction() as session:
            record(session, SYSTEM, "cases:open", f"case/{year}")
    clock.move_to(NOW)


def whole(anchored=()):
    with db.reading() as session:
        return verify(session, anchored)[1]


def test_the_log_goes_after_seven_years_and_stays_a_chain(old_log, database):
    with db.reading() as session:
        hashes = dict(session.execute(select(Event.sequence, Event.hash)).all())
    assert run_retention(dry_run=True).tables["audit_event"].deleted == 3
    assert run_retention().tables["audit_event"].deleted == 3
    with db.reading() as session:
        assert session.scalar(select(func.min(Event.sequence))) == 4
    assert whole([(2, hashes[2]), (3, hashes[3]), (5, hashes[5])]) is None
    assert whole([(3, b"x" * 32)]) == (3, "rewritten")
    assert run_retention().tables["audit_event"].deleted == 0


@pytest.mark.parametrize("first", ["UPDATE audit_head SET begins_after = 5", "SELECT 1"])
def test_more_of_the_log_cannot_go(old_log, database, first):
    run_retention()
    with database.connect() as connection:
        connection.exec_driver_sql(first)
        with pytest.raises(IntegrityError, match="never changed"):
            connection.exec_driver_sql("DELETE FROM audit_event WHERE sequence <= 5")
    assert whole() is None


def test_what_is_over_does_not_go_before_the_head_says_so(old_log, database):
    with database.connect() as connection, pytest.raises(IntegrityError, match="never changed"):
        connection.exec_driver_sql("DELETE FROM audit_event WHERE sequence <= 2")


def test_who_cuts_the_beginning_with_the_owners_hand_shows(old_log, database):
    """Without the trigger, with the head moved along: what is left begins too late."""
    with database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_event_no_delete")
        connection.exec_driver_sql(
            "UPDATE audit_head SET begins_after = 5, begins_hash = (SELECT hash FROM audit_event WHERE sequence = 5)"
        )
        connection.exec_driver_sql("DELETE FROM audit_event WHERE sequence <= 5")
    assert whole() == (5, "missing")


def test_each_run_is_one_event_with_its_numbers(water):
    closed_case(water)
    run_retention()
    with db.reading() as session:
        event = session.scalar(select(Event).where(Event.action == "privacy:retention"))
        assert verify(session)[1] is None
    assert event.subject == "retention/2026-06-04"
    assert '"case_file stubbed": [null, "1"]' in event.changes
    assert "Zonneveld" not in event.changes
