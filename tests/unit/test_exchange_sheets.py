"""What becomes of each line of a file of claims, the good ones and the bad ones."""

import io
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from app.errors import Refusal
from app.exchange.cells import amount, choice, code, day, integer, text
from app.exchange.results import Counts, reason, write_rejects
from app.exchange.sheets import Column, Row, Sheet, open_sheet, read_rows

MESSY = Path(__file__).parent.parent / "files" / "messy"
DEMO = Path(__file__).parent.parent.parent / "demo"


class Claim(NamedTuple):
    relation: str
    sequence: int
    number: int
    creditor: int
    reference: str | None
    preference: str
    reported: int
    stated: int | None
    stated_on: date | None
    agent: int | None
    bailiff: int | None


CLAIMS = Sheet(
    "eisers",
    Claim,
    (
        Column("RelatieCode", "relation", code(), required=True),
        Column("Volgnummer", "sequence", integer(), required=True),
        Column("UniekVolgnummer", "number", integer(), required=True),
        Column("CodeEiser", "creditor", integer(), required=True),
        Column("Referentie", "reference", text(140)),
        Column("Preferentie", "preference", choice({"P": "P", "C": "C", "S": "S", "U": "U"}), required=True),
        Column("AangemeldBedrag", "reported", amount(), required=True, synonyms=("Bedrag",)),
        Column("TeruggemeldBedrag", "stated", amount()),
        Column("DatumTerugmelding", "stated_on", day),
        Column("CodeIncasso", "agent", integer()),
        Column("CodeDeurwaarder", "bailiff", integer()),
    ),
    key=("RelatieCode", "Volgnummer", "UniekVolgnummer"),
)
HEAD = "RelatieCode;Volgnummer;UniekVolgnummer;CodeEiser;Preferentie;AangemeldBedrag"


def known_creditor(row: Row[Claim]) -> None:
    if row.values.creditor == 9999:
        raise Refusal("sample.unknown", field="CodeEiser")


def lines(rows: list[Row[Claim]]) -> list[int]:
    return [row.line for row in rows]


def test_each_line_of_the_messy_file_becomes_what_its_readme_says():
    rows, reading = read_rows(CLAIMS, MESSY / "eisers.csv", [known_creditor])
    assert {reject.line: (reject.flaws[0].column, reject.flaws[0].code) for reject in reading.rejects} == {
        5: ("AangemeldBedrag", "money.unreadable"),
        6: ("AangemeldBedrag", "money.negative"),
        7: ("AangemeldBedrag", "money.too_many_decimals"),
        8: ("CodeEiser", "sample.unknown"),
        9: ("Preferentie", "exchange.not_a_choice"),
        10: ("RelatieCode", "exchange.empty"),
        13: (None, "exchange.duplicate"),
        14: ("DatumTerugmelding", "exchange.no_such_day"),
        19: ("AangemeldBedrag", "exchange.amount_too_large"),
        20: ("Referentie", "exchange.too_long"),
        21: ("Referentie", "exchange.control_character"),
        25: ("UniekVolgnummer", "exchange.not_a_whole_number"),
    }
    assert "Extra kolom" in reading.unknown
    assert lines(rows) == [2, 3, 4, 11, 12, 15, 16, 17, 18, 22, 23, 24]  # 11, 22 and 23 are for the feature to judge


def test_amounts_and_days_of_the_messy_file_are_understood_in_each_notation():
    rows, _ = read_rows(CLAIMS, MESSY / "eisers.csv")
    by_line = {row.line: row.values for row in rows}
    assert (by_line[3].reported, by_line[4].reported) == (147458, 128410)
    assert by_line[15].stated_on == date(2026, 5, 6)
    assert by_line[16].reference == '=HYPERLINK("http://x")'
    assert by_line[24].stated is None


def test_another_order_capitals_commas_and_windows_1252_change_nothing():
    rows, reading = read_rows(CLAIMS, MESSY / "eisers-windows-1252-comma.csv")
    plain, _ = read_rows(CLAIMS, DEMO / "eisers.csv")
    assert not reading.rejects
    assert [row.values for row in rows] == [row.values for row in plain[: len(rows)]]


def test_a_file_without_the_amounts_is_refused_and_the_column_named():
    with pytest.raises(Refusal, match=r"exchange\.column_missing") as refused:
        read_rows(CLAIMS, MESSY / "eisers-without-amount-column.csv")
    assert refused.value.facts == {"columns": "AangemeldBedrag"}


def test_every_line_of_the_good_sample_is_taken():
    rows, reading = read_rows(CLAIMS, DEMO / "eisers.csv")
    assert (len(rows), reading.rejects) == (4691, [])


def test_a_rejects_file_can_be_mended_and_brought_in_again():
    with open_sheet(CLAIMS, MESSY / "eisers.csv") as reading:
        list(reading)
    out = io.BytesIO()
    write_rejects(reading.head, reading.rejects, out, {})
    mended = out.getvalue().replace(b"twaalf", b"12,00").replace(b"31-02-2026", b"28-02-2026")
    rows, again = read_rows(CLAIMS, mended)
    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    assert "Reden" in again.head
    assert "Reden" not in again.unknown
    assert [row.values.number for row in rows] == [4, 5, 6]  # of line 5, of the duplicate of line 13, of line 14
    second = io.BytesIO()
    write_rejects(again.head, again.rejects, second, {})
    assert second.getvalue().splitlines()[0].count(b"Reden") == 1


def test_the_reason_names_every_cell_that_is_wrong():
    _, reading = read_rows(CLAIMS, f"{HEAD}\r\nx;1;a;4100;Q;1,00\r\n".encode())
    assert reason(reading.rejects[0], {}) == (
        "UniekVolgnummer: Dit is geen heel getal. Gebruik alleen cijfers. Preferentie: Kies uit: P, C, S, U."
    )


def test_a_feature_may_turn_rows_down_later_and_they_stand_in_line_order():
    with open_sheet(CLAIMS, f"{HEAD}\na;1;1;1;C;1\nb;1;1;1;C;x\n".encode()) as reading:
        for batch in reading.batches(2):
            reading.reject(batch[0], "RelatieCode", "sample.no_case", relation="a")
            reading.notice(batch[0], "NaamEiser", "sample.other_name")
    assert [reject.line for reject in reading.rejects] == [2, 3]
    assert reason(reading.rejects[0], {"sample.no_case": "Geen dossier %(relation)s."}) == "RelatieCode: Geen dossier a."
    assert reading.notices[0].line == 2


@pytest.mark.parametrize(
    ("row", "flaw"),
    [
        ("a;1;1;1;C", "exchange.ragged"),
        ("a;1;1;1;C;1;x", "exchange.ragged"),
        ('a;1;1;1;C;"1"0', "exchange.quote_misplaced"),
        ("'=a;1;1;1;C;1", "exchange.not_a_code"),
    ],
)
def test_a_crooked_row_is_rejected_and_the_next_one_taken(row, flaw):
    rows, reading = read_rows(CLAIMS, f"{HEAD}\n{row}\nb;1;1;1;C;1;;\n".encode())
    assert [(reject.line, reject.flaws[0].code) for reject in reading.rejects] == [(2, flaw)]
    assert lines(rows) == [3]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "exchange.empty_file"),
        (b"\xef\xbb\xbf\r\n;;\r\n", "exchange.empty_file"),
        (f'{HEAD}\na;1;1;1;C;"1\nb;1;1;1;C;1\n'.encode(), "exchange.quote_open"),
        (f"{HEAD};Bedrag\n".encode(), "exchange.column_twice"),
        (f"{HEAD};é\n".encode() + b"\xe9", "exchange.damaged_text"),
        (f"{HEAD};é".encode()[:-1] + b"\xe9 \x81", "exchange.unknown_kind"),
        (HEAD.encode("utf-16"), "exchange.save_as_xlsx"),
        (HEAD.encode() + b"\n" + b"x" * 2_000_000, "exchange.line_too_long"),
        (f'{HEAD}\na;1;1;1;C;"{"x" * 200_000}\n'.encode(), "exchange.line_too_long"),
        (b";" * 300 + b"x", "exchange.too_many_columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(content, code):
    with pytest.raises(Refusal, match=code):
        read_rows(CLAIMS, content)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(ending, start):
    content = f"{start}{HEAD}\n\na;1;1;1;C;1\n".replace("\n", ending).encode()
    rows, _ = read_rows(CLAIMS, content)
    assert lines(rows) == [3 + start.count("\n")]


def test_the_sep_line_of_excel_is_passed_over():
    rows, _ = read_rows(CLAIMS, f"sep=;\n{HEAD}\na;1;1;1;C;1\n".encode())
    assert lines(rows) == [3]


def test_a_sheet_whose_columns_fill_other_fields_than_its_tuple_is_a_mistake():
    with pytest.raises(TypeError, match="eisers"):
        Sheet("eisers", Claim, CLAIMS.columns[1:])


def test_counts_add_up():
    assert (Counts(new=1, rejected=2) + Counts(new=3)).as_dict() == {"new": 4, "changed": 0, "unchanged": 0, "rejected": 2}
