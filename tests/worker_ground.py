"""The ground of tests that run the real job engine: a ready database, worker processes, and waiting for an effect."""

import subprocess
import sys
import time
from contextlib import contextmanager

from sqlalchemy import select

from app import db
from app.jobs import models, service
from tests.portal_worker import KEYS


@contextmanager
def engine_database(url):
    """Bind a database with the tables of work and of the engine, and the engine's own queue."""
    service.prepare(url)
    engine = db.create_engine(url)
    tables = [model.__table__ for model in (models.JobFailure, models.JobProgress, models.JobWorker)]
    db.Base.metadata.create_all(engine, tables=tables)
    db.bind(engine, KEYS)
    service.bind(None)
    try:
        yield url
    finally:
        service.bind(None)
        engine.dispose()


@contextmanager
def worker(url):
    """Run a worker process; it is told to stop at the end, if it still runs."""
    process = subprocess.Popen([sys.executable, "-m", "tests.portal_worker", url])
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def wait_for(look, seconds=60):
    """Look again and again until something shows, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found


def done():
    """Return the keys of the rows that jobs left, with their counts."""
    with db.reading() as session:
        return {row.key: row.done for row in session.execute(select(models.JobProgress.key, models.JobProgress.done))}


def failures():
    with db.reading() as session:
        return session.scalars(select(models.JobFailure).order_by(models.JobFailure.key)).all()


def work_table():
    """Return the name of the engine's table of work; PostgreSQL keeps it in a schema of its own."""
    return "dbos.workflow_status" if db.engine().dialect.name == "postgresql" else "workflow_status"
