"""The tables of messages: what was told to whom, read and mailed, what people chose, and which addresses refuse mail.

Facts hold references and numbers, never a debtor's name.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Retention, kept
from app.notifications.rules import USUAL_HOUR, Mode, Unsent


class Message(Base):
    """One message to one address, in the portal and by mail: to an organisation, or to one person."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "organisation_id", "created_at"), kept(Retention.PASSING, tenant="organisation_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int | None] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(index=True)  # to whom alone it is; none: to the whole organisation
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    path: Mapped[str] = mapped_column(String(120))  # where in the portal the work waits
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    unsent: Mapped[Unsent | None]  # why no mail of its own left


class PersonalMail(Base):
    """A mail to one person beside those of messages: the digest of a day, or a copy of a message to its organisation."""

    __tablename__ = "personal_mail"
    __table_args__ = (
        UniqueConstraint("person_id", "day"),
        UniqueConstraint("person_id", "message_id"),
        CheckConstraint("(day IS NULL) <> (message_id IS NULL)", name="digest_or_copy"),
        kept(Retention.PASSING, tenant="person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    day: Mapped[date | None]  # of a digest
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)  # of a copy
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    unsent: Mapped[Unsent | None]


class MessageMark(Base):
    """What one person did with one message: when it was read, and by which mail beside the message's own it was told."""

    __tablename__ = "message_mark"
    __table_args__ = (UniqueConstraint("person_id", "message_id"), kept(Retention.PASSING, tenant="person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("personal_mail.id"), index=True)
    read_at: Mapped[datetime | None]


class MailChoice(Base):
    """How one person wants its mail; who chose nothing gets a digest at the usual hour."""

    __tablename__ = "mail_choice"
    __table_args__ = (CheckConstraint("hour BETWEEN 0 AND 23", name="hour"), kept(Retention.ACCOUNT, tenant="person_id"))

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    mode: Mapped[Mode] = mapped_column(default=Mode.DIGEST)
    hour: Mapped[int] = mapped_column(default=USUAL_HOUR)
    # subjects of which only what is essential is mailed
    muted: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class MailboxChoice(Base):
    """What the shared mailbox of an organisation is spared, and in which language it is written to."""

    __tablename__ = "mailbox_choice"
    __table_args__ = kept(Retention.RELATION, tenant="organisation_id")

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    muted: Mapped[list[Any]]
    language: Mapped[str] = mapped_column(String(2), default="nl")
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class Bounce(Base):
    """An address that refused mail for good: nothing is mailed to it until somebody confirms or changes it."""

    __tablename__ = "mail_bounce"
    __table_args__ = kept(Retention.ACCOUNT)

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(254), unique=True)
    status: Mapped[str] = mapped_column(String(20))  # as RFC 3463 numbers reasons
    bounced_at: Mapped[datetime]
