"""How letters write days, amounts and percentages: in Dutch, and never broken at the end of a line. Pure."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from app.money import Cents, amount

HARD = "\u00a0"  # a space at which no line ends
MONTHS = ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december")


@lru_cache(1_000)
def day(on: date) -> str:
    """Write a date in full: `4 juni 2026`."""
    return f"{on.day}{HARD}{MONTHS[on.month - 1]}{HARD}{on.year}"


def short_day(on: date) -> str:
    """Write a date without its year: `4 juni`."""
    return f"{on.day}{HARD}{MONTHS[on.month - 1]}"


def euro(cents: Cents) -> str:
    """Write an amount with its sign: `€ 1.234,56`."""
    return f"€{HARD}{amount(cents)}"


def percent(number: str) -> str:
    """Write a percentage with its sign: `12.22` is `12,22%`."""
    return f"{number.replace('.', ',')}%"


def listed(things: Sequence[str], last: str = "en") -> str:
    """Write things behind each other: `a, b en c`."""
    return f" {last} ".join((", ".join(things[:-1]), things[-1])) if len(things) > 1 else "".join(things)
