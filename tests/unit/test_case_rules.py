"""The balance round, the age of figures, and what a case waits for."""

from datetime import date

import pytest

from app.cases.rules import (
    Balances,
    Rank,
    Stage,
    Status,
    balance_state,
    last_closed_start,
    oldest_figures,
    security,
    settlement,
    sorted_name,
    status,
    typed_surname,
)
from app.deadlines import add_working_days
from app.errors import Refusal

START = date(2026, 6, 1)
CLOSES = date(2026, 6, 29)  # the 20th working day after Monday 1 June


@pytest.mark.parametrize(
    ("stated", "today", "state"),
    [
        ([1, 2], START, Balances.COMPLETE),
        ([1, None], CLOSES, Balances.OPEN),
        ([1, None], date(2026, 6, 30), Balances.CLOSED),
        ([], START, Balances.OPEN),
        ([], date(2026, 6, 30), Balances.CLOSED),
        ([0], START, Balances.COMPLETE),  # nothing owed is an answer too
    ],
)
def test_a_round_is_open_until_its_twentieth_working_day_or_until_all_stated(stated, today, state):
    found = balance_state(START, stated, today)
    assert (found.state, found.closes_on) == (state, CLOSES)


@pytest.mark.parametrize("today", [date(2026, 1, 2), date(2026, 5, 6), date(2026, 6, 29), date(2026, 6, 30), date(2026, 7, 5)])
def test_the_day_that_lists_compare_with_says_the_same_as_the_rule(today):
    start = last_closed_start(today)
    assert add_working_days(start, 20) < today
    assert add_working_days(date.fromordinal(start.toordinal() + 1), 20) >= today


@pytest.mark.parametrize(
    ("balances", "calculated_on", "closed_on", "expected"),
    [
        (Balances.OPEN, date(2020, 1, 1), None, Status.BALANCES_OPEN),
        (Balances.COMPLETE, date(2025, 12, 29), None, Status.READY),
        (Balances.CLOSED, date(2025, 12, 28), None, Status.FIGURES_OLD),
        (Balances.OPEN, CLOSES, START, Status.CLOSED),
    ],
)
def test_a_case_waits_for_balances_first_then_for_fresh_figures(balances, calculated_on, closed_on, expected):
    assert oldest_figures(CLOSES) == date(2025, 12, 29)
    assert status(Stage.INTAKE, balances, calculated_on, closed_on, CLOSES) is expected


def test_an_earlier_settlement_is_known_with_its_day_known_to_be_none_or_unknown():
    assert settlement(True, date(2020, 1, 1), START) == (True, date(2020, 1, 1))
    assert settlement(True, None, START) == (True, None)
    assert settlement(False, None, START) == (False, None)
    for known, day in [(False, date(2020, 1, 1)), (True, date(2027, 1, 1))]:
        with pytest.raises(Refusal):
            settlement(known, day, START)


def test_only_a_secured_claim_has_security():
    assert security(Rank.SECURED, 500) == 500
    assert security(Rank.CONCURRENT, 0) == 0
    with pytest.raises(Refusal):
        security(Rank.CONCURRENT, 1)


@pytest.mark.parametrize("stage", [Stage.PROPOSED, Stage.AGREED])
def test_a_case_with_a_proposal_waits_for_nothing_of_its_own(stage):
    assert status(stage, Balances.OPEN, date(2020, 1, 1), None, CLOSES) == stage.value


@pytest.mark.parametrize(
    ("initials", "surname", "listed"),
    [
        ("S.", "van 't Hof", "Hof, S. van 't"),
        ("F.", "el Idrissi", "Idrissi, F. el"),
        ("S.", "Visser", "Visser, S."),
        ("", "Visser", "Visser"),
        ("A.", "Van der Berg", "Berg, A. Van der"),
        ("A.", "Berg van Dam", "Berg van Dam, A."),
        ("", "", ""),
    ],
)
def test_a_list_writes_a_name_by_its_main_part_and_finds_it_so(initials, surname, listed):
    assert sorted_name(initials, surname) == listed
    assert typed_surname(listed) == typed_surname(surname) == surname
