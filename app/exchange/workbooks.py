"""Excel workbooks (XLSX) as rows of text: checked and repacked first, so that the reader never meets a bomb."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from tempfile import NamedTemporaryFile
from typing import IO, BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from python_calamine import CalamineError, CalamineSheet, load_workbook

from app.errors import Refusal
from app.exchange.guard import Guard
from app.exchange.limits import Limits

END = struct.Struct("<4s4H2LH")  # end of central directory, without a comment
LOCATOR = b"PK\x06\x07"  # of a zip64 directory
DIRECTORY_BYTES = 1 << 19
# all that zipfile raises on bad input
DAMAGE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, OverflowError, struct.error)


@contextmanager
def sheet_rows(file: BinaryIO, limits: Limits) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """Open the first sheet and give its rows with their numbers. Raises Refusal when the workbook is damaged, odd or too large."""
    with NamedTemporaryFile(suffix=".xlsx") as safe:
        try:
            _repack(file, safe, limits)
        except DAMAGE as wrong:
            raise Refusal("exchange.damaged_workbook") from wrong
        with _first_sheet(safe.name) as sheet:
            yield ((number, [one if type(one) is str else as_text(one) for one in row]) for number, row in enumerate(sheet.iter_rows(), 1))


@contextmanager
def _first_sheet(path: str) -> Iterator[CalamineSheet]:
    try:
        workbook = load_workbook(path)
        sheet = workbook.get_sheet_by_index(0)
    except (CalamineError, IndexError, ValueError, OSError) as wrong:
        raise Refusal("exchange.damaged_workbook") from wrong
    except BaseException as wrong:  # a panic of the reader comes as a BaseException of its own
        if type(wrong).__name__ != "PanicException":
            raise
        raise Refusal("exchange.damaged_workbook") from wrong
    with workbook:
        yield sheet


def _repack(file: BinaryIO, safe: IO[bytes], limits: Limits) -> None:
    """Copy the XML parts, unpacked and checked, into a new archive whose directory tells the truth."""
    _check_directory(file, limits)
    guard = Guard(limits)
    with ZipFile(file) as packed, ZipFile(safe, "w") as plain:
        parts = packed.infolist()
        _check_parts(parts, limits)
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                with packed.open(part) as source, plain.open(ZipInfo(part.filename), "w") as target:
                    guard.copy(source, target)
    guard.finish()
    safe.flush()


def _check_directory(file: BinaryIO, limits: Limits) -> None:
    """Look at the last bytes before anything is listed: a long directory alone could fill the memory."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - END.size - 20))
    tail = file.read()
    file.seek(0)
    if len(tail) < END.size:
        raise Refusal("exchange.damaged_workbook")
    mark, _, _, _, entries, length, _, comment = END.unpack(tail[-END.size :])
    if mark != b"PK\x05\x06" or comment:
        raise Refusal("exchange.damaged_workbook")
    if entries > limits.entries or length > DIRECTORY_BYTES or tail.startswith(LOCATOR):
        raise Refusal("exchange.too_many_parts", limit=limits.entries)


def _check_parts(parts: list[ZipInfo], limits: Limits) -> None:
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise Refusal("exchange.unknown_kind")
    if len(names) != len(parts) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise Refusal("exchange.damaged_workbook")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refusal("exchange.save_as_xlsx")  # we would never run its macros, but no file with them goes on to a colleague either
    if len(parts) > limits.entries:
        raise Refusal("exchange.too_many_parts", limit=limits.entries)
    if sum(part.file_size for part in parts) > limits.unpacked:
        raise Refusal("exchange.unpacks_too_large", megabytes=limits.unpacked >> 20)


def as_text(cell: object) -> str:
    """Write a cell as a CSV file of the bank would have it: 742,75 and 2026-09-10; whole numbers without decimals."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "J" if cell else "N"
    if isinstance(cell, float):  # 15 digits is what Excel itself keeps; the rest is noise of binary fractions
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}".replace(".", ",")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
