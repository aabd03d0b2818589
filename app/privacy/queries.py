"""Read what is kept about a person, table by table (all columns that are about it and are no secret), and until when."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.accounts.models import Person
from app.audit.models import Event
from app.cases.models import BalanceRequest, Case, Notice
from app.cases.queries import CaseFacts, facts, visible_case
from app.creditors.models import Organisation
from app.db import Base
from app.privacy.classes import CLASSES
from app.privacy.rules import CASE_YEARS, Whose, years_after
from app.proposals.models import Offer, Proposal
from app.relations.models import Complaint

TABLES = Base.metadata.tables
PIECE = 500  # references in one question
NAMED = frozenset({"creditor_id", "agent_id", "named_agent_id", "bailiff_id", "organisation_id", "concerns_id"})  # said by their names
TAKEN_ALONG = ("cases:export", "offers:export", "balances:export")  # downloads of lists: their events name what was in them

Record = dict[str, Any]


@dataclass(frozen=True)
class Everything:
    """What is kept about somebody: rows per table, and who did what with them."""

    records: dict[str, list[Record]]
    events: list[Record]


@dataclass(frozen=True)
class PrivacyPage:
    """What the page of a case's privacy shows."""

    case: CaseFacts
    restricted_by: str
    restricted_reason: str
    closed_on: date | None
    erased_from: date | None  # the first day on which the person goes; None while the data rest
    may_restrict: bool
    may_close: bool


def privacy_page(session: Session, actor: Actor, ref: str) -> PrivacyPage:
    """Return how long the client of a case is kept and whether its data rest. Raises NotFound."""
    actor.must(Permission.EXPORT_PRIVACY)
    case = visible_case(session, actor, ref)
    erased_from = years_after(case.closed_on, CASE_YEARS) if case.closed_on and not case.restricted_at else None
    return PrivacyPage(
        facts(case), case.restricted_by or "", case.restricted_reason or "", case.closed_on, erased_from,
        actor.may(Permission.RESTRICT_CASES), actor.may(Permission.EDIT_CASES),
    )  # fmt: skip


# ── a client ─────────────────────────────────────────────────────────────────


# what a case has under references of its own, by the word for it in the log
PARTS: dict[str, type[Proposal | Offer | BalanceRequest | Notice | Complaint]] = {
    "notice": Notice, "proposal": Proposal, "offer": Offer, "balance": BalanceRequest, "complaint": Complaint,
}  # fmt: skip


def about_client(session: Session, case: Case) -> Everything:
    """Return every row about the client of a case, and every event of the log on the case, its offers and its letters.

    Whoever calls has loaded the case for its actor.
    """
    parts = {kind: _refs(session, part, case.id) for kind, part in PARTS.items()}
    subjects = [case.ref, *(ref for refs in parts.values() for ref in refs.values())]
    names = _organisations(session)
    ways = _ways_to_client(case.id, parts, subjects)
    records = {name: list(_rows(session, name, Whose.CLIENT, where, names)) for name, where in ways.items()}
    events = [f"case/{case.ref}", *(f"{kind}/{ref}" for kind, refs in parts.items() for ref in refs.values())]
    events += [f"document/{row['ref']}" for row in records["document"]]
    return Everything(records, _events(session, [*_any_of(Event.subject, events), *_exports(subjects)]))


def _refs(session: Session, part: Any, case_id: int) -> dict[int, str]:
    """Return the references of one kind of part of a case, by their numbers."""
    found = session.execute(select(part.id, part.ref).where(part.case_id == case_id).order_by(part.id))
    return {row[0]: row[1] for row in found}


def _ways_to_client(case_id: int, parts: dict[str, dict[int, str]], subjects: list[str]) -> dict[str, list[ColumnElement[bool]]]:
    """Return for each table that is about a client how its rows are found; in this order they stand in the export."""
    c = {name: TABLES[name].c for name in TABLES}
    return {
        "case_file": [c["case_file"].id == case_id],
        "claim": [c["claim"].case_id == case_id],
        "notice": [c["notice"].case_id == case_id],
        "pause_breach": [c["pause_breach"].case_id == case_id],
        "complaint": [c["complaint"].case_id == case_id],
        "complaint_event": _any_of(c["complaint_event"].complaint_id, list(parts["complaint"])),
        "proposal": [c["proposal"].case_id == case_id],
        "balance_request": [c["balance_request"].case_id == case_id],
        "balance_statement": _any_of(c["balance_statement"].request_id, list(parts["balance"])),
        "offer": [c["offer"].case_id == case_id],
        "court_decision": [c["court_decision"].case_id == case_id],
        "offer_event": _any_of(c["offer_event"].offer_id, list(parts["offer"])),
        "consent_assessment": _any_of(c["consent_assessment"].offer_ref, list(parts["offer"].values())),
        "document": _any_of(c["document"].subject_ref, subjects),
        "attachment": _any_of(c["attachment"].subject_ref, subjects),
        "message": _naming(c["message"].facts, c["message"].path, subjects),
    }


def _exports(refs: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    for some in _pieces(refs, 50):
        yield Event.action.in_(TAKEN_ALONG) & or_(*(Event.changes.contains(ref, autoescape=True) for ref in some))


def _naming(facts: ColumnElement[Any], path: ColumnElement[Any], refs: Sequence[str]) -> list[ColumnElement[bool]]:
    """Find messages by the references in them: they hold no names."""
    text = cast(facts, String)
    return [or_(*(one for ref in some for one in (text.contains(ref), path.contains(ref)))) for some in _pieces(refs, 50)]


# ── a colleague ──────────────────────────────────────────────────────────────


def about_colleague(session: Session, person: Person) -> Everything:
    """Return every row about somebody's account, and every event of the log that it caused or that is about it."""
    c = {name: TABLES[name].c for name in TABLES}
    own = (
        "membership", "recovery_code", "passkey", "joining", "invitation", "sign_in", "federated_identity", "upload", "bulk_answer",
        "saved_filter", "creditor_call", "message_mark", "personal_mail", "mail_choice", "attachment", "complaint_link",
        "practice_submission", "practice_remark", "benchmark", "meeting_participant", "calendar_feed",
    )  # fmt: skip
    ways = {name: [c[name].person_id == person.id] for name in own} | {
        "person": [c["person"].id == person.id],
        "consent": [c["consent"].signed_person_id == person.id],
        "job_progress": [c["job_progress"].started_by == person.id],
        "message": [c["message"].address == person.email],
        "mail_bounce": [c["mail_bounce"].address == person.email],
        "signup": [c["signup"].email == person.email],
        "complaint": [or_(c["complaint"].reporter_person_id == person.id, c["complaint"].owner_id == person.id)],
        "organisation_contact": [c["organisation_contact"].email == person.email],
    }
    names = _organisations(session)
    records = {name: list(_rows(session, name, Whose.COLLEAGUE, where, names)) for name, where in ways.items()}
    return Everything(records, _events(session, [Event.person_id == person.id, Event.subject == f"person/{person.id}"]))


# ── what they share ──────────────────────────────────────────────────────────


def _organisations(session: Session) -> dict[int, str]:
    return {row[0]: row[1] for row in session.execute(select(Organisation.id, Organisation.name).order_by(Organisation.id))}


def _any_of(column: Any, values: Sequence[Any]) -> list[ColumnElement[bool]]:
    return [column.in_(some) for some in _pieces(values, PIECE)]


def _pieces(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def shown(table: str, whose: Whose) -> list[str]:
    """Return the columns of a table that an export to such a person shows."""
    return [name for name, rule in CLASSES[table].columns.items() if whose in rule.whose and not rule.is_secret]


def _rows(session: Session, name: str, whose: Whose, ways: Iterable[ColumnElement[bool]], names: dict[int, str]) -> Iterator[Record]:
    table = TABLES[name]
    columns = [table.c[one] for one in shown(name, whose)]
    for where in ways:
        for row in session.execute(select(*columns).where(where).order_by(*table.primary_key.columns)):
            yield {
                column.name: names.get(value, value) if column.name in NAMED else _plain(value)
                for column, value in zip(columns, row, strict=True)
            }


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


def _events(session: Session, ways: Iterable[ColumnElement[bool]]) -> list[Record]:
    columns = (Event.sequence, Event.at, Event.actor, Event.organisation, Event.action, Event.subject, Event.result, Event.changes)
    found: dict[int, Record] = {}
    for where in ways:
        for row in session.execute(select(*columns).where(where).order_by(Event.sequence)):
            changes = {field: {"old": old, "new": new} for field, (old, new) in json.loads(row.changes).items()}
            if row.action in TAKEN_ALONG:
                changes.pop("refs", None)  # names the cases of others
            found[row.sequence] = {
                "at": row.at.isoformat(), "actor": row.actor, "organisation": row.organisation, "action": row.action,
                "subject": row.subject, "result": row.result, "changes": changes,
            }  # fmt: skip
    return [found[number] for number in sorted(found)]
