"""The tables of the audit: events that are only ever appended, and the head of their chain."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import DDL, BigInteger, Index, LargeBinary, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Retention, kept


class Result(StrEnum):
    """How what somebody tried ended."""

    DONE = "done"
    REFUSED = "refused"


class Event(Base):
    """One thing that somebody did. `hash` covers every other column and the hash of the event before it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        # every list is the newest first: one index for each thing that narrows it
        Index(None, "at", "sequence"),
        Index(None, "action", "at", "sequence"),
        Index(None, "person_id", "at", "sequence"),
        Index(None, "organisation_id", "at", "sequence"),
        Index(None, "concerns_id", "at", "sequence"),
        kept(Retention.AUDIT, tenant="concerns_id"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))  # the name as it was then
    person_id: Mapped[int | None]
    organisation: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    concerns_id: Mapped[int | None] = mapped_column()  # the organisation whose own matter it is
    result: Mapped[str] = mapped_column(String(20))  # a Result
    origin: Mapped[str] = mapped_column(String(200))
    changes: Mapped[str] = mapped_column(Text)  # JSON kept as written, because these very bytes are hashed
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class Head(Base):
    """The last number and hash of the chain: one row, locked by whoever appends."""

    __tablename__ = "audit_head"
    __table_args__ = kept(Retention.AUDIT)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    begins_after: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # the last event that went after seven years
    begins_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # its hash: the chain goes on from it; None: nothing went


APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit events are never changed'; END $$",
        "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
    ],
}
for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(Event.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
