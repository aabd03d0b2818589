"""Terms in working days, by the law's own holidays (Algemene termijnenwet, articles 1 and 3). Pure."""

from datetime import date, timedelta
from functools import cache, lru_cache

from dateutil.easter import easter

_DAY = timedelta(days=1)

# Days made equal to a holiday by royal decree (Atw article 3, third paragraph; the list is second-hand).
DECREED = frozenset(
    {
        date(2023, 4, 28),
        date(2023, 5, 19),
        date(2024, 5, 10),
        date(2024, 12, 27),
        date(2025, 5, 30),
        date(2026, 1, 2),
        date(2026, 5, 15),
        date(2027, 5, 7),
        date(2028, 4, 28),
        date(2028, 5, 26),
    }
)


@cache
def holidays(year: int) -> frozenset[date]:
    """Return the holidays of a year (Atw article 3) with the days made equal to them."""
    sunday = easter(year)
    around_easter = {sunday + timedelta(days=days) for days in (-2, 1, 39, 50)}  # Good Friday, Easter Monday, Ascension, Whit Monday
    fixed = {date(year, 1, 1), kings_day(year), date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)}
    return frozenset(around_easter | fixed | {day for day in DECREED if day.year == year})


def kings_day(year: int) -> date:
    """Return 27 April, or the day before when that is a Sunday."""
    day = date(year, 4, 27)
    return day - _DAY if day.isoweekday() == 7 else day


def is_working_day(day: date) -> bool:
    """Tell whether a term may end on this day."""
    return day.isoweekday() < 6 and day not in holidays(day.year)


@lru_cache(maxsize=4096)
def add_working_days(day: date, number: int) -> date:
    """Return the working day that is `number` working days after a day; the day itself is not counted."""
    while number > 0:
        day += _DAY
        number -= is_working_day(day)
    return day


def on_working_day(day: date) -> date:
    """Return the day itself, or the first working day after it (Atw article 1)."""
    while not is_working_day(day):
        day += _DAY
    return day


def term(day: date, days: int) -> date:
    """Return the last day of a term of calendar days after a day, moved to a working day (Atw article 1)."""
    return on_working_day(day + timedelta(days=days))


def working_days_between(first: date, last: date) -> int:
    """Count the working days after `first` up to and including `last`; negative when `last` lies before it."""
    if last < first:
        return -working_days_between(last, first)
    return sum(is_working_day(first + timedelta(days=days)) for days in range(1, (last - first).days + 1))


def years_before(day: date, years: int) -> date:
    """Return the same day so many years earlier; 29 February becomes the 28th where there is none."""
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_of_next - _DAY).day))


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month where it has no such day."""
    return months_before(day, -months)


def age(birth_date: date, on: date) -> int:
    """Return the age in whole years; who is born on 29 February has a birthday on 1 March in other years (as the law counts)."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
