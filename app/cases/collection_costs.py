"""The statutory scale of collection costs and the day from which a consumer owes them. Pure: no database, no clock, no words.

Besluit vergoeding voor buitengerechtelijke incassokosten (2012), article 2; Burgerlijk Wetboek 6:96, fifth to seventh paragraph.
Instalments of up to EUR 266.67 together cost at most EUR 40 since 1-10-2024: the least amount below says so for every such sum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.deadlines import term
from app.errors import Refusal
from app.money import MOST, Cents, half_up, hundredths

SINCE = date(2012, 7, 1)  # the first day of the decree
NOTICE_DAYS = 14  # from the day after the consumer got the notice (BW 6:96(6))
LEAST: Cents = 4_000
MOST_ALLOWED: Cents = 677_500
VAT = 21  # per cent; only of a creditor that cannot set it off
# Each band begins where the one before it ends; hundredths of a per cent, so that the last one is a whole number too.
BANDS: tuple[tuple[Cents | None, int], ...] = (
    (250_000, 1500),
    (500_000, 1000),
    (1_000_000, 500),
    (20_000_000, 100),
    (None, 50),
)


@dataclass(frozen=True)
class Step:
    """One band of the scale: its bounds (no upper one for the last), its percentage, and what it adds for this principal."""

    begins: Cents
    ends: Cents | None
    percentage: str
    cents: Cents


@dataclass(frozen=True)
class Reckoning:
    """What the scale allows beside what was charged, and the day from which a consumer owes it."""

    principal_cents: Cents
    allowed_cents: Cents
    charged_cents: Cents
    last_day: date
    payable_from: date
    steps: tuple[Step, ...]

    @property
    def excess_cents(self) -> Cents:
        return max(0, self.charged_cents - self.allowed_cents)


def check_costs(principals: Sequence[Cents], charged: Cents, received: date, *, vat: bool = False) -> Reckoning:
    """Compare collection costs (cents) with the scale; the claims of one notice are summed (BW 6:96(7)).

    Raises Refusal for an amount of 0 or less, one that nobody can owe, or a notice from before the decree.
    """
    for one in (*principals, charged):
        _must_be_an_amount(one)
    if not principals:
        raise Refusal("cases.costs_amount", field="principal")
    if received < SINCE:
        raise Refusal("cases.costs_before_the_decree", field="notice_on")
    if received > date.max - timedelta(days=60):
        raise Refusal("cases.costs_day_too_late", field="notice_on")
    last_day = term(received, NOTICE_DAYS)
    total = sum(principals)
    return Reckoning(total, allowed(total, vat=vat), charged, last_day, last_day + timedelta(days=1), tuple(steps(total)))


def _must_be_an_amount(cents: Cents) -> None:
    if not 0 < cents <= MOST:
        raise Refusal("cases.costs_amount", field="principal")


def allowed(principal: Cents, *, vat: bool) -> Cents:
    """Return the most that may be charged for a principal, half up to the cent; with `vat` that tax on top."""
    scale = min(max(sum(step.cents for step in steps(principal)), LEAST), MOST_ALLOWED)
    return scale + half_up(scale * VAT, 100) if vat else scale


def steps(principal: Cents) -> Iterable[Step]:
    """Yield what each band of the scale adds; only the last band that is reached can have a broken cent, so the sum is exact."""
    begins = 0
    for ends, rate in BANDS:
        inside = max(0, min(principal, principal if ends is None else ends) - begins)
        yield Step(begins, ends, hundredths(rate), half_up(inside * rate, 10_000))
        begins = ends or begins
