"""Use cases of the relations team on practice reports: remark on an answer, mark what nobody asked about as seen, let correct."""

from app.access import Actor
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import transaction
from app.errors import Conflict, NotFound, Refusal
from app.notifications.service import Recipient, notify
from app.practices import rules
from app.practices.queries import evidence_of, said_of, standing_of, submitted
from app.practices.questions import QUESTION
from app.practices.report_access import reviewed_report
from app.practices.rules import Mark, State
from app.practices.service import append_remark


def mark_answer(actor: Actor, ref: str, question: str, mark: Mark, words: str, seen: int) -> None:
    """Mark an answer as seen, questioned or verified; the creditor reads the words. `seen` is how often something had been said.

    Raises Refusal for a question without words, a verification by nothing or the same again, Conflict when something was said or
    corrected since, NotFound.
    """
    words = words.strip()
    with transaction() as session:
        report = reviewed_report(session, actor, ref, lock=True)
        if question not in QUESTION or mark is Mark.REPLY:
            raise NotFound
        if said_of(session, report, question) != seen:
            raise Conflict
        has_evidence = bool(evidence_of(session, actor, report, question))
        rules.check_mark(mark, words, has_evidence=has_evidence, now=standing_of(session, report, question))
        append_remark(session, actor, report, question, mark, words)
        if mark is Mark.QUESTIONED:
            creditor = session.get_one(Organisation, report.creditor_id)
            to = Recipient(creditor.email, creditor.id)
            notify(session, "practices.questioned", to, f"/practices/{ref}/answers/{question}", ref=ref, year=report.year)


def mark_rest_seen(actor: Actor, ref: str, revision: int) -> int:
    """Mark every answer without a mark as seen, and return how many. Raises Conflict when the report changed, NotFound."""
    with transaction() as session:
        report = reviewed_report(session, actor, ref, lock=True)
        if report.revision != revision:
            raise Conflict
        answered = submitted(session, report.id) or {}
        open_ones = [code for code in QUESTION if code in answered and standing_of(session, report, code) is None]
        for code in open_ones:
            append_remark(session, actor, report, code, Mark.SEEN, "")
        return len(open_ones)


def reopen_report(actor: Actor, ref: str, reason: str, revision: int) -> None:
    """Let the creditor correct what it submitted; what stands in the benchmark of its year does not change any more.

    Raises Refusal without a reason or when the report is open already, Conflict when it changed since it was read, NotFound.
    """
    reason = reason.strip()
    with transaction() as session:
        report = reviewed_report(session, actor, ref, lock=True)
        rules.check_move(report.state, State.REOPENED)
        if not reason:
            raise Refusal("practices.reason_missing", field="reason")
        rules.check_words(reason)
        if report.revision != revision:
            raise Conflict
        before, report.state, report.reopen_reason, report.reopened_at = report.state, State.REOPENED, reason, now()
        record(
            session, actor, "practices:reopen", f"practices/{ref}", concerns_id=report.creditor_id, state=(before, report.state),
        )  # fmt: skip
        creditor = session.get_one(Organisation, report.creditor_id)
        notify(session, "practices.reopened", Recipient(creditor.email, creditor.id), f"/practices/{ref}", ref=ref, year=report.year)
