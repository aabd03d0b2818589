"""Access: whoever asks gets everything about it and who saw it, as JSON and as a letter; a column that is missing fails here."""

import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from sqlalchemy import insert, select, update

from app import db
from app.access import Kind
from app.audit.models import Event
from app.audit.service import record
from app.cases.listing import ListQuery
from app.cases.pause_rules import EndReason
from app.cases.rules import Rank
from app.cases.service import export_cases, open_case
from app.db import EncryptedDate, EncryptedText
from app.documents.models import Document
from app.documents.service import open_document, store
from app.errors import NotFound
from app.practices.models import Report
from app.privacy.access_export import export_client_as_json, export_client_as_pdf, export_own_account
from app.privacy.classes import CLASSES
from app.privacy.export_text import COLUMNS
from app.privacy.queries import TABLES, shown
from app.privacy.rules import Whose
from app.proposals.responding import note_opened
from tests import factory

AT = datetime(2026, 6, 4, tzinfo=UTC)
# columns that lead to the person, that a check holds to certain values, or that are too short for a mark
UNMARKED = {
    "case_file.ref", "case_file.erased_on", "proposal.ref", "proposal.months", "offer.ref", "offer_event.creditor_id",
    "consent_assessment.offer_ref", "consent_assessment.creditor_id", "document.subject_ref", "document.ref", "document.sha256",
    "message.path", "message.address", "message.language", "person.email", "person.language", "organisation_contact.email", "signup.email",
    "consent.signed_person_id", "upload.person_id",
    "bulk_answer.person_id", "bulk_answer.given_at", "saved_filter.person_id",
    "creditor_call.person_id", "job_progress.started_by", "sign_in.ended_at", "person.disabled_at",
    "balance_statement.principal_cents", "balance_statement.interest_cents", "balance_statement.costs_cents",
    "balance_statement.total_cents",
    "mail_bounce.address", "mail_choice.hour", "meeting_participant.person_id", "calendar_feed.person_id",
    "attachment.person_id", "practice_submission.person_id", "practice_remark.person_id", "benchmark.person_id", "complaint_link.person_id",
    "complaint.ref", "complaint.merged_into_id", "complaint.split_from_id", "complaint.erased_on", "attachment.sha256",
    "attachment.kind", "attachment.subject_ref", "complaint.reporter_person_id", "complaint_link.uses", "complaint_link.used",
}  # fmt: skip


APART = {"early_signal", "contact_attempt"}  # of their own purpose (Wgs 8b, 8d): exported by the team, with no case


def about(whose):
    found = {name: shown(name, whose) for name in CLASSES if name != "audit_event" and name not in APART}
    return {name: columns for name, columns in found.items() if columns}


@pytest.fixture(autouse=True)
def still(clock):
    return clock


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def officer(database):
    return factory.actor(factory.organisation(Kind.BANK, name="Kredietbank"), name="Mila Haverkamp", person_id=7001)


def put(table, **values):
    """Write a row in a table; what it does not tell and must hold, gets a value of its type."""
    for column in TABLES[table].columns:
        if column.name not in values and not column.nullable and column.default is None and not column.primary_key:
            values[column.name] = filler(column)
    with db.transaction() as session:
        session.execute(insert(TABLES[table]).values(values))


def filler(column):
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enum_class[kind.enums[0]] if kind.enums[0] in kind.enum_class.__members__ else kind.enum_class(kind.enums[0])
    values = {EncryptedText: "x", sa.JSON: {}, sa.Boolean: False, sa.Integer: 1, sa.Date: date(2026, 6, 4), sa.LargeBinary: b"x"}
    if isinstance(kind, db.UtcDateTime):
        return AT
    return next((value for one, value in values.items() if isinstance(kind, one)), "x")


@pytest.fixture
def offer(water):
    """The offer of a case that has a row in every table about clients."""
    case = factory.case(surname="Zonneveld")
    claim = factory.claim(case, water, rank=Rank.SECURED)
    made = factory.offer(factory.proposal(case, [claim]), claim)
    factory.assessment(made)
    put("offer_event", offer_id=made.id, creditor_id=water.id)
    notice = factory.notice(claim, ended_on=date(2026, 6, 4), end_reason=EndReason.CASE_CLOSED, named_agent_id=water.id)
    put("court_decision", offer_id=made.id, case_id=case.id)
    put("pause_breach", notice_id=notice.id, case_id=case.id, creditor_id=water.id)
    factory.balance_statement(factory.balance_request(claim), explanation="x")
    complaint = factory.complaint(factory.organisation(Kind.NEIGHBOURHOOD_TEAM), water, case_id=case.id, claim_id=claim.id, named="x")
    put("complaint_event", complaint_id=complaint.id)
    put("attachment", kind="complaint", subject_ref=complaint.ref, sha256="a" * 64)
    put("message", organisation_id=water.id, path=f"/offers/{made.ref}", facts={})
    with db.transaction() as session:
        store(session, kind="offer letter", title="Brief", subject_ref=made.ref, organisation_id=water.id, content=b"%PDF-1.7 brief")
    return made


@pytest.fixture
def case(offer):
    with db.reading() as session:
        return session.scalar(select(TABLES["case_file"].c.ref))


def mark(tables):
    """Give every column in which there is room a value that occurs nowhere else; return the texts by which they are known again."""
    texts, number = {}, 0
    for table, columns in tables.items():
        values = {}
        for name in columns:
            number += 1
            if marked := marker(TABLES[table].columns[name], number):
                values[name], texts[f"{table}.{name}"] = marked
        with db.transaction() as session:
            session.execute(update(TABLES[table]).values(values))
    return texts


def marker(column, number):
    kind = column.type
    if f"{column.table.name}.{column.name}" in UNMARKED or column.primary_key or column.foreign_keys:
        return None
    if isinstance(kind, EncryptedDate | sa.Date):
        return (day := date(2190, 1, 1) + timedelta(days=number)), day.isoformat()
    if isinstance(kind, db.UtcDateTime):
        return (at := AT + timedelta(days=60_000 + number)), at.isoformat()
    if isinstance(kind, EncryptedText):
        return f"zq{number}x", f"zq{number}x"
    if isinstance(kind, sa.Boolean | sa.Enum | sa.LargeBinary):
        return None
    if isinstance(kind, sa.Integer):
        return 790_000_000 - number, str(790_000_000 - number)  # each less than the one before: a payment fits in its claim
    if isinstance(kind, sa.JSON):
        return {"mark": f"zq{number}x"}, f"zq{number}x"
    return f"zq{number}x", f"zq{number}x"


def text_of(pdf):
    """Return all that a PDF says; a value that ran on over two lines is one again."""
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")


def test_every_column_about_a_client_is_in_both_exports(officer, case):
    tables = about(Whose.CLIENT)
    texts = mark(tables)
    found = export_client_as_json(officer, case).decode()
    letter = text_of(export_client_as_pdf(officer, case))
    assert len(texts) > 80
    assert [name for name, text in texts.items() if text not in found] == []
    assert [name for name, text in texts.items() if text not in letter] == []
    records = json.loads(found)["records"]
    missing = [f"{table}.{name}" for table, names in tables.items() for name in names if name not in (records.get(table) or [{}])[0]]
    assert missing == []
    assert [
        COLUMNS[name] for names in tables.values() for name in names if COLUMNS[name].replace(" ", "") not in letter.replace(" ", "")
    ] == []


def _report(water):
    row = factory.save(Report(ref=db.new_ref("P"), creditor_id=water.id, year=2025, created_at=AT))
    return row.id


def fill_for(person, water, tables):
    """Write a row about a person in each table about colleagues."""
    own = {"consent": "signed_person_id", "job_progress": "started_by"}
    keys = {"job_progress": {"key": "k"}, "invitation": {"token_hash": b"t"}}
    keys |= {"personal_mail": {"day": AT.date()}, "attachment": {"sha256": "a" * 64}}
    keys |= {"meeting_participant": {"meeting_id": factory.meeting(water).id}}
    report = {"report_id": _report(water)}
    keys |= {"practice_submission": report | {"number": 2}, "practice_remark": report, "complaint": {"state": "draft"}}
    keys["complaint"] |= {"reporter_organisation_id": water.id}
    own |= {"complaint": "reporter_person_id"}
    for table in sorted(set(tables) - {"person", "membership"}):  # a message before its mark
        found = {one: {"address": person.email} for one in ("message", "mail_bounce")} | {
            one: {"email": person.email} for one in ("organisation_contact", "signup")
        }
        parties = {name: water.id for name in ("organisation_id", "creditor_id") if name in TABLES[table].columns}
        put(table, **parties | keys.get(table, {}) | found.get(table, {own.get(table, "person_id"): person.id}))


def test_every_column_about_a_colleague_is_in_the_own_export(water):
    person, tables = factory.person(water, name="Mia Vos"), about(Whose.COLLEAGUE)
    fill_for(person, water, tables)
    texts = mark(tables)
    found = export_own_account(factory.actor(water, name="Mia Vos", person_id=person.id)).decode()
    assert [name for name, text in texts.items() if text not in found] == []
    records = json.loads(found)["records"]
    assert [f"{table}.{name}" for table, names in tables.items() for name in names if name not in (records.get(table) or [{}])[0]] == []


def test_it_tells_who_saw_the_case_its_offers_and_its_letters(officer, water, offer, case):
    reader = factory.actor(water, name="Piet Kijker")
    with db.reading() as session:
        letter = session.scalar(select(Document.ref))
    open_case(officer, case)
    note_opened(reader, offer.ref)
    open_document(officer, letter)
    export_cases(officer, ListQuery())
    events = json.loads(export_client_as_json(officer, case))["events"]
    seen = [(one["actor"], one["organisation"], one["action"]) for one in events]
    assert ("Mila Haverkamp", "Kredietbank", "cases:open") in seen
    assert ("Piet Kijker", "Waterbedrijf Westerdok", "offers:open") in seen
    assert ("Mila Haverkamp", "Kredietbank", "documents:open") in seen
    assert ("Mila Haverkamp", "Kredietbank", "cases:export") in seen
    assert "Piet Kijker" in text_of(export_client_as_pdf(officer, case))


def test_the_own_export_tells_what_others_did_with_the_account(water):
    person = factory.person(water, name="Mia Vos")
    with db.transaction() as session:
        record(session, factory.actor(water, name="Bea Beheer"), "people:reset", f"person/{person.id}")
        record(session, factory.actor(water, name="Bea Beheer"), "people:reset", f"person/{person.id}0")
    events = json.loads(export_own_account(factory.actor(water, person_id=person.id)))["events"]
    assert [(one["actor"], one["action"]) for one in events] == [("Bea Beheer", "people:reset")]


def test_it_tells_nothing_of_others(officer, water, case):
    other = factory.case(surname="Vreemdeling")
    claim = factory.claim(other, water, reference="VREEMD-1")
    theirs = factory.offer(factory.proposal(other, [claim]), claim, words="vreemd")
    export_cases(officer, ListQuery())
    found = export_client_as_json(officer, case).decode()
    assert [one for one in ("Vreemdeling", "VREEMD-1", other.ref, theirs.ref) if one in found] == []


def test_it_holds_no_keys_and_codes(officer, offer, case):
    found = export_client_as_json(officer, case).decode()
    assert offer.code not in found
    assert '"code_index"' not in found


def test_making_it_is_an_event(officer, case):
    export_client_as_json(officer, case)
    export_client_as_pdf(officer, case)
    with db.reading() as session:
        told = session.execute(select(Event.subject, Event.changes).where(Event.action == "privacy:export").order_by(Event.sequence)).all()
    assert [tuple(one) for one in told] == [(f"case/{case}", '{"form": [null, "json"]}'), (f"case/{case}", '{"form": [null, "pdf"]}')]


@pytest.mark.parametrize("kind", [Kind.CREDITOR, Kind.AGENT, Kind.RELATIONS_TEAM, Kind.NEIGHBOURHOOD_TEAM, Kind.CITY])
def test_officers_alone_make_it(kind, case):
    stranger = factory.actor(factory.organisation(kind, name="buurtteam Zuid"))
    for export in (export_client_as_json, export_client_as_pdf):
        with pytest.raises(NotFound):
            export(stranger, case)


def test_a_hostile_name_is_written_as_it_is(officer):
    case = factory.case(surname="<img src=x> {{ 7*7 }} Ünïcødé")
    assert "<img src=x> {{ 7*7 }} Ünïcødé" in export_client_as_json(officer, case.ref).decode()
    assert "<imgsrc=x>{{7*7}}Ünïcødé" in text_of(export_client_as_pdf(officer, case.ref)).replace(" ", "")
