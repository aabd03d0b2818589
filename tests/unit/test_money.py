"""Amounts as people write them, percentages, and dividing without losing a cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refusal
from app.money import amount, half_up, parse_amount, parse_percentage, percentage, share, split


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1.234,56", 123456),
        ("1234.56", 123456),
        ("1234,5", 123450),
        ("€ 1.284,10", 128410),
        ("€\u00a07", 700),
        ("EUR 40", 4000),
        ("12,-", 1200),
        ("12,--", 1200),
        ("1.234", 123400),
        ("1.234.567", 123456700),
        ("0,01", 1),
        (" 0 ", 0),
    ],
)
def test_an_amount_is_read_as_it_is_written(text, cents):
    assert parse_amount(text) == cents


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-5", "money.negative"),
        ("€ −5,00", "money.negative"),
        ("5-", "money.negative"),
        ("1,234", "money.too_many_decimals"),
        ("0.125", "money.too_many_decimals"),
        ("1.234,567", "money.too_many_decimals"),
        ("twaalf", "money.unreadable"),
        ("", "money.unreadable"),
        ("12,34,56", "money.unreadable"),
        ("1,234.56", "money.unreadable"),
        ("1e5", "money.unreadable"),
        ("٣", "money.unreadable"),
        ("9" * 5000, "money.too_large"),
    ],
)
def test_what_is_no_amount_is_refused(text, code):
    with pytest.raises(Refusal, match=code):
        parse_amount(text)


@given(st.integers(0, 10**13 - 1))
def test_an_amount_written_is_read_back(cents):
    assert parse_amount(amount(cents)) == cents


def test_an_amount_below_zero_is_written_with_a_minus():
    assert amount(-123456) == "−1.234,56"


@pytest.mark.parametrize(("text", "rate"), [("7,5", "7.5"), ("7.50 %", "7.5"), ("12%", "12"), ("0", "0")])
def test_a_percentage_is_read_exactly(text, rate):
    assert parse_percentage(text) == Decimal(rate)


@pytest.mark.parametrize("text", ["", "-1", "veel", "1,2,3", "nan"])
def test_what_is_no_percentage_is_refused(text):
    with pytest.raises(Refusal, match=r"money.percentage_unreadable"):
        parse_percentage(text)


def test_half_a_cent_goes_up():
    assert [half_up(1, 2), half_up(3, 2), half_up(49, 100)] == [1, 2, 0]
    assert share(50, Decimal("1.00")) == 1
    assert percentage(1, 200) == "0.50"
    assert percentage(12345, 1_000_000) == "1.23"
    assert percentage(12350, 1_000_000) == "1.24"


def test_a_percentage_of_nothing_is_zero():
    assert percentage(0, 0) == "0.00"


def test_the_last_cents_go_to_the_largest_remainders_and_then_by_name():
    assert split(10, [1, 1, 1], ["c", "a", "b"]) == [3, 4, 3]
    assert split(10, [5, 3, 3], ["a", "b", "c"]) == [4, 3, 3]
    assert split(0, [0, 0], ["a", "b"]) == [0, 0]


@given(st.data(), st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_no_cent_is_lost_and_nobody_gets_more_than_its_weight(data, weights):
    total = data.draw(st.integers(0, sum(weights)))
    parts = split(total, weights, [f"{number:02d}" for number in range(len(weights))])
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
