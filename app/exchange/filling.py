"""Files to fill in: known columns, locked, and beside them empty ones with lists to choose from. A sheet reads what comes back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

import xlsxwriter

from app import clock
from app.exchange.writing import TEXT, Field, csv_pieces

LISTS = "Keuzes"  # the second sheet, hidden, which holds what can be chosen
ALLOWED = {"sort": True, "autofilter": True, "format_columns": True, "format_rows": True, "select_locked_cells": True}


@dataclass(frozen=True)
class Blank:
    """One column to fill in: its head, what can be chosen in it (nothing: anything), and a sentence that helps."""

    head: str
    choices: tuple[str, ...] = ()
    help: str = ""
    width: int = 20
    is_amount: bool = False


@dataclass(frozen=True)
class Form:
    """A file to fill in: its title, the known columns and the blank ones."""

    title: str
    known: tuple[Field, ...]
    blanks: tuple[Blank, ...]


Rows = Iterable[Sequence[Any]]


def csv_form(form: Form, rows: Rows) -> Iterator[bytes]:
    """Write a file to fill in as CSV, piece by piece."""
    fields = [*form.known, *(Field(blank.head, TEXT) for blank in form.blanks)]
    empty = [None] * len(form.blanks)
    return csv_pieces(fields, ([*row, *empty] for row in rows))


def write_form(form: Form, rows: Rows, out: BinaryIO) -> None:
    """Write a file to fill in as an Excel workbook: keys locked, blanks open, with lists to choose from."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    book.set_properties({"title": form.title, "created": clock.now().replace(tzinfo=None)})
    sheet, lists = book.add_worksheet(form.title[:31]), book.add_worksheet(LISTS)
    _write_heads(book, sheet, form)
    last = _write_rows(book, sheet, form, rows)
    _offer_choices(sheet, form, last)
    _write_lists(lists, form)
    sheet.protect("", ALLOWED)
    book.close()


def _write_heads(book: Any, sheet: Any, form: Form) -> None:
    bold, known, open_ = (book.add_format(style) for style in ({"bold": True, "text_wrap": True}, {}, {"locked": False, "num_format": "@"}))
    money = book.add_format({"locked": False, "num_format": "#,##0.00"})
    sheet.freeze_panes(1, 1)
    for at, field in enumerate(form.known):
        sheet.set_column(at, at, field.width, known)
    for at, blank in enumerate(form.blanks, len(form.known)):
        sheet.set_column(at, at, blank.width, money if blank.is_amount else open_)
    for at, head in enumerate(chain((field.head for field in form.known), (blank.head for blank in form.blanks))):
        sheet.write_string(0, at, head, bold)


def _write_rows(book: Any, sheet: Any, form: Form, rows: Rows) -> int:
    """Write what is known and return the last row."""
    grey = "#F2F2F2"  # what is locked looks so
    styles = [book.add_format({"bg_color": grey} | _number_format(field)) for field in form.known]
    last = 0
    for last, row in enumerate(rows, 1):
        for at, (field, value) in enumerate(zip(form.known, row, strict=True)):
            if value is not None:
                getattr(sheet, field.kind.xlsx)(last, at, field.kind.value(value), styles[at])
    return last


def _number_format(field: Field) -> dict[str, str]:
    return {"num_format": field.kind.number_format} if field.kind.number_format else {}


def _offer_choices(sheet: Any, form: Form, last: int) -> None:
    for at, blank in enumerate(form.blanks):
        column = len(form.known) + at
        told = {"input_title": blank.head[:32], "input_message": blank.help[:255]} if blank.help else {}
        if blank.choices:
            letter = xlsxwriter.utility.xl_col_to_name(at)
            rule = {"validate": "list", "source": f"={LISTS}!${letter}$1:${letter}${len(blank.choices)}"}
            sheet.data_validation(1, column, max(last, 1), column, rule | told | {"error_title": blank.head[:32]})
        elif told:
            sheet.data_validation(1, column, max(last, 1), column, {"validate": "any"} | told)


def _write_lists(lists: Any, form: Form) -> None:
    """Write what can be chosen, a column for each blank: longer lists than Excel takes in the rule itself."""
    for row in range(max((len(blank.choices) for blank in form.blanks), default=0)):
        for at, blank in enumerate(form.blanks):
            if row < len(blank.choices):
                lists.write_string(row, at, blank.choices[row])
    lists.hide()
