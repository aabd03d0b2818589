"""The debt file: a case with its client and figures, the claims in it, and what the bank asks of creditors: a pause, and a balance."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cases.balance_rules import BalanceAnswer, Correction, Ground, Obstacle
from app.cases.pause_rules import BreachSource, EndReason, NoticeState
from app.cases.rules import AnsweredBy, Rank, Stage, Visibility
from app.creditors.models import Organisation
from app.db import Base, EncryptedDate, EncryptedText, Retention, kept


class Case(Base):
    """One application for debt settlement. The client's personal columns are encrypted and found by blind index."""

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("relation_code", "sequence"),
        CheckConstraint("income_cents >= 0 AND vtlb_cents >= 0 AND extra_cents >= 0", name="figures_not_negative"),
        kept(Retention.CASE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    relation_code: Mapped[int]  # with `sequence` the key of the bank's own system: RelatieCode-Volgnummer
    sequence: Mapped[int]
    bsn: Mapped[str | None] = mapped_column(EncryptedText("case_file.bsn"))
    bsn_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    initials: Mapped[str] = mapped_column(EncryptedText("case_file.initials"))
    given_name: Mapped[str] = mapped_column(EncryptedText("case_file.given_name"))
    surname: Mapped[str] = mapped_column(EncryptedText("case_file.surname"))
    surname_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    birth_date: Mapped[date] = mapped_column(EncryptedDate("case_file.birth_date"))
    street: Mapped[str] = mapped_column(EncryptedText("case_file.street"))
    house_number: Mapped[str] = mapped_column(EncryptedText("case_file.house_number"))
    postcode: Mapped[str] = mapped_column(EncryptedText("case_file.postcode"))
    city: Mapped[str] = mapped_column(EncryptedText("case_file.city"))
    household: Mapped[str] = mapped_column(String(40), default="")
    children: Mapped[int] = mapped_column(default=0)
    entrepreneur: Mapped[bool | None]
    programme: Mapped[str] = mapped_column(String(60), default="")
    started_on: Mapped[date] = mapped_column(index=True)
    calculated_on: Mapped[date]  # the day of income and vtlb
    income_cents: Mapped[int] = mapped_column(BigInteger)
    vtlb_cents: Mapped[int] = mapped_column(BigInteger)
    extra_cents: Mapped[int] = mapped_column(BigInteger)
    team: Mapped[str] = mapped_column(String(80), default="", index=True)  # the neighbourhood team that guides the client
    settlement_known: Mapped[bool] = mapped_column(default=False)  # whether somebody looked for an earlier settlement
    last_settlement_on: Mapped[date | None]
    stage: Mapped[Stage] = mapped_column(default=Stage.INTAKE, index=True)  # noted by proposals
    closed_on: Mapped[date | None] = mapped_column(index=True)
    balances_asked_on: Mapped[date | None]  # when balance requests last went out; without any the round counts from the start
    restricted_at: Mapped[datetime | None]  # since then the data rest, because the client asked for it (art. 18 GDPR)
    restricted_by: Mapped[str | None] = mapped_column(String(200))
    restricted_reason: Mapped[str | None] = mapped_column(EncryptedText("case_file.restricted_reason"))
    erased_on: Mapped[date | None]  # the term was over: what is left is a stub without the person, which nobody sees
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    claims: Mapped[list["Claim"]] = relationship(lazy="raise", order_by="Claim.number", back_populates="case")
    __mapper_args__ = {"version_id_col": revision}

    @property
    def balances_since(self) -> date:
        """Return the day from which the balance round counts: that of the last requests, else of the application."""
        return self.balances_asked_on or self.started_on


class Claim(Base):
    """What one creditor says the client owes. The balance is what it stated, else what was reported."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        CheckConstraint("reported_cents >= 0 AND security_cents >= 0", name="amounts_not_negative"),
        CheckConstraint("stated_cents IS NULL OR stated_cents >= 0", name="stated_not_negative"),
        CheckConstraint("security_cents = 0 OR rank = 'secured'", name="security_of_secured_only"),
        kept(Retention.CASE, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    number: Mapped[int]  # UniekVolgnummer
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    reference: Mapped[str] = mapped_column(String(140), default="", index=True)  # the creditor's own
    rank: Mapped[Rank]
    reported_cents: Mapped[int] = mapped_column(BigInteger)
    stated_cents: Mapped[int | None] = mapped_column(BigInteger)
    stated_on: Mapped[date | None]
    stated_by: Mapped[str | None] = mapped_column(String(200))  # who stated it in the portal; None: the bank's own system told it
    obstacle: Mapped[bool] = mapped_column(default=False, server_default=false())  # no consent in advance answers for it
    security_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    fraud: Mapped[bool] = mapped_column(default=False)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)  # the collection agency
    agent_reference: Mapped[str] = mapped_column(String(140), default="")
    bailiff_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    bailiff_reference: Mapped[str] = mapped_column(String(140), default="")
    revision: Mapped[int] = mapped_column(default=1)
    case: Mapped[Case] = relationship(lazy="raise", back_populates="claims")
    creditor: Mapped[Organisation] = relationship(lazy="raise", foreign_keys=creditor_id)
    __mapper_args__ = {"version_id_col": revision}

    @property
    def balance_cents(self) -> int:
        return self.reported_cents if self.stated_cents is None else self.stated_cents


class Notice(Base):
    """The bank's word to one creditor about one claim: stop collecting until `pause_until`. Lists filter by the row itself."""

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "ix_notice_one_running",
            "claim_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index("ix_notice_creditor_id_visibility_state_pause_until", "creditor_id", "visibility", "state", "pause_until", "id"),
        Index("ix_notice_agent_id_visibility_state_pause_until", "agent_id", "visibility", "state", "pause_until", "id"),
        CheckConstraint("pause_until >= sent_on", name="pause_after_notice"),
        CheckConstraint("state = 'sent' OR answered_at IS NOT NULL", name="answered"),
        CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name="ended_with_reason"),
        kept(Retention.CASE, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # who acts for the creditor on this claim
    reference: Mapped[str] = mapped_column(String(140), default="", index=True)  # the creditor's, as it was when sent
    surname_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)  # of the client, so that a list finds it without a join
    state: Mapped[NoticeState] = mapped_column(default=NoticeState.SENT)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.VISIBLE)
    sent_on: Mapped[date]
    sent_at: Mapped[datetime]
    sent_by: Mapped[str] = mapped_column(String(200))
    pause_until: Mapped[date] = mapped_column(index=True)
    extended_on: Mapped[date | None]  # the day of the balance statement that made the pause longer
    reminded_on: Mapped[date | None]  # nobody had answered by then
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[AnsweredBy | None]
    answerer: Mapped[str | None] = mapped_column(String(200))  # the name of whoever answered
    named_agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # whom the creditor named
    named_agent: Mapped[str] = mapped_column(String(120), default="")  # as the creditor named it
    searched: Mapped[list[Any]] = mapped_column(default=list)  # by what it looked for a client that it does not know
    words: Mapped[str] = mapped_column(EncryptedText("notice.words"), default="")  # the obstacle, as the creditor tells it
    ended_on: Mapped[date | None]
    end_reason: Mapped[EndReason | None]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class PauseBreach(Base):
    """Somebody collected during a pause: the creditor says so itself, or a client complained of it."""

    __tablename__ = "pause_breach"
    __table_args__ = (
        CheckConstraint("handled_by IS NULL OR handled_at IS NOT NULL", name="handled"),
        kept(Retention.CASE, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    source: Mapped[BreachSource]
    happened_on: Mapped[date]
    words: Mapped[str] = mapped_column(EncryptedText("pause_breach.words"))
    reported_at: Mapped[datetime]
    reported_by: Mapped[str] = mapped_column(String(200))
    handled_at: Mapped[datetime | None]  # an officer dealt with it: the case's page no longer warns
    handled_by: Mapped[str | None] = mapped_column(String(200))
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class BalanceRequest(Base):
    """The bank's request to one creditor to state the balance of one claim. What lists filter and sort by stands in the row itself."""

    __tablename__ = "balance_request"
    __table_args__ = (
        Index("ix_balance_request_creditor_id_visibility_state_answer_by", "creditor_id", "visibility", "state", "answer_by", "id"),
        Index("ix_balance_request_agent_id_visibility_state_answer_by", "agent_id", "visibility", "state", "answer_by", "id"),
        Index("ix_balance_request_state_closes_on", "state", "closes_on"),
        CheckConstraint("answered_at IS NOT NULL OR state NOT IN ('stated', 'no cooperation')", name="answered"),
        kept(Retention.CASE, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), unique=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # who acts for the creditor on this claim
    reference: Mapped[str] = mapped_column(String(140), default="", index=True)  # the creditor's, as it was when sent
    surname_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)  # of the client, so that a list finds it without a join
    state: Mapped[BalanceAnswer] = mapped_column(default=BalanceAnswer.OPEN)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.VISIBLE)
    sent_on: Mapped[date]
    sent_by: Mapped[str] = mapped_column(String(200))
    answer_by: Mapped[date]
    remind_on: Mapped[list[Any]]
    closes_on: Mapped[date]
    told_at: Mapped[datetime | None]  # when whoever acts was mailed about it
    reminders: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(EncryptedText("balance_request.code"))  # on the letter: answering without an account
    code_index: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    code_tries: Mapped[int] = mapped_column(default=0)
    recoded_at: Mapped[datetime | None]  # when its code was replaced: the one on the letter before opens nothing any more
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[AnsweredBy | None]
    answerer: Mapped[str | None] = mapped_column(String(200))  # the name of whoever answered last
    draft: Mapped[dict[str, Any] | None]  # an answer begun and kept for later
    revision: Mapped[int] = mapped_column(default=1)
    case: Mapped[Case] = relationship(lazy="raise")
    claim: Mapped[Claim] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": revision}


class BalanceStatement(Base):
    """One answer to a balance request, appended: amounts in cents, or why the creditor does not cooperate.

    What was stated is never edited; only what an officer decided about a correction is filled in later.
    """

    __tablename__ = "balance_statement"
    __table_args__ = (
        CheckConstraint("(total_cents IS NULL) = (ground IS NOT NULL)", name="amount_or_ground"),
        CheckConstraint("total_cents IS NULL OR total_cents = principal_cents + interest_cents + costs_cents", name="adds_up"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        kept(Retention.CASE, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("balance_request.id"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str] = mapped_column(String(120))  # for whom that person acted: the creditor, or its agent
    by: Mapped[AnsweredBy]
    late: Mapped[bool]  # after the last day: kept, but the reported amount counts
    principal_cents: Mapped[int | None] = mapped_column(BigInteger)
    interest_cents: Mapped[int | None] = mapped_column(BigInteger)
    costs_cents: Mapped[int | None] = mapped_column(BigInteger)
    total_cents: Mapped[int | None] = mapped_column(BigInteger)
    allowed_cents: Mapped[int | None] = mapped_column(BigInteger)  # what the scale of collection costs allowed; None: no costs
    notice_on: Mapped[date | None]  # when the consumer got the notice that names the costs
    vat: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str] = mapped_column(String(140), default="")
    rank: Mapped[Rank | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    obstacle: Mapped[Obstacle | None]
    ground: Mapped[Ground | None]
    explanation: Mapped[str] = mapped_column(EncryptedText("balance_statement.explanation"), default="")
    correction: Mapped[Correction | None]  # only of what came after a proposal was issued
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    refusal: Mapped[str] = mapped_column(EncryptedText("balance_statement.refusal"), default="")
