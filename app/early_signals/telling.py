"""Tell what happened by mail, without a word about anybody.

Reporters hear of their feedback once a day, teams of late and of withdrawn signals at once.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Kind
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.early_signals.models import Signal
from app.early_signals.rules import OPEN, State, Urgency
from app.notifications.service import Recipient, notify


def tell_feedback(day: date) -> int:
    """Mail each reporter once how many of its signals have news; return to how many. Running again tells nobody twice.

    What it read in the portal meanwhile is no news. A signal that waits until its last day counts too: the reporter then hears
    that nothing is known yet.
    """
    with reading(as_portal=True) as session:
        reporters = list(session.scalars(select(Signal.reporter_id).where(_untold(day)).distinct().order_by(Signal.reporter_id)))
    return sum(_tell(reporter_id, day) for reporter_id in reporters)


def _tell(reporter_id: int, day: date) -> bool:
    """Tell one reporter, in a transaction of its own."""
    with transaction(as_portal=True) as session:
        reporter = session.get(Organisation, reporter_id, with_for_update=True)
        mine = select(Signal.id).where(Signal.reporter_id == reporter_id, _untold(day)).order_by(Signal.id)
        ids = list(session.scalars(mine))
        if reporter is None or not ids:
            return False
        number, told = len(ids), now()
        since = case((Signal.has_news, Signal.told_anew_at), else_=told)
        news = {"mailed_at": told, "told_anew_at": since, "has_news": True}  # so that the list shows what the mail counts
        for start in range(0, number, 5_000):
            some = Signal.id.in_(ids[start : start + 5_000])
            session.execute(update(Signal).where(some).values(news), execution_options={"synchronize_session": False})
        notify(session, "early_signals.feedback", Recipient(reporter.email, reporter.id), "/early-signals?status=news", number=number)
        record(session, SYSTEM, "signals:tell", "signals", concerns_id=reporter.id, rows=(None, number))
        return True


def _untold(day: date) -> ColumnElement[bool]:
    has_news = and_(Signal.has_news, or_(Signal.mailed_at.is_(None), Signal.mailed_at < Signal.told_anew_at))
    is_due = and_(Signal.feedback_by <= day, Signal.mailed_at.is_(None), Signal.state.in_(OPEN))
    return and_(Signal.erased_on.is_(None), Signal.state != State.WITHDRAWN, or_(has_news, is_due))


def late_by_team(signals: Iterable[Signal]) -> Counter[str]:
    """Count the late signals of each team."""
    return Counter(one.team_name for one in signals if one.urgency == Urgency.LATE and one.state in OPEN)


def tell_late(session: Session, late: Counter[str]) -> None:
    """Tell each team once how many late signals came in: their terms are hours."""
    for name, number in sorted(late.items()):
        if team := _team(session, name):
            notify(session, "early_signals.late", Recipient(team.email, team.id), "/early-signals?status=late", number=number)


def tell_withdrawn(session: Session, signal: Signal) -> None:
    """Tell the team that a signal on which it works, or that cannot wait, was taken back: it tries no more."""
    if (signal.state is State.TRIED or signal.urgency == Urgency.LATE) and (team := _team(session, signal.team_name)):
        notify(session, "early_signals.withdrawn", Recipient(team.email, team.id), f"/early-signals/{signal.ref}", ref=signal.ref)


def _team(session: Session, name: str) -> Organisation | None:
    of_team = select(Organisation).where(Organisation.kind == Kind.NEIGHBOURHOOD_TEAM, func.lower(Organisation.name) == name.lower())
    return session.scalar(of_team.order_by(Organisation.id).limit(1))
