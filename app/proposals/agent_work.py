"""Use cases of a creditor on work that an agent does in its name: take one offer back, or all that run.

The agent's mandate stays: what is issued later goes to it again, until the mandate ends.
"""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.clock import now
from app.creditors.models import Mandate, Organisation
from app.db import transaction
from app.errors import Conflict, NotFound, Refusal
from app.notifications.service import Recipient, notify
from app.proposals.lifecycle import RUNNING, ProposalState, Visibility
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.new_codes import stop_code

NAMED = 20  # offers that the mail to the agent names


def take_back_offer(actor: Actor, ref: str, revision: int) -> None:
    """Take one offer back from the agent that acts on it, at once: the agent no longer sees it.

    Raises Refusal when no agent acts on it or nothing is waited for any more, Conflict when it changed since it was seen, NotFound.
    """
    actor.must(Permission.ANSWER_OFFERS)
    with transaction() as session:
        row = session.execute(_own(actor, Offer.ref == ref)).one_or_none() if ref.isprintable() else None
        if row is None:
            raise NotFound
        proposal, offer = row
        if offer.revision != revision:
            raise Conflict
        if offer.agent_id is None or proposal.state is not ProposalState.ISSUED or offer.state not in RUNNING:
            raise Refusal("proposals.not_with_agent")
        _take(session, actor, [offer])


def take_back_all(actor: Actor, agent_code: int) -> int:
    """Take every running offer of the own organisation back from one agent, and return how many. Raises NotFound for who never was."""
    actor.must(Permission.EDIT_OWN_ORGANISATION)
    with transaction() as session:
        mandated = select(Organisation.id).join(Mandate, Mandate.agent_id == Organisation.id)
        own = (Organisation.code == agent_code, Mandate.creditor_id == actor.organisation_id)
        agent_id = session.scalar(mandated.where(*own).order_by(Mandate.id).limit(1))
        if agent_id is None:  # also of an agent that exists: who works for whom is nobody else's business
            raise NotFound
        running = (Offer.agent_id == agent_id, Proposal.state == ProposalState.ISSUED, Offer.state.in_(RUNNING))
        offers = [row[1] for row in session.execute(_own(actor, *running))]
        if offers:
            _take(session, actor, offers)
        return len(offers)


def _own(actor: Actor, *where: ColumnElement[bool]):  # type: ignore[no-untyped-def] # the type of a statement of two rows
    """Select offers of the own organisation with their proposals, locked in the order in which every use case locks them.

    Only the creditor itself takes work back: the condition is its own, not that of whoever sees the offer.
    """
    own = (Offer.creditor_id == actor.organisation_id, Offer.visibility == Visibility.VISIBLE)
    joined = select(Proposal, Offer).select_from(Proposal).join(Offer, Offer.proposal_id == Proposal.id)
    return joined.where(*own, *where).order_by(Proposal.id, Offer.id).with_for_update()


def _take(session: Session, actor: Actor, offers: list[Offer]) -> None:
    """Clear who acts, with whose work it was there and the answer that was begun, and tell the agent once.

    The code of the letter stops: the letter went to the agent, who could answer with it still.
    """
    agent = session.get_one(Organisation, offers[0].agent_id)
    for offer in offers:
        offer.agent_id = offer.assigned_id = offer.draft = None
        stop_code(offer)
        facts = {"agent": agent.name}
        session.add(
            OfferEvent(offer_id=offer.id, creditor_id=offer.creditor_id, at=now(), what="taken back", who=actor.name[:200], facts=facts)
        )
        record(session, actor, "offers:take-back", f"offer/{offer.ref}", concerns_id=offer.creditor_id, agent=(agent.name, None))
    # whose work it was stands in no mail: the name of a firm may be that of a person
    named = ", ".join(offer.ref for offer in offers[:NAMED])
    notify(session, "offers.taken_back", Recipient(agent.email, agent.id), "/offers", number=len(offers), offers=named)
