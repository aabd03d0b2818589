"""Read what somebody chose to answer in one go: the offers chosen, and what became of each. Loading is the access check."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.cases.models import Case
from app.cases.rules import sorted_name
from app.clock import now
from app.consents.models import Assessment
from app.errors import NotFound, Refusal
from app.money import Cents
from app.proposals.lifecycle import UNDO_WITHIN, Answered, OfferState, RejectReason, RowOutcome, check_undo
from app.proposals.models import BulkAnswer, BulkAnswerRow, Offer, OfferEvent, Proposal
from app.proposals.offer_access import visible_to

MOST_AT_ONCE = 200  # chosen by hand, and answered while somebody waits
MOST_SHOWN = 5_000  # everything that the filters show, by a job
TROUBLE = (RowOutcome.REFUSED, RowOutcome.CHANGED, RowOutcome.MISSING)


@dataclass(frozen=True)
class ManyRow:
    """One chosen offer; of one that is not the actor's (any more) only the reference that was sent is known."""

    ref: str
    client: str
    reference: str
    claim_cents: Cents | None
    payment_cents: Cents | None
    is_covered: bool
    outcome: RowOutcome | None
    code: str


@dataclass(frozen=True)
class ManyPage:
    """A choice: what is asked or was answered, the first rows with trouble on top, and all rows in numbers."""

    ref: str
    by: str
    answer: OfferState | None
    reason: RejectReason | None
    words: str
    given_at: datetime | None
    undone_at: datetime | None
    undo_until: datetime | None  # None: too late, nothing to take back, or taken back already
    rows: tuple[ManyRow, ...]
    total: int
    claim_cents: Cents
    payment_cents: Cents
    covered: int
    to_undo: int  # answers of which nobody knows yet whether they can be taken back
    counts: dict[RowOutcome | None, int]

    @property
    def left(self) -> int:
        """Return how many rows are still to be answered."""
        return self.counts.get(None, 0) if self.given_at else 0

    @property
    def undo_left(self) -> int:
        """Return how many answers are still to be taken back."""
        return self.to_undo if self.undone_at else 0

    @property
    def is_long(self) -> bool:
        return self.total > MOST_AT_ONCE

    @property
    def trouble(self) -> int:
        return sum(self.counts.get(one, 0) for one in TROUBLE)


def visible_choice(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> BulkAnswer:
    """Return a choice of the actor's own organisation. Raises NotFound."""
    query = select(BulkAnswer).where(BulkAnswer.ref == ref, BulkAnswer.organisation_id == actor.organisation_id)
    found = session.scalar(query.with_for_update() if lock else query) if ref.isprintable() else None
    if found is None:
        raise NotFound
    return found


def many_page(session: Session, actor: Actor, ref: str) -> ManyPage:
    """Return a choice with its rows. Raises NotFound."""
    actor.must(Permission.ANSWER_OFFERS)
    bulk = visible_choice(session, actor, ref)
    counts = dict(session.execute(_counts(bulk.id)).all())
    claims, payments, covered, to_undo = session.execute(_sums(actor, bulk.id)).one()
    rows = tuple(_row(row) for row in session.execute(_rows(actor, bulk.id)))
    return ManyPage(
        bulk.ref, bulk.person_name, bulk.answer, bulk.reject_reason, bulk.words, bulk.given_at, bulk.undone_at, _undo_until(bulk, counts),
        rows, sum(counts.values()), claims or 0, payments or 0, covered, to_undo, counts,
    )  # fmt: skip


def _undo_until(bulk: BulkAnswer, counts: dict[RowOutcome | None, int]) -> datetime | None:
    if bulk.given_at is None or bulk.undone_at is not None or not counts.get(RowOutcome.ANSWERED):
        return None
    until = bulk.given_at + UNDO_WITHIN
    return until if now() <= until else None


def _counts(bulk_id: int) -> Select[*tuple[Any, ...]]:
    outcome = BulkAnswerRow.outcome
    return select(outcome, func.count()).where(BulkAnswerRow.bulk_answer_id == bulk_id).group_by(outcome).order_by(outcome)


def _joined(query: Select[*tuple[Any, ...]], actor: Actor, bulk_id: int) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(BulkAnswerRow)
        .outerjoin(Offer, and_(Offer.ref == BulkAnswerRow.offer_ref, visible_to(actor)))
        .outerjoin(Assessment, Assessment.offer_ref == Offer.ref)
        .where(BulkAnswerRow.bulk_answer_id == bulk_id)
    )


def _sums(actor: Actor, bulk_id: int) -> Select[*tuple[Any, ...]]:
    covered = func.count().filter(Assessment.covered)
    to_undo = func.count().filter(BulkAnswerRow.outcome == RowOutcome.ANSWERED, BulkAnswerRow.code == "")
    return _joined(select(func.sum(Offer.takes_part_cents), func.sum(Offer.payment_cents), covered, to_undo), actor, bulk_id)


def _rows(actor: Actor, bulk_id: int) -> Select[*tuple[Any, ...]]:
    row = BulkAnswerRow
    columns = (
        row.offer_ref, Case.initials, Case.surname, Offer.reference, Offer.takes_part_cents, Offer.payment_cents, Assessment.covered,
        row.outcome, row.code,
    )  # fmt: skip
    trouble_first = case((row.outcome.in_(TROUBLE), 0), (row.code != "", 1), else_=2)
    found = _joined(select(*columns), actor, bulk_id).outerjoin(Case, Case.id == Offer.case_id)
    return found.order_by(trouble_first, row.id).limit(MOST_AT_ONCE)


def _row(row: Any) -> ManyRow:
    ref, initials, surname, reference, claim, payment, covered, outcome, code = row
    client = sorted_name(initials, surname) if surname else ""
    return ManyRow(ref, client, reference or "", claim, payment, bool(covered), outcome, code)


# ── one answer that may be taken back ────────────────────────────────────────


@dataclass(frozen=True)
class Undoable:
    """How an offer stands now, and until when the actor can take its answer back; None when it cannot."""

    ref: str
    state: OfferState
    revision: int
    until: datetime | None


def undoable(session: Session, actor: Actor, ref: str) -> Undoable:
    """Return whether, and until when, the answer to an offer can be taken back. Raises NotFound."""
    columns = (Offer.id, Offer.state, Offer.revision, Offer.answered_by, Offer.answered_at, Offer.balance_taken_over_at, Proposal.state)
    found = select(*columns).join(Proposal, Proposal.id == Offer.proposal_id).where(Offer.ref == ref, visible_to(actor))
    row = session.execute(found).one_or_none() if ref.isprintable() else None
    if row is None:
        raise NotFound
    id_, state, revision, by, at, taken_over_at, proposal = row
    facts = last_answer(session, id_) or {}
    given = Answered(state, OfferState(facts.get("before", OfferState.OPEN)), by, at, taken_over_at is not None)
    try:
        check_undo(proposal, given, now())
    except Refusal:
        return Undoable(ref, state, revision, None)
    is_ours = facts.get("organisation") == actor.organisation_id
    return Undoable(ref, state, revision, at + UNDO_WITHIN if at and is_ours else None)


def last_answer(session: Session, offer_id: int) -> dict[str, Any] | None:
    """Return what the history holds of the answer that stands; None when nobody gave one."""
    newest = select(OfferEvent.facts).where(OfferEvent.offer_id == offer_id, OfferEvent.what == "answered")
    return session.scalar(newest.order_by(OfferEvent.id.desc()).limit(1))
