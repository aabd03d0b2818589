"""Read the newest proposal of a case as plain values: what was reckoned with, what came out, and where each offer stands."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor
from app.cases.models import Claim
from app.creditors.models import Organisation
from app.errors import Refusal
from app.proposals.drafting import named_case
from app.proposals.models import Offer, Proposal


def worked_proposal(session: Session, actor: Actor, case_ref: str) -> dict[str, Any]:
    """Return the newest proposal of a case, by the case's reference or RelatieCode-Volgnummer. Raises Refusal when there is none.

    `calculate` of what stands under `input` gives what stands under `result`.
    """
    key, case_id = named_case(session, actor, case_ref)
    newest = select(Proposal).where(Proposal.case_id == case_id).order_by(Proposal.id.desc()).limit(1)
    proposal = session.scalar(newest)
    if proposal is None:
        raise Refusal("proposals.no_proposal", case=key)
    return {
        "case": key,
        "ref": proposal.ref,
        "state": proposal.state.value,
        **proposal.worked,
        "offers": [_offer(*row) for row in session.execute(_offers(proposal.id))],
    }


def _offers(proposal_id: int) -> Any:
    return (
        select(Offer, Claim.number, Organisation.code)
        .join(Claim, Claim.id == Offer.claim_id)
        .join(Organisation, Organisation.id == Offer.creditor_id)
        .where(Offer.proposal_id == proposal_id)
        .order_by(Claim.number)
    )


def _offer(offer: Offer, number: int, code: int | None) -> dict[str, Any]:
    answered = offer.answered_by.value if offer.answered_by else None
    return {"ref": offer.ref, "claim": str(number), "creditor": code, "state": offer.state.value, "answered": answered}
