"""What a draft would become if it went out today: what each creditor gets, and its letter. For the officer who checks it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app.access import Actor, Permission
from app.cases.models import Claim
from app.cases.queries import visible_case
from app.cases.rules import Rank
from app.clock import now, today
from app.documents.writer import write
from app.errors import NotFound, Refusal
from app.money import Cents
from app.proposals import facts, letters
from app.proposals.calculation import calculate
from app.proposals.drafting import UNISSUED, choice_of, worked_as_json
from app.proposals.letter_text import offer_letter
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, Proposal
from app.proposals.offer_rows import Batch, add_offers

CODE = "VOORBEELD0"  # stands where the answering code will stand: a preview opens nothing
REF = "A-VOOR-BEELD"


@dataclass(frozen=True)
class PreviewRow:
    """What one creditor would be offered, and whether its standing consent answers that at once."""

    number: int
    creditor: str
    agent: str
    rank: Rank
    takes_part_cents: Cents
    percentage: str
    payment_cents: Cents
    state: OfferState


def preview_rows(session: Session, actor: Actor, case_ref: str) -> list[PreviewRow]:
    """Return what each creditor would be offered today; nothing when no draft waits or it cannot be calculated any more."""
    try:
        offers = _planned(session, actor, case_ref)
    except (NotFound, Refusal):
        return []
    parties = letters.parties_of(session, offers)
    return [
        PreviewRow(
            offer.claim.number, parties[offer.creditor_id].name, parties[offer.agent_id].name if offer.agent_id else "",
            offer.rank, offer.takes_part_cents, offer.percentage, offer.payment_cents, offer.state,
        )
        for offer in offers
    ]  # fmt: skip


def preview_letter(session: Session, actor: Actor, case_ref: str, number: int) -> bytes:
    """Return the letter about one claim as it would go out today. Raises NotFound, also for a claim that gets no offer."""
    try:
        offer = next((offer for offer in _planned(session, actor, case_ref) if offer.claim.number == number), None)
    except Refusal:  # the case changed, and cannot be calculated so any more
        offer = None
    if offer is None:
        raise NotFound
    return write(offer_letter(letters.facts_of(offer, letters.parties_of(session, [offer]))))


def _planned(session: Session, actor: Actor, case_ref: str) -> list[Offer]:
    """Return the offers that a draft would get, belonging to no session. Raises NotFound, Refusal."""
    actor.must(Permission.DRAFT_PROPOSALS)
    case = visible_case(session, actor, case_ref)
    waiting = select(Proposal).where(Proposal.case_id == case.id, Proposal.state.in_(UNISSUED)).options(joinedload(Proposal.case))
    proposal = session.scalar(waiting)
    if proposal is None:
        raise NotFound
    grounds = facts.grounds(session, [case.id], today(), consents=True)
    worked = grounds.worked(case, choice_of(proposal))
    result = calculate(worked)
    set_committed_value(proposal, "worked", worked_as_json(worked, result))  # as issuing would keep it; nothing is saved
    batch = Batch()
    add_offers(batch, grounds, proposal, case, result, now())
    claims = {claim.id: claim for claim in case.claims}
    return [_offer(row | {"issued_on": grounds.on}, proposal, claims[row["claim_id"]]) for row in batch.offers]


def _offer(row: dict[str, Any], proposal: Proposal, claim: Claim) -> Offer:
    offer = Offer(**row | {"ref": REF, "code": CODE})
    set_committed_value(offer, "proposal", proposal)  # without an event: the offer stays outside the session
    set_committed_value(offer, "claim", claim)
    return offer
