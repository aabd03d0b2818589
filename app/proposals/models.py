"""The tables of the heart: proposals, the offer that each claim gets, what happened to every offer, and how people work through them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cases.models import Case, Claim
from app.cases.rules import Rank
from app.consents.rules import Product
from app.db import Base, EncryptedText, Retention, kept
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason, RowOutcome, Visibility


class Proposal(Base):
    """What the bank proposes to all creditors of one case. Issuing fixes `worked`: the input and the result of the calculation."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "ix_proposal_one_running",
            "case_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'approved', 'issued')"),
            postgresql_where=text("state IN ('draft', 'approved', 'issued')"),
        ),
        CheckConstraint("approved_person_id IS NULL OR approved_person_id <> drafted_person_id", name="two_officers"),
        CheckConstraint("months BETWEEN 1 AND 60", name="months"),
        kept(Retention.CASE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.DRAFT, index=True)
    product: Mapped[Product]
    months: Mapped[int]
    annual_rate: Mapped[str] = mapped_column(String(10))  # effective percentage a year, as text: never a float
    fee_percentage: Mapped[str] = mapped_column(String(10), default="0.00")
    reason: Mapped[str] = mapped_column(String(1000), default="")  # why mediation, the exception
    fingerprint: Mapped[str] = mapped_column(String(64))  # of the case's figures and claims when drafted
    drafted_by: Mapped[str] = mapped_column(String(200))
    drafted_person_id: Mapped[int | None]
    drafted_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_person_id: Mapped[int | None]
    approved_at: Mapped[datetime | None]
    worked: Mapped[dict[str, Any]]  # {"input": a worked case, "result": what calculate gives for it}
    available_cents: Mapped[int] = mapped_column(BigInteger)
    issued_at: Mapped[datetime | None]
    issued_on: Mapped[date | None] = mapped_column(index=True)
    answer_by: Mapped[date | None]
    remind_on: Mapped[list[Any] | None]
    closes_on: Mapped[date | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(1000))
    revision: Mapped[int] = mapped_column(default=1)
    case: Mapped[Case] = relationship(lazy="raise")
    offers: Mapped[list["Offer"]] = relationship(lazy="raise", order_by="Offer.id", back_populates="proposal")
    __mapper_args__ = {"version_id_col": revision}


class Offer(Base):
    """One creditor's part of a proposal. What lists filter and sort by stands in the row itself."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("proposal_id", "claim_id"),
        # what row-level security asks beside is included: counting then reads the index alone
        Index(
            "ix_offer_creditor_id_visibility_state_answer_by",
            "creditor_id",
            "visibility",
            "state",
            "answer_by",
            "id",
            postgresql_include=["agent_id"],
        ),
        Index(
            "ix_offer_agent_id_visibility_state_answer_by",
            "agent_id",
            "visibility",
            "state",
            "answer_by",
            "id",
            postgresql_include=["creditor_id"],
        ),
        Index(  # what is named somebody's work: few rows, whatever the size of the table
            "ix_offer_assigned_id_state_answer_by",
            "assigned_id",
            "state",
            "answer_by",
            "id",
            sqlite_where=text("assigned_id IS NOT NULL"),
            postgresql_where=text("assigned_id IS NOT NULL"),
        ),
        # few clocks stand still: each day their days move along
        Index("ix_offer_clock", "id", sqlite_where=text("clock_on IS NOT NULL"), postgresql_where=text("clock_on IS NOT NULL")),
        Index("ix_offer_untold", "id", sqlite_where=text("told_at IS NULL"), postgresql_where=text("told_at IS NULL")),
        CheckConstraint("payment_cents >= 0 AND payment_cents <= takes_part_cents", name="payment_within_claim"),
        CheckConstraint(
            "answered_at IS NOT NULL OR state NOT IN ('accepted', 'accepted with another balance', 'rejected')", name="answered"
        ),
        kept(Retention.CASE, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # who acts for the creditor on this claim
    reference: Mapped[str] = mapped_column(String(60), default="", index=True)  # the creditor's, as it was when issued
    surname_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)  # of the client, so that a list finds it without a join
    state: Mapped[OfferState]
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.VISIBLE, server_default=Visibility.VISIBLE.value)
    rank: Mapped[Rank]
    product: Mapped[Product]
    balance_cents: Mapped[int] = mapped_column(BigInteger)
    takes_part_cents: Mapped[int] = mapped_column(BigInteger)
    payment_cents: Mapped[int] = mapped_column(BigInteger)
    percentage: Mapped[str] = mapped_column(String(6))  # two decimals, half up
    issued_on: Mapped[date]
    answer_by: Mapped[date]
    closes_on: Mapped[date]
    told_at: Mapped[datetime | None]  # when who acts on it was told that it is there
    reminders: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(EncryptedText("offer.code"))  # on the letter: answering without an account
    code_index: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    code_tries: Mapped[int] = mapped_column(default=0)
    recoded_at: Mapped[datetime | None]  # when its code was replaced: the one on the letter before opens nothing any more
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[AnsweredBy | None]
    answerer: Mapped[str | None] = mapped_column(String(200))  # the name of whoever answered
    answered_agent_id: Mapped[int | None]  # the agent for which that person answered in the creditor's name
    late: Mapped[bool] = mapped_column(default=False)
    reject_reason: Mapped[RejectReason | None]
    words: Mapped[str] = mapped_column(String(2000), default="")
    other_balance_cents: Mapped[int | None] = mapped_column(BigInteger)
    balance_taken_over_at: Mapped[datetime | None]  # an officer took over the other balance without reckoning again
    reconsider_by: Mapped[date | None]
    paused_on: Mapped[date | None]  # since when its clock stands still
    clock_on: Mapped[date | None]  # until which day its days have moved along since
    remind_on: Mapped[list[Any] | None]  # its own days of reminding, once its clock has stood still; else the proposal's
    draft: Mapped[dict[str, Any] | None]  # an answer begun and kept for later
    assigned_id: Mapped[int | None]  # the colleague whose work it is, of the creditor or of its agent; freed when that person leaves
    revision: Mapped[int] = mapped_column(default=1)
    proposal: Mapped[Proposal] = relationship(lazy="raise", back_populates="offers")
    claim: Mapped[Claim] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": revision}


class OfferEvent(Base):
    """One thing that happened to an offer: its history, appended and never edited."""

    __tablename__ = "offer_event"
    __table_args__ = (Index("ix_offer_event_offer_id_id", "offer_id", "id"), kept(Retention.CASE, tenant="creditor_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    creditor_id: Mapped[int]
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(40))  # issued, covered, reminded, opened, answered, asked again, closed …
    who: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class CourtDecision(Base):
    """What the bank decided about going to court over one refusal, appended: the newest counts, until that refusal is taken back.

    Of no creditor's concern.
    """

    __tablename__ = "court_decision"
    __table_args__ = kept(Retention.CASE)

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    chosen: Mapped[bool]
    reason: Mapped[str] = mapped_column(EncryptedText("court_decision.reason"))
    share: Mapped[str] = mapped_column(String(6))  # of the refuser in all debts, in per cent
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(200))


class CreditorCall(Base):
    """Somebody of the bank called a creditor or agent, appended; a later row with `undoes_id` takes one back."""

    __tablename__ = "creditor_call"
    __table_args__ = kept(Retention.PASSING)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    called_on: Mapped[date]
    person_id: Mapped[int | None] = mapped_column(index=True)
    called_by: Mapped[str] = mapped_column(String(200))
    spoken_to: Mapped[str] = mapped_column(EncryptedText("creditor_call.spoken_to"), default="")
    note: Mapped[str] = mapped_column(EncryptedText("creditor_call.note"), default="")
    undoes_id: Mapped[int | None] = mapped_column(unique=True)


class BulkAnswer(Base):
    """One answer that a person chose for many offers at once; `key` comes with the form, so that sending it twice finds the same one."""

    __tablename__ = "bulk_answer"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        CheckConstraint("answer IS NOT NULL OR given_at IS NULL", name="given"),
        kept(Retention.PASSING, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    key: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(index=True)
    person_name: Mapped[str] = mapped_column(String(200))
    answer: Mapped[OfferState | None]  # accepted or rejected; not chosen yet while it is None
    reject_reason: Mapped[RejectReason | None]
    words: Mapped[str] = mapped_column(EncryptedText("bulk_answer.words"), default="")
    confirmed: Mapped[bool] = mapped_column(default=False)  # to reject also what the own consent covers
    created_at: Mapped[datetime] = mapped_column(index=True)
    given_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]  # when taking back was asked
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class BulkAnswerRow(Base):
    """One offer of such an answer: as it was seen, and since then what became of it."""

    __tablename__ = "bulk_answer_row"
    __table_args__ = (UniqueConstraint("bulk_answer_id", "offer_ref"), kept(Retention.PASSING))

    id: Mapped[int] = mapped_column(primary_key=True)
    bulk_answer_id: Mapped[int] = mapped_column(ForeignKey("bulk_answer.id", ondelete="CASCADE"))
    offer_ref: Mapped[str] = mapped_column(String(20))
    seen_revision: Mapped[int]
    outcome: Mapped[RowOutcome | None]
    code: Mapped[str] = mapped_column(String(60), default="")  # of the rule that refused
    given_revision: Mapped[int | None]  # the offer's, after the answer: taking it back asks for it


class SavedFilter(Base):
    """A filter of a list that one person kept under a name, for its own eyes."""

    __tablename__ = "saved_filter"
    __table_args__ = kept(Retention.ACCOUNT, tenant="organisation_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    place: Mapped[str] = mapped_column(String(20))  # which list: offers
    name: Mapped[str] = mapped_column(EncryptedText("saved_filter.name"))
    query: Mapped[str] = mapped_column(EncryptedText("saved_filter.query"))  # as it stands in the address: a search may name a client
    created_at: Mapped[datetime]
