"""A sheet says which columns a file has and what they mean; reading gives typed rows, and rejects with their reason."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from app.errors import Refusal
from app.exchange.cells import Parser
from app.exchange.limits import LIMITS, Limits
from app.exchange.reading import Record, Source, Table, open_table

REASON = "Reden"  # the column that a rejects file adds

V = TypeVar("V", bound=tuple[Any, ...])


@dataclass(frozen=True)
class Column:
    """One column: its head in the file, the field it fills, how a cell is read; a required one is there and never empty."""

    name: str
    field: str
    parse: Parser
    required: bool = False
    default: object = None
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet(Generic[V]):
    """The columns of one kind of file, the named tuple that a row becomes, and the columns that make a row unique."""

    name: str
    of: type[V]
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fields = tuple(column.field for column in self.columns)
        if fields != getattr(self.of, "_fields", None):
            raise TypeError(f"sheet {self.name}: its columns fill {fields}, in another order than {self.of.__name__}")
        if unknown := set(self.key) - {column.name for column in self.columns}:
            raise TypeError(f"sheet {self.name}: its key names no column: {unknown}")


class Row(NamedTuple, Generic[V]):
    """A row that can be taken: its line in the file, its values and its cells as they stood."""

    line: int
    values: V
    cells: list[str]


class Flaw(NamedTuple):
    """What is wrong, or odd, in one column (None: in the row as a whole): a code with facts; words are said elsewhere."""

    column: str | None
    code: str
    facts: dict[str, object]


class Reject(NamedTuple):
    """A row that cannot be taken: every flaw found, and the cells as they stood."""

    line: int
    flaws: tuple[Flaw, ...]
    cells: list[str]


class Notice(NamedTuple):
    """Something worth telling about a row that was taken."""

    line: int
    flaw: Flaw


Check = Callable[[Row[V]], None]


class Reading(Generic[V]):
    """The rows of one open file. Walk it once; what cannot be taken gathers in `rejects` meanwhile."""

    def __init__(self, sheet: Sheet[V], table: Table, checks: Sequence[Check[V]]) -> None:
        self.sheet, self.head, self.checks = sheet, table.head, checks
        self.notices: list[Notice] = []
        self._records = table.records
        self._rejects: list[Reject] = []
        self._places, self.unknown = _places(sheet, table.head)
        self.absent = frozenset(column.field for place, column in enumerate(sheet.columns) if place not in self._places)
        self._steps = [(at, place, sheet.columns[place].parse, sheet.columns[place].required) for place, at in self._places.items()]
        self._blank: list[Any] = [column.default for column in sheet.columns]
        key = [place for place, column in enumerate(sheet.columns) if column.name in sheet.key]
        self._key_of = itemgetter(*key) if key else None
        self._lines: dict[object, int] = {}

    @property
    def rejects(self) -> list[Reject]:
        """Every reject so far, in line order, also those that came later from `reject`."""
        return sorted(self._rejects, key=lambda reject: reject.line)

    def reject(self, row: Row[V], column: str | None, code: str, **facts: object) -> None:
        """Turn down a row that was read well, for a reason only the feature knows."""
        self._rejects.append(Reject(row.line, (Flaw(column, code, facts),), row.cells))

    def notice(self, row: Row[V], column: str | None, code: str, **facts: object) -> None:
        """Remember something to tell about a row that is taken."""
        self.notices.append(Notice(row.line, Flaw(column, code, facts)))

    def batches(self, size: int = 1000) -> Iterator[list[Row[V]]]:
        """Give the good rows in lists of at most `size`, for checks and inserts many at a time."""
        rows = iter(self)
        while batch := list(islice(rows, size)):
            yield batch

    def __iter__(self) -> Iterator[Row[V]]:
        for record in self._records:
            try:
                row = self._row(record)
                for check in self.checks:
                    check(row)
                self._must_be_first(row)
            except Refusal as refusal:
                self._rejects.append(Reject(record.line, self._flaws(record, refusal), record.cells))
            else:
                yield row

    def _row(self, record: Record) -> Row[V]:
        line, cells, flaw = record
        if flaw:
            raise Refusal(flaw)
        if len(cells) != len(self.head):
            self._must_fit(cells)
        values = self._blank.copy()
        for at, place, parse, required in self._steps:
            cell = cells[at]
            if cell and (cell := cell.strip(" ")):
                values[place] = parse(cell)
            elif required:
                raise Refusal("exchange.empty")
        return Row(line, self.sheet.of(*values), cells)

    def _must_fit(self, cells: list[str]) -> None:
        width = len(self.head)
        if len(cells) < width or any(cells[width:]):
            raise Refusal("exchange.ragged", expected=width, found=len(cells))

    def _must_be_first(self, row: Row[V]) -> None:
        earlier = self._lines.setdefault(self._key_of(row.values), row.line) if self._key_of else row.line
        if earlier != row.line:
            raise Refusal("exchange.duplicate", earlier=earlier)

    def _flaws(self, record: Record, refusal: Refusal) -> tuple[Flaw, ...]:
        """Name every cell that is wrong, so that a row is mended once; else what was wrong with the row as a whole."""
        flaws = []
        for place, at in self._places.items() if refusal.code not in WHOLE_ROW else ():
            column = self.sheet.columns[place]
            try:
                _read(column, record.cells[at].strip(" "))
            except Refusal as found:
                flaws.append(Flaw(column.name, found.code, found.facts))
        return tuple(flaws) or (Flaw(refusal.field, refusal.code, refusal.facts),)


WHOLE_ROW = {"exchange.ragged", "exchange.quote_misplaced", "exchange.duplicate"}


def _read(column: Column, cell: str) -> object:
    if not cell and column.required:
        raise Refusal("exchange.empty")
    return column.parse(cell) if cell else column.default


def _plain(head: str) -> str:
    return "".join(head.split()).casefold()


def _places(sheet: Sheet[V], head: tuple[str, ...]) -> tuple[dict[int, int], tuple[str, ...]]:
    """Find where in the file each column of the sheet stands, and which heads are not in it.

    Raises Refusal when a required one is missing or one stands there twice.
    """
    known = {_plain(name): place for place, column in enumerate(sheet.columns) for name in (column.name, *column.synonyms)}
    found: dict[int, int] = {}
    unknown = []
    for at, name in enumerate(head):
        place = known.get(_plain(name))
        if place is None:
            unknown.append(name)
        elif place in found:
            raise Refusal("exchange.column_twice", column=sheet.columns[place].name)
        else:
            found[place] = at
    missing = [column.name for place, column in enumerate(sheet.columns) if column.required and place not in found]
    if missing:
        raise Refusal("exchange.columns_missing" if len(missing) > 1 else "exchange.column_missing", columns=", ".join(missing))
    ignored = tuple(name for name in unknown if name and _plain(name) != _plain(REASON))
    return dict(sorted(found.items())), ignored


@contextmanager
def open_sheet(sheet: Sheet[V], source: Source, checks: Sequence[Check[V]] = (), limits: Limits = LIMITS) -> Iterator[Reading[V]]:
    """Open a file as a sheet, row by row in little memory. A check raises Refusal(code, field=column) to turn a row down.

    Raises Refusal for the file as a whole, also half-way: read inside the transaction, so that nothing is half imported.
    """
    with open_table(source, limits) as table:
        yield Reading(sheet, table, checks)


def read_rows(sheet: Sheet[V], source: Source, checks: Sequence[Check[V]] = (), limits: Limits = LIMITS) -> tuple[list[Row[V]], Reading[V]]:
    """Read a small file at once: the good rows, and the reading with its rejects, notices and unknown columns."""
    with open_sheet(sheet, source, checks, limits) as reading:
        return list(reading), reading
