"""Tables of work: what failed, how far long work is, and which workers are alive. The engine's own tables are not here."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Retention, kept


class State(StrEnum):
    """How far long work is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobFailure(Base):
    """Work that failed for the last time, kept until somebody runs it again."""

    __tablename__ = "job_failure"
    __table_args__ = kept(Retention.PASSING)

    key: Mapped[str] = mapped_column(String(250), primary_key=True)
    job: Mapped[str] = mapped_column(String(100))
    argument: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(String(500))
    failed_at: Mapped[datetime]
    replays: Mapped[int] = mapped_column(default=0)
    replayed_at: Mapped[datetime | None]
    replayed_by: Mapped[str | None] = mapped_column(String(200))


class JobProgress(Base):
    """How far one piece of long work is, for whoever started it and the organisation it is for."""

    __tablename__ = "job_progress"
    __table_args__ = (
        CheckConstraint("done >= 0 AND total >= 0", name="counts"),
        kept(Retention.PASSING, tenant="organisation_id"),
    )

    key: Mapped[str] = mapped_column(String(250), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    state: Mapped[State] = mapped_column(default=State.QUEUED)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_by: Mapped[int | None]
    organisation_id: Mapped[int | None] = mapped_column(index=True)
    updated_at: Mapped[datetime]


class JobWorker(Base):
    """A slot that a worker process holds; its beats, counted, tell the others that it is alive. No clocks are compared."""

    __tablename__ = "job_worker"
    __table_args__ = kept(Retention.PASSING)

    slot: Mapped[str] = mapped_column(String(100), primary_key=True)
    host: Mapped[str] = mapped_column(String(200))
    pid: Mapped[int]
    beats: Mapped[int]


class DailyRun(Base):
    """One run of daily work: for which day, and what it came to. Without an end it broke off, or is still at it."""

    __tablename__ = "daily_run"
    __table_args__ = kept(Retention.PASSING)

    id: Mapped[int] = mapped_column(primary_key=True)
    work: Mapped[str] = mapped_column(String(100))  # the name of the job
    day: Mapped[date] = mapped_column(index=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # numbers by name
