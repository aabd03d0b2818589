"""Use cases of the bank before anything leaves the house: draft a proposal, draft all that is ready, check a colleague's draft."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.cases.models import Case
from app.cases.queries import visible_case
from app.cases.rules import Stage
from app.cases.service import note_stage
from app.clock import now, today
from app.db import new_ref, reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.jobs import service as jobs
from app.proposals import facts
from app.proposals.calculation import Calculation, calculate
from app.proposals.calculation import Case as WorkedCase
from app.proposals.facts import Grounds, bank_key
from app.proposals.inputs import Choice
from app.proposals.lifecycle import PROPOSAL_MOVES, Officer, ProposalState, check_move, check_two_officers
from app.proposals.models import Proposal
from app.proposals.words import TITLES
from app.proposals.worked_case import case_as_json, result_as_json

CHUNK = 25  # cases in one transaction: short enough for whoever waits to write
UNISSUED = (ProposalState.DRAFT, ProposalState.APPROVED)
STANDING = (*UNISSUED, ProposalState.ISSUED, ProposalState.AGREED)
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Left:
    """A case that was left as it is (RelatieCode-Volgnummer), and why."""

    case: str
    no: Refusal


@dataclass(frozen=True)
class Drafted:
    """What drafting many cases came to: references of the proposals, and the cases that were left."""

    refs: tuple[str, ...]
    left: tuple[Left, ...]


def draft_proposal(actor: Actor, case_ref: str, choice: Choice | None = None) -> str:
    """Draft a proposal and return its reference; without a choice the product that programme and capacity call for.

    A draft or approved proposal of the same case is superseded. Raises Refusal, NotFound.
    """
    actor.must(Permission.DRAFT_PROPOSALS)
    with transaction() as session:
        case_id = visible_case(session, actor, case_ref).id
        grounds = _locked_grounds(session, [case_id])
        _make_room(session, actor, case_id)
        return _draft(session, actor, grounds, grounds.cases[case_id], choice).ref


def draft_ready(actor: Actor, *, progress: Progress | None = None) -> Drafted:
    """Draft every case that is ready and has no proposal yet; name the others with the reason."""
    actor.must(Permission.DRAFT_PROPOSALS)
    with reading() as session:
        waiting = list(session.scalars(_without_proposal()))
    refs: list[str] = []
    left: list[Left] = []
    for done, chunk in in_chunks(waiting):
        with transaction() as session:
            for outcome in _draft_chunk(session, actor, chunk):
                if isinstance(outcome, Left):
                    left.append(outcome)
                else:
                    refs.append(outcome)
        if progress:
            progress(done, len(waiting))
    return Drafted(tuple(refs), tuple(left))


def draft_cases(actor: Actor, case_refs: Sequence[str], *, progress: Progress | None = None) -> Drafted:
    """Draft each of some cases anew; name those that cannot be. Raises Refusal for a case that does not exist, before anything is done."""
    refs, left = [], []
    with reading() as session:
        keys = [named_case(session, actor, ref)[0] for ref in dict.fromkeys(case_refs)]
    for done, key in enumerate(dict.fromkeys(keys), 1):
        try:
            refs.append(draft_proposal(actor, key))
        except Refusal as no:
            left.append(Left(key, no))
        if progress:
            progress(done, len(keys))
    return Drafted(tuple(refs), tuple(left))


def start_drafting(actor: Actor, key: str) -> None:
    """Draft all that is ready as a job, whose progress stands at /jobs/<key>."""
    actor.must(Permission.DRAFT_PROPOSALS)
    with transaction() as session:
        jobs.start(session, actor, key, str(TITLES["draft"]), 0)
        argument = {"key": key, "person": actor.person_id, "organisation": actor.organisation_id}
        jobs.enqueue(session, "proposals.draft_ready", argument, key=key)


def approve_proposal(actor: Actor, ref: str, revision: int) -> None:
    """Check a colleague's draft. Raises Refusal for one's own, or when claims or figures changed since; Conflict, NotFound.

    What changed is drafted anew before it is refused, so that the second check is about the sums of now.
    """
    actor.must(Permission.APPROVE_PROPOSALS)
    with transaction() as session:
        proposal = session.scalar(select(Proposal).where(Proposal.ref == ref).with_for_update())
        if proposal is None:
            raise NotFound
        if proposal.revision != revision:
            raise Conflict
        no = approve(session, actor, proposal, facts.grounds(session, [proposal.case_id], today()))
    if no:
        raise no


# ── steps inside a transaction ───────────────────────────────────────────────


def approve(session: Session, actor: Actor, proposal: Proposal, grounds: Grounds) -> Refusal | None:
    """Approve a draft; when what it rests on changed, draft it anew and return why. Raises Refusal for one's own draft."""
    check_move(PROPOSAL_MOVES, proposal.state, ProposalState.APPROVED)
    check_two_officers(Officer(proposal.drafted_person_id, proposal.drafted_by), Officer(actor.person_id, actor.name))
    case = grounds.cases[proposal.case_id]
    if proposal.fingerprint != grounds.fingerprint(case):
        return reopen(session, actor, proposal, grounds)
    record(session, actor, "proposals:approve", f"proposal/{proposal.ref}", state=(proposal.state, ProposalState.APPROVED))
    proposal.state, proposal.approved_at = ProposalState.APPROVED, now()
    proposal.approved_by, proposal.approved_person_id = actor.name, actor.person_id
    return None


def reopen(session: Session, actor: Actor, proposal: Proposal, grounds: Grounds) -> Refusal:
    """Make a proposal a draft again with the sums of now, and return the refusal that says so."""
    before, available = proposal.state, proposal.available_cents
    proposal.state = ProposalState.DRAFT
    proposal.approved_by = proposal.approved_person_id = proposal.approved_at = None
    no = Refusal("proposals.changed_since_approval")
    try:
        _set_sums(proposal, grounds, grounds.cases[proposal.case_id], choice_of(proposal))
    except Refusal as impossible:  # with the sums of now it cannot be proposed at all: only a new draft helps
        no = impossible
    record(
        session, actor, "proposals:reopen", f"proposal/{proposal.ref}",
        state=(before, proposal.state), available_cents=(available, proposal.available_cents),
    )  # fmt: skip
    return no


def choice_of(proposal: Proposal) -> Choice:
    """Return what was chosen when a proposal was drafted."""
    return Choice(
        proposal.product, proposal.months, Decimal(proposal.annual_rate), Decimal(proposal.fee_percentage), proposal.reason
    )  # fmt: skip


def worked_as_json(case: WorkedCase, result: Calculation) -> dict[str, Any]:
    """Return what a proposal keeps of its calculation: the input as a worked case, and its result."""
    return {"input": case_as_json(case), "result": result_as_json(result)}


def named_case(session: Session, actor: Actor, ref: str) -> tuple[str, int]:
    """Return the bank's key and the id of a case that somebody named. Raises Refusal when there is none."""
    try:
        found = visible_case(session, actor, ref)
    except NotFound:
        raise Refusal("proposals.no_such_case", case=ref) from None
    return bank_key(found), found.id


def in_chunks(ids: Sequence[int], size: int = CHUNK) -> Iterator[tuple[int, list[int]]]:
    """Yield the ids in chunks, each with how many are done after it."""
    for start in range(0, len(ids), size):
        chunk = list(ids[start : start + size])
        yield start + len(chunk), chunk


def _without_proposal() -> Any:
    standing = exists().where(Proposal.case_id == Case.id, Proposal.state.in_(STANDING))
    return select(Case.id).where(Case.closed_on.is_(None), ~standing).order_by(Case.id)


def _locked_grounds(session: Session, case_ids: list[int]) -> Grounds:
    """Read cases while nobody else can draft them; what was drafted before is locked first, as everywhere."""
    session.execute(select(Proposal.id).where(Proposal.case_id.in_(case_ids)).order_by(Proposal.id).with_for_update())
    session.execute(select(Case.id).where(Case.id.in_(case_ids)).order_by(Case.id).with_for_update(key_share=True))
    return facts.grounds(session, case_ids, today())


def _make_room(session: Session, actor: Actor, case_id: int) -> None:
    """Supersede what was drafted before. Raises Refusal when a proposal runs or is agreed."""
    standing = select(Proposal).where(Proposal.case_id == case_id, Proposal.state.in_(STANDING)).order_by(Proposal.id)
    for proposal in session.scalars(standing):
        if proposal.state not in UNISSUED:
            raise Refusal("proposals.one_stands", proposal=proposal.ref)
        record(session, actor, "proposals:superseded", f"proposal/{proposal.ref}", state=(proposal.state, ProposalState.SUPERSEDED))
        proposal.state, proposal.ended_at = ProposalState.SUPERSEDED, now()
    session.flush()  # the index that allows one running proposal looks at every row


def _draft_chunk(session: Session, actor: Actor, case_ids: list[int]) -> Iterator[str | Left]:
    """Draft the cases of a chunk; yield a reference or, for a case that is left, why."""
    grounds = _locked_grounds(session, case_ids)
    states: dict[int, set[ProposalState]] = {}
    found = select(Proposal.case_id, Proposal.state).where(Proposal.case_id.in_(case_ids)).order_by(Proposal.id)
    for case_id, state in session.execute(found):
        states.setdefault(case_id, set()).add(state)
    for case in grounds.cases.values():
        known = states.get(case.id, set())
        if known & set(STANDING):
            continue  # somebody drafted it while we were busy
        try:
            if known - {ProposalState.SUPERSEDED}:
                raise Refusal("proposals.one_ended")
            yield _draft(session, actor, grounds, case).ref
        except Refusal as no:
            yield Left(bank_key(case), no)


def _draft(session: Session, actor: Actor, grounds: Grounds, case: Case, choice: Choice | None = None) -> Proposal:
    proposal = Proposal(
        ref=new_ref("V"), case_id=case.id, state=ProposalState.DRAFT,
        drafted_by=actor.name, drafted_person_id=actor.person_id, drafted_at=now(),
    )  # fmt: skip
    _set_sums(proposal, grounds, case, choice or facts.choice_for(case, grounds.on))
    session.add(proposal)
    note_stage(session, [case.id], Stage.PROPOSED)
    record(
        session, actor, "proposals:draft", f"proposal/{proposal.ref}",
        case=(None, case.ref), product=(None, proposal.product), available_cents=(None, proposal.available_cents),
    )  # fmt: skip
    return proposal


def _set_sums(proposal: Proposal, grounds: Grounds, case: Case, choice: Choice) -> None:
    """Reckon and set all that follows from the case and the choice. Raises Refusal, with nothing set."""
    _check_terms(choice)
    worked = grounds.worked(case, choice)
    facts.check(case, choice, worked)
    result = calculate(worked)
    proposal.product, proposal.months, proposal.reason = choice.product, result.months, choice.reason
    proposal.annual_rate, proposal.fee_percentage = f"{result.annual_rate:.2f}", f"{choice.fee_percentage:.2f}"
    proposal.available_cents, proposal.fingerprint = result.available_cents, grounds.fingerprint(case)
    proposal.worked = worked_as_json(worked, result)


def _check_terms(choice: Choice) -> None:
    months = 1 if choice.months is None else choice.months
    if not 1 <= months <= 60 or not _fits(choice.annual_rate or Decimal(0), 30) or not _fits(choice.fee_percentage, 9):
        raise Refusal("proposals.terms_outside")


def _fits(percentage: Decimal, most: int) -> bool:
    """Tell whether a percentage lies within its bounds and two decimals hold it: what is kept is what was reckoned with."""
    return percentage.is_finite() and 0 <= percentage <= most and percentage == percentage.quantize(Decimal("0.01"))
