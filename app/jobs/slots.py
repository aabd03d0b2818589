"""Which workers are alive: each holds a numbered slot on its host and gives a beat; a slot without beat is taken over."""

import os
import socket
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import now
from app.db import reading, transaction
from app.jobs.models import JobWorker

BEAT = 3.0  # seconds between two beats
SILENCE = timedelta(seconds=15)  # after this a worker counts as dead
NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def claim() -> str:
    """Take the lowest free slot of this host and return its name. A slot is free when its process is gone."""
    while True:
        try:
            return _claim(socket.gethostname())
        except IntegrityError:  # another worker took it in the same moment
            continue


def _claim(host: str) -> str:
    with transaction() as session:
        rows = session.scalars(select(JobWorker).where(JobWorker.host == host).order_by(JobWorker.slot).with_for_update())
        known = {row.slot: row for row in rows}
        number = 1
        while (row := known.get(f"{host}/{number}")) and _is_running(row.pid):
            number += 1
        slot = f"{host}/{number}"
        session.merge(JobWorker(slot=slot, host=host, pid=os.getpid(), beat_at=now()))
        return slot


def _is_running(pid: int) -> bool:
    if pid == os.getpid():
        return False  # an earlier life in a container, where every worker has the same number
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def beat(slot: str) -> None:
    """Say that the worker of a slot is alive."""
    with transaction() as session:
        session.merge(JobWorker(slot=slot, host=slot.rpartition("/")[0], pid=os.getpid(), beat_at=now()))


def silent_slots() -> list[str]:
    """Return the slots whose worker gave no beat for too long."""
    with reading() as session:
        return list(session.scalars(select(JobWorker.slot).where(JobWorker.beat_at < now() - SILENCE).order_by(JobWorker.slot)))


def take(slot: str) -> bool:
    """Claim the take-over of a silent slot; False when another worker was first or it beats again."""
    with transaction() as session:
        silent = update(JobWorker).where(JobWorker.slot == slot, JobWorker.beat_at < now() - SILENCE)
        taken = session.scalar(silent.values(beat_at=now(), pid=os.getpid()).returning(JobWorker.slot))
        return taken is not None


def clear(slot: str) -> None:
    """Forget a slot whose work has been taken over."""
    with transaction() as session:
        session.execute(delete(JobWorker).where(JobWorker.slot == slot))


def leave(slot: str) -> None:
    """Let go of the own slot: whatever it left unfinished may be taken over at once."""
    with transaction() as session:
        session.execute(update(JobWorker).where(JobWorker.slot == slot).values(beat_at=NEVER, pid=0))
