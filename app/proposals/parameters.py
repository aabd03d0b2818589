"""Law and rates as dated data: each row says since when it holds and where it stands. Pure; a change is a new row, never an `if`."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from app.cases.pause_rules import PAUSE, PAUSE_AFTER_STATEMENT, REMINDER, Lasts
from app.errors import Refusal

Value: TypeAlias = int | Decimal
ALWAYS = date.min
BANK = "set by the bank"


@dataclass(frozen=True)
class Row:
    """A value that holds from `since` until the next row of the same name begins."""

    since: date
    value: Value
    source: str


@dataclass(frozen=True)
class Band:
    """A band of the scale of collection costs: so many percent of the part between two amounts."""

    from_cents: int
    to_cents: int | None
    percentage: Decimal


def _rates(source: str, *rows: tuple[date, str]) -> tuple[Row, ...]:
    return tuple(Row(since, Decimal(value), source) for since, value in rows)


def _lasting(rows: tuple[Lasts, ...]) -> tuple[Row, ...]:
    """Show here what holds for pauses, which the debt file itself keeps."""
    return tuple(Row(row.since, row.months, row.source) for row in rows)


_ANSWERING = f"terms of a proposal in working days after issue; {BANK}"
_BALANCES = f"terms of a balance request in working days (Schuldenknooppunt); {BANK}"
_INSTALMENTS = (
    Row(ALWAYS, 36, f"NVVK code of conduct until 1-7-2023; {BANK}"),
    Row(date(2023, 7, 1), 18, f"18 instalments since 1-7-2023 (Fw 349a, NVVK code of conduct); {BANK}"),
)

TABLE: dict[str, tuple[Row, ...]] = {
    # the products
    "restructuring_loan_months": _INSTALMENTS,
    "debt_mediation_months": _INSTALMENTS,
    "zero_offer_months": _INSTALMENTS,
    "youth_loan_months": _INSTALMENTS,
    "refinancing_months": (Row(ALWAYS, 60, "refinancing lasts at most 60 months"),),
    "homeless_months": (Row(ALWAYS, 12, f"programme Uit het Krijt; {BANK}"),),
    "loan_rate": (Row(ALWAYS, Decimal("7.50"), f"effective yearly rate of a restructuring loan; {BANK}"),),
    "youth_loan_rate": (Row(ALWAYS, Decimal("3.00"), "Jongeren Schuldenvrije Start"),),
    "youth_contribution_cents": (Row(ALWAYS, 75_000, "Jongeren Schuldenvrije Start: EUR 750 added for the creditors"),),
    "youth_age_from": (Row(ALWAYS, 18, "Jongeren Schuldenvrije Start: 18 to 26 years"),),
    "youth_age_to": (Row(ALWAYS, 26, "Jongeren Schuldenvrije Start: 18 to 26 years"),),
    "mediation_fee_most": (Row(ALWAYS, Decimal("9.00"), "at most 9 % of what is paid in (Besluit vergoeding schuldbemiddeling)"),),
    "figures_age_months": (Row(ALWAYS, 6, f"income and protected income are at most 6 months old; {BANK}"),),
    # terms
    "answer_days": (Row(ALWAYS, 10, _ANSWERING),),
    "first_reminder_days": (Row(ALWAYS, 5, _ANSWERING),),
    "second_reminder_days": (Row(ALWAYS, 11, _ANSWERING),),
    "closing_days": (Row(ALWAYS, 20, _ANSWERING),),
    "reconsideration_days": (Row(ALWAYS, 10, f"working days from the request; {BANK}"),),
    "balance_answer_days": (Row(ALWAYS, 10, _BALANCES),),
    "balance_first_reminder_days": (Row(ALWAYS, 5, _BALANCES),),
    "balance_second_reminder_days": (Row(ALWAYS, 11, _BALANCES),),
    "balance_closing_days": (Row(ALWAYS, 20, _BALANCES),),
    "pause_months": _lasting(PAUSE),
    "pause_after_statement_months": _lasting(PAUSE_AFTER_STATEMENT),
    "notice_reminder_days": tuple(Row(row.since, row.working_days, row.source) for row in REMINDER),
    # interest
    "statutory_interest": _rates(
        "statutory interest (BW 6:119)",
        (date(2015, 1, 1), "2.00"),
        (date(2023, 1, 1), "4.00"),
        (date(2023, 7, 1), "6.00"),
        (date(2024, 1, 1), "7.00"),
        (date(2025, 1, 1), "6.00"),
        (date(2026, 1, 1), "4.00"),
    ),
    "rate_ceiling": _rates(
        "statutory interest + 8 points since 10-8-2020, + 12 before (Besluit kredietvergoeding 4)",
        (date(2015, 1, 1), "14.00"),
        (date(2020, 8, 10), "10.00"),
        (date(2023, 1, 1), "12.00"),
        (date(2023, 7, 1), "14.00"),
        (date(2024, 1, 1), "15.00"),
        (date(2025, 1, 1), "14.00"),
        (date(2026, 1, 1), "12.00"),
    ),
    # collection costs
    "collection_costs_least_cents": (Row(date(2012, 7, 1), 4_000, "Besluit BIK article 2"),),
    "collection_costs_most_cents": (Row(date(2012, 7, 1), 677_500, "Besluit BIK article 2"),),
    "instalments_together_cents": (Row(date(2024, 10, 1), 26_667, "instalments of up to this cost the least together (second-hand)"),),
    "notice_days": (Row(date(2012, 7, 1), 14, "BW 6:96(6): 14 days from the day after receipt"),),
    "value_added_tax": (Row(ALWAYS, Decimal("19.00"), "Wet OB 9"), Row(date(2012, 10, 1), Decimal("21.00"), "Wet OB 9")),
}

# The scale of Besluit BIK article 2, since 1-7-2012.
COLLECTION_COSTS_SINCE = date(2012, 7, 1)
COLLECTION_COSTS = (
    Band(0, 250_000, Decimal(15)),
    Band(250_000, 500_000, Decimal(10)),
    Band(500_000, 1_000_000, Decimal(5)),
    Band(1_000_000, 20_000_000, Decimal(1)),
    Band(20_000_000, None, Decimal("0.5")),
)


def row(name: str, on: date) -> Row | None:
    """Return the row that holds on a day, with its source; None before the first one."""
    held = [one for one in TABLE[name] if one.since <= on]
    return held[-1] if held else None


def value(name: str, on: date) -> Value:
    """Return the value that holds on a day. Raises Refusal when none did yet."""
    found = row(name, on)
    if found is None:
        raise Refusal("proposals.parameter_unknown", name=name, on=on)
    return found.value


def whole(name: str, on: date) -> int:
    """Return a parameter that is a whole number: days, months, years or cents."""
    return int(value(name, on))


def rate(name: str, on: date) -> Decimal:
    """Return a parameter that is a percentage."""
    return Decimal(value(name, on))
