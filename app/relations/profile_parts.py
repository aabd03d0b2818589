"""Read the parts of a profile that are few: people, the report on practices, commitments, meetings, escalations and notes.

Works inside somebody's session; whoever calls has decided what its reader may see.
"""

from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Person
from app.accounts.queries import in_force as membership_in_force
from app.clock import local, now, today
from app.creditors.models import Mandate, Organisation
from app.creditors.queries import in_force
from app.practices.models import AnswerRemark, Report
from app.practices.queries import submitted
from app.practices.rules import Mark
from app.practices.rules import State as ReportState
from app.relations.commitment_rules import CommitmentState, Measure, Party
from app.relations.escalation_rules import EscalationState
from app.relations.meeting_rules import MeetingState
from app.relations.models import Commitment, CommitmentCheck, Escalation, Meeting, MeetingNote
from app.relations.profile_rules import first_month
from app.relations.profile_values import (
    Agreed,
    CommitmentLine,
    ContactLine,
    EscalationLine,
    MeetingLine,
    NoteLine,
    People,
    Reported,
)

FEW = 5  # of what a page shows a few
MOST_PEOPLE = 20
TARGETS = {Measure.ANSWERS_IN_TIME: "in_time"}  # the plot that shows what a commitment is measured by


def people(session: Session, creditor: Organisation) -> People:
    """Return contacts that did not end, colleagues with an account and agents with a mandate, each by name."""
    contacts = [ContactLine(one.name, one.task, one.phone, one.email) for one in creditor.contacts if one.ended_on is None]
    works = select(Person.name, Membership.role).join(Membership, Membership.person_id == Person.id)
    works = works.where(Membership.organisation_id == creditor.id, membership_in_force(), Person.disabled_at.is_(None))
    accounts = [(row.name, row.role) for row in session.execute(works.order_by(Person.name, Person.id).limit(MOST_PEOPLE))]
    acts = select(Organisation.name, Organisation.code).join(Mandate, Mandate.agent_id == Organisation.id)
    acts = acts.where(Mandate.creditor_id == creditor.id, in_force(today())).order_by(Organisation.name, Organisation.id).distinct()
    return People(contacts, accounts, [(row.name, row.code) for row in session.execute(acts.add_columns(Organisation.id))])


def reported(session: Session, creditor_id: int) -> Reported | None:
    """Return the newest report that was submitted; what is being written is nobody's to lay beside anything."""
    found = select(Report).where(Report.creditor_id == creditor_id, Report.state != ReportState.DRAFT).order_by(Report.year.desc())
    report = session.scalar(found.limit(1))
    if report is None:
        return None
    remarks = select(AnswerRemark.question, AnswerRemark.mark).where(AnswerRemark.report_id == report.id, AnswerRemark.mark != Mark.REPLY)
    last = {row.question: row.mark for row in session.execute(remarks.order_by(AnswerRemark.id))}
    answers = submitted(session, report.id) or {}
    return Reported(report.ref, report.year, report.state, report.submitted_at, answers, Counter(last.values()), report.asked)


def agreed(session: Session, creditor_id: int, months: dict[date, Counter[str]]) -> Agreed:
    """Return the commitments, what runs first, and add their checks to the months."""
    found = select(Commitment).where(Commitment.organisation_id == creditor_id).order_by(Commitment.due_on.desc(), Commitment.id.desc())
    commitments = list(session.scalars(found))
    targets = {TARGETS[one.measure]: one.threshold or 0 for one in reversed(commitments) if _is_measured(one) and one.measure}
    checks = select(CommitmentCheck.at, CommitmentCheck.is_kept).where(
        CommitmentCheck.organisation_id == creditor_id, CommitmentCheck.is_kept.is_not(None)
    )
    outcomes: Counter[bool] = Counter()
    for at, is_kept in session.execute(checks.order_by(CommitmentCheck.id)):
        month = local(at).date().replace(day=1)
        if month >= first_month(today()):
            outcomes[bool(is_kept)] += 1
            months.setdefault(month, Counter()).update(checks=1, checks_kept=int(bool(is_kept)))
    lines = sorted(map(_commitment, commitments), key=lambda one: one.state is CommitmentState.ENDED)
    return Agreed(lines[:FEW], len(lines), outcomes[True], outcomes[False], targets)


def _is_measured(one: Commitment) -> bool:
    return one.party is Party.THEIRS and one.state is not CommitmentState.ENDED


def _commitment(one: Commitment) -> CommitmentLine:
    is_late = one.state is CommitmentState.OPEN and one.due_on < today()
    return CommitmentLine(one.ref, one.words, one.by_whom, one.party, one.state, one.due_on, is_late)


def meetings(session: Session, creditor_id: int) -> list[MeetingLine]:
    """Return the meetings that were not called off: those that come first, the nearest on top, then the last ones."""
    found = select(Meeting).where(Meeting.organisation_id == creditor_id, Meeting.state != MeetingState.CANCELLED)
    coming = list(session.scalars(found.where(Meeting.begins >= now()).order_by(Meeting.begins, Meeting.id).limit(FEW)))
    past = list(session.scalars(found.where(Meeting.begins < now()).order_by(Meeting.begins.desc(), Meeting.id.desc()).limit(FEW)))
    return [
        MeetingLine(one.ref, one.begins, one.place, one.state, one in coming[:1], local(one.begins).date())
        for one in [*coming, *past][:FEW]
    ]


def escalations(session: Session, creditor_id: int) -> list[EscalationLine]:
    """Return the escalations that are open, what is late first."""
    found = select(Escalation).where(Escalation.organisation_id == creditor_id, Escalation.state == EscalationState.OPEN)
    rows = session.scalars(found.order_by(Escalation.due_on, Escalation.id))
    return [EscalationLine(one.ref, one.subject, one.level, one.owner, one.due_on, one.due_on < today()) for one in rows]


def notes(session: Session, creditor_id: int) -> list[NoteLine]:
    """Return the last private notes beside meetings."""
    found = select(MeetingNote).join(Meeting, Meeting.id == MeetingNote.meeting_id).where(Meeting.organisation_id == creditor_id)
    rows = session.scalars(found.order_by(MeetingNote.id.desc()).limit(FEW))
    return [NoteLine(one.at, one.who, one.words) for one in rows]
