"""Use cases of a creditor on its offers: accept, accept with another balance, reject, ask reconsideration, take back, keep a draft.

An answer, its history, its audit event and the mail that follows are one transaction; the last acceptance lets the agreement stand.
What one answer is and does stands in `answering`, which takes many at once as well.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.clock import now
from app.db import transaction
from app.errors import Conflict, NotFound, Refusal
from app.money import MOST, Cents
from app.proposals.answer_rules import Answer, Given
from app.proposals.answer_rules import Seen as Seen
from app.proposals.answering import give_answer
from app.proposals.inbox_queries import InboxQuery, InboxRow, all_rows
from app.proposals.lifecycle import (
    CAN_BE_ANSWERED,
    OFFER_MOVES,
    Answered,
    OfferState,
    ProposalState,
    RejectReason,
    check_move,
    check_undo,
)
from app.proposals.many_queries import last_answer
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.offer_access import visible_to

MOST_NAMED = 5000  # offers that an audit event of an export names


# ── the four answers ─────────────────────────────────────────────────────────


def accept_offer(actor: Actor, seen: Seen, words: str = "") -> None:
    """Accept an offer. Raises NotFound, Refusal (over, or answered already), or Conflict when it changed since it was seen."""
    _answer(actor, seen, Answer(OfferState.ACCEPTED, words.strip()))


def accept_with_other_balance(actor: Actor, seen: Seen, balance_cents: Cents, words: str = "") -> None:
    """Accept, and state that the claim is another amount now; it counts once an officer takes that amount over.

    Raises NotFound, Refusal, Conflict.
    """
    if not 0 <= balance_cents <= MOST:
        raise Refusal("proposals.balance_missing", field="balance")
    _answer(actor, seen, Answer(OfferState.ACCEPTED_OTHER_BALANCE, words.strip(), balance_cents=balance_cents))


def reject_offer(actor: Actor, seen: Seen, reason: RejectReason, words: str, *, confirmed: bool = False) -> None:
    """Reject an offer with a coded reason and words.

    Raises Refusal when the reason `other` comes without words, and when the creditor's own consent covers the offer and
    nobody `confirmed` to reject it all the same; NotFound, Conflict.
    """
    if reason is RejectReason.OTHER and not words.strip():
        raise Refusal("proposals.words_missing", field="explanation")
    _answer(actor, seen, Answer(OfferState.REJECTED, words.strip(), reason), against_consent=confirmed)


def ask_reconsideration(actor: Actor, seen: Seen, words: str) -> None:
    """Ask the bank to look again at something, in words. Raises NotFound, Refusal, Conflict."""
    if not words.strip():
        raise Refusal("proposals.words_missing", field="question")
    _answer(actor, seen, Answer(OfferState.RECONSIDERATION_ASKED, words.strip()))


def _answer(actor: Actor, seen: Seen, answer: Answer, *, against_consent: bool = True) -> None:
    actor.must(Permission.ANSWER_OFFERS)
    with transaction() as session:
        give_answer(session, actor, Given(seen, answer, against_consent))


# ── taking an answer back ────────────────────────────────────────────────────


def undo_answer(actor: Actor, seen: Seen) -> None:
    """Take back an answer that the own organisation gave by hand or file, within ten minutes and while the proposal runs.

    Raises NotFound, Conflict when somebody answered anew since, and Refusal: the agreement stands, it is over, or it is too late.
    """
    actor.must(Permission.ANSWER_OFFERS)
    with transaction() as session:
        undo_within(session, actor, seen, now())


def undo_within(session: Session, actor: Actor, seen: Seen, asked_at: datetime) -> None:
    """Take one answer back within a transaction, as of when that was asked; the actor must have the permission already.

    What was taken back already stays as it is; what the bank asked again since is not. Raises as `undo_answer`.
    """
    proposal, offer = _locked(session, actor, seen.ref)
    if offer.state in CAN_BE_ANSWERED and offer.answered_at is None:
        return
    if offer.revision != seen.revision:
        raise Conflict
    given = last_answer(session, offer.id)
    if given is None or given.get("organisation") != actor.organisation_id:
        raise Refusal("proposals.nothing_to_undo", state=offer.state)
    before = OfferState(given.get("before", OfferState.OPEN))
    taken_over = offer.balance_taken_over_at is not None
    check_undo(proposal.state, Answered(offer.state, before, offer.answered_by, offer.answered_at, taken_over), asked_at)
    record(
        session, actor, "offers:undo", f"offer/{offer.ref}", concerns_id=offer.creditor_id,
        state=(offer.state, before), reason=(offer.reject_reason, None), balance=(offer.other_balance_cents, None),
    )  # fmt: skip
    _note(session, actor, offer, "undone", {"state": offer.state.value})
    _take_back(offer, before)


def _take_back(offer: Offer, before: OfferState) -> None:
    offer.state, offer.words, offer.reject_reason, offer.other_balance_cents = before, "", None, None
    offer.answered_at = offer.answered_by = offer.answerer = offer.answered_agent_id = None
    offer.late = False


def _locked(session: Session, actor: Actor, ref: str) -> tuple[Proposal, Offer]:
    """Return an offer that the actor may see with its proposal, locked in the order in which every use case locks them."""
    found = select(Proposal, Offer).select_from(Proposal).join(Offer, Offer.proposal_id == Proposal.id)
    mine = found.where(Offer.ref == ref, visible_to(actor)).with_for_update()
    row = session.execute(mine).one_or_none() if ref.isprintable() else None
    if row is None:
        raise NotFound
    return row[0], row[1]


# ── beside answering ─────────────────────────────────────────────────────────


def put_back_offer(actor: Actor, seen: Seen) -> None:
    """Take an offer that a consent put ready back to the open ones. Raises NotFound, Refusal, Conflict."""
    actor.must(Permission.ANSWER_OFFERS)
    with transaction() as session:
        proposal, offer = _locked(session, actor, seen.ref)
        if offer.revision != seen.revision:
            raise Conflict
        if proposal.state is not ProposalState.ISSUED:
            raise Refusal("proposals.proposal_over")
        if offer.state is not OfferState.PREPARED:
            raise Refusal("proposals.move_not_possible")
        check_move(OFFER_MOVES, offer.state, OfferState.OPEN)
        record(
            session, actor, "offers:put-back", f"offer/{offer.ref}", concerns_id=offer.creditor_id,
            state=(offer.state, OfferState.OPEN),
        )  # fmt: skip
        offer.state = OfferState.OPEN
        _note(session, actor, offer, "put back", {})


def save_draft(actor: Actor, ref: str, draft: dict[str, str]) -> None:
    """Keep an answer that was begun, for whoever goes on with it. Raises NotFound, Refusal when there is nothing to answer."""
    actor.must(Permission.ANSWER_OFFERS)
    with transaction() as session:
        proposal, offer = _locked(session, actor, ref)
        if proposal.state is not ProposalState.ISSUED:
            raise Refusal("proposals.proposal_over")
        if offer.state not in CAN_BE_ANSWERED:
            raise Refusal("proposals.answered_already")
        # beside the version column: a draft changes nothing that a colleague could answer over
        session.execute(update(Offer).where(Offer.id == offer.id).values(draft=draft))
        record(session, actor, "offers:save-draft", f"offer/{offer.ref}", concerns_id=offer.creditor_id)


def note_opened(actor: Actor, ref: str) -> None:
    """Note that somebody opened the file of an offer; its history shows it for people of the creditor and its agent. Raises NotFound."""
    actor.must(Permission.READ_OFFERS)
    with transaction() as session:
        columns = select(Offer.id, Offer.ref, Offer.creditor_id).where(Offer.ref == ref, visible_to(actor))
        offer = session.execute(columns).one_or_none()
        if offer is None:
            raise NotFound
        record(session, actor, "offers:open", f"offer/{ref}", concerns_id=offer.creditor_id)
        _note(session, actor, offer, "opened", {"person": actor.person_id})


def _note(session: Session, actor: Actor, offer: Any, what: str, facts: dict[str, Any]) -> None:
    session.add(OfferEvent(offer_id=offer.id, creditor_id=offer.creditor_id, at=now(), what=what, who=actor.name[:200], facts=facts))


def export_offers(actor: Actor, query: InboxQuery) -> list[InboxRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    with transaction() as session:
        rows = list(all_rows(session, actor, query))
        record(
            session, actor, "offers:export", "offers", concerns_id=actor.organisation_id,
            rows=(None, len(rows)), refs=(None, " ".join(row.ref for row in rows[:MOST_NAMED])),
        )  # fmt: skip
        return rows
