"""When a proposal comes to its end by the answers alone: the agreement stands, or its term is over. Works inside a transaction."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.audit.service import record
from app.cases.models import Case
from app.cases.rules import Stage
from app.cases.service import note_stage
from app.clock import now
from app.creditors.models import Organisation
from app.notifications.service import Recipient, Telling, notify_all
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


def settle_if_agreed(session: Session, proposal_ids: Collection[int]) -> None:
    """Let the agreement stand of each running proposal whose creditors have all accepted, and tell them all.

    Whoever answers holds the lock of the proposals: of two last answers at once the second finds the first.
    """
    states = _states(session, proposal_ids)
    agreed = _issued(session, [id_ for id_ in sorted(states) if is_agreed(states[id_])])
    if agreed:
        _end(session, agreed, ProposalState.AGREED, "proposals:agree")
        _tell(session, [proposal.id for proposal in agreed])


def close_if_over(session: Session, proposal_id: int, today: date) -> bool:
    """Close a proposal whose last day it is and that is not agreed; who did not answer becomes 'no response'.

    A creditor that was asked again has its own term, so has one whose clock stood still, and an officer may still take a balance
    over: those keep it open.
    While the case rests (art. 18 GDPR) its terms stand still.
    """
    proposal = next(iter(_issued(session, [proposal_id])), None)
    if proposal is None or proposal.closes_on is None or today < proposal.closes_on or _rests(session, proposal):
        return False
    offers = list(session.scalars(select(Offer).where(Offer.proposal_id == proposal_id).order_by(Offer.id).with_for_update()))
    for offer in offers:
        if offer.state in ENDS_UNANSWERED and _is_over(offer, today):
            _no_response(session, offer)
    if not may_close(offer.state for offer in offers):
        return False
    _end(session, [proposal], ProposalState.CLOSED, "proposals:close")
    return True


def _is_over(offer: Offer, today: date) -> bool:
    """Tell whether the terms of one offer are over: its own, and the one of a second question."""
    runs = offer.paused_on is None
    return runs and offer.closes_on <= today and (offer.reconsider_by is None or offer.reconsider_by <= today)


def _issued(session: Session, proposal_ids: Sequence[int]) -> Sequence[Any]:
    """Return those that run, locked: two last answers at once are settled one after the other."""
    columns = select(Proposal.id, Proposal.ref, Proposal.case_id, Proposal.state, Proposal.closes_on)
    running = columns.where(Proposal.id.in_(proposal_ids), Proposal.state == ProposalState.ISSUED)
    return session.execute(running.order_by(Proposal.id).with_for_update()).all() if proposal_ids else ()


def _rests(session: Session, proposal: Any) -> bool:
    return session.scalar(select(Case.restricted_at).where(Case.id == proposal.case_id)) is not None


def _states(session: Session, proposal_ids: Collection[int]) -> dict[int, set[OfferState]]:
    """Return in which states the offers of each proposal are."""
    found = select(Offer.proposal_id, Offer.state).where(Offer.proposal_id.in_(proposal_ids)).distinct()
    states: dict[int, set[OfferState]] = defaultdict(set)
    for proposal_id, state in session.execute(found.order_by(Offer.proposal_id, Offer.state)):
        states[proposal_id].add(state)
    return states


def _tell(session: Session, proposal_ids: Sequence[int]) -> None:
    """Mail every creditor, and every agent that acts for one, once for each agreement, with all its offers in it."""
    offers: dict[tuple[int, int], list[str]] = defaultdict(list)
    columns = (Offer.proposal_id, Offer.ref, Offer.creditor_id, Offer.agent_id)
    for proposal_id, ref, *parties in session.execute(select(*columns).where(Offer.proposal_id.in_(proposal_ids)).order_by(Offer.id)):
        for party_id in filter(None, parties):
            offers[proposal_id, party_id].append(ref)
    among = Organisation.id.in_({party_id for _, party_id in offers})
    found = session.execute(select(Organisation.id, Organisation.email).where(among).order_by(Organisation.id))
    known = {row.id: Recipient(row.email, row.id) for row in found}
    told = [
        Telling("proposals.agreed", known[party_id], f"/offers/{refs[0]}", {"offers": ", ".join(refs)})
        for (_, party_id), refs in sorted(offers.items())
    ]
    notify_all(session, told)


def _end(session: Session, proposals: Sequence[Any], to: ProposalState, action: str) -> None:
    for proposal in proposals:
        check_move(PROPOSAL_MOVES, proposal.state, to)
        record(session, SYSTEM, action, f"proposal/{proposal.ref}", state=(proposal.state, to))
    mine = update(Proposal).where(Proposal.id.in_([proposal.id for proposal in proposals]))
    session.execute(mine.values(state=to, ended_at=now(), revision=Proposal.revision + 1))
    note_stage(session, [proposal.case_id for proposal in proposals], Stage.AGREED if to is ProposalState.AGREED else Stage.INTAKE)


def _no_response(session: Session, offer: Offer) -> None:
    record(
        session, SYSTEM, "offers:close", f"offer/{offer.ref}", concerns_id=offer.creditor_id,
        state=(offer.state, OfferState.NO_RESPONSE),
    )  # fmt: skip
    offer.state = OfferState.NO_RESPONSE
    session.add(OfferEvent(offer_id=offer.id, creditor_id=offer.creditor_id, at=now(), what="no response", who=SYSTEM.name, facts={}))
