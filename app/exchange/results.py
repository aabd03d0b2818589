"""What became of a file: counts per kind, and the rejects file, which can be mended and brought in again."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from app.exchange.reading import open_table
from app.exchange.sheets import REASON, Flaw, Reject
from app.exchange.words import REFUSALS
from app.exchange.writing import TEXT, Field, write_csv, write_xlsx

Words = Mapping[str, Any]


@dataclass(frozen=True)
class Counts:
    """How many rows of one kind were new, changed, unchanged and rejected."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged, self.rejected + other.rejected)

    def as_dict(self) -> dict[str, int]:
        """Return the counts as the command line prints them."""
        return asdict(self)


def sentence(flaw: Flaw, words: Words) -> str:
    """Say one flaw: the column, then the sentence of its code; `words` are the feature's own codes."""
    said = str(words[flaw.code] if flaw.code in words else REFUSALS[flaw.code])
    if flaw.facts:
        said %= flaw.facts
    return f"{flaw.column}: {said}" if flaw.column else said


def reason(reject: Reject, words: Words) -> str:
    """Say all that is wrong with a row."""
    return " ".join(sentence(flaw, words) for flaw in reject.flaws)


def write_rejects(head: Sequence[str], rejects: Iterable[Reject], out: BinaryIO, words: Words) -> None:
    """Write the rejected rows under their own column heads, with `Reden` after them (CSV, UTF-8 with BOM, semicolons)."""
    kept = [at for at, name in enumerate(head) if "".join(name.split()).casefold() != REASON.casefold()]
    fields = [Field(head[at], TEXT) for at in kept] + [Field(REASON, TEXT)]
    rows = ([*_cells(reject.cells, kept), reason(reject, words), *reject.cells[len(head) :]] for reject in rejects)
    write_csv(fields, rows, out)


def _cells(cells: Sequence[str], kept: Sequence[int]) -> list[str]:
    return [cells[at] if at < len(cells) else "" for at in kept]


def as_workbook(rejects: bytes, title: str) -> bytes:
    """Return a rejects file as an Excel workbook with the same columns. Raises Refusal for a text that Excel cannot hold."""
    with open_table(rejects) as table:
        rows = [list(record.cells) for record in table.records]
    width = max(map(len, [table.head, *rows]))
    heads, *cells = ([*row, *[""] * (width - len(row))] for row in [table.head, *rows])
    out = io.BytesIO()
    write_xlsx([Field(head, TEXT) for head in heads], cells, out, title)
    return out.getvalue()
