"""Count each night what every creditor and agent did in the months that profiles show. Nothing else writes it.

The months are of the day on which something began: an offer belongs to the month of its issue, whenever its answer came.
What rests (art. 18 GDPR) and what was erased is not counted, but of early signals, whose stubs tell no person. What an agent did
in a creditor's name counts for both.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Select, SQLColumnExpression, and_, case, delete, extract, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.cases.balance_rules import BalanceAnswer
from app.cases.models import BalanceRequest, Notice, PauseBreach
from app.cases.pause_rules import NoticeState
from app.cases.rules import AnsweredBy, Visibility
from app.clock import local, now, today
from app.consents.models import Assessment
from app.db import reading, transaction
from app.deadlines import working_days_between
from app.early_signals.feedback import Said
from app.early_signals.models import Signal
from app.early_signals.rules import State as SignalState
from app.proposals.lifecycle import CLOCK_RUNS, OfferState, RejectReason
from app.proposals.models import Offer
from app.relations.models import CreditorMonth
from app.relations.profile_rules import first_month

AT_ONCE = 1_000  # months in one statement
ACCEPTED = frozenset({OfferState.ACCEPTED, OfferState.ACCEPTED_OTHER_BALANCE})
NO_ANSWER = frozenset({OfferState.NO_RESPONSE})
NO = frozenset({OfferState.REJECTED, OfferState.RECONSIDERATION_ASKED, OfferState.ASKED_AGAIN})
# an agent's doing is what it answered itself, and what waits for it: not what the creditor or its standing consent answered
ACTS = case((Offer.answered_at.is_(None), Offer.agent_id), else_=Offer.answered_agent_id)


class Found(NamedTuple):
    """So many of something that a creditor or agent did in a month."""

    creditor_id: int
    month: date
    code: str
    number: int


def count_months() -> int:
    """Count the months of every creditor and agent anew, all that profiles show, and return how many there are; the job notes the run."""
    try:
        with transaction(as_portal=True) as session:
            return _count_anew(session)
    except IntegrityError:
        with reading(as_portal=True) as session:
            kept, newest = session.execute(select(func.count(), func.max(CreditorMonth.counted_at))).one()
        if newest is None or local(newest).date() < today():
            raise
        return int(kept)  # another worker counted at the same moment: what it kept is as new


def _count_anew(session: Session) -> int:
    figures: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    for one in _found(session, first_month(today())):
        figures[one.creditor_id, one.month][one.code] += one.number
    session.execute(delete(CreditorMonth))
    at = now()
    rows = [
        {"creditor_id": creditor, "month": month, "figures": {code: n for code, n in counted.items() if n}, "counted_at": at}
        for (creditor, month), counted in sorted(figures.items(), key=lambda one: one[0])
    ]
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(CreditorMonth), rows[start : start + AT_ONCE])
    return len(rows)


def _found(session: Session, since: date) -> Iterator[Found]:
    yield from _counted(session, _offers(since))
    yield from _days(session, since)
    yield from _counted(session, _reasons(since))
    yield from _counted(session, _coverage(since))
    yield from _counted(session, _balances(since))
    yield from _balance_days(session, since)
    yield from _counted(session, _notices(since))
    yield from _counted(session, _breaches(since))
    yield from _counted(session, _signals(since, Signal.reporter_id, Signal.repeated))
    yield from _counted(session, _signals(since, Signal.agent_id, Signal.repeated_by_agent))


def _counted(session: Session, query: Select[Any]) -> Iterator[Found]:
    """Read a statement whose first columns are creditor, agent (or None), year and month; the others are figures by their name."""
    codes = list(query.selected_columns.keys())[4:]
    for creditor, agent, year, month, *numbers in session.execute(query):
        for code, number in zip(codes, numbers, strict=True):
            yield from _both(creditor, agent, Found(creditor, date(int(year), int(month), 1), code, int(number or 0)))


def _both(creditor: int, agent: int | None, one: Found) -> Iterator[Found]:
    """Yield what was counted for the creditor, and for the agent that did it in the creditor's name."""
    yield one
    if agent is not None and agent != creditor:
        yield one._replace(creditor_id=agent)


def _of(conditions: Mapping[str, SQLColumnExpression[bool]]) -> list[Any]:
    return [func.count().filter(condition).label(code) for code, condition in conditions.items()]


def _by_month(whose: tuple[Any, Any], day: Any, *columns: Any) -> Select[Any]:
    year, month = extract("year", day), extract("month", day)
    creditor, agent = whose
    found = select(creditor.label("creditor"), agent.label("agent"), year.label("year"), month.label("month"), *columns)
    return found.group_by(creditor, agent, year, month)


# ── offers ───────────────────────────────────────────────────────────────────


def _offers(since: date) -> Select[Any]:
    answered = Offer.answered_at.is_not(None)
    stood = and_(Offer.state != OfferState.WITHDRAWN, Offer.visibility == Visibility.VISIBLE)
    waits = and_(stood, Offer.state.in_(CLOCK_RUNS))
    due = and_(stood, or_(answered, Offer.answer_by < today()))
    conditions = {
        "offers": Offer.id > 0,
        "waiting": waits,
        "waiting_late": and_(waits, Offer.answer_by < today()),
        "due": due,
        "in_time": and_(due, answered, ~Offer.late),
        "settled": and_(stood, Offer.state.in_(ACCEPTED | NO | NO_ANSWER)),
        "accepted": and_(stood, Offer.state.in_(ACCEPTED)),
        "by_consent": and_(stood, Offer.state.in_(ACCEPTED), Offer.answered_by == AnsweredBy.CONSENT),
        "rejected": and_(stood, Offer.state == OfferState.REJECTED),
        "asked_again": and_(stood, Offer.state.in_(NO - {OfferState.REJECTED})),
        "no_response": and_(stood, Offer.state.in_(NO_ANSWER)),
    }
    query = _by_month((Offer.creditor_id, ACTS), Offer.issued_on, *_of(conditions))
    return query.where(Offer.issued_on >= since, Offer.visibility == Visibility.VISIBLE)


def _days(session: Session, since: date) -> Iterator[Found]:
    """Yield the sum of working days from issue to answer, and over how many offers: those that a person answered."""
    query = (
        cast(Select[Any], select(Offer.creditor_id, Offer.answered_agent_id, Offer.issued_on, Offer.answered_at))
        .where(Offer.issued_on >= since, Offer.visibility == Visibility.VISIBLE, Offer.answered_at.is_not(None))
        .where(Offer.answered_by != AnsweredBy.CONSENT, Offer.state != OfferState.WITHDRAWN)
    )
    known: dict[tuple[date, date], int] = {}
    for creditor, agent, issued_on, answered_at in session.execute(query.execution_options(yield_per=AT_ONCE)):
        on = _answered_on(answered_at)
        if (issued_on, on) not in known:
            known[issued_on, on] = max(0, working_days_between(issued_on, on))
        month = issued_on.replace(day=1)
        yield from _both(creditor, agent, Found(creditor, month, "days", known[issued_on, on]))
        yield from _both(creditor, agent, Found(creditor, month, "days_of", 1))


def _answered_on(moment: datetime) -> date:
    """Return the day in Amsterdam of an answer: a database tells that of its own clock, which in the night is another."""
    return local(moment).date()


def _reasons(since: date) -> Select[Any]:
    """Count rejections by reason, and those that the creditor's own consent covered."""
    conditions: dict[str, SQLColumnExpression[bool]] = {f"reason:{reason.value}": Offer.reject_reason == reason for reason in RejectReason}
    conditions["against_consent"] = Assessment.covered.is_(True)
    query = _by_month((Offer.creditor_id, ACTS), Offer.issued_on, *_of(conditions))
    query = query.outerjoin(Assessment, Assessment.offer_ref == Offer.ref)
    rejected = Offer.state == OfferState.REJECTED
    return query.where(Offer.issued_on >= since, Offer.visibility == Visibility.VISIBLE, rejected)


def _coverage(since: date) -> Select[Any]:
    """Count issued offers that were laid beside a consent, and those that it covered."""
    conditions = {"assessed": Assessment.id > 0, "covered": Assessment.covered.is_(True)}
    query = _by_month((Assessment.creditor_id, Assessment.creditor_id), Assessment.issued_on, *_of(conditions))
    return query.where(Assessment.issued_on >= since, Assessment.rests.is_(False))


# ── balances, pauses and early signals ───────────────────────────────────────


def _balances(since: date) -> Select[Any]:
    """Count balance requests whose days are over or that were answered, by what became of them."""
    conditions = {
        "balances": BalanceRequest.id > 0,
        "balances_not_stated": BalanceRequest.state == BalanceAnswer.NOT_STATED,
        "balances_refused": BalanceRequest.state == BalanceAnswer.NO_COOPERATION,
    }
    query = _by_month((BalanceRequest.creditor_id, BalanceRequest.agent_id), BalanceRequest.sent_on, *_of(conditions))
    over = or_(BalanceRequest.state != BalanceAnswer.OPEN, BalanceRequest.answer_by < today())
    return query.where(BalanceRequest.sent_on >= since, BalanceRequest.visibility == Visibility.VISIBLE, over)


def _balance_days(session: Session, since: date) -> Iterator[Found]:
    """Yield the balance requests that were answered, as in time or late."""
    whose = (BalanceRequest.creditor_id, BalanceRequest.agent_id)
    columns = (*whose, BalanceRequest.sent_on, BalanceRequest.answer_by, BalanceRequest.answered_at)
    query = cast(Select[Any], select(*columns)).where(
        BalanceRequest.sent_on >= since, BalanceRequest.visibility == Visibility.VISIBLE, BalanceRequest.answered_at.is_not(None),
        BalanceRequest.state.in_((BalanceAnswer.STATED, BalanceAnswer.NO_COOPERATION)),
    )  # fmt: skip
    for creditor, agent, sent_on, answer_by, answered_at in session.execute(query.execution_options(yield_per=AT_ONCE)):
        code = "balances_in_time" if _answered_on(answered_at) <= answer_by else "balances_late"
        yield from _both(creditor, agent, Found(creditor, sent_on.replace(day=1), code, 1))


def _notices(since: date) -> Select[Any]:
    conditions = {"pauses": Notice.id > 0, "pauses_confirmed": Notice.state == NoticeState.CONFIRMED}
    query = _by_month((Notice.creditor_id, Notice.agent_id), Notice.sent_on, *_of(conditions))
    return query.where(Notice.sent_on >= since, Notice.visibility == Visibility.VISIBLE)


def _breaches(since: date) -> Select[Any]:
    query = _by_month((PauseBreach.creditor_id, Notice.agent_id), PauseBreach.happened_on, func.count().label("pauses_broken"))
    notice = and_(Notice.id == PauseBreach.notice_id, Notice.visibility == Visibility.VISIBLE)
    return query.join(Notice, notice).where(PauseBreach.happened_on >= since)


def _signals(since: date, sender: Any, is_repeated: Any) -> Select[Any]:
    """Count early signals by how good they were: nothing in it that their sender may not hear; an agent hears of its own repeats alone."""
    wrong, repeated = Signal.said == Said.WRONG, or_(is_repeated, Signal.said == Said.REPEATED)
    said_nothing = or_(Signal.said.is_(None), Signal.said.not_in((Said.WRONG, Said.REPEATED)))
    conditions = {
        "signals": Signal.id > 0,
        "signals_wrong": wrong,
        "signals_repeated": repeated,
        "signals_outdated": Signal.outdated,
        "signals_withdrawn": Signal.state == SignalState.WITHDRAWN,
        "signals_reached": Signal.reached.is_(True),
        "signals_sound": and_(said_nothing, ~is_repeated, ~Signal.outdated),
    }
    query = _by_month((sender, sender), Signal.reported_on, *_of(conditions))
    return query.where(Signal.reported_on >= since, sender.is_not(None))
