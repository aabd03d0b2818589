"""Rules of profiles: quarters, shares, plots and verdicts."""

from collections import Counter
from datetime import date

import pytest

from app.relations.profile_rules import MEASURE, Verdict, at_least, at_most, by_quarter, drawing, kept_share, last_year, plot, quarters

TODAY = date(2026, 6, 4)


def test_the_last_eight_quarters_end_with_the_one_that_runs():
    found = quarters(TODAY)
    assert [one.first for one in (found[0], found[-1])] == [date(2024, 7, 1), date(2026, 4, 1)]
    assert [one.number for one in found] == [3, 4, 1, 2, 3, 4, 1, 2]


def test_months_are_added_up_by_quarter_and_by_year():
    months = {
        date(2026, 4, 1): Counter(due=2),
        date(2026, 6, 1): Counter(due=3),
        date(2025, 6, 1): Counter(due=5),
        date(2024, 6, 1): Counter(due=9),
    }
    assert [figures["due"] for _, figures in by_quarter(months, TODAY)] == [0, 0, 0, 5, 0, 0, 0, 5]
    assert last_year(months, TODAY)["due"] == 5  # July 2025 up to and including June 2026


def test_a_share_is_half_up_and_nothing_to_divide_by_is_no_nought():
    assert MEASURE["in_time"].value(Counter(in_time=1, due=8)) == 13
    assert MEASURE["in_time"].value(Counter()) is None
    assert MEASURE["pauses_broken"].value(Counter()) == 0
    assert MEASURE["days"].value(Counter(days=25, days_of=10)) == 3


def test_a_plot_keeps_the_gaps_and_shows_the_last_known_value():
    found = [(one, Counter(in_time=at, due=at and 4)) for at, one in enumerate(quarters(TODAY)[:3])] + [(quarters(TODAY)[3], Counter())]
    drawn = plot("in_time", found, 90)
    assert drawn.values == (None, 25, 50, None)
    assert (drawn.shown, drawn.high, drawn.target) == (50, 100, 90)


def test_a_gap_is_drawn_without_a_line_and_the_last_quarter_as_a_larger_dot():
    found = [(one, Counter(in_time=at, due=at and 4)) for at, one in enumerate(quarters(TODAY)[:4])]
    drawn = drawing(plot("in_time", found, 75))
    assert drawn.dots == [("34.00%", "68", 2), ("66.00%", "52", 2), ("98.00%", "36", 4)]
    assert drawn.stretches == [("34.00%", "68", "66.00%", "52"), ("66.00%", "52", "98.00%", "36")]
    assert drawn.target == "36"


@pytest.mark.parametrize(
    ("did", "word", "verdict"),
    [(90, 90, Verdict.FITS), (85, 90, Verdict.NEARLY), (84, 90, Verdict.DIFFERS), (None, 90, Verdict.UNKNOWN), (90, None, Verdict.UNKNOWN)],
)
def test_a_share_is_judged_against_the_least_that_was_agreed(did, word, verdict):
    assert at_least(did, word) is verdict


@pytest.mark.parametrize(("did", "word", "verdict"), [(0, 0, "fits"), (1, 0, "nearly"), (2, 0, "differs"), (2, None, "unknown")])
def test_a_number_is_judged_against_the_most_that_was_said(did, word, verdict):
    assert at_most(did, word) == verdict


def test_of_no_checks_nothing_is_kept_or_broken():
    assert kept_share(0, 0) is None
    assert kept_share(2, 1) == 67
