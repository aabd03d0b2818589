"""The database: base class, column types, engine, and `transaction()`, the only place that commits."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy import Connection, Dialect, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from app.clock import today
from app.config import FieldKeys
from app.errors import Conflict, Refusal
from app.reach import PORTAL, Reach, reach_now
from app.sealing import seal_with, sealed, unsealed

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

_engine: Engine
_reader: Engine
_open: ContextVar[bool] = ContextVar("open", default=False)
_page: ContextVar[Session | None] = ContextVar("page", default=None)

MIGRATIONS = Path(__file__).parent.parent / "migrations"
REF_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without look-alikes: 0 O, 1 I L, U V


class Retention(StrEnum):
    """How long rows of a table are kept (domain.md, Privacy: the city sets the terms, the Wgs has none)."""

    CASE = "5 years after the case is closed"
    COMPLAINT = "5 years after the complaint is closed"
    SIGNAL = "6 months without an attempt, 2 years after the last one"
    ATTEMPT = "2 years"
    RELATION = "as long as the organisation takes part"
    ACCOUNT = "1 year after the last membership ended"
    AUDIT = "7 years"
    PASSING = "90 days"


def kept(retention: Retention, *, tenant: str | None = None) -> dict[str, Any]:
    """Declare a table's retention class and the column that says whose rows they are (None: the city's alone)."""
    return {"info": {"retention": retention, "tenant": tenant}}


# ── column types ─────────────────────────────────────────────────────────────


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept in UTC. Naive moments are refused: they are a bug."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without time zone")
        return value and (value if value.tzinfo is UTC else value.astimezone(UTC))

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC))


class Encrypted(sa.types.TypeDecorator[Any]):
    """A personal value: AES-256-GCM with the key's number and a fresh nonce before it, bound to its column's name.

    `EncryptedText("client.surname")`: the name is authenticated, so a value copied into another column does not open.
    """

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else sealed(self.packed(value), self.column)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else self.unpacked(unsealed(value, self.column))

    def packed(self, value: Any) -> bytes:
        return bytes(value)

    def unpacked(self, content: bytes) -> Any:
        return content


class EncryptedBytes(Encrypted):
    """A file with personal data."""

    cache_ok = True


class EncryptedText(Encrypted):
    cache_ok = True

    def packed(self, value: str) -> bytes:
        return value.encode()

    def unpacked(self, content: bytes) -> str:
        return content.decode()


class EncryptedDate(Encrypted):
    cache_ok = True

    def packed(self, value: date) -> bytes:
        return value.isoformat().encode()

    def unpacked(self, content: bytes) -> date:
        return date.fromisoformat(content.decode())


def new_ref(prefix: str) -> str:
    """Return a fresh public reference such as `A-7K3M-9QX2`; 30^8 of them, so guessing one finds nothing."""
    code = "".join(secrets.choice(REF_ALPHABET) for _ in range(8))
    return f"{prefix}-{code[:4]}-{code[4:]}"


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        list[Any]: sa.JSON(),
        Enum: sa.Enum(
            Enum,
            native_enum=False,
            create_constraint=True,
            length=40,
            validate_strings=True,
            values_callable=lambda e: [m.value for m in e],
        ),
    }


# ── engine ───────────────────────────────────────────────────────────────────


def create_engine(url: str, patience: int = 30) -> Engine:
    """Open the database: SQLite with WAL, full durability and real transactions; PostgreSQL through psycopg.

    Nobody waits longer than `patience` seconds for what another has locked, nor twenty times that for an answer.
    """
    if not url.startswith("sqlite"):  # parameters hold names: never in a log
        limits = {"connect_timeout": 5, "options": f"-c lock_timeout={patience}s -c statement_timeout={20 * patience}s"}
        return sa.create_engine(url, connect_args=limits, pool_pre_ping=True, hide_parameters=True)
    in_memory: dict[str, Any] = {"poolclass": StaticPool} if url == "sqlite://" else {}
    engine = sa.create_engine(url, connect_args={"check_same_thread": False, "timeout": patience}, hide_parameters=True, **in_memory)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late: a rolled-back change would stay
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-32000",
        "mmap_size=268435456",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once (a later upgrade could deadlock); a reader takes none and may not write."""
    reads = connection.get_execution_options().get("reads_only", False)
    if connection.info.get("reads_only") != reads:  # it stays as it is until it is changed
        connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
        connection.info["reads_only"] = reads
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def bind(engine: Engine, keys: FieldKeys) -> None:
    """Set the database and the keys of personal columns for this process."""
    global _engine, _reader
    _engine = engine
    _reader = engine.execution_options(reads_only=True, postgresql_readonly=True)
    seal_with(keys)


def engine() -> Engine:
    """Return the bound engine, for migrations and the job engine; features use transaction() and reading()."""
    return _engine


def migrate(target: str = "head") -> None:
    """Bring the bound database to a revision of migrations/ (`head`: the newest), one transaction for all steps."""
    from alembic import command  # takes a third of a second to import, and only `portal migrate` needs it

    with _engine.begin() as connection:
        _set_reach(connection, PORTAL)  # a step that changes rows changes all of them
        command.upgrade(migrations(connection), target)


def let_serve(role: str) -> None:
    """Give the PostgreSQL role under which web and worker run what they need, and no more: it owns nothing and cannot edit the audit."""
    name = _engine.dialect.identifier_preparer.quote(role)
    with _engine.begin() as connection:
        for right in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}",
            "REVOKE UPDATE, DELETE ON audit_event FROM {}",
            "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {}",
        ):
            connection.exec_driver_sql(right.format(name))


def is_postgresql() -> bool:
    return _engine.dialect.name == "postgresql"


def is_walled() -> bool:
    """Tell whether row-level security holds for who is connected: PostgreSQL, and a role that owns nothing and is not above it."""
    if not is_postgresql():
        return False
    with _engine.connect() as connection:
        return not connection.scalar(_ABOVE_THE_WALL)


_ABOVE_THE_WALL = sa.text(
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid AND relkind = 'r' "
    "AND relnamespace = 'public'::regnamespace) FROM pg_roles WHERE rolname = current_user"
)


def migrations(connection: Connection) -> "AlembicConfig":
    """Return Alembic's configuration for one connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def make_haste() -> None:
    """Let this process's commits not wait for the disk (SQLite): for data that can be made again, such as the demo."""
    if _engine.dialect.name == "sqlite":
        event.listen(_engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        _engine.dispose()


# ── sessions ─────────────────────────────────────────────────────────────────


@contextmanager
def transaction(*, as_portal: bool = False) -> Iterator[Session]:
    """Open the one transaction of a use case: commit at its end, roll back whatever leaves it by an exception.

    Rows are locked in one order everywhere, so that two use cases never wait for each other: sign-ups, organisations, proposals,
    cases, offers (by proposal), balance requests, statements, claims, notices; within a kind by id; and the head of the audit log last.
    `as_portal` is for acts of the portal itself, such as finding out who signs in: they reach every row.
    Raises Conflict when a row changed since it was read, RuntimeError when a transaction is open already.
    """
    if _open.get():
        raise RuntimeError("a use case called another use case")
    token = _open.set(True)
    counts: list[Callable[[Session], None]] = []
    try:
        with _session(_engine, as_portal=as_portal) as session, session.begin():
            session.info["even_if_refused"] = counts
            yield session
            _run_before_commit(session)
    except StaleDataError as error:
        raise Conflict from error
    except Refusal:
        for count in counts:
            with _session(_engine, as_portal=True) as session, session.begin():
                count(session)
                _run_before_commit(session)
        raise
    finally:
        _open.reset(token)


@contextmanager
def reading(*, as_portal: bool = False) -> Iterator[Session]:
    """Open a session for a page that only shows; the database refuses its writes. `as_portal` as in transaction()."""
    with _session(_reader, as_portal=as_portal) as session:
        yield session


@contextmanager
def reading_page() -> Iterator[Session]:
    """Open a session for a page and what is drawn around it: within it the menu reads in the same transaction."""
    if opened := _page.get():
        yield opened
        return
    with _session(_reader, as_portal=False) as session:
        token = _page.set(session)
        try:
            yield session
        finally:
            _page.reset(token)


class _Told(Session):
    """A session that tells the database how far it sees."""


def _session(engine: Engine, *, as_portal: bool) -> Session:
    return _Told(engine, info={"reach": PORTAL} if as_portal else {})


# ── how far a session sees ───────────────────────────────────────────────────


@contextmanager
def as_portal(session: Session) -> Iterator[None]:
    """Let a part of somebody's use case touch the rows of others, such as closing the agreement that its answer completes.

    An exception that leaves the block must leave the transaction too: the reach ends with it.
    """
    session.flush()  # what was changed until here is judged by the reach of who changed it
    before = session.info.get("reach")
    session.info["reach"] = PORTAL
    _tell_reach(session, None, session.connection())
    yield
    session.flush()
    session.info["reach"] = before
    _tell_reach(session, None, session.connection())


_SET = sa.text(
    "SELECT set_config('app.organisation_id', :organisation, true), set_config('app.person_id', :person, true), "
    "set_config('app.team', :team, true), set_config('app.areas', :areas, true), set_config('app.today', :today, true)"
)


def _tell_reach(session: Session, _: object, connection: Connection) -> None:
    _set_reach(connection, session.info.get("reach") or reach_now())


event.listen(_Told, "after_begin", _tell_reach)  # once for all sessions: a page opens several


def _set_reach(connection: Connection, reach: Reach) -> None:
    """Tell PostgreSQL, until this transaction ends, how far its row-level security lets it see; SQLite has none."""
    if connection.dialect.name != "postgresql":
        return
    connection.execute(
        _SET,
        {
            "organisation": str(reach.organisation_id or ""),
            "person": str(reach.person_id or ""),
            "team": reach.team,
            "areas": f" {' '.join(sorted(reach.areas))} ",
            "today": today().isoformat(),
        },
    )


def before_commit(session: Session, act: Callable[[Session], None]) -> None:
    """Let `act` run once, after everything else in this transaction and before its commit."""
    acts = cast(list[Callable[[Session], None]], session.info.setdefault("before_commit", []))
    if act not in acts:
        acts.append(act)


def even_if_refused(session: Session, act: Callable[[Session], None]) -> None:
    """Let `act` be kept although a Refusal rolls everything else back: for counting what failed, such as a wrong code."""
    cast(list[Callable[[Session], None]], session.info["even_if_refused"]).append(act)


def _run_before_commit(session: Session) -> None:
    session.flush()
    for act in session.info.pop("before_commit", []):
        act(session)
