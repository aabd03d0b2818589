"""Terms and limits of early signals as dated data: each row says since when it holds and where it stands. Pure."""

from dataclasses import dataclass
from datetime import date

CITY = "set by the city"
ALWAYS = date.min


@dataclass(frozen=True)
class Dated:
    """A whole number that holds from `since` until the next row of the same name begins."""

    since: date
    value: int
    source: str


def _one(value: int, source: str) -> tuple[Dated, ...]:
    return (Dated(ALWAYS, value, source),)


TABLE: dict[str, tuple[Dated, ...]] = {
    # what may be reported
    "least_cents": _one(2_500, f"smallest arrears that are reported; {CITY}"),
    "arrears_days": _one(30, f"arrears of at least 30 days (Bgs 2, Drinkwaterwet 9, Energiewet); {CITY}"),
    "health_days_from": _one(30, "health insurance: from 30 days (Zvw 18a, 89)"),
    "health_days_to": _one(100, "health insurance: up to 100 days; after 6 months the CAK takes over (Zvw 18a, 18c)"),
    "instalment_days": _one(30, f"an instalment counts as 30 days where the days are not told; {CITY}"),
    "outdated_days": _one(30, f"a report that is older than this when it comes in is outdated; {CITY}"),
    "repeated_days": _one(30, f"the same reporter about the same person within these days is a repetition; {CITY}"),
    # routing
    "small_cents": _one(15_000, f"a small amount, for a message or the call centre (policy plan 5.2); {CITY}"),
    "household_days": _one(365, f"reports about a household within these days belong together; {CITY}"),
    "young_from": _one(18, f"young people come first: from 18 (policy plan 5.2); {CITY}"),
    "young_to": _one(26, f"young people come first: up to 26 (policy plan 5.2); {CITY}"),
    # terms
    "eviction_hours": _one(24, f"hours to the first attempt when an eviction is announced; {CITY}"),
    "cut_off_hours": _one(48, f"hours to the first attempt when a cut-off is announced; {CITY}"),
    "insurance_hours": _one(72, f"hours to the first attempt when the ordinary health insurance ends; {CITY}"),
    "first_days_first": _one(7, f"days to the first attempt for children or young people; {CITY}"),
    "first_days": _one(14, f"days to the first attempt; {CITY}"),
    "next_days": _one(7, f"days to the next attempt; {CITY}"),
    "feedback_days": _one(28, f"the reporter hears within 4 weeks (Bgs 17); {CITY}"),
    "late_talk_days": _one(3, "working days to the first talk when eviction, cut-off or end of the insurance threatens (Wgs 4)"),
    "talk_days": _one(28, "days to the first talk (Wgs 4: 4 weeks)"),
}


def value(name: str, on: date) -> int:
    """Return the value that holds on a day."""
    return [row for row in TABLE[name] if row.since <= on][-1].value
