"""Use cases on a case as a whole: let its data rest (art. 18 GDPR) and take them up again, close it and open it again.

While data rest, creditors and agents see nothing of the case and nothing is sent; officers do, and can store and withdraw only.
Terms stand still: when the rest ends, each last day moves on by as many working days as the rest lasted.
"""

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.cases.balance_rest import hide_requests, show_requests
from app.cases.models import Case
from app.cases.pause_rules import EndReason
from app.cases.pauses import end_pauses, show_notices
from app.cases.queries import visible_case
from app.cases.rules import Stage
from app.clock import local, now, today
from app.consents.models import Assessment
from app.db import as_portal, transaction
from app.deadlines import add_working_days, working_days_between
from app.errors import Conflict, Refusal
from app.jobs import service as jobs
from app.proposals.lifecycle import CAN_BE_ANSWERED, OfferState, ProposalState, Visibility
from app.proposals.models import Offer, Proposal
from app.relations.complaint_rest import hide_complaints, show_complaints

LETTERS = 100  # in one job
WAITS = CAN_BE_ANSWERED | {OfferState.RECONSIDERATION_ASKED}  # their days lie ahead


def restrict_case(actor: Actor, ref: str, reason: str, revision: int) -> None:
    """Hide a case from creditors and agents, with the reason. Raises Refusal without a reason, Conflict, NotFound."""
    actor.must(Permission.RESTRICT_CASES)
    if not reason.strip():
        raise Refusal("privacy.reason_missing", field="reason")
    with transaction() as session:
        case = _locked(session, actor, ref, revision)
        if case.restricted_at is not None:
            raise Conflict
        case.restricted_at, case.restricted_by, case.restricted_reason = now(), actor.name, reason.strip()
        with as_portal(session):
            _show(session, _offers(session, case, Visibility.VISIBLE), Visibility.RESTRICTED)
            hide_requests(session, case.id)
            show_notices(session, case.id, Visibility.RESTRICTED)
            hide_complaints(session, case.id)
        record(session, actor, "cases:restrict", f"case/{case.ref}", rests=("no", "yes"))  # the reason stays out of the log


def lift_restriction(actor: Actor, ref: str, revision: int) -> None:
    """Show a case again and let its terms run on from where they stood. Raises Conflict, NotFound."""
    actor.must(Permission.RESTRICT_CASES)
    with transaction() as session:
        case = _locked(session, actor, ref, revision)
        if case.restricted_at is None:
            raise Conflict
        since = local(case.restricted_at).date()
        case.restricted_at = case.restricted_by = case.restricted_reason = None
        with as_portal(session):
            offers = _offers(session, case, Visibility.RESTRICTED)
            _show(session, offers, Visibility.VISIBLE)
            requests = show_requests(session, case.id, since)
            show_notices(session, case.id, Visibility.VISIBLE)
            show_complaints(session, case.id, since)
            _move_terms(session, case, offers, since)
            _write_letters(session, [offer.id for offer in offers])
            jobs.enqueue(session, "cases.write_balance_letters", {"requests": requests})
        record(session, actor, "cases:lift-restriction", f"case/{case.ref}", rests=("yes", "no"), since=(since, None))


def close_case(actor: Actor, ref: str, revision: int) -> None:
    """Close a case: its pauses end, creditors hear of it, and its term of five years runs. Raises Refusal while a proposal is out,
    Conflict, NotFound.
    """
    actor.must(Permission.EDIT_CASES)
    with transaction() as session:
        case = _locked(session, actor, ref, revision)
        if case.closed_on is not None:
            raise Conflict
        if case.stage is Stage.PROPOSED:
            raise Refusal("privacy.proposal_runs")
        case.closed_on = today()
        end_pauses(session, actor, case.id, case.ref, EndReason.CASE_CLOSED)
        record(session, actor, "cases:close", f"case/{case.ref}", closed_on=(None, case.closed_on))


def reopen_case(actor: Actor, ref: str, revision: int) -> None:
    """Open a closed case again: its term starts anew when it is closed once more. Raises Conflict, NotFound."""
    actor.must(Permission.EDIT_CASES)
    with transaction() as session:
        case = _locked(session, actor, ref, revision)
        if case.closed_on is None:
            raise Conflict
        record(session, actor, "cases:reopen", f"case/{case.ref}", closed_on=(case.closed_on, None))
        case.closed_on = None


def _locked(session: Session, actor: Actor, ref: str, revision: int) -> Case:
    """Return a case as the person saw it. Its proposals are locked before it, as everywhere: nobody issues it meanwhile."""
    case = visible_case(session, actor, ref)
    session.execute(select(Proposal.id).where(Proposal.case_id == case.id).order_by(Proposal.id).with_for_update())
    session.refresh(case, with_for_update={"key_share": True})
    if case.revision != revision:
        raise Conflict
    return case


def _offers(session: Session, case: Case, visibility: Visibility) -> list[Offer]:
    mine = select(Offer).where(Offer.case_id == case.id, Offer.visibility == visibility).order_by(Offer.proposal_id, Offer.id)
    return list(session.scalars(mine.with_for_update()))


def _show(session: Session, offers: list[Offer], visibility: Visibility) -> None:
    """Say whether creditors see offers, and what they learn of them when they try out a consent."""
    for offer in offers:
        offer.visibility = visibility
    mine = Assessment.offer_ref.in_([offer.ref for offer in offers])
    session.execute(update(Assessment).where(mine).values(rests=visibility is Visibility.RESTRICTED))


def _move_terms(session: Session, case: Case, offers: list[Offer], since: date) -> None:
    """Move the days that lay ahead when the rest began; what is answered or over keeps its days."""
    days = working_days_between(since, today())

    def moved(day: date, ahead: date = since) -> date:
        return add_working_days(day, days) if days and day >= ahead else day

    running = select(Proposal).where(Proposal.case_id == case.id, Proposal.state == ProposalState.ISSUED).order_by(Proposal.id)
    proposals = {proposal.id: proposal for proposal in session.scalars(running)}
    for proposal in proposals.values():
        proposal.answer_by, proposal.closes_on = (day and moved(day) for day in (proposal.answer_by, proposal.closes_on))
        proposal.remind_on = [moved(date.fromisoformat(day)).isoformat() for day in proposal.remind_on or []]
    for offer in offers:
        if offer.proposal_id in proposals and offer.state in WAITS:
            ahead = min(since, offer.clock_on or since)
            offer.answer_by, offer.closes_on = moved(offer.answer_by, ahead), moved(offer.closes_on, ahead)
            offer.reconsider_by = offer.reconsider_by and moved(offer.reconsider_by, ahead)
            if offer.remind_on is not None:
                offer.remind_on = [moved(date.fromisoformat(day), ahead).isoformat() for day in offer.remind_on]
            if offer.clock_on is not None:  # its own clock stood still as well: no day counts twice
                offer.clock_on = add_working_days(offer.clock_on, days)


def _write_letters(session: Session, offers: list[int]) -> None:
    """Write the letters that were not written while the case rested."""
    for start in range(0, len(offers), LETTERS):
        jobs.enqueue(session, "proposals.write_letters", {"offers": offers[start : start + LETTERS]})
