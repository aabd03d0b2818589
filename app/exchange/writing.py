"""Exports as CSV and XLSX, row by row in little memory; no text in them can ever become a formula."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

import xlsxwriter

from app import clock
from app.errors import Refusal
from app.exchange import formulas

BUFFER = 1 << 16
SHEET_ROWS = 1_000_000  # a sheet holds 1,048,576
CELL_TEXT = 32_767  # characters; Excel's limit


@dataclass(frozen=True)
class Kind:
    """How values of a column are written: as text in CSV, and by which method and number format in XLSX."""

    csv: Callable[[Any], str]
    xlsx: str
    number_format: str | None = None
    value: Callable[[Any], Any] = lambda value: value


def _euros(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02d}"


TEXT = Kind(lambda value: formulas.neutral(str(value)), "write_string", value=str)
INTEGER = Kind(str, "write_number", "0")
AMOUNT = Kind(_euros, "write_number", "#,##0.00", lambda cents: cents / 100)
DAY = Kind(lambda day: f"{day:%d-%m-%Y}", "write_datetime", "dd-mm-yyyy", lambda day: date(day.year, day.month, day.day))
YES_NO = Kind(lambda value: "J" if value else "N", "write_string", value=lambda value: "J" if value else "N")


@dataclass(frozen=True)
class Field:
    """One column of an export: its head, its kind and its width in characters."""

    head: str
    kind: Kind
    width: int = 16


Rows = Iterable[Sequence[Any]]


def csv_pieces(fields: Sequence[Field], rows: Rows) -> Iterator[bytes]:
    """Write a CSV file piece by piece, for an answer that streams: UTF-8 with BOM, semicolons, every cell quoted.

    Quotes around every cell keep a comma in a text from starting a new cell, and so a formula, in an English Excel.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow([formulas.neutral(field.head) for field in fields])
    buffer.write("")
    yield b"\xef\xbb\xbf"
    show = [field.kind.csv for field in fields]
    for row in rows:
        cells = ["" if value is None else write(value) for write, value in zip(show, row, strict=False)]
        writer.writerow(cells + [formulas.neutral(str(extra)) for extra in row[len(show) :]])
        if buffer.tell() > BUFFER:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return piece


def write_csv(fields: Sequence[Field], rows: Rows, out: BinaryIO) -> None:
    """Write a CSV file as `csv_pieces` does."""
    out.writelines(csv_pieces(fields, rows))


def write_xlsx(fields: Sequence[Field], rows: Rows, out: BinaryIO, title: str) -> None:
    """Write an Excel workbook; 50,000 rows take seconds, so many rows belong in a job. Raises Refusal for a text Excel cannot hold."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    book.set_properties({"title": title, "created": clock.now().replace(tzinfo=None)})
    left = iter(rows)
    try:
        more = True
        while more:
            more = _write_sheet(book, fields, left, title)
    finally:
        book.close()


def _write_sheet(book: Any, fields: Sequence[Field], rows: Iterator[Sequence[Any]], title: str) -> bool:
    """Write rows until they or the sheet end; return whether rows may be left for a next sheet."""
    number = len(book.worksheets()) + 1
    sheet = book.add_worksheet(title[:31] if number == 1 else f"{title[:28]} {number}")
    columns = _columns(book, sheet, fields)
    for place, row in enumerate(rows, 1):
        for column, (value, (write, convert, style)) in enumerate(zip(row, columns, strict=True)):
            if value is not None and write(place, column, convert(value), style):
                raise Refusal("exchange.cell_too_long", column=fields[column].head, limit=CELL_TEXT)
        if place == SHEET_ROWS:
            return True
    return False


def _columns(book: Any, sheet: Any, fields: Sequence[Field]) -> list[tuple[Any, Any, Any]]:
    """Write the heads and return per column how to write, convert and format its values."""
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    columns = []
    for at, field in enumerate(fields):
        sheet.set_column(at, at, field.width)
        sheet.write_string(0, at, field.head, bold)
        style = book.add_format({"num_format": field.kind.number_format}) if field.kind.number_format else None
        columns.append((getattr(sheet, field.kind.xlsx), field.kind.value, style))
    return columns
