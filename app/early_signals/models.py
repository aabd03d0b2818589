"""Early signals: what a reporter told of somebody's arrears, where it went, what the reporter hears, and the attempts at contact.

What came of an attempt stands with the attempt alone, in a table that is out of the reach of every reporter. Team, rule, household
and what is known of it stand in the signal: nothing that a reporter reads (`reporter_queries`) selects them.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, EncryptedDate, EncryptedText, Retention, kept
from app.early_signals.feedback import Feedback, Said
from app.early_signals.matching import Subject
from app.early_signals.routing import Rule, Team
from app.early_signals.rules import AttemptKind, DayPart, Outcome, Sort, State, Withdrawal

COUNTED = ("state", "said", "repeated", "outdated", "erased_on")  # by how good the reports are


class Signal(Base):
    """One report of arrears. The person is encrypted and found by blind index; lists filter and sort by the row itself."""

    __tablename__ = "early_signal"
    __table_args__ = (
        UniqueConstraint("reporter_id", "reference", "reported_on"),
        Index("ix_early_signal_team_name_urgency_act_by", "team_name", "urgency", "act_by", "id"),
        Index("ix_early_signal_urgency_act_by", "urgency", "act_by", "id"),  # of the desk, which sees all teams
        Index("ix_early_signal_reporter_id_received_at", "reporter_id", "received_at", "id", *COUNTED),
        Index("ix_early_signal_reporter_id_state", "reporter_id", "state"),
        Index("ix_early_signal_reporter_id_has_news", "reporter_id", "has_news"),
        Index("ix_early_signal_agent_id_received_at", "agent_id", "received_at", "id"),  # of an agent's list
        CheckConstraint("arrears_cents >= 0", name="arrears_not_negative"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawal IS NULL)", name="withdrawn_with_reason"),
        kept(Retention.SIGNAL, tenant="reporter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))  # in whose name: it is about that creditor's claim
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # who sent it, when it was not the reporter itself
    reference: Mapped[str] = mapped_column(String(140))  # the reporter's own (Kenmerk); with reporter and day the key
    reported_on: Mapped[date]
    received_at: Mapped[datetime] = mapped_column(index=True)
    received_by: Mapped[str] = mapped_column(String(200))
    given_name: Mapped[str] = mapped_column(EncryptedText("early_signal.given_name"))
    surname: Mapped[str] = mapped_column(EncryptedText("early_signal.surname"))
    birth_date: Mapped[date | None] = mapped_column(EncryptedDate("early_signal.birth_date"))
    street: Mapped[str] = mapped_column(EncryptedText("early_signal.street"))
    house_number: Mapped[str] = mapped_column(EncryptedText("early_signal.house_number"))
    postcode: Mapped[str] = mapped_column(EncryptedText("early_signal.postcode"))
    city: Mapped[str] = mapped_column(EncryptedText("early_signal.city"))
    phone: Mapped[str] = mapped_column(EncryptedText("early_signal.phone"))
    email: Mapped[str] = mapped_column(EncryptedText("early_signal.email"))
    surname_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    name_key: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)  # the three heaps of matching
    address_key: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    birth_key: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    sort: Mapped[Sort]
    arrears_cents: Mapped[int] = mapped_column(BigInteger)
    instalments: Mapped[int]
    days: Mapped[int | None]  # how old the oldest instalment is, when the reporter tells it
    confirmations: Mapped[list[Any]] = mapped_column(default=list)  # what a landlord says that it did before
    household_no: Mapped[int] = mapped_column(default=0, index=True)  # the number of the first signal about it
    benefit: Mapped[bool | None]  # whether the household has one, as the city found out
    children: Mapped[bool | None]
    young: Mapped[bool]
    repeated: Mapped[bool] = mapped_column(default=False)  # the same reporter told of the same person shortly before
    repeated_by_agent: Mapped[bool] = mapped_column(default=False)  # and the agent sent that one too: all that it hears of repetition
    outdated: Mapped[bool] = mapped_column(default=False)
    team_kind: Mapped[Team]
    rule: Mapped[Rule]
    team_name: Mapped[str] = mapped_column(String(80))  # the name of the organisation that is the team
    urgency: Mapped[int]  # its place in the queue; behind all others once nothing is left to do
    act_by: Mapped[datetime]
    feedback_by: Mapped[date]
    state: Mapped[State] = mapped_column(default=State.NEW)
    # what the reporter hears, and no more
    attempts: Mapped[int] = mapped_column(default=0)
    last_attempt_on: Mapped[date | None]
    reached: Mapped[bool | None]
    helped: Mapped[bool | None]
    said: Mapped[Said | None]
    told_anew_at: Mapped[datetime | None]  # when what the reporter hears last changed
    has_news: Mapped[bool] = mapped_column(default=False)  # that it changed since the reporter read it
    seen_at: Mapped[datetime | None]  # when the reporter said that it read it
    mailed_at: Mapped[datetime | None]  # when a digest last counted it
    agent_has_news: Mapped[bool] = mapped_column(default=False)  # the same of the agent that sent it, which reads for itself
    agent_mailed_at: Mapped[datetime | None]
    withdrawn_on: Mapped[date | None]
    withdrawal: Mapped[Withdrawal | None]
    followed_on: Mapped[date | None]
    erased_on: Mapped[date | None]  # the term was over: what is left is a stub without the person, which nobody sees
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}

    @property
    def subject(self) -> Subject:
        return Subject(self.surname, self.given_name, self.birth_date, self.street, self.house_number, self.postcode)

    @property
    def feedback(self) -> Feedback:
        return Feedback(self.attempts, self.last_attempt_on, self.reached, self.helped, self.said)


class ContactAttempt(Base):
    """One attempt of a team to reach somebody, or desk work; with a result when it ended the signal. Never a reporter's to read."""

    __tablename__ = "contact_attempt"
    __table_args__ = kept(Retention.ATTEMPT)

    id: Mapped[int] = mapped_column(primary_key=True)
    signal_id: Mapped[int] = mapped_column(ForeignKey("early_signal.id"), index=True)
    kind: Mapped[AttemptKind]
    reached: Mapped[bool]
    on_day: Mapped[date]
    part: Mapped[DayPart | None]
    outcome: Mapped[Outcome | None]
    noted_at: Mapped[datetime] = mapped_column(index=True)
    noted_by: Mapped[str] = mapped_column(String(200))
    team_name: Mapped[str] = mapped_column(String(80))  # the team of who noted it
