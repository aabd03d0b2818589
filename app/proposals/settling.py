"""Use cases of the bank on a running proposal: ask a creditor once more, take over a balance, withdraw and supersede."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.cases.models import Claim
from app.cases.rules import Stage
from app.cases.service import note_stage
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import transaction
from app.deadlines import add_working_days
from app.errors import Conflict, NotFound, Refusal
from app.notifications.service import Recipient, notify
from app.proposals import parameters
from app.proposals.agreement import settle_if_agreed
from app.proposals.lifecycle import OFFER_MOVES, PROPOSAL_MOVES, OfferState, ProposalState, Visibility, check_move
from app.proposals.models import Offer, OfferEvent, Proposal


def ask_again(actor: Actor, offer_ref: str, words: str, revision: int) -> None:
    """Ask a creditor to reconsider, with the bank's words and the state of the others in numbers.

    The creditor has 10 working days (parameter `reconsideration_days`). Raises Refusal, Conflict, NotFound.
    """
    actor.must(Permission.SETTLE_PROPOSALS)
    with transaction() as session:
        offer = _offer(session, offer_ref, revision)
        check_move(OFFER_MOVES, offer.state, OfferState.ASKED_AGAIN)
        before = offer.state
        offer.state = OfferState.ASKED_AGAIN
        offer.reconsider_by = offer.answer_by = add_working_days(today(), parameters.whole("reconsideration_days", today()))
        agreed, total = _agreed_of(session, offer.proposal_id)
        _note(session, actor, offer, "asked again", words=words.strip(), agreed=agreed, total=total)
        record(session, actor, "offers:ask-again", f"offer/{offer.ref}", concerns_id=offer.creditor_id, state=(before, offer.state))
        _tell(session, offer, "proposals.asked_again", by=f"{offer.reconsider_by:%d-%m-%Y}", agreed=agreed, total=total)


def take_over_balance(actor: Actor, offer_ref: str, revision: int) -> None:
    """Accept the balance that a creditor named with its acceptance, without reckoning again: the offered sum stays.

    Raises Refusal when the creditor named none, or less than it would be paid; Conflict, NotFound.
    """
    actor.must(Permission.SETTLE_PROPOSALS)
    with transaction() as session:
        offer = _offer(session, offer_ref, revision)
        if offer.state is not OfferState.ACCEPTED_OTHER_BALANCE or offer.other_balance_cents is None:
            raise Refusal("proposals.move_not_possible")  # nobody says yes in a creditor's name
        claim = session.get_one(Claim, offer.claim_id)
        if offer.other_balance_cents - claim.security_cents < offer.payment_cents:
            raise Refusal("proposals.paid_above_balance")
        record(
            session, actor, "offers:take-over-balance", f"offer/{offer.ref}", concerns_id=offer.creditor_id,
            state=(offer.state, OfferState.ACCEPTED), balance=(claim.balance_cents, offer.other_balance_cents),
        )  # fmt: skip
        claim.stated_cents, claim.stated_on = offer.other_balance_cents, today()
        offer.state, offer.balance_taken_over_at = OfferState.ACCEPTED, now()
        _note(session, actor, offer, "balance taken over", cents=offer.other_balance_cents)
        settle_if_agreed(session, offer.proposal_id)


def withdraw_proposal(actor: Actor, ref: str, reason: str, revision: int) -> None:
    """End a proposal with its reason; its offers close and their creditors read why. Raises Refusal, Conflict, NotFound."""
    _end(actor, ref, ProposalState.WITHDRAWN, reason, revision)


def supersede_proposal(actor: Actor, ref: str, reason: str, revision: int) -> None:
    """Make room for a proposal with other sums; the offers of this one close and their creditors read why.

    Raises Refusal, Conflict, NotFound.
    """
    _end(actor, ref, ProposalState.SUPERSEDED, reason, revision)


def _end(actor: Actor, ref: str, to: ProposalState, reason: str, revision: int) -> None:
    actor.must(Permission.ISSUE_PROPOSALS)
    with transaction() as session:
        proposal = _proposal(session, ref, revision)
        check_move(PROPOSAL_MOVES, proposal.state, to)
        if not reason.strip():
            raise Refusal("proposals.reason_missing", field="reason")
        record(session, actor, f"proposals:{to}", f"proposal/{proposal.ref}", state=(proposal.state, to), reason=(None, reason.strip()))
        proposal.state, proposal.ended_at, proposal.end_reason = to, now(), reason.strip()
        note_stage(session, proposal.case_id, Stage.INTAKE)
        offers = _open_to_end(session, proposal.id)
        for offer in offers:
            offer.state = OfferState.WITHDRAWN
            _note(session, actor, offer, "closed", why=to.value, reason=reason.strip())
        _tell_of_end(session, offers)


def _open_to_end(session: Session, proposal_id: int) -> list[Offer]:
    mine = select(Offer).where(Offer.proposal_id == proposal_id, Offer.state != OfferState.WITHDRAWN).order_by(Offer.id)
    return list(session.scalars(mine.with_for_update()))


def _tell_of_end(session: Session, offers: list[Offer]) -> None:
    """Mail each party once with all its offers; the reason may name a client, so it stands in the portal and not in a mail.

    Of what rests nobody is told: it is not there for them.
    """
    refs: dict[int, list[str]] = {}
    for offer in (one for one in offers if one.visibility is Visibility.VISIBLE):
        refs.setdefault(offer.agent_id or offer.creditor_id, []).append(offer.ref)
    for party in session.scalars(select(Organisation).where(Organisation.id.in_(refs)).order_by(Organisation.id)):
        mine = refs[party.id]
        to = Recipient(party.email, party.id)
        notify(session, "proposals.withdrawn", to, f"/offers/{mine[0]}", offers=", ".join(mine), number=len(mine))


# ── shared steps ─────────────────────────────────────────────────────────────


def _offer(session: Session, ref: str, revision: int) -> Offer:
    """Return an offer of a running proposal as the person saw it. Raises NotFound, Conflict, Refusal.

    The proposal is locked before the offer, as everywhere: two use cases can never wait for each other.
    """
    mine = select(Proposal.state).where(Proposal.id == select(Offer.proposal_id).where(Offer.ref == ref).scalar_subquery())
    state = session.scalar(mine.with_for_update())
    offer = session.scalar(select(Offer).where(Offer.ref == ref).with_for_update())
    if offer is None or offer.visibility is Visibility.ERASED:
        raise NotFound
    if offer.revision != revision:
        raise Conflict
    if state is not ProposalState.ISSUED:
        raise Refusal("proposals.not_running")
    if offer.visibility is not Visibility.VISIBLE:
        raise Refusal("proposals.case_rests")
    return offer


def _proposal(session: Session, ref: str, revision: int) -> Proposal:
    proposal = session.scalar(select(Proposal).where(Proposal.ref == ref).with_for_update())
    if proposal is None:
        raise NotFound
    if proposal.revision != revision:
        raise Conflict
    return proposal


def _agreed_of(session: Session, proposal_id: int) -> tuple[int, int]:
    """Return how many creditors agreed and how many were asked: numbers, never names."""
    states = list(session.scalars(select(Offer.state).where(Offer.proposal_id == proposal_id).order_by(Offer.id)))
    return sum(state is OfferState.ACCEPTED for state in states), len(states)


def _note(session: Session, actor: Actor, offer: Offer, what: str, **facts: object) -> None:
    session.add(OfferEvent(offer_id=offer.id, creditor_id=offer.creditor_id, at=now(), what=what, who=actor.organisation_name, facts=facts))


def _tell(session: Session, offer: Offer, code: str, **facts: object) -> None:
    """Mail whoever acts on the offer: the agent, else the creditor."""
    organisation = session.get_one(Organisation, offer.agent_id or offer.creditor_id)
    notify(session, code, Recipient(organisation.email, organisation.id), f"/offers/{offer.ref}", offer=offer.ref, **facts)
