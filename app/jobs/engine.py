"""The job engine behind the port: the only importer of its library, whose import takes over half a second."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.clock import machine_now
from app.errors import NotFound, Refusal
from app.jobs.registry import JOBS, QUEUE, Argument, Handler, Job
from app.logs import one_line
from app.reach import PORTAL, act_within

APPLICATION = "portal"
VERSION = "1"  # the form of what is queued, not of the portal: a new release takes up the work of the one before
POLL = 0.1  # seconds between two looks at the queue; each takes up as much as there are threads free
ZONE = "Europe/Amsterdam"
DAILY = "daily:"  # before the name of a job: the workflow that its schedule starts
CAUGHT_UP = timedelta(days=31)  # further back a missed day is past mending
RECOVERIES = 10  # work that takes its worker down this often is put aside

KeepFailure = Callable[[str, Argument, str, str], None]  # job, argument, key, error

Tick = Callable[[datetime, None], None]

log = logging.getLogger("portal.jobs")


class JobFailed(Exception):
    """A handler raised; carries what may be shown and stored, not the values that were in play, and whether time may heal it."""

    def __init__(self, words: str, *, is_final: bool = False) -> None:
        super().__init__(words)
        self.is_final = is_final


def quiet() -> None:
    """Let the library speak through our log, and only when something is wrong."""
    library = logging.getLogger("dbos")
    library.handlers = [logging.NullHandler()]  # with none at all it would hang up its own console handler
    library.propagate = True
    library.setLevel(logging.WARNING)


def migrate(url: str, role: str | None = None) -> None:
    """Make the engine's tables in the portal's database; on PostgreSQL in their own schema, which `role` may then use."""
    quiet()
    DBOS.migrate(url, application_role=role)


class EngineQueue:
    """The side that queues: it starts no thread and writes in the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        quiet()
        self._client = _client(engine)

    def put(self, session: Session, job: str, argument: Argument, key: str) -> None:
        """Queue a job inside the transaction of `session`; a key that is known already does nothing."""
        self._client.enqueue_in_transaction(
            session, {"workflow_name": job, "queue_name": QUEUE, "app_version": VERSION, "workflow_id": key}, argument
        )


def _client(engine: Engine) -> DBOSClient:
    return DBOSClient(system_database_engine=engine, serializer=DBOSPortableJSONSerializer(), application_name=APPLICATION, lazy=True)


def local_day(at: str | datetime) -> str:
    """Return the Amsterdam day of a scheduled moment; through JSON it comes as text."""
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return moment.astimezone(ZoneInfo(ZONE)).date().isoformat()


def summary(error: BaseException) -> str:
    """Say in one line what went wrong, without the values that were in play."""
    return str(error) if isinstance(error, JobFailed) else one_line(error)


def last_cause(error: BaseException) -> BaseException:
    """Return the last of the errors that the engine collected while it retried."""
    errors = getattr(error, "errors", None)
    return errors[-1] if errors else error


def is_worth_another_try(error: BaseException) -> bool:
    """Tell whether time may heal it: a rule that says no, says no again."""
    return not (isinstance(error, JobFailed) and error.is_final)


@dataclass(frozen=True)
class EngineWorker:
    """The side that works: runs what is queued, under the name of one slot."""

    engine: Engine
    slot: str
    keep_failure: KeepFailure
    context: Callable[[], AbstractContextManager[object]]
    threads: int

    def launch(self) -> None:
        """Register every known job and begin; what this slot left unfinished is taken up again."""
        quiet()
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self.engine.url.render_as_string(hide_password=False),
                "system_database_engine": self.engine,
                "run_migrations": False,
                "executor_id": self.slot,
                "application_version": VERSION,
                "serializer": DBOSPortableJSONSerializer(),
                "notification_listener_polling_interval_sec": 1.0,
                "scheduler_polling_interval_sec": 30.0,
                "log_level": "WARNING",
                "enable_otlp": False,
            }
        )
        ticks: dict[str, Tick] = {}
        for job in JOBS.values():
            step = self._step(job)
            self._workflow(job, step)
            if job.daily_at:
                ticks[job.name] = self._tick(job, step)
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=self.threads, polling_interval_sec=POLL)
        self._schedule(ticks)
        log.info("worker %s runs %d kinds of work", self.slot, len(JOBS))

    def _schedule(self, ticks: dict[str, Tick]) -> None:
        for known in DBOS.list_schedules():
            if known["schedule_name"] not in ticks:
                DBOS.delete_schedule(known["schedule_name"])
        DBOS.apply_schedules(
            [
                {
                    "schedule_name": name,
                    "workflow_fn": tick,
                    "schedule": JOBS[name].cron,
                    "context": None,
                    "cron_timezone": ZONE,
                    "queue_name": QUEUE,
                }
                for name, tick in ticks.items()
            ]
        )
        for name in ticks:
            self._catch_up(name)

    def _catch_up(self, name: str) -> None:
        """Queue each day that was missed since the schedule last ran, and for a new one today; done once, whoever asks."""
        until = machine_now()
        ran = DBOS.list_workflows(schedule_name=name, sort_desc=True, limit=1, load_input=False, load_output=False)
        last = datetime.fromtimestamp((ran[0].created_at or 0) / 1000, UTC) if ran else until - timedelta(days=1)
        back = timedelta(hours=1) if JOBS[name].is_hourly else CAUGHT_UP
        DBOS.backfill_schedule(name, max(last, until - back), until)

    def _workflow(self, job: Job, step: Handler) -> None:
        def run(argument: Argument) -> None:
            self._run(job, step, argument)

        DBOS.workflow(name=job.name, max_recovery_attempts=RECOVERIES)(run)

    def _tick(self, job: Job, step: Handler) -> Tick:
        def run(at: datetime, _: None) -> None:
            self._run(job, step, {"day": local_day(at)})

        return DBOS.workflow(name=DAILY + job.name, max_recovery_attempts=RECOVERIES)(run)

    def _step(self, job: Job) -> Handler:
        def handle(argument: Argument) -> None:
            act_within(PORTAL)
            try:
                with self.context():
                    job.handler(argument)
            except Exception as error:
                log.exception("job %s failed", job.name)
                raise JobFailed(summary(error), is_final=isinstance(error, Refusal | NotFound)) from None

        decorate = DBOS.step(
            name=job.name,
            retries_allowed=True,
            max_attempts=job.attempts,
            interval_seconds=job.first_wait,
            backoff_rate=2.0,
            should_retry=is_worth_another_try,
        )
        return decorate(handle)

    def _run(self, job: Job, step: Handler, argument: Argument) -> None:
        """Run a step; its last failure is kept for a person, and the engine is told that the work is over."""
        act_within(PORTAL)  # this thread is the engine's and runs nothing but jobs
        try:
            step(argument)
        except Exception as error:  # noqa: BLE001 # whatever it is, somebody must see it
            self.keep_failure(job.name, argument, str(DBOS.workflow_id), summary(last_cause(error)))

    def take_over(self, slot: str) -> int:
        """Queue the unfinished work of a slot whose worker is dead; return how much it was."""
        left = DBOS.list_workflows(status="PENDING", executor_id=slot, load_input=False, load_output=False)
        for work in left:
            DBOS.resume_workflow(work.workflow_id, queue_name=QUEUE)
        return len(left)

    def put_aside(self) -> None:
        """Keep as failed what took its worker down time after time."""
        for work in DBOS.list_workflows(status="MAX_RECOVERY_ATTEMPTS_EXCEEDED"):
            given = work.input["args"][0] if work.input else {}
            argument = given if isinstance(given, dict) else {"day": local_day(given)}  # what a schedule gives is its moment
            self.keep_failure(work.name.removeprefix(DAILY), argument, work.workflow_id, "the worker stopped each time that it ran this")
            DBOS.delete_workflow(work.workflow_id)

    def forget(self, before: datetime) -> None:
        """Delete what ended before a moment, and with it the keys that kept it from running twice."""
        ended = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"], completed_before=before.isoformat(), limit=1000, load_input=False, load_output=False
        )
        DBOS.delete_workflows([work.workflow_id for work in ended])

    def stop(self, patience: int = 2) -> None:
        """Stop taking work and wait a little for what runs; the rest is resumed later."""
        DBOS.destroy(workflow_completion_timeout_sec=patience)
