"""The worker: runs what is queued until it is told to stop, and takes over what dead workers left."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from types import FrameType

from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from app import db
from app.clock import now
from app.jobs import registry, slots
from app.jobs.engine import EngineWorker
from app.jobs.service import forget, keep_failure, replay_patient
from app.reach import PORTAL, act_within

THREADS = 8  # jobs at once in one worker: most of them wait for a mail server or for the disk
KEPT = timedelta(days=90)
SWEEP = 20  # looks between two looks at what took workers down or ended long ago

log = logging.getLogger("portal.jobs")


def run(
    modules: Iterable[str],
    context: Callable[[], AbstractContextManager[object]] = nullcontext,
    *,
    threads: int = THREADS,
    stop: threading.Event | None = None,
) -> None:
    """Work until SIGTERM, SIGINT or `stop`. The database is bound already; `context` is entered around each handler.

    Raises SystemExit with a sentence when the database lacks its tables.
    """
    stop = stop or _stop_on_signals()
    act_within(PORTAL)
    registry.load(modules)
    if not inspect(db.engine()).has_table("job_worker"):
        raise SystemExit("De database is niet bij de tijd: voer eerst `portal migrate` uit.")
    slot = slots.claim()
    engine = EngineWorker(db.create_engine(_url()), slot, keep_failure, context, threads)
    engine.launch()
    try:
        _watch(engine, slot, stop)
    finally:
        engine.stop()
        slots.leave(slot)
        log.info("worker %s stopped", slot)


def _url() -> str:
    return db.engine().url.render_as_string(hide_password=False)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def end(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop


def _watch(engine: EngineWorker, slot: str, stop: threading.Event) -> None:
    """Beat, and look after the others, until told to stop; a database that is away for a moment is no reason to stop."""
    watch, looks = slots.Watch(slot), 0
    while not stop.is_set():
        try:
            slots.beat(slot)
            take_over(engine, watch)
            if looks % SWEEP == 0:
                engine.put_aside()
                replay_patient(registry.patient())
                engine.forget(now() - KEPT)
                forget(now() - KEPT)
        except OperationalError:
            log.warning("worker %s cannot reach the database", slot, exc_info=True)
        looks += 1
        stop.wait(slots.PAUSE)


def take_over(engine: EngineWorker, watch: slots.Watch) -> None:
    """Take over the work of every other slot that fell silent."""
    for slot, beats in watch.silent():
        if slots.take(slot, beats):
            count = engine.take_over(slot)
            slots.clear(slot)
            log.info("took over %d jobs of worker %s", count, slot)


def leave_process() -> None:
    """End the process at once: a handler that is still busy is run again by the next worker, so it need not be waited for."""
    logging.shutdown()
    os._exit(0)
