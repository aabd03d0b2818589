"""Read what a reporter may hear of its own signals: the list, one signal, and how good its reports are. Nothing of attempts' results.

Only columns that hold what the law allows are selected here; a test compares what every result leaves behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.clock import AMSTERDAM, now
from app.creditors.models import Organisation
from app.early_signals.access import own_signal, reports, visible_to
from app.early_signals.feedback import Feedback, Said
from app.early_signals.models import Signal
from app.early_signals.rules import LANDLORD, OPEN, Sort, State, Withdrawal
from app.errors import NotFound
from app.money import Cents
from app.sealing import blind_indexes

MOST = 1000  # counting stops here: the page then says '999+'
STATUSES = ("news", "waiting", "told", "withdrawn", "all")
ORDER = (Signal.received_at, Signal.id)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class FeedbackQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    after: str = ""

    @property
    def shown(self) -> str:
        return self.status if self.status in STATUSES else "all"


@dataclass(frozen=True)
class FeedbackRow:
    """One signal as its reporter sees it."""

    ref: str
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
    outdated: bool


def feedback_list(session: Session, actor: Actor, query: FeedbackQuery, size: int = 50) -> FeedbackList:
    """Return one page of the reporter's list, the newest first. Raises NotFound, also after a signal that is not its own."""
    found = _shown(actor, query)
    if query.after:
        found = found.where(_beyond(session, actor, query.after))
    rows = [_row(row) for row in session.execute(found.limit(size + 1))]
    next_after = rows[size - 1].ref if len(rows) > size else ""
    counts = {status: _count(session, actor, status) for status in STATUSES}
    return FeedbackList(rows[:size], query, counts, next_after, quality_of(session, visible_to(actor)), now().isoformat())


def all_feedback(session: Session, actor: Actor, query: FeedbackQuery) -> Iterator[FeedbackRow]:
    """Yield every row that the filters show, for a file. Raises NotFound."""
    for row in session.execute(_shown(actor, query), execution_options={"yield_per": 500}):
        yield _row(row)


def own_page(session: Session, actor: Actor, ref: str) -> OwnSignal:
    """Return what the page of a signal shows its reporter. Raises NotFound."""
    one = own_signal(session, actor, ref)
    row = _row(session.execute(_columns(actor).where(Signal.id == one.id)).one())
    address = ", ".join(filter(None, (f"{one.street} {one.house_number}".strip(), f"{one.postcode} {one.city}".strip())))
    return OwnSignal(
        row, one.birth_date, address, one.instalments, one.days, one.received_by, one.withdrawal,
        one.state in OPEN and actor.may(Permission.REPORT_SIGNALS), _is_told_repeated(one), one.outdated,
    )  # fmt: skip


def _is_told_repeated(one: Signal) -> bool:
    return one.repeated or one.said is Said.REPEATED


def quality_of(session: Session, whose: ColumnElement[bool]) -> Quality:
    """Return how good the reports of the last year are."""
    repeated = or_(Signal.repeated, Signal.said == Said.REPEATED)
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
        Signal.ref, Signal.reference, Signal.surname, Signal.given_name, Signal.reported_on, Signal.received_at, Signal.sort,
        Signal.arrears_cents, Signal.attempts, Signal.last_attempt_on, Signal.reached, Signal.helped, Signal.said, Signal.feedback_by,
        Signal.has_news, Signal.withdrawn_on,
    )  # fmt: skip
    return cast(Select[Any], select(*columns)).where(visible_to(actor))


def _shown(actor: Actor, query: FeedbackQuery) -> Select[Any]:
    found = _columns(actor).where(_in(query.shown)).order_by(*(column.desc() for column in ORDER))
    return found.where(_matches(query.q)) if query.q else found


def _in(status: str) -> ColumnElement[bool]:
    """Say in SQL what each status is; none of them tells more than the feedback does: every result is heard as something."""
    return {
        "news": Signal.has_news.is_(True),
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


def _count(session: Session, actor: Actor, status: str) -> int:
    found = select(Signal.id).where(visible_to(actor), _in(status)).limit(MOST).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _row(row: Row[Any]) -> FeedbackRow:
    (
        ref, reference, surname, given, reported_on, received_at, sort, arrears, attempts, last_on, reached, helped, said, by, has_news,
        withdrawn_on,
    ) = tuple(row)  # fmt: skip
    heard = Feedback(attempts, last_on, reached, helped, said)
    name = f"{surname}, {given}" if given else surname
    received_on = _day(received_at)
    return FeedbackRow(ref, reference, name, reported_on, received_on, sort, arrears, heard, by, has_news, withdrawn_on)


def _day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()


def is_landlord(session: Session, actor: Actor) -> bool:
    """Tell whether the actor's organisation lets houses: then it confirms four steps with each report."""
    return session.scalar(select(Organisation.branch).where(Organisation.id == actor.organisation_id)) == LANDLORD
