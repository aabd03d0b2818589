"""The heads of former days, kept in a file outside the database: whoever rewrites the whole chain there cannot rewrite them here."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

TAIL = 4096  # bytes; the last line is far shorter


class Anchor(NamedTuple):
    """The head of the chain as it was at a moment."""

    sequence: int
    hash: bytes
    at: datetime

    def __str__(self) -> str:
        """Write it as `audit verify --head` takes it."""
        return f"{self.sequence}:{self.hash.hex()}"


class Unreadable(Exception):
    """A line of the file is no anchor: somebody wrote in it by hand."""


_file: Path | None = None
_mail_to: str = ""


def keep_in(folder: Path | None, database: str, mail_to: str) -> None:
    """Set the file in which this process anchors heads (one for each database by its name), and who gets them by mail."""
    global _file, _mail_to
    name = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in database)
    _file, _mail_to = folder and folder / f"audit-heads-{name}.jsonl", mail_to


def file() -> Path | None:
    """Return the file of anchors, or None where the installation names no folder."""
    return _file


def mail_to() -> str:
    """Return the address that gets each head by mail; empty for none."""
    return _mail_to


def append(anchor: Anchor) -> None:
    """Write an anchor behind the others and wait until the disk has it."""
    if _file is None:
        return
    _file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"sequence": anchor.sequence, "hash": anchor.hash.hex(), "at": anchor.at.isoformat()})
    opened = os.open(_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(opened, f"{line}\n".encode())  # one write: two workers never mix their lines
        os.fsync(opened)
    finally:
        os.close(opened)


def every() -> Iterator[Anchor]:
    """Yield all anchors in the order in which they were written. Raises Unreadable."""
    if _file is None or not _file.exists():
        return
    for line in _file.read_text(encoding="utf-8", errors="replace").splitlines():
        yield _read(line)


def last() -> Anchor | None:
    """Return the newest anchor without reading the others. Raises Unreadable, OSError."""
    if _file is None or not _file.exists():
        return None
    with _file.open("rb") as opened:
        opened.seek(max(0, _file.stat().st_size - TAIL))
        lines = opened.read().decode("utf-8", "replace").splitlines()
    return _read(lines[-1]) if lines else None


def _read(line: str) -> Anchor:
    try:
        kept = json.loads(line)
        return Anchor(int(kept["sequence"]), bytes.fromhex(kept["hash"]), datetime.fromisoformat(kept["at"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(line[:80]) from error
