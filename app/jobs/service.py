"""Enqueue work in the caller's transaction, tell how far it is, keep what failed and run it again."""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Permission
from app.clock import now
from app.db import engine, transaction
from app.errors import Conflict, NotFound
from app.jobs.models import JobFailure, JobProgress, State
from app.jobs.registry import Argument

KEY = re.compile(r"[A-Za-z0-9._:-]{1,140}")  # fit for an address, and without the sign of a replay
FIRST_REPLAY, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=2)  # of patient work that failed
REPLAYS = 30  # then a person decides: by then two days have passed
AGAIN = "~"  # stands between the key of work and the number of its replay


class Queue(Protocol):
    """What the portal asks of a job engine."""

    def put(self, session: Session, job: str, argument: Argument, key: str) -> None:
        """Queue a job inside the transaction of `session`; a key that is known already does nothing."""


class Recorder(Protocol):
    """The audit's way to write an event; handed in by the edge, for the audit stands above this package."""

    def __call__(self, session: Session, actor: Actor, action: str, subject: str) -> object: ...


@dataclass(frozen=True)
class Result:
    """What long work ended with: lines of a label and a value, and where to go on (a path of the portal, or empty)."""

    lines: tuple[tuple[str, str], ...] = ()
    path: str = ""
    path_words: str = ""


def _unrecorded(session: Session, actor: Actor, action: str, subject: str) -> None:
    """Stand in until the edge hands in the audit."""


_queue: Queue | None = None
_record: Recorder = _unrecorded


def bind(queue: Queue | None) -> None:
    """Set the queue of this process; None returns to the real engine."""
    global _queue
    _queue = queue


def record_with(record: Recorder) -> None:
    """Set how a replay is written to the audit."""
    global _record
    _record = record


def queue() -> Queue:
    """Return the bound queue, or open the real engine's (its library takes over half a second to import, so not at start)."""
    global _queue
    if _queue is None:
        from app.jobs.engine import EngineQueue

        _queue = EngineQueue(engine())
    return _queue


def prepare(url: str, role: str | None = None) -> None:
    """Make or renew the engine's own tables in the portal's database; on PostgreSQL `role` may then use them."""
    from app.jobs.engine import migrate

    migrate(url, role)


def enqueue(session: Session, job: str, argument: Argument, key: str | None = None) -> str:
    """Queue `job` in the caller's transaction and return its key: it runs after the commit, never after a rollback.

    The same key for the same job is queued once, however often it is asked. `argument` is JSON and holds ids, no personal data.
    Raises ValueError for a key with other signs than letters, digits and `._:-`.
    """
    key = key or uuid4().hex
    if not KEY.fullmatch(key):
        raise ValueError(f"not a key of work: {key}")
    queue().put(session, job, argument, f"{job}:{key}")
    return key


# ── how far long work is ─────────────────────────────────────────────────────


def start(session: Session, actor: Actor, key: str, title: str, total: int) -> None:
    """Open the page `/jobs/<key>` for a job that is enqueued with the same key."""
    session.add(
        JobProgress(key=key, title=title, total=total, started_by=actor.person_id, organisation_id=actor.organisation_id, updated_at=now())
    )


def advance(session: Session, key: str, done: int, total: int | None = None) -> None:
    """Say that `done` pieces are ready, in the transaction that made them ready."""
    _set(session, key, state=State.RUNNING, done=done, **({} if total is None else {"total": total}))


def finish(session: Session, key: str, result: Result) -> None:
    """Say that the work is ready, and with what."""
    _set(session, key, state=State.DONE, done=JobProgress.total, result=asdict(result))


def _set(session: Session, key: str, **values: Any) -> None:
    session.execute(update(JobProgress).where(JobProgress.key == key).values(updated_at=now(), **values))


# ── what failed ──────────────────────────────────────────────────────────────


def keep_failure(job: str, argument: Argument, key: str, error: str) -> None:
    """Keep work that failed for the last time. The worker calls this at least once; `key` is the engine's own."""
    first_key = key.partition(AGAIN)[0]
    with transaction() as session:
        failure = session.get(JobFailure, first_key) or JobFailure(key=first_key, job=job, argument=argument, replays=0)
        failure.error, failure.failed_at, failure.replayed_at, failure.replayed_by = error[:500], now(), None, None
        session.add(failure)
        _set(session, _progress_key(failure), state=State.FAILED)


def replay_failure(actor: Actor, key: str) -> None:
    """Queue failed work again. Raises NotFound, or Conflict when somebody did so already."""
    actor.must(Permission.REPLAY_JOBS)
    with transaction() as session:
        failure = session.get(JobFailure, key, with_for_update=True)
        if failure is None:
            raise NotFound
        if failure.replayed_at is not None:
            raise Conflict
        _replay(session, failure, actor.name)
        _record(session, actor, "jobs:replay", f"job/{key}")


def replay_patient(names: Collection[str]) -> int:
    """Queue failed work of these kinds again when it has waited long enough since it failed, twice as long each time; return how much."""
    with transaction(as_portal=True) as session:
        waits = select(JobFailure).where(JobFailure.job.in_(names), JobFailure.replayed_at.is_(None), JobFailure.replays < REPLAYS)
        rows = session.scalars(waits.order_by(JobFailure.failed_at, JobFailure.key).limit(500).with_for_update(skip_locked=True))
        due = [failure for failure in rows if now() - failure.failed_at >= min(FIRST_REPLAY * 2**failure.replays, LONGEST_WAIT)]
        for failure in due:
            _replay(session, failure, SYSTEM.name)
    return len(due)


def _replay(session: Session, failure: JobFailure, by: str) -> None:
    failure.replays, failure.replayed_at, failure.replayed_by = failure.replays + 1, now(), by
    _set(session, _progress_key(failure), state=State.QUEUED)
    queue().put(session, failure.job, failure.argument, f"{failure.key}{AGAIN}{failure.replays}")


def _progress_key(failure: JobFailure) -> str:
    return failure.key.removeprefix(f"{failure.job}:")


def forget(before: datetime) -> None:
    """Delete the progress and the failures of work that ended before a moment."""
    with transaction() as session:
        ended = JobProgress.state.in_((State.DONE, State.FAILED))
        session.execute(delete(JobProgress).where(ended, JobProgress.updated_at < before))
        session.execute(delete(JobFailure).where(JobFailure.failed_at < before))
