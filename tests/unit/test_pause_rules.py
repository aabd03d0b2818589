"""How long a pause lasts, which answers follow which, and what is asked before a client is unknown."""

from datetime import date

import pytest

from app.cases import pause_rules
from app.cases.pause_rules import MOVES, NoticeState, Searched
from app.errors import Refusal
from app.proposals import parameters

SENT, UNTIL = date(2026, 6, 1), date(2027, 2, 1)
TODAY = date(2026, 6, 4)


@pytest.mark.parametrize(
    ("sent", "until"),
    [(date(2026, 6, 1), date(2027, 2, 1)), (date(2026, 6, 30), date(2027, 2, 28)), (date(2027, 6, 30), date(2028, 2, 29))],
)
def test_a_pause_lasts_eight_months(sent, until):
    assert pause_rules.pause_until(sent) == until


def test_a_balance_statement_lets_a_pause_last_eight_months_from_that_day():
    assert pause_rules.extended_until(UNTIL, date(2026, 7, 15)) == date(2027, 3, 15)


def test_a_balance_statement_never_makes_a_pause_shorter():
    assert pause_rules.extended_until(UNTIL, date(2026, 5, 1)) == UNTIL


def test_the_months_stand_among_the_parameters_with_their_source():
    row = parameters.row("pause_months", TODAY)
    assert (row.value, "set by the bank" in row.source) == (8, True)
    assert parameters.whole("pause_after_statement_months", TODAY) == 8
    reminder = parameters.row("notice_reminder_days", TODAY)
    assert (reminder.value, "set by the bank" in reminder.source) == (10, True)


@pytest.mark.parametrize(
    ("state", "ended", "today", "pauses"),
    [
        (NoticeState.SENT, None, TODAY, True),
        (NoticeState.OBSTACLE, None, UNTIL, True),
        (NoticeState.CONFIRMED, None, date(2027, 2, 2), False),
        (NoticeState.CONFIRMED, TODAY, TODAY, False),
        (NoticeState.CLIENT_UNKNOWN, None, TODAY, False),
    ],
)
def test_a_pause_holds_from_the_notice_whatever_was_answered(state, ended, today, pauses):
    assert pause_rules.is_pausing(state, UNTIL, ended, today) is pauses


def test_every_answer_can_follow_the_notice_and_none_leads_back_to_it():
    assert MOVES[NoticeState.SENT] == set(NoticeState) - {NoticeState.SENT}
    assert not any(NoticeState.SENT in moves for moves in MOVES.values())


@pytest.mark.parametrize(("ended", "today"), [(date(2026, 6, 3), TODAY), (None, date(2027, 2, 2))])
def test_a_pause_that_is_over_takes_no_answer(ended, today):
    with pytest.raises(Refusal) as no:
        pause_rules.check_answer(NoticeState.SENT, NoticeState.CONFIRMED, UNTIL, ended, today)
    assert no.value.code == "pauses.over"


def test_who_confirmed_cannot_say_that_it_knows_nobody():
    with pytest.raises(Refusal) as no:
        pause_rules.check_answer(NoticeState.CONFIRMED, NoticeState.CLIENT_UNKNOWN, UNTIL, None, TODAY)
    assert no.value.code == "pauses.move_not_possible"


def test_a_client_is_unknown_after_two_fields_were_searched():
    pause_rules.check_searched(frozenset({Searched.NAME, Searched.ADDRESS}))
    with pytest.raises(Refusal):
        pause_rules.check_searched(frozenset({Searched.NAME}))


@pytest.mark.parametrize(
    ("day", "ended", "code"),
    [
        (date(2026, 5, 31), None, "pauses.day_outside"),
        (date(2026, 6, 5), None, "pauses.day_in_future"),
        (date(2026, 6, 3), date(2026, 6, 2), "pauses.day_outside"),
    ],
)
def test_collecting_counts_only_on_a_day_of_the_pause(day, ended, code):
    with pytest.raises(Refusal) as no:
        pause_rules.check_breach(day, SENT, UNTIL, ended, TODAY)
    assert no.value.code == code
