"""An SQLite database in a backup: one file, copied while others write, and put in its place in one move."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import IO, BinaryIO, NamedTuple

from app.backups.archive import Packer
from app.backups.snapshot import Snapshot
from app.errors import Refusal

MEMBER = "database.sqlite"


def pack(packer: Packer, database: Path, beside: Path) -> Snapshot:
    """Add the database as it is at one moment; writers go on meanwhile."""
    with closing(sqlite3.connect(database)) as source, _nameless(beside.parent) as copy:
        source.execute("BEGIN")  # what is counted is what is copied
        taken = _counted(source)
        source.backup(copy.connection)
        packer.add_from(MEMBER, copy.file, os.fstat(copy.file.fileno()).st_size)
    return taken


class _Copy(NamedTuple):
    connection: sqlite3.Connection
    file: BinaryIO


@contextmanager
def _nameless(folder: Path) -> Iterator[_Copy]:
    """Open a database in a file that has no name any more: it is not encrypted as a whole, and nothing of it stays when we are killed."""
    handle, name = mkstemp(dir=folder, prefix=".portal-")
    with os.fdopen(handle, "rb") as file:
        try:
            connection = sqlite3.connect(name)
        finally:
            Path(name).unlink()
        with closing(connection):
            connection.execute("PRAGMA journal_mode=OFF")  # a journal would have a name
            connection.execute("PRAGMA synchronous=OFF")
            yield _Copy(connection, file)


def _counted(connection: sqlite3.Connection) -> Snapshot:
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    if "alembic_version" not in tables:
        raise Refusal("backups.no_tables")
    rows = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(tables)}  # noqa: S608 # a name of ours
    head = connection.execute("SELECT sequence, hash FROM audit_head").fetchone() or (0, bytes(32))
    migration = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    return Snapshot("sqlite", migration, head[0], head[1], rows)


def is_empty(database: Path) -> bool:
    """Tell whether nobody did anything in this database yet."""
    if not database.exists() or not database.stat().st_size:
        return True
    with closing(sqlite3.connect(database)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        asked = [name for name in ("audit_event", "organisation", "person") if name in tables]
        return not any(connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in asked)  # noqa: S608 # three names of ours


@contextmanager
def placing(content: IO[bytes], database: Path) -> Iterator[Path]:
    """Write a database beside its place, to be checked by the block; it is put there, in one move, when the block ends well.

    Killed before the move, what was there is untouched. Raises Refusal when a process has the old one open.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    fresh = database.with_name(f"{database.name}.restoring")
    _close(database)
    _remove(fresh)
    try:
        fresh.touch(mode=0o600)
        with fresh.open("wb") as out:
            shutil.copyfileobj(content, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        yield fresh
        _close(database)
        fresh.replace(database)
        _sync(database.parent)
    finally:
        _remove(fresh)


def _remove(database: Path) -> None:
    for left in (database, *_beside(database)):
        left.unlink(missing_ok=True)


def _close(database: Path) -> None:
    """Bring the old database to rest: its log would be taken for the new one's. Only who has it alone can do so."""
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=2)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise Refusal("backups.in_use") from error
    if mode != "delete" or any(path.exists() for path in _beside(database)):
        raise Refusal("backups.in_use")


def _beside(database: Path) -> list[Path]:
    return [database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal")]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rows_of(database: Path) -> dict[str, int]:
    """Count what a database holds, table by table."""
    with closing(sqlite3.connect(database)) as connection:
        return _counted(connection).rows
