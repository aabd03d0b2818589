"""The tables of documents: what the portal wrote, and what people added; each with the hash of its bytes, which are files."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, EncryptedText, Retention, kept


class Document(Base):
    """One file as it was written. It never changes: another content is another document."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("kind", "subject_ref", "sha256"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        kept(Retention.CASE, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    subject_ref: Mapped[str] = mapped_column(String(60), index=True)
    organisation_id: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[datetime]


class Attachment(Base):
    """One file that somebody added to what it reports, such as the evidence of an answer. It goes with what it belongs to."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("kind", "subject_ref", "sha256"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        kept(Retention.CASE, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(EncryptedText("attachment.name"))  # as somebody called the file: it may name a person
    media: Mapped[str] = mapped_column(String(10))  # how its name ends, told from its content
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    organisation_id: Mapped[int | None] = mapped_column(index=True)
    person_id: Mapped[int | None]
    person_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
