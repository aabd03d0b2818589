"""The debt file: a case with its client and figures, and the claims in it."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cases.rules import Rank, Stage
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
    restricted_at: Mapped[datetime | None]  # since then the data rest, because the client asked for it (art. 18 GDPR)
    restricted_by: Mapped[str | None] = mapped_column(String(200))
    restricted_reason: Mapped[str | None] = mapped_column(EncryptedText("case_file.restricted_reason"))
    erased_on: Mapped[date | None]  # the term was over: what is left is a stub without the person, which nobody sees
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    claims: Mapped[list["Claim"]] = relationship(lazy="raise", order_by="Claim.number", back_populates="case")
    __mapper_args__ = {"version_id_col": revision}


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
