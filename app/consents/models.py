"""The tables of standing consents: their versions, and how each issued offer compared with the one in force."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.consents.rules import Effect, Product, State
from app.db import Base, Retention, kept


class Consent(Base):
    """One version of a creditor's standing consent; `ref` is the consent's, shared by its versions."""

    __tablename__ = "consent"
    __table_args__ = (
        UniqueConstraint("creditor_id", "version"),
        Index(
            "ix_consent_one_draft",
            "creditor_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        CheckConstraint("state = 'draft' OR state = 'withdrawn' OR signed_at IS NOT NULL", name="signed_when_not_draft"),
        kept(Retention.RELATION, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), index=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    version: Mapped[int]
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    effect: Mapped[Effect] = mapped_column(default=Effect.ACCEPT)
    clauses: Mapped[dict[str, Any]]
    starts_on: Mapped[date | None]  # counts for proposals issued from this day; set when signed
    ends_on: Mapped[date | None]  # withdrawn or replaced: does not count for proposals issued on this day or later
    end_reason: Mapped[str | None] = mapped_column(String(1000))
    drafted_by: Mapped[str] = mapped_column(String(200))
    signed_by: Mapped[str | None] = mapped_column(String(200))
    signed_person_id: Mapped[int | None]
    signed_at: Mapped[datetime | None]
    signed_with: Mapped[str | None] = mapped_column(String(20))  # the second factor of the signature, such as `passkey`
    terms_hash: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the clauses as signed
    reminded: Mapped[int] = mapped_column(default=0)  # how many of the 60, 30 and 7 days ahead were told
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class Assessment(Base):
    """The facts of one issued offer, and how the consent of that day compared with them; what past offers are simulated on."""

    __tablename__ = "consent_assessment"
    __table_args__ = (
        Index("ix_consent_assessment_creditor_id_issued_on", "creditor_id", "issued_on", "id"),
        kept(Retention.CASE, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_ref: Mapped[str] = mapped_column(String(20), unique=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"), index=True)  # None: no consent in force
    covered: Mapped[bool]
    rows: Mapped[list[Any]]  # clause, required, actual, met: as calculated then
    product: Mapped[Product]
    payment_cents: Mapped[int] = mapped_column(BigInteger)
    takes_part_cents: Mapped[int] = mapped_column(BigInteger)
    total_cents: Mapped[int] = mapped_column(BigInteger)
    balance_cents: Mapped[int] = mapped_column(BigInteger)
    stated_cents: Mapped[int | None] = mapped_column(BigInteger)
    months: Mapped[int]
    entrepreneur: Mapped[bool | None]
    guidance: Mapped[bool | None]
    last_settlement: Mapped[date | None]
    settlement_known: Mapped[bool]
    issued_on: Mapped[date]
    fraud: Mapped[bool]
    obstacle: Mapped[bool] = mapped_column(default=False, server_default=false())  # the creditor named one with its balance
    rests: Mapped[bool] = mapped_column(default=False, server_default=false())  # its case rests (art. 18 GDPR): no simulation shows it
