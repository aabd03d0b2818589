"""Money as whole cents: reading and writing amounts, percentages, and dividing without losing a cent. Pure."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from app.errors import Refusal

Cents: TypeAlias = int

MOST: Cents = 10**13 - 1  # above this an amount is a slip of the pen; it also fits every database
_SIGN_OF_EURO = re.compile(r"^(?:€|EUR)\s*", re.IGNORECASE)
_BELOW_ZERO = re.compile(r"[-−–]|.*[0-9]-$")
_PLAIN = re.compile(r"([0-9]+)(?:[.,](?:([0-9]{1,2})|-{1,2}))?")
_GROUPED = re.compile(r"([1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,(?:([0-9]{1,2})|-{1,2}))?")
_MANY_DECIMALS = re.compile(r"[0-9.]*[0-9]+[.,][0-9]{3,}")
_PERCENTAGE = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,6}))?")


def parse_amount(text: str) -> Cents:
    """Read an amount in euros as people write it (`1.234,56`, `1234.56`, `€ 1.284,10`, `12,-`). Raises Refusal."""
    amount = _SIGN_OF_EURO.sub("", text.replace("\u00a0", " ").strip())
    if _BELOW_ZERO.match(amount):
        raise Refusal("money.negative", text=text)
    found = _GROUPED.fullmatch(amount) or _PLAIN.fullmatch(amount)
    if not found:
        raise Refusal("money.too_many_decimals" if _MANY_DECIMALS.fullmatch(amount) else "money.unreadable", text=text)
    euros, cents = found.group(1).replace(".", ""), found.group(2) or ""
    if len(euros.lstrip("0")) > len(str(MOST // 100)):
        raise Refusal("money.too_large", text=text)
    return int(euros) * 100 + int(cents.ljust(2, "0"))


def amount(cents: Cents) -> str:
    """Write cents as a Dutch amount without the sign of the euro: `1.234,56`."""
    euros, rest = divmod(abs(cents), 100)
    return ("−" if cents < 0 else "") + f"{euros:,}".replace(",", ".") + f",{rest:02d}"


def parse_percentage(text: str) -> Decimal:
    """Read a percentage (`12`, `7,5`, `7.50 %`) exactly. Raises Refusal when it is not a number of 0 or more."""
    found = _PERCENTAGE.fullmatch(text.strip().removesuffix("%").rstrip())
    if not found:
        raise Refusal("money.percentage_unreadable", text=text)
    return Decimal(f"{found.group(1)}.{found.group(2) or '0'}")


def half_up(numerator: int, denominator: int) -> int:
    """Divide two numbers of 0 or more and round half up to a whole one."""
    return (2 * numerator + denominator) // (2 * denominator)


def percentage(part: Cents, whole: Cents) -> str:
    """Return part of whole as a percentage with two decimals, half up; `0.00` of nothing."""
    return hundredths(half_up(part * 10_000, whole)) if whole else "0.00"


def hundredths(number: int) -> str:
    """Write a number of hundredths with two decimals: 1749 is `17.49`."""
    return f"{number // 100}.{number % 100:02d}"


def share(cents: Cents, rate: Decimal) -> Cents:
    """Return `rate` percent of an amount, half up to the cent."""
    top, bottom = rate.as_integer_ratio()
    return half_up(cents * top, bottom * 100)


def split(total: Cents, weights: Sequence[int], names: Sequence[str]) -> list[Cents]:
    """Divide a total by weight into whole cents that add up to it, by largest remainder; ties go in the order of the names.

    Nobody gets more than the exact share rounded up, so with a total of at most the sum of the weights no part exceeds its weight.
    """
    sum_of_weights = sum(weights)
    if not sum_of_weights:
        return [0] * len(weights)
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(total * weight, sum_of_weights)
        parts.append(part)
        remainders.append(remainder)
    left = total - sum(parts)
    if left:
        for place in sorted(range(len(parts)), key=lambda at: (-remainders[at], names[at]))[:left]:
            parts[place] += 1
    return parts
