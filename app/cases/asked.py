"""What balance requests and notices share as things asked of a creditor: who sees them, of which creditor, and whom it may name."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, false, func, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.cases.models import BalanceRequest, Notice
from app.cases.rules import Visibility
from app.clock import today
from app.creditors.models import Mandate, Organisation
from app.creditors.queries import creditors_of, in_force

Asked = type[BalanceRequest] | type[Notice]


def seen_by(actor: Actor, asked: Asked, *, asks: Permission, reads: Permission) -> ColumnElement[bool]:
    """Return the condition on what is asked: all for who `asks`; the creditor's own; the agent's under a mandate of today.

    What rests (art. 18 GDPR) is not shown to creditors and agents; what was erased, to nobody.
    """
    if actor.may(asks):
        return asked.visibility != Visibility.ERASED
    if actor.organisation_id is None or not actor.may(reads):
        return false()
    shown = asked.visibility == Visibility.VISIBLE
    if actor.kind is Kind.CREDITOR:
        return and_(asked.creditor_id == actor.organisation_id, shown)
    if actor.kind is Kind.AGENT:
        mandated = asked.creditor_id.in_(creditors_of(actor.organisation_id, today()))
        return and_(asked.agent_id == actor.organisation_id, mandated, shown)
    return false()


def creditors_to_choose(session: Session, actor: Actor, asked: Asked, *waits: ColumnElement[bool]) -> list[tuple[str, str]]:
    """Return code and name of each creditor of an agent, with how much of what is asked waits; for everybody else none."""
    if actor.kind is not Kind.AGENT or actor.organisation_id is None:
        return []
    found = (
        select(Organisation.code, Organisation.name, func.count(asked.id))
        .outerjoin(asked, and_(asked.creditor_id == Organisation.id, *waits))
        .where(Organisation.id.in_(creditors_of(actor.organisation_id, today())), Organisation.code.is_not(None))
        .group_by(Organisation.id, Organisation.code, Organisation.name)
        .order_by(Organisation.name, Organisation.id)
    )
    return [(str(row[0]), f"{row[1]} ({row[2]})") for row in session.execute(found)]


def of_creditor(asked: Asked, code: str) -> ColumnElement[bool]:
    """Return the condition that something is asked of the creditor with this code; a code that is none means nothing."""
    if not (code.isascii() and code.isdigit() and len(code) < 10):
        return true()
    return asked.creditor_id == select(Organisation.id).where(Organisation.code == int(code)).scalar_subquery()


def mandated_agents(session: Session, creditor_id: int) -> list[tuple[int, str]]:
    """Return number and name of the agents that may act for a creditor today, by name."""
    found = select(Organisation.id, Organisation.name).join(Mandate, Mandate.agent_id == Organisation.id)
    mine = found.where(Mandate.creditor_id == creditor_id, in_force(today())).distinct().order_by(Organisation.name, Organisation.id)
    return [(row[0], row[1]) for row in session.execute(mine)]


def organisation_names(session: Session, ids: Collection[int | None]) -> dict[int, str]:
    """Return the names of organisations by their number; of None there is none."""
    found = select(Organisation.id, Organisation.name).where(Organisation.id.in_({id_ for id_ in ids if id_})).order_by(Organisation.id)
    return {row[0]: row[1] for row in session.execute(found)}
