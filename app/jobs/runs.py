"""Keep what daily work came to, run by run: that it began, what it did so far, and that it ended. A run that broke off has no end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.db import transaction
from app.jobs.models import DailyRun


@dataclass(frozen=True)
class Run:
    """One run of daily work as pages show it."""

    work: str
    day: date
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]


@dataclass(frozen=True)
class Tally:
    """What a run counts while it is at it."""

    run_id: int

    def add(self, session: Session, **numbers: int) -> None:
        """Count what the caller's transaction does: a run that is killed tells exactly what it did."""
        run = session.scalar(select(DailyRun).where(DailyRun.id == self.run_id).with_for_update())
        if run is not None:
            run.counts = run.counts | {name: run.counts.get(name, 0) + number for name, number in numbers.items()}


@contextmanager
def noted(work: str, day: date) -> Iterator[Tally]:
    """Keep one run of a job for a day; without an end when the work fails."""
    with transaction() as session:
        run = DailyRun(work=work, day=day, started_at=now(), counts={})
        session.add(run)
        session.flush()
        tally = Tally(run.id)
    yield tally
    with transaction() as session:
        session.get_one(DailyRun, tally.run_id).finished_at = now()


def count(tally: Tally, **numbers: int) -> None:
    """Count what was done in transactions that are closed already."""
    with transaction() as session:
        tally.add(session, **numbers)


def runs_of(session: Session, works: tuple[str, ...], since: date) -> list[Run]:
    """Return the runs of some jobs for the days since one, the newest first."""
    mine = select(DailyRun).where(DailyRun.work.in_(works), DailyRun.day >= since)
    found = session.scalars(mine.order_by(DailyRun.day.desc(), DailyRun.id.desc()))
    return [Run(run.work, run.day, run.started_at, run.finished_at, dict(run.counts)) for run in found]
