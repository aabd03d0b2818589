"""When a proposal comes to its end by the answers alone: the agreement stands, or its term is over. Works inside a transaction."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.audit.service import record
from app.cases.models import Case
from app.cases.rules import Stage
from app.cases.service import note_stage
from app.clock import now
from app.creditors.models import Organisation
from app.notifications.service import Recipient, notify
from app.proposals.lifecycle import (
    OFFER_MOVES,
    PROPOSAL_MOVES,
    OfferState,
    ProposalState,
    check_move,
    is_agreed,
    may_close,
)
from app.proposals.models import Offer, OfferEvent, Proposal

ENDS_UNANSWERED = frozenset(state for state, moves in OFFER_MOVES.items() if OfferState.NO_RESPONSE in moves)


def settle_if_agreed(session: Session, proposal_id: int) -> bool:
    """Let the agreement stand when every creditor has accepted, tell them all, and return whether it does."""
    proposal = _issued(session, proposal_id)
    if proposal is None or not is_agreed(_states(session, proposal_id)):
        return False
    _end(session, proposal, ProposalState.AGREED, "proposals:agree")
    _tell(session, proposal_id)
    return True


def close_if_over(session: Session, proposal_id: int, today: date) -> bool:
    """Close a proposal whose last day it is and that is not agreed; who did not answer becomes 'no response'.

    A creditor that was asked again has its own term, so has one whose clock stood still, and an officer may still take a balance
    over: those keep it open.
    While the case rests (art. 18 GDPR) its terms stand still.
    """
    proposal = _issued(session, proposal_id)
    if proposal is None or proposal.closes_on is None or today < proposal.closes_on or _rests(session, proposal):
        return False
    offers = list(session.scalars(select(Offer).where(Offer.proposal_id == proposal_id).order_by(Offer.id).with_for_update()))
    for offer in offers:
        if offer.state in ENDS_UNANSWERED and _is_over(offer, today):
            _no_response(session, offer)
    if not may_close(offer.state for offer in offers):
        return False
    _end(session, proposal, ProposalState.CLOSED, "proposals:close")
    return True


def _is_over(offer: Offer, today: date) -> bool:
    """Tell whether the terms of one offer are over: its own, and the one of a second question."""
    runs = offer.paused_on is None
    return runs and offer.closes_on <= today and (offer.reconsider_by is None or offer.reconsider_by <= today)


def _issued(session: Session, proposal_id: int) -> Proposal | None:
    """Return the proposal, locked, while it runs: two last answers at once are settled one after the other."""
    running = select(Proposal).where(Proposal.id == proposal_id, Proposal.state == ProposalState.ISSUED)
    return session.scalar(running.with_for_update())


def _rests(session: Session, proposal: Proposal) -> bool:
    return session.scalar(select(Case.restricted_at).where(Case.id == proposal.case_id)) is not None


def _states(session: Session, proposal_id: int) -> list[OfferState]:
    return list(session.scalars(select(Offer.state).where(Offer.proposal_id == proposal_id).order_by(Offer.id)))


def _tell(session: Session, proposal_id: int) -> None:
    """Mail every creditor, and every agent that acts for one, once with all its offers."""
    offers: dict[int, list[str]] = {}
    mine = select(Offer.ref, Offer.creditor_id, Offer.agent_id).where(Offer.proposal_id == proposal_id).order_by(Offer.id)
    for ref, *parties in session.execute(mine):
        for party_id in filter(None, parties):
            offers.setdefault(party_id, []).append(ref)
    for party in session.scalars(select(Organisation).where(Organisation.id.in_(offers)).order_by(Organisation.id)):
        refs = offers[party.id]
        notify(session, "proposals.agreed", Recipient(party.email, party.id), f"/offers/{refs[0]}", offers=", ".join(refs))


def _end(session: Session, proposal: Proposal, to: ProposalState, action: str) -> None:
    check_move(PROPOSAL_MOVES, proposal.state, to)
    record(session, SYSTEM, action, f"proposal/{proposal.ref}", state=(proposal.state, to))
    proposal.state, proposal.ended_at = to, now()
    note_stage(session, proposal.case_id, Stage.AGREED if to is ProposalState.AGREED else Stage.INTAKE)


def _no_response(session: Session, offer: Offer) -> None:
    record(
        session, SYSTEM, "offers:close", f"offer/{offer.ref}", concerns_id=offer.creditor_id,
        state=(offer.state, OfferState.NO_RESPONSE),
    )  # fmt: skip
    offer.state = OfferState.NO_RESPONSE
    session.add(OfferEvent(offer_id=offer.id, creditor_id=offer.creditor_id, at=now(), what="no response", who=SYSTEM.name, facts={}))
