"""Use case of changing keys: encrypt every personal column, and every file, anew with the newest key of the ring.

Each piece is a transaction of its own, and a value is replaced only while it still is what was read: the portal runs on
meanwhile, and a run that broke off is finished by the next. Afterwards the old key can leave the ring.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, bindparam, func, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.accounts.models import RecoveryCode
from app.audit.service import record
from app.cases.models import BalanceRequest, Case
from app.db import Base, EncryptedBytes, EncryptedDate, EncryptedText, reading, transaction
from app.documents import files
from app.early_signals.filing import rekey
from app.early_signals.models import Signal
from app.proposals.models import Offer
from app.sealing import blind_index, key_numbers, newest_key

ENCRYPTED = (EncryptedText, EncryptedDate, EncryptedBytes)
ROWS = 500
PASSES = 5  # over a column in which others write meanwhile
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Status:
    """How many values each key still holds, per column; of files by the key's number, 0 for plain ones."""

    newest: int
    columns: dict[str, dict[int, int]]
    files: dict[int, int]
    recovery_codes: int

    def held_by(self, number: int) -> int:
        """Return how much a key still holds: nothing means that it may leave the ring."""
        return sum(counts.get(number, 0) for counts in self.columns.values()) + self.files.get(number, 0)


@dataclass
class Rotated:
    """How many values, files and indexes a run made anew, and which files do not open."""

    values: Counter[str] = field(default_factory=Counter)
    files: int = 0
    broken: list[str] = field(default_factory=list)
    indexes: Counter[str] = field(default_factory=Counter)


def key_status() -> Status:
    """Count what each key holds."""
    with reading(as_portal=True) as session:
        columns = {f"{column.table.name}.{column.name}": _held(session, column) for table in _tables() for column in _encrypted(table)}
        codes = session.scalar(select(func.count()).select_from(RecoveryCode).where(RecoveryCode.used_at.is_(None))) or 0
    return Status(newest_key(), columns, dict(sorted(Counter(map(files.key_of, files.names())).items())), codes)


def rotate_keys(*, actor: Actor = SYSTEM, indexes: bool = False, progress: Progress | None = None) -> Rotated:
    """Encrypt with the newest key what has an older one; with `indexes` also compute the blind indexes anew. The audit tells it."""
    done = Rotated()
    for table in _tables():
        _rotate_table(table, done, progress)
    done.files, done.broken = files.renew()
    if indexes:
        for index in INDEXES:
            _compute(index, done, progress)
        _rekey_signals(done, progress)
    with transaction(as_portal=True) as session:
        numbers = {**done.values, **done.indexes, "files": done.files}
        told: dict[str, Any] = {name: (None, number) for name, number in numbers.items() if number}
        record(session, actor, "keys:rotate", f"keys/{newest_key()}", **told)
    return done


# ── values ───────────────────────────────────────────────────────────────────


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if _encrypted(table)]


def _encrypted(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, ENCRYPTED)]


def _raw(column: Column[Any]) -> ColumnElement[bytes]:
    """Say a column as the bytes that are kept."""
    return type_coerce(column, LargeBinary)


def _number(column: Column[Any]) -> ColumnElement[bytes]:
    return func.substr(_raw(column), 1, 1, type_=LargeBinary)


def _held(session: Session, column: Column[Any]) -> dict[int, int]:
    name = "number_of_its_key"  # no column's: PostgreSQL groups by a column of that name before it looks at what was asked for
    number = _number(column).label(name)
    found = session.execute(select(number, func.count()).where(column.is_not(None)).group_by(name).order_by(name))
    return {row[0][0]: row[1] for row in found}


def _rotate_table(table: Table, done: Rotated, progress: Progress | None) -> None:
    columns, (key,) = _encrypted(table), table.primary_key.columns
    is_old = or_(*(_number(column) != bytes([newest_key()]) for column in columns))
    for _ in range(PASSES):
        with reading(as_portal=True) as session:
            keys = list(session.scalars(select(key).where(is_old).order_by(key)))
        if not keys:
            return
        for start in range(0, len(keys), ROWS):
            with transaction(as_portal=True) as session:
                _rotate_rows(session, key, columns, keys[start : start + ROWS], done)
            if progress:
                progress(min(start + ROWS, len(keys)), len(keys))


def _rotate_rows(session: Session, key: Column[Any], columns: list[Column[Any]], keys: Sequence[Any], done: Rotated) -> None:
    for column in columns:
        old = select(key, _raw(column), column).where(key.in_(keys), _number(column) != bytes([newest_key()])).order_by(key)
        values = [{"row": row[0], "kept": row[1], "value": row[2]} for row in session.execute(old)]
        if values:
            same = (key == bindparam("row")) & (_raw(column) == bindparam("kept", type_=LargeBinary))
            written = update(column.table).where(same).values({column.name: bindparam("value", type_=column.type)})
            session.connection().execute(written, values)
            done.values[f"{column.table.name}.{column.name}"] += len(values)


# ── blind indexes ────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Index:
    """A column of blind indexes, and the encrypted column from which they are computed."""

    of: Any
    key: Any
    source: Any


INDEXES = (
    Index(Case.bsn_index, Case.id, Case.bsn),
    Index(Case.surname_index, Case.id, Case.surname),
    Index(Offer.surname_index, Offer.id, Case.surname),
    Index(Offer.code_index, Offer.id, Offer.code),
    Index(BalanceRequest.surname_index, BalanceRequest.id, Case.surname),
    Index(BalanceRequest.code_index, BalanceRequest.id, BalanceRequest.code),
)


def _compute(index: Index, done: Rotated, progress: Progress | None) -> None:
    with reading(as_portal=True) as session:
        keys = list(session.scalars(select(index.key).order_by(index.key)))
    for start in range(0, len(keys), ROWS):
        with transaction(as_portal=True) as session:
            done.indexes[str(index.of)] += _compute_rows(session, index, keys[start : start + ROWS])
        if progress:
            progress(min(start + ROWS, len(keys)), len(keys))


def _compute_rows(session: Session, index: Index, keys: Sequence[int]) -> int:
    """Compute the indexes of some rows, each as long as it is what was read; what was emptied has none."""
    rows = select(index.key, index.of, index.source).where(index.key.in_(keys)).order_by(index.key)
    if index.source.class_ is not index.key.class_:
        rows = rows.join(Case, Case.id == index.key.class_.case_id)
    table = index.of.class_.__table__
    found = [(row[0], row[1], _index(row[2])) for row in session.execute(rows)]
    changed = [{"row": row, "kept": kept, "value": anew} for row, kept, anew in found if anew not in {None, kept}]
    if changed:
        same = (table.c.id == bindparam("row")) & table.c[index.of.key].is_not_distinct_from(bindparam("kept", type_=LargeBinary))
        written = update(table).where(same).values({index.of.key: bindparam("value", type_=LargeBinary)})
        session.connection().execute(written, changed)
    return len(changed)


def _rekey_signals(done: Rotated, progress: Progress | None) -> None:
    """Compute anew what early signals are found and matched by: several columns make one of their keys."""
    with reading(as_portal=True) as session:
        ids = list(session.scalars(select(Signal.id).order_by(Signal.id)))
    for start in range(0, len(ids), ROWS):
        with transaction(as_portal=True) as session:
            done.indexes["Signal.keys"] += rekey(session, ids[start : start + ROWS])
        if progress:
            progress(min(start + ROWS, len(ids)), len(ids))


def _index(value: str | None) -> bytes | None:
    return blind_index(value) if value else None


def told(status: Status) -> Iterator[tuple[int, int]]:
    """Yield each key's number with how much it holds: those of the ring, and those that something still needs."""
    numbers = {number for counts in status.columns.values() for number in counts}
    for number in sorted(numbers | set(status.files) | set(key_numbers())):
        yield number, status.held_by(number)
