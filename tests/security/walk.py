"""What random walks share: a portal of their own for each walk, and the judgement of a step."""

import secrets
import shutil
from datetime import date, timedelta

import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import event

from app import connect, db
from app.errors import Conflict, NotFound, Refusal
from app.jobs import service as jobs
from tests.conftest import NOW, settings_for
from tests.fake_jobs import FakeQueue
from tests.security.whole import dump

WALKS = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

SELDOM = st.integers(0, 6).map(lambda number: number == 6)


class Walk(RuleBasedStateMachine):
    """A walk begins at 4 June 2026 on an empty portal; `template` is the empty database and `folder` where its copies stand."""

    template = folder = None
    steps = 0

    def __init__(self):
        super().__init__()
        self.travel = time_machine.travel(NOW, tick=False)
        self.clock = self.travel.start()
        self.path, self.today = self.folder / f"{secrets.token_hex(8)}.sqlite", date(2026, 6, 4)
        shutil.copy(self.template, self.path)
        connect(settings_for(self.folder, f"sqlite:///{self.path}"))
        event.listen(db.engine(), "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        jobs.bind(FakeQueue())

    def teardown(self):
        jobs.bind(None)
        db.engine().dispose()
        self.travel.stop()
        self.path.unlink()

    def step(self, right, act, *args, but=()):
        """Do something and return whether it worked: exactly when the model says so; refused, nothing changed (`but` in some tables)."""
        type(self).steps += 1
        before = dump(*but)
        try:
            act(*args)
        except (Refusal, Conflict, NotFound) as no:
            assert not right, f"refused: {no!r}"  # noqa: PT017 - which refusal it was does not matter
            changed = [name for name, rows in dump(*but).items() if before.get(name) != rows]
            assert not changed, changed
            return False
        assert right, "should have been refused"
        return True

    def pass_days(self, days):
        self.today += timedelta(days=days)
        self.clock.shift(timedelta(days=days))
