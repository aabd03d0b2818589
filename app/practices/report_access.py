"""Who sees a practice report: loading it is the access check. A draft is its creditor's alone; the city sees what was submitted."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.errors import NotFound
from app.practices.models import Report
from app.practices.questions import QUESTION
from app.practices.rules import State

EVIDENCE = "practice evidence"  # the kind of files beside an answer


def visible_report(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Report:
    """Return a report of the own organisation, or one that was submitted to who sees all. Raises NotFound."""
    actor.must(Permission.READ_PRACTICES)
    query = select(Report).where(Report.ref == ref)
    report = session.scalar(query.with_for_update() if lock else query) if ref.isprintable() else None
    if report is None or not (is_own(actor, report) or _is_submitted_to(actor, report)):
        raise NotFound
    return report


def own_report(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Report:
    """Return a report that the actor may fill in. Raises NotFound."""
    actor.must(Permission.WRITE_PRACTICES)
    report = visible_report(session, actor, ref, lock=lock)
    if not is_own(actor, report):
        raise NotFound
    return report


def reviewed_report(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Report:
    """Return a report that the actor may remark on: it was submitted. Raises NotFound."""
    actor.must(Permission.REVIEW_PRACTICES)
    report = visible_report(session, actor, ref, lock=lock)
    if report.state is State.DRAFT:
        raise NotFound
    return report


def is_own(actor: Actor, report: Report) -> bool:
    return actor.organisation_id is not None and report.creditor_id == actor.organisation_id


def _is_submitted_to(actor: Actor, report: Report) -> bool:
    return report.state is not State.DRAFT and actor.may(Permission.READ_ALL_PRACTICES)


def subject(ref: str, question: str) -> str:
    """Return what the files beside an answer are about."""
    return f"{ref}.{question}"


def is_unsubmitted(report: Report, added_at: datetime) -> bool:
    """Tell whether a file belongs to what is being written: to a draft, or to a correction since the report was reopened."""
    if report.state is State.REOPENED and report.reopened_at is not None:
        return added_at > report.reopened_at
    return report.state is State.DRAFT


def shows_file(actor: Actor, report: Report, added_at: datetime) -> bool:
    """Tell whether who sees a report sees a file in it: what is added to a correction comes to the city with the correction."""
    return is_own(actor, report) or not is_unsubmitted(report, added_at)


def sees_evidence(session: Session, actor: Actor, subject_ref: str, added_at: datetime) -> bool:
    """Tell whether an actor sees a file beside an answer: whoever sees its report, and what of it was submitted."""
    ref, _, question = subject_ref.partition(".")
    if not actor.may(Permission.READ_PRACTICES) or question not in QUESTION:
        return False
    try:
        return shows_file(actor, visible_report(session, actor, ref), added_at)
    except NotFound:
        return False
