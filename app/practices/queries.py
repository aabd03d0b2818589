"""What pages of practice reports show: the own years, one report with its answers and remarks, one section, one answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.clock import today
from app.creditors.models import Mandate, Organisation
from app.documents.attachments import AttachmentRow, attachments_about
from app.errors import NotFound
from app.practices import rules
from app.practices.models import AnswerRemark, Report, SectionDraft, Submission
from app.practices.questions import QUESTION, SECTION, SECTIONS, Answer, Answers
from app.practices.report_access import EVIDENCE, is_own, is_unsubmitted, shows_file, subject, visible_report
from app.practices.rules import Fault, Mark, Remark, State


@dataclass(frozen=True)
class YearRow:
    """The report of one year in the list of a creditor; without a reference it was not begun."""

    year: int
    due_on: date
    ref: str = ""
    state: State | None = None
    submitted_at: datetime | None = None
    answered: int = 0
    asked: int = 0  # answers about which the relations team waits
    is_late: bool = False


@dataclass(frozen=True)
class OwnPage:
    creditor: str
    years: tuple[YearRow, ...]


@dataclass(frozen=True)
class RemarkRow:
    mark: Mark
    words: str
    at: datetime
    who: str
    organisation: str


@dataclass(frozen=True)
class AnswerRow:
    """One answer with last year's, its mark, who is to speak, and how many files stand beside it."""

    question: str
    value: Answer | None
    before: Answer | None  # of the year before
    mark: Mark | None
    waits_for: str
    files: int
    was: Answer | None  # of the submission before this one, when that said something else
    is_corrected: bool


@dataclass(frozen=True)
class SectionRow:
    """One section of a report: what is missing in it, and when somebody saved it last."""

    code: str
    answers: tuple[AnswerRow, ...]
    faults: tuple[Fault, ...]
    saved_at: datetime | None
    saved_by: str | None


@dataclass(frozen=True)
class AgentRow:
    """An agent that acted for the creditor in the year, with its number in the register of the Wki."""

    name: str
    is_bailiff: bool
    wki_number: str
    wki_checked_on: date | None


@dataclass(frozen=True)
class ReportPage:
    ref: str
    year: int
    creditor: str
    creditor_code: int | None
    branch: str
    state: State
    due_on: date
    is_late: bool
    submitted_at: datetime | None
    submitted_by: str
    submissions: int
    reopened_at: datetime | None
    reopen_reason: str | None
    sections: tuple[SectionRow, ...]
    agents: tuple[AgentRow, ...]
    has_before: bool
    is_own: bool
    may_write: bool
    may_submit: bool
    may_review: bool
    revision: int

    @property
    def faults(self) -> list[Fault]:
        return [fault for section in self.sections for fault in section.faults]

    @property
    def unmarked(self) -> int:
        return sum(answer.mark is None and answer.value is not None for section in self.sections for answer in section.answers)

    @property
    def asked(self) -> list[AnswerRow]:
        return [answer for section in self.sections for answer in section.answers if answer.waits_for]


@dataclass(frozen=True)
class SectionPage:
    """One section to fill in: its answers now and last year's, and the sections before and after it."""

    ref: str
    year: int
    section: str
    answers: Mapping[str, Answer]
    before: Mapping[str, Answer]
    has_before: bool
    files: Mapping[str, int]
    faults: tuple[Fault, ...]
    agents: tuple[AgentRow, ...]
    saved_at: datetime | None
    saved_by: str | None
    revision: int
    previous: str | None
    next: str | None


@dataclass(frozen=True)
class AnswerPage:
    """One answer with its files and everything that was said about it."""

    ref: str
    year: int
    creditor: str
    answer: AnswerRow
    section: str
    files: tuple[AttachmentRow, ...]
    remarks: tuple[RemarkRow, ...]
    seen: int  # how often something was said, as `said_of` counts
    is_own: bool
    may_review: bool
    may_reply: bool
    may_add: bool
    removable: frozenset[str]


# ── the own years ────────────────────────────────────────────────────────────


def own_page(session: Session, actor: Actor) -> OwnPage:
    """Return the reports of the own organisation, and the years on which it can begin one. Raises NotFound for who has none."""
    actor.must(Permission.WRITE_PRACTICES)
    organisation = session.get(Organisation, actor.organisation_id) if actor.organisation_id else None
    if organisation is None or organisation.kind is not Kind.CREDITOR:
        raise NotFound
    mine = select(Report).where(Report.creditor_id == organisation.id).order_by(Report.year.desc(), Report.id)
    reports = {report.year: report for report in session.scalars(mine)}
    years = sorted({*reports, today().year, today().year - 1}, reverse=True)
    return OwnPage(organisation.name, tuple(_year(session, year, reports.get(year)) for year in years if year >= rules.FIRST_YEAR - 1))


def _year(session: Session, year: int, report: Report | None) -> YearRow:
    due = rules.due_on(year)
    if report is None:
        return YearRow(year, due, is_late=today() > due)
    answered = sum(len(json.loads(draft.answers)) for draft in _drafts(session, report.id).values())
    is_late = report.state is State.DRAFT and today() > due
    return YearRow(year, due, report.ref, report.state, report.submitted_at, answered, report.asked, is_late)


def asked_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts the answers on which somebody waits, for the menu: replies for the team, questions for a creditor."""
    if actor.may(Permission.REVIEW_PRACTICES):
        return select(func.coalesce(func.sum(Report.replied), 0)).where(Report.state != State.DRAFT)
    return select(func.coalesce(func.sum(Report.asked), 0)).where(Report.creditor_id == actor.organisation_id)


# ── one report ───────────────────────────────────────────────────────────────


def report_page(session: Session, actor: Actor, ref: str) -> ReportPage:
    """Return a report as its creditor writes it, or as it was submitted to whoever looks at it from the city. Raises NotFound."""
    report = visible_report(session, actor, ref)
    own = is_own(actor, report)
    creditor = session.get_one(Organisation, report.creditor_id)
    last = _last(session, report.id)
    revision = written_revision(report, _drafts(session, report.id)) if own else report.revision
    return ReportPage(
        report.ref, report.year, creditor.name, creditor.code, report.branch or creditor.branch, report.state, rules.due_on(report.year),
        report.state is State.DRAFT and today() > rules.due_on(report.year), report.submitted_at, last.person_name if last else "",
        report.submissions, report.reopened_at, report.reopen_reason, _sections(session, actor, report),
        agents_of(session, report), before_of(session, report) is not None, own,
        own and actor.may(Permission.WRITE_PRACTICES) and report.state in rules.OPEN,
        own and actor.may(Permission.SUBMIT_PRACTICES) and report.state in rules.OPEN,
        actor.may(Permission.REVIEW_PRACTICES) and not own, revision,
    )  # fmt: skip


def _sections(session: Session, actor: Actor, report: Report) -> tuple[SectionRow, ...]:
    """Return every section: what is being written while the report is open to its creditor, else what was submitted last."""
    drafts = _drafts(session, report.id)
    answers = answers_of(drafts) if is_own(actor, report) and report.state in rules.OPEN else (submitted(session, report.id) or {})
    before, standing = before_of(session, report) or {}, _standing(session, report)
    files, corrected = _files(session, actor, report), _corrected(session, report.id)
    found = rules.faults(answers)

    def row(code: str) -> AnswerRow:
        mark, waits = standing.get(code, (None, ""))
        return AnswerRow(code, answers.get(code), before.get(code), mark, waits, files.get(code, 0), corrected.get(code), code in corrected)

    return tuple(
        SectionRow(
            section.code, tuple(row(question.code) for question in section.questions),
            tuple(fault for fault in found if fault.section == section.code),
            drafts[section.code].saved_at if section.code in drafts else None,
            drafts[section.code].saved_by if section.code in drafts else None,
        )
        for section in SECTIONS
    )  # fmt: skip


def section_page(session: Session, actor: Actor, ref: str, section: str) -> SectionPage:
    """Return one section of an own report to fill in. Raises NotFound, also once the report was submitted."""
    report = visible_report(session, actor, ref)
    if section not in SECTION or not is_own(actor, report) or report.state not in rules.OPEN:
        raise NotFound
    drafts = _drafts(session, report.id)
    draft, before = drafts[section], before_of(session, report)
    codes = [one.code for one in SECTIONS]
    at = codes.index(section)
    return SectionPage(
        report.ref, report.year, section, json.loads(draft.answers), before or {}, before is not None, _files(session, actor, report),
        tuple(fault for fault in rules.faults(answers_of(drafts)) if fault.section == section and fault.code != "practices.missing"),
        agents_of(session, report), draft.saved_at, draft.saved_by, draft.revision, codes[at - 1] if at else None,
        codes[at + 1] if at + 1 < len(codes) else None,
    )  # fmt: skip


def answer_page(session: Session, actor: Actor, ref: str, question: str) -> AnswerPage:
    """Return one answer with its files and remarks. Raises NotFound."""
    report = visible_report(session, actor, ref)
    if question not in QUESTION:
        raise NotFound
    own = is_own(actor, report)
    sections = _sections(session, actor, report)
    section, answer = next((one.code, row) for one in sections for row in one.answers if row.question == question)
    files = evidence_of(session, actor, report, question)
    writes = own and actor.may(Permission.WRITE_PRACTICES)
    return AnswerPage(
        report.ref, report.year, session.get_one(Organisation, report.creditor_id).name, answer, section, files,
        tuple(RemarkRow(r.mark, r.words, r.at, r.person_name, r.organisation_name) for r in remarks_of(session, report.id, question)),
        said_of(session, report, question),
        own, actor.may(Permission.REVIEW_PRACTICES) and not own, writes and answer.mark is Mark.QUESTIONED,
        writes and (report.state in rules.OPEN or answer.mark is Mark.QUESTIONED),
        frozenset(file.ref for file in files if writes and may_remove(report, file.created_at)),
    )  # fmt: skip


def may_remove(report: Report, added_at: datetime) -> bool:
    """Tell whether a file can be taken away: the report is open, and it was added since it was: nobody else saw it."""
    return report.state in rules.OPEN and is_unsubmitted(report, added_at)


def agents_of(session: Session, report: Report) -> tuple[AgentRow, ...]:
    """Return the agents that had a mandate of the creditor in the year of a report, by name."""
    first, last = date(report.year, 1, 1), date(report.year, 12, 31)
    acted = Mandate.starts_on <= last, (Mandate.ends_on.is_(None) | (Mandate.ends_on >= first))
    found = select(Organisation).where(
        Organisation.id.in_(select(Mandate.agent_id).where(Mandate.creditor_id == report.creditor_id, *acted))
    )
    agents = session.scalars(found.order_by(Organisation.name, Organisation.id))
    return tuple(AgentRow(agent.name, agent.is_bailiff, agent.wki_number, agent.wki_checked_on) for agent in agents)


# ── parts ────────────────────────────────────────────────────────────────────


def _drafts(session: Session, report_id: int) -> dict[str, SectionDraft]:
    found = session.scalars(select(SectionDraft).where(SectionDraft.report_id == report_id).order_by(SectionDraft.id))
    return {draft.section: draft for draft in found}


def answers_of(drafts: Mapping[str, SectionDraft]) -> dict[str, Answer]:
    """Return all answers that are written until now."""
    return {code: value for draft in drafts.values() for code, value in json.loads(draft.answers).items()}


def drafts_of(session: Session, report_id: int) -> dict[str, SectionDraft]:
    """Return the sections of a report as they are being written, by their code."""
    return _drafts(session, report_id)


def written_revision(report: Report, drafts: Mapping[str, SectionDraft]) -> int:
    """Return a number that grows whenever a section is saved or the report moves: a manager submits what it read."""
    return report.revision + sum(draft.revision for draft in drafts.values())


def _last(session: Session, report_id: int) -> Submission | None:
    found = select(Submission).where(Submission.report_id == report_id).order_by(Submission.number.desc()).limit(1)
    return session.scalar(found)


def submitted(session: Session, report_id: int) -> dict[str, Answer] | None:
    """Return the answers that were submitted last."""
    last = _last(session, report_id)
    return dict(json.loads(last.answers)) if last else None


def before_of(session: Session, report: Report) -> Answers | None:
    """Return what the same creditor submitted on the year before; None when nothing."""
    found = select(Report.id).where(Report.creditor_id == report.creditor_id, Report.year == report.year - 1)
    before = session.scalar(found)
    return submitted(session, before) if before is not None else None


def history(session: Session, report_id: int) -> list[tuple[int, dict[str, Answer]]]:
    """Return the answers of each submission with its number, the first one first."""
    found = session.scalars(select(Submission).where(Submission.report_id == report_id).order_by(Submission.number))
    return [(one.number, json.loads(one.answers)) for one in found]


def _corrected(session: Session, report_id: int) -> dict[str, Answer | None]:
    """Return what the submission before the last one said where the last says something else."""
    said = [answers for _, answers in history(session, report_id)]
    if len(said) < 2:
        return {}
    return {code: said[-2].get(code) for code in rules.changed(said[-2], said[-1])}


def remarks_of(session: Session, report_id: int, question: str) -> list[AnswerRemark]:
    """Return the remarks on one answer in the order in which they were made."""
    found = select(AnswerRemark).where(AnswerRemark.report_id == report_id, AnswerRemark.question == question)
    return list(session.scalars(found.order_by(AnswerRemark.id)))


def said_of(session: Session, report: Report, question: str) -> int:
    """Count how often something was said about an answer: each remark, and each correction of its report."""
    return len(remarks_of(session, report.id, question)) + max(0, report.submissions - 1)


def evidence_of(session: Session, actor: Actor, report: Report, question: str) -> tuple[AttachmentRow, ...]:
    """Return the files beside an answer that the actor sees."""
    files = attachments_about(session, EVIDENCE, [subject(report.ref, question)])
    return tuple(file for file in files if shows_file(actor, report, file.created_at))


def _standing(session: Session, report: Report) -> dict[str, tuple[Mark | None, str]]:
    """Return the mark of each answer that has remarks, and who is to speak about it."""
    said = history(session, report.id)
    columns = (AnswerRemark.question, AnswerRemark.mark, AnswerRemark.at, AnswerRemark.submission)
    by_question: dict[str, list[Remark]] = {}
    for row in session.execute(select(*columns).where(AnswerRemark.report_id == report.id).order_by(AnswerRemark.id)):
        by_question.setdefault(row.question, []).append(Remark(row.question, row.mark, row.at, row.submission))
    return {question: _stands(remarks, said) for question, remarks in by_question.items()}


def _stands(remarks: Sequence[Remark], said: Sequence[tuple[int, Answers]]) -> tuple[Mark | None, str]:
    mark = rules.standing(remarks, [(number, answers.get(remarks[0].question)) for number, answers in said])
    return mark, rules.waits_for(remarks, mark)


def standing_of(session: Session, report: Report, question: str) -> Mark | None:
    """Return the mark that one answer has now."""
    return _standing(session, report).get(question, (None, ""))[0]


def waiting_of(session: Session, report: Report) -> tuple[int, int]:
    """Count the answers about which the creditor is to speak, and those about which the team is."""
    waits = [who for _, who in _standing(session, report).values()]
    return waits.count("creditor"), waits.count("team")


def _files(session: Session, actor: Actor, report: Report) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in attachments_about(session, EVIDENCE, [subject(report.ref, code) for code in QUESTION]):
        if not shows_file(actor, report, row.created_at):
            continue
        code = row.subject_ref.partition(".")[2]
        found[code] = found.get(code, 0) + 1
    return found
