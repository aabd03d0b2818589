"""Whose offers an actor may see, as one condition that every query about offers carries."""

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.clock import today
from app.creditors.models import Mandate
from app.errors import NotFound
from app.proposals.models import Offer


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Offer: the creditor's own; the agent's that the claim names under a mandate of today; all for the bank."""
    if actor.may(Permission.READ_ALL_OFFERS):
        return true()
    if actor.organisation_id is None or not actor.may(Permission.READ_OFFERS):
        return false()
    if actor.kind is Kind.CREDITOR:
        return Offer.creditor_id == actor.organisation_id
    if actor.kind is Kind.AGENT:
        return and_(Offer.agent_id == actor.organisation_id, Offer.creditor_id.in_(_mandates(actor.organisation_id)))
    return false()


def _mandates(agent_id: int) -> Select[int]:
    day = today()
    in_force = (Mandate.starts_on <= day) & or_(Mandate.ends_on.is_(None), Mandate.ends_on >= day)
    return select(Mandate.creditor_id).where(Mandate.agent_id == agent_id, in_force)


def visible_offer(session: Session, actor: Actor, ref: str) -> Offer:
    """Return the offer with this reference. Raises NotFound when it is missing or somebody else's."""
    offer = session.scalar(select(Offer).where(Offer.ref == ref, visible_to(actor))) if ref.isprintable() else None
    if offer is None:
        raise NotFound
    return offer


def sees_offer(session: Session, actor: Actor, ref: str) -> bool:
    """Tell whether an actor may see the offer with this reference, and so the letter about it."""
    return session.scalar(select(Offer.id).where(Offer.ref == ref, visible_to(actor))) is not None
