"""A benchmark tells of a group and never of one creditor: whoever subtracts, compares years or joins forces learns no figure."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from random import Random

import pytest

from app.errors import Refusal
from app.practices.disclosure import (
    ALL,
    LARGE,
    LEAST,
    OTHER,
    WITHHELD,
    Given,
    at_least,
    benchmark,
    check_publication,
    figure,
    groups,
    settled,
)
from app.practices.measures import MEASURE

RATE = MEASURE["pauses_broken_rate"]  # per cent, rounded to 10
NEVER_LESS = 20  # points between the least and the most that a figure may be, for whoever attacks


def rates(*values):
    return [Fraction(value) for value in values]


def given(branch, *values, first=0):
    return [Given(first + place, branch, {RATE.code: Fraction(value)}) for place, value in enumerate(values)]


def shown(some, *others):
    return benchmark(some, others).figures


def narrowest(worlds):
    """Return the smallest spread that the attacker is left with; `worlds` yields what it knows and what it wants to know."""
    possible = defaultdict(set)
    for known, wanted in worlds:
        possible[known].add(wanted)
    return min(max(values) - min(values) for values in possible.values())


def without(values, *some):
    left = list(values)
    for one in some:
        left.remove(one)
    return tuple(left)


# ── one figure ───────────────────────────────────────────────────────────────


def own_figures_subtracted(friends):
    """Yield every group of five on a scale of tens: so many of them know each other's figures and what was shown."""
    for group in combinations_with_replacement(range(0, 101, 10), LEAST):
        said = figure(RATE, rates(*group))
        for own in set(combinations(group, friends)):
            yield from (((own, said), other) for other in without(group, *own))


@pytest.mark.parametrize(("friends", "points"), [(1, NEVER_LESS), (2, NEVER_LESS // 2)])
def test_who_subtracts_the_own_figure_learns_no_other_and_neither_do_two(friends, points):
    assert narrowest(own_figures_subtracted(friends)) >= points


@pytest.mark.parametrize(("values", "why"), [
    ((10, 20, 30, 40), "fewer than five"),
    ((0, 0, 0, 0, 0), "the mean would say what everybody answered"),
    ((100, 100, 100, 100, 100), "the mean would say what everybody answered"),
    ((0, 10, 20, 60, 90), "one has more than half of the sum"),
    ((0, 30, 100, 100, 100), "one has more than half of what lacks"),
    ((0, 3, 50, 52, 90), "the second largest reckons the largest"),
])  # fmt: skip
def test_a_figure_that_tells_of_one_is_withheld(values, why):
    assert figure(RATE, rates(*values)) == WITHHELD, why


def test_a_figure_is_a_rounded_mean_of_the_middle():
    assert figure(RATE, rates(3, 40, 52, 61, 99)) == 50
    assert figure(RATE, rates(0, 0, 40, 44, 46, 47, 90, 100)) == 40


# ── groups beside each other ─────────────────────────────────────────────────


def test_small_branches_are_one_pool_and_a_small_pool_is_nothing():
    some = given("water", 10, 20, first=0) + given("energie", 30, 40, 50, first=10) + given("zorg", *range(10, 60, 10), first=20)
    assert {name: len(members) for name, members in groups(some).items()} == {"zorg": 5, OTHER: 5}
    assert set(groups(some[1:])) == {"zorg"}


def test_a_branch_that_is_called_as_the_whole_is_not_taken_for_it():
    assert set(groups(given(ALL, *FIVE) + given(OTHER, *FIVE, first=10))) == {OTHER}
    assert len(groups(given(ALL, *FIVE) + given(OTHER, *FIVE, first=10))[OTHER]) == 10


def test_the_whole_is_withheld_when_a_branch_of_four_would_be_the_rest():
    five, four = given("zorg", 20, 30, 40, 50, 60), given("water", 30, 40, 50, 60, first=10)
    found = shown(five + four)
    assert (found["zorg"][RATE.code], found[ALL][RATE.code]) == (40, WITHHELD)
    assert shown(five + given("water", 30, 40, 50, 60, 70, first=10))[ALL][RATE.code] is not None


def test_the_whole_is_withheld_when_a_withheld_branch_would_be_the_rest():
    found = shown(given("zorg", 20, 30, 40, 50, 60) + given("water", 0, 0, 0, 90, 95, first=10))
    assert (found["water"][RATE.code], found[ALL][RATE.code]) == (WITHHELD, WITHHELD)


def test_taking_shown_groups_away_from_the_whole_never_leaves_fewer_than_five():
    chance = Random(1)  # noqa: S311
    for _ in range(300):
        some = [
            Given(n, chance.choice(("a", "b", "c", "")), {RATE.code: Fraction(chance.randrange(101))} if chance.random() < 0.8 else {})
            for n in range(chance.randrange(3, 24))
        ]
        found = shown(some)
        if ALL in found and found[ALL][RATE.code] != WITHHELD:
            told = {one.creditor for name, members in groups(some).items() if found[name][RATE.code] != WITHHELD for one in members}
            left = [one for one in some if one.creditor not in told and RATE.code in one.values]
            assert not left or len(left) >= LEAST


# ── from year to year ────────────────────────────────────────────────────────

FIVE = [20, 30, 40, 50, 60]


def year_after(*members):
    """Return what is shown of a branch in the year after FIVE, and over whom; `members` are (creditor, figure)."""
    first = benchmark(given("zorg", *FIVE), [])
    now = [Given(number, "zorg", {RATE.code: Fraction(value)}) for number, value in members]
    found = benchmark(now, [first.basis])
    return found.figures["zorg"][RATE.code], found.basis["zorg"][RATE.code]


def test_a_newcomer_waits_until_five_have_come():
    """Two years whose groups differ by one would tell of that one, if the others stayed as they were."""
    before, _ = year_after(*enumerate(FIVE))
    assert year_after(*enumerate(FIVE), (5, 0)) == (before, frozenset(range(5)))
    assert year_after(*enumerate(FIVE * 2))[1] == frozenset(range(10))


def test_nothing_is_shown_when_one_left_until_the_group_is_another():
    six = benchmark(given("zorg", *FIVE, 10), [])
    left = benchmark(given("zorg", *FIVE), [six.basis])
    assert (left.figures["zorg"][RATE.code], left.basis) == (WITHHELD, {})
    assert settled(frozenset(range(1, 10)), [frozenset(range(6))]) == frozenset(range(1, 10))


def test_a_group_is_laid_beside_those_of_every_year_and_not_the_last_alone():
    """Who left and came back would otherwise be told from the year before by one newcomer."""
    first = benchmark(given("zorg", *FIVE), [])
    second = benchmark(given("zorg", *FIVE, first=10), [first.basis])
    third = given("zorg", *FIVE, 0)
    assert second.figures["zorg"][RATE.code] == 40
    assert benchmark(third, [first.basis, second.basis]).basis["zorg"][RATE.code] == frozenset(range(5)), "the newcomer waits"
    assert benchmark(third, [second.basis]).basis["zorg"][RATE.code] == frozenset(range(6))


def test_a_group_under_another_name_is_the_same_group():
    """A branch that grows out of the pool of small branches takes its newcomer out of it."""
    pool = benchmark(given("water", *FIVE[:4]) + given("energie", FIVE[4], first=4), [])
    assert pool.basis[OTHER][RATE.code] == frozenset(range(5))
    water = benchmark(given("water", *FIVE[:4]) + given("water", 0, first=9), [pool.basis])
    assert water.figures["water"][RATE.code] == WITHHELD


def test_groups_of_a_year_together_are_no_whole_without_its_newcomer():
    both = benchmark(given("zorg", *FIVE) + given("water", *FIVE, first=5), [])
    parts = {name: found for name, found in both.basis.items() if name != ALL}
    everybody = [Given(n, "", {RATE.code: Fraction(value)}) for n, value in enumerate([*FIVE, *FIVE, 0])]
    assert benchmark(everybody, [parts]).basis[ALL][RATE.code] == frozenset(range(10))


def test_no_two_figures_of_any_years_tell_who_came_or_left():
    """Whatever becomes of a register: creditors come, leave, come back and change branch, and years are made in any order."""
    chance = Random(3)  # noqa: S311
    for _ in range(60):
        others, seen = [], set()
        for _ in range(5):
            some = [Given(n, chance.choice("abb"), {RATE.code: Fraction(20 + n)}) for n in range(18) if chance.random() < 0.9]
            others.append(benchmark(some, others).basis)
            seen |= {members[RATE.code] for members in others[-1].values()}
        assert all(len(one ^ other) >= LEAST for one, other in combinations(seen, 2))


# ── firms ────────────────────────────────────────────────────────────────────


def test_establishments_of_one_firm_are_one_creditor():
    """Of five creditors of which four are one firm, that firm would reckon the fifth."""
    firm = [Given(1, "zorg", {RATE.code: Fraction(value)}) for value in (20, 30, 40, 50)]
    assert shown([*firm, *given("zorg", 60, first=10)]) == {}
    found = benchmark([*firm, *given("zorg", *FIVE, first=10)], [])
    assert (found.figures["zorg"][RATE.code], len(found.basis["zorg"][RATE.code])) == (40, 6)


def test_the_whole_is_withheld_when_a_group_has_a_newcomer_that_waits_in_the_whole():
    """The whole would be the groups that are shown without their newcomer."""
    first = benchmark(given("", *FIVE, *FIVE), [])
    second = benchmark(given("zorg", *FIVE) + given("water", *FIVE, 10, first=5), [first.basis])
    assert (second.figures["zorg"][RATE.code], second.figures["water"][RATE.code]) == (40, 40)
    assert second.figures[ALL][RATE.code] == WITHHELD


def test_in_a_large_group_a_newcomer_may_be_anybody_of_a_fifth_of_the_scale():
    """Even to who knows the figures of all the others."""
    chance = Random(2)  # noqa: S311
    for _ in range(40):
        others = [chance.randrange(5, 96) for _ in range(LARGE)]
        worlds = ((figure(RATE, rates(*others, newcomer)), newcomer) for newcomer in range(0, 101, 5))
        assert narrowest(worlds) >= NEVER_LESS


# ── in time ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("today", "published", "code"), [
    (date(2026, 5, 29), False, "practices.publishes_later"), (date(2026, 6, 4), True, "practices.published_already"),
])  # fmt: skip
def test_a_benchmark_is_made_once_and_not_before_reports_have_settled(today, published, code):
    with pytest.raises(Refusal) as refused:
        check_publication(2025, today, is_published=published)
    assert refused.value.code == code
    check_publication(2025, date(2026, 5, 30), is_published=False)


@pytest.mark.parametrize("year", [0, 2023, 2026, 999_999_999])
def test_there_is_no_benchmark_of_a_year_on_which_nobody_can_report(year):
    with pytest.raises(Refusal) as refused:
        check_publication(year, date(2026, 6, 4), is_published=False)
    assert refused.value.code == "practices.no_benchmark"


@pytest.mark.parametrize(("number", "said"), [(4, 0), (5, 5), (9, 5), (10, 10), (63, 50)])
def test_how_many_creditors_a_group_has_is_said_roughly(number, said):
    assert at_least(number) == said
