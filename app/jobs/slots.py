"""Which workers are alive: each holds a numbered slot on its host and counts its beats; who stops counting is taken over."""

import os
import socket

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.db import reading, transaction
from app.jobs.models import JobWorker

PAUSE = 3.0  # seconds between two beats, and between two looks at the others
SILENCE = 5  # looks without a beat after which a worker counts as dead
LEFT = -1  # the count of a slot whose worker said goodbye


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
        while (row := known.get(f"{host}/{number}")) and row.beats != LEFT and _is_running(row.pid):
            number += 1
        if row is None:
            row = JobWorker(slot=f"{host}/{number}", host=host)
            session.add(row)
        row.pid, row.beats = os.getpid(), 0
        return row.slot


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
    """Say that the worker of a slot is alive; a worker that was given up for dead takes its slot back."""
    with transaction() as session:
        row = session.get(JobWorker, slot)
        if row is None:
            row = JobWorker(slot=slot, host=slot.rpartition("/")[0], beats=0)
            session.add(row)
        row.pid, row.beats = os.getpid(), row.beats + 1


class Watch:
    """One worker's memory of the beats of the others."""

    def __init__(self, own: str) -> None:
        self._own = own
        self._seen: dict[str, tuple[int, int]] = {}

    def silent(self) -> list[tuple[str, int]]:
        """Look once, and return the slots (with their count) that left, or did not beat for several looks."""
        with reading() as session:
            others = select(JobWorker.slot, JobWorker.beats).where(JobWorker.slot != self._own).order_by(JobWorker.slot)
            now = {row.slot: row.beats for row in session.execute(others)}
        self._seen = {slot: (beats, self._quiet_looks(slot, beats)) for slot, beats in now.items()}
        return [(slot, beats) for slot, (beats, looks) in self._seen.items() if beats == LEFT or looks >= SILENCE]

    def _quiet_looks(self, slot: str, beats: int) -> int:
        before, looks = self._seen.get(slot, (None, 0))
        return looks + 1 if before == beats else 0


def take(slot: str, beats: int) -> bool:
    """Claim the take-over of a silent slot; False when another worker was first or it beats again."""
    with transaction() as session:
        silent = update(JobWorker).where(JobWorker.slot == slot, JobWorker.beats == beats)
        return session.scalar(silent.values(beats=max(beats, 0) + 1).returning(JobWorker.slot)) is not None


def clear(slot: str) -> None:
    """Forget a slot whose work has been taken over."""
    with transaction() as session:
        session.execute(delete(JobWorker).where(JobWorker.slot == slot))


def leave(slot: str) -> None:
    """Let go of the own slot: whatever it left unfinished may be taken over at once."""
    with transaction() as session:
        session.execute(update(JobWorker).where(JobWorker.slot == slot).values(beats=LEFT))
