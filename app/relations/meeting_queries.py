"""Read meetings for both sides of the table: the list, one with its agenda drawn from what is open, and what a calendar shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.accounts.queries import colleagues_of
from app.cases.rules import Visibility
from app.clock import local, now
from app.creditors.models import Contact, Organisation
from app.errors import NotFound
from app.relations.commitment_rules import CommitmentState
from app.relations.complaint_access import addressed_to, triaged_by
from app.relations.complaint_lifecycle import OPEN
from app.relations.escalation_rules import EscalationState
from app.relations.meeting_rules import ItemKind, MeetingState, Side
from app.relations.models import AgendaItem, Commitment, Complaint, Escalation, Meeting, MeetingNote, MeetingParticipant
from app.relations.paging import SIZE, Stretch, in_order, page_of, up_to_most
from app.relations.profile_queries import profile_code

MOST_POINTS = 50  # of one kind that an agenda draws
SHOWN = ("", "week", "past", "cancelled", "all")
IN_CALENDAR = timedelta(days=180)  # so far back a calendar shows meetings


@dataclass(frozen=True)
class MeetingQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    show: str = ""
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Tell whether there may be rows that are not shown."""
        return bool(self.q or self.show or self.after)

    @property
    def shown(self) -> str:
        """Return what is shown: everything to who searches and chose nothing."""
        return self.show or ("all" if self.q else "")


@dataclass(frozen=True)
class MeetingRow:
    """One meeting as a list shows it."""

    ref: str
    organisation: str
    code: int | None
    state: MeetingState
    begins: datetime
    ends: datetime
    place: str
    changed_at: datetime
    revision: int


@dataclass(frozen=True)
class MeetingList:
    rows: list[MeetingRow]
    query: MeetingQuery
    counts: dict[str, int]
    next_after: str


@dataclass(frozen=True)
class Point:
    """A point of an agenda; what somebody added has a number of its own, what was drawn a reference."""

    kind: ItemKind
    ref: str
    words: str
    facts: dict[str, Any]
    is_private: bool
    id: int | None = None
    opens: bool = True  # for who reads it; of a complaint it knows the number alone otherwise


@dataclass(frozen=True)
class Note:
    at: datetime
    who: str
    words: str


@dataclass(frozen=True)
class CommitmentLine:
    """A commitment that was made in this meeting."""

    ref: str
    words: str
    by_whom: str
    due_on: date
    state: CommitmentState


@dataclass(frozen=True)
class MeetingPage:
    """A meeting as one side of the table sees it."""

    row: MeetingRow
    planned_by: str
    ours: list[tuple[int | None, str]]
    theirs: list[str]
    agenda: list[Point]
    minutes: str
    minuted_at: datetime | None
    minuted_by: str
    cancel_reason: str
    notes: list[Note]
    commitments: list[CommitmentLine]
    colleagues: list[tuple[int, str]]
    has_begun: bool
    may_work: bool
    sees_all: bool
    revision: int
    profile: int | None  # the code by which the other side's profile opens


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of whose meetings an actor sees: the city all, an organisation its own."""
    if actor.may(Permission.READ_ALL_RELATIONS):
        return true()
    return Meeting.organisation_id == actor.organisation_id


def visible_meeting(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Meeting:
    """Return a meeting. Raises NotFound."""
    actor.must(Permission.READ_RELATIONS)
    found = select(Meeting).where(Meeting.ref == ref, seen_by(actor))
    one = session.scalar(found.with_for_update() if lock else found) if ref.isprintable() else None
    if one is None:
        raise NotFound
    return one


# ── lists ────────────────────────────────────────────────────────────────────

_COLUMNS: tuple[Any, ...] = (
    Meeting.ref, Organisation.name, Organisation.code, Meeting.state, Meeting.begins, Meeting.ends, Meeting.place, Meeting.changed_at,
    Meeting.revision,
)  # fmt: skip


def meetings(session: Session, actor: Actor, query: MeetingQuery, size: int = SIZE) -> MeetingList:
    """Return one page of the meetings that fit the filters: those to come with the first on top, those that were with the last.

    Raises NotFound, also after one that the actor does not see.
    """
    actor.must(Permission.READ_RELATIONS)
    after = and_(Meeting.ref == query.after, seen_by(actor)) if query.after else None
    found, next_after = page_of(session, _found(actor, query), _order(query), after, size)
    counts = {name: session.scalar(number_in(actor, name)) or 0 for name in ("", "unwritten", "past")}
    return MeetingList([_row(row) for row in found], query, counts, next_after)


def meeting_rows(session: Session, actor: Actor, query: MeetingQuery) -> Iterator[MeetingRow]:
    """Yield every row that the filters show. Raises NotFound."""
    actor.must(Permission.READ_RELATIONS)
    for row in in_order(session, _found(actor, query), _order(query)):
        yield _row(row)


def coming_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts the meetings of the next seven days, for the menu."""
    return number_in(actor, "week")


def number_in(actor: Actor, show: str) -> Select[Any]:
    """Give the statement that counts what a choice over the list shows."""
    return up_to_most(Meeting.id, seen_by(actor), _of(show))


def calendar_rows(session: Session, actor: Actor) -> list[MeetingRow]:
    """Return what the calendar of somebody shows: of the city who takes part, of an organisation who may read its meetings.

    Raises NotFound.
    """
    actor.must(Permission.READ_RELATIONS)
    part = select(MeetingParticipant.meeting_id).where(MeetingParticipant.person_id == actor.person_id)
    mine = Meeting.id.in_(part) if actor.may(Permission.READ_ALL_RELATIONS) else seen_by(actor)
    rows = _joined().where(mine, Meeting.begins > now() - IN_CALENDAR).order_by(Meeting.begins, Meeting.id)
    return [_row(row) for row in session.execute(rows)]


def _joined() -> Select[Any]:
    return select(*_COLUMNS).join(Organisation, Organisation.id == Meeting.organisation_id)


def _found(actor: Actor, query: MeetingQuery) -> Select[Any]:
    found = _joined().where(seen_by(actor), _of(query.shown))
    if query.q:
        found = found.where(or_(Organisation.name.icontains(query.q, autoescape=True), Meeting.ref == query.q.upper()))
    return found


def _order(query: MeetingQuery) -> tuple[Stretch]:
    is_over = query.shown not in {"", "week", "unwritten"}
    return (Stretch((Meeting.begins, Meeting.id), true(), is_backwards=is_over),)


def _of(show: str) -> ColumnElement[bool]:
    planned, is_over = Meeting.state == MeetingState.PLANNED, Meeting.ends < now()
    return {
        "": and_(planned, ~is_over),
        "week": and_(planned, ~is_over, Meeting.begins < now() + timedelta(days=7)),
        "unwritten": and_(planned, is_over),
        "past": or_(Meeting.state == MeetingState.HELD, and_(planned, is_over)),
        "cancelled": Meeting.state == MeetingState.CANCELLED,
    }.get(show, true())


def _row(row: Row[Any]) -> MeetingRow:
    return MeetingRow(*tuple(row))


# ── one meeting ──────────────────────────────────────────────────────────────


def meeting_page(session: Session, actor: Actor, ref: str) -> MeetingPage:
    """Return a meeting with its agenda; notes and private points for the city alone. Raises NotFound."""
    one = visible_meeting(session, actor, ref)
    sees_all, may_work = actor.may(Permission.READ_ALL_RELATIONS), actor.may(Permission.WORK_RELATIONS)
    people = session.scalars(
        select(MeetingParticipant).where(MeetingParticipant.meeting_id == one.id).order_by(MeetingParticipant.id)
    ).all()
    return MeetingPage(
        row=_row(session.execute(_joined().where(Meeting.id == one.id)).one()), planned_by=one.planned_by,
        ours=[(who.person_id, who.name) for who in people if who.side is Side.OURS],
        theirs=[who.name for who in people if who.side is Side.THEIRS], agenda=agenda_of(session, actor, one), minutes=one.minutes,
        minuted_at=one.minuted_at, minuted_by=one.minuted_by, cancel_reason=one.cancel_reason or "",
        notes=_notes(session, one.id) if sees_all else [],
        commitments=_made_in(session, one.id), colleagues=colleagues_of(session, actor) if may_work else [],
        has_begun=one.begins <= now(), may_work=may_work, sees_all=sees_all, revision=one.revision,
        profile=profile_code(session, actor, one.organisation_id),
    )  # fmt: skip


def known_contacts(session: Session, actor: Actor, organisation_id: int) -> list[str]:
    """Return the names of an organisation's contacts of today, for whoever plans. Raises NotFound."""
    actor.must(Permission.WORK_RELATIONS)
    mine = select(Contact.name).where(Contact.organisation_id == organisation_id, Contact.ended_on.is_(None))
    return list(session.scalars(mine.order_by(Contact.name, Contact.id).limit(20)))


def agenda_of(session: Session, actor: Actor, meeting: Meeting) -> list[Point]:
    """Return the agenda: drawn from what is open while the meeting is to come, as it stood then once there are minutes."""
    sees_all = actor.may(Permission.READ_ALL_RELATIONS)
    kept = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(AgendaItem.kind, AgendaItem.id)
    items = session.scalars(kept if sees_all else kept.where(~AgendaItem.is_private)).all()
    closed = _closed_to(session, actor, [one.subject_ref for one in items if one.kind is ItemKind.COMPLAINT])
    added = [Point(one.kind, one.subject_ref, one.words, one.facts, one.is_private, one.id, one.subject_ref not in closed) for one in items]
    return added if meeting.state is not MeetingState.PLANNED else [*drawn(session, actor, meeting), *added]


def _closed_to(session: Session, actor: Actor, refs: list[str]) -> set[str]:
    """Return those of some complaints that the actor may not open: an auditor none, its company not what was passed on since."""
    sees = or_(triaged_by(actor), addressed_to(actor))
    return set(refs) - set(session.scalars(select(Complaint.ref).where(Complaint.ref.in_(refs), sees))) if refs else set()


def drawn(session: Session, actor: Actor, meeting: Meeting) -> list[Point]:
    """Draw the points of an agenda: commitments that were not kept or are due by then, open complaints and escalations."""
    points = [*_commitments(session, meeting), *_complaints(session, actor, meeting)]
    return [*points, *_escalations(session, meeting)] if actor.may(Permission.READ_ALL_RELATIONS) else points


def _commitments(session: Session, meeting: Meeting) -> list[Point]:
    due = and_(Commitment.state == CommitmentState.OPEN, Commitment.due_on <= local(meeting.begins).date())
    mine = select(Commitment).where(
        Commitment.organisation_id == meeting.organisation_id, or_(due, Commitment.state == CommitmentState.NOT_KEPT)
    )
    ordered = mine.order_by(Commitment.state, Commitment.due_on, Commitment.id).limit(MOST_POINTS)
    return [
        Point(ItemKind.COMMITMENT, one.ref, one.words, {"state": one.state.value, "due_on": one.due_on.isoformat()}, is_private=False)
        for one in session.scalars(ordered)
    ]


def _complaints(session: Session, actor: Actor, meeting: Meeting) -> list[Point]:
    """Return the open complaints; what was not put before the organisation yet is the city's alone, and so is what rests."""
    sees = or_(triaged_by(actor), addressed_to(actor))
    about = or_(Complaint.creditor_id == meeting.organisation_id, Complaint.agent_id == meeting.organisation_id)
    found = select(Complaint).where(about, sees, Complaint.state.in_(OPEN)).order_by(Complaint.due_on, Complaint.id).limit(MOST_POINTS)
    return [
        Point(ItemKind.COMPLAINT, one.ref, "", {"kind": one.kind.value if one.kind else ""}, not _knows(one, meeting.organisation_id))
        for one in session.scalars(found)
    ]


def _knows(complaint: Complaint, organisation_id: int) -> bool:
    """Tell whether a complaint was put before an organisation, and may be shown to it."""
    told = complaint.creditor_id == organisation_id or (complaint.agent_told and complaint.agent_id == organisation_id)
    return complaint.addressed_at is not None and told and complaint.visibility is Visibility.VISIBLE


def _escalations(session: Session, meeting: Meeting) -> list[Point]:
    is_open = Escalation.organisation_id == meeting.organisation_id, Escalation.state == EscalationState.OPEN
    found = session.scalars(select(Escalation).where(*is_open).order_by(Escalation.due_on, Escalation.id).limit(MOST_POINTS))
    return [Point(ItemKind.ESCALATION, one.ref, one.subject, {"level": one.level.value}, is_private=True) for one in found]


def _notes(session: Session, id_: int) -> list[Note]:
    found = session.scalars(select(MeetingNote).where(MeetingNote.meeting_id == id_).order_by(MeetingNote.id.desc()))
    return [Note(one.at, one.who, one.words) for one in found]


def _made_in(session: Session, id_: int) -> list[CommitmentLine]:
    found = session.scalars(select(Commitment).where(Commitment.meeting_id == id_).order_by(Commitment.id))
    return [CommitmentLine(one.ref, one.words, one.by_whom, one.due_on, one.state) for one in found]
