"""Rules of privacy: what happens to a column when the term of its row is over, whose it is, and when terms end. Pure.

The terms are the bank's own choice (the Wgs has none), as the privacy page tells them: 5 years for a case, 1 year for an account,
7 years for the log, 90 days for what passes by, 6 months for an early signal that nobody followed, 2 years for attempts at contact.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.deadlines import months_before, years_before

CASE_YEARS = 5  # after a case is closed (set by the bank)
ACCOUNT_YEARS = 1  # after the last membership ended (set by the bank)
CONTACT_YEARS = 1  # after a contact person stopped (set by the bank)
AUDIT_YEARS = 7  # as long as the bank's books (Awr 52)
PASSING = timedelta(days=90)
SIGNAL_MONTHS = 6  # an early signal that nobody followed (set by the city)
ATTEMPT_YEARS = 2  # attempts at contact, and signals since the last one (set by the city)


class Ends(StrEnum):
    """What happens to a column when the term of its row is over."""

    DELETED = "goes with its row"
    BLANKED = "is emptied, its row stays as a stub"
    STAYS = "stays in the stub"


class Whose(StrEnum):
    """About whom a column tells something."""

    CLIENT = "client"
    COLLEAGUE = "colleague"


@dataclass(frozen=True)
class Column:
    """The rule of one column. A secret (a key, a code or a hash) opens doors and tells nothing of a person: no export shows it."""

    ends: Ends
    whose: frozenset[Whose]
    is_secret: bool = False


@dataclass(frozen=True)
class Table:
    """The rules of a table's columns; of a stub the row stays when its term is over."""

    columns: dict[str, Column]
    is_stub: bool


def table(*, stays: str = "", blanked: str = "", deleted: str = "", client: str = "", colleague: str = "", hidden: str = "") -> Table:
    """Read the columns of a table, each named once in one of the first three; `*` in the others stands for all that are no secret."""
    groups = ((Ends.STAYS, stays), (Ends.BLANKED, blanked), (Ends.DELETED, deleted))
    ends = {name: end for end, names in groups for name in names.split()}
    secrets = set(hidden.split())
    about = {Whose.CLIENT: _named(client, set(ends) - secrets), Whose.COLLEAGUE: _named(colleague, set(ends) - secrets)}

    def whose(name: str) -> frozenset[Whose]:
        return frozenset(one for one, names in about.items() if name in names)

    return Table({name: Column(end, whose(name), name in secrets) for name, end in ends.items()}, is_stub=bool(stays or blanked))


def _named(text: str, everything: set[str]) -> set[str]:
    return everything if text == "*" else set(text.split())


@dataclass(frozen=True)
class Terms:
    """The last days of which things are still over on a day: what ended on them or before goes."""

    cases: date
    accounts: date
    contacts: date
    audit: date
    passing: date
    signals: date
    attempts: date


def years_after(day: date, years: int) -> date:
    """Return the first day on which so many years have passed; after 29 February that is 1 March in other years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def terms_on(today: date) -> Terms:
    """Return up to which day things are over."""
    return Terms(
        cases=years_before(today, CASE_YEARS),
        accounts=years_before(today, ACCOUNT_YEARS),
        contacts=years_before(today, CONTACT_YEARS),
        audit=years_before(today, AUDIT_YEARS),
        passing=today - PASSING,
        signals=months_before(today, SIGNAL_MONTHS),
        attempts=years_before(today, ATTEMPT_YEARS),
    )
