"""What an import did or would do: counts per kind of row, changes with old and new values, rejects and notes. Words are said elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.db import transaction
from app.exchange.results import Counts
from app.exchange.sheets import Notice, Reject

MOST_CHANGES = 200  # shown on the page; the counts tell the rest


@dataclass(frozen=True)
class Change:
    """A row that is new (no fields) or changed, with the old and the new value of each field."""

    kind: str
    line: int
    name: str
    fields: tuple[tuple[str, object, object], ...] = ()


@dataclass
class Tally:
    """What became of the rows of one kind of file, gathered while it is read."""

    kind: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    head: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    rejects: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        return Counts(self.new, self.changed, self.unchanged, len(self.rejects))

    def show(self, line: int, name: str, fields: tuple[tuple[str, object, object], ...] = ()) -> None:
        """Remember a new or changed row, as long as there are few."""
        if len(self.changes) < MOST_CHANGES:
            self.changes.append(Change(self.kind, line, name, fields))

    def close(self, reading: Any) -> None:
        """Take over what the reading of the file found, once it is walked."""
        self.head, self.unknown = reading.head, reading.unknown
        self.rejects, self.notices = reading.rejects, sorted(reading.notices, key=lambda notice: notice.line)


@dataclass(frozen=True)
class Outcome:
    """The tallies of all files of one import."""

    tallies: tuple[Tally, ...]

    @property
    def rows(self) -> int:
        return sum(t.new + t.changed + t.unchanged + len(t.rejects) for t in self.tallies)

    def as_counts(self) -> dict[str, dict[str, int]]:
        """Return the counts per kind as the command line prints them."""
        return {tally.kind: tally.counts.as_dict() for tally in self.tallies}


class _Undone(Exception):
    """Rolls a dry run back."""


@contextmanager
def trial(*, dry_run: bool) -> Iterator[Session]:
    """Open the transaction of an import; a dry run does the very same and is rolled back at its end."""
    try:
        with transaction() as session:
            yield session
            if dry_run:
                raise _Undone
    except _Undone:
        return
