"""What one cell may hold, and the value it stands for."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.errors import Refusal
from app.exchange.cells import amount, bsn, choice, code, day, email, iban, integer, postcode, text, yes_no
from app.exchange.results import sentence
from app.exchange.sheets import Flaw
from app.exchange.words import CELL
from app.money import MOST, parse_amount

DEMO = Path(__file__).parent.parent.parent / "demo"


def column(file: str, name: str) -> list[str]:
    with (DEMO / file).open(encoding="utf-8-sig", newline="") as rows:
        return [row[name] for row in csv.DictReader(rows, delimiter=";")]


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (amount(), "1.234,56", 123456),
        (amount(), "1234.56", 123456),
        (amount(), "€ 1.284,10", 128410),
        (amount(), "100000000,00", 10_000_000_000),
        (day, "24-11-2026", date(2026, 11, 24)),
        (day, "2026-11-24", date(2026, 11, 24)),
        (day, "4-6-2026", date(2026, 6, 4)),
        (day, "29-02-2028", date(2028, 2, 29)),
        (integer(), "0012", 12),
        (code(), "00-12/a", "00-12/a"),
        (choice({"P": 1, "C": 2}), "p", 1),
        (choice({"niets": None}), "niets", None),
        (yes_no, "j", True),
        (yes_no, "N", False),
        (postcode, "1098hj", "1098 HJ"),
        (postcode, "1098 HJ", "1098 HJ"),
        (iban, "nl67 test 2486 0401 97", "NL67TEST2486040197"),
        (bsn, "999918369", "999918369"),
        (email, "schuldhulp@water.example", "schuldhulp@water.example"),
        (text(20), "Lăcătuș 👩\u200d👧", "Lăcătuș 👩\u200d👧"),
        (text(20, lines=True), "een\r\ntwee\tdrie", "een\r\ntwee\tdrie"),
    ],
)
def test_a_cell_is_understood(parse, cell, value):
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell", "reason"),
    [
        (amount(), "twaalf", "money.unreadable"),
        (amount(), "-12,50", "money.negative"),
        (amount(), "12,505", "money.too_many_decimals"),
        (amount(), "100000000,01", "exchange.amount_too_large"),
        (amount(), "9" * 5000, "money.too_large"),
        (day, "31-02-2026", "exchange.no_such_day"),
        (day, "24/11/2026", "exchange.not_a_day"),
        (day, "24-11-26", "exchange.not_a_day"),
        (day, "2026-24-11", "exchange.no_such_day"),
        (day, "١٢-11-2026", "exchange.not_a_day"),
        (day, "01-01-0001", "exchange.day_too_far"),
        (integer(), "1.0", "exchange.not_a_whole_number"),
        (integer(), "-1", "exchange.not_a_whole_number"),
        (integer(), "1_000", "exchange.not_a_whole_number"),
        (integer(), "²", "exchange.not_a_whole_number"),
        (integer(), "9" * 5000, "exchange.out_of_bounds"),
        (integer(1, 9), "0", "exchange.out_of_bounds"),
        (code(), "é", "exchange.not_a_code"),
        (code(3), "abcd", "exchange.too_long"),
        (choice({"P": 1, "C": 2}), "X", "exchange.not_a_choice"),
        (yes_no, "misschien", "exchange.not_a_choice"),
        (bsn, "999918360", "exchange.not_a_bsn"),
        (iban, "NL68TEST2486040197", "exchange.not_an_iban"),
        (postcode, "0098 HJ", "exchange.not_a_postcode"),
        (email, "a@b", "exchange.not_an_email"),
        (email, "a b@c.example", "exchange.not_an_email"),
        (text(3), "abcd", "exchange.too_long"),
        (text(9), "tab\there", "exchange.control_character"),
        (text(9), "nul\0", "exchange.control_character"),
        (text(9, lines=True), "nul\0", "exchange.control_character"),
    ],
)
def test_a_cell_is_refused_in_words(parse, cell, reason):
    with pytest.raises(Refusal) as refused:
        parse(cell)
    assert refused.value.code == reason
    assert "%(" not in sentence(Flaw("Kolom", reason, refused.value.facts), {})


@pytest.mark.parametrize("parse", [amount(), day, integer(), code(), yes_no, bsn, iban, postcode, email, text(50)])
@given(cell=some.text(min_size=1, max_size=60))
def test_whatever_a_cell_holds_it_is_a_value_or_a_refusal(parse, cell):
    try:
        parse(cell)
    except Refusal as refusal:
        assert refusal.code in CELL  # noqa: PT017 - both ends are right


@given(some.from_regex(r"\A[0-9]{0,12}[,.]?[0-9]{0,3}\Z"))
def test_the_short_way_to_an_amount_reads_the_same_as_the_long_one(cell):
    def answer(parse):
        try:
            return parse(cell)
        except Refusal as refusal:
            return refusal.code

    assert answer(amount(MOST)) == answer(parse_amount)


@pytest.mark.parametrize(
    ("parse", "file", "name"),
    [
        (bsn, "aanvragen.csv", "BSN"),
        (postcode, "aanvragen.csv", "Postcode"),
        (yes_no, "aanvragen.csv", "Ondernemer"),
        (amount(), "aanvragen.csv", "Inkomen"),
        (day, "aanvragen.csv", "Geboortedatum"),
        (iban, "creditors.csv", "IBAN"),
        (email, "creditors.csv", "Email"),
    ],
)
def test_every_cell_of_the_samples_is_understood(parse, file, name):
    assert all(parse(cell) is not None for cell in column(file, name) if cell)
