"""Who sees which early signal: a reporter its own, a team what came to it, the signal desk all. Somebody else's is NotFound."""

from sqlalchemy import ColumnElement, and_, false, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.early_signals.models import Signal
from app.early_signals.routing import CALL_CENTRE, DESK, DISTRICTS, REGULATED, WPI
from app.errors import NotFound

PLACES = {name.casefold(): name for name in (DESK, CALL_CENTRE, REGULATED, WPI, *(f"Buurtteam {district}" for _, _, district in DISTRICTS))}


def reports(actor: Actor) -> bool:
    """Tell whether somebody acts for a reporter."""
    return actor.kind in {Kind.CREDITOR, Kind.AGENT} and actor.may(Permission.REPORT_SIGNALS)


def place_of(actor: Actor) -> str:
    """Return the name of the actor's team as signals carry it."""
    return PLACES.get(actor.organisation_name.strip().casefold(), actor.organisation_name)


def is_desk(actor: Actor) -> bool:
    return actor.kind is Kind.NEIGHBOURHOOD_TEAM and place_of(actor) == DESK


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Signal: the reporter's own; what came to the team; all for the desk. What was erased, to nobody."""
    if not actor.may(Permission.READ_SIGNALS) or actor.organisation_id is None:
        return false()
    if reports(actor):
        whose = Signal.reporter_id == actor.organisation_id
    elif actor.kind is Kind.NEIGHBOURHOOD_TEAM:
        whose = true() if is_desk(actor) else Signal.team_name == place_of(actor)
    else:
        return false()
    return and_(Signal.erased_on.is_(None), whose)


def visible_signal(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Signal:
    """Return a signal by its reference. Raises NotFound."""
    actor.must(Permission.READ_SIGNALS)
    found = select(Signal).where(Signal.ref == ref, visible_to(actor)) if ref.isprintable() else select(Signal).where(false())
    signal = session.scalar(found.with_for_update() if lock else found)
    if signal is None:
        raise NotFound
    return signal


def own_signal(session: Session, actor: Actor, ref: str) -> Signal:
    """Return a signal that the actor's organisation reported. Raises NotFound."""
    actor.must(Permission.REPORT_SIGNALS)
    return visible_signal(session, actor, ref)


def team_signal(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Signal:
    """Return a signal that came to the actor's team. Raises NotFound."""
    actor.must(Permission.FOLLOW_SIGNALS)
    return visible_signal(session, actor, ref, lock=lock)
