"""Read complaints for the relations team: the queue by day, one complaint with all that belongs to it, patterns, and the download."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.accounts.queries import colleagues_of
from app.clock import local, today
from app.creditors.models import Organisation
from app.db import as_portal
from app.deadlines import working_days_between
from app.documents.attachments import AttachmentRow, attachments_about
from app.relations.complaint_access import triaged_by, visible_triaged
from app.relations.complaint_lifecycle import OPEN, WITH_TEAM, Move, State, moves
from app.relations.complaint_queries import (
    ComplaintRow,
    Line,
    case_ref,
    count_where,
    counting,
    lines_of,
    named_like,
    of_kind,
    row_for,
    row_of,
    rows_where,
)
from app.relations.complaint_rules import DUPLICATE_DAYS, Audience, Category, ComplaintKind
from app.relations.complaint_steps import FILES
from app.relations.models import Complaint, ComplaintPattern
from app.relations.paging import SIZE, Stretch, in_order, page_of
from app.relations.profile_queries import profile_code

SHOWN = ("", "confirm", "late", "today", "week", "mine", "nobody", "creditor", "silent", "unknown", "paused", "closed", "all")
GROUPS = ("late", "today", "week", "later", "paused", "done")


@dataclass(frozen=True)
class QueueQuery:
    """What the queue was asked for, as it stands in the address."""

    q: str = ""
    show: str = ""
    kind: str = ""
    after: str = ""


@dataclass(frozen=True)
class Queue:
    """The queue in groups by day, and the numbers over it."""

    groups: list[tuple[str, list[ComplaintRow]]]
    query: QueueQuery
    counts: dict[str, int]
    next_after: str


@dataclass(frozen=True)
class PatternRow:
    id: int
    organisation: str
    code: int | None
    kind: ComplaintKind
    number: int
    first_on: date
    raised_at: datetime
    revision: int


@dataclass(frozen=True)
class Clock:
    """One of the terms of a complaint: how many working days of how many went by, and by when."""

    name: str
    by: date | None
    day: int
    of: int
    done_on: date | None
    state: str  # done, late, soon, paused, waits or empty


@dataclass(frozen=True)
class TriagePage:
    """Everything that the relations team sees of one complaint."""

    row: ComplaintRow
    words: str
    wish: str
    case_ref: str
    named: str
    reporter_address: bool
    by_link: bool
    client_agrees: bool
    client_name: str
    category: Category | None
    owner_id: int | None
    paused_on: date | None
    pause_reason: str
    told_words: str
    agent_told: bool
    reminded_on: date | None
    named_at: datetime | None
    addressed_at: datetime | None
    reported_at: datetime | None
    outcome_words: str
    clocks: list[Clock]
    lines: list[Line]
    notes: list[Line]
    files: list[AttachmentRow]
    similar: list[ComplaintRow]
    merged: list[str]
    merged_into: str
    split_from: str
    parts: list[str]
    colleagues: list[tuple[int, str]]
    moves: frozenset[Move]
    is_open: bool
    revision: int
    profile: int | None  # the code by which the creditor's profile opens


# what has a day stands by that day, the urgent first; what waits or is over below it, the newest first
RUNNING = Stretch((Complaint.due_on, case((Complaint.is_urgent, 0), else_=1), Complaint.id), Complaint.due_on.is_not(None))
ORDER = (RUNNING, Stretch((Complaint.id,), Complaint.due_on.is_(None), is_backwards=True))


# ── the queue ────────────────────────────────────────────────────────────────


def queue(session: Session, actor: Actor, query: QueueQuery, size: int = SIZE) -> Queue:
    """Return one page of the complaints that fit the filters, grouped by the day on which something has to happen.

    Raises NotFound, also after a complaint that the team does not see.
    """
    actor.must(Permission.TRIAGE_COMPLAINTS)
    after = and_(Complaint.ref == query.after, triaged_by(actor)) if query.after else None
    found, next_after = page_of(session, _found(actor, query), ORDER, after, size)
    groups: dict[str, list[ComplaintRow]] = {name: [] for name in GROUPS}
    for row in map(row_of, found):
        groups[group_of(row)].append(row)
    counts = {name: _number(session, actor, name) for name in ("late", "today", "week", "open")}
    return Queue([(name, rows) for name, rows in groups.items() if rows], query, counts, next_after)


def group_of(row: ComplaintRow) -> str:
    """Say in which part of the queue a complaint stands."""
    if row.state in {State.CLOSED, State.MERGED}:
        return "done"
    if row.is_paused or row.due_on is None:
        return "paused"
    if row.due_on <= today():
        return "late" if row.due_on < today() else "today"
    return "week" if row.due_on <= end_of_week() else "later"


def end_of_week() -> date:
    """Return the Sunday of this week."""
    return today() + timedelta(days=7 - today().isoweekday())


def open_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts what waits for the relations team, for the menu."""
    return counting(triaged_by(actor), Complaint.state.in_(WITH_TEAM), Complaint.paused_on.is_(None))


def first_rows(session: Session, actor: Actor, most: int) -> list[ComplaintRow]:
    """Return the complaints in which something has to happen first; nothing for who does not see the queue."""
    found = rows_where(triaged_by(actor))
    return [row_of(row) for row in session.execute(RUNNING.ordered(found).limit(most))] if actor.may(Permission.TRIAGE_COMPLAINTS) else []


def all_rows(session: Session, actor: Actor, query: QueueQuery) -> Iterator[ComplaintRow]:
    """Yield every row that the filters show."""
    for row in in_order(session, _found(actor, query), ORDER):
        yield row_of(row)


def _found(actor: Actor, query: QueueQuery) -> Select[Any]:
    where = [triaged_by(actor), shown_as(actor, query.show or ("all" if query.q else "")), of_kind(query.kind)]
    return rows_where(*where, *([named_like(query.q)] if query.q else []))


def shown_as(actor: Actor, show: str) -> ColumnElement[bool]:
    """Return the condition of what a choice over the queue shows; any other choice shows what is open."""
    is_open = Complaint.state.in_(OPEN)
    return {
        "confirm": and_(Complaint.state == State.NEW, Complaint.paused_on.is_(None)),
        "late": Complaint.due_on < today(),
        "today": Complaint.due_on == today(),
        "week": and_(Complaint.due_on > today(), Complaint.due_on <= end_of_week()),
        "mine": and_(is_open, Complaint.owner_id == actor.person_id),
        "nobody": and_(is_open, Complaint.owner_id.is_(None)),
        "creditor": Complaint.state == State.ADDRESSED,
        "silent": and_(Complaint.state == State.ADDRESSED, Complaint.due_on < today()),
        "unknown": and_(is_open, Complaint.creditor_id.is_(None), func.coalesce(Complaint.agent_id, 0) == 0),  # most have no agent
        "paused": and_(is_open, Complaint.paused_on.is_not(None)),
        "closed": Complaint.state.in_((State.CLOSED, State.MERGED)),
        "all": true(),
    }.get(show, is_open)


def _number(session: Session, actor: Actor, name: str) -> int:
    return count_where(session, triaged_by(actor), shown_as(actor, name))


# ── one complaint ────────────────────────────────────────────────────────────


def triage_page(session: Session, actor: Actor, ref: str) -> TriagePage:
    """Return a complaint with its history, notes, files, and what may be the same. Raises NotFound."""
    one = visible_triaged(session, actor, ref)
    lines = lines_of(session, one, Audience.TEAM, Audience.REPORTER, Audience.PARTY)
    return TriagePage(
        row=row_for(session, one), words=one.words, wish=one.wish, case_ref=_case_number(session, one), named=one.named,
        reporter_address=bool(one.reporter_address), by_link=one.link_id is not None, client_agrees=one.client_agrees,
        client_name=one.client_name, category=one.category, owner_id=one.owner_id, paused_on=one.paused_on,
        pause_reason=one.pause_reason, told_words=one.told_words, agent_told=one.agent_told, reminded_on=one.reminded_on,
        named_at=one.named_at, addressed_at=one.addressed_at,
        reported_at=one.reported_at, outcome_words=one.outcome_words, clocks=_clocks(one),
        lines=[line for line in lines if line.what != "noted"], notes=[line for line in lines if line.what == "noted"],
        files=attachments_about(session, FILES, [one.ref, *_refs(session, Complaint.merged_into_id == one.id)]),
        similar=_similar(session, actor, one), merged=_refs(session, Complaint.merged_into_id == one.id),
        merged_into=next(iter(_refs(session, Complaint.id == (one.merged_into_id or 0))), ""),
        split_from=next(iter(_refs(session, Complaint.id == (one.split_from_id or 0))), ""),
        parts=_refs(session, Complaint.split_from_id == one.id), colleagues=colleagues_of(session, actor), moves=moves(one.state),
        is_open=one.state in OPEN, revision=one.revision,
        profile=profile_code(session, actor, one.creditor_id) if one.creditor_id else None,
    )  # fmt: skip


def _case_number(session: Session, one: Complaint) -> str:
    """Return the number of the case that a complaint is about: the team knows it by that alone, and sees no case."""
    with as_portal(session):
        return case_ref(session, one)


def _refs(session: Session, where: ColumnElement[bool]) -> list[str]:
    return list(session.scalars(select(Complaint.ref).where(where).order_by(Complaint.id)))


def _similar(session: Session, actor: Actor, one: Complaint) -> list[ComplaintRow]:
    """Return other complaints of the kind about the same company that lie near in time or are about the same case or claim."""
    about = [column == id_ for column, id_ in _parties(one) if id_]
    if not about or one.happened_on is None:
        return []
    near = timedelta(days=DUPLICATE_DAYS)
    same: list[ColumnElement[bool]] = [Complaint.happened_on.between(one.happened_on - near, one.happened_on + near)]
    same += [column == id_ for column, id_ in ((Complaint.case_id, one.case_id), (Complaint.claim_id, one.claim_id)) if id_]
    found = rows_where(
        triaged_by(actor), Complaint.state.in_(OPEN), Complaint.kind == one.kind, Complaint.id != one.id, or_(*about), or_(*same)
    )
    return [row_of(row) for row in session.execute(found.order_by(Complaint.id.desc()).limit(5))]


def _parties(one: Complaint) -> tuple[tuple[Any, int | None], ...]:
    return (Complaint.creditor_id, one.creditor_id), (Complaint.agent_id, one.agent_id)


def _clocks(one: Complaint) -> list[Clock]:
    if one.reported_on is None or one.receipt_by is None or one.answer_by is None:
        return []
    answered = local(one.answered_at).date() if one.answered_at else None
    received = local(one.received_at).date() if one.received_at else None
    since = one.reported_on
    ended = answered or (one.closed_on if one.state is State.CLOSED else None)
    feedback = Clock("feedback", one.due_on, 0, 1, one.closed_on, "done" if one.closed_on else "waits" if answered is None else "")
    if answered is not None and one.closed_on is None and one.due_on is not None and one.state in {State.ANSWERED, State.DISAGREED}:
        feedback = _clock("feedback", answered, one.due_on, None, is_paused=False)
    paused = one.paused_on is not None
    return [
        _clock("receipt", since, one.receipt_by, received, is_paused=paused),
        _clock("answer", since, one.answer_by, ended, is_paused=paused),
        feedback,
    ]


def _clock(name: str, since: date, by: date, done_on: date | None, *, is_paused: bool) -> Clock:
    of = max(working_days_between(since, by), 1)
    day = working_days_between(since, done_on or today())
    left = working_days_between(today(), by)
    state = "done" if done_on else "paused" if is_paused else "late" if left < 0 else "soon" if left <= 2 else ""
    return Clock(name, by, day, of, done_on, state)


# ── patterns ─────────────────────────────────────────────────────────────────


def open_patterns(session: Session, actor: Actor) -> list[PatternRow]:
    """Return the patterns that nobody dealt with yet, those with the most complaints first. Raises NotFound."""
    actor.must(Permission.TRIAGE_COMPLAINTS)
    p = ComplaintPattern
    found = select(p, Organisation.name, Organisation.code).join(Organisation, Organisation.id == p.organisation_id)
    rows = session.execute(found.where(p.handled_at.is_(None)).order_by(p.number.desc(), p.id))
    return [PatternRow(one.id, name, code, one.kind, one.number, one.first_on, one.raised_at, one.revision) for one, name, code in rows]
