"""Law and rates as dated data."""

from datetime import date
from decimal import Decimal

import pytest

from app.errors import Refusal
from app.proposals import parameters


def test_instalments_went_from_36_to_18_on_1_july_2023():
    assert parameters.whole("restructuring_loan_months", date(2023, 6, 30)) == 36
    assert parameters.whole("restructuring_loan_months", date(2023, 7, 1)) == 18


def test_the_ceiling_of_the_rate_follows_the_statutory_interest_by_8_points_since_2023():
    for day in (date(2023, 1, 1), date(2023, 7, 1), date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)):
        assert parameters.rate("rate_ceiling", day) == parameters.rate("statutory_interest", day) + 8


@pytest.mark.parametrize("name", parameters.TABLE)
def test_every_row_has_its_source_and_the_rows_stand_in_order(name):
    rows = parameters.TABLE[name]
    assert all(row.source for row in rows)
    assert [row.since for row in rows] == sorted({row.since for row in rows})


def test_what_the_bank_sets_says_so():
    assert parameters.row("answer_days", date(2026, 3, 2)).source.endswith("set by the bank")


def test_a_day_before_the_first_row_is_refused():
    with pytest.raises(Refusal, match=r"proposals.parameter_unknown"):
        parameters.rate("statutory_interest", date(2014, 12, 31))


def test_the_bands_of_collection_costs_join_up_to_the_highest_amount():
    ends = [band.to_cents for band in parameters.COLLECTION_COSTS[:-1]]
    assert [band.from_cents for band in parameters.COLLECTION_COSTS[1:]] == ends
    costs = sum((band.to_cents - band.from_cents) * band.percentage / 100 for band in parameters.COLLECTION_COSTS[:-1])
    assert costs + Decimal(80_000_000) * Decimal("0.005") == 677_500  # the most is reached at a million
