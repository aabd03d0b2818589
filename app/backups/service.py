"""Write a whole installation into one file, and put it back: first read to its end, then placed beside, then swapped in one move."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from app import db
from app.access import SYSTEM
from app.accounts.models import SignIn
from app.audit import anchors
from app.audit.service import record, verify
from app.backups import archive, postgres, sqlite
from app.backups.archive import Packer
from app.backups.manifest import NAME, Manifest
from app.backups.snapshot import Snapshot
from app.clock import now
from app.documents import files
from app.errors import Refusal
from app.jobs.service import prepare
from app.site.health import BACKUP

Ring = Mapping[int, bytes]


@dataclass(frozen=True)
class Restored:
    """What was put back: what the archive said, how many events its log holds (each as it was written), and the last one anchored."""

    manifest: Manifest
    events: int
    anchored: int


def back_up(path: Path, ring: Ring) -> Manifest:
    """Write database, waiting work and documents of this moment to `path`, which must not exist. Web and worker go on.

    Documents come after the database: each lies there before its row does, so none that a row names is missing.
    """
    with _in_words("backups.unwritable", file=str(path)), archive.written(path, ring) as packer:
        taken = _pack_database(packer, path)
        manifest = Manifest(
            portal=version("schuldeisersportaal"),
            made_at=now().isoformat(),
            database=taken.database,
            migration=taken.migration,
            audit_sequence=taken.audit_sequence,
            audit_hash=taken.audit_hash.hex(),
            rows=taken.rows,
            columns=taken.columns,
            sequences=taken.sequences,
            documents=_pack_documents(packer),
        )
        packer.add(NAME, manifest.as_json())
    with db.transaction(as_portal=True) as session:
        _note(session, BACKUP[1], manifest)
    return manifest


def _pack_database(packer: Packer, path: Path) -> Snapshot:
    if _is_sqlite():
        return sqlite.pack(packer, _file(), path)
    with db.reading(as_portal=True) as session:
        connection = session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return postgres.pack(packer, _raw(connection))


def _pack_documents(packer: Packer) -> int:
    """Add every document as it lies on disk; one that retention takes away meanwhile is missed by nobody."""
    count = 0
    for name in files.names():
        with suppress(FileNotFoundError), files.kept(name).open("rb") as file:
            packer.add_from(f"documents/{name}", file, os.fstat(file.fileno()).st_size)
            count += 1
    return count


def restore(path: Path, ring: Ring, *, replace: bool) -> Restored:
    """Put an archive in the place of this installation's content. Raises Refusal before anything is touched.

    The database is written and checked first, but counts only at the end, in one move. Before that move the documents are put there:
    they are known by their content, so more of them harm nobody, and no row ever lacks its document. Killed anywhere, what is
    there is the old or the new, and the same command again makes it the new.
    """
    placing = _placing_sqlite if _is_sqlite() else _placing_postgres
    with _in_words("backups.not_ready"):
        manifest = _checked(path, ring)
        _refuse_unfit(manifest)
        _refuse_filled(replace=replace)
        with placing(path, ring, manifest) as events:
            named = _place_documents(path, ring)
        if replace:
            for name in [name for name in files.names() if name not in named]:
                files.remove(name)
    _note_restored(manifest)
    return Restored(manifest, events, _last_anchored())


def _checked(path: Path, ring: Ring) -> Manifest:
    """Read an archive to its end and return what it says of itself: the last member, so that none behind it can be missing."""
    manifest = None
    for name, content in archive.members(path, ring):
        manifest = Manifest.parse(content.read()) if name == NAME else None
    if manifest is None:
        raise Refusal("backups.cut_off")
    return manifest


def _refuse_unfit(manifest: Manifest) -> None:
    ours = "sqlite" if _is_sqlite() else "postgresql"
    if manifest.database != ours:
        raise Refusal("backups.other_database", theirs=manifest.database, ours=ours)
    if not list((db.MIGRATIONS / "versions").glob(f"{manifest.migration}_*.py")):
        raise Refusal("backups.newer")


def _refuse_filled(*, replace: bool) -> None:
    if _is_sqlite():
        empty = sqlite.is_empty(_file())
    else:
        with db.reading(as_portal=True) as session:
            empty = postgres.is_empty(_raw(session.connection()))
    if not empty and not replace:
        raise Refusal("backups.not_empty")


def _place_documents(path: Path, ring: Ring) -> set[str]:
    """Put the documents there that are not, or that do not open; one that does may have a newer key than its copy."""
    named = set()
    for name, content in archive.members(path, ring):
        folder, _, document = name.partition("/")
        if folder == "documents":
            if not files.opens(document):
                files.keep(document, content.read())
            named.add(document)
    return named


def _last_anchored() -> int:
    """Return the number of the event that was anchored last; 0 when there is none, or somebody wrote in the file."""
    with suppress(anchors.Unreadable, OSError):
        last = anchors.last()
        return last.sequence if last else 0
    return 0


# ── SQLite ───────────────────────────────────────────────────────────────────


@contextmanager
def _placing_sqlite(path: Path, ring: Ring, manifest: Manifest) -> Iterator[int]:
    db.engine().dispose()
    members = archive.members(path, ring)  # named, for it is read on while its content is
    content = next(content for name, content in members if name == sqlite.MEMBER)
    with sqlite.placing(content, _file()) as fresh:
        _refuse_other_counts(manifest, sqlite.rows_of(fresh))
        engine = db.create_engine(f"sqlite:///{fresh}")
        with engine.connect() as connection:
            events = _whole_chain(connection, manifest)
        engine.dispose()
        yield events


# ── PostgreSQL ───────────────────────────────────────────────────────────────


@contextmanager
def _placing_postgres(path: Path, ring: Ring, manifest: Manifest) -> Iterator[int]:
    with _as_owner():
        db.engine().dispose()
        with db.reading(as_portal=True) as session:
            postgres.refuse_if_in_use(_raw(session.connection()))
        prepare(db.engine().url.render_as_string(hide_password=False))
        db.engine().dispose()
        with db.engine().begin() as connection:
            raw = _raw(connection)
            postgres.refuse_if_in_use(raw)
            _bring_to(connection, manifest.migration)
            loader = postgres.Loader(raw, manifest.columns)
            loader.clear()
            for name, content in archive.members(path, ring):
                if name.startswith("tables/"):
                    loader.load(name, content)
            _refuse_other_counts(manifest, loader.rows)
            events = _whole_chain(connection, manifest)  # while row-level security rests: the owner sees every event
            loader.finish(manifest.sequences)
            yield events


@contextmanager
def _as_owner() -> Iterator[None]:
    """Turn a missing right into a sentence: tables are replaced by who owns them."""
    try:
        yield
    except Exception as error:
        if isinstance(getattr(error, "orig", error), InsufficientPrivilege):
            raise Refusal("backups.no_right") from error
        raise


def _bring_to(connection: Connection, migration: str) -> None:
    """Give the database the tables of the archive's own moment; `portal migrate` brings them to today's afterwards."""
    from alembic import command  # takes a third of a second to import, and only this needs it

    there = postgres.migration_of(_raw(connection))
    if there != migration:
        settings = db.migrations(connection)
        if there is not None:
            command.downgrade(settings, "base")
        command.upgrade(settings, migration)


# ── both ─────────────────────────────────────────────────────────────────────


@contextmanager
def _in_words(code: str, **facts: str) -> Iterator[None]:
    """Turn what the disk or the database says half-way, such as that it is full, into a sentence."""
    try:
        yield
    except (OSError, sqlite3.Error, psycopg.Error) as error:
        reason = getattr(error, "strerror", None) or f"{error}".splitlines()[0]
        raise Refusal(code, reason=reason, **facts) from error


def _refuse_other_counts(manifest: Manifest, rows: dict[str, int]) -> None:
    wrong = [name for name in manifest.rows | rows if manifest.rows.get(name) != rows.get(name)]
    if wrong:
        raise Refusal("backups.rows_missing", table=", ".join(sorted(wrong)))


def _whole_chain(connection: Connection, manifest: Manifest) -> int:
    """Return how many events the log holds. Raises Refusal with the first that is not as it was written."""
    with Session(connection) as session:
        events, fault = verify(session)
    if fault is None and events != manifest.audit_sequence:
        fault = (events, "cut off")
    if fault:
        raise Refusal("backups.chain_broken", event=fault[0], reason=fault[1])
    return events


def _note_restored(manifest: Manifest) -> None:
    """Write to the log that a copy was put back; everybody signs in again, for sessions that were ended since came back open with it."""
    with db.transaction(as_portal=True) as session:
        session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now()))
        _note(session, "backups:restore", manifest)


def _note(session: Session, action: str, manifest: Manifest) -> None:
    """Write to the log that a copy was made or put back, with the moment that it holds."""
    record(session, SYSTEM, action, BACKUP[0], made_at=(None, manifest.made_at), events=(None, manifest.audit_sequence))


def _is_sqlite() -> bool:
    return db.engine().dialect.name == "sqlite"


def _file() -> Path:
    return Path(db.engine().url.database or "")


def _raw(connection: Connection) -> Any:
    """Return psycopg's own connection, for COPY."""
    return connection.connection.driver_connection
