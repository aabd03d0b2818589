"""Read notices and pauses: the list of a creditor, an agent or the bank, and one notice. Somebody else's is NotFound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.access import Actor, Kind, Permission
from app.cases.asked import creditors_to_choose, mandated_agents, of_creditor, organisation_names, seen_by
from app.cases.case_pauses import Breach, breaches
from app.cases.models import Case, Claim, Notice, PauseBreach
from app.cases.pause_rules import MOVES, EndReason, NoticeState, Searched, is_pausing
from app.cases.rules import AnsweredBy, sorted_name, typed_surname
from app.clock import today
from app.counts import MOST
from app.creditors.models import Organisation
from app.deadlines import working_days_between
from app.errors import NotFound
from app.money import Cents
from app.sealing import blind_indexes

STATUSES = ("waiting", "pausing", "problem", "over", "all")
PROBLEMS = (NoticeState.CLIENT_UNKNOWN, NoticeState.OBSTACLE)
# never by name: names are encrypted, each row anew, and the database cannot put them in order
ORDERS: dict[str, tuple[Any, bool]] = {  # what stands on top, and whether the highest does
    "sent": (Notice.sent_on, False),
    "newest": (Notice.sent_on, True),
    "until": (Notice.pause_until, False),
}


@dataclass(frozen=True)
class PauseQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    creditor: str = ""  # the code of one creditor, in an agent's list
    sort: str = ""
    after: str = ""

    @property
    def shown(self) -> str:
        """Return the status that is shown: the chosen one; a search looks in all of them, else what waits for an answer."""
        return self.status if self.status in STATUSES else "all" if self.q else "waiting"

    @property
    def order(self) -> str:
        return self.sort if self.sort in ORDERS else "sent"


@dataclass(frozen=True)
class PauseRow:
    """One notice as the list shows it."""

    ref: str
    client: str
    creditor: str
    agent: str
    reference: str
    state: NoticeState
    sent_on: date
    pause_until: date
    ended_on: date | None
    days_waited: int
    may_confirm: bool
    is_pausing: bool


@dataclass(frozen=True)
class PauseList:
    rows: list[PauseRow]
    query: PauseQuery
    counts: dict[str, int]
    next_after: str
    with_creditor: bool
    may_answer: bool
    creditors: Sequence[tuple[str, str]] = ()  # of an agent, to choose one from


@dataclass(frozen=True)
class NoticePage:
    """Everything that the page of one notice shows."""

    ref: str
    case_ref: str
    name: str
    birth_date: date
    address: str
    creditor: str
    agent: str
    reference: str
    reported_cents: Cents | None
    state: NoticeState
    sent_on: date
    pause_until: date
    extended_on: date | None
    ended_on: date | None
    end_reason: EndReason | None
    answered_at: datetime | None
    answered_by: AnsweredBy | None
    answerer: str
    named_agent: str
    searched: list[Searched]
    words: str
    is_pausing: bool
    answers: frozenset[NoticeState]  # that may be given now
    may_answer: bool
    may_report: bool
    agents: list[tuple[int, str]]
    breaches: list[Breach]
    revision: int


# ── whose ────────────────────────────────────────────────────────────────────


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Notice: the creditor's own; the agent's under a mandate of today; all for the bank."""
    return seen_by(actor, Notice, asks=Permission.SEND_NOTICES, reads=Permission.READ_NOTICES)


def visible_notice(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Notice:
    """Return a notice by its reference. Raises NotFound."""
    actor.must(Permission.READ_NOTICES)
    found = select(Notice).where(Notice.ref == ref, visible_to(actor)) if ref.isprintable() else select(Notice).where(false())
    notice = session.scalar(found.with_for_update() if lock else found)
    if notice is None:
        raise NotFound
    return notice


# ── the list ─────────────────────────────────────────────────────────────────


def pause_list(session: Session, actor: Actor, query: PauseQuery, size: int = 50) -> PauseList:
    """Return one page of the list with the counts of all that fit. Raises NotFound, also after a notice that is not the actor's."""
    actor.must(Permission.READ_NOTICES)
    found = _shown(actor, query)
    if query.after:
        found = found.where(_beyond(session, actor, query))
    rows = [_row(row, actor) for row in session.execute(_ordered(found, query).limit(size + 1))]
    next_after = rows[size - 1].ref if len(rows) > size else ""
    counts = {status: _count(session, actor, status, query.creditor) for status in STATUSES}
    return PauseList(
        rows[:size], query, counts, next_after, actor.kind is not Kind.CREDITOR, actor.may(Permission.ANSWER_NOTICES),
        creditors_to_choose(session, actor, Notice, visible_to(actor), _in(actor, "waiting")),
    )  # fmt: skip


def all_rows(session: Session, actor: Actor, query: PauseQuery) -> Iterator[PauseRow]:
    """Yield every row that the filters show, for a file."""
    actor.must(Permission.READ_NOTICES)
    for row in session.execute(_ordered(_shown(actor, query), query), execution_options={"yield_per": 500}):
        yield _row(row, actor)


def waiting_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts the notices that wait for an answer, for the menu; None for who answers nothing."""
    return _counting(actor, "waiting") if actor.may(Permission.ANSWER_NOTICES) else None


def _shown(actor: Actor, query: PauseQuery) -> Select[Any]:
    agent = aliased(Organisation)
    columns = (
        Notice.ref, Case.initials, Case.surname, Organisation.name, agent.name, Notice.reference, Notice.state, Notice.sent_on,
        Notice.pause_until, Notice.ended_on,
    )  # fmt: skip
    found = (
        cast(Select[Any], select(*columns))
        .join(Case, Case.id == Notice.case_id)
        .join(Organisation, Organisation.id == Notice.creditor_id)
        .outerjoin(agent, agent.id == Notice.agent_id)
        .where(visible_to(actor), _in(actor, query.shown), of_creditor(Notice, query.creditor))
    )
    return found.where(_matches(query.q)) if query.q else found


def _in(actor: Actor, status: str) -> ColumnElement[bool]:
    """Say in SQL what `is_pausing` and the moves say of one notice."""
    runs = and_(Notice.ended_on.is_(None), Notice.pause_until >= today())
    return {
        "waiting": and_(runs, Notice.state.in_(waits_for(actor))),
        "pausing": and_(runs, Notice.state != NoticeState.CLIENT_UNKNOWN),
        "problem": and_(runs, Notice.state.in_(PROBLEMS)),
        "over": or_(Notice.ended_on.is_not(None), Notice.pause_until < today()),
        "all": Notice.id.is_not(None),
    }[status]


def waits_for(actor: Actor) -> tuple[NoticeState, ...]:
    """Return the states that wait: for an agent that was named and for the bank also those that name an agent."""
    return (NoticeState.SENT,) if actor.kind is Kind.CREDITOR else (NoticeState.SENT, NoticeState.OTHER_AGENT)


def _matches(q: str) -> ColumnElement[bool]:
    """Find a notice by the whole surname (blind index), by its own number, by the case or by the creditor's reference."""
    case = Notice.case_id.in_(select(Case.id).where(Case.ref == q.upper()))
    return or_(
        Notice.surname_index.in_(blind_indexes(typed_surname(q))), Notice.ref == q.upper(), Notice.reference.in_({q, q.upper()}), case
    )


def _ordered(found: Select[Any], query: PauseQuery) -> Select[Any]:
    column, highest_first = ORDERS[query.order]
    return found.order_by(*((column.desc(), Notice.id.desc()) if highest_first else (column, Notice.id)))


def _beyond(session: Session, actor: Actor, query: PauseQuery) -> ColumnElement[bool]:
    column, highest_first = ORDERS[query.order]
    place = session.execute(select(column, Notice.id).where(Notice.ref == query.after, visible_to(actor))).one_or_none()
    if place is None:
        raise NotFound
    here = tuple_(column, Notice.id)
    return here < tuple(place) if highest_first else here > tuple(place)


def _count(session: Session, actor: Actor, status: str, creditor: str = "") -> int:
    return session.scalar(_counting(actor, status, creditor)) or 0


def _counting(actor: Actor, status: str, creditor: str = "") -> Select[Any]:
    found = select(Notice.id).where(visible_to(actor), _in(actor, status), of_creditor(Notice, creditor)).limit(MOST).subquery()
    return select(func.count()).select_from(found)


def _row(row: Row[Any], actor: Actor) -> PauseRow:
    ref, initials, surname, creditor, agent, reference, state, sent_on, until, ended_on = tuple(row)
    now = today()
    runs = ended_on is None and now <= until
    may_confirm = runs and actor.may(Permission.ANSWER_NOTICES) and state in waits_for(actor)
    return PauseRow(
        ref, sorted_name(initials, surname), creditor, agent or "", reference, state, sent_on, until, ended_on,
        working_days_between(sent_on, now), may_confirm, is_pausing(state, until, ended_on, now),
    )  # fmt: skip


# ── one notice ───────────────────────────────────────────────────────────────


def notice_page(session: Session, actor: Actor, ref: str) -> NoticePage:
    """Return everything that the page of a notice shows. Raises NotFound."""
    notice = visible_notice(session, actor, ref)
    case = session.get_one(Case, notice.case_id)
    names = organisation_names(session, {notice.creditor_id, notice.agent_id, notice.named_agent_id})
    reported = session.scalar(select(Claim.reported_cents).where(Claim.id == notice.claim_id))
    runs = notice.ended_on is None and today() <= notice.pause_until
    may_answer = runs and actor.may(Permission.ANSWER_NOTICES)
    return NoticePage(
        ref=notice.ref, case_ref=case.ref, name=f"{case.initials} {case.surname}".strip(), birth_date=case.birth_date,
        address=", ".join(filter(None, (f"{case.street} {case.house_number}".strip(), f"{case.postcode} {case.city}".strip()))),
        creditor=names[notice.creditor_id], agent=names.get(notice.agent_id or 0, ""), reference=notice.reference,
        reported_cents=reported, state=notice.state, sent_on=notice.sent_on, pause_until=notice.pause_until,
        extended_on=notice.extended_on, ended_on=notice.ended_on, end_reason=notice.end_reason, answered_at=notice.answered_at,
        answered_by=notice.answered_by, answerer=notice.answerer or "", named_agent=notice.named_agent,
        searched=[Searched(field) for field in notice.searched], words=notice.words,
        is_pausing=is_pausing(notice.state, notice.pause_until, notice.ended_on, today()),
        answers=MOVES[notice.state] if may_answer else frozenset(),
        may_answer=may_answer, may_report=actor.may(Permission.ANSWER_NOTICES),
        agents=agents_of(session, actor, notice.creditor_id) if may_answer else [],
        breaches=breaches(session, PauseBreach.notice_id == notice.id, seen_by_bank=actor.may(Permission.SEND_NOTICES)),
        revision=notice.revision,
    )  # fmt: skip


def agents_of(session: Session, actor: Actor, creditor_id: int) -> list[tuple[int, str]]:
    """Return the agents that hold a mandate of a creditor today; to one of them the others are none of its business."""
    return mandated_agents(session, creditor_id) if actor.organisation_id == creditor_id else []
