"""Tell what happened by mail, without a word about anybody.

Reporters hear of their feedback once a day, agents of what they sent themselves; teams of late and of withdrawn signals at once.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Kind
from app.audit.service import record
from app.clock import now
from app.creditors.models import Mandate, Organisation
from app.creditors.queries import in_force
from app.db import reading, transaction
from app.early_signals.models import Signal
from app.early_signals.rules import OPEN, State, Urgency
from app.notifications.service import Recipient, notify


@dataclass(frozen=True)
class _Side:
    """Those who hear of a signal, and where it is kept what they heard: each side reads and is mailed for itself."""

    who: Any
    has_news: Any
    mailed_at: Any
    day: date
    by_mandate: bool = False  # hears only while the mandate holds

    @property
    def untold(self) -> ColumnElement[bool]:
        has_news = and_(self.has_news, or_(self.mailed_at.is_(None), self.mailed_at < Signal.told_anew_at))
        is_due = and_(Signal.feedback_by <= self.day, self.mailed_at.is_(None), Signal.state.in_(OPEN))
        held = (Mandate.agent_id == Signal.agent_id, Mandate.creditor_id == Signal.reporter_id, in_force(self.day))
        hears = exists().where(*held) if self.by_mandate else true()
        return and_(Signal.erased_on.is_(None), Signal.state != State.WITHDRAWN, or_(has_news, is_due), hears)


def tell_feedback(day: date) -> int:
    """Mail each reporter once how many of its signals have news, and each agent how many of those it sent; return to how many.

    Running again tells nobody twice. What they read in the portal meanwhile is no news. A signal that waits until its last day counts
    too: they then hear that nothing is known yet.
    """
    reporters = _Side(Signal.reporter_id, Signal.has_news, Signal.mailed_at, day)
    agents = _Side(Signal.agent_id, Signal.agent_has_news, Signal.agent_mailed_at, day, by_mandate=True)
    return sum(_tell(side, id_) for side in (reporters, agents) for id_ in _who_hears(side))


def _who_hears(side: _Side) -> list[int]:
    with reading(as_portal=True) as session:
        return list(session.scalars(select(side.who).where(side.untold).distinct().order_by(side.who)))


def _tell(side: _Side, organisation_id: int) -> bool:
    """Tell one reporter or agent, in a transaction of its own."""
    with transaction(as_portal=True) as session:
        hears = session.get(Organisation, organisation_id, with_for_update=True)
        mine = select(Signal.id).where(side.who == organisation_id, side.untold).order_by(Signal.id)
        ids = list(session.scalars(mine))
        if hears is None or not ids:
            return False
        number, told = len(ids), now()
        since = case((or_(Signal.has_news, Signal.agent_has_news), Signal.told_anew_at), else_=told)
        news = {side.mailed_at: told, Signal.told_anew_at: since, side.has_news: True}  # so that the list shows what the mail counts
        for start in range(0, number, 5_000):
            some = Signal.id.in_(ids[start : start + 5_000])
            session.execute(update(Signal).where(some).values(news), execution_options={"synchronize_session": False})
        notify(session, "early_signals.feedback", Recipient(hears.email, hears.id), "/early-signals?status=news", number=number)
        record(session, SYSTEM, "signals:tell", "signals", concerns_id=hears.id, rows=(None, number))
        return True


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
