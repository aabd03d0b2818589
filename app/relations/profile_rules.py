"""What a profile makes of a creditor's figures: quarters, shares, plots, and whether it does what it says. Pure: no database or words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from app.deadlines import months_before
from app.money import half_up

QUARTERS = 8  # shown; so many months are counted each night
MONTHS = QUARTERS * 3
YEAR = 12  # months in which was done what is laid beside what was said

Figures = Mapping[str, int]


class Unit(StrEnum):
    """What a figure counts."""

    PERCENT = "per cent"
    DAYS = "working days"
    NUMBER = "number"


@dataclass(frozen=True)
class Measure:
    """One figure over time: a share or mean of `part` in `whole`, or without `whole` a plain number."""

    code: str
    part: str
    whole: str = ""
    unit: Unit = Unit.PERCENT

    def value(self, figures: Figures) -> int | None:
        """Return the figure, half up; None where there is nothing to divide by."""
        part, whole = figures.get(self.part, 0), figures.get(self.whole, 0)
        if not self.whole:
            return part
        times = 100 if self.unit is Unit.PERCENT else 1
        return half_up(part * times, whole) if whole else None


MEASURES = (
    Measure("in_time", "in_time", "due"),
    Measure("days", "days", "days_of", Unit.DAYS),
    Measure("accepted", "accepted", "settled"),
    Measure("covered", "covered", "assessed"),
    Measure("against_consent", "against_consent", unit=Unit.NUMBER),
    Measure("balances_in_time", "balances_in_time", "balances"),
    Measure("balances_not_stated", "balances_not_stated", unit=Unit.NUMBER),
    Measure("pauses_broken", "pauses_broken", unit=Unit.NUMBER),
    Measure("complaints", "complaints", unit=Unit.NUMBER),
    Measure("upheld", "upheld", unit=Unit.NUMBER),
    Measure("kept", "checks_kept", "checks"),
    Measure("signals", "signals", unit=Unit.NUMBER),
    Measure("signals_sound", "signals_sound", "signals"),
)
MEASURE = {measure.code: measure for measure in MEASURES}
PLOTTED = ("in_time", "accepted", "covered", "balances_in_time", "complaints", "signals_sound")
NOT_OF_AGENTS = frozenset({"covered"})  # only a creditor consents
NOT_DRAWN_OF_AGENTS = NOT_OF_AGENTS | {"signals_sound"}  # few agents report arrears


def measures(*, is_agent: bool) -> tuple[Measure, ...]:
    """Return the figures that a profile shows of every quarter."""
    return tuple(one for one in MEASURES if not (is_agent and one.code in NOT_OF_AGENTS))


def plotted(*, is_agent: bool) -> tuple[str, ...]:
    """Return the codes of the figures that a profile draws."""
    return tuple(code for code in PLOTTED if not (is_agent and code in NOT_DRAWN_OF_AGENTS))


# ── quarters ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a year, by its first day."""

    first: date

    @property
    def number(self) -> int:
        return (self.first.month + 2) // 3


def quarters(today: date, number: int = QUARTERS) -> list[Quarter]:
    """Return the last quarters up to and including the one of today, the oldest first."""
    return [Quarter(months_before(_quarter_of(today), 3 * back)) for back in range(number - 1, -1, -1)]


def first_month(today: date) -> date:
    """Return the first month that a profile shows."""
    return quarters(today)[0].first


def total(months: Iterable[Figures]) -> Counter[str]:
    """Add up the figures of some months."""
    summed: Counter[str] = Counter()
    for figures in months:
        summed.update(figures)
    return summed


def by_quarter(months: Mapping[date, Figures], today: date) -> list[tuple[Quarter, Counter[str]]]:
    """Add up months by quarter, the oldest first; a quarter without anything is there too."""
    summed: dict[date, Counter[str]] = {one.first: Counter() for one in quarters(today)}
    for month, figures in months.items():
        if (found := summed.get(_quarter_of(month))) is not None:
            found.update(figures)
    return [(Quarter(first), figures) for first, figures in summed.items()]


def _quarter_of(day: date) -> date:
    """Return the first day of the quarter in which a day lies."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def last_year(months: Mapping[date, Figures], today: date) -> Counter[str]:
    """Add up the last twelve months, with the one that runs."""
    since = months_before(today.replace(day=1), YEAR - 1)
    return total(figures for month, figures in months.items() if month >= since)


# ── plots ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Plot:
    """One measure by quarter with its last known value; `target` is what was agreed or reported, if anything."""

    measure: Measure
    values: tuple[int | None, ...]
    high: int
    target: int | None = None

    @property
    def shown(self) -> int | None:
        return next((value for value in reversed(self.values) if value is not None), None)


def plot(code: str, found: Sequence[tuple[Quarter, Figures]], target: int | None = None) -> Plot:
    """Return a measure by quarter at a scale that holds everything."""
    measure = MEASURE[code]
    values = tuple(measure.value(figures) for _, figures in found)
    top = max([value for value in values if value is not None] + [target or 0], default=0)
    return Plot(measure, values, 100 if measure.unit is Unit.PERCENT else max(top, 4), target)


@dataclass(frozen=True)
class Drawing:
    """A plot as lines and dots: x in per cent of its width, y in points from above, as text."""

    stretches: list[tuple[str, str, str, str]]
    dots: list[tuple[str, str, int]]  # with their radius
    target: str | None


FLOOR, TALL, LEFT, WIDE = 84, 64, 2, 96


def drawing(one: Plot) -> Drawing:
    """Draw a plot; between quarters of which one has nothing to count there is no line."""

    def y(value: int) -> str:
        return f"{FLOOR - value * TALL / one.high:g}"

    apart = WIDE / max(len(one.values) - 1, 1)
    places = [(f"{LEFT + at * apart:.2f}%", value if value is None else y(value)) for at, value in enumerate(one.values)]
    stretches = [(x1, y1, x2, y2) for (x1, y1), (x2, y2) in pairwise(places) if y1 is not None and y2 is not None]
    dots = [(x, found, 4 if at == len(places) - 1 else 2) for at, (x, found) in enumerate(places) if found is not None]
    return Drawing(stretches, dots, None if one.target is None else y(one.target))


# ── what it says beside what it does ─────────────────────────────────────────


class Verdict(StrEnum):
    """How what a creditor did compares with what it said or agreed."""

    FITS = "fits"
    NEARLY = "nearly"
    DIFFERS = "differs"
    UNKNOWN = "unknown"  # it said nothing, or there is nothing to look at


NEARLY_PERCENT, NEARLY_TIMES = 5, 1  # so far from its word is still nearly (set by the relations team)


def at_least(did: int | None, word: int | None) -> Verdict:
    """Judge a share against the least that was said or agreed, both in per cent."""
    if did is None or word is None:
        return Verdict.UNKNOWN
    if did >= word:
        return Verdict.FITS
    return Verdict.NEARLY if did >= word - NEARLY_PERCENT else Verdict.DIFFERS


def at_most(did: int, word: int | None) -> Verdict:
    """Judge how often something happened against the most that was said."""
    if word is None:
        return Verdict.UNKNOWN
    if did <= word:
        return Verdict.FITS
    return Verdict.NEARLY if did <= word + NEARLY_TIMES else Verdict.DIFFERS


def kept_share(kept: int, broken: int) -> int | None:
    """Return the share of checked commitments that was kept, in per cent; None when none was checked."""
    return half_up(kept * 100, kept + broken) if kept + broken else None
