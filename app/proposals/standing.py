"""What a proposal that went out holds of each claim, for those who would change a balance after it. Works inside a transaction."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.money import Cents
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.models import Offer, Proposal

STANDS = (ProposalState.ISSUED, ProposalState.AGREED)


def payments_of(session: Session, case_id: int) -> dict[int, Cents] | None:
    """Return what each claim (id) of a case is offered by the proposal that is out or agreed; None when none is.

    The proposals of the case are locked first, as everywhere: none goes out until the caller is ready.
    """
    mine = select(Proposal.id, Proposal.state).where(Proposal.case_id == case_id).order_by(Proposal.id).with_for_update()
    standing = [row.id for row in session.execute(mine) if row.state in STANDS]
    if not standing:
        return None
    offers = select(Offer.claim_id, Offer.payment_cents).where(Offer.proposal_id.in_(standing), Offer.state != OfferState.WITHDRAWN)
    return {row.claim_id: row.payment_cents for row in session.execute(offers.order_by(Offer.id))}
