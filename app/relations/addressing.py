"""Use cases between the relations team and whom a complaint is about: address, answer, ask, disagree, reply, and the outcome."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import Actor
from app.audit.queries import did_today
from app.audit.service import record
from app.clock import now, today
from app.db import reading, transaction
from app.errors import Conflict, Refusal
from app.relations.complaint_access import visible_addressed
from app.relations.complaint_lifecycle import Move
from app.relations.complaint_rules import Answer, Audience, Outcome, What, check_anonymous, check_words
from app.relations.complaint_steps import (
    known_names,
    move,
    note,
    set_due,
    tell,
    tell_parties_once_shown,
    tell_reporter,
    tell_team,
)
from app.relations.complaints import WORDS, reopen_within
from app.relations.models import Complaint
from app.relations.triage import confirm_within, resume_within, working_on


def address_complaint(actor: Actor, ref: str, revision: int, words: str, *, tell_agent: bool) -> None:
    """Put a complaint before its creditor, and its agent when asked, in words that name the client only when it agreed.

    Raises Refusal without words, for an unknown company, or when the words name the client; Conflict, NotFound.
    """
    check_words(words, "told_words")
    with working_on(actor, ref, revision) as (session, complaint):
        if complaint.creditor_id is None and complaint.agent_id is None:
            raise Refusal("relations.party_not_registered")
        if not complaint.client_agrees:
            check_anonymous(words, known_names(session, complaint))
        move(complaint, Move.ADDRESS)
        resume_within(session, actor, complaint)
        confirm_within(session, actor, complaint)
        complaint.addressed_at, complaint.told_words, complaint.reminded_on = now(), words.strip()[:WORDS], None
        complaint.agent_told = complaint.agent_id is not None and (tell_agent or complaint.creditor_id is None)
        set_due(complaint)
        tell(session, actor, complaint, What.ADDRESSED, Audience.PARTY, words[:WORDS])
        note(session, actor, "complaints:address", complaint, answer_by=(None, complaint.answer_by))
        tell_parties_once_shown(session, "complaints.addressed", complaint)


# ── whom it is about ─────────────────────────────────────────────────────────


def note_opened(actor: Actor, ref: str) -> None:
    """Note that somebody opened a complaint about its organisation: once a day for each person, and when the client was first read.

    Raises NotFound.
    """
    with reading() as session:
        complaint = visible_addressed(session, actor, ref)
        was_noted = did_today(session, actor, "complaints:open", f"complaint/{ref}")
        is_named = complaint.client_agrees and complaint.named_at is None
    if was_noted and not is_named:
        return
    with transaction() as session:
        if not was_noted:
            record(session, actor, "complaints:open", f"complaint/{ref}", concerns_id=actor.organisation_id)
        if is_named:  # beside the version column: reading overtakes nobody
            named = update(Complaint).where(Complaint.ref == ref, Complaint.client_agrees, Complaint.named_at.is_(None))
            session.execute(named.values(named_at=now()), execution_options={"synchronize_session": False})


def answer_complaint(actor: Actor, ref: str, revision: int, answer: Answer, words: str) -> None:
    """Answer a complaint about the own organisation. Raises Refusal without words or when it is over, Conflict, NotFound."""
    check_words(words, "answer_words")
    with transaction() as session:
        complaint = _addressed(session, actor, ref, revision)
        move(complaint, Move.ANSWER)
        _answered(session, actor, complaint)
        complaint.answer = answer
        tell(session, actor, complaint, What.ANSWERED, Audience.PARTY, words[:WORDS], answer=answer.value)
        note(session, actor, "complaints:answer", complaint, answer=(None, answer))
        tell_team(session, "complaints.answered", complaint)


def disagree(actor: Actor, ref: str, revision: int, words: str) -> None:
    """Say why the own organisation does not agree with a complaint. Raises Refusal, Conflict, NotFound."""
    check_words(words, "disagree_words")
    with transaction() as session:
        complaint = _addressed(session, actor, ref, revision)
        move(complaint, Move.DISAGREE)
        _answered(session, actor, complaint)
        complaint.answer = None
        tell(session, actor, complaint, What.DISAGREED, Audience.PARTY, words[:WORDS])
        note(session, actor, "complaints:disagree", complaint)
        tell_team(session, "complaints.answered", complaint)


def ask_question(actor: Actor, ref: str, revision: int, words: str) -> None:
    """Ask the relations team what one needs to know first; the clock runs on. Raises Refusal, Conflict, NotFound."""
    check_words(words, "question")
    with transaction() as session:
        complaint = _addressed(session, actor, ref, revision)
        move(complaint, Move.ASK)
        set_due(complaint)
        tell(session, actor, complaint, What.ASKED, Audience.PARTY, words[:WORDS])
        note(session, actor, "complaints:ask", complaint)
        tell_team(session, "complaints.asked", complaint)


def _addressed(session: Session, actor: Actor, ref: str, revision: int) -> Complaint:
    complaint = visible_addressed(session, actor, ref, lock=True)
    if complaint.revision != revision:
        raise Conflict
    return complaint


def _answered(session: Session, actor: Actor, complaint: Complaint) -> None:
    complaint.answered_at, complaint.answerer = now(), actor.name[:200]
    resume_within(session, actor, complaint)
    set_due(complaint)


# ── the relations team, afterwards ───────────────────────────────────────────


def reply(actor: Actor, ref: str, revision: int, words: str) -> None:
    """Answer a question of the creditor, or ask again when its answer does not do. Raises Refusal, Conflict, NotFound."""
    check_words(words, "reply")
    with working_on(actor, ref, revision) as (session, complaint):
        if not complaint.client_agrees:
            check_anonymous(words, known_names(session, complaint))
        move(complaint, Move.REPLY)
        resume_within(session, actor, complaint)
        complaint.answer = None
        set_due(complaint)
        tell(session, actor, complaint, What.REPLIED, Audience.PARTY, words[:WORDS])
        note(session, actor, "complaints:reply", complaint)
        tell_parties_once_shown(session, "complaints.replied", complaint)


def close_complaint(actor: Actor, ref: str, revision: int, outcome: Outcome, words: str) -> None:
    """Close a complaint with its outcome, in words for who reported it and whatever was merged into it.

    Raises Refusal without words, Conflict, NotFound.
    """
    check_words(words, "outcome_words")
    with working_on(actor, ref, revision) as (session, complaint):
        move(complaint, Move.CLOSE)
        complaint.outcome, complaint.outcome_words = outcome, words.strip()[:WORDS]
        complaint.closed_on, complaint.paused_on, complaint.helped = today(), None, None
        set_due(complaint)
        merged = select(Complaint).where(Complaint.merged_into_id == complaint.id).order_by(Complaint.id)
        for one in [complaint, *session.scalars(merged.with_for_update())]:
            one.closed_on = today()
            tell(session, actor, one, What.CLOSED, Audience.REPORTER, words[:WORDS], outcome=outcome.value)
            tell_reporter(session, "complaints.outcome", one, outcome=outcome.value)
        if complaint.addressed_at is not None:
            tell(session, actor, complaint, What.CLOSED, Audience.PARTY, outcome=outcome.value)
        note(session, actor, "complaints:close", complaint, outcome=(None, outcome))


def reopen_complaint(actor: Actor, ref: str, revision: int, words: str) -> None:
    """Open a closed complaint again with the reason. Raises Refusal, Conflict, NotFound."""
    check_words(words, "reopen_words")
    with working_on(actor, ref, revision) as (session, complaint):
        reopen_within(session, actor, complaint, words)
