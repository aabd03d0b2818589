"""Rules of commitments and meetings: the tables of moves, norms, and the months that are counted."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.errors import Refusal
from app.relations import commitment_rules as commitments
from app.relations import meeting_rules as meetings
from app.relations.commitment_rules import CommitmentMove, CommitmentState, Figure, Measure, Norm
from app.relations.meeting_rules import MeetingMove, MeetingState


def moves(rules, states, every):
    found = {}
    for state in states:
        for move in every:
            try:
                found[state, move] = rules.next_state(state, move)
            except Refusal as refusal:
                found[state, move] = refusal.code
    return found


def test_a_check_decides_how_a_commitment_stands_until_it_ends():
    found = moves(commitments, CommitmentState, CommitmentMove)
    for state in (CommitmentState.OPEN, CommitmentState.KEPT, CommitmentState.NOT_KEPT):
        assert found[state, CommitmentMove.KEEP] is CommitmentState.KEPT
        assert found[state, CommitmentMove.BREAK] is CommitmentState.NOT_KEPT
        assert found[state, CommitmentMove.END] is CommitmentState.ENDED
    assert {found[CommitmentState.ENDED, move] for move in CommitmentMove} == {"commitments.ended_already"}


def test_a_meeting_that_was_held_takes_minutes_alone_and_a_cancelled_one_nothing():
    found = moves(meetings, MeetingState, MeetingMove)
    held = {move: found[MeetingState.HELD, move] for move in MeetingMove}
    assert held.pop(MeetingMove.MINUTE) is MeetingState.HELD
    assert set(held.values()) == {"meetings.held_already"}
    assert {found[MeetingState.CANCELLED, move] for move in MeetingMove} == {"meetings.cancelled"}
    assert found[MeetingState.PLANNED, MeetingMove.CANCEL] is MeetingState.CANCELLED


@pytest.mark.parametrize(("met", "of", "kept"), [(9, 10, True), (89, 100, False), (899, 999, False), (900, 1000, True), (1, 1, True)])
def test_a_share_is_reckoned_without_rounding(met, of, kept):
    assert Figure(date(2026, 6, 1), date(2026, 6, 30), met, of).reaches(90) is kept


@pytest.mark.parametrize(
    ("since", "today", "months"),
    [
        (date(2026, 6, 1), date(2026, 6, 30), []),
        (date(2026, 6, 1), date(2026, 7, 1), [(date(2026, 6, 1), date(2026, 6, 30))]),
        (date(2026, 6, 2), date(2026, 7, 31), []),
        (date(2025, 11, 15), date(2026, 2, 1), [(date(2025, 12, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 1, 31))]),
    ],
)
def test_only_whole_months_after_the_day_count(since, today, months):
    assert commitments.whole_months(since, today) == months


@pytest.mark.parametrize(
    ("party", "norm", "field"),
    [
        ("theirs", Norm(Measure.ANSWERS_IN_TIME, 0, 10), "threshold"), ("theirs", Norm(Measure.BALANCES_IN_TIME, 101, 10), "threshold"),
        ("theirs", Norm(Measure.NOTICES_CONFIRMED, 90, 0), "days"), ("theirs", Norm(Measure.ZERO_OFFERS_ACCEPTED, 0), "threshold"),
        ("theirs", Norm(Measure.PAUSE_COMPLAINTS, -1), "at_most"), ("theirs", Norm(Measure.AGAINST_CONSENT, 101), "at_most"),
        ("ours", Norm(Measure.ANSWERS_IN_TIME, 90, 10), "way"),
    ],
)  # fmt: skip
def test_a_norm_that_no_figure_can_be_held_against_is_refused(party, norm, field):
    with pytest.raises(Refusal) as refused:
        commitments.check_norm(commitments.Party(party), norm)
    assert refused.value.field == field


def test_a_norm_asks_days_only_of_what_has_a_term_and_allows_a_number_of_nought():
    for norm in (Norm(Measure.PAUSE_COMPLAINTS, 0), Norm(Measure.AGAINST_CONSENT, 2), Norm(Measure.ZERO_OFFERS_ACCEPTED, 100)):
        commitments.check_norm(commitments.Party.THEIRS, norm)


@pytest.mark.parametrize(
    ("measure", "threshold", "met", "of", "kept"),
    [
        (Measure.ZERO_OFFERS_ACCEPTED, 90, 9, 10, True), (Measure.BALANCES_IN_TIME, 90, 8, 10, False),
        (Measure.BALANCES_IN_TIME, 90, 0, 0, None), (Measure.PAUSE_COMPLAINTS, 0, 0, 12, True), (Measure.PAUSE_COMPLAINTS, 0, 1, 12, False),
        (Measure.PAUSE_COMPLAINTS, 2, 2, 12, True), (Measure.PAUSE_COMPLAINTS, 0, 0, 0, None), (Measure.PAUSE_COMPLAINTS, 0, 1, 0, False),
    ],
)  # fmt: skip
def test_a_share_has_to_be_reached_and_a_number_not_to_be_passed(measure, threshold, met, of, kept):
    assert Figure(date(2026, 6, 1), date(2026, 6, 30), met, of).keeps(Norm(measure, threshold, 10)) is kept


def test_times_of_a_meeting_have_an_order_and_a_side_of_now():
    now = datetime(2026, 6, 4, 8, tzinfo=UTC)
    hour = timedelta(hours=1)
    meetings.check_times(now + hour, now + 2 * hour, now, was_held=False)
    meetings.check_times(now - hour, now, now, was_held=True)
    wrong = {(0, 1, False): "meetings.in_past", (1, 1, False): "meetings.ends_wrong", (1, 14, False): "meetings.ends_wrong",
             (1, 2, True): "meetings.not_yet"}  # fmt: skip
    for (begins, ends, was_held), code in wrong.items():
        with pytest.raises(Refusal, match=code):
            meetings.check_times(now + begins * hour, now + ends * hour, now, was_held=was_held)
