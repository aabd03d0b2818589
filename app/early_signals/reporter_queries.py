"""Read what a reporter and its agent may hear of their signals: the list, one signal, how good the reports are. Nothing of results.

Only columns that hold what the law allows are selected here; a test compares what every result leaves behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.access import Actor, Kind, Permission
from app.clock import AMSTERDAM, now
from app.counts import MOST
from app.creditors.models import Organisation
from app.early_signals.access import is_news, is_repeated, own_signal, reports, visible_to
from app.early_signals.feedback import Feedback, Said
from app.early_signals.mandates import CreditorChoice, creditors_to_choose
from app.early_signals.models import Signal
from app.early_signals.rules import OPEN, Sort, State, Withdrawal
from app.errors import NotFound
from app.money import Cents
from app.sealing import blind_indexes

STATUSES = ("news", "waiting", "told", "withdrawn", "all")
ORDER = (Signal.received_at, Signal.id)
YEAR = timedelta(days=365)
CREDITOR, AGENT = aliased(Organisation), aliased(Organisation)  # in whose name a signal is, and which agent sent it


@dataclass(frozen=True)
class FeedbackQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    creditor: str = ""  # the code of one, in an agent's list
    after: str = ""

    @property
    def shown(self) -> str:
        return self.status if self.status in STATUSES else "all"


@dataclass(frozen=True)
class FeedbackRow:
    """One signal as its reporter, or the agent that sent it, sees it."""

    ref: str
    creditor: str
    agent: str  # empty when the creditor sent it itself
    reference: str
    name: str
    reported_on: date
    received_on: date
    sort: Sort
    arrears_cents: Cents
    feedback: Feedback
    feedback_by: date
    is_news: bool
    withdrawn_on: date | None


@dataclass(frozen=True)
class Quality:
    """How good the reports of the last year are; each number can be named to the reporter without saying more than it may hear."""

    reported: int
    wrong: int
    repeated: int
    outdated: int
    withdrawn: int

    @property
    def sound(self) -> int:
        return max(0, self.reported - self.wrong - self.repeated - self.outdated)


@dataclass(frozen=True)
class FeedbackList:
    rows: list[FeedbackRow]
    query: FeedbackQuery
    counts: dict[str, int]
    next_after: str
    quality: Quality
    until: str  # up to when this page tells: what comes later stays new
    is_agent: bool
    creditors: tuple[CreditorChoice, ...]  # in whose name an agent reports today


@dataclass(frozen=True)
class OwnSignal:
    """Everything that the page of one signal shows its reporter."""

    row: FeedbackRow
    birth_date: date | None
    address: str
    instalments: int
    days: int | None
    received_by: str
    withdrawal: Withdrawal | None
    may_withdraw: bool
    repeated: bool
    repeated_by_self: bool  # and by whoever looks, not by somebody else in the same name
    outdated: bool
    is_agent: bool


def feedback_list(session: Session, actor: Actor, query: FeedbackQuery, size: int = 50) -> FeedbackList:
    """Return one page of the reporter's list, the newest first. Raises NotFound, also after a signal that is not its own."""
    found = _shown(actor, query)
    if query.after:
        found = found.where(_beyond(session, actor, query.after))
    rows = [_row(row) for row in session.execute(found.limit(size + 1))]
    next_after = rows[size - 1].ref if len(rows) > size else ""
    counts = {status: _count(session, actor, status, query.creditor) for status in STATUSES}
    quality = quality_of(session, visible_to(actor), is_repeated(actor))
    is_agent, creditors = actor.kind is Kind.AGENT, creditors_to_choose(session, actor)
    return FeedbackList(rows[:size], query, counts, next_after, quality, now().isoformat(), is_agent, creditors)


def all_feedback(session: Session, actor: Actor, query: FeedbackQuery) -> Iterator[FeedbackRow]:
    """Yield every row that the filters show, for a file. Raises NotFound."""
    for row in session.execute(_shown(actor, query), execution_options={"yield_per": 500}):
        yield _row(row)


def own_page(session: Session, actor: Actor, ref: str) -> OwnSignal:
    """Return what the page of a signal shows its reporter. Raises NotFound."""
    one = own_signal(session, actor, ref)
    row = _row(session.execute(_columns(actor).where(Signal.id == one.id)).one())
    address = ", ".join(filter(None, (f"{one.street} {one.house_number}".strip(), f"{one.postcode} {one.city}".strip())))
    is_agent = actor.kind is Kind.AGENT
    # an agent hears nothing of what others sent in the same name: of a team's result "repeated report" it reads no more than that
    repeated = one.repeated_by_agent if is_agent else one.repeated or one.said is Said.REPEATED
    return OwnSignal(
        row, one.birth_date, address, one.instalments, one.days, one.received_by, one.withdrawal,
        one.state in OPEN and actor.may(Permission.REPORT_SIGNALS), repeated,
        is_agent or not row.agent, one.outdated, is_agent,
    )  # fmt: skip


def quality_of(session: Session, whose: ColumnElement[bool], is_repetition: ColumnElement[bool]) -> Quality:
    """Return how good the reports of the last year are."""
    repeated = or_(is_repetition, Signal.said == Said.REPEATED)
    columns = (
        func.count(), _sum(Signal.said == Said.WRONG), _sum(repeated), _sum(Signal.outdated), _sum(Signal.state == State.WITHDRAWN),
    )  # fmt: skip
    row = session.execute(select(*columns).where(whose, Signal.received_at >= now() - YEAR)).one()
    return Quality(*(int(number or 0) for number in row))


def _sum(condition: Any) -> Any:
    return func.count().filter(condition)


# ── steps ────────────────────────────────────────────────────────────────────


def _columns(actor: Actor) -> Select[Any]:
    if not reports(actor):
        raise NotFound
    columns = (
        Signal.ref, CREDITOR.name, AGENT.name, Signal.reference, Signal.surname, Signal.given_name, Signal.reported_on,
        Signal.received_at, Signal.sort, Signal.arrears_cents, Signal.attempts, Signal.last_attempt_on, Signal.reached, Signal.helped,
        Signal.said, Signal.feedback_by, is_news(actor), Signal.withdrawn_on,
    )  # fmt: skip
    named = select(*columns).select_from(Signal).join(CREDITOR, CREDITOR.id == Signal.reporter_id)
    return cast(Select[Any], named.outerjoin(AGENT, AGENT.id == Signal.agent_id).where(visible_to(actor)))


def _shown(actor: Actor, query: FeedbackQuery) -> Select[Any]:
    found = _columns(actor).where(_in(actor, query.shown), *_of(query.creditor)).order_by(*(column.desc() for column in ORDER))
    return found.where(_matches(query.q)) if query.q else found


def _of(creditor: str) -> list[ColumnElement[bool]]:
    """Narrow to one creditor by its code; nonsense means nothing."""
    if not (creditor.isascii() and creditor.isdigit() and len(creditor) < 10):
        return []
    return [Signal.reporter_id.in_(select(Organisation.id).where(Organisation.code == int(creditor)))]


def _in(actor: Actor, status: str) -> ColumnElement[bool]:
    """Say in SQL what each status is; none of them tells more than the feedback does: every result is heard as something."""
    return {
        "news": is_news(actor),
        "waiting": Signal.state.in_(OPEN),
        "told": Signal.state == State.FOLLOWED,
        "withdrawn": Signal.state == State.WITHDRAWN,
        "all": Signal.id.is_not(None),
    }[status]


def _matches(q: str) -> ColumnElement[bool]:
    return or_(Signal.surname_index.in_(blind_indexes(q.partition(",")[0])), Signal.ref == q.upper(), Signal.reference.in_({q, q.upper()}))


def _beyond(session: Session, actor: Actor, after: str) -> ColumnElement[bool]:
    place = session.execute(select(*ORDER).where(Signal.ref == after, visible_to(actor))).one_or_none()
    if place is None:
        raise NotFound
    return tuple_(*ORDER) < tuple(place)


def _count(session: Session, actor: Actor, status: str, creditor: str) -> int:
    found = select(Signal.id).where(visible_to(actor), _in(actor, status), *_of(creditor)).limit(MOST).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _row(row: Row[Any]) -> FeedbackRow:
    (
        ref, creditor, agent, reference, surname, given, reported_on, received_at, sort, arrears, attempts, last_on, reached, helped,
        said, by, has_news, withdrawn_on,
    ) = tuple(row)  # fmt: skip
    heard = Feedback(attempts, last_on, reached, helped, said)
    name = f"{surname}, {given}" if given else surname
    received_on = _day(received_at)
    whose = (creditor, agent or "")
    return FeedbackRow(ref, *whose, reference, name, reported_on, received_on, sort, arrears, heard, by, bool(has_news), withdrawn_on)


def _day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()
