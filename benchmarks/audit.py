"""P10: verify a chain of audit events, against reading the same rows and hashing as many bytes."""

import hashlib
import sys
import tempfile
from pathlib import Path

from sqlalchemy import select

from app import connect, db
from app.access import SYSTEM
from app.audit.chain import Link
from app.audit.models import Event
from app.audit.service import record, verify
from app.config import FieldKeys, Settings
from benchmarks.report import Measure, finish, side_by_side

EVENTS = 1_000_000 if "--whole" in sys.argv else 200_000  # a million takes minutes to write; the ratio is the same
CHUNK = 20_000


def fill() -> None:
    for first in range(0, EVENTS, CHUNK):
        with db.transaction() as session:
            for number in range(first, first + CHUNK):
                record(session, SYSTEM, "offers:answer", f"offer/A-{number:08}", concerns_id=number % 40, state=("open", "accepted"))


def read_and_hash() -> None:
    columns = [getattr(Event, name) for name in Link._fields]
    with db.reading() as session:
        for row in session.execute(select(*columns).order_by(Event.sequence), execution_options={"yield_per": 10_000}):
            hashlib.sha256("".join(map(str, row)).encode()).digest()


def verify_all() -> None:
    with db.reading() as session:
        assert verify(session) == (EVENTS, None)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        keys = FieldKeys.parse(FieldKeys.generate())
        connect(Settings("development", f"sqlite:///{folder}/audit.sqlite", "x", keys, "", "console:", Path(folder)))
        db.migrate()
        fill()
        floor, ours = side_by_side(read_and_hash, verify_all, rounds=3)
        db.engine().dispose()
    finish("P10 audit verify", [Measure(f"{EVENTS:,} events", floor, ours, 3.0)])


if __name__ == "__main__":
    main()
