"""What goes out as CSV or XLSX comes back equal, and never as a formula."""

import io
import zipfile
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.errors import Refusal
from app.exchange.cells import amount, day, integer, text, yes_no
from app.exchange.formulas import MARKS, SKIPPED, neutral, restored
from app.exchange.sheets import Column, Sheet, read_rows
from app.exchange.writing import AMOUNT, DAY, INTEGER, TEXT, YES_NO, Field, csv_pieces, write_csv, write_xlsx


class Line(NamedTuple):
    words: str | None
    number: int
    cents: int
    since: date
    agreed: bool


LINES = Sheet(
    "lines",
    Line,
    (
        Column("Woorden", "words", text(1000)),
        Column("Nummer", "number", integer(), required=True),
        Column("Bedrag", "cents", amount(), required=True),
        Column("Sinds", "since", day, required=True),
        Column("Akkoord", "agreed", yes_no, required=True),
    ),
)
FIELDS = [Field("Woorden", TEXT), Field("Nummer", INTEGER), Field("Bedrag", AMOUNT), Field("Sinds", DAY), Field("Akkoord", YES_NO)]
HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "'=x",
    "''=x",
    "' =x",
    "\u00a0=x",
    "＝1",
    "a,=1+1",
    'a;"b"',
    "'t Hof",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "'; DROP TABLE x --",
    "😀 ﷽ Lăcătuș",
    "_x0041_",
    "http://x.example",
    "0012",
    "1e5",
    "TRUE",
    "",
]


def written(kind: str, words: list[str]) -> bytes:
    out = io.BytesIO()
    rows = [Line(each, 7, 123456, date(2026, 11, 24), True) for each in words]
    if kind == "csv":
        write_csv(FIELDS, rows, out)
    else:
        write_xlsx(FIELDS, rows, out, "Regels")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_hostile_text_comes_back_equal(kind):
    rows, reading = read_rows(LINES, written(kind, HOSTILE))
    assert not reading.rejects
    assert [row.values.words or "" for row in rows] == HOSTILE
    assert {row.values[1:] for row in rows} == {(7, 123456, date(2026, 11, 24), True)}


def test_no_cell_of_a_workbook_is_a_formula_or_a_link():
    with zipfile.ZipFile(io.BytesIO(written("xlsx", HOSTILE))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet.lower().replace(b"=hyperlink", b"")


@given(some.text())
def test_the_apostrophe_that_keeps_text_text_is_taken_off_again(words):
    assert restored(neutral(words)) == words
    assert neutral(words).lstrip(SKIPPED)[:1] not in MARKS or neutral(words).startswith("'")


@settings(max_examples=50)
@given(
    some.lists(
        some.text(some.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1).filter(lambda t: t == t.strip(" ")), min_size=1
    )
)
def test_any_text_comes_back_equal_from_csv(words):
    rows, _ = read_rows(LINES, written("csv", words))
    assert [row.values.words for row in rows] == words


def test_a_large_export_leaves_piece_by_piece():
    rows = ((f"regel {number}", number, 1, date(2026, 1, 1), False) for number in range(5000))
    pieces = list(csv_pieces(FIELDS, rows))
    assert len(pieces) > 3
    assert b"".join(pieces).count(b"\r\n") == 5001


def test_amounts_below_zero_and_empty_cells_keep_their_shape():
    out = io.BytesIO()
    write_csv(FIELDS, [(None, 1, -1250, date(2026, 1, 2), False)], out)
    assert out.getvalue().splitlines()[1] == b'"";"1";"-12,50";"02-01-2026";"N"'


def test_a_text_that_excel_cannot_hold_is_refused_and_not_dropped():
    with pytest.raises(Refusal, match=r"exchange\.cell_too_long"):
        written("xlsx", ["x" * 40_000])
