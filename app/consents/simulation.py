"""What a consent would have covered of past offers: the rules of rules.py once more, as one question to the database.

A draft is compared with up to 100,000 offers while somebody waits, too many to fetch. Every condition here is true or false,
never unknown, and the same as its namesake in `rules.RULES`; the tests hold both beside each other, offer by offer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, String, and_, case, cast, extract, func, literal, not_, or_, select, true
from sqlalchemy.orm import Session

from app.consents.models import Assessment
from app.consents.rules import NEVER, RULES, ClauseRow, Clauses, Facts, Product, evaluate
from app.deadlines import months_before
from app.money import Cents

COVERED = ""  # where else the first clause stands that an offer does not meet
Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Month:
    first_day: date
    covered: int
    left: int


@dataclass(frozen=True)
class Simulation:
    """Offers of twelve months, how many the clauses cover and for how much, and which clause each other one misses first."""

    since: date
    total: int
    covered: int
    covered_cents: Cents
    missed: tuple[tuple[str, int], ...]
    months: tuple[Month, ...]


@dataclass(frozen=True)
class PastOffer:
    """An offer that the clauses would not have covered, and how it compared with the first one that it misses."""

    offer_ref: str
    issued_on: date
    payment_cents: Cents
    takes_part_cents: Cents
    compared: ClauseRow


def simulate(session: Session, creditor_id: int, clauses: Clauses, today: date) -> Simulation:
    """Compare clauses with every offer of the last twelve months, whatever their own first and last day."""
    since = months_before(today, 12)
    month = func.substr(cast(Assessment.issued_on, String), 1, 7).label("month")
    missed = first_missed(clauses).label("missed")
    counted = select(month, missed, func.count().label("offers"), func.sum(Assessment.payment_cents).label("cents"))
    rows = session.execute(counted.where(*_of(creditor_id, since, today)).group_by(month, missed).order_by(month, missed)).all()
    return _simulation(_months(since, today), since, [(row.month, row.missed, int(row.offers), int(row.cents)) for row in rows])


def _months(since: date, today: date) -> list[str]:
    """Return every month in which a day counts, as `2026-06`: one without offers is shown too."""
    first, last = (day.year * 12 + day.month - 1 for day in (since + timedelta(days=1), today))
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(first, last + 1)]


def _simulation(names: list[str], since: date, rows: list[tuple[str, str, int, int]]) -> Simulation:
    months = {name: [0, 0] for name in names}
    missed = dict.fromkeys((*RULES, *NEVER), 0)
    cents = 0
    for month, clause, offers, payment in rows:
        counts = months[month]
        if clause == COVERED:
            counts[0] += offers
            cents += payment
        else:
            counts[1] += offers
            missed[clause] += offers
    shown = tuple(Month(date.fromisoformat(f"{month}-01"), *counts) for month, counts in months.items())
    covered = sum(month.covered for month in shown)
    most_first = sorted(((clause, number) for clause, number in missed.items() if number), key=lambda pair: -pair[1])
    return Simulation(since, covered + sum(missed.values()), covered, cents, tuple(most_first), shown)


def covered_by(session: Session, creditor_id: int, variants: Mapping[str, Clauses], today: date) -> dict[str, int]:
    """Count for each variant of the clauses the offers of the last twelve months that it covers, in one question."""
    if not variants:
        return {}
    counts = [func.count().filter(first_missed(clauses) == COVERED) for clauses in variants.values()]
    found = session.execute(select(*counts).where(*_of(creditor_id, months_before(today, 12), today))).one()
    return {name: int(count) for name, count in zip(variants, found, strict=True)}


def missing_offers(session: Session, creditor_id: int, clauses: Clauses, clause: str, today: date, most: int = 200) -> list[PastOffer]:
    """List the newest offers of the last twelve months that miss `clause` first, with the value that was compared."""
    facts = [getattr(Assessment, name) for name in Facts._fields]
    found = select(Assessment.offer_ref, *facts).where(*_of(creditor_id, months_before(today, 12), today), first_missed(clauses) == clause)
    rows = session.execute(found.order_by(Assessment.issued_on.desc(), Assessment.id.desc()).limit(most))
    return [_past_offer(row[0], Facts(*row[1:]), clauses, clause) for row in rows]


def _past_offer(ref: str, facts: Facts, clauses: Clauses, clause: str) -> PastOffer:
    compared = next(row for row in evaluate(clauses, facts).rows if row.clause == clause)
    return PastOffer(ref, facts.issued_on, facts.payment_cents, facts.takes_part_cents, compared)


def _of(creditor_id: int, since: date, today: date) -> tuple[Condition, ...]:
    own = Assessment.creditor_id == creditor_id, Assessment.rests.is_(False)
    return *own, Assessment.issued_on > since, Assessment.issued_on <= today


# ── the rules in SQL ─────────────────────────────────────────────────────────


def first_missed(clauses: Clauses) -> ColumnElement[str]:
    """Say in SQL the name of the first clause that an offer does not meet; the empty text when it is covered."""
    asked = replace(clauses, valid_from=None, valid_until=None)
    checks = [(name, met(getattr(asked, name))) for name, met in CONDITIONS.items() if getattr(asked, name) is not None]
    never = [(getattr(Assessment, name), literal(name)) for name in NEVER]
    return case(*((not_(met), literal(name)) for name, met in checks), *never, else_=literal(COVERED))


def _within(part: Any, most: Decimal, whole: Any) -> Condition:
    """Say that part of whole is at most so many per cent, without a division: exact to the cent."""
    top, bottom = most.as_integer_ratio()
    return cast(part, Numeric) * (100 * bottom) <= cast(whole, Numeric) * top


def _enough(least: Decimal) -> Condition:
    top, bottom = least.as_integer_ratio()
    paid = cast(Assessment.payment_cents, Numeric) * (100 * bottom) >= cast(Assessment.takes_part_cents, Numeric) * top
    return or_(Assessment.product == Product.ZERO_OFFER, and_(Assessment.takes_part_cents > 0, paid))


def _entrepreneur(allowed: bool) -> Condition:  # noqa: FBT001 - the value of the clause
    return Assessment.entrepreneur.is_not(None) if allowed else Assessment.entrepreneur.is_(False)


def _guidance(required: bool) -> Condition:  # noqa: FBT001 - the value of the clause
    return Assessment.guidance.is_(True) if required else Assessment.guidance.is_not(None)


def _long_ago(years: int) -> Condition:
    """Compare days as numbers such as 20260304: so 29 February falls where the law lets it."""
    known = Assessment.last_settlement.is_not(None)
    before = _number(Assessment.last_settlement) <= _number(Assessment.issued_on) - years * 10_000
    return or_(and_(not_(known), Assessment.settlement_known), and_(known, before))


def _number(day: Any) -> ColumnElement[int]:
    return extract("year", day) * 10_000 + extract("month", day) * 100 + extract("day", day)


def _near_enough(most: Decimal) -> Condition:
    difference = func.abs(Assessment.balance_cents - Assessment.stated_cents)
    return and_(Assessment.stated_cents.is_not(None), _within(difference, most, Assessment.balance_cents))


CONDITIONS: dict[str, Callable[[Any], Condition]] = {
    "products": lambda chosen: Assessment.product.in_(sorted(chosen)),
    "zero_offers": lambda welcome: true() if welcome else Assessment.product != Product.ZERO_OFFER,
    "min_percentage": _enough,
    "max_claim_cents": lambda most: Assessment.balance_cents <= most,
    "max_share": lambda most: _within(Assessment.takes_part_cents, most, Assessment.total_cents),
    "max_months": lambda most: Assessment.months <= most,
    "entrepreneurs": _entrepreneur,
    "requires_guidance": _guidance,
    "years_since_settlement": _long_ago,
    "balance_tolerance": _near_enough,
}
