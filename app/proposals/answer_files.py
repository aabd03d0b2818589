"""Use cases of answering offers with a file: try it, say yes to it, and give what it holds, piece by piece.

What a row does is exactly what the same answer does by hand: `answering` gives both.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.consents.models import Assessment
from app.db import transaction
from app.errors import Refusal
from app.exchange import answering, hub
from app.exchange.answering import Desk, Given, Judged, Progress, refused
from app.exchange.rules import Fate
from app.exchange.sheets import Row
from app.exchange.uploads import Incoming
from app.money import MOST, Cents
from app.proposals import answer_sheets
from app.proposals.answer_rules import Answer, Seen, is_unexplained
from app.proposals.answer_rules import Given as GivenAnswer
from app.proposals.answer_sheets import BALANCE, KEY, WHY, WORDS, OfferAnswer
from app.proposals.answering import Outcome, give_answers
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason, check_answer
from app.proposals.models import Offer, Proposal
from app.proposals.offer_access import Scope, parameters, scope_of, seen_by
from app.proposals.words import TITLES


def try_file(actor: Actor, file: Incoming) -> str:
    """Try a file without giving anything; return the reference under which it waits for a yes. Raises NotFound, Refusal."""
    return answering.try_file(actor, DESK, file)


def confirm_file(actor: Actor, ref: str) -> bool:
    """Give the answers of a file: up to 200 rows here and now, more by a job; return whether a job does it. Raises NotFound."""
    with transaction() as session:
        confirmed = answering.confirm(session, actor, DESK, ref)
        if confirmed.is_first:
            rows = (None, confirmed.rows)
            record(session, actor, "offers:answer-file", f"import/{ref}", concerns_id=actor.organisation_id, rows=rows)
    if not confirmed.is_long:
        go_on(actor, ref)
    return confirmed.is_long


def go_on(actor: Actor, ref: str, progress: Progress | None = None) -> None:
    """Give what is left of a file that got its yes. Raises NotFound."""
    answering.go_on(actor, DESK, ref, progress)


# ── one row ──────────────────────────────────────────────────────────────────


class _Known(NamedTuple):
    """An offer of the actor, as far as judging a row needs it."""

    ref: str
    revision: int
    state: OfferState
    words: str
    reason: RejectReason | None
    balance_cents: Cents | None
    proposal: ProposalState
    is_covered: bool | None


def _judge(session: Session, actor: Actor, rows: Sequence[Row[OfferAnswer]]) -> list[Judged]:
    known = _known(session, actor, {row.values.ref.upper() for row in rows if not row.values.is_empty})
    return [_judged(row.values, known.get(row.values.ref.upper())) for row in rows]


def _known(session: Session, actor: Actor, refs: set[str]) -> dict[str, _Known]:
    found = session.execute(_statement(scope_of(actor)), parameters(actor) | {"refs": refs})
    return {row[0]: _Known._make(row) for row in found}


@cache
def _statement(scope: Scope) -> Select[*tuple[Any, ...]]:
    offer, proposal, assessment = Offer.__table__, Proposal.__table__, Assessment.__table__  # tables: quicker for many rows
    o = offer.c
    columns = (
        o.ref, o.revision, o.state, o.words, o.reject_reason, o.other_balance_cents, proposal.c.state, assessment.c.covered,
    )  # fmt: skip
    joined = offer.join(proposal, proposal.c.id == o.proposal_id).outerjoin(assessment, assessment.c.offer_ref == o.ref)
    mine = o.ref.in_(bindparam("refs", expanding=True)), seen_by(scope)
    return select(*columns).select_from(joined).where(*mine).order_by(o.id)


def _judged(told: OfferAnswer, known: _Known | None) -> Judged:
    if told.is_empty:
        return Judged(Fate.EMPTY)
    if known is None:
        return refused(KEY, "answers.missing")
    try:
        answer = _answer(told)
        if _stands(known, answer):
            return Judged(Fate.UNCHANGED, answer.state.value, known.revision)
        check_answer(known.proposal, known.state, answer.state)
        if is_unexplained(known.state, answer):
            raise Refusal("proposals.second_no_unexplained", field=WORDS)
        if answer.state is OfferState.REJECTED and known.is_covered and not told.against_consent:
            raise Refusal("answers.covered", field=answer_sheets.AGAINST)
    except Refusal as refusal:
        return refused(refusal.field, refusal.code, **refusal.facts)
    return Judged(Fate.WAITS, answer.state.value, known.revision)


def _stands(known: _Known, answer: Answer) -> bool:
    """Tell whether this very answer was given already, by whomever; an officer may have taken its balance over since."""
    taken_over = answer.state is OfferState.ACCEPTED_OTHER_BALANCE and known.state is OfferState.ACCEPTED
    same = (known.words, known.reason, known.balance_cents) == (answer.words, answer.reason, answer.balance_cents)
    return same and (known.state is answer.state or taken_over)


def _answer(told: OfferAnswer) -> Answer:
    """Return the answer that a row holds. Raises Refusal for what belongs to another answer, or is missing."""
    if told.answer is None:
        raise Refusal("answers.answer_missing", field=answer_sheets.ANSWER)
    is_other = told.answer is OfferState.ACCEPTED_OTHER_BALANCE
    if is_other != (told.balance_cents is not None) or (told.balance_cents or 0) > MOST:
        raise Refusal("answers.balance_missing" if is_other else "answers.balance_for_nothing", field=BALANCE)
    is_no = told.answer is OfferState.REJECTED
    if is_no != (told.reason is not None):
        raise Refusal("answers.reason_missing" if is_no else "answers.reason_for_nothing", field=WHY)
    words = told.words.strip()
    if not words and (told.answer is OfferState.RECONSIDERATION_ASKED or told.reason is RejectReason.OTHER):
        raise Refusal("answers.words_missing", field=WORDS)
    return Answer(told.answer, words, told.reason, told.balance_cents)


def _give(session: Session, actor: Actor, rows: Sequence[tuple[OfferAnswer, int]]) -> list[Given]:
    outcomes = give_answers(session, actor, [_given(told, revision) for told, revision in rows])
    return [_fate(outcome, revision) for outcome, (_, revision) in zip(outcomes, rows, strict=True)]


def _given(told: OfferAnswer, revision: int) -> GivenAnswer:
    against = told.answer is not OfferState.REJECTED or told.against_consent
    return GivenAnswer(Seen(told.ref.upper(), revision, AnsweredBy.FILE), _answer(told), against)


def _fate(outcome: Outcome, revision: int) -> Given:
    if isinstance(outcome, int):
        return Fate.UNCHANGED if outcome == revision else Fate.DONE
    return outcome


DESK = Desk(
    hub.OFFERS,
    Permission.ANSWER_OFFERS,
    "proposals.answer_file",
    TITLES["answer file"],
    answer_sheets.SHEET,
    answer_sheets.SHOWN,
    _judge,
    _give,
)
