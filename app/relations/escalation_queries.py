"""Read escalations for the relations team: the list with what is late on top, one with its steps, and what worked before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.accounts.queries import colleagues_of
from app.clock import today
from app.creditors.models import Organisation
from app.errors import NotFound
from app.relations.complaint_access import triaged_by
from app.relations.complaint_rules import ComplaintKind
from app.relations.escalation_rules import ABOVE, WORKED, EscalationState, Level, Result, Way
from app.relations.models import Complaint, ComplaintPattern, Escalation, EscalationStep
from app.relations.paging import SIZE, Stretch, in_order, page_of, up_to_most
from app.relations.profile_queries import profile_code

MOST_BEFORE = 10
SHOWN = ("", "late", "week", "mine", "closed", "all")


@dataclass(frozen=True)
class EscalationQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    show: str = ""
    level: str = ""
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Tell whether there may be rows that are not shown."""
        return bool(self.q or self.show or self.level or self.after)


@dataclass(frozen=True)
class EscalationRow:
    """One escalation as a list shows it."""

    ref: str
    organisation: str
    code: int | None
    state: EscalationState
    level: Level
    subject: str
    owner: str
    opened_on: date
    due_on: date
    closed_on: date | None
    result: Result | None


@dataclass(frozen=True)
class EscalationList:
    rows: list[EscalationRow]
    query: EscalationQuery
    counts: dict[str, int]
    next_after: str


@dataclass(frozen=True)
class StepRow:
    """One rung that an escalation stood on."""

    level: Level
    way: Way
    words: str
    owner: str
    begun_on: date
    due_on: date
    result: Result | None
    result_words: str
    done_on: date | None
    done_by: str


@dataclass(frozen=True)
class Before:
    """An earlier escalation with the same organisation, and on which rung it ended how."""

    ref: str
    level: Level
    way: Way
    result: Result
    words: str
    closed_on: date
    worked: bool


@dataclass(frozen=True)
class EscalationPage:
    row: EscalationRow
    steps: list[StepRow]
    before: list[Before]
    result_words: str
    owner_id: int | None
    complaint: str  # empty for who does not see complaints
    pattern: ComplaintKind | None
    above: tuple[Level, ...]
    colleagues: list[tuple[int, str]]
    may_work: bool
    revision: int
    profile: int | None  # the code by which the organisation's profile opens


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of who sees escalations: the city alone."""
    return true() if actor.may(Permission.READ_ALL_RELATIONS) else false()


def visible_escalation(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Escalation:
    """Return an escalation. Raises NotFound."""
    found = select(Escalation).where(Escalation.ref == ref, seen_by(actor))
    one = session.scalar(found.with_for_update() if lock else found) if ref.isprintable() else None
    if one is None:
        raise NotFound
    return one


# ── the list ─────────────────────────────────────────────────────────────────

_COLUMNS: tuple[Any, ...] = (
    Escalation.ref, Organisation.name, Organisation.code, Escalation.state, Escalation.level, Escalation.subject, Escalation.owner,
    Escalation.opened_on, Escalation.due_on, Escalation.closed_on, Escalation.result,
)  # fmt: skip
_IS_OPEN = Escalation.state == EscalationState.OPEN
ORDER = (
    Stretch((Escalation.due_on, Escalation.id), _IS_OPEN),
    Stretch((Escalation.id,), Escalation.state == EscalationState.CLOSED, is_backwards=True),
)


def escalations(session: Session, actor: Actor, query: EscalationQuery, size: int = SIZE) -> EscalationList:
    """Return one page of the escalations that fit the filters: open ones by their last day, so that what is late climbs.

    Below them stand those that are closed, the newest first. Raises NotFound, also after one that is missing.
    """
    actor.must(Permission.READ_ALL_RELATIONS)
    after = and_(Escalation.ref == query.after, seen_by(actor)) if query.after else None
    found, next_after = page_of(session, _found(actor, query), ORDER, after, size)
    counts = {name: session.scalar(number_in(actor, name)) or 0 for name in ("late", "week", "mine", "open")}
    return EscalationList([_row(row) for row in found], query, counts, next_after)


def escalation_rows(session: Session, actor: Actor, query: EscalationQuery) -> Iterator[EscalationRow]:
    """Yield every row that the filters show. Raises NotFound."""
    actor.must(Permission.READ_ALL_RELATIONS)
    for row in in_order(session, _found(actor, query), ORDER):
        yield _row(row)


def late_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts the escalations whose term is over, for the menu: those that the list calls late."""
    return number_in(actor, "late")


def number_in(actor: Actor, show: str) -> Select[Any]:
    """Give the statement that counts what a choice over the list shows."""
    return up_to_most(Escalation.id, seen_by(actor), _of(actor, show))


def _found(actor: Actor, query: EscalationQuery) -> Select[Any]:
    where = [seen_by(actor), _of(actor, query.show or ("all" if query.q else ""))]
    if query.level in set(Level):
        where.append(Escalation.level == Level(query.level))
    if query.q:
        where.append(or_(Organisation.name.icontains(query.q, autoescape=True), Escalation.ref == query.q.upper()))
    return select(*_COLUMNS).join(Organisation, Organisation.id == Escalation.organisation_id).where(*where)


def _of(actor: Actor, show: str) -> ColumnElement[bool]:
    late, soon = Escalation.due_on < today(), Escalation.due_on <= today() + timedelta(days=7)
    return {
        "late": and_(_IS_OPEN, late),
        "week": and_(_IS_OPEN, ~late, soon),
        "mine": and_(_IS_OPEN, Escalation.owner_id == actor.person_id),
        "closed": Escalation.state == EscalationState.CLOSED,
        "all": true(),
    }.get(show, _IS_OPEN)


def _row(row: Row[Any]) -> EscalationRow:
    return EscalationRow(*tuple(row))


# ── one escalation ───────────────────────────────────────────────────────────


def escalation_page(session: Session, actor: Actor, ref: str) -> EscalationPage:
    """Return an escalation with its steps and what came of earlier ones with the same organisation. Raises NotFound."""
    one = visible_escalation(session, actor, ref)
    joined = select(*_COLUMNS).join(Organisation, Organisation.id == Escalation.organisation_id)
    complaint = select(Complaint.ref).where(Complaint.id == one.complaint_id, triaged_by(actor))
    pattern = select(ComplaintPattern.kind).where(ComplaintPattern.id == one.pattern_id)
    is_open, may_work = one.state is EscalationState.OPEN, actor.may(Permission.WORK_RELATIONS)
    return EscalationPage(
        row=_row(session.execute(joined.where(Escalation.id == one.id)).one()), steps=_steps(session, one.id),
        before=worked_before(session, actor, one.organisation_id, besides=one.id), result_words=one.result_words, owner_id=one.owner_id,
        complaint=session.scalar(complaint) or "", pattern=session.scalar(pattern) if may_work else None,
        above=ABOVE[one.level] if is_open else (), colleagues=colleagues_of(session, actor) if may_work else [],
        may_work=may_work and is_open, revision=one.revision, profile=profile_code(session, actor, one.organisation_id),
    )  # fmt: skip


def _steps(session: Session, id_: int) -> list[StepRow]:
    mine = select(EscalationStep).where(EscalationStep.escalation_id == id_).order_by(EscalationStep.id)
    return [
        StepRow(one.level, one.way, one.words, one.owner, one.begun_on, one.due_on, one.result, one.result_words, one.done_on, one.done_by)
        for one in session.scalars(mine)
    ]


def worked_before(session: Session, actor: Actor, organisation_id: int, besides: int = 0) -> list[Before]:
    """Return how earlier escalations with an organisation ended: what worked first, then the newest. Raises NotFound."""
    actor.must(Permission.READ_ALL_RELATIONS)
    found = (
        select(Escalation, EscalationStep.way)
        .join(EscalationStep, (EscalationStep.escalation_id == Escalation.id) & (EscalationStep.level == Escalation.level))
        .where(Escalation.organisation_id == organisation_id, Escalation.state == EscalationState.CLOSED, Escalation.id != besides)
        .order_by(Escalation.result.in_(WORKED).desc(), Escalation.closed_on.desc(), Escalation.id.desc())
        .limit(MOST_BEFORE)
    )
    return [
        Before(one.ref, one.level, way, one.result, one.result_words, one.closed_on, one.result in WORKED)
        for one, way in session.execute(found)
        if one.result and one.closed_on
    ]
