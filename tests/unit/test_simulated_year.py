"""The pure side of a simulated year: how creditors answer, how cases are spread, what is reckoned and drawn."""

from collections import Counter
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from app.cases.rules import BALANCE_DAYS
from app.deadlines import add_working_days
from app.demo import samples
from app.demo.drawing import draw
from app.demo.figures import Played, PlayedCase, PlayedConsent, document, spread
from app.demo.playing import working_days
from app.demo.rules import CLOSING_DAYS, Answer, habit
from app.demo.sample_year import files
from app.demo.sample_year import spread as spread_cases

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def habits():
    """How every claim of the samples that takes part is answered, for three seeds."""
    branches = {row[0]: row[3] for row in samples.rows_of("creditors.csv")[1]}
    claims = [row for row in samples.rows_of("eisers.csv")[1] if row[6] != "U"]
    return [(branches[row[3]], habit(seed, f"{row[0]}-{row[1]}", int(row[2]), branches[row[3]])) for seed in (1, 2, 3) for row in claims]


# ── how creditors answer ─────────────────────────────────────────────────────


def test_answers_come_as_the_research_found_them(habits):
    share = {answer: 100 * number / len(habits) for answer, number in Counter(one.answer for _, one in habits).items()}
    assert share[Answer.AT_ONCE] == pytest.approx(82, abs=1.5)
    assert share[Answer.WHEN_ASKED_AGAIN] == pytest.approx(7, abs=1)
    assert 100 * sum(one.is_late for _, one in habits) / len(habits) == pytest.approx(10, abs=1)


def test_local_government_always_agrees_at_once(habits):
    assert {one.answer for branch, one in habits if branch == "gemeente"} == {Answer.AT_ONCE}
    assert {one.answer for branch, one in habits if branch == "energie"} == set(Answer)


def test_small_creditors_are_late_more_often(habits):
    late = {small: [one.is_late for branch, one in habits if (branch == "particulier") == small] for small in (True, False)}
    assert sum(late[True]) / len(late[True]) > 3 * sum(late[False]) / len(late[False])


def test_nobody_answers_on_the_day_of_issue_or_after_the_close(habits):
    assert {one.after for _, one in habits} == set(range(1, CLOSING_DAYS))


def test_a_claim_is_answered_the_same_whatever_was_drawn_before():
    first = habit(7, "700001-1", 3, "energie")
    for claim in range(50):
        habit(7, "700001-1", claim, "zorg")
    assert habit(7, "700001-1", 3, "energie") == first
    assert len({habit(seed, "700001-1", 3, "energie").after for seed in range(40)}) > 5


# ── the cases ────────────────────────────────────────────────────────────────


def test_cases_lie_spread_over_the_year_with_their_balance_round_over():
    days = working_days(date(2026, 1, 1), date(2026, 12, 31))
    cases = spread_cases(60, days, seed=1)
    assert set(Counter(case.issue_on.month for case in cases).values()) <= {4, 5, 6}
    head = samples.rows_of("aanvragen.csv")[0]
    for case in cases:
        day, month, year = map(int, case.application[head.index("Startdatum")].split("-"))
        assert add_working_days(date(year, month, day), BALANCE_DAYS) < case.issue_on


def test_more_cases_than_there_are_samples_become_copies_with_numbers_of_their_own():
    cases = spread_cases(450, [date(2026, 3, 2)], seed=1)
    assert len({case.key for case in cases}) == 450
    assert len(files(cases)[0].splitlines()) == 451


def test_another_seed_spreads_the_cases_in_another_order():
    one, same, other = ([case.key for case in spread_cases(30, [date(2026, 3, 2)], seed)] for seed in (1, 1, 2))
    assert one == same != other


# ── the figures ──────────────────────────────────────────────────────────────


def played(**days):
    """A play of cases by name, each issued in the month after the one before, with the days until its agreement."""
    made = [
        PlayedCase(name, date(2026, 1, 15) + timedelta(days=31 * at), 10, 4 if days else 0, 1, number)
        for at, (name, number) in enumerate(days.items())
    ]
    consents = (PlayedConsent(4100, "Waterbedrijf Westerdok", 20, 8, 2),)
    return Played(tuple(made), consents, 5, {Answer.AT_ONCE: 8, Answer.FORGETS: 2}, 1, 12, 3, 0)


def test_days_are_told_as_mean_median_and_spread():
    assert spread([0, 10, 20]) == {"cases": 3, "mean": 10, "median": 10, "p10": 2.0, "p90": 18.0, "deviation": 8.2}
    assert spread([])["mean"] is None


def test_only_cases_that_are_agreed_both_ways_are_compared():
    told = document(1, 2026, played(a=2, b=5, c=None), played(a=12, b=None, c=20))
    assert (told["same_cases"]["with"]["mean"], told["same_cases"]["without"]["mean"]) == (2, 12)
    assert (told["with"]["agreed"], told["with"]["share_agreed"]) == (2, "66.67")
    assert told["answers_drawn"]["never answers"] == "20.00"


def test_the_curve_tells_which_share_is_agreed_by_a_day():
    curve = document(1, 2026, played(a=2, b=5), played(a=12, b=None))["curve"]
    assert [(curve[day]["with"], curve[day]["without"]) for day in (1, 2, 5, 12)] == [
        ("0.00", "0.00"), ("50.00", "0.00"), ("100.00", "0.00"), ("100.00", "50.00"),
    ]  # fmt: skip


def test_months_without_an_agreement_leave_a_gap_in_the_plot(tmp_path):
    draw(document(1, 2026, played(a=2, b=3, c=None, d=5), played(a=12, b=13, c=14, d=15)), tmp_path / "year.svg")
    picture = ElementTree.parse(tmp_path / "year.svg").getroot()  # noqa: S314 (our own file)
    assert "3 van 4 voorstellen" in picture.find(f"{SVG}desc").text
    months = picture.findall(f"{SVG}g")[1].findall(f"{SVG}polyline")
    assert [len(line.get("points").split()) for line in months] == [2, 1, 4]
