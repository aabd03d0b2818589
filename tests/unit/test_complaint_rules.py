"""Complaints without a database: every move in its state, terms in working days, and texts that name no client."""

from datetime import date

import pytest

from app.errors import Refusal
from app.relations.complaint_lifecycle import MOVES, OPEN, Move, State, moves, next_state
from app.relations.complaint_rules import ComplaintKind, check_anonymous, check_report, is_near, names_client
from app.relations.complaint_terms import (
    TABLE,
    Clocks,
    Row,
    clocks,
    due_on,
    feedback_by,
    is_pattern,
    is_reminded,
    moved,
    pattern_since,
    value,
)

THURSDAY = date(2026, 5, 28)


def test_every_state_says_where_each_of_its_moves_leads():
    assert set(MOVES) == set(State)
    assert moves(State.DRAFT) == {Move.REPORT}
    assert all({Move.MERGE, Move.CLOSE} <= moves(state) for state in OPEN)
    assert next_state(State.ANSWERED, Move.PASS_ON) is State.TRIAGE


@pytest.mark.parametrize("state", State)
def test_a_move_that_the_table_lacks_is_refused(state):
    for wrong in frozenset(Move) - moves(state):
        with pytest.raises(Refusal) as refused:
            next_state(state, wrong)
        assert refused.value.code == ("relations.merged_already" if state is State.MERGED else "relations.move_not_possible")


def test_a_complaint_that_was_closed_comes_back_to_triage_and_one_that_was_merged_never():
    assert next_state(State.CLOSED, Move.REOPEN) is State.TRIAGE
    assert moves(State.MERGED) == frozenset()


def test_receipt_has_five_working_days_and_the_answer_fifteen():
    assert clocks(THURSDAY, is_urgent=False) == Clocks(date(2026, 6, 4), date(2026, 6, 18))


def test_an_urgent_one_is_read_the_next_working_day_and_answered_the_day_after():
    assert clocks(date(2026, 5, 22), is_urgent=True) == Clocks(date(2026, 5, 26), date(2026, 5, 27))  # over Whit Monday


def test_what_is_due_follows_the_state():
    both = Clocks(date(2026, 6, 4), date(2026, 6, 18))
    assert due_on(State.NEW, both, None, is_paused=False) == both.receipt_by
    assert due_on(State.ADDRESSED, both, None, is_paused=False) == both.answer_by
    assert due_on(State.ANSWERED, both, date(2026, 6, 10), is_paused=False) == feedback_by(date(2026, 6, 10)) == date(2026, 6, 17)
    assert due_on(State.ADDRESSED, both, None, is_paused=True) is None
    assert due_on(State.CLOSED, both, None, is_paused=False) is None


@pytest.mark.parametrize(
    ("addressed_on", "answer_by", "day", "reminded"),
    [
        (THURSDAY, date(2026, 6, 18), date(2026, 6, 12), False),  # four working days are left
        (THURSDAY, date(2026, 6, 18), date(2026, 6, 15), True),
        (THURSDAY, date(2026, 6, 1), THURSDAY, False),  # an urgent one, laid before it today
        (THURSDAY, date(2026, 6, 1), date(2026, 5, 29), True),
        (date(2026, 5, 29), date(2026, 6, 1), date(2026, 5, 30), False),  # a Saturday: it had no working day yet
        (THURSDAY, date(2026, 5, 27), date(2026, 6, 1), False),  # its term was over before it was laid before anybody
    ],
)
def test_who_is_silent_is_reminded_three_working_days_before_the_last_one(addressed_on, answer_by, day, reminded):
    assert is_reminded(addressed_on, answer_by, day) is reminded


def test_a_pause_moves_what_lay_ahead_by_as_many_working_days():
    assert moved(date(2026, 6, 18), paused_on=date(2026, 6, 5), today=date(2026, 6, 9)) == date(2026, 6, 22)
    assert moved(date(2026, 6, 4), paused_on=date(2026, 6, 5), today=date(2026, 6, 9)) == date(2026, 6, 4)  # was over


def test_three_of_a_kind_in_ninety_days_are_a_pattern_until_another_row_holds(monkeypatch):
    assert [is_pattern(number, THURSDAY) for number in (2, 3)] == [False, True]
    assert pattern_since(date(2026, 6, 4)) == date(2026, 3, 6)
    monkeypatch.setitem(TABLE, "pattern_number", (*TABLE["pattern_number"], Row(date(2026, 7, 1), 5, "set by the bank")))
    assert (value("pattern_number", date(2026, 6, 30)), value("pattern_number", date(2026, 7, 1))) == (3, 5)


@pytest.mark.parametrize(("text", "name"), [
    ("Mevrouw van ’t Hof kreeg een brief.", "Van 't Hof"), ("KLANT kl-00012 belde", "KL00012"), ("Meneer Güven betaalt", "guven"),
])  # fmt: skip
def test_a_text_that_names_the_client_is_found_whatever_its_signs(text, name):
    assert names_client(text, ["", "Zo", name]) == name
    with pytest.raises(Refusal, match=r"relations.names_client"):
        check_anonymous(text, [name])


def test_a_name_inside_another_word_is_no_name():
    assert names_client("Het bosje bloemen", ["Bos", "it"]) == ""


WHOLE = {"kind": ComplaintKind.TONE, "happened_on": THURSDAY, "words": "Zij dreigden.", "has_party": True, "today": date(2026, 6, 4)}


@pytest.mark.parametrize(("over", "code"), [
    ({"has_party": False}, "relations.party_missing"), ({"kind": None}, "relations.kind_missing"),
    ({"happened_on": None}, "relations.day_missing"), ({"happened_on": date(2026, 6, 5)}, "relations.day_in_future"),
    ({"words": "  "}, "relations.words_missing"),
])  # fmt: skip
def test_a_report_says_what_it_lacks(over, code):
    check_report(**WHOLE)
    with pytest.raises(Refusal, match=code):
        check_report(**WHOLE | over)


def test_two_within_a_fortnight_may_be_one():
    assert is_near(date(2026, 6, 1), date(2026, 5, 18))
    assert not is_near(date(2026, 6, 1), date(2026, 5, 17))
