"""Working days and terms by the Algemene termijnenwet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines import (
    add_working_days,
    age,
    holidays,
    is_working_day,
    kings_day,
    months_before,
    term,
    working_days_between,
    years_before,
)

DAYS = st.dates(date(2014, 1, 1), date(2199, 1, 1))


def test_the_holidays_of_a_year_are_those_of_the_law():
    assert sorted(holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 1, 2),  # decreed
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 6),  # Easter Monday
        date(2026, 4, 27),
        date(2026, 5, 5),
        date(2026, 5, 14),  # Ascension
        date(2026, 5, 15),  # decreed
        date(2026, 5, 25),  # Whit Monday
        date(2026, 12, 25),
        date(2026, 12, 26),
    ]


def test_kings_day_moves_back_from_a_sunday():
    assert kings_day(2025) == date(2025, 4, 26)
    assert kings_day(2026) == date(2026, 4, 27)


def test_the_day_of_issue_is_not_counted():
    assert add_working_days(date(2026, 3, 4), 10) == date(2026, 3, 18)
    assert add_working_days(date(2026, 3, 7), 1) == date(2026, 3, 9)


def test_a_term_that_ends_on_a_holiday_moves_on():
    assert term(date(2026, 3, 20), 14) == date(2026, 4, 7)  # Good Friday, the weekend, Easter Monday
    assert term(date(2026, 3, 2), 14) == date(2026, 3, 16)


@given(DAYS, st.integers(1, 60))
def test_adding_working_days_ends_on_the_working_day_so_many_later(day, number):
    end = add_working_days(day, number)
    assert is_working_day(end)
    assert working_days_between(day, end) == number
    assert working_days_between(end, day) == -number


@given(DAYS, st.integers(0, 90))
def test_a_term_never_ends_early_nor_on_a_free_day(day, days):
    end = term(day, days)
    assert is_working_day(end)
    assert timedelta(0) <= end - (day + timedelta(days=days)) <= timedelta(days=6)


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 15), 6, date(2025, 7, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 6, 30), 6, date(2025, 12, 30)),
    ],
)
def test_months_earlier_stay_within_the_month(day, months, earlier):
    assert months_before(day, months) == earlier


def test_a_leap_day_goes_back_to_the_last_of_february():
    assert years_before(date(2028, 2, 29), 5) == date(2023, 2, 28)
    assert years_before(date(2028, 2, 29), 4) == date(2024, 2, 29)
    assert years_before(date(2028, 2, 29), 5000).year == 1


def test_a_birthday_counts_from_the_day_itself():
    assert age(date(2000, 3, 5), date(2026, 3, 4)) == 25
    assert age(date(2000, 3, 5), date(2026, 3, 5)) == 26
