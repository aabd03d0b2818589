"""The tables of files that were brought in through a page: they wait for a yes, and stay for a day after all was done, encrypted."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, EncryptedBytes, EncryptedText, Retention, kept
from app.exchange.rules import Fate


class Upload(Base):
    """Files that one person brought in: what they would change, and since the yes what they changed."""

    __tablename__ = "upload"
    __table_args__ = kept(Retention.PASSING, tenant="organisation_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None]
    person_name: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[int | None] = mapped_column(index=True)
    organisation_name: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int]
    outcome: Mapped[str] = mapped_column(EncryptedText("upload.outcome"))  # JSON: of the trial, later of the real thing
    created_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class UploadFile(Base):
    """One file of an upload: as it came in (of answers: its rows as they were read), or (`is_rejects`) what could not be taken and why."""

    __tablename__ = "upload_file"
    __table_args__ = (UniqueConstraint("upload_id", "kind", "is_rejects"), kept(Retention.PASSING))

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    is_rejects: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(EncryptedText("upload_file.name"))
    content: Mapped[bytes] = mapped_column(EncryptedBytes("upload_file.content"))


class UploadRow(Base):
    """One row of a file of answers: what it would do, and since the yes what became of it. What it says stands in the file alone."""

    __tablename__ = "upload_row"
    __table_args__ = (UniqueConstraint("upload_id", "line"), kept(Retention.PASSING))

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"))
    line: Mapped[int]
    ref: Mapped[str] = mapped_column(String(20))  # of what is answered; empty when the file holds no readable one
    what: Mapped[str] = mapped_column(String(40))  # the answer, as a readable word
    seen_revision: Mapped[int | None]  # of what is answered, when the file was tried
    fate: Mapped[Fate]
    flaws: Mapped[str | None] = mapped_column(EncryptedText("upload_row.flaws"))  # JSON: why it was refused
