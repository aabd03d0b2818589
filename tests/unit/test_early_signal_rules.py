"""Rules of early signals: where a signal goes and why, what a report must hold, terms, and which result fits which attempt."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from app.early_signals import feedback, parameters, rules
from app.early_signals.feedback import Feedback, Said
from app.early_signals.routing import DISTRICTS, Facts, Rule, Team, district_of, route
from app.early_signals.rules import Attempt, AttemptKind, Confirmation, DayPart, Outcome, Sort, State, Told, Urgency
from app.errors import Refusal

DAY = date(2026, 6, 4)
NOW = datetime(2026, 6, 4, 7, tzinfo=UTC)
RENT = Facts(Sort.ARREARS, "huur", 40_000, "1071 AR")
WATER = replace(RENT, branch="water")


@pytest.mark.parametrize(
    ("facts", "team", "rule", "place"),
    [
        (replace(WATER, sort=Sort.EVICTION, benefit=True), Team.ACUTE, Rule.LATE, "Buurtteam Zuid"),
        (replace(WATER, sort=Sort.INSURANCE_END, arrears_cents=3_000), Team.ACUTE, Rule.LATE, "Buurtteam Zuid"),
        (replace(WATER, late_in_household=True, benefit=True), Team.ACUTE, Rule.LATE_HOUSEHOLD, "Buurtteam Zuid"),
        (replace(WATER, arrears_cents=14_999), Team.MESSAGE, Rule.SMALL_FIRST, "Klantcontactcentrum"),
        (replace(WATER, arrears_cents=14_999, others=1), Team.EARLY, Rule.UNKNOWN, "Buurtteam Zuid"),
        (replace(WATER, arrears_cents=15_000), Team.EARLY, Rule.UNKNOWN, "Buurtteam Zuid"),
        (replace(RENT, arrears_cents=14_999), Team.EARLY, Rule.UNKNOWN, "Buurtteam Zuid"),
        (replace(RENT, benefit=True), Team.REGULATED, Rule.BENEFIT_RENT, "WPI Geregelde Betaling"),
        (replace(WATER, benefit=True), Team.WPI, Rule.BENEFIT, "WPI Schuldhulpverlening"),
        (replace(WATER, benefit=False), Team.EARLY, Rule.UNKNOWN, "Buurtteam Zuid"),
        (replace(RENT, postcode="3511 AB"), Team.DESK, Rule.NO_NEIGHBOURHOOD, "Meldpunt Vroegsignalering"),
    ],
)
def test_each_rule_of_the_plan_sends_a_signal_to_its_team(facts, team, rule, place):
    found = route(facts, DAY)
    assert (found.team, found.rule, found.place) == (team, rule, place)


def test_every_postcode_of_the_city_has_one_part():
    assert [(first, last) for first, last, _ in DISTRICTS] == sorted((first, last) for first, last, _ in DISTRICTS)
    assert all(last < later for (_, last, _), (later, _, _) in pairwise(DISTRICTS))
    assert [district_of(code) for code in ("1011AR", "1019 GN", "1108HP", "1110 AA", "", "abcd")] == [
        "Centrum", "Oost", "Zuidoost", None, None, None,
    ]  # fmt: skip


# ── reports ──────────────────────────────────────────────────────────────────

TOLD = Told("water", Sort.ARREARS, date(2026, 6, 1), date(1987, 5, 2), 40_000, 2, None, frozenset())


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"reported_on": date(2026, 6, 5)}, "reported_in_future"),
        ({"birth_date": date(2026, 6, 5)}, "born_in_future"),
        ({"birth_date": date(1905, 6, 3)}, "born_too_long_ago"),
        ({"arrears_cents": 2_499}, "too_small"),
        ({"days": 29}, "too_early"),
        ({"branch": "zorg", "days": 29}, "too_early"),
        ({"branch": "zorg", "days": 101}, "too_old_for_health"),
        ({"branch": "huur", "confirmed": frozenset(Confirmation) - {Confirmation.OFFER}}, "unconfirmed"),
    ],
)
def test_what_the_law_or_the_city_does_not_take_is_refused(over, code):
    with pytest.raises(Refusal, match=rf"early_signals\.{code}"):
        rules.check_report(replace(TOLD, **over), DAY)


@pytest.mark.parametrize(
    ("over", "odd"),
    [
        ({"days": 30}, ()),
        ({"days": 400}, ()),
        ({"branch": "zorg", "days": 100}, ()),
        ({"branch": "zorg", "instalments": 3}, ()),
        ({"branch": "zorg", "instalments": 4}, ("early_signals.perhaps_cak",)),
        ({"branch": "huur", "confirmed": frozenset(Confirmation)}, ()),
        ({"sort": Sort.EVICTION}, ("early_signals.odd_sort",)),
        ({"sort": Sort.CUT_OFF, "days": 5}, ()),
        ({"branch": "zorg", "sort": Sort.INSURANCE_END, "days": 190}, ()),
        ({"sort": Sort.INSURANCE_END}, ("early_signals.odd_sort",)),
    ],
)
def test_what_is_taken_may_be_odd(over, odd):
    assert rules.check_report(replace(TOLD, **over), DAY) == odd


def test_every_parameter_says_since_when_and_where_it_stands():
    assert all(row.source and rows == tuple(sorted(rows, key=lambda one: one.since)) for rows in parameters.TABLE.values() for row in rows)


# ── terms ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sort", "children", "young", "place", "waits"),
    [
        (Sort.EVICTION, False, False, Urgency.LATE, timedelta(hours=24)),
        (Sort.CUT_OFF, True, True, Urgency.LATE, timedelta(hours=48)),
        (Sort.INSURANCE_END, None, False, Urgency.LATE, timedelta(hours=72)),
        (Sort.ARREARS, True, False, Urgency.FIRST, timedelta(days=7)),
        (Sort.ARREARS, None, True, Urgency.FIRST, timedelta(days=7)),
        (Sort.ARREARS, None, False, Urgency.NORMAL, timedelta(days=14)),
    ],
)
def test_late_signals_wait_hours_and_households_with_children_or_young_people_come_first(sort, children, young, place, waits):
    assert rules.urgency(sort, children=children, young=young) is place
    assert rules.first_act_by(sort, place, NOW) - NOW == waits


def test_the_first_talk_is_within_three_working_days_or_four_weeks():
    assert rules.talk_by(Sort.EVICTION, DAY) == date(2026, 6, 9)
    assert rules.talk_by(Sort.ARREARS, DAY) == date(2026, 7, 2)
    assert rules.feedback_by(DAY) == date(2026, 7, 2)


def test_young_is_from_eighteen_up_to_and_including_twenty_six():
    born = [date(2008, 6, 5), date(2008, 6, 4), date(1999, 6, 5), date(1999, 6, 4), None]
    assert [rules.is_young(day, DAY) for day in born] == [False, True, True, False, False]


# ── attempts ─────────────────────────────────────────────────────────────────

CALL = Attempt(AttemptKind.PHONE, reached=False, on=DAY, part=DayPart.MORNING)


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"on": date(2026, 6, 5)}, "attempt_in_future"),
        ({"part": None}, "part_missing"),
        ({"kind": AttemptKind.DESK}, "desk_needs_outcome"),
        ({"kind": AttemptKind.DESK, "outcome": Outcome.WRONG, "reached": True}, "desk_needs_outcome"),
    ],
)
def test_an_attempt_that_is_none_is_refused(over, code):
    with pytest.raises(Refusal, match=rf"early_signals\.{code}"):
        rules.check_attempt(replace(CALL, **over), DAY)


@pytest.mark.parametrize(
    ("state", "attempt", "reached_before", "code"),
    [
        (State.WITHDRAWN, CALL, False, "withdrawn"),
        (State.FOLLOWED, CALL, False, "followed"),
        (State.NEW, replace(CALL, on=date(2026, 6, 1)), False, "attempt_too_early"),
        (State.NEW, replace(CALL, outcome=Outcome.NO_NEED), False, "outcome_needs_contact"),
        (State.TRIED, replace(CALL, outcome=Outcome.NO_CONTACT), True, "outcome_without_contact"),
    ],
)
def test_an_attempt_that_does_not_fit_its_signal_is_refused(state, attempt, reached_before, code):
    with pytest.raises(Refusal, match=rf"early_signals\.{code}"):
        rules.check_follow(state, attempt, received_on=date(2026, 6, 2), reached_before=reached_before)


def test_a_result_that_was_noted_wrong_is_mended_at_the_desk():
    mended = Attempt(AttemptKind.DESK, reached=False, on=DAY, part=None, outcome=Outcome.DECEASED)
    rules.check_follow(State.FOLLOWED, mended, received_on=DAY, reached_before=False)


def test_a_result_may_rest_on_contact_of_before():
    rules.check_follow(State.TRIED, replace(CALL, outcome=Outcome.NO_NEED), received_on=DAY, reached_before=True)


# ── feedback ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("outcome", list(Outcome))
def test_of_every_result_the_reporter_hears_only_what_the_law_names(outcome):
    heard = feedback.after(Feedback(), outcome, attempted_on=DAY, reached=True)
    said = {Outcome.REPEATED: "repeated", Outcome.WRONG: "wrong", Outcome.DECEASED: "deceased", Outcome.NO_RESIDENT: "no resident"}
    help_ = outcome in {Outcome.IN_DEBT_HELP, Outcome.ADVICE, Outcome.FINANCIAL}
    expected = (None, Said(said[outcome])) if outcome in said else (help_, None)
    assert heard == Feedback(1, DAY, True, *expected)


def test_attempts_add_up_and_contact_stays_contact():
    once = feedback.after(Feedback(), None, attempted_on=DAY, reached=True)
    twice = feedback.after(once, None, attempted_on=date(2026, 6, 3), reached=False)
    assert twice == Feedback(2, DAY, reached=True)
    assert feedback.after(Feedback(), Outcome.WRONG, attempted_on=None, reached=False) == Feedback(0, None, None, None, Said.WRONG)
