"""Rows that are kept in a compact form: they read as the file itself does, whatever stands in it."""

import io

import pytest

from app.exchange.kept_rows import KeptRows, kept_table
from app.exchange.reading import open_table
from app.exchange.writing import TEXT, Field, write_xlsx

CSV = '\ufeffA;Naam\r\n1;"twee\nregels"\r\n\r\n2;"scheef"x\r\n3;ñ€😀\r\n4;"\'=1+1";te veel\r\n'.encode()


def workbook():
    out = io.BytesIO()
    rows = [(str(at), "zes" if at % 7 else "") for at in range(1, 1203)]
    write_xlsx([Field("A", TEXT), Field("Naam", TEXT)], rows, out, "x")
    return out.getvalue()


@pytest.mark.parametrize("content", [CSV, workbook(), b"A;Naam\n"])
def test_kept_rows_read_as_the_file_does_with_lines_cells_and_flaws(content):
    with open_table(content) as table:
        plain = list(table.records)
    with open_table(content) as table:
        kept = KeptRows(table)
        assert list(kept.table.records) == plain
    again = kept_table(kept.content())
    assert (again.head, list(again.records)) == (("A", "Naam"), plain)
