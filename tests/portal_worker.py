"""A worker process for tests: `python -m tests.portal_worker URL` runs the jobs below on that database."""

import os
import sys
import time

from app import db
from app.access import SYSTEM
from app.config import FieldKeys
from app.errors import Refusal
from app.jobs import engine, service, slots, worker
from app.jobs.models import JobProgress
from app.jobs.registry import daily, job

KEYS = FieldKeys({1: bytes(32)}, bytes(32))


@job("test.note")
def note(argument):
    """Leave a row: a piece of work with an effect that shows whether it was done, and done once."""
    time.sleep(argument.get("seconds", 0))
    with db.transaction() as session:
        session.merge(JobProgress(key=argument["key"], title="gedaan", total=1, updated_at=service.now()))


@job("test.count")
def count(argument):
    """Count how often a piece of work was done."""
    _count(argument["key"])


@job("test.break", attempts=2, first_wait=0.1)
def break_down(argument):
    _count("broken")
    raise ValueError(f"nothing at {argument['place']}")


@job("test.crash")
def crash(argument):
    """Take the whole worker down, as a lack of memory would."""
    os._exit(3)


@job("test.refuse", attempts=5, first_wait=0.1)
def refuse(argument):
    _count("refused")
    raise Refusal("test.never")


@daily("06:00")
@job("test.day")
def each_day(argument):
    _count(argument["day"])


def _count(key):
    with db.transaction() as session:
        row = session.get(JobProgress, key)
        if row is None:
            service.start(session, SYSTEM, key, "geteld", 0)
        service.advance(session, key, row.done + 1 if row else 1)


if __name__ == "__main__":
    db.bind(db.create_engine(sys.argv[1]), KEYS)
    slots.PAUSE = 0.4  # a test does not wait a quarter of a minute before the dead count as dead
    engine.RECOVERIES = 2
    worker.run([])
    worker.leave_process()
