"""Read complaints for who reported them and for whom they are about: lists, one complaint, and the companies to choose from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.access import Actor, Kind, Permission
from app.cases.models import Case, Claim
from app.cases.queries import visible_case
from app.counts import MOST
from app.creditors.models import Organisation
from app.creditors.queries import LISTED
from app.documents.attachments import AttachmentRow, attachments_about
from app.errors import NotFound
from app.relations.complaint_access import reported_by, visible_reported
from app.relations.complaint_lifecycle import OPEN, State
from app.relations.complaint_rules import Answer, Audience, ComplaintKind, Helped, Outcome, Severity, What
from app.relations.complaint_steps import FILES
from app.relations.models import Complaint, ComplaintEvent

CHOICES = 8  # companies that a search offers
TYPED = 120  # signs of what was typed that it looks for
STATUSES = ("open", "mine", "draft", "news", "closed", "all")


@dataclass(frozen=True)
class ListQuery:
    """What a list was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    kind: str = ""
    after: str = ""


@dataclass(frozen=True)
class ComplaintRow:
    """One complaint as a list shows it."""

    ref: str
    state: State
    kind: ComplaintKind | None
    severity: Severity
    about: str  # the company, or the name that the reporter gave it
    agent: str
    is_known: bool  # the company is in the register
    reporter: str
    team: str
    owner: str
    reported_on: date | None
    happened_on: date | None
    answer_by: date | None
    due_on: date | None
    is_urgent: bool
    is_paused: bool
    answer: Answer | None
    outcome: Outcome | None


@dataclass(frozen=True)
class ComplaintList:
    rows: list[ComplaintRow]
    query: ListQuery
    counts: dict[str, int]
    next_after: str


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    what: What
    audience: Audience
    at: datetime
    who: str
    organisation: str
    words: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class ReportedPage:
    """A complaint as its reporter sees it."""

    row: ComplaintRow
    words: str
    wish: str
    case_ref: str
    client_agrees: bool
    receipt_by: date | None
    received_at: datetime | None
    pause_reason: str
    outcome_words: str
    helped: Helped | None
    merged_into: str
    named_at: datetime | None
    has_client: bool
    lines: list[Line]
    files: list[AttachmentRow]
    may_add: bool
    may_say: bool
    revision: int


@dataclass(frozen=True)
class Choice:
    """A company that a search found."""

    code: int
    name: str
    kind: Kind
    city: str


@dataclass(frozen=True)
class Draft:
    """A draft, to fill the form with."""

    ref: str
    kind: ComplaintKind | None
    happened_on: date | None
    words: str
    wish: str
    is_urgent: bool
    party: Choice | None
    named: str
    case_ref: str
    claim_id: int | None
    client_agrees: bool
    client_name: str
    client_reference: str
    files: list[AttachmentRow]


# ── rows ─────────────────────────────────────────────────────────────────────

CREDITOR, _agent, _team = aliased(Organisation), aliased(Organisation), aliased(Organisation)
_COLUMNS: tuple[Any, ...] = (
    Complaint.ref, Complaint.state, Complaint.kind, Complaint.severity, Complaint.named, Complaint.reporter, Complaint.owner,
    Complaint.reported_on, Complaint.happened_on, Complaint.answer_by, Complaint.due_on, Complaint.is_urgent, Complaint.paused_on,
    Complaint.answer, Complaint.outcome, CREDITOR.name.label("creditor"), _agent.name.label("agent"), _team.name.label("team"),
)  # fmt: skip


def rows_where(*where: ColumnElement[bool]) -> Select[Any]:
    """Select what `row_of` reads, of the complaints that fit."""
    return (
        select(*_COLUMNS)
        .select_from(Complaint)
        .outerjoin(CREDITOR, CREDITOR.id == Complaint.creditor_id)
        .outerjoin(_agent, _agent.id == Complaint.agent_id)
        .outerjoin(_team, _team.id == Complaint.reporter_organisation_id)
        .where(*where)
    )


def named_like(q: str) -> ColumnElement[bool]:
    """Say in SQL that a complaint is about a company with this in its name, or has this number."""
    return or_(
        CREDITOR.name.icontains(q, autoescape=True), _agent.name.icontains(q, autoescape=True),
        Complaint.named.icontains(q, autoescape=True), Complaint.ref == q.upper(), Complaint.reporter.icontains(q, autoescape=True),
    )  # fmt: skip


def row_of(row: Row[Any]) -> ComplaintRow:
    """Return a selected row as lists show it."""
    return ComplaintRow(
        row.ref, row.state, row.kind, row.severity, row.creditor or row.agent or row.named,
        row.agent if row.creditor and row.agent else "", bool(row.creditor or row.agent), row.reporter, row.team or "", row.owner,
        row.reported_on, row.happened_on, row.answer_by, row.due_on, row.is_urgent, row.paused_on is not None, row.answer, row.outcome,
    )  # fmt: skip


def row_for(session: Session, complaint: Complaint) -> ComplaintRow:
    """Return one complaint, which the caller loaded, as lists show it."""
    return row_of(session.execute(rows_where(Complaint.id == complaint.id)).one())


def lines_of(session: Session, complaint: Complaint, *audiences: Audience, party_id: int | None = None) -> list[Line]:
    """Return the history for some readers, oldest first; for a company only what was written with it."""
    mine = select(ComplaintEvent).where(ComplaintEvent.complaint_id == complaint.id, ComplaintEvent.audience.in_(audiences))
    if party_id is not None:
        mine = mine.where(or_(ComplaintEvent.creditor_id == party_id, ComplaintEvent.agent_id == party_id))
    found = session.scalars(mine.order_by(ComplaintEvent.at, ComplaintEvent.id))
    return [Line(one.what, one.audience, one.at, one.who, one.organisation, one.words, one.facts) for one in found]


def counting(*where: ColumnElement[bool]) -> Select[Any]:
    """Give the statement that counts complaints, up to the number from which a page says '999+'."""
    found = select(Complaint.id).where(*where).limit(MOST).subquery()
    return select(func.count()).select_from(found)


def count_where(session: Session, *where: ColumnElement[bool]) -> int:
    """Count complaints."""
    return session.scalar(counting(*where)) or 0


def listed(session: Session, found: Select[Any], query: ListQuery, size: int) -> tuple[list[ComplaintRow], str]:
    """Return one page of complaints, the newest first, and after which the next page begins. Raises NotFound."""
    if query.after:
        place = session.scalar(found.with_only_columns(Complaint.id).where(Complaint.ref == query.after).order_by(None))
        if place is None:
            raise NotFound
        found = found.where(Complaint.id < place)
    rows = [row_of(row) for row in session.execute(found.order_by(Complaint.id.desc()).limit(size + 1))]
    return rows[:size], rows[size - 1].ref if len(rows) > size else ""


def of_kind(kind: str) -> ColumnElement[bool]:
    """Say in SQL that a complaint is of a kind; what is none means every kind."""
    return Complaint.kind == ComplaintKind(kind) if kind in set(ComplaintKind) else true()


# ── who reported ─────────────────────────────────────────────────────────────


def reported_list(session: Session, actor: Actor, query: ListQuery, size: int = 50) -> ComplaintList:
    """Return one page of what the own team reported. Raises NotFound."""
    actor.must(Permission.REPORT_COMPLAINTS)
    rows, after = listed(session, _reported(actor, query), query, size)
    counts = {status: count_where(session, reported_by(actor), of_status(actor, status)) for status in STATUSES}
    return ComplaintList(rows, query, counts, after)


def reported_rows(session: Session, actor: Actor, query: ListQuery) -> Iterator[ComplaintRow]:
    """Yield every row that the filters show, for a file."""
    actor.must(Permission.REPORT_COMPLAINTS)
    for row in session.execute(_reported(actor, query).order_by(Complaint.id.desc())):
        yield row_of(row)


def heard_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts outcomes of which nobody of the own team said yet whether they helped, for the menu."""
    return counting(reported_by(actor), of_status(actor, "news"))


def _reported(actor: Actor, query: ListQuery) -> Select[Any]:
    status = query.status if query.status in STATUSES else "all" if query.q else "open"
    where = [reported_by(actor), of_status(actor, status), of_kind(query.kind)]
    return rows_where(*where, *([named_like(query.q)] if query.q else []))


def of_status(actor: Actor, status: str) -> ColumnElement[bool]:
    """Return the condition of a status in the list of who reported; any other one means all."""
    return {
        "news": and_(Complaint.state == State.CLOSED, Complaint.helped.is_(None)),
        "open": Complaint.state.in_(OPEN),
        "mine": and_(Complaint.reporter_person_id == actor.person_id, Complaint.state != State.DRAFT),
        "draft": Complaint.state == State.DRAFT,
        "closed": Complaint.state.in_((State.CLOSED, State.MERGED)),
    }.get(status, Complaint.id > 0)


def reported_page(session: Session, actor: Actor, ref: str) -> ReportedPage:
    """Return a complaint that the own team reported. Raises NotFound, also for a draft."""
    one = visible_reported(session, actor, ref)
    if one.state is State.DRAFT:
        raise NotFound
    target = session.scalar(select(Complaint.ref).where(Complaint.id == one.merged_into_id, reported_by(actor)))
    return ReportedPage(
        row=row_for(session, one), words=one.words, wish=one.wish, case_ref=case_ref(session, one), client_agrees=one.client_agrees,
        receipt_by=one.receipt_by, received_at=one.received_at, pause_reason=one.pause_reason, outcome_words=one.outcome_words,
        helped=one.helped, merged_into=target or "", named_at=one.named_at, has_client=bool(one.client_name),
        lines=lines_of(session, one, Audience.REPORTER),
        files=attachments_about(session, FILES, [one.ref]), may_add=one.state in OPEN, may_say=one.state is State.CLOSED,
        revision=one.revision,
    )  # fmt: skip


def draft_of(session: Session, actor: Actor, ref: str) -> Draft:
    """Return an own draft, to go on with. Raises NotFound."""
    one = visible_reported(session, actor, ref)
    if one.state is not State.DRAFT:
        raise NotFound
    party = session.get(Organisation, one.agent_id if one.agent_id and not one.creditor_id else one.creditor_id or 0)
    return Draft(
        one.ref, one.kind, one.happened_on, one.words, one.wish, one.is_urgent, _choice(party) if party else None, one.named,
        case_ref(session, one), one.claim_id, one.client_agrees, one.client_name, one.client_reference,
        attachments_about(session, FILES, [one.ref]),
    )  # fmt: skip


def is_draft(session: Session, actor: Actor, ref: str) -> bool:
    """Tell whether an own draft is still one. Raises NotFound for a reference that the actor does not see."""
    return bool(ref) and visible_reported(session, actor, ref).state is State.DRAFT


def case_ref(session: Session, complaint: Complaint) -> str:
    """Return the number of the case that a complaint is related to, or nothing."""
    return session.scalar(select(Case.ref).where(Case.id == complaint.case_id)) or "" if complaint.case_id else ""


def claims_of(session: Session, actor: Actor, ref: str) -> list[tuple[int, str, str]]:
    """Return the claims of a case that the actor sees: number, creditor with its own reference, and who collects. Raises NotFound."""
    actor.must(Permission.READ_CASES)
    case = visible_case(session, actor, ref)
    creditor, agent = aliased(Organisation), aliased(Organisation)
    found = (
        select(Claim.id, creditor.name, Claim.reference, agent.name)
        .join(creditor, creditor.id == Claim.creditor_id)
        .outerjoin(agent, agent.id == func.coalesce(Claim.bailiff_id, Claim.agent_id))
        .where(Claim.case_id == case.id)
        .order_by(creditor.name, Claim.id)
    )
    return [(row[0], f"{row[1]} {row[2]}".strip(), row[3] or "") for row in session.execute(found)]


# ── companies to choose from ─────────────────────────────────────────────────


def parties(session: Session, q: str) -> list[Choice]:
    """Return the creditors and agents whose name or code fits what was typed, those that begin with it first."""
    q = "".join(sign for sign in q[:TYPED] if sign.isprintable()).strip()
    if not q:
        return []
    fits = [Organisation.name.icontains(q, autoescape=True)]
    if q.isascii() and q.isdigit() and len(q) < 10:
        fits.append(Organisation.code == int(q))
    known = (Organisation.kind.in_(LISTED), Organisation.code.is_not(None), Organisation.merged_into_id.is_(None), or_(*fits))
    begins = Organisation.name.istartswith(q, autoescape=True)
    found = select(Organisation).where(*known).order_by(begins.desc(), Organisation.name, Organisation.id).limit(CHOICES)
    return [_choice(one) for one in session.scalars(found)]


def party_of(session: Session, code: int) -> Choice | None:
    """Return the creditor or agent with a code."""
    found = session.scalar(select(Organisation).where(Organisation.code == code, Organisation.kind.in_(LISTED)))
    return _choice(found) if found else None


def _choice(one: Organisation) -> Choice:
    return Choice(one.code or 0, one.name, one.kind, one.city)
