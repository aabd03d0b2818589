"""Which work exists: the handlers that features declare, and when the daily ones run. Knows neither engine nor feature."""

import importlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

QUEUE = "jobs"  # the engine's name for the one queue

Argument = dict[str, Any]
Handler = Callable[[Argument], None]


@dataclass(frozen=True)
class Job:
    """One kind of work: its handler, how often it is tried, the first wait in seconds (it doubles), and its daily time.

    Patient work is queued again by itself after it failed, later each time, for some days: what it needs comes back.
    """

    name: str
    handler: Handler
    attempts: int
    first_wait: float
    is_patient: bool = False
    daily_at: str | None = None

    @property
    def cron(self) -> str:
        """Return the daily time as five cron fields; each hour's is `*:02`."""
        hour, minute = (self.daily_at or "").split(":")
        return f"{int(minute)} {hour if self.is_hourly else int(hour)} * * *"

    @property
    def is_hourly(self) -> bool:
        return (self.daily_at or "").startswith("*")


JOBS: dict[str, Job] = {}


def job(name: str, *, attempts: int = 5, first_wait: float = 2.0, patient: bool = False) -> Callable[[Handler], Handler]:
    """Register the handler of `name`; it runs at least once for each enqueued argument, so it is idempotent."""

    def register(handler: Handler) -> Handler:
        known = JOBS.get(name)
        if known and known.handler.__module__ != handler.__module__:
            raise ValueError(f"two handlers for the job {name}")
        JOBS[name] = Job(name, handler, attempts, first_wait, patient)
        return handler

    return register


def daily(at: str) -> Callable[[Handler], Handler]:
    """Run a job each day at `at` (HH:MM, Amsterdam), with the argument `{"day": "2026-06-04"}`; stands above `@job`.

    A day on which no worker ran is caught up once, as soon as one runs again.
    """
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
        raise ValueError(f"not a time of the day: {at}")
    return _at(at)


def hourly(minute: str) -> Callable[[Handler], Handler]:
    """Run a job each hour at `minute` (MM), as `daily` does; of the hours on which no worker ran only the last is caught up.

    So the handler looks itself at what the missed hours left.
    """
    if not re.fullmatch(r"[0-5]\d", minute):
        raise ValueError(f"not a minute of the hour: {minute}")
    return _at(f"*:{minute}")


def _at(at: str) -> Callable[[Handler], Handler]:
    def schedule(handler: Handler) -> Handler:
        name = next((job.name for job in JOBS.values() if job.handler is handler), None)
        if name is None:
            raise ValueError("@daily or @hourly stands above @job")
        JOBS[name] = replace(JOBS[name], daily_at=at)
        return handler

    return schedule


def patient() -> list[str]:
    """Return the names of patient work."""
    return [job.name for job in JOBS.values() if job.is_patient]


def load(modules: Iterable[str]) -> None:
    """Import the modules that declare handlers; the edge knows their names."""
    for module in modules:
        importlib.import_module(module)
