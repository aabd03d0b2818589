"""Privacy on PostgreSQL as production has it: retention, rest, access and keys work for the role that owns nothing."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app import connect, db
from app.access import SYSTEM, Kind
from app.audit.models import Event
from app.audit.service import record, verify
from app.cases.models import Case
from app.config import FieldKeys
from app.consents.models import Assessment
from app.privacy.access_export import export_client_as_json, export_client_as_pdf
from app.privacy.restriction import lift_restriction, restrict_case
from app.privacy.retention import run_retention
from app.privacy.rotation import key_status, rotate_keys, told
from app.proposals.lifecycle import Visibility
from app.proposals.models import Offer
from app.reach import act_as_before, act_within
from tests import factory
from tests.conftest import KEYS

pytestmark = pytest.mark.postgres


@pytest.fixture
def officer(walled):
    return factory.actor(factory.organisation(Kind.BANK, name="Kredietbank"), name="Mila Haverkamp", person_id=7001)


@pytest.fixture
def case(walled):
    made = factory.case(surname="Zonneveld")
    claim = factory.claim(made, factory.organisation())
    factory.assessment(factory.offer(factory.proposal(made, [claim]), claim))
    return made


@pytest.fixture
def within(officer):
    """Act as far as the officer's reach goes."""
    token = act_within(officer.reach())
    yield
    act_as_before(token)


def the(model, case):
    with db.reading(as_portal=True) as session:
        return session.scalar(select(model).where(model.case_id == case.id) if model is Offer else select(model).where(model.id == case.id))


def test_an_officer_lets_a_case_rest_within_its_reach(officer, case, within):
    restrict_case(officer, case.ref, "Op verzoek", 1)
    assert the(Offer, case).visibility is Visibility.RESTRICTED
    with db.reading(as_portal=True) as session:
        assert session.scalar(select(Assessment.rests).where(Assessment.offer_ref == the(Offer, case).ref)) is True
    lift_restriction(officer, case.ref, 2)
    assert the(Offer, case).visibility is Visibility.VISIBLE


def test_an_officer_makes_an_export_within_its_reach(officer, case, within):
    found = json.loads(export_client_as_json(officer, case.ref))
    assert [len(found["records"][table]) for table in ("case_file", "claim", "proposal", "offer", "consent_assessment")] == [1] * 5
    assert export_client_as_pdf(officer, case.ref).startswith(b"%PDF")


def test_retention_ends_cases_and_the_oldest_of_the_log(walled, clock, case):
    with db.transaction() as session:
        session.get(Case, case.id).closed_on = date(2021, 1, 1)
    dry, real = run_retention(dry_run=True), run_retention()
    assert (dry.tables, dry.files) == (real.tables, real.files)
    assert (the(Case, case).surname, the(Offer, case).visibility) == ("", Visibility.ERASED)


def test_the_serving_role_forgets_the_log_by_the_one_way_there_is(walled, clock, owner_of):
    connect(owner_of)  # a log of which the oldest events are over, as the owner can make one
    with db.engine().begin() as connection:
        for guard in ("audit_event_append_only", "audit_event_forget"):
            connection.execute(text(f"ALTER TABLE audit_event DISABLE TRIGGER {guard}"))
        connection.execute(text("DELETE FROM audit_event"))
        connection.execute(text("UPDATE audit_head SET sequence = 0, hash = decode(repeat('00', 32), 'hex')"))
        for guard in ("audit_event_append_only", "audit_event_forget"):
            connection.execute(text(f"ALTER TABLE audit_event ENABLE TRIGGER {guard}"))
    db.engine().dispose()
    connect(walled)
    for year in (2012, 2013, 2019, 2022):
        clock.move_to(datetime(year, 9, 4, 7, tzinfo=UTC))
        with db.transaction(as_portal=True) as session:
            record(session, SYSTEM, "cases:open", f"case/{year}")
    clock.move_to(datetime(2026, 6, 4, 7, tzinfo=UTC))
    assert run_retention().tables["audit_event"].deleted == 2
    with db.reading(as_portal=True) as session:
        assert verify(session)[1] is None
        assert session.scalar(select(func.min(Event.sequence))) == 3
    for statement in ("DELETE FROM audit_event", "SELECT audit_forget(1, 4)"):
        with pytest.raises(DBAPIError, match=r"permission denied|never changed"), db.transaction(as_portal=True) as session:
            session.execute(text(statement))


def test_keys_are_changed(walled, case):
    db.engine().dispose()
    connect(replace(walled, field_keys=FieldKeys({**KEYS.ring, 2: bytes(range(64, 96))}, KEYS.index)))
    rotate_keys(indexes=True)
    assert dict(told(key_status()))[1] == 0
    assert the(Case, case).surname == "Zonneveld"
