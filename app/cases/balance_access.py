"""Whose balance requests an actor may see, and who acts for a creditor on a claim."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.cases.asked import seen_by
from app.cases.models import BalanceRequest, Case, Claim
from app.creditors.models import Mandate
from app.creditors.queries import in_force


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on BalanceRequest: the creditor's own; the agent's under a mandate of today; all for the bank."""
    return seen_by(actor, BalanceRequest, asks=Permission.ASK_BALANCES, reads=Permission.READ_BALANCES)


def sees_request(session: Session, actor: Actor, ref: str) -> bool:
    """Tell whether an actor may see the request with this reference, and so the letter about it."""
    return session.scalar(select(BalanceRequest.id).where(BalanceRequest.ref == ref, visible_to(actor))) is not None


def sees_letters(actor: Actor, subject: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a reference is that of a balance request which the actor sees."""
    return select(BalanceRequest.id).where(BalanceRequest.ref == subject, visible_to(actor)).exists()


def requests_of_case(session: Session, actor: Actor, case_ref: str) -> list[str]:
    """Return the references of the balance requests of a case that the actor sees; none for a number that is no case."""
    mine = select(BalanceRequest.ref).join(Case, Case.id == BalanceRequest.case_id).where(Case.ref == case_ref, visible_to(actor))
    return list(session.scalars(mine.order_by(BalanceRequest.id)))


def acting_agents(session: Session, claims: Sequence[Claim], on: date) -> dict[int, int | None]:
    """Return for each claim who acts on it: its bailiff, else its collection agency, whichever holds a mandate of the creditor."""
    named = {claim.id: [id_ for id_ in (claim.bailiff_id, claim.agent_id) if id_ is not None] for claim in claims}
    agents = {id_ for ids in named.values() for id_ in ids}
    held = select(Mandate.agent_id, Mandate.creditor_id).where(Mandate.agent_id.in_(agents), in_force(on)).order_by(Mandate.id)
    mandates = {(row[0], row[1]) for row in session.execute(held)}
    return {
        claim.id: next((agent for agent in named[claim.id] if (agent, claim.creditor_id) in mandates), None) for claim in claims
    }  # fmt: skip
