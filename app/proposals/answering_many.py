"""Use cases of answering many offers in one go: choose them, give all of them one answer, take that back.

What was chosen is kept with what became of each offer. So a form that is sent twice, a reload and a run that broke off all end on
the same page, and each offer is answered once, in a transaction of its own. A job goes on where a page or a worker stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.clock import now
from app.db import new_ref, reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.jobs import service as jobs
from app.proposals.inbox_queries import InboxQuery, waiting_refs
from app.proposals.lifecycle import OfferState, RejectReason, RowOutcome
from app.proposals.many_queries import MOST_AT_ONCE, MOST_SHOWN, visible_choice
from app.proposals.models import BulkAnswer, BulkAnswerRow
from app.proposals.responding import Answer, Seen, answer_within, undo_within
from app.proposals.words import TITLES

JOBS = {"answer many": "proposals.answer_many", "undo many": "proposals.undo_many"}
PIECE = 25  # rows between two words about the progress
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
    """Answer what is left of a choice that was given its answer, each offer in a transaction of its own. Raises NotFound."""
    actor.must(Permission.ANSWER_OFFERS)
    _each(actor, ref, BulkAnswerRow.outcome.is_(None), _answer_row, progress)


def _each(actor: Actor, ref: str, left: object, act: Callable[[Actor, int], None], progress: Progress | None) -> None:
    with reading() as session:
        bulk = visible_choice(session, actor, ref)
        rows = select(BulkAnswerRow.id).where(BulkAnswerRow.bulk_answer_id == bulk.id, left)  # type: ignore[arg-type] # a condition
        ids = list(session.scalars(rows.order_by(BulkAnswerRow.id)))
        total = _count(session, bulk)
    for at, row_id in enumerate(ids, total - len(ids) + 1):
        act(actor, row_id)
        if progress and at % PIECE == 0:
            progress(at, total)


def _answer_row(actor: Actor, row_id: int) -> None:
    try:
        with transaction() as session:
            row, bulk = _locked_row(session, row_id)
            if row.outcome is not None:
                return  # another process was here
            if bulk.undone_at is not None or bulk.answer is None:
                row.outcome = RowOutcome.UNDONE
                return
            against = bulk.answer is not OfferState.REJECTED or bulk.confirmed
            answer = Answer(bulk.answer, bulk.words if bulk.reject_reason else "", bulk.reject_reason)
            row.given_revision = answer_within(session, actor, Seen(row.offer_ref, row.seen_revision), answer, against_consent=against)
            row.outcome = RowOutcome.ANSWERED
    except (Refusal, Conflict, NotFound) as error:
        _note(row_id, *_became(error))


def _locked_row(session: Session, row_id: int) -> tuple[BulkAnswerRow, BulkAnswer]:
    """Return a row, locked, with its choice: nobody asks to take all back between what is read of it here and the commit."""
    row = session.get_one(BulkAnswerRow, row_id, with_for_update=True)
    return row, session.get_one(BulkAnswer, row.bulk_answer_id, with_for_update={"read": True})


def _became(error: Refusal | Conflict | NotFound) -> tuple[RowOutcome, str]:
    if isinstance(error, Refusal):
        return RowOutcome.REFUSED, error.code
    return (RowOutcome.CHANGED, "") if isinstance(error, Conflict) else (RowOutcome.MISSING, "")


def _note(row_id: int, outcome: RowOutcome, code: str) -> None:
    """Note why a row was not answered, after everything else of it was rolled back."""
    with transaction() as session:
        row, _ = _locked_row(session, row_id)
        if row.outcome is None:
            row.outcome, row.code = outcome, code


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
    _each(actor, ref, (BulkAnswerRow.outcome == RowOutcome.ANSWERED) & (BulkAnswerRow.code == ""), _undo_row, progress)


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


def _note_kept(row_id: int, code: str) -> None:
    """Note why an answer stays."""
    with transaction() as session:
        row, _ = _locked_row(session, row_id)
        if row.outcome is RowOutcome.ANSWERED:
            row.code = code
