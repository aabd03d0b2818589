"""What an answer may be, what keeps a report from being submitted, when one is due, and what a mark is worth."""

from datetime import UTC, date, datetime

import pytest

from app.errors import Refusal
from app.practices import rules
from app.practices.cost_rules import CostCase, check_case
from app.practices.questions import QUESTION, parse
from app.practices.rules import Mark, Remark

TODAY = date(2026, 6, 4)


@pytest.mark.parametrize(("question", "text", "value"), [
    ("staff", " 1.250 ", 1250), ("staff", "1 250", 1250), ("staff", "0", 0), ("staff", " ", None), ("costs_cents", "€ 1.234,5", 123450),
    ("language_tested", "always", "always"), ("training", "  Cursus\u202e schulden ", "Cursus schulden"),
])  # fmt: skip
def test_an_answer_is_read_as_people_type_it(question, text, value):
    assert parse(QUESTION[question], text) == value


@pytest.mark.parametrize(("question", "text", "code"), [
    ("staff", "12,5", "practices.not_a_number"), ("staff", "-3", "practices.not_a_number"), ("staff", "²", "practices.not_a_number"),
    ("staff", "1000001", "practices.too_large"), ("costs_cents", "duizend", "money.unreadable"),
    ("language_tested", "altijd", "practices.not_a_choice"), ("training", "x" * 2001, "practices.too_long"),
])  # fmt: skip
def test_what_is_no_answer_is_refused(question, text, code):
    with pytest.raises(Refusal) as refused:
        parse(QUESTION[question], text)
    assert refused.value.code == code


def test_what_is_missing_and_what_contradicts_itself_is_told_in_the_order_of_the_questions():
    whole = {code: 5 if one.choices is None else next(iter(one.choices)).value for code, one in QUESTION.items() if not one.is_optional}
    assert rules.faults(whole) == []
    wrong = {code: value for code, value in whole.items() if code != "staff"} | {"complaints_upheld": 6, "cost_cases": 0}
    assert [(fault.question, fault.code) for fault in rules.faults(wrong)] == [
        ("costs_cents", "practices.costs_without_cases"), ("staff", "practices.missing"), ("complaints_upheld", "practices.part_larger"),
    ]  # fmt: skip


@pytest.mark.parametrize(("today", "due"), [
    (date(2026, 2, 28), 0), (date(2026, 3, 1), 1), (date(2026, 3, 24), 2), (date(2026, 3, 31), 2), (date(2026, 4, 1), 3),
])  # fmt: skip
def test_reminders_are_due_thirty_and_seven_days_before_the_last_and_once_after(today, due):
    assert (rules.due_on(2025), rules.reminders_due(2025, today)) == (date(2026, 3, 31), due)


def remark(mark, submission=1):
    return Remark("staff", mark, datetime(2026, 6, 4, tzinfo=UTC), submission)


def test_a_mark_counts_as_long_as_the_answer_is_what_it_was_about():
    seen = [remark(Mark.QUESTIONED), remark(Mark.REPLY), remark(Mark.VERIFIED)]
    assert rules.standing(seen, [(1, 40)]) is Mark.VERIFIED
    assert rules.standing(seen, [(1, 40), (2, 40)]) is Mark.VERIFIED
    assert rules.standing(seen, [(1, 40), (2, 41)]) is None
    assert rules.standing([], [(1, 40)]) is None


def test_who_is_to_speak_about_a_question_is_its_creditor_until_it_replied():
    asked = [remark(Mark.QUESTIONED)]
    assert rules.waits_for(asked, Mark.QUESTIONED) == "creditor"
    assert rules.waits_for([*asked, remark(Mark.REPLY)], Mark.QUESTIONED) == "team"
    assert rules.waits_for([*asked, remark(Mark.SEEN)], Mark.SEEN) == ""


# ── costs ────────────────────────────────────────────────────────────────────


def check(*principals, charged=4000, received=date(2026, 3, 2), **over):
    return check_case(CostCase(principals, charged, received, **over), TODAY)


def test_claims_of_one_notice_are_summed():
    assert (check(100_00, 200_00).allowed_cents, check(300_00).allowed_cents) == (45_00, 45_00)


@pytest.mark.parametrize(("now", "earlier", "costs", "allowed"), [
    (100_00, 100_00, 40_00, 0),  # together below 266.67: EUR 40, which was charged already
    (100_00, 100_00, 0, 40_00),
    (200_00, 200_00, 40_00, 20_00),
    (100_00, 100_00, 90_00, 0),  # too much was charged earlier: nothing is left, and never less than nothing
])  # fmt: skip
def test_earlier_instalments_and_what_was_charged_for_them_count_in(now, earlier, costs, allowed):
    found = check(now, earlier_principal=earlier, earlier_costs=costs)
    assert (found.allowed_cents, found.looks_back_to) == (allowed, date(2025, 9, 2))


def test_vat_comes_on_top_of_what_both_may_cost_together():
    assert check(200_00, vat=True, earlier_principal=200_00, earlier_costs=48_40).allowed_cents == 24_20


@pytest.mark.parametrize(("over", "code", "field"), [
    ({"received": None}, "practices.no_notice", "received"),
    ({"received": date(2026, 6, 5)}, "practices.notice_to_come", "received"),
    ({"received": date(2012, 6, 30)}, "cases.costs_before_the_decree", "received"),
    ({"earlier_costs": 1}, "practices.earlier_costs_alone", "earlier_principal"),
    ({"earlier_principal": 1, "received": date(2024, 9, 30)}, "practices.instalments_too_early", "earlier_principal"),
    ({"charged": 0}, "cases.costs_amount", "charged"),
])  # fmt: skip
def test_a_case_that_cannot_be_checked_says_why(over, code, field):
    with pytest.raises(Refusal) as refused:
        check(100_00, **over)
    assert (refused.value.code, refused.value.field) == (code, field)
