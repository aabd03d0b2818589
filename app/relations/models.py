"""The tables of relations: complaints with their history, links to report by, patterns; escalations, meetings, commitments; profiles."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.cases.rules import Visibility
from app.db import Base, EncryptedDate, EncryptedText, Retention, kept
from app.relations.commitment_rules import CommitmentState, Measure, Party
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import Answer, Audience, Category, ComplaintKind, Helped, Outcome, Severity, What
from app.relations.escalation_rules import EscalationState, Level, Result, Way
from app.relations.meeting_rules import ItemKind, MeetingState, Side


class Complaint(Base):
    """One report of harsh collection by a creditor or its agent. What lists filter and sort by stands in the row itself.

    A creditor sees it once it was addressed; without `client_agrees` it never learns about whom it is.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        Index("ix_complaint_state_due_on", "state", "due_on", "id"),
        Index("ix_complaint_creditor_id_kind", "creditor_id", "kind", "reported_on"),
        Index("ix_complaint_agent_id_kind", "agent_id", "kind", "reported_on"),
        Index("ix_complaint_reporter_organisation_id_state", "reporter_organisation_id", "state", "id"),
        CheckConstraint(
            "state = 'draft' OR (reported_on IS NOT NULL AND happened_on IS NOT NULL AND kind IS NOT NULL AND receipt_by IS NOT NULL "
            "AND answer_by IS NOT NULL)",
            name="whole_once_reported",
        ),
        CheckConstraint(
            "state = 'draft' OR creditor_id IS NOT NULL OR agent_id IS NOT NULL OR named <> '' OR erased_on IS NOT NULL",
            name="about_somebody",
        ),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="closed_with_outcome"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into_another"),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("answer IS NULL OR answered_at IS NOT NULL", name="answered"),
        kept(Retention.COMPLAINT, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    state: Mapped[State]
    kind: Mapped[ComplaintKind | None]
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.VISIBLE)
    # about whom
    creditor_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    named: Mapped[str] = mapped_column(String(120), default="")  # as the reporter called it, while the register does not know it
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), index=True)
    client_agrees: Mapped[bool] = mapped_column(default=False)  # that the creditor learns about whom it is
    client_name: Mapped[str] = mapped_column(EncryptedText("complaint.client_name"), default="")
    client_birth_date: Mapped[date | None] = mapped_column(EncryptedDate("complaint.client_birth_date"))
    client_reference: Mapped[str] = mapped_column(EncryptedText("complaint.client_reference"), default="")  # the creditor's own
    # what was reported, and by whom
    happened_on: Mapped[date | None]
    words: Mapped[str] = mapped_column(EncryptedText("complaint.words"), default="")
    wish: Mapped[str] = mapped_column(EncryptedText("complaint.wish"), default="")
    is_urgent: Mapped[bool] = mapped_column(default=False)
    reporter_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reporter_person_id: Mapped[int | None]
    reporter: Mapped[str] = mapped_column(String(200))
    reporter_address: Mapped[str] = mapped_column(EncryptedText("complaint.reporter_address"), default="")  # of who has no account
    link_id: Mapped[int | None]  # the link by which it came in; links pass by sooner than complaints
    created_at: Mapped[datetime]
    reported_at: Mapped[datetime | None]
    reported_on: Mapped[date | None] = mapped_column(index=True)
    # triage
    severity: Mapped[Severity] = mapped_column(default=Severity.NORMAL)
    category: Mapped[Category | None]
    owner_id: Mapped[int | None] = mapped_column(index=True)
    owner: Mapped[str] = mapped_column(String(200), default="")
    receipt_by: Mapped[date | None]
    answer_by: Mapped[date | None]
    due_on: Mapped[date | None] = mapped_column(index=True)  # the next of its days; None while the clock stands still and once it is over
    received_at: Mapped[datetime | None]  # when receipt was confirmed to the reporter
    paused_on: Mapped[date | None]
    pause_reason: Mapped[str] = mapped_column(EncryptedText("complaint.pause_reason"), default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"))
    # with the creditor
    addressed_at: Mapped[datetime | None]
    agent_told: Mapped[bool] = mapped_column(default=False)
    untold: Mapped[str] = mapped_column(String(40), default="")  # the message that waits while the complaint is not shown
    reminded_on: Mapped[date | None]  # nobody had answered by then
    named_at: Mapped[datetime | None]  # when somebody there first read about whom it is
    told_words: Mapped[str] = mapped_column(EncryptedText("complaint.told_words"), default="")
    answer: Mapped[Answer | None]
    answered_at: Mapped[datetime | None]
    answerer: Mapped[str] = mapped_column(String(200), default="")
    # in the end
    outcome: Mapped[Outcome | None]
    outcome_words: Mapped[str] = mapped_column(EncryptedText("complaint.outcome_words"), default="")
    closed_on: Mapped[date | None] = mapped_column(index=True)
    helped: Mapped[Helped | None]
    erased_on: Mapped[date | None]  # the term was over: what is left is a stub, which nobody sees
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class ComplaintEvent(Base):
    """One line in the history of a complaint, appended and never edited, with who reads it beside the relations team."""

    __tablename__ = "complaint_event"
    __table_args__ = kept(Retention.COMPLAINT, tenant="creditor_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    creditor_id: Mapped[int | None]  # about whom the complaint was then: another company that it was passed on to does not read it
    agent_id: Mapped[int | None]
    audience: Mapped[Audience]
    what: Mapped[What]
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(EncryptedText("complaint_event.words"), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ComplaintLink(Base):
    """A link by which somebody without account reports, until a day or for so many reports. Of its token only the hash is kept."""

    __tablename__ = "complaint_link"
    __table_args__ = (
        CheckConstraint("used >= 0 AND used <= uses AND uses > 0", name="uses"),
        kept(Retention.PASSING, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)  # in whose list the reports come
    person_id: Mapped[int | None]
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    given_to: Mapped[str] = mapped_column(EncryptedText("complaint_link.given_to"), default="")
    ends_on: Mapped[date]  # the last day on which it works
    uses: Mapped[int] = mapped_column(default=1)
    used: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]  # somebody ended it before


class ComplaintPattern(Base):
    """So many complaints of a kind about one creditor or agent that the relations team has to look at them together."""

    __tablename__ = "complaint_pattern"
    __table_args__ = (
        Index(
            "ix_complaint_pattern_one_open",
            "organisation_id",
            "kind",
            unique=True,
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
        CheckConstraint("handled_by IS NULL OR handled_at IS NOT NULL", name="handled"),
        kept(Retention.RELATION),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[ComplaintKind]
    number: Mapped[int]
    first_on: Mapped[date]  # when the first that counts was reported
    raised_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str | None] = mapped_column(String(200))
    decision: Mapped[str] = mapped_column(EncryptedText("complaint_pattern.decision"), default="")
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


# ── escalations ──────────────────────────────────────────────────────────────


class Escalation(Base):
    """Something about a creditor or agent that goes up the ladder until it is settled. The city's alone."""

    __tablename__ = "escalation"
    __table_args__ = (
        Index("ix_escalation_state_due_on", "state", "due_on", "id"),
        CheckConstraint("(state = 'closed') = (result IS NOT NULL)", name="closed_with_result"),
        CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed_on_a_day"),
        kept(Retention.RELATION),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    pattern_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_pattern.id"))
    state: Mapped[EscalationState] = mapped_column(default=EscalationState.OPEN)
    level: Mapped[Level]
    subject: Mapped[str] = mapped_column(EncryptedText("escalation.subject"))
    owner_id: Mapped[int | None] = mapped_column(index=True)
    owner: Mapped[str] = mapped_column(String(200))
    opened_on: Mapped[date]
    due_on: Mapped[date]  # of the step it stands on
    closed_on: Mapped[date | None]
    result: Mapped[Result | None]
    result_words: Mapped[str] = mapped_column(EncryptedText("escalation.result_words"), default="")
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class EscalationStep(Base):
    """One rung that an escalation stood on: who had it, by when, how it was taken up and what came of it."""

    __tablename__ = "escalation_step"
    __table_args__ = (
        UniqueConstraint("escalation_id", "level"),
        CheckConstraint("(result IS NULL) = (done_on IS NULL)", name="done_with_result"),
        kept(Retention.RELATION),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"))
    level: Mapped[Level]
    way: Mapped[Way]
    words: Mapped[str] = mapped_column(EncryptedText("escalation_step.words"), default="")  # what is asked of them
    owner_id: Mapped[int | None]
    owner: Mapped[str] = mapped_column(String(200))
    begun_on: Mapped[date]
    due_on: Mapped[date]
    result: Mapped[Result | None]
    result_words: Mapped[str] = mapped_column(EncryptedText("escalation_step.result_words"), default="")
    done_on: Mapped[date | None]
    done_by: Mapped[str] = mapped_column(String(200), default="")


# ── meetings ─────────────────────────────────────────────────────────────────


class Meeting(Base):
    """A meeting with a creditor or agent, which sees it with its agenda and minutes."""

    __tablename__ = "meeting"
    __table_args__ = (
        Index("ix_meeting_organisation_id_begins", "organisation_id", "begins"),
        CheckConstraint("begins < ends", name="ends_after_beginning"),
        CheckConstraint("(state = 'held') = (minuted_at IS NOT NULL)", name="held_with_minutes"),
        kept(Retention.RELATION, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[MeetingState] = mapped_column(default=MeetingState.PLANNED)
    begins: Mapped[datetime] = mapped_column(index=True)
    ends: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(200), default="")
    planned_at: Mapped[datetime]
    planned_by: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[str] = mapped_column(EncryptedText("meeting.minutes"), default="")
    minuted_at: Mapped[datetime | None]
    minuted_by: Mapped[str] = mapped_column(String(200), default="")
    cancel_reason: Mapped[str | None] = mapped_column(EncryptedText("meeting.cancel_reason"))  # the other side reads it
    changed_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class MeetingParticipant(Base):
    """Somebody who sits at the table: a colleague, or a person of the other side by name."""

    __tablename__ = "meeting_participant"
    __table_args__ = kept(Retention.RELATION, tenant="organisation_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))  # with whom the meeting is
    side: Mapped[Side]
    person_id: Mapped[int | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(EncryptedText("meeting_participant.name"))


class AgendaItem(Base):
    """A point of an agenda: what somebody added, and once there are minutes also what was drawn from what was open then."""

    __tablename__ = "agenda_item"
    __table_args__ = kept(Retention.RELATION, tenant="organisation_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[ItemKind]
    subject_ref: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(EncryptedText("agenda_item.words"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_private: Mapped[bool] = mapped_column(default=False)  # the other side does not see it


class MeetingNote(Base):
    """A private note beside a meeting, appended: the relations team's alone."""

    __tablename__ = "meeting_note"
    __table_args__ = kept(Retention.RELATION)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(EncryptedText("meeting_note.words"))


class CalendarFeed(Base):
    """The secret address at which somebody's calendar reads the own meetings. Of its token only the hash is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (UniqueConstraint("person_id", "organisation_id"), kept(Retention.ACCOUNT, tenant="organisation_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    made_at: Mapped[datetime]


# ── commitments ──────────────────────────────────────────────────────────────


class Commitment(Base):
    """What a creditor, an agent or the city promised in a meeting or escalation; the organisation sees it with its checks."""

    __tablename__ = "commitment"
    __table_args__ = (
        Index("ix_commitment_state_due_on", "state", "due_on", "id"),
        CheckConstraint("measure IS NULL OR (threshold IS NOT NULL AND days IS NOT NULL)", name="measured_against_a_norm"),
        kept(Retention.RELATION, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    escalation_id: Mapped[int | None] = mapped_column(ForeignKey("escalation.id"), index=True)
    state: Mapped[CommitmentState] = mapped_column(default=CommitmentState.OPEN)
    party: Mapped[Party]
    by_whom: Mapped[str] = mapped_column(EncryptedText("commitment.by_whom"))
    words: Mapped[str] = mapped_column(EncryptedText("commitment.words"))
    how: Mapped[str] = mapped_column(EncryptedText("commitment.how"))  # it will be checked
    due_on: Mapped[date]
    check_on: Mapped[date | None]  # the next check by hand
    measure: Mapped[Measure | None]
    threshold: Mapped[int | None]  # per cent
    days: Mapped[int | None]  # working days
    made_on: Mapped[date]
    made_by: Mapped[str] = mapped_column(String(200))
    end_reason: Mapped[str | None] = mapped_column(EncryptedText("commitment.end_reason"))  # the organisation reads it
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class CommitmentCheck(Base):
    """One check that was done, by hand or by the portal's figures, with what it was held against; appended, never edited."""

    __tablename__ = "commitment_check"
    __table_args__ = (
        UniqueConstraint("commitment_id", "first_day"),  # each month once; by hand there is no period
        kept(Retention.RELATION, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    planned_on: Mapped[date | None]
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(200))
    is_kept: Mapped[bool | None]  # None: there was nothing to count
    words: Mapped[str] = mapped_column(EncryptedText("commitment_check.words"), default="")
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    met: Mapped[int | None]
    counted: Mapped[int | None]
    threshold: Mapped[int | None]
    days: Mapped[int | None]


class CreditorMonth(Base):
    """What a creditor did in one month, counted anew each night from every table of the portal: numbers alone, nobody's name."""

    __tablename__ = "creditor_month"
    __table_args__ = (UniqueConstraint("creditor_id", "month"), kept(Retention.RELATION, tenant="creditor_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    month: Mapped[date]  # its first day
    figures: Mapped[dict[str, Any]]  # by their code, without noughts
    counted_at: Mapped[datetime]


GOES_ALONG = {  # when doubles in the register become one
    "escalations": Escalation.organisation_id, "meetings": Meeting.organisation_id, "participants": MeetingParticipant.organisation_id,
    "agenda items": AgendaItem.organisation_id, "commitments": Commitment.organisation_id, "checks": CommitmentCheck.organisation_id,
}  # fmt: skip
