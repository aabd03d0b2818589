"""Who sees which early signal: a reporter what is in its name, an agent what it sent under a mandate of today, a team what came to it.

The signal desk sees all. Somebody else's is NotFound.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.clock import today
from app.creditors.queries import creditors_of
from app.early_signals.models import Signal
from app.early_signals.routing import CALL_CENTRE, DESK, DISTRICTS, REGULATED, WPI
from app.errors import NotFound

PLACES = {name.casefold(): name for name in (DESK, CALL_CENTRE, REGULATED, WPI, *(f"Buurtteam {district}" for _, _, district in DISTRICTS))}


def reports(actor: Actor) -> bool:
    """Tell whether somebody acts for a reporter: as the creditor itself, or as its agent."""
    return actor.kind in {Kind.CREDITOR, Kind.AGENT} and actor.may(Permission.REPORT_SIGNALS)


def place_of(actor: Actor) -> str:
    """Return the name of the actor's team as signals carry it."""
    return PLACES.get(actor.organisation_name.strip().casefold(), actor.organisation_name)


def is_desk(actor: Actor) -> bool:
    return actor.kind is Kind.NEIGHBOURHOOD_TEAM and place_of(actor) == DESK


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Signal: the reporter's own; what the agent sent; what came to the team; all for the desk.

    What was erased, to nobody.
    """
    if not actor.may(Permission.READ_SIGNALS) or actor.organisation_id is None:
        return false()
    if reports(actor):
        whose: ColumnElement[bool] = _in_its_name(actor.organisation_id)
        if actor.kind is Kind.AGENT:
            whose = or_(whose, sent_by(actor.organisation_id, today()))
    elif actor.kind is Kind.NEIGHBOURHOOD_TEAM:
        whose = true() if is_desk(actor) else Signal.team_name == place_of(actor)
    else:
        return false()
    return and_(Signal.erased_on.is_(None), whose)


def _in_its_name(organisation: Any) -> ColumnElement[bool]:
    return and_(Signal.reporter_id == organisation)


def sent_by(agent: Any, day: Any) -> ColumnElement[bool]:
    """Return the condition that an agent sent a signal in the name of a creditor whose mandate holds on a day."""
    return and_(Signal.agent_id == agent, Signal.reporter_id.in_(creditors_of(agent, day)))


def is_news(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor's organisation did not read yet what a signal tells; creditor and agent read each for itself."""
    if actor.kind is not Kind.AGENT:
        return Signal.has_news.is_(True)
    sent = and_(Signal.agent_id == actor.organisation_id, Signal.agent_has_news)
    return or_(and_(_in_its_name(actor.organisation_id), Signal.has_news), sent)


def is_repeated(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a signal repeats another that the actor may know of: an agent hears of what it sent itself, and no more."""
    return Signal.repeated_by_agent.is_(True) if actor.kind is Kind.AGENT else Signal.repeated.is_(True)


def visible_signal(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Signal:
    """Return a signal by its reference. Raises NotFound."""
    actor.must(Permission.READ_SIGNALS)
    found = select(Signal).where(Signal.ref == ref, visible_to(actor)) if ref.isprintable() else select(Signal).where(false())
    signal = session.scalar(found.with_for_update() if lock else found)
    if signal is None:
        raise NotFound
    return signal


def own_signal(session: Session, actor: Actor, ref: str) -> Signal:
    """Return a signal that the actor's organisation reported, or that was reported in its name. Raises NotFound."""
    actor.must(Permission.REPORT_SIGNALS)
    return visible_signal(session, actor, ref)


def team_signal(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Signal:
    """Return a signal that came to the actor's team. Raises NotFound."""
    actor.must(Permission.FOLLOW_SIGNALS)
    return visible_signal(session, actor, ref, lock=lock)
