"""Read commitments for who made them and for the relations team: the list with what is due on top, and one with its checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.clock import today
from app.creditors.models import Organisation
from app.errors import NotFound
from app.relations.commitment_rules import WATCHED, CommitmentState, Measure, Party
from app.relations.models import Commitment, CommitmentCheck, Escalation, Meeting
from app.relations.paging import SIZE, Stretch, in_order, page_of, up_to_most
from app.relations.profile_queries import profile_code

SHOWN = ("", "check", "late", "broken", "kept", "ended", "all")


@dataclass(frozen=True)
class CommitmentQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    show: str = ""
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Tell whether there may be rows that are not shown."""
        return bool(self.q or self.show or self.after)


@dataclass(frozen=True)
class CommitmentRow:
    """One commitment as a list shows it."""

    ref: str
    organisation: str
    code: int | None
    state: CommitmentState
    party: Party
    by_whom: str
    words: str
    due_on: date
    check_on: date | None
    measure: Measure | None
    threshold: int | None
    days: int | None


@dataclass(frozen=True)
class CommitmentList:
    rows: list[CommitmentRow]
    query: CommitmentQuery
    counts: dict[str, int]
    next_after: str


@dataclass(frozen=True)
class CheckRow:
    """One check that was done; of a figure of the portal with what it was held against."""

    at: datetime
    who: str
    is_kept: bool | None
    words: str
    planned_on: date | None
    first_day: date | None
    last_day: date | None
    met: int | None
    counted: int | None
    threshold: int | None
    days: int | None


@dataclass(frozen=True)
class CommitmentPage:
    row: CommitmentRow
    how: str
    end_reason: str
    made_on: date
    made_by: str
    meeting: str
    escalation: str  # empty for who does not see escalations
    checks: list[CheckRow]
    may_work: bool
    sees_all: bool
    revision: int
    profile: int | None  # the code by which the organisation's profile opens


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of whose commitments an actor sees: the city all, an organisation those with it."""
    if actor.may(Permission.READ_ALL_RELATIONS):
        return true()
    return Commitment.organisation_id == actor.organisation_id


def visible_commitment(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Commitment:
    """Return a commitment. Raises NotFound."""
    actor.must(Permission.READ_RELATIONS)
    found = select(Commitment).where(Commitment.ref == ref, seen_by(actor))
    one = session.scalar(found.with_for_update() if lock else found) if ref.isprintable() else None
    if one is None:
        raise NotFound
    return one


# ── lists ────────────────────────────────────────────────────────────────────

_COLUMNS: tuple[Any, ...] = (
    Commitment.ref, Organisation.name, Organisation.code, Commitment.state, Commitment.party, Commitment.by_whom, Commitment.words,
    Commitment.due_on, Commitment.check_on, Commitment.measure, Commitment.threshold, Commitment.days,
)  # fmt: skip
_WATCHED = Commitment.state.in_(WATCHED)
ORDER = (Stretch((func.coalesce(Commitment.check_on, Commitment.due_on), Commitment.id), true()),)


def commitments(session: Session, actor: Actor, query: CommitmentQuery, size: int = SIZE) -> CommitmentList:
    """Return one page of the commitments that fit the filters, those with the first day on top.

    Raises NotFound, also after one that the actor does not see.
    """
    actor.must(Permission.READ_RELATIONS)
    after = and_(Commitment.ref == query.after, seen_by(actor)) if query.after else None
    found, next_after = page_of(session, _found(actor, query), ORDER, after, size)
    counts = {name: session.scalar(number_in(actor, name)) or 0 for name in ("", "check", "late", "broken")}
    return CommitmentList([_row(row) for row in found], query, counts, next_after)


def commitment_rows(session: Session, actor: Actor, query: CommitmentQuery) -> Iterator[CommitmentRow]:
    """Yield every row that the filters show. Raises NotFound."""
    actor.must(Permission.READ_RELATIONS)
    for row in in_order(session, _found(actor, query), ORDER):
        yield _row(row)


def waiting_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts, for the menu, the checks to do; for an organisation what is late or was not kept."""
    if actor.may(Permission.READ_ALL_RELATIONS):
        return number_in(actor, "check")
    return up_to_most(Commitment.id, seen_by(actor), or_(_of("late"), _of("broken")))


def number_in(actor: Actor, show: str) -> Select[Any]:
    """Give the statement that counts what a choice over the list shows."""
    return up_to_most(Commitment.id, seen_by(actor), _of(show))


def _found(actor: Actor, query: CommitmentQuery) -> Select[Any]:
    where = [seen_by(actor), _of(query.show or ("all" if query.q else ""))]
    if query.q:
        where.append(or_(Organisation.name.icontains(query.q, autoescape=True), Commitment.ref == query.q.upper()))
    return select(*_COLUMNS).join(Organisation, Organisation.id == Commitment.organisation_id).where(*where)


def _of(show: str) -> ColumnElement[bool]:
    return {
        "check": and_(_WATCHED, Commitment.check_on <= today()),
        "late": and_(Commitment.state == CommitmentState.OPEN, Commitment.due_on < today()),
        "broken": Commitment.state == CommitmentState.NOT_KEPT,
        "kept": Commitment.state == CommitmentState.KEPT,
        "ended": Commitment.state == CommitmentState.ENDED,
        "all": true(),
    }.get(show, _WATCHED)


def _row(row: Row[Any]) -> CommitmentRow:
    return CommitmentRow(*tuple(row))


# ── one commitment ───────────────────────────────────────────────────────────


def commitment_page(session: Session, actor: Actor, ref: str) -> CommitmentPage:
    """Return a commitment with its checks, the newest first. Raises NotFound."""
    one = visible_commitment(session, actor, ref)
    sees_all = actor.may(Permission.READ_ALL_RELATIONS)
    joined = select(*_COLUMNS).join(Organisation, Organisation.id == Commitment.organisation_id)
    meeting = session.scalar(select(Meeting.ref).where(Meeting.id == one.meeting_id)) or ""
    escalation = session.scalar(select(Escalation.ref).where(Escalation.id == one.escalation_id)) if sees_all else None
    return CommitmentPage(
        row=_row(session.execute(joined.where(Commitment.id == one.id)).one()), how=one.how, end_reason=one.end_reason or "",
        made_on=one.made_on, made_by=one.made_by, meeting=meeting, escalation=escalation or "", checks=_checks(session, one.id),
        may_work=actor.may(Permission.WORK_RELATIONS) and one.state in WATCHED, sees_all=sees_all, revision=one.revision,
        profile=profile_code(session, actor, one.organisation_id),
    )  # fmt: skip


def _checks(session: Session, id_: int) -> list[CheckRow]:
    mine = select(CommitmentCheck).where(CommitmentCheck.commitment_id == id_)
    return [
        CheckRow(
            one.at, one.who, one.is_kept, one.words, one.planned_on, one.first_day, one.last_day, one.met, one.counted, one.threshold,
            one.days,
        )
        for one in session.scalars(mine.order_by(CommitmentCheck.at.desc(), CommitmentCheck.id.desc()))
    ]  # fmt: skip
