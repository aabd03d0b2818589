"""The table of messages: what was told to whom. Facts hold references and numbers, never a debtor's name."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Retention, kept


class Message(Base):
    """One message to one address, in the portal and by mail."""

    __tablename__ = "message"
    __table_args__ = kept(Retention.PASSING, tenant="organisation_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int | None] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    path: Mapped[str] = mapped_column(String(120))  # where in the portal the work waits
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
