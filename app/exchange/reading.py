"""A file becomes rows of text with line numbers, whatever its kind or encoding; what the cells mean is told in `sheets`."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.errors import Refusal
from app.exchange import formulas, workbooks
from app.exchange.limits import LIMITS, Limits

MARKS = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0": "other",  # old Excel, or a workbook with a password
    b"\xff\xfe": "other",  # UTF-16, "Unicode text" of Excel
    b"\xfe\xff": "other",
    b"%PDF": "binary",
}
CHUNK = 1 << 20
CONTROL = bytes(set(range(32)) - set(b"\t\n\r"))

Source = bytes | Path | BinaryIO


class Record(NamedTuple):
    """One line of the file: its number, its cells, and the code of what is wrong with the line as a whole."""

    line: int
    cells: list[str]
    flaw: str | None = None


@dataclass(frozen=True)
class Table:
    """The column heads of a file and its rows; the rows can be walked once, and only while the file is open."""

    head: tuple[str, ...]
    records: Iterator[Record]


@contextmanager
def open_table(source: Source, limits: Limits = LIMITS) -> Iterator[Table]:
    """Open a CSV or XLSX file, known by its content. Raises Refusal when it is something else, damaged or too large."""
    with _opened(source) as file:
        if _size(file) > limits.size:
            raise Refusal("exchange.too_large", megabytes=limits.size >> 20)
        if _kind(file) == "zip":
            with workbooks.sheet_rows(file, limits) as rows:
                yield _table((Record(line, cells) for line, cells in rows), limits)
        else:
            with _text(file) as text:
                yield _table(_csv_records(text, limits), limits)


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        source.seek(0)
        yield source


def _size(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def _kind(file: BinaryIO) -> str:
    sample = file.read(1 << 16)
    file.seek(0)
    kind = next((kind for mark, kind in MARKS.items() if sample.startswith(mark)), "text")
    if kind == "other":
        raise Refusal("exchange.save_as_xlsx")
    odd = len(sample) - len(sample.translate(None, CONTROL))
    if kind == "binary" or (kind == "text" and odd > 8 and odd * 20 > len(sample)):
        raise Refusal("exchange.unknown_kind")
    return kind


def _table(records: Iterator[Record], limits: Limits) -> Table:
    """Take the first row that is not empty as the heads and pass on the others, without empty rows."""
    filled = (record for record in records if any(record.cells))
    first = next(filled, None)
    if first is None:
        raise Refusal("exchange.empty_file")
    if len(first.cells) > limits.columns:
        raise Refusal("exchange.too_many_columns", limit=limits.columns)
    return Table(tuple(cell.strip() for cell in first.cells), _counted(filled, limits.rows))


def _counted(records: Iterator[Record], limit: int) -> Iterator[Record]:
    for number, record in enumerate(records, 1):
        if number > limit:
            raise Refusal("exchange.too_many_rows", limit=limit)
        yield record


# CSV


@contextmanager
def _text(file: BinaryIO) -> Iterator[io.TextIOWrapper]:
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    try:
        yield text
    finally:
        text.detach()  # the caller's file stays open


def _encoding(file: BinaryIO) -> str:
    """Name the encoding: the first character beyond ASCII decides between UTF-8 and Windows-1252."""
    decoder, plain, line = codecs.getincrementaldecoder("utf-8-sig")(), True, 1
    try:
        while chunk := file.read(CHUNK):
            plain = decoder.decode(chunk).isascii() and plain
            line += chunk.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as wrong:
        before = wrong.object[: wrong.start]
        if not plain or not before.isascii():
            raise Refusal("exchange.damaged_text", line=line + before.count(b"\n")) from wrong
        _must_be_windows_1252(file)
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8-sig"


def _must_be_windows_1252(file: BinaryIO) -> None:
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            chunk.decode("cp1252")
    except UnicodeDecodeError as wrong:
        raise Refusal("exchange.unknown_kind") from wrong


class _Lines:
    """The lines as the csv reader takes them; remembers the latest, so that a faulty line can be handed back."""

    def __init__(self, text: io.TextIOWrapper, limit: int) -> None:
        self.text, self.limit = text, limit
        self.number = self.taken = 0
        self.latest = ""
        self.guarded = False  # whether an apostrophe stands somewhere in the row: it may guard a formula

    def __iter__(self) -> Iterator[str]:
        for line in self.text:
            self.number += 1
            self.taken += len(line)
            self.latest, self.guarded = line, self.guarded or "'" in line
            if self.taken > self.limit:
                raise Refusal("exchange.line_too_long", line=self.number)
            yield line


def _delimiter(text: io.TextIOWrapper, limit: int) -> str:
    """Choose semicolon or comma from the line of heads, which may follow a `sep=` line of Excel."""
    line = text.readline(limit)
    while line and not line.strip():
        line = text.readline(limit)
    if line.startswith("sep="):
        line = text.readline(limit)
    text.seek(0)
    bare = re.sub(r'"[^"]*"', "", line)
    return "," if bare.count(",") > bare.count(";") else ";"


def _csv_records(text: io.TextIOWrapper, limits: Limits) -> Iterator[Record]:
    delimiter = _delimiter(text, limits.record)
    lines = _Lines(text, limits.record)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            for cells in reader:
                if lines.guarded:
                    cells = [formulas.restored(cell) for cell in cells]
                if not (start == 1 and cells[:1] and cells[0].startswith("sep=")):
                    yield Record(start, cells)
                start, lines.taken, lines.guarded = lines.number + 1, 0, False
            return
        except csv.Error as wrong:
            yield _faulty(wrong, lines, start, delimiter)
            start, lines.taken, lines.guarded = lines.number + 1, 0, False


def _faulty(wrong: csv.Error, lines: _Lines, start: int, delimiter: str) -> Record:
    """Hand back a line with a misplaced quote; an open quote has swallowed the lines after it, so then all is refused."""
    if "expected after" not in str(wrong):
        code = "exchange.line_too_long" if "limit" in str(wrong) else "exchange.quote_open"
        raise Refusal(code, line=start) from wrong
    return Record(start, lines.latest.rstrip("\r\n").split(delimiter), "exchange.quote_misplaced")
