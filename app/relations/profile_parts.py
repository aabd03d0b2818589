"""Read the parts of a profile that are few: people, the report on practices, commitments, meetings, escalations and notes.

Works inside somebody's session; whoever calls has decided what its reader may see. Statements are made once and hold no data.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Date, Integer, Row, Select, and_, bindparam, extract, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.access import Kind
from app.accounts.models import Membership, Person
from app.clock import local, now, today
from app.consents.assessing import counts_on
from app.consents.models import Consent
from app.consents.queries import last_day
from app.consents.rules import from_json
from app.creditors.models import Contact, Mandate, Organisation
from app.creditors.queries import LISTED, in_force
from app.creditors.rules import is_in_force
from app.practices.models import AnswerRemark, Report
from app.practices.queries import submitted
from app.practices.rules import Mark
from app.practices.rules import State as ReportState
from app.proposals import parameters
from app.relations.commitment_rules import CommitmentState, Measure, Party
from app.relations.complaint_access import laid_before, laid_before_agent, was_reported
from app.relations.complaint_lifecycle import OPEN, State
from app.relations.escalation_rules import EscalationState
from app.relations.meeting_rules import MeetingState
from app.relations.models import Commitment, CommitmentCheck, Complaint, CreditorMonth, Escalation, Meeting, MeetingNote
from app.relations.profile_rules import first_month
from app.relations.profile_values import (
    Agreed,
    CommitmentLine,
    ComplaintLine,
    ConsentLine,
    ContactLine,
    Creditor,
    EscalationLine,
    MandateLine,
    MeetingLine,
    NoteLine,
    People,
    Reported,
)

FEW = 5  # of what a page shows a few
MOST_PEOPLE = 20
MOST_MANDATES = 20
MOST_MEETINGS = 12  # of which a few are shown: as good as never are so many planned
CREDITOR, DAY = bindparam("creditor", type_=Integer), bindparam("today", type_=Date)  # to fill in: statements are made once
# the plot that shows what a commitment is measured by
TARGETS = {Measure.ANSWERS_IN_TIME: "in_time", Measure.BALANCES_IN_TIME: "balances_in_time"}


def _asked(session: Session, statement: Select[Any], creditor_id: int, **values: Any) -> Sequence[Row[Any]]:
    """Run a statement that was made once for one creditor."""
    return session.connection().execute(statement, {"creditor": creditor_id} | values).all()


# ── people ───────────────────────────────────────────────────────────────────


@cache
def creditor_by(column: InstrumentedAttribute[Any]) -> Select[Any]:
    """Return the statement of a creditor or agent with a code, by its code or its id; parameter: creditor."""
    columns = (
        Organisation.id, Organisation.code, Organisation.name, Organisation.branch, Organisation.kvk, Organisation.joined_on,
        Organisation.kind, Organisation.is_bailiff, Organisation.wki_number, Organisation.wki_checked_on,
    )  # fmt: skip
    found = cast(Select[Any], select(*columns)).where(column == CREDITOR)
    return found.where(Organisation.kind.in_(LISTED), Organisation.code.is_not(None))


def people(session: Session, creditor_id: int) -> People:
    """Return contacts that did not end, colleagues with an account and agents with a mandate, each by name."""
    contacts = [ContactLine(row.name, row.task, row.phone, row.email) for row in _asked(session, _contacts(), creditor_id)]
    accounts = [(row.name, row.role) for row in _asked(session, _accounts(), creditor_id, today=today())]
    agents = [(row.name, row.code) for row in _asked(session, _agents(), creditor_id, today=today())]
    return People(contacts, accounts, agents)


@cache
def _contacts() -> Select[Any]:
    found = cast(Select[Any], select(Contact.name, Contact.task, Contact.phone, Contact.email))
    return found.where(Contact.organisation_id == CREDITOR, Contact.ended_on.is_(None)).order_by(Contact.id)


@cache
def _accounts() -> Select[Any]:
    holds = (Membership.starts_on <= DAY) & or_(Membership.ends_on.is_(None), Membership.ends_on >= DAY)
    works = cast(Select[Any], select(Person.name, Membership.role)).join(Membership, Membership.person_id == Person.id)
    works = works.where(Membership.organisation_id == CREDITOR, holds, Person.disabled_at.is_(None))
    return works.order_by(Person.name, Person.id).limit(MOST_PEOPLE)


@cache
def _agents() -> Select[Any]:
    acts = cast(Select[Any], select(Organisation.name, Organisation.code, Organisation.id))
    acts = acts.join(Mandate, Mandate.agent_id == Organisation.id).where(Mandate.creditor_id == CREDITOR, in_force(DAY))
    return acts.order_by(Organisation.name, Organisation.id).distinct()


def mandates(session: Session, agent_id: int) -> tuple[list[MandateLine], int]:
    """Return for whom an agent acts or acted, of each creditor the mandate in force or else the newest, and for how many it acts today."""
    found = [
        (row.id, MandateLine(row.name, row.code, row.starts_on, row.ends_on, is_in_force((row.starts_on, row.ends_on), today())))
        for row in _asked(session, _mandates(), agent_id)
    ]
    chosen = dict(found) | {id_: line for id_, line in found if line.is_in_force}  # one that begins later hides none of today
    lines = sorted(chosen.values(), key=lambda one: not one.is_in_force)
    return lines[:MOST_MANDATES], sum(one.is_in_force for one in lines)


@cache
def _mandates() -> Select[Any]:
    columns = (Organisation.id, Organisation.name, Organisation.code, Mandate.starts_on, Mandate.ends_on)
    found = cast(Select[Any], select(*columns)).join(Mandate, Mandate.creditor_id == Organisation.id)
    return found.where(Mandate.agent_id == CREDITOR).order_by(Organisation.name, Organisation.id, Mandate.starts_on)


# ── what was counted by night ────────────────────────────────────────────────


def months(session: Session, creditor_id: int) -> tuple[dict[date, Counter[str]], datetime | None]:
    """Return the figures that were counted last, by month, and when that was."""
    found = _asked(session, _months(), creditor_id, today=first_month(today()))
    return {row.month: Counter(row.figures) for row in found}, found[-1].counted_at if found else None


@cache
def _months() -> Select[Any]:
    found = cast(Select[Any], select(CreditorMonth.month, CreditorMonth.figures, CreditorMonth.counted_at))
    return found.where(CreditorMonth.creditor_id == CREDITOR, CreditorMonth.month >= DAY).order_by(CreditorMonth.month)


# ── the report on practices ──────────────────────────────────────────────────


def reported(session: Session, creditor_id: int) -> Reported | None:
    """Return the newest report that was submitted; what is being written is nobody's to lay beside anything."""
    report = next(iter(_asked(session, _reports(), creditor_id)), None)
    if report is None:
        return None
    remarks = select(AnswerRemark.question, AnswerRemark.mark).where(AnswerRemark.report_id == report.id, AnswerRemark.mark != Mark.REPLY)
    last = {row.question: row.mark for row in session.execute(remarks.order_by(AnswerRemark.id))}
    answers = submitted(session, report.id) or {}
    return Reported(report.ref, report.year, report.state, report.submitted_at, answers, Counter(last.values()), report.asked)


@cache
def _reports() -> Select[Any]:
    columns = (Report.id, Report.ref, Report.year, Report.state, Report.submitted_at, Report.asked)
    found = cast(Select[Any], select(*columns)).where(Report.creditor_id == CREDITOR, Report.state != ReportState.DRAFT)
    return found.order_by(Report.year.desc()).limit(1)


# ── the standing consent, and complaints ─────────────────────────────────────


def consent(session: Session, creditor_id: int) -> ConsentLine | None:
    """Return the version of the standing consent that counts today."""
    found = next(iter(_asked(session, _consents(), creditor_id, today=today())), None)
    return found and ConsentLine(found.ref, found.version, last_day(from_json(found.clauses), found.ends_on))


@cache
def _consents() -> Select[Any]:
    found = cast(Select[Any], select(Consent.ref, Consent.version, Consent.clauses, Consent.ends_on))
    counts = counts_on(cast(date, DAY))  # a day to fill in is compared as a day is
    return found.where(Consent.creditor_id == CREDITOR, counts).order_by(Consent.version.desc()).limit(1)


def complaint_counts(session: Session, creditor: Creditor, *, of_team: bool) -> Sequence[Row[Any]]:
    """Return how many complaints of a kind came to which outcome, by year and month; of the team's all, else what was laid before it."""
    return _asked(session, _complaint_counts(of_team, creditor.kind), creditor.id, today=first_month(today()))


@cache
def _complaint_counts(of_team: bool, kind: Kind) -> Select[Any]:  # noqa: FBT001
    year, month = extract("year", Complaint.reported_on), extract("month", Complaint.reported_on)
    columns = cast(Select[Any], select(year, month, Complaint.kind, Complaint.outcome, func.count()))
    since = Complaint.reported_on >= DAY
    return columns.where(_about(of_team, kind), since).group_by(year, month, Complaint.kind, Complaint.outcome)


def _about(of_team: bool, kind: Kind) -> ColumnElement[bool]:  # noqa: FBT001
    is_agent = kind is Kind.AGENT
    if of_team:
        whose = Complaint.agent_id if is_agent else Complaint.creditor_id
        return and_(was_reported(), Complaint.state != State.MERGED, whose == CREDITOR)
    return laid_before_agent(CREDITOR) if is_agent else laid_before(CREDITOR)


def open_complaints(session: Session, creditor: Creditor, *, of_team: bool) -> list[ComplaintLine]:
    """Return the open complaints, the first to be answered on top."""
    return [
        ComplaintLine(row.ref, row.kind, row.state, row.answer_by, row.paused_on is None and row.answer_by < today())
        for row in _asked(session, _open_complaints(of_team, creditor.kind), creditor.id)
    ]


@cache
def _open_complaints(of_team: bool, kind: Kind) -> Select[Any]:  # noqa: FBT001
    columns = (Complaint.ref, Complaint.kind, Complaint.state, Complaint.answer_by, Complaint.paused_on)
    found = cast(Select[Any], select(*columns)).where(_about(of_team, kind), Complaint.state.in_(OPEN))
    return found.order_by(Complaint.answer_by, Complaint.id)


# ── commitments ──────────────────────────────────────────────────────────────


def agreed(session: Session, creditor_id: int, months: dict[date, Counter[str]]) -> Agreed:
    """Return the commitments, what runs first, and add the checks of the creditor's own ones to the months."""
    commitments = _asked(session, _commitments(), creditor_id)
    targets = {TARGETS[one.measure]: one.threshold or 0 for one in reversed(commitments) if _is_measured(one)}
    outcomes: Counter[bool] = Counter()
    for one in _asked(session, _checks(), creditor_id):
        month = local(one.at).date().replace(day=1)
        if month >= first_month(today()):
            outcomes[one.is_kept] += 1
            months.setdefault(month, Counter()).update(checks=1, checks_kept=int(one.is_kept))
    lines = sorted(map(_commitment, commitments), key=lambda one: one.state is CommitmentState.ENDED)
    return Agreed(lines[:FEW], len(lines), outcomes[True], outcomes[False], targets)


@cache
def _commitments() -> Select[Any]:
    columns = (
        Commitment.ref, Commitment.words, Commitment.by_whom, Commitment.party, Commitment.state, Commitment.due_on, Commitment.measure,
        Commitment.threshold, Commitment.days,
    )  # fmt: skip
    found = cast(Select[Any], select(*columns)).where(Commitment.organisation_id == CREDITOR)
    return found.order_by(Commitment.due_on.desc(), Commitment.id.desc())


@cache
def _checks() -> Select[Any]:
    found = cast(Select[Any], select(CommitmentCheck.at.label("at"), CommitmentCheck.is_kept))
    theirs = (Commitment.id == CommitmentCheck.commitment_id) & (Commitment.party == Party.THEIRS)
    found = found.join(Commitment, theirs).where(CommitmentCheck.organisation_id == CREDITOR, CommitmentCheck.is_kept.is_not(None))
    return found.order_by(CommitmentCheck.id)


def _is_measured(one: Row[Any]) -> bool:
    """Tell whether the plot shows what a commitment is held to, which is so for the usual term alone, whatever was agreed of other days."""
    if one.measure not in TARGETS or one.party is not Party.THEIRS or one.state is CommitmentState.ENDED:
        return False
    usual = "answer_days" if one.measure is Measure.ANSWERS_IN_TIME else "balance_answer_days"
    return bool(one.days == int(parameters.value(usual, today())))


def _commitment(one: Row[Any]) -> CommitmentLine:
    is_late = one.state is CommitmentState.OPEN and one.due_on < today()
    return CommitmentLine(one.ref, one.words, one.by_whom, one.party, one.state, one.due_on, is_late)


# ── meetings, and what only the city sees ────────────────────────────────────


def meetings(session: Session, creditor_id: int) -> list[MeetingLine]:
    """Return the meetings that were not called off: those that come first, the nearest on top, then the last ones."""
    found = _asked(session, _meetings(), creditor_id)
    coming = [one for one in found if one.begins >= now()][::-1]
    past = [one for one in found if one.begins < now()]
    return [
        MeetingLine(one.ref, one.begins, one.place, one.state, one in coming[:1], one in coming, local(one.begins).date())
        for one in [*coming, *past][:FEW]
    ]


@cache
def _meetings() -> Select[Any]:
    found = cast(Select[Any], select(Meeting.ref, Meeting.begins, Meeting.place, Meeting.state))
    found = found.where(Meeting.organisation_id == CREDITOR, Meeting.state != MeetingState.CANCELLED)
    return found.order_by(Meeting.begins.desc(), Meeting.id.desc()).limit(MOST_MEETINGS)


def escalations(session: Session, creditor_id: int) -> list[EscalationLine]:
    """Return the escalations that are open, what is late first."""
    rows = _asked(session, _escalations(), creditor_id)
    return [EscalationLine(one.ref, one.subject, one.level, one.owner, one.due_on, one.due_on < today()) for one in rows]


@cache
def _escalations() -> Select[Any]:
    columns = (Escalation.ref, Escalation.subject, Escalation.level, Escalation.owner, Escalation.due_on)
    found = cast(Select[Any], select(*columns)).where(Escalation.organisation_id == CREDITOR, Escalation.state == EscalationState.OPEN)
    return found.order_by(Escalation.due_on, Escalation.id)


def notes(session: Session, creditor_id: int) -> list[NoteLine]:
    """Return the last private notes beside meetings."""
    return [NoteLine(one.at, one.who, one.words) for one in _asked(session, _notes(), creditor_id)]


@cache
def _notes() -> Select[Any]:
    found = cast(Select[Any], select(MeetingNote.at, MeetingNote.who, MeetingNote.words))
    found = found.join(Meeting, Meeting.id == MeetingNote.meeting_id).where(Meeting.organisation_id == CREDITOR)
    return found.order_by(MeetingNote.id.desc()).limit(FEW)
