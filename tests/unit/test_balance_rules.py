"""Balance requests: their days, what an answer makes of them, when costs are too much, and how long a code is good."""

from datetime import date

import pytest

from app.cases.balance_rules import MOVES, BalanceAnswer, Statement, answered, day_of, days, is_late, opens_by_code, weigh
from app.cases.rules import Rank
from app.errors import Refusal

SENT = date(2026, 6, 4)
A = BalanceAnswer


def said(**over):
    values = {"principal_cents": 100_000, "interest_cents": 0, "costs_cents": 15_000, "reference": "", "rank": Rank.CONCURRENT}
    return Statement(**values | {"notice_on": date(2026, 5, 1)} | over)


def test_the_days_are_working_days_after_the_day_of_sending():
    found = days(date(2026, 12, 18))  # a Friday; Christmas lies in between
    assert found.remind_on == (date(2026, 12, 28), date(2027, 1, 6))
    assert (found.answer_by, found.closes_on) == (date(2027, 1, 5), date(2027, 1, 19))


def test_every_state_has_its_moves():
    assert set(MOVES) == set(BalanceAnswer)


@pytest.mark.parametrize(
    ("state", "answer", "flags", "after"),
    [
        (A.OPEN, A.STATED, {}, A.STATED),
        (A.OPEN, A.NO_COOPERATION, {}, A.NO_COOPERATION),
        (A.OPEN, A.STATED, {"waits": True}, A.STATED),
        (A.NO_COOPERATION, A.STATED, {"waits": True}, A.NO_COOPERATION),
        (A.NOT_STATED, A.STATED, {"late": True}, A.NOT_STATED),
        (A.OPEN, A.STATED, {"late": True}, A.NOT_STATED),
    ],
)
def test_an_answer_leads_to(state, answer, flags, after):
    assert answered(state, answer, **{"late": False, "waits": False} | flags) is after


def test_a_stated_balance_is_not_taken_back():
    with pytest.raises(Refusal):
        answered(A.STATED, A.NO_COOPERATION, late=False, waits=False)


@pytest.mark.parametrize(
    ("state", "today", "late"),
    [
        (A.OPEN, date(2026, 7, 2), False),
        (A.OPEN, date(2026, 7, 3), True),
        (A.NOT_STATED, date(2026, 7, 2), True),
        (A.STATED, date(2026, 8, 1), False),
    ],
)
def test_the_last_day_counts_and_the_day_after_does_not(state, today, late):
    assert is_late(date(2026, 7, 2), state, today) is late


@pytest.mark.parametrize(
    ("over", "too_much"),
    [
        ({}, False),
        ({"costs_cents": 15_001}, True),
        ({"costs_cents": 18_150, "vat": True}, False),
        ({"costs_cents": 18_151, "vat": True}, True),
        ({"notice_on": None}, True),  # without a notice nothing is owed
        ({"notice_on": date(2026, 5, 20)}, True),  # its last day is 3 June, and 4 June is the first on which it is owed
        ({"principal_cents": 0}, True),
    ],
)
def test_costs_are_laid_beside_the_scale_and_the_notice(over, too_much):
    assert weigh(said(**over), date(2026, 6, 3)).is_too_much is too_much


def test_without_costs_there_is_nothing_to_weigh():
    assert weigh(said(costs_cents=0, notice_on=None), SENT) is None


@pytest.mark.parametrize(
    ("sent_on", "state", "closes_on", "today", "opens"),
    [
        (SENT, A.OPEN, date(2026, 7, 2), date(2026, 7, 2), True),
        (SENT, A.OPEN, date(2026, 7, 2), date(2026, 7, 3), False),
        (SENT, A.STATED, date(2026, 7, 2), SENT, False),
        (SENT, A.OPEN, date(2027, 1, 1), date(2026, 8, 3), True),
        (SENT, A.OPEN, date(2027, 1, 1), date(2026, 8, 4), False),
    ],
)
def test_a_code_is_good_for_sixty_days_while_the_request_waits(sent_on, state, closes_on, today, opens):
    assert opens_by_code(sent_on, state, closes_on, today) is opens


@pytest.mark.parametrize(("text", "day"), [("2026-06-04", SENT), ("4 juni", None), ("", None)])
def test_a_day_of_a_draft_is_read_back(text, day):
    assert day_of(text) == day
