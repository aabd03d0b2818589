"""Use cases of a creditor on its practice reports: begin, save, add evidence, submit and reply; and the daily reminding."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Kind, Permission
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import new_ref, reading, transaction
from app.documents.attachments import Added, attach, attachments_about, remove_attachment, scanned
from app.errors import Conflict, NotFound, Refusal
from app.notifications.service import Recipient, notify
from app.practices import rules
from app.practices.models import AnswerRemark, Report, ReportReminder, SectionDraft, Submission
from app.practices.queries import answers_of, drafts_of, may_remove, said_of, standing_of, waiting_of, written_revision
from app.practices.questions import QUESTION, SECTION, SECTIONS, parse
from app.practices.report_access import EVIDENCE, own_report, subject
from app.practices.rules import Mark, State


def start_report(actor: Actor, year: int) -> str:
    """Begin the report of a year and return its reference; one that was begun already is that one.

    Raises Refusal for a year on which nothing is reported (yet), NotFound for who has no reports.
    """
    actor.must(Permission.WRITE_PRACTICES)
    rules.check_year(year, today())
    with transaction() as session:
        locked = select(Organisation).where(Organisation.id == actor.organisation_id).with_for_update(key_share=True)
        creditor = session.scalar(locked)  # of two colleagues at once the second finds what the first began
        if creditor is None or creditor.kind is not Kind.CREDITOR:
            raise NotFound
        known = session.scalar(select(Report.ref).where(Report.creditor_id == creditor.id, Report.year == year))
        if known is not None:
            return known
        report = Report(ref=new_ref("P"), creditor_id=creditor.id, year=year, created_at=now())
        session.add(report)
        session.flush()
        session.add_all(SectionDraft(report_id=report.id, section=section.code, answers="{}") for section in SECTIONS)
        _record(session, actor, "practices:start", report, year=(None, year))
        return report.ref


def save_section(actor: Actor, ref: str, section: str, typed: Mapping[str, str], revision: int) -> None:
    """Keep what somebody wrote in one section; nothing is submitted by it.

    Raises Refusal at the first answer that cannot be read, Conflict when a colleague saved the section since `revision` or the
    report was submitted, NotFound.
    """
    if section not in SECTION:
        raise NotFound
    read = {question.code: parse(question, typed.get(question.code, "")) for question in SECTION[section].questions}
    with transaction() as session:
        report = own_report(session, actor, ref, lock=True)
        draft = drafts_of(session, report.id)[section]
        if report.state not in rules.OPEN or draft.revision != revision:
            raise Conflict
        before, after = json.loads(draft.answers), {code: value for code, value in read.items() if value is not None}
        if before == after:
            return
        draft.answers, draft.saved_at, draft.saved_by = json.dumps(after, ensure_ascii=False), now(), actor.name[:200]
        _record(session, actor, "practices:save", report, section=(None, section), answers=(len(before), len(after)))


def submit_report(actor: Actor, ref: str, revision: int) -> None:
    """Submit what was written, as a manager who stands for it. Its branch is that of today.

    Raises Refusal for a report that was submitted already, is not whole or contradicts itself, or whose year is not over;
    Conflict when somebody saved a section or moved it since it was read (`revision`); NotFound.
    """
    actor.must(Permission.SUBMIT_PRACTICES)
    with transaction() as session:
        report = own_report(session, actor, ref, lock=True)
        drafts = drafts_of(session, report.id)
        answers = answers_of(drafts)
        rules.check_submission(report.state, report.year, answers, today())
        if written_revision(report, drafts) != revision:
            raise Conflict
        creditor = session.get_one(Organisation, report.creditor_id)
        before, report.state, report.branch = report.state, State.SUBMITTED, creditor.branch
        report.submissions, report.submitted_at = report.submissions + 1, now()
        session.add(
            Submission(
                report_id=report.id,
                number=report.submissions,
                answers=json.dumps(answers, ensure_ascii=False),
                at=now(),
                person_id=actor.person_id,
                person_name=actor.name[:200],
            )
        )
        session.flush()
        report.asked, report.replied = waiting_of(session, report)
        _record(session, actor, "practices:submit", report, state=(before, report.state), number=(None, report.submissions))
        tell_team(session, "practices.submitted", report, creditor.name)


def add_evidence(actor: Actor, ref: str, question: str, files: Sequence[Added]) -> None:
    """Keep files beside an answer: while the report is open, or while the team asks about the answer.

    Raises Refusal for what nobody may add, or when neither holds; NotFound.
    """
    if question not in QUESTION:
        raise NotFound
    if not files:
        raise Refusal("practices.no_file", field="files")
    found = scanned(files)
    with transaction() as session:
        report = own_report(session, actor, ref, lock=True)
        if report.state not in rules.OPEN and standing_of(session, report, question) is not Mark.QUESTIONED:
            raise Refusal("practices.evidence_closed")
        attach(session, actor, EVIDENCE, subject(ref, question), report.creditor_id, found)
        _record(session, actor, "practices:add-evidence", report, question=(None, question), files=(None, len(files)))


def remove_evidence(actor: Actor, ref: str, question: str, attachment: str) -> bool:
    """Take away a file that was added since the report is open, and tell whether it was still there.

    Raises Refusal for an older one, NotFound for the report.
    """
    if question not in QUESTION:
        raise NotFound
    with transaction() as session:
        report = own_report(session, actor, ref, lock=True)
        found = {row.ref: row for row in attachments_about(session, EVIDENCE, [subject(ref, question)])}
        if attachment not in found:
            return False  # the second click, or a colleague was first
        if not may_remove(report, found[attachment].created_at):
            raise Refusal("practices.evidence_stays")
        remove_attachment(session, EVIDENCE, subject(ref, question), attachment)
        _record(session, actor, "practices:remove-evidence", report, question=(question, None))
        return True


def reply_to_remark(actor: Actor, ref: str, question: str, words: str, seen: int) -> None:
    """Answer what the relations team asks about an answer; `seen` is how often something had been said.

    Raises Refusal when nothing was asked or nothing is said, Conflict when something was said since, NotFound.
    """
    words = words.strip()
    with transaction() as session:
        report = own_report(session, actor, ref, lock=True)
        _must_be_newest(session, report, question, seen)
        rules.check_reply(words, standing_of(session, report, question))
        append_remark(session, actor, report, question, Mark.REPLY, words)
        creditor = session.get_one(Organisation, report.creditor_id)
        tell_team(session, "practices.replied", report, creditor.name, path=f"/practices/{report.ref}/answers/{question}")


def _must_be_newest(session: Session, report: Report, question: str, seen: int) -> None:
    if question not in QUESTION:
        raise NotFound
    if said_of(session, report, question) != seen:
        raise Conflict


def append_remark(session: Session, actor: Actor, report: Report, question: str, mark: Mark, words: str) -> None:
    """Append a remark on an answer of the submission that stands, inside somebody's transaction."""
    session.add(
        AnswerRemark(
            report_id=report.id,
            question=question,
            mark=mark,
            submission=report.submissions,
            words=words,
            at=now(),
            person_id=actor.person_id,
            person_name=actor.name[:200],
            organisation_name=actor.organisation_name[:200],
        )
    )
    session.flush()
    report.asked, report.replied = waiting_of(session, report)
    _record(session, actor, "practices:remark", report, question=(None, question), mark=(None, mark))


def tell_team(session: Session, code: str, report: Report, creditor: str, *, path: str = "") -> None:
    """Tell the relations team of a report."""
    team = select(Organisation).where(Organisation.kind == Kind.RELATIONS_TEAM).order_by(Organisation.id)
    for one in session.scalars(team):
        notify(
            session,
            code,
            Recipient(one.email, one.id),
            path or f"/practices/{report.ref}",
            ref=report.ref,
            year=report.year,
            creditor=creditor,
        )


def _record(session: Session, actor: Actor, action: str, report: Report, **changes: tuple[object, object]) -> None:
    record(session, actor, action, f"practices/{report.ref}", concerns_id=report.creditor_id, **changes)


# ── reminding ────────────────────────────────────────────────────────────────


def remind_of_reports() -> int:
    """Remind creditors that take part of last year's report, 30 and 7 days before it is due and once after; return how many.

    Each creditor is told each once, however often this runs; after days without a worker the newest reminder counts for all.
    """
    year = today().year - 1
    step = rules.reminders_due(year, today())
    if not step or year < rules.FIRST_YEAR:
        return 0
    with reading(as_portal=True) as session:
        ids = list(session.scalars(select(Organisation.id).where(*_without_report(year, step)).order_by(Organisation.id)))
    for id_ in ids:
        _remind(id_, year, step)
    return len(ids)


def _without_report(year: int, step: int) -> tuple[ColumnElement[bool], ...]:
    """Say which creditors take part, submitted nothing on a year, and were not told this reminder."""
    reported = exists().where(Report.creditor_id == Organisation.id, Report.year == year, Report.state != State.DRAFT)
    told = exists().where(ReportReminder.creditor_id == Organisation.id, ReportReminder.year == year, ReportReminder.step >= step)
    takes_part = Organisation.kind == Kind.CREDITOR, Organisation.joined_on.is_not(None), Organisation.merged_into_id.is_(None)
    return (*takes_part, ~reported, ~told)


def _remind(creditor_id: int, year: int, step: int) -> None:
    with transaction(as_portal=True) as session:
        still = select(Organisation).where(Organisation.id == creditor_id, *_without_report(year, step))
        creditor = session.scalar(still.with_for_update(key_share=True))
        if creditor is None:
            return
        session.add(ReportReminder(creditor_id=creditor.id, year=year, step=step, on=today()))
        due = rules.due_on(year)
        code = "practices.late" if today() > due else "practices.due"
        notify(session, code, Recipient(creditor.email, creditor.id), "/practices", year=year, day=f"{due:%d-%m-%Y}")
        record(session, SYSTEM, "practices:remind", f"creditor/{creditor.code}", concerns_id=creditor.id, year=(None, year))
