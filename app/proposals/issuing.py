"""Use cases of the bank that send proposals out: one, some, or everything that is ready, each case whole or not at all."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.errors import NotFound, Refusal
from app.jobs import service as jobs
from app.notifications.service import Recipient, notify
from app.proposals import facts, offer_rows
from app.proposals.agreement import settle_if_agreed
from app.proposals.calculation import calculate
from app.proposals.drafting import (
    Left,
    Progress,
    approve,
    choice_of,
    draft_proposal,
    draft_ready,
    in_chunks,
    named_case,
    reopen,
    worked_as_json,
)
from app.proposals.facts import Grounds, bank_key
from app.proposals.lifecycle import PROPOSAL_MOVES, OfferState, ProposalState, Visibility, check_move
from app.proposals.models import Offer, Proposal
from app.proposals.offer_rows import Batch
from app.proposals.words import TITLES

LETTERS = 100  # in one job: the engine runs a few hundred jobs a second, the writer thousands of letters
WAITS = (OfferState.OPEN, OfferState.PREPARED)
UNTOLD = timedelta(days=30)  # so far back creditors are still told of offers that a broken run left untold


@dataclass(frozen=True)
class Issued:
    """What issuing came to: proposals and offers that went out, offers that a consent covered, and the cases that were left."""

    issued: int = 0
    offers: int = 0
    covered: int = 0
    left: tuple[Left, ...] = ()

    def __add__(self, other: "Issued") -> "Issued":
        return Issued(
            self.issued + other.issued, self.offers + other.offers, self.covered + other.covered, self.left + other.left
        )  # fmt: skip


class _Untold(NamedTuple):
    """An offer of which its creditor or agent was not told yet."""

    id: int
    state: OfferState
    answer_by: date


def issue_proposal(actor: Actor, ref: str) -> Issued:
    """Issue one approved proposal. Raises Refusal when it cannot go out, NotFound."""
    done = issue_proposals(actor, [ref])
    if done.left:
        raise done.left[0].no
    return done


def issue_proposals(actor: Actor, refs: Sequence[str], *, approver: Actor | None = None, progress: Progress | None = None) -> Issued:
    """Issue proposals that were approved, each case whole; name those that were left. With an approver drafts are checked first.

    Sums and texts are fixed, every claim gets its offer, and what a consent covers is answered at once. What changed since the
    check becomes a draft again. Raises NotFound for a reference that does not exist.
    """
    actor.must(Permission.ISSUE_PROPOSALS)
    with reading() as session:
        ids = list(session.scalars(select(Proposal.id).where(Proposal.ref.in_(refs)).order_by(Proposal.id)))
    if len(ids) < len(set(refs)):
        raise NotFound
    return _issue_all(actor, approver, ids, progress)


def issue_approved(actor: Actor, *, progress: Progress | None = None) -> Issued:
    """Issue everything that was approved."""
    actor.must(Permission.ISSUE_PROPOSALS)
    return _issue_all(actor, None, _ids_in(ProposalState.APPROVED), progress)


def issue_ready(actor: Actor, approver: Actor, *, progress: Progress | None = None) -> Issued:
    """Draft what is ready, let the approver check all drafts, and issue them; what an interrupted run left is taken up.

    Raises Refusal when both are the same person, NotFound without the permissions.
    """
    actor.must(Permission.ISSUE_PROPOSALS)
    approver.must(Permission.APPROVE_PROPOSALS)
    if (actor.person_id, actor.name) == (approver.person_id, approver.name):
        raise Refusal("proposals.two_officers")
    drafted = draft_ready(actor)
    ids = _ids_in(ProposalState.DRAFT, ProposalState.APPROVED)
    return _issue_all(actor, approver, ids, progress) + Issued(left=drafted.left)


def issue_cases(actor: Actor, approver: Actor, case_refs: Sequence[str], *, progress: Progress | None = None) -> Issued:
    """Issue the proposals of some cases: what is not drafted is drafted first, and the approver checks every draft.

    Raises Refusal for a case that does not exist, before anything is done.
    """
    actor.must(Permission.ISSUE_PROPOSALS)
    approver.must(Permission.APPROVE_PROPOSALS)
    with reading() as session:
        found = dict.fromkeys(named_case(session, actor, ref) for ref in case_refs)
    left = tuple(Left(ref, no) for ref, case_id in found if (no := _drafted(actor, ref, case_id)))
    held = {left_one.case for left_one in left}
    mine = Proposal.case_id.in_([case_id for ref, case_id in found if ref not in held])
    return _issue_all(actor, approver, _ids_in(ProposalState.DRAFT, ProposalState.APPROVED, only=mine), progress) + Issued(left=left)


def start_issuing(actor: Actor, key: str) -> None:
    """Issue everything that was approved as a job, whose progress stands at /jobs/<key>."""
    actor.must(Permission.ISSUE_PROPOSALS)
    with transaction() as session:
        approved = select(func.count()).select_from(Proposal).where(Proposal.state == ProposalState.APPROVED)
        jobs.start(session, actor, key, str(TITLES["issue"]), session.scalar(approved) or 0)
        argument = {"key": key, "person": actor.person_id, "organisation": actor.organisation_id}
        jobs.enqueue(session, "proposals.issue_approved", argument, key=key)


def tell_creditors() -> None:
    """Tell each creditor or agent once of the offers that it was not told of yet; also after a run that broke off."""
    with transaction() as session:
        _tell_creditors(session)


# ── steps ────────────────────────────────────────────────────────────────────


def _ids_in(*states: ProposalState, only: ColumnElement[bool] | None = None) -> list[int]:
    wanted = Proposal.state.in_(states) if only is None else Proposal.state.in_(states) & only
    with reading() as session:
        return list(session.scalars(select(Proposal.id).where(wanted).order_by(Proposal.id)))


def _drafted(actor: Actor, case_ref: str, case_id: int) -> Refusal | None:
    """Draft a case that has no draft waiting; return why it cannot be done."""
    if _ids_in(ProposalState.DRAFT, ProposalState.APPROVED, only=Proposal.case_id == case_id):
        return None
    try:
        draft_proposal(actor, case_ref)
    except Refusal as no:
        return no
    return None


def _issue_all(actor: Actor, approver: Actor | None, ids: list[int], progress: Progress | None) -> Issued:
    total = Issued()
    for done, chunk in in_chunks(ids):
        with transaction() as session:
            total += _issue_chunk(session, actor, approver, chunk)
        if progress:
            progress(done, len(ids))
    if total.issued:
        tell_creditors()
    return total


def _issue_chunk(session: Session, actor: Actor, approver: Actor | None, ids: list[int]) -> Issued:
    """Issue the proposals of a chunk and write their rows together."""
    at, batch, left, issued = now(), Batch(), [], 0
    proposals = list(session.scalars(select(Proposal).where(Proposal.id.in_(ids)).order_by(Proposal.id).with_for_update()))
    grounds = facts.grounds(session, {proposal.case_id for proposal in proposals}, today(), consents=True)
    for proposal in proposals:
        try:
            no = _approve_and_issue(session, actor, approver, proposal, grounds, batch, at)
        except Refusal as refused:
            no = refused
        if no:
            left.append(Left(bank_key(grounds.cases[proposal.case_id]), no))
        else:
            issued += 1
    session.flush()
    _enqueue_letters(session, offer_rows.write(session, batch, at))
    settle_if_agreed(session, batch.agreed)
    return Issued(issued, len(batch.offers), len(batch.covered), tuple(left))


def _approve_and_issue(
    session: Session, actor: Actor, approver: Actor | None, proposal: Proposal, grounds: Grounds, batch: Batch, at: datetime
) -> Refusal | None:
    """Issue one proposal, after the check that is still to be done; return or raise why not, with nothing issued."""
    if approver and proposal.state is ProposalState.DRAFT:
        no = approve(session, approver, proposal, grounds)
        if no:
            return no
    if proposal.state is ProposalState.DRAFT:
        raise Refusal("proposals.not_approved")
    return _issue(session, actor, proposal, grounds, batch, at)


def _issue(session: Session, actor: Actor, proposal: Proposal, grounds: Grounds, batch: Batch, at: datetime) -> Refusal | None:
    check_move(PROPOSAL_MOVES, proposal.state, ProposalState.ISSUED)
    found = grounds.cases[proposal.case_id]
    if proposal.fingerprint != grounds.fingerprint(found):
        return reopen(session, actor, proposal, grounds)
    choice = choice_of(proposal)
    worked = grounds.worked(found, choice)
    facts.check(found, choice, worked)
    result = calculate(worked)
    if result.available_cents != proposal.available_cents:  # an amount of the law changed since the check
        return reopen(session, actor, proposal, grounds)
    record(session, actor, "proposals:issue", f"proposal/{proposal.ref}", state=(proposal.state, ProposalState.ISSUED))
    proposal.state, proposal.issued_at, proposal.issued_on = ProposalState.ISSUED, at, grounds.on
    proposal.answer_by, proposal.closes_on = result.terms.answer_by, result.terms.closes_on
    proposal.remind_on = [day.isoformat() for day in result.terms.remind_on]
    proposal.worked = worked_as_json(worked, result)
    offer_rows.add_offers(batch, grounds, proposal, found, result, at)
    return None


def _enqueue_letters(session: Session, offers: list[int]) -> None:
    for _, group in in_chunks(offers, LETTERS):
        jobs.enqueue(session, "proposals.write_letters", {"offers": group}, key=f"{group[0]}-{group[-1]}")


def _tell_creditors(session: Session) -> None:
    """Mark what was untold as told, and write to whoever acts on it; of two runs that end at once each tells what it marked."""
    untold: dict[int, list[_Untold]] = defaultdict(list)
    for row in session.execute(_untold()):
        untold[row.acts].append(_Untold(row.id, row.state, row.answer_by))
    for _, ids in in_chunks([offer.id for offers in untold.values() for offer in offers], 1000):
        # beside the version column: nobody's answer is overtaken by a mail
        session.execute(update(Offer).where(Offer.id.in_(ids)).values(told_at=now()), execution_options={"synchronize_session": False})
    for acts, offers in sorted(untold.items()):
        organisation = session.get_one(Organisation, acts)
        notify(
            session, "proposals.issued", Recipient(organisation.email, acts), "/offers",
            offers=len(offers), covered=sum(offer.state is OfferState.ACCEPTED for offer in offers),
            waiting=sum(offer.state in WAITS for offer in offers), answer_by=f"{min(offer.answer_by for offer in offers):%d-%m-%Y}",
        )  # fmt: skip


def _untold() -> Select[*tuple[Any, ...]]:
    """Select and lock, in the order in which every use case locks them, the offers of which nobody was told yet."""
    columns = (func.coalesce(Offer.agent_id, Offer.creditor_id).label("acts"), Offer.id, Offer.state, Offer.answer_by)
    new = (Offer.told_at.is_(None), Offer.issued_on > today() - UNTOLD, Offer.visibility == Visibility.VISIBLE)
    return select(*columns).where(*new).order_by(Offer.proposal_id, Offer.id).with_for_update(key_share=True)
