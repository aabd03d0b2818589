"""A queue for tests: jobs wait in a table of their own, so a rollback takes them along; `run_all` runs what was committed."""

from importlib import import_module

import sqlalchemy as sa

from app import db
from app.jobs import registry
from app.jobs.service import keep_failure

_METADATA = sa.MetaData()
_JOBS = sa.Table(
    "fake_job",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String, unique=True),
    sa.Column("job", sa.String),
    sa.Column("argument", sa.JSON),
    sa.Column("ran", sa.Boolean, default=False),
)


class FakeQueue:
    """Stands in for the job engine on the bound database; bind it with `service.bind`."""

    def __init__(self, *, make=True):
        if make:
            _METADATA.create_all(db.engine())

    def put(self, session, job, argument, key):
        if session.scalar(sa.select(_JOBS.c.id).where(_JOBS.c.key == key)) is None:
            session.execute(sa.insert(_JOBS).values(key=key, job=job, argument=argument))

    def waiting(self):
        """Return the committed jobs that did not run yet, as (job, argument) in their order."""
        return [(row.job, row.argument) for row in self._rows()]

    def run_all(self, most=1000):
        """Run what waits, and what that queues in its turn; an exception of a handler comes out. Return how many ran."""
        for ran in range(most):
            rows = self._rows()
            if not rows:
                return ran
            self._run(rows[0])
        raise AssertionError(f"still work after {most} jobs")

    def run_as_the_worker(self):
        """Run what waits now, once; an exception of a handler is kept as failed work, as after the last try."""
        for row in self._rows():
            try:
                self._run(row)
            except Exception as error:  # noqa: BLE001 (whatever it is, somebody must see it)
                keep_failure(row.job, row.argument, row.key, type(error).__name__)
                self._mark(row)

    def _rows(self):
        with db.engine().connect() as connection:
            return connection.execute(sa.select(_JOBS).where(_JOBS.c.ran.is_(False)).order_by(_JOBS.c.id)).all()

    def _run(self, row):
        if row.job not in registry.JOBS:
            import_module(f"app.{row.job.partition('.')[0]}.jobs")
        registry.JOBS[row.job].handler(row.argument)
        self._mark(row)

    def _mark(self, row):
        with db.engine().begin() as connection:
            connection.execute(sa.update(_JOBS).where(_JOBS.c.id == row.id).values(ran=True))
