"""Read how far work is and what failed. Loading a row is the access check: what the actor may not see is NotFound."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, column, func, literal_column, or_, select, table, true
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.errors import NotFound
from app.jobs.models import JobFailure, JobProgress, State
from app.jobs.registry import QUEUE

SHOWN = 100


@dataclass(frozen=True)
class ProgressPage:
    """How far one piece of work is; when it is done, lines of a label and a value, and where to go on."""

    key: str
    title: str
    done: int
    total: int
    state: State
    updated_at: datetime
    lines: tuple[tuple[str, str], ...] = ()
    path: str = ""
    path_words: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.state is State.QUEUED

    @property
    def is_open(self) -> bool:
        return self.state in {State.QUEUED, State.RUNNING}


@dataclass(frozen=True)
class FailureRow:
    key: str
    job: str
    argument: str
    error: str
    failed_at: datetime
    replayed_at: datetime | None
    replayed_by: str | None


@dataclass(frozen=True)
class WorkPage:
    """The long work that somebody may follow, newest first, and (for who may replay) what failed; None for who may not."""

    work: tuple[ProgressPage, ...]
    failures: tuple[FailureRow, ...] | None


def progress_page(session: Session, actor: Actor, key: str) -> ProgressPage:
    """Return how far a piece of work is. Raises NotFound when it is missing or not this actor's."""
    actor.must(Permission.READ_JOBS)
    row = session.scalar(select(JobProgress).where(JobProgress.key == key, _visible_to(actor)))
    if row is None:
        raise NotFound
    return _page(row)


def work_page(session: Session, actor: Actor) -> WorkPage:
    """Return the work that the actor may follow."""
    actor.must(Permission.READ_JOBS)
    newest = select(JobProgress).where(_visible_to(actor)).order_by(JobProgress.updated_at.desc(), JobProgress.key).limit(SHOWN)
    work = tuple(_page(row) for row in session.scalars(newest))
    return WorkPage(work, _failures(session) if actor.may(Permission.REPLAY_JOBS) else None)


def waiting_failures(session: Session) -> int:
    """Return how much failed work waits for somebody, at most a thousand, for the health of the installation."""
    waiting = select(JobFailure.key).where(JobFailure.replayed_at.is_(None)).limit(1000).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def waits_since(session: Session) -> datetime | None:
    """Return since when (by the machine's clock) the oldest work waits that nobody took up; None when none waits.

    It is read from the engine's own table, whose index holds just what is under way.
    """
    schema = "dbos" if session.get_bind().dialect.name == "postgresql" else None
    work = table("workflow_status", column("created_at"), column("status"), column("queue_name"), schema=schema)
    waits = and_(work.c.queue_name == literal_column(f"'{QUEUE}'"), work.c.status == literal_column("'ENQUEUED'"))
    milliseconds = session.scalar(select(func.min(work.c.created_at)).where(waits))
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """Show what the actor or its organisation started; who replays failed work sees all. None is nobody, not everybody."""
    if actor.may(Permission.REPLAY_JOBS):
        return true()
    own = and_(JobProgress.started_by.is_not(None), JobProgress.started_by == actor.person_id)
    ours = and_(JobProgress.organisation_id.is_not(None), JobProgress.organisation_id == actor.organisation_id)
    return or_(own, ours)


def _page(row: JobProgress) -> ProgressPage:
    lines = tuple((label, value) for label, value in row.result.get("lines", ()))
    path, words = row.result.get("path", ""), row.result.get("path_words", "")
    return ProgressPage(row.key, row.title, row.done, row.total, row.state, row.updated_at, lines, path, words)


def _failures(session: Session) -> tuple[FailureRow, ...]:
    """Return what waits for a replay first, then what was replayed."""
    rows = session.scalars(
        select(JobFailure).order_by(JobFailure.replayed_at.is_not(None), JobFailure.failed_at.desc(), JobFailure.key).limit(SHOWN)
    )
    return tuple(
        FailureRow(row.key, row.job, _shown(row.argument), row.error, row.failed_at, row.replayed_at, row.replayed_by) for row in rows
    )


def _shown(argument: dict[str, object]) -> str:
    text = ", ".join(f"{name}: {value}" for name, value in argument.items())
    return text if len(text) < 200 else f"{text[:199]}…"
