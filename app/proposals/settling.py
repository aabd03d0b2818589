"""Use cases of the bank on a running proposal: ask once more, take over a balance, decide about the court, withdraw and supersede."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.cases.models import Case, Claim
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
from app.proposals.court_rules import DECIDED_IN, CourtPoint, Guidance, is_court_possible, share_of
from app.proposals.lifecycle import OFFER_MOVES, PROPOSAL_MOVES, OfferState, ProposalState, Visibility, check_move
from app.proposals.models import CourtDecision, Offer, Proposal
from app.proposals.others_queries import others_of
from app.proposals.running import go_on, locked_offer, note, tell_party
from app.proposals.settling_queries import standing_decisions


@dataclass(frozen=True)
class Grounds:
    """What is laid before a creditor that is asked once more: what a judge would look at, and the guidance that was arranged."""

    court: Sequence[CourtPoint] = ()
    guidance: Sequence[Guidance] = ()


NO_GROUNDS = Grounds()


def ask_again(actor: Actor, offer_ref: str, words: str, revision: int, grounds: Grounds = NO_GROUNDS) -> None:
    """Ask a creditor to reconsider, with the reason, what a judge would look at, and how many others agreed as far as it may know.

    The creditor has 10 working days (parameter `reconsideration_days`); a clock that stood still goes on. Raises Refusal (also
    without a reason), Conflict, NotFound.
    """
    actor.must(Permission.SETTLE_PROPOSALS)
    with transaction() as session:
        offer = locked_offer(session, offer_ref, revision)
        check_move(OFFER_MOVES, offer.state, OfferState.ASKED_AGAIN)
        if not words.strip():
            raise Refusal("proposals.question_missing", field="words")
        if offer.paused_on is not None:
            go_on(session, actor, offer)
        before = offer.state
        offer.state = OfferState.ASKED_AGAIN
        offer.reconsider_by = offer.answer_by = add_working_days(today(), parameters.whole("reconsideration_days", today()))
        others = others_of(session, offer.proposal_id, offer.creditor_id)
        numbers = {"own_share": _own_share(session, offer)} | (asdict(others) if others else {})
        chosen = {"court": [point.value for point in grounds.court], "guidance": [one.value for one in grounds.guidance]}
        note(session, actor, offer, "asked again", words=words.strip(), **numbers, **chosen)
        record(session, actor, "offers:ask-again", f"offer/{offer.ref}", concerns_id=offer.creditor_id, state=(before, offer.state))
        tell_party(session, offer, "proposals.asked_again", by=f"{offer.reconsider_by:%d-%m-%Y}")


def decide_court(actor: Actor, offer_ref: str, revision: int, *, chosen: bool, reason: str) -> None:
    """Decide whether the bank goes to court (dwangakkoord, Fw 287a) over a second refusal or silence, with the reason.

    Appended: a later decision counts instead. Deciding the same twice changes nothing. Raises Refusal when the way is not open or
    without a reason, Conflict, NotFound.
    """
    actor.must(Permission.SETTLE_PROPOSALS)
    with transaction() as session:
        offer = locked_offer(session, offer_ref, revision, DECIDED_IN)
        proposal = session.get_one(Proposal, offer.proposal_id)
        if not is_court_possible(proposal.state, offer.state, offer.reconsider_by, today()):
            raise Refusal("proposals.no_way_to_court", state=offer.state)
        if not reason.strip():
            raise Refusal("proposals.court_reason_missing", field="court_reason")
        last = next(reversed(standing_decisions(session, [offer.id])), None)
        if last is not None and (last.chosen, last.reason) == (chosen, reason.strip()):
            return
        session.add(
            CourtDecision(
                offer_id=offer.id, case_id=offer.case_id, chosen=chosen, reason=reason.strip(), decided_at=now(),
                decided_by=actor.name[:200], share=_own_share(session, offer),
            )
        )  # fmt: skip
        # of the creditor's trail it is no part: it hears of the petition from the court
        record(session, actor, "offers:decide-court", f"offer/{offer.ref}", chosen=(last and last.chosen, chosen))


def take_over_balance(actor: Actor, offer_ref: str, revision: int) -> None:
    """Accept the balance that a creditor named with its acceptance, without reckoning again: the offered sum stays.

    Raises Refusal when the creditor named none, or less than it would be paid; Conflict, NotFound.
    """
    actor.must(Permission.SETTLE_PROPOSALS)
    with transaction() as session:
        offer = locked_offer(session, offer_ref, revision)
        if offer.state is not OfferState.ACCEPTED_OTHER_BALANCE or offer.other_balance_cents is None:
            raise Refusal("proposals.move_not_possible")  # nobody says yes in a creditor's name
        session.execute(select(Case.id).where(Case.id == offer.case_id).with_for_update(key_share=True))  # before its claim
        claim = session.get_one(Claim, offer.claim_id, with_for_update=True)
        if offer.other_balance_cents - claim.security_cents < offer.payment_cents:
            raise Refusal("proposals.paid_above_balance")
        record(
            session, actor, "offers:take-over-balance", f"offer/{offer.ref}", concerns_id=offer.creditor_id,
            state=(offer.state, OfferState.ACCEPTED), balance=(claim.balance_cents, offer.other_balance_cents),
        )  # fmt: skip
        claim.stated_cents, claim.stated_on = offer.other_balance_cents, today()
        offer.state, offer.balance_taken_over_at = OfferState.ACCEPTED, now()
        note(session, actor, offer, "balance taken over", cents=offer.other_balance_cents)
        settle_if_agreed(session, [offer.proposal_id])


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
        # the words may tell of a client, so they stay with the case; the audit outlives it
        record(session, actor, f"proposals:{to}", f"proposal/{proposal.ref}", state=(proposal.state, to), reason=(None, "given"))
        proposal.state, proposal.ended_at, proposal.end_reason = to, now(), reason.strip()
        note_stage(session, [proposal.case_id], Stage.INTAKE)
        offers = _open_to_end(session, proposal.id)
        for offer in offers:
            offer.state = OfferState.WITHDRAWN
            note(session, actor, offer, "closed", why=to.value, reason=reason.strip())
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


def _proposal(session: Session, ref: str, revision: int) -> Proposal:
    proposal = session.scalar(select(Proposal).where(Proposal.ref == ref).with_for_update())
    if proposal is None:
        raise NotFound
    if proposal.revision != revision:
        raise Conflict
    return proposal


def _own_share(session: Session, offer: Offer) -> str:
    """Return the part of the debts that this creditor has, in per cent."""
    parts = select(func.sum(Offer.takes_part_cents)).where(Offer.proposal_id == offer.proposal_id, Offer.state != OfferState.WITHDRAWN)
    return share_of(offer.takes_part_cents, int(session.scalar(parts) or 0))  # PostgreSQL sums to a decimal
