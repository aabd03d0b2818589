"""Use cases of answering many offers in one go: choose them, give all of them one answer, take that back.

What was chosen is kept with what became of each offer, in the transaction that answers it. So a form that is sent twice, a reload and
a run that broke off all end on the same page, and each offer is answered once. A job goes on where a page or a worker stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.clock import now
from app.db import new_ref, reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.jobs import service as jobs
from app.jobs.pieces import PIECE, in_pieces
from app.proposals.answer_rules import Answer, Given, Seen
from app.proposals.answering import Outcome, give_answers
from app.proposals.inbox_queries import InboxQuery, waiting_refs
from app.proposals.lifecycle import OfferState, RejectReason, RowOutcome
from app.proposals.many_queries import MOST_AT_ONCE, MOST_SHOWN, visible_choice
from app.proposals.models import BulkAnswer, BulkAnswerRow
from app.proposals.responding import undo_within
from app.proposals.words import TITLES

JOBS = {"answer many": "proposals.answer_many", "undo many": "proposals.undo_many"}
SOME = 25  # rows between two words about the progress of taking back
ROWS: Table = BulkAnswerRow.__table__  # type: ignore[assignment]
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class OneAnswer:
    """The answer to all: yes, or no with a reason; `confirmed` rejects also what the own consent covers."""

    state: OfferState
    reason: RejectReason | None = None
    words: str = ""
    confirmed: bool = False


# ── choosing ─────────────────────────────────────────────────────────────────


def choose_offers(actor: Actor, key: str, chosen: Sequence[tuple[str, int]]) -> str:
    """Keep which offers somebody chose, each with the revision it was seen in, and return the reference of that choice.

    The same key is the same choice. Raises Refusal for none and for more than 200, NotFound without the permission.
    """
    actor.must(Permission.ANSWER_OFFERS)
    if len(chosen) > MOST_AT_ONCE:
        raise Refusal("proposals.too_many_chosen", most=MOST_AT_ONCE)
    try:
        with transaction() as session:
            return _known(session, actor, key) or _keep(session, actor, key, chosen)
    except IntegrityError:  # the same form came in twice at the same moment
        with reading() as session:
            return _known(session, actor, key) or _gone()


def choose_shown(actor: Actor, key: str, query: InboxQuery) -> str:
    """Keep every offer that the filters show and that waits, as `choose_offers` does. Raises Refusal for none and for more than 5,000."""
    actor.must(Permission.ANSWER_OFFERS)
    try:
        with transaction() as session:
            return _known(session, actor, key) or _keep(session, actor, key, _shown(session, actor, query))
    except IntegrityError:
        with reading() as session:
            return _known(session, actor, key) or _gone()


def _shown(session: Session, actor: Actor, query: InboxQuery) -> list[tuple[str, int]]:
    found = waiting_refs(session, actor, query, MOST_SHOWN + 1)
    if len(found) > MOST_SHOWN:
        raise Refusal("proposals.too_many_shown", most=MOST_SHOWN)
    return found


def _known(session: Session, actor: Actor, key: str) -> str | None:
    same = select(BulkAnswer.ref).where(BulkAnswer.organisation_id == actor.organisation_id, BulkAnswer.key == key)
    return session.scalar(same)


def _gone() -> str:
    raise NotFound


def _keep(session: Session, actor: Actor, key: str, chosen: Sequence[tuple[str, int]]) -> str:
    if not chosen:
        raise Refusal("proposals.none_chosen")
    bulk = BulkAnswer(
        ref=new_ref("M"), key=key, organisation_id=actor.organisation_id, person_id=actor.person_id, person_name=actor.name[:200],
        created_at=now(),
    )  # fmt: skip
    session.add(bulk)
    session.flush()
    session.add_all(BulkAnswerRow(bulk_answer_id=bulk.id, offer_ref=ref, seen_revision=revision) for ref, revision in dict(chosen).items())
    record(session, actor, "offers:choose-many", f"answers/{bulk.ref}", concerns_id=actor.organisation_id, rows=(None, len(dict(chosen))))
    return bulk.ref


# ── answering ────────────────────────────────────────────────────────────────


def answer_chosen(actor: Actor, ref: str, answer: OneAnswer) -> None:
    """Give all chosen offers one answer: up to 200 here and now, more by a job that shows its progress. A second yes changes nothing.

    Raises NotFound, and Refusal for the reason `other` without words.
    """
    actor.must(Permission.ANSWER_OFFERS)
    if answer.reason is RejectReason.OTHER and not answer.words.strip():
        raise Refusal("proposals.words_missing", field="explanation")
    with transaction() as session:
        bulk = visible_choice(session, actor, ref, lock=True)
        rows = _count(session, bulk)
        if bulk.given_at is None:
            bulk.answer, bulk.reject_reason, bulk.words = answer.state, answer.reason, answer.words.strip()
            bulk.confirmed, bulk.given_at = answer.confirmed, now()
            _start(session, actor, "answer many", ref, ref, rows)
            record(
                session, actor, "offers:answer-many", f"answers/{ref}", concerns_id=actor.organisation_id,
                state=(None, answer.state), reason=(None, answer.reason), rows=(None, rows),
            )  # fmt: skip
    if rows <= MOST_AT_ONCE:
        go_on_answering(actor, ref)


def _count(session: Session, bulk: BulkAnswer) -> int:
    return session.scalar(select(func.count()).select_from(BulkAnswerRow).where(BulkAnswerRow.bulk_answer_id == bulk.id)) or 0


def _start(session: Session, actor: Actor, what: str, key: str, ref: str, rows: int) -> None:
    """Queue the job that does the work, or what is left of it when this process breaks off."""
    if rows > MOST_AT_ONCE:
        jobs.start(session, actor, key, str(TITLES[what]), rows)
    jobs.enqueue(session, JOBS[what], {"ref": ref, "key": key, "person": actor.person_id, "organisation": actor.organisation_id}, key=key)


def go_on_answering(actor: Actor, ref: str, progress: Progress | None = None) -> None:
    """Answer what is left of a choice that was given its answer, piece by piece. Raises NotFound."""
    actor.must(Permission.ANSWER_OFFERS)

    def answer(ids: Sequence[int]) -> None:
        _answer_rows(actor, ids)

    _in_pieces(actor, ref, BulkAnswerRow.outcome.is_(None), answer, PIECE, progress)


def _in_pieces(
    actor: Actor, ref: str, left: ColumnElement[bool], act: Callable[[Sequence[int]], None], size: int, progress: Progress | None
) -> None:
    with reading() as session:
        bulk = visible_choice(session, actor, ref)
        rows = select(BulkAnswerRow.id).where(BulkAnswerRow.bulk_answer_id == bulk.id, left)
        ids = list(session.scalars(rows.order_by(BulkAnswerRow.id)))
        total = _count(session, bulk)

    def tell(done: int) -> None:
        if progress and (done % SOME == 0 or done == len(ids)):
            progress(total - len(ids) + done, total)

    in_pieces(ids, act, size, tell)


def _answer_rows(actor: Actor, ids: Sequence[int]) -> None:
    """Answer some rows of one choice that have no outcome yet, and keep what became of each."""
    with transaction() as session:
        waiting = _waiting(session, ids)
        if not waiting:
            return  # another process was here
        bulk = session.get_one(BulkAnswer, waiting[0].bulk_answer_id, with_for_update={"read": True})
        if bulk.undone_at is not None or bulk.answer is None:
            became = [_became(None)] * len(waiting)
        else:
            became = [_became(one) for one in give_answers(session, actor, _given(bulk, bulk.answer, waiting))]
        session.execute(_NOTE, [{"this": row.id, **one} for row, one in zip(waiting, became, strict=True)])


def _waiting(session: Session, ids: Sequence[int]) -> Sequence[BulkAnswerRow]:
    waits = select(BulkAnswerRow).where(BulkAnswerRow.id.in_(ids), BulkAnswerRow.outcome.is_(None))
    return session.scalars(waits.order_by(BulkAnswerRow.id).with_for_update()).all()


def _given(bulk: BulkAnswer, state: OfferState, rows: Sequence[BulkAnswerRow]) -> list[Given]:
    answer = Answer(state, bulk.words if bulk.reject_reason else "", bulk.reject_reason)
    against = bulk.answer is not OfferState.REJECTED or bulk.confirmed
    return [Given(Seen(row.offer_ref, row.seen_revision), answer, against) for row in rows]


_NOTE = update(ROWS).where(ROWS.c.id == bindparam("this"))


def _became(outcome: Outcome | None) -> dict[str, Any]:
    """Return what a row keeps of an answer; None: all was taken back before this one was given."""
    match outcome:
        case None:
            return _row(RowOutcome.UNDONE)
        case Refusal():
            return _row(RowOutcome.REFUSED, outcome.code)
        case Conflict():
            return _row(RowOutcome.CHANGED)
        case NotFound():
            return _row(RowOutcome.MISSING)
    return _row(RowOutcome.ANSWERED, revision=outcome)


def _row(outcome: RowOutcome, code: str = "", revision: int | None = None) -> dict[str, Any]:
    return {"outcome": outcome, "code": code, "given_revision": revision}


# ── taking it back ───────────────────────────────────────────────────────────


def undo_chosen(actor: Actor, ref: str) -> None:
    """Take back every answer of a choice that can still be taken back, as of now; each offer has its own outcome. Raises NotFound."""
    actor.must(Permission.ANSWER_OFFERS)
    with transaction() as session:
        bulk = visible_choice(session, actor, ref, lock=True)
        rows = _count(session, bulk)
        if bulk.given_at is not None and bulk.undone_at is None:
            bulk.undone_at = now()
            _start(session, actor, "undo many", f"{ref}-undo", ref, rows)
            record(session, actor, "offers:undo-many", f"answers/{ref}", concerns_id=actor.organisation_id, rows=(None, rows))
    if rows <= MOST_AT_ONCE:
        go_on_undoing(actor, ref)


def go_on_undoing(actor: Actor, ref: str, progress: Progress | None = None) -> None:
    """Take back what is left of it. Raises NotFound."""
    actor.must(Permission.ANSWER_OFFERS)

    def undo(ids: Sequence[int]) -> None:
        _undo_row(actor, *ids)

    left = (BulkAnswerRow.outcome == RowOutcome.ANSWERED) & (BulkAnswerRow.code == "")
    _in_pieces(actor, ref, left, undo, 1, progress)


def _undo_row(actor: Actor, row_id: int) -> None:
    try:
        with transaction() as session:
            row, bulk = _locked_row(session, row_id)
            if row.outcome is RowOutcome.ANSWERED and bulk.undone_at is not None:
                undo_within(session, actor, Seen(row.offer_ref, row.given_revision or 0), bulk.undone_at)
                row.outcome = RowOutcome.UNDONE
    except Refusal as refusal:
        _note_kept(row_id, refusal.code)
    except (Conflict, NotFound):
        _note_kept(row_id, "proposals.undo_changed")


def _locked_row(session: Session, row_id: int) -> tuple[BulkAnswerRow, BulkAnswer]:
    """Return a row, locked, with its choice: nobody asks to take all back between what is read of it here and the commit."""
    row = session.get_one(BulkAnswerRow, row_id, with_for_update=True)
    return row, session.get_one(BulkAnswer, row.bulk_answer_id, with_for_update={"read": True})


def _note_kept(row_id: int, code: str) -> None:
    """Note why an answer stays."""
    with transaction() as session:
        row, _ = _locked_row(session, row_id)
        if row.outcome is RowOutcome.ANSWERED:
            row.code = code
