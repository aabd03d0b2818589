"""The rows that issuing writes for one proposal: its offers, how each compared with a consent, and the answers that follow at once."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.audit.service import record
from app.cases.models import Case, Claim
from app.consents.assessing import InForce, assessment_row
from app.consents.models import Assessment
from app.consents.rules import Effect
from app.db import REF_ALPHABET, new_ref
from app.proposals.calculation import Calculation, ClaimResult
from app.proposals.facts import Grounds
from app.proposals.lifecycle import AnsweredBy, OfferState
from app.proposals.models import Offer, OfferEvent, Proposal
from app.sealing import blind_index

OFFERS: Table = Offer.__table__  # type: ignore[assignment]
EVENTS: Table = OfferEvent.__table__  # type: ignore[assignment]
ASSESSMENTS: Table = Assessment.__table__  # type: ignore[assignment]
CODE_LENGTH = 10  # 30^10 answering codes: guessing one is hopeless, typing one is not
_OPEN = {
    "told_at": None, "reminders": 0, "code_tries": 0, "late": False, "words": "", "revision": 1,
    "reject_reason": None, "other_balance_cents": None, "balance_taken_over_at": None, "reconsider_by": None, "draft": None,
}  # fmt: skip


@dataclass
class Batch:
    """The rows of some proposals, to be written together."""

    offers: list[dict[str, Any]] = field(default_factory=list)
    assessments: list[dict[str, Any]] = field(default_factory=list)
    covered: list[tuple[dict[str, Any], InForce]] = field(default_factory=list)  # an offer, and the version that covers it
    agreed: list[int] = field(default_factory=list)  # proposals to which everybody said yes in advance


def add_offers(batch: Batch, grounds: Grounds, proposal: Proposal, case: Case, result: Calculation, at: datetime) -> None:
    """Add an offer for each claim that takes part; what is outside, or worth nothing, gets none."""
    first = len(batch.offers)
    shared = _shared(proposal, case, result)
    for claim, outcome in zip(case.claims, result.claims, strict=True):
        if outcome.takes_part_cents <= 0 or outcome.facts is None:
            continue
        version = grounds.in_force.get(claim.creditor_id)
        covering = version if outcome.coverage and outcome.coverage.covered else None
        offer = shared | _offer(claim, outcome, grounds.agent_of(claim)) | _answer(covering, at)
        batch.offers.append(offer)
        batch.assessments.append(assessment_row(offer["ref"], claim.creditor_id, version, outcome.facts, outcome.coverage))
        if covering:
            batch.covered.append((offer, covering))
    if all(offer["state"] is OfferState.ACCEPTED for offer in batch.offers[first:]):
        batch.agreed.append(proposal.id)


def _shared(proposal: Proposal, case: Case, result: Calculation) -> dict[str, Any]:
    return _OPEN | {
        "proposal_id": proposal.id, "case_id": case.id, "surname_index": case.surname_index, "product": proposal.product,
        "issued_on": proposal.issued_on, "answer_by": result.terms.answer_by, "closes_on": result.terms.closes_on,
    }  # fmt: skip


def _offer(claim: Claim, outcome: ClaimResult, agent_id: int | None) -> dict[str, Any]:
    code = "".join(secrets.choice(REF_ALPHABET) for _ in range(CODE_LENGTH))
    return {
        "ref": new_ref("A"), "claim_id": claim.id, "creditor_id": claim.creditor_id, "agent_id": agent_id,
        "reference": claim.reference[:60], "rank": claim.rank, "balance_cents": claim.balance_cents,
        "takes_part_cents": outcome.takes_part_cents, "payment_cents": outcome.payment_cents, "percentage": outcome.percentage,
        "code": code, "code_index": blind_index(code),
    }  # fmt: skip


def _answer(covering: InForce | None, at: datetime) -> dict[str, Any]:
    """Return the answer that a covering consent gives: yes at once, or put ready for a colleague of the creditor."""
    if covering is None or covering.effect is Effect.PREPARE:
        state = OfferState.PREPARED if covering else OfferState.OPEN
        return {"state": state, "answered_at": None, "answered_by": None, "answerer": None}
    by = {"answered_at": at, "answered_by": AnsweredBy.CONSENT, "answerer": named(covering)}
    return {"state": OfferState.ACCEPTED, **by}


def named(version: InForce) -> str:
    """Return how a version of a consent is called, such as `C-7K3M-9QX2/3`."""
    return f"{version.ref}/{version.version}"


def write(session: Session, batch: Batch, at: datetime) -> list[int]:
    """Insert the rows of a batch, note each automatic answer in the audit, and return the ids of the offers in their order."""
    if not batch.offers:
        return []
    session.execute(insert(OFFERS), batch.offers)
    session.execute(insert(ASSESSMENTS), batch.assessments)
    proposals = {offer["proposal_id"] for offer in batch.offers}
    found = session.execute(select(OFFERS.c.ref, OFFERS.c.id).where(OFFERS.c.proposal_id.in_(proposals)))
    ids: dict[str, int] = {row[0]: row[1] for row in found}
    if batch.covered:
        session.execute(insert(EVENTS), [_event(ids[offer["ref"]], offer, version, at) for offer, version in batch.covered])
    for offer, version in batch.covered:
        action = "offers:accept" if offer["state"] is OfferState.ACCEPTED else "offers:prepare"
        record(
            session, SYSTEM, action, f"offer/{offer['ref']}", concerns_id=offer["creditor_id"],
            state=(OfferState.OPEN, offer["state"]), consent=(None, named(version)),
        )  # fmt: skip
    return [ids[offer["ref"]] for offer in batch.offers]


def _event(offer_id: int, offer: dict[str, Any], version: InForce, at: datetime) -> dict[str, Any]:
    facts = {"consent": version.ref, "version": version.version, "effect": version.effect.value}
    return {"offer_id": offer_id, "creditor_id": offer["creditor_id"], "at": at, "what": "covered", "who": SYSTEM.name, "facts": facts}
