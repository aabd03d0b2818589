"""Use cases of a reporter and its agent: report one signal or a file of them, take one back, say that the feedback was read."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, update
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.queries import did_today
from app.audit.service import record
from app.clock import now, today
from app.db import reading, transaction
from app.early_signals import mandates, rules
from app.early_signals.access import is_news, own_signal, reports, visible_signal, visible_to
from app.early_signals.filing import FIELDS, Report, Reporter, check, keep_reports, leave_household, lock_homes, under_keys
from app.early_signals.importing import KIND, Sending, take_signals
from app.early_signals.mandates import reporter_of
from app.early_signals.models import Signal
from app.early_signals.reporter_queries import FeedbackQuery, FeedbackRow, all_feedback
from app.early_signals.rules import State, Urgency, Withdrawal
from app.early_signals.telling import late_by_team, tell_late, tell_withdrawn
from app.early_signals.words import COUNTED, REFUSALS
from app.errors import Refusal
from app.exchange import uploads
from app.exchange.imports import Outcome
from app.exchange.models import Upload
from app.exchange.uploads import Incoming
from app.jobs import service as jobs

MOST_NAMED = 5000  # signals that an audit event of an export names
CONFIRMED = "signals and confirmed"  # the kind under which the file of a landlord waits that confirmed all of its rows


def report_signal(actor: Actor, report: Report, creditor: int | None = None) -> str:
    """Report arrears, and return the reference. The same report again returns the same one.

    `creditor` is the code of the creditor in whose name an agent reports. Raises Refusal without its mandate, for what the law or the
    city does not take, for other facts under the same reference and day, and for an agent when somebody else used these; NotFound.
    """
    with transaction() as session:
        reporter = reporter_of(session, actor, creditor)
        agent_id = actor.organisation_id if actor.kind is Kind.AGENT else None
        check(reporter, report)
        if known := _known(session, reporter, agent_id, report):
            return known
        made = keep_reports(session, actor, [(reporter, report)], agent_id)
        tell_late(session, late_by_team(made))
        return made[0].ref


def _known(session: Session, reporter: Reporter, agent_id: int | None, report: Report) -> str | None:
    """Return the reference of this very report, if it is there. Raises Refusal when it says something else.

    An agent is refused what the creditor or another agent reported, whatever stands in it: it hears no more than that it cannot.
    """
    same = (Signal.reporter_id == reporter.id, Signal.reference == report.reference, Signal.reported_on == report.reported_on)
    old = next(iter(under_keys(session, *same)), None)
    if old is None:
        return None
    if agent_id is not None and old.agent_id != agent_id:
        raise Refusal("early_signals.reported_by_other", field="reference")
    told = vars(report) | {"confirmations": list(report.confirmations)}
    if any(getattr(old, name) != told[name] for name in FIELDS):
        by_agent = old.agent_id is not None and agent_id is None
        raise Refusal("early_signals.reported_in_your_name" if by_agent else "early_signals.already_reported", field="reference")
    return old.ref


def withdraw_signal(actor: Actor, ref: str, reason: Withdrawal) -> None:
    """Take a signal back; the team no longer works on it. The second time changes nothing. Raises Refusal, NotFound.

    The others of its household go where the rules say without it.
    It asks no version: that moves when another report about the household moves the signal, and would tell of it.
    """
    with transaction() as session:
        signal = own_signal(session, actor, ref)
        lock_homes(session, [signal.household_no])
        if signal.state is State.WITHDRAWN:
            return
        rules.check_withdrawal(signal.state)
        tell_withdrawn(session, signal)
        signal.state, signal.withdrawn_on, signal.withdrawal = State.WITHDRAWN, today(), reason
        signal.urgency, signal.has_news, signal.agent_has_news = Urgency.DONE, False, False
        record(session, actor, "signals:withdraw", f"signal/{ref}", concerns_id=signal.reporter_id, reason=(None, reason))
        leave_household(session, signal)


def note_opened(actor: Actor, ref: str) -> None:
    """Note that somebody opened a signal, which names a person in arrears: once a day for each person. Raises NotFound."""
    with reading() as session:
        signal = visible_signal(session, actor, ref)
        if actor.person_id is not None and did_today(session, actor, "signals:open", f"signal/{ref}"):
            return
    with transaction() as session:
        concerns = signal.reporter_id if reports(actor) else None  # which team reads it is none of the reporter's business
        record(session, actor, "signals:open", f"signal/{ref}", concerns_id=concerns)


def read_feedback(actor: Actor, until: datetime) -> int:
    """Say that the feedback up to a moment was read; return of how many signals it is no longer new.

    What an agent read is still new to its creditor, and the other way round.
    """
    actor.must(Permission.REPORT_SIGNALS)
    own = and_(visible_to(actor), Signal.told_anew_at <= until, is_news(actor))
    with transaction() as session:
        read = update(Signal).where(own).values(_read_by(actor))
        done = session.execute(read, execution_options={"synchronize_session": False})
        number: int = done.rowcount  # type: ignore[attr-defined]
        if number:
            record(session, actor, "signals:read", "signals", concerns_id=actor.organisation_id, rows=(None, number))
        return number


def _read_by(actor: Actor) -> dict[str, Any]:
    if actor.kind is not Kind.AGENT:
        return {"seen_at": now(), "has_news": False}
    in_its_name = Signal.reporter_id == actor.organisation_id
    return {"agent_has_news": False, "has_news": case((in_its_name, False), else_=Signal.has_news)}


def export_feedback(actor: Actor, query: FeedbackQuery) -> list[FeedbackRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    with transaction() as session:
        rows = list(all_feedback(session, actor, query))
        refs = " ".join(row.ref for row in rows[:MOST_NAMED])
        record(session, actor, "signals:export", "signals", concerns_id=actor.organisation_id, rows=(None, len(rows)), refs=(None, refs))
        return rows


# ── files through a page ─────────────────────────────────────────────────────


def keep_upload(actor: Actor, file: Incoming, outcome: Outcome, *, confirmed: bool, creditor: int | None = None) -> str:
    """Keep a file whose trial was run until somebody says yes, and return the reference; an agent names the creditor. Raises Refusal."""
    actor.must(Permission.REPORT_SIGNALS)
    named = Incoming(CONFIRMED if confirmed else KIND, file.name, file.content)
    with transaction() as session:
        whose = mandates.upload_kind(creditor if actor.kind is Kind.AGENT else None)
        concerns = reporter_of(session, actor, creditor).id
        ref = uploads.keep(session, actor, whose, [named], outcome, REFUSALS)
        record(session, actor, "signals:upload", f"import/{ref}", concerns_id=concerns)
        return ref


def confirm_upload(actor: Actor, ref: str) -> bool:
    """Bring the file of an upload in: at once, or (many rows) as a job; return whether a job does it.

    A second yes, from a double click or another tab, does nothing. Raises NotFound.
    """
    with transaction() as session:
        upload = mandates.own_upload(session, actor, ref, lock=True)
        large = upload.rows > uploads.LARGE
        if upload.confirmed_at is not None:
            return large
        upload.confirmed_at = now()
        if large:
            jobs.start(session, actor, ref, str(REFUSALS["early_signals.upload_title"]), upload.rows)
            jobs.enqueue(session, "early_signals.take_upload", {"ref": ref}, key=ref)
        else:
            _bring_in(session, actor, upload)
        return large


def take_upload(ref: str) -> None:
    """Bring a confirmed upload in, as a job, for whoever confirmed it. Running again after that does nothing."""
    with transaction() as session:
        kind = mandates.kind_of_upload(session, ref)
        upload = uploads.waiting(session, kind, ref) if kind else None
        if upload is None:
            return
        outcome = _bring_in(session, uploads.uploader(upload), upload)
        lines = ((str(REFUSALS["early_signals.upload_title"]), str(COUNTED) % outcome.as_counts()[KIND]),)
        jobs.finish(session, ref, jobs.Result(lines, f"/early-signals/import/{ref}"))


def _bring_in(session: Session, actor: Actor, upload: Upload) -> Outcome:
    """Bring the file in for the organisation that chose it, whoever acts; an agent's, as far as its mandate of today goes."""
    reporters, agent_id = mandates.of_upload(session, upload)
    files = uploads.contents(session, upload)
    kind = next(iter(files))
    outcome = take_signals(session, actor, files[kind], Sending(reporters, agent_id, kind == CONFIRMED))
    uploads.complete(session, upload, outcome, REFUSALS)
    return outcome
