"""Which group figures may be shown, so that no creditor's own figure can be reckoned from them. Pure; decision 20 says why.

A benchmark of a year is made once and never again: what comes later, a correction or a late report, changes nothing in it. Within
it every creditor stands in one group, a branch or the pool of small branches, and in the whole. A figure is a mean over at least
three creditors out of at least five, rounded, and withheld without saying why. It runs over a group that was shown in another
year, under whatever name, or differs from each of those by five. Creditors of one firm are one creditor here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.errors import Refusal
from app.practices.measures import MEASURES, Measure
from app.practices.rules import FIRST_YEAR, due_on

LEAST = 5  # creditors in a group
LARGE = 20  # creditors in a group of which members may come and go one by one
CORE = 3  # creditors over whom each mean runs
MOST_SHARE = Fraction(1, 2)  # of a sum, for one creditor: more and the figure is that creditor's
GUARD = Fraction(1, 10)  # of the largest, that all but the two largest add up to: less and the second knows the first (p% rule)
SETTLING = timedelta(days=60)  # after the last day for reports, so that the relations team has asked its questions
ALL, OTHER = "all", "other"
BUCKETS = (5, 10, 20, 50)


@dataclass(frozen=True)
class Given:
    """What one creditor contributes: its branch, and its own figures by measure. Those of one firm have one number."""

    creditor: int
    branch: str
    values: Mapping[str, Fraction]


Basis = Mapping[str, Mapping[str, frozenset[int]]]
Figure = int | None  # the rounded mean of the middle of a group, in whole units; None is withheld
WITHHELD: Figure = None


@dataclass(frozen=True)
class Benchmark:
    """The figures of a year by group and measure, and over whom each one that is shown runs: that stays with the city."""

    figures: Mapping[str, Mapping[str, Figure]]
    basis: Basis


def check_publication(year: int, today: date, *, is_published: bool) -> None:
    """Raise Refusal unless the benchmark of a year may be made: of one that can be reported on, once, after reports have settled."""
    if not FIRST_YEAR - 1 <= year < today.year:
        raise Refusal("practices.no_benchmark", year=year)
    if is_published:
        raise Refusal("practices.published_already", year=year)
    if today < publishable_from(year):
        raise Refusal("practices.publishes_later", day=f"{publishable_from(year):%d-%m-%Y}")


def publishable_from(year: int) -> date:
    """Return the first day on which the benchmark of a year may be made."""
    return due_on(year) + SETTLING


def benchmark(reported: Iterable[Given], others: Sequence[Basis]) -> Benchmark:
    """Return the figures of each group by measure; `others` say over whom those of each other year run, earlier and later ones."""
    given = by_firm(reported)
    figures: dict[str, dict[str, Figure]] = {name: {} for name in (*groups(given), *([ALL] if len(given) >= LEAST else []))}
    basis: dict[str, dict[str, frozenset[int]]] = {}
    for measure in MEASURES:
        known = known_groups(measure, others)
        shown: set[int] = set()
        for name, members in groups(given).items():
            counted = settled(_with(measure, members), known)
            figures[name][measure.code] = found = _figure_of(measure, given, counted)
            if found is not WITHHELD:
                basis.setdefault(name, {})[measure.code] = counted
                shown |= counted
        if ALL in figures:
            counted = settled(_with(measure, given), known)
            is_safe = all(not rest or _figure_of(measure, given, rest) is not WITHHELD for rest in (counted - shown, shown - counted))
            figures[ALL][measure.code] = found = _figure_of(measure, given, counted) if is_safe else WITHHELD
            if found is not WITHHELD:
                basis.setdefault(ALL, {})[measure.code] = counted
    return Benchmark(figures, basis)


def by_firm(reported: Iterable[Given]) -> list[Given]:
    """Let each firm count once: of its establishments the mean of each figure, under the branch of the first."""
    firms: dict[int, list[Given]] = {}
    for one in reported:
        firms.setdefault(one.creditor, []).append(one)
    return [Given(firm, parts[0].branch, _means(parts)) for firm, parts in firms.items()]


def _means(parts: Sequence[Given]) -> dict[str, Fraction]:
    values: dict[str, list[Fraction]] = {}
    for part in parts:
        for code, value in part.values.items():
            values.setdefault(code, []).append(value)
    return {code: sum(found, Fraction(0)) / len(found) for code, found in values.items()}


def known_groups(measure: Measure, others: Iterable[Basis]) -> list[frozenset[int]]:
    """Return over whom a figure is known from other years, largest first: each group that was shown, and those of a year together."""
    found: set[frozenset[int]] = set()
    for year in others:
        parts = {name: shown[measure.code] for name, shown in year.items() if measure.code in shown}
        found |= {*parts.values(), frozenset[int]().union(*(part for name, part in parts.items() if name != ALL))}
    return sorted(found - {frozenset()}, key=lambda one: (-len(one), sorted(one)))


def settled(now: frozenset[int], known: Sequence[frozenset[int]]) -> frozenset[int]:
    """Return over whom a figure may run: all of now, or, while fewer than five are new, the largest part of them that is known.

    When fewer left, nothing is shown. In a large group one more or less moves a rounded mean of its middle too little to tell whose
    figure came.
    """
    choices = (now, *(one for one in known if one < now))
    return next((one for one in choices if all(_is_apart(one, other) for other in known)), frozenset())


def _is_apart(one: frozenset[int], other: frozenset[int]) -> bool:
    """Tell whether nobody can be told from two groups laid beside each other: they are the same, large, or differ by five."""
    return one == other or len(one ^ other) >= LEAST or min(len(one), len(other)) >= LARGE


def groups(given: Iterable[Given]) -> dict[str, list[Given]]:
    """Divide creditors into groups of at least five: their branches, and one pool of all small branches if that is large enough."""
    branches: dict[str, list[Given]] = {}
    for one in given:
        branches.setdefault(one.branch, []).append(one)
    named = {name: members for name, members in sorted(branches.items()) if name not in {"", ALL, OTHER}}
    large = {name: members for name, members in named.items() if len(members) >= LEAST}
    pool = [one for name, members in sorted(branches.items()) if name not in large for one in members]
    return large | ({OTHER: pool} if len(pool) >= LEAST else {})


def _with(measure: Measure, members: Iterable[Given]) -> frozenset[int]:
    return frozenset(one.creditor for one in members if measure.code in one.values)


def _figure_of(measure: Measure, given: Iterable[Given], creditors: Collection[int]) -> Figure:
    return figure(measure, [one.values[measure.code] for one in given if one.creditor in creditors])


def figure(measure: Measure, values: Sequence[Fraction]) -> Figure:
    """Return the mean of the middle of a group: without its lowest and highest quarter, one creditor at least at either side.

    Withheld where it would tell of one creditor, or the same of everybody.
    """
    cut = max(1, len(values) // 4)
    middle = sorted(values)[cut:-cut]
    if len(values) < LEAST or len(middle) < CORE:
        return WITHHELD
    if any(_is_dominated([abs(limit - value) for value in middle]) for limit in measure.limits):
        return WITHHELD  # near the end of a scale what is missing tells as much of one as what is there
    mean = sum(middle, Fraction(0)) / len(middle)
    rounded = measure.step * (mean / measure.step + Fraction(1, 2)).__floor__()
    return WITHHELD if rounded in measure.limits else rounded


def _is_dominated(values: Sequence[Fraction]) -> bool:
    """Tell whether one creditor has more than half of a sum, or the second largest could reckon the largest within a tenth."""
    ordered = sorted(values, reverse=True)
    total = sum(ordered, Fraction(0))
    return ordered[0] > MOST_SHARE * total or total - ordered[0] - ordered[1] < GUARD * ordered[0]


def at_least(number: int) -> int:
    """Return how many creditors a group is said to have at least: its exact number would tell who came and who left."""
    return max((bucket for bucket in BUCKETS if bucket <= number), default=0)
