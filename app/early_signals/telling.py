"""Tell what happened by mail, without a word about anybody: reporters of their feedback once a day, teams of late signals at once."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select, update
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

    A signal that waits until its last day counts too: the reporter then hears that nothing is known yet.
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
        number = len(ids)
        for start in range(0, number, 5_000):
            some = Signal.id.in_(ids[start : start + 5_000])
            session.execute(update(Signal).where(some).values(mailed_at=now()), execution_options={"synchronize_session": False})
        notify(session, "early_signals.feedback", Recipient(reporter.email, reporter.id), "/early-signals?status=news", number=number)
        record(session, SYSTEM, "signals:tell", "signals", concerns_id=reporter.id, rows=(None, number))
        return True


def _untold(day: date) -> ColumnElement[bool]:
    has_news = and_(Signal.told_anew_at.is_not(None), or_(Signal.mailed_at.is_(None), Signal.mailed_at < Signal.told_anew_at))
    is_due = and_(Signal.feedback_by <= day, Signal.mailed_at.is_(None))
    return and_(Signal.erased_on.is_(None), Signal.state != State.WITHDRAWN, or_(has_news, is_due))


def tell_late(session: Session, signals: Sequence[Signal]) -> None:
    """Tell each team how many late signals came in: their terms are hours."""
    late = Counter(one.team_name for one in signals if one.urgency == Urgency.LATE and one.state in OPEN)
    for name, number in sorted(late.items()):
        of_team = select(Organisation).where(Organisation.kind == Kind.NEIGHBOURHOOD_TEAM, func.lower(Organisation.name) == name.lower())
        team = session.scalar(of_team.order_by(Organisation.id).limit(1))
        if team is not None:
            notify(session, "early_signals.late", Recipient(team.email, team.id), "/early-signals?status=late", number=number)
