"""The table of documents: what the portal wrote, for whom, and the hash by which it is known again. The bytes are files."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Retention, kept


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
