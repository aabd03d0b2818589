"""A PostgreSQL database in a backup: every table of one moment by COPY, and all of them put back in one transaction.

It needs no program of PostgreSQL's on this machine, and no version of it that fits the server's.
"""

import time
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from typing import IO, Any

from psycopg import Connection, Cursor
from psycopg.sql import SQL, Identifier

from app.backups.archive import Packer
from app.backups.snapshot import Snapshot
from app.errors import Refusal

SCHEMAS = ["public", "dbos"]  # the second is the job engine's
OWN_ACCOUNT = {"public.alembic_version", "dbos.dbos_migrations"}  # made by the migrations of whoever restores
PART = 4 << 20  # bytes of rows in one member
PATIENCE = 2.0  # seconds that somebody who is just leaving gets
Raw = Connection[Any]

_TABLES = """
    SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relkind = 'r' AND n.nspname = ANY(%s) GROUP BY 1 ORDER BY 1"""
_REFERENCES = """
    SELECT n.nspname || '.' || c.relname, m.nspname || '.' || d.relname
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class d ON d.oid = k.confrelid JOIN pg_namespace m ON m.oid = d.relnamespace
    WHERE k.contype = 'f' AND n.nspname = ANY(%s) AND c.oid <> d.oid"""
_SEQUENCES = "SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences WHERE schemaname = ANY(%s) AND last_value IS NOT NULL"
_FORCED = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relforcerowsecurity AND n.nspname = ANY(%s)"""
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"""  # of another's, who asks sees little else


def pack(packer: Packer, raw: Raw) -> Snapshot:
    """Add every table as the transaction of `raw` sees it, which is one moment (REPEATABLE READ) of all rows."""
    columns = _tables(raw)
    if "public.alembic_version" not in columns:
        raise Refusal("backups.no_tables")
    order = [name for name in _in_order(raw, columns) if name not in OWN_ACCOUNT]
    rows = {name: _pack_table(packer, raw, name, columns[name]) for name in order}
    head = raw.execute("SELECT sequence, hash FROM audit_head").fetchone() or (0, bytes(32))
    migration = _one(raw, "SELECT version_num FROM alembic_version")
    sequences = dict(raw.execute(_SEQUENCES, [SCHEMAS]).fetchall())
    return Snapshot("postgresql", migration, head[0], bytes(head[1]), rows, {name: columns[name] for name in order}, sequences)


def _tables(raw: Raw) -> dict[str, list[str]]:
    return dict(raw.execute(_TABLES, [SCHEMAS]).fetchall())


def _in_order(raw: Raw, tables: Iterable[str]) -> list[str]:
    """Return the tables, each after those that it refers to."""
    before: dict[str, set[str]] = {name: set() for name in tables}
    for name, refers_to in raw.execute(_REFERENCES, [SCHEMAS]).fetchall():
        before[name].add(refers_to)
    return list(TopologicalSorter(before).static_order())


def _pack_table(packer: Packer, raw: Raw, name: str, columns: list[str]) -> int:
    with raw.cursor() as cursor:
        for number, part in enumerate(_parts(cursor, name, columns)):
            packer.add(f"tables/{name}/{number}", part)
        return cursor.rowcount


def _parts(cursor: "Cursor[Any]", name: str, columns: list[str]) -> Iterator[bytes]:
    """Yield the rows of a table in parts of a few megabytes; a query, for COPY of a table itself knows no row-level security."""
    waits = bytearray()
    with cursor.copy(SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_names(columns), _table(name))) as copy:
        for data in copy:
            waits += data
            if len(waits) >= PART:
                yield bytes(waits)
                waits.clear()
    if waits:
        yield bytes(waits)


def _names(columns: Iterable[str]) -> Any:
    return SQL(", ").join(Identifier(column) for column in columns)


def _table(name: str) -> Identifier:
    return Identifier(*name.split(".", 1))


def _one(raw: Raw, query: Any) -> Any:
    found = raw.execute(query).fetchone()
    return found and found[0]


def is_empty(raw: Raw) -> bool:
    """Tell whether nobody did anything in this database yet."""
    there = _tables(raw)
    asked = [name for name in ("public.audit_event", "public.organisation", "public.person") if name in there]
    return not any(_one(raw, SQL("SELECT EXISTS (SELECT FROM {})").format(_table(name))) for name in asked)


def migration_of(raw: Raw) -> str | None:
    """Return the revision that the database is at; None without tables."""
    found: str | None = _one(raw, "SELECT version_num FROM alembic_version") if "public.alembic_version" in _tables(raw) else None
    return found


def refuse_if_in_use(raw: Raw) -> None:
    """Raises Refusal when another process is connected: it could hold old rows in its hands. One that is just leaving is waited for."""
    until = time.monotonic() + PATIENCE
    while _one(raw, _OTHERS):
        if time.monotonic() > until:
            raise Refusal("backups.in_use")
        time.sleep(0.1)
        raw.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction who is connected is looked up once otherwise


class Loader:
    """Puts rows in the place of all there are, inside the transaction of `raw`. Raises Refusal when tables or columns are missing."""

    def __init__(self, raw: Raw, columns: dict[str, list[str]]) -> None:
        self._raw, self._columns = raw, columns
        there = _tables(raw)
        self._all = sorted(set(there) - OWN_ACCOUNT)
        missing = [name for name, asked in columns.items() if not set(asked) <= set(there.get(name, ()))]
        if missing:
            raise Refusal("backups.newer")
        self._forced = [row[0] for row in raw.execute(_FORCED, [SCHEMAS]).fetchall()]
        self.rows: dict[str, int] = dict.fromkeys(columns, 0)

    def clear(self) -> None:
        """Empty every table. What guards the log against changes, and rows against the owner, rests until `finish`."""
        self._alter("DISABLE TRIGGER USER", self._all)
        self._alter("NO FORCE ROW LEVEL SECURITY", self._forced)
        self._raw.execute(SQL("TRUNCATE {}").format(SQL(", ").join(map(_table, self._all))))

    def load(self, member: str, content: IO[bytes]) -> None:
        """Add the rows of one member."""
        name = member.split("/")[1]
        with self._raw.cursor() as cursor:
            with cursor.copy(SQL("COPY {} ({}) FROM STDIN").format(_table(name), _names(self._columns[name]))) as copy:
                while part := content.read(1 << 20):
                    copy.write(part)
            self.rows[name] += cursor.rowcount

    def finish(self, sequences: dict[str, int]) -> None:
        """Let new rows be numbered on from the last, and set the guards again."""
        for name, last in sequences.items():
            self._raw.execute("SELECT setval(%s::regclass, %s)", [name, last])
        self._alter("FORCE ROW LEVEL SECURITY", self._forced)
        self._alter("ENABLE TRIGGER USER", self._all)

    def _alter(self, what: str, tables: Iterable[str]) -> None:
        for name in tables:
            self._raw.execute(SQL("ALTER TABLE {} {}").format(_table(name), SQL(what)))
