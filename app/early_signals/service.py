"""Use cases of a reporter: report one signal or a file of them, take one back, say that the feedback was read."""

from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.queries import did_today
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.early_signals import rules
from app.early_signals.access import own_signal, reports, visible_signal, visible_to
from app.early_signals.filing import FIELDS, Report, Reporter, check, keep_reports, leave_household, lock_homes
from app.early_signals.importing import KIND, take_signals
from app.early_signals.models import Signal
from app.early_signals.reporter_queries import FeedbackQuery, FeedbackRow, all_feedback
from app.early_signals.rules import State, Urgency, Withdrawal
from app.early_signals.telling import late_by_team, tell_late, tell_withdrawn
from app.early_signals.words import COUNTED, REFUSALS
from app.errors import NotFound, Refusal
from app.exchange import uploads
from app.exchange.imports import Outcome
from app.exchange.models import Upload
from app.exchange.uploads import Incoming
from app.jobs import service as jobs

UPLOAD = "signals"
MOST_NAMED = 5000  # signals that an audit event of an export names
CONFIRMED = "signals and confirmed"  # the kind under which the file of a landlord waits that confirmed all of its rows


def report_signal(actor: Actor, report: Report) -> str:
    """Report arrears, and return the reference. The same report again returns the same one.

    Raises Refusal for what the law or the city does not take, and for other facts under the same reference and day.
    """
    with transaction() as session:
        reporter = _own(session, actor)
        check(reporter, report)
        if known := _known(session, reporter, report):
            return known
        made = keep_reports(session, actor, [(reporter, report)])
        tell_late(session, late_by_team(made))
        return made[0].ref


def _own(session: Session, actor: Actor) -> Reporter:
    """Return the actor's organisation as a reporter; of two reports of the same at once, the second sees the first."""
    actor.must(Permission.REPORT_SIGNALS)
    found = session.get(Organisation, actor.organisation_id, with_for_update=True) if reports(actor) else None
    if found is None or found.code is None:
        raise NotFound
    return Reporter(found.id, found.code, found.branch)


def _known(session: Session, reporter: Reporter, report: Report) -> str | None:
    """Return the reference of this very report, if it is there. Raises Refusal when it says something else."""
    same = (Signal.reporter_id == reporter.id, Signal.reference == report.reference, Signal.reported_on == report.reported_on)
    old = session.scalar(select(Signal).where(*same))
    if old is None:
        return None
    told = vars(report) | {"confirmations": list(report.confirmations)}
    if any(getattr(old, name) != told[name] for name in FIELDS):
        raise Refusal("early_signals.already_reported", field="reference")
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
        signal.urgency, signal.has_news = Urgency.DONE, False
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
    """Say that the feedback up to a moment was read; return of how many signals it is no longer new."""
    actor.must(Permission.REPORT_SIGNALS)
    own = and_(visible_to(actor), Signal.told_anew_at <= until, Signal.has_news)
    with transaction() as session:
        read = update(Signal).where(own).values(seen_at=now(), has_news=False)
        done = session.execute(read, execution_options={"synchronize_session": False})
        number: int = done.rowcount  # type: ignore[attr-defined]
        if number:
            record(session, actor, "signals:read", "signals", concerns_id=actor.organisation_id, rows=(None, number))
        return number


def export_feedback(actor: Actor, query: FeedbackQuery) -> list[FeedbackRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    with transaction() as session:
        rows = list(all_feedback(session, actor, query))
        refs = " ".join(row.ref for row in rows[:MOST_NAMED])
        record(session, actor, "signals:export", "signals", concerns_id=actor.organisation_id, rows=(None, len(rows)), refs=(None, refs))
        return rows


# ── files through a page ─────────────────────────────────────────────────────


def keep_upload(actor: Actor, file: Incoming, outcome: Outcome, *, confirmed: bool) -> str:
    """Keep a file whose trial was run until somebody says yes, and return the reference."""
    actor.must(Permission.REPORT_SIGNALS)
    named = Incoming(CONFIRMED if confirmed else KIND, file.name, file.content)
    with transaction() as session:
        ref = uploads.keep(session, actor, UPLOAD, [named], outcome, REFUSALS)
        record(session, actor, "signals:upload", f"import/{ref}", concerns_id=actor.organisation_id)
        return ref


def confirm_upload(actor: Actor, ref: str) -> bool:
    """Bring the file of an upload in: at once, or (many rows) as a job; return whether a job does it.

    A second yes, from a double click or another tab, does nothing.
    """
    actor.must(Permission.REPORT_SIGNALS)
    with transaction() as session:
        upload = uploads.visible_upload(session, actor, UPLOAD, ref, lock=True)
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
        upload = uploads.waiting(session, UPLOAD, ref)
        if upload is None:
            return
        outcome = _bring_in(session, uploads.uploader(upload), upload)
        lines = ((str(REFUSALS["early_signals.upload_title"]), str(COUNTED) % outcome.as_counts()[KIND]),)
        jobs.finish(session, ref, jobs.Result(lines, f"/early-signals/import/{ref}"))


def _bring_in(session: Session, actor: Actor, upload: Upload) -> Outcome:
    """Bring the file in for the organisation that chose it, whoever acts."""
    code = session.scalar(select(Organisation.code).where(Organisation.id == upload.organisation_id))
    files = uploads.contents(session, upload)
    kind = next(iter(files))
    outcome = take_signals(session, actor, files[kind], [code] if code else [], confirmed=kind == CONFIRMED)
    uploads.complete(session, upload, outcome, REFUSALS)
    return outcome
