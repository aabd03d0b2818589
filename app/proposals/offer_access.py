"""Whose offers an actor may see, as one condition that every query about offers carries."""

from enum import Enum, auto
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.cases import message_access
from app.cases.models import Case
from app.clock import today
from app.creditors.queries import creditors_of
from app.proposals.lifecycle import Visibility
from app.proposals.models import Offer

_OFFERS = Offer.__table__.c


class Scope(Enum):
    """Which offers somebody sees."""

    ALL = auto()
    CREDITOR = auto()
    AGENT = auto()
    NONE = auto()


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Offer: the creditor's own; the agent's that the claim names under a mandate of today; all for the bank.

    What rests (art. 18 GDPR) is not shown to creditors and agents; what was erased, to nobody.
    """
    return _condition(scope_of(actor), actor.organisation_id, today())


def scope_of(actor: Actor) -> Scope:
    """Say how far an actor sees."""
    if actor.may(Permission.READ_ALL_OFFERS):
        return Scope.ALL
    if actor.organisation_id is None or not actor.may(Permission.READ_OFFERS):
        return Scope.NONE
    return {Kind.CREDITOR: Scope.CREDITOR, Kind.AGENT: Scope.AGENT}.get(actor.kind, Scope.NONE)


def parameters(actor: Actor) -> dict[str, Any]:
    """Return what `seen_by` asks."""
    return {"organisation": actor.organisation_id, "today": today()}


@cache
def seen_by(scope: Scope) -> ColumnElement[bool]:
    """Return the condition of a scope with `parameters` to be filled in, so that a hot statement is made once."""
    return _condition(scope, bindparam("organisation", type_=Integer), bindparam("today", type_=Date))


def _condition(scope: Scope, organisation: Any, day: Any) -> ColumnElement[bool]:  # Any: a value, or a parameter to fill in
    match scope:
        case Scope.ALL:
            return _OFFERS.visibility != Visibility.ERASED
        case Scope.CREDITOR:
            return and_(_OFFERS.creditor_id == organisation, _OFFERS.visibility == Visibility.VISIBLE)
        case Scope.AGENT:
            mine = _OFFERS.creditor_id.in_(creditors_of(organisation, day))
            return and_(_OFFERS.agent_id == organisation, mine, _OFFERS.visibility == Visibility.VISIBLE)
    return false()


def sees_offer(session: Session, actor: Actor, ref: str) -> bool:
    """Tell whether an actor may see the offer with this reference, and so the letter about it."""
    return session.scalar(select(Offer.id).where(Offer.ref == ref, visible_to(actor))) is not None


def sees_letters(actor: Actor, subject: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a reference is that of an offer which the actor sees."""
    return select(_OFFERS.id).where(_OFFERS.ref == subject, visible_to(actor)).exists()


def offers_of_case(session: Session, actor: Actor, case_ref: str) -> list[str]:
    """Return the references of the offers of a case that the actor sees; none for a number that is no case."""
    mine = select(_OFFERS.ref).join(Case, Case.id == _OFFERS.case_id).where(Case.ref == case_ref, visible_to(actor))
    return list(session.scalars(mine.order_by(_OFFERS.id)))


def sees_path(actor: Actor, path: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that what a path leads to is no offer, notice or balance request, or one that the actor sees."""
    its = select(_OFFERS.id).where(_OFFERS.ref == func.substr(path, len(_OFFER) + 1), visible_to(actor))
    return and_(or_(path.not_like(f"{_OFFER}%"), its.exists()), message_access.sees_path(actor, path))


_OFFER = "/offers/"
