"""Rules of standing consents: states and moves, clauses, and whether they cover an offer. Pure: no database, no clock, no words."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from app.deadlines import years_before
from app.errors import Refusal
from app.money import MOST, Cents, half_up, hundredths, percentage

Shown: TypeAlias = str | int | bool | list[str] | None
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
OPEN_END = date.max  # "until further notice"; an absent clause is None


class Product(StrEnum):
    """The kinds of settlement that the bank proposes."""

    RESTRUCTURING_LOAN = "restructuring_loan"
    DEBT_MEDIATION = "debt_mediation"
    ZERO_OFFER = "zero_offer"
    YOUTH_LOAN = "youth_loan"
    REFINANCING = "refinancing"


class State(StrEnum):
    DRAFT = "draft"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    EXPIRED = "expired"


MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SIGNED, State.WITHDRAWN}),  # a draft may be thrown away
    State.SIGNED: frozenset({State.WITHDRAWN, State.REPLACED, State.EXPIRED}),  # a newer version replaces on its first day
    State.WITHDRAWN: frozenset(),  # final: answers that it gave stand, so it is never revived
    State.REPLACED: frozenset(),  # final: its versions are kept to explain earlier answers
    State.EXPIRED: frozenset(),  # its last day has passed; a new version is signed anew
}


class Effect(StrEnum):
    """What an offer gets that a consent covers."""

    ACCEPT = "accept"
    PREPARE = "prepare"  # put ready: a colleague of the creditor confirms


@dataclass(frozen=True)
class Clauses:
    """What a creditor agrees to in advance. None: the clause is absent; `valid_until` OPEN_END: until further notice."""

    products: frozenset[Product] | None = None
    zero_offers: bool | None = None
    min_percentage: Decimal | None = None
    max_claim_cents: Cents | None = None
    max_share: Decimal | None = None
    max_months: int | None = None
    entrepreneurs: bool | None = None
    requires_guidance: bool | None = None
    years_since_settlement: int | None = None
    balance_tolerance: Decimal | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class Facts(NamedTuple):
    """What is known of one offer when consents are compared; None: unknown. A named tuple: issuing makes 50,000 of them."""

    product: Product
    payment_cents: Cents
    takes_part_cents: Cents
    total_cents: Cents  # all claims that take part together
    balance_cents: Cents  # the whole claim, also what its security covers
    stated_cents: Cents | None
    months: int
    entrepreneur: bool | None
    guidance: bool | None
    last_settlement: date | None
    settlement_known: bool  # True with last_settlement None: there was none
    issued_on: date
    fraud: bool
    obstacle: bool = False  # the creditor named one with its balance: its consent does not answer for this claim


class ClauseRow(NamedTuple):
    """One clause beside the fact that it was compared with, in values fit for JSON. A named tuple: issuing makes 50,000 of them."""

    clause: str
    required: Shown
    actual: Shown
    met: bool


@dataclass(frozen=True)
class Coverage:
    """Whether a consent covers an offer, and why: one row for each clause."""

    covered: bool
    rows: tuple[ClauseRow, ...]


class _Rule(NamedTuple):
    met: Callable[[Any, Facts], bool]
    actual: Callable[[Facts], Shown]


def is_zero_offer(facts: Facts) -> bool:
    """Tell whether an offer asks for discharge without any payment by its kind, not by its outcome."""
    return facts.product == Product.ZERO_OFFER


def _enough(least: Decimal, facts: Facts) -> bool:
    if not facts.takes_part_cents:
        return False  # no percentage exists of nothing: unknown, so not met
    return facts.payment_cents * 100 >= least * facts.takes_part_cents  # the exact fraction, not the rounded one


def _percentage_paid(facts: Facts) -> Shown:
    return percentage(facts.payment_cents, facts.takes_part_cents) if facts.takes_part_cents else None


def _small_share(most: Decimal, facts: Facts) -> bool:
    return facts.takes_part_cents * 100 <= most * facts.total_cents


def _entrepreneur_allowed(allowed: bool, facts: Facts) -> bool:  # noqa: FBT001 - the value of the clause
    return facts.entrepreneur is not None and (allowed or not facts.entrepreneur)


def _guidance_arranged(required: bool, facts: Facts) -> bool:  # noqa: FBT001 - the value of the clause
    return facts.guidance is not None and (facts.guidance or not required)


def _long_ago(years: int, facts: Facts) -> bool:
    if facts.last_settlement is None:
        return facts.settlement_known
    return facts.last_settlement <= years_before(facts.issued_on, years)


def _near_enough(tolerance: Decimal, facts: Facts) -> bool:
    if facts.stated_cents is None:
        return False
    return abs(facts.balance_cents - facts.stated_cents) * 100 <= tolerance * facts.balance_cents


def _difference(facts: Facts) -> Shown:
    if facts.stated_cents is None or not facts.balance_cents:
        return None
    return hundredths(half_up(abs(facts.balance_cents - facts.stated_cents) * 10_000, facts.balance_cents))


def _settlement(facts: Facts) -> Shown:
    return facts.last_settlement.isoformat() if facts.last_settlement else None


# In the order in which the rows are shown. Each says when it is met and which fact stands beside it.
RULES: dict[str, _Rule] = {
    "products": _Rule(lambda chosen, facts: facts.product in chosen, lambda facts: str(facts.product)),
    "zero_offers": _Rule(lambda welcome, facts: welcome or not is_zero_offer(facts), is_zero_offer),
    "min_percentage": _Rule(_enough, _percentage_paid),
    "max_claim_cents": _Rule(lambda most, facts: facts.balance_cents <= most, lambda facts: facts.balance_cents),
    "max_share": _Rule(_small_share, lambda facts: percentage(facts.takes_part_cents, facts.total_cents)),
    "max_months": _Rule(lambda most, facts: facts.months <= most, lambda facts: facts.months),
    "entrepreneurs": _Rule(_entrepreneur_allowed, lambda facts: facts.entrepreneur),
    "requires_guidance": _Rule(_guidance_arranged, lambda facts: facts.guidance),
    "years_since_settlement": _Rule(_long_ago, _settlement),
    "balance_tolerance": _Rule(_near_enough, _difference),
    "valid_from": _Rule(lambda first, facts: facts.issued_on >= first, lambda facts: facts.issued_on.isoformat()),
    "valid_until": _Rule(lambda last, facts: facts.issued_on <= last, lambda facts: facts.issued_on.isoformat()),
}
_NAMES = tuple(RULES)
NEVER = ("fraud", "obstacle")  # what no clause can cover, in the order in which it is looked at


def evaluate(clauses: Clauses, facts: Facts) -> Coverage:
    """Compare an offer with a consent, clause by clause; it is covered only if every row is met."""
    rows = []
    covered = True
    for name, required, asked, rule in _asked_and_shown(clauses, zero_offer=is_zero_offer(facts)):
        met = rule.met(required, facts)
        covered = covered and met
        rows.append(ClauseRow(name, asked, rule.actual(facts), met))
    if facts.fraud:  # never answered automatically (Participatiewet 60c)
        covered = False
        rows.append(ClauseRow("fraud", required=False, actual=True, met=False))
    if facts.obstacle:  # named with the balance, the only moment for it (hub rule)
        covered = False
        rows.append(ClauseRow("obstacle", required=False, actual=True, met=False))
    return Coverage(covered, tuple(rows))


def _asked(clauses: Clauses, *, zero_offer: bool) -> list[tuple[str, Any]]:
    """Return the clauses present; the least percentage is not asked of a zero offer, for which `zero_offers` decides."""
    present = [(name, getattr(clauses, name)) for name in _NAMES]
    return [(name, required) for name, required in present if required is not None and not (zero_offer and name == "min_percentage")]


@lru_cache(maxsize=1024)
def _asked_and_shown(clauses: Clauses, *, zero_offer: bool) -> tuple[tuple[str, Any, Shown, _Rule], ...]:
    """Prepare what is compared; one consent is compared with thousands of offers."""
    return tuple((name, required, shown(required), RULES[name]) for name, required in _asked(clauses, zero_offer=zero_offer))


# ── checks before a consent is signed ────────────────────────────────────────


def contradictions(clauses: Clauses) -> tuple[Refusal, ...]:
    """Return what makes a consent contradict itself or leave a doubt; a consent with any of these is not signed."""
    return tuple(Refusal(code, field=field) for code, field, wrong in _doubts(clauses) if wrong)


def check(clauses: Clauses) -> None:
    """Raise the first contradiction of a consent as a Refusal."""
    for refusal in contradictions(clauses):
        raise refusal


def _doubts(c: Clauses) -> Iterable[tuple[str, str, bool]]:
    zero_listed = c.products is not None and Product.ZERO_OFFER in c.products
    yield "consents.no_clauses", "products", c == Clauses()
    yield "consents.no_products", "products", c.products is not None and not c.products
    yield "consents.zero_offer_listed_but_refused", "zero_offers", zero_listed and c.zero_offers is False
    yield "consents.zero_offers_welcome_but_not_listed", "products", c.zero_offers is True and c.products is not None and not zero_listed
    # without this a consent that asks a percentage would cover an offer of nothing
    yield "consents.zero_offers_left_open", "zero_offers", c.zero_offers is None and (zero_listed or c.products is None)
    yield "consents.percentage_above_100", "min_percentage", c.min_percentage is not None and c.min_percentage > 100
    yield "consents.share_outside_0_to_100", "max_share", c.max_share is not None and not 0 < c.max_share <= 100
    yield "consents.nothing_small_enough", "max_claim_cents", c.max_claim_cents == 0
    yield "consents.months_outside_1_to_60", "max_months", c.max_months is not None and not 1 <= c.max_months <= 60
    yield "consents.ends_before_it_begins", "valid_until", bool(c.valid_from and c.valid_until and c.valid_until < c.valid_from)


def covers_day(clauses: Clauses, day: date) -> bool:
    """Tell whether a consent holds on a day by its own dates."""
    return (clauses.valid_from or date.min) <= day <= (clauses.valid_until or OPEN_END)


# ── clauses as JSON ──────────────────────────────────────────────────────────


class ClauseFaults(Refusal):
    """Clauses that cannot be read: each fault names its clause and a code."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        super().__init__("consents.clauses_unreadable")
        self.faults = tuple(faults)


def shown(value: object) -> Shown:
    """Return the value of a clause fit for JSON: percentages with two decimals, products in the order of the list, no end as None."""
    match value:
        case frozenset():
            return [str(product) for product in Product if product in value]
        case Decimal():
            text = f"{value:.2f}"
            return text if Decimal(text) == value else f"{value.normalize():f}"
        case date():
            return None if value == OPEN_END else value.isoformat()
        case bool() | int():
            return value
    return str(value)


def to_json(clauses: Clauses) -> dict[str, Shown]:
    """Return the clauses present, in their order; `from_json` reads them back."""
    return {name: shown(required) for name, required in _asked(clauses, zero_offer=False)}


def from_json(data: Mapping[str, object]) -> Clauses:
    """Read clauses. Raises ClauseFaults with everything that is wrong."""
    faults = [(str(name), "unknown_key") for name in data if name not in RULES]
    read: dict[str, Any] = {}
    for name in _NAMES:
        if name in data:
            value, fault = _READERS[name](data[name])
            read[name] = value
            faults += [(name, fault)] if fault else []
    if faults:
        raise ClauseFaults(faults)
    return Clauses(**read)


_Read: TypeAlias = tuple[Any, str]


def _products(value: object) -> _Read:
    if not isinstance(value, list):
        return None, "not_a_list"
    known = {str(product) for product in Product}
    if not all(isinstance(one, str) and one in known for one in value):
        return None, "unknown_product"
    return frozenset(Product(one) for one in value), ""


def _yes_or_no(value: object) -> _Read:
    return (value, "") if isinstance(value, bool) else (None, "not_true_or_false")


def _whole(most: int) -> Callable[[object], _Read]:
    def read(value: object) -> _Read:
        if isinstance(value, bool) or not isinstance(value, int):
            return None, "not_whole"
        return (value, "") if 0 <= value <= most else (None, "out_of_bounds")

    return read


def _percentage(value: object) -> _Read:
    read = decimal_of(value)
    if read is None:
        return None, "not_a_percentage"
    return (read, "") if 0 <= read <= 100 else (None, "out_of_bounds")


def decimal_of(value: object) -> Decimal | None:
    """Read a percentage as it stands in a file (`"7.50"`, 7): digits, at most six decimals; None when it is something else."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    whole, _, decimals = text.removeprefix("-").partition(".")
    digits = whole + decimals
    right = digits.isascii() and digits.isdigit() and whole and len(whole) <= 9 and len(decimals) <= 6 and not text.endswith(".")
    return Decimal(text) if right else None


def _day(value: object) -> _Read:
    read = date_of(value)
    return (read, "") if read else (None, "not_a_date")


def _last_day(value: object) -> _Read:
    return (OPEN_END, "") if value is None else _day(value)


def date_of(value: object) -> date | None:
    """Read a day written as `2026-03-02`, from 1900 up to 2199; None when it is something else or does not exist."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if 1900 <= day.year < 2200 else None


_READERS: dict[str, Callable[[object], _Read]] = {
    "products": _products,
    "zero_offers": _yes_or_no,
    "min_percentage": _percentage,
    "max_claim_cents": _whole(MOST),
    "max_share": _percentage,
    "max_months": _whole(600),
    "entrepreneurs": _yes_or_no,
    "requires_guidance": _yes_or_no,
    "years_since_settlement": _whole(100),
    "balance_tolerance": _percentage,
    "valid_from": _day,
    "valid_until": _last_day,
}
