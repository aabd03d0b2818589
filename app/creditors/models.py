"""The register: organisations, their addresses and contacts, and the mandates between agents and creditors."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access import Kind
from app.db import Base, Retention, kept


class Organisation(Base):
    """Everybody that people sign in for: creditors and agents (with the bank's `CodeEiser`), the bank, teams and the city."""

    __tablename__ = "organisation"
    __table_args__ = kept(Retention.RELATION)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[int | None] = mapped_column(unique=True)
    kind: Mapped[Kind] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(120))
    branch: Mapped[str] = mapped_column(String(40), default="", index=True)
    is_bailiff: Mapped[bool] = mapped_column(default=False)  # of agents: a bailiff and no collection agency (Wki exempts bailiffs)
    rank: Mapped[str] = mapped_column(String(1), default="")  # the rank that its claims usually have: P, C, S, U
    kvk: Mapped[str] = mapped_column(String(8), default="")
    establishment: Mapped[str] = mapped_column(String(12), default="")  # the one of that number which this is; empty: the whole of it
    street: Mapped[str] = mapped_column(String(120), default="")
    house_number: Mapped[str] = mapped_column(String(20), default="")
    postcode: Mapped[str] = mapped_column(String(10), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    iban: Mapped[str] = mapped_column(String(34), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    wki_number: Mapped[str] = mapped_column(String(20), default="")  # of an agent, in the register of the Wki; bailiffs need none
    wki_checked_on: Mapped[date | None]
    wki_checked_by: Mapped[str | None] = mapped_column(String(200))
    joined_on: Mapped[date | None]  # Collectief Schuldregelen
    merged_into_id: Mapped[int | None]  # a double: what the bank's own system tells of it is told of that organisation
    revision: Mapped[int] = mapped_column(default=1)
    contacts: Mapped[list["Contact"]] = relationship(lazy="raise", order_by="Contact.id")
    __mapper_args__ = {"version_id_col": revision}


class Contact(Base):
    """Somebody to call or write to at an organisation."""

    __tablename__ = "organisation_contact"
    __table_args__ = kept(Retention.RELATION, tenant="organisation_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    task: Mapped[str] = mapped_column(String(80), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    ended_on: Mapped[date | None]


class Mandate(Base):
    """An agent may act for a creditor from `starts_on` up to and including `ends_on`."""

    __tablename__ = "mandate"
    __table_args__ = (
        UniqueConstraint("agent_id", "creditor_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("agent_id <> creditor_id", name="not_for_itself"),
        kept(Retention.RELATION, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}
