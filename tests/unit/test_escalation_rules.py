"""The ladder of an escalation: who follows on whom, what has to be known before, and until when a step lasts."""

from datetime import date

import pytest

from app.errors import Refusal
from app.relations.escalation_rules import ABOVE, EscalationState, Level, Result, check_climb, check_start, term

OPEN, CLOSED = EscalationState.OPEN, EscalationState.CLOSED


def climbs(level, to, result=Result.REFUSED, state=OPEN):
    try:
        check_climb(state, level, to, result)
    except Refusal as refusal:
        return refusal.code
    return None


def test_within_the_organisation_nobody_is_passed_over_and_outside_it_who_has_no_say_is():
    may = {level: {to for to in Level if climbs(level, to) is None} for level in Level}
    outside = {Level.BODY, Level.SUPERVISOR, Level.ALDERMAN}
    assert may[Level.CONTACT] == {Level.MANAGEMENT}
    assert may[Level.MANAGEMENT] == {Level.BOARD}
    assert (may[Level.BOARD], may[Level.BODY]) == (outside, {Level.SUPERVISOR, Level.ALDERMAN})
    assert (may[Level.SUPERVISOR], may[Level.ALDERMAN]) == ({Level.ALDERMAN}, set())
    assert set(ABOVE) == set(Level)


@pytest.mark.parametrize(
    ("result", "state", "code"),
    [
        (None, OPEN, "escalations.result_first"),
        (Result.SETTLED, OPEN, "escalations.settled_already"),
        (Result.NO_ANSWER, CLOSED, "escalations.closed_already"),
        (Result.PROMISED, OPEN, None),
    ],
)
def test_a_step_up_needs_the_result_of_the_one_before(result, state, code):
    assert climbs(Level.CONTACT, Level.MANAGEMENT, result, state) == code


def test_only_after_a_complaint_or_pattern_one_begins_above_the_contact_person():
    check_start(Level.CONTACT, has_ground=False)
    check_start(Level.MANAGEMENT, has_ground=True)
    for level, has_ground in ((Level.MANAGEMENT, False), (Level.BOARD, True)):
        with pytest.raises(Refusal, match=r"escalations.start_too_high"):
            check_start(level, has_ground=has_ground)


def test_each_rung_has_its_term_in_working_days():
    assert [term(level, date(2026, 6, 4)) for level in (Level.CONTACT, Level.BOARD)] == [date(2026, 6, 18), date(2026, 6, 25)]
