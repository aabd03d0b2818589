"""Rules of the debt file: ranks, what a claim counts for, how far the balances are. Pure: no database, no clock, no words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile

from app.deadlines import add_working_days, months_before
from app.errors import Refusal
from app.money import Cents

BALANCE_DAYS = 20  # working days until a balance round closes (NVVK hub rule; set by the bank)
FIGURES_MONTHS = 6  # income and protected income are at most so old (set by the bank)


class Rank(StrEnum):
    """The rank of a claim (Fw 349(2), 57-59a, 358(4), 299a)."""

    PREFERENTIAL = "preferential"
    CONCURRENT = "concurrent"
    SECURED = "secured"
    EXCLUDED = "excluded"


PROGRAMMES = frozenset({"", "kansrijke start", "jongeren schuldenvrije start", "uit het krijt", "gezinnen met kinderen"})


class Balances(StrEnum):
    """How far the balance round of a case is."""

    OPEN = "open"  # creditors may still state their balance
    COMPLETE = "complete"  # everybody stated one
    CLOSED = "closed"  # the term ended; where nothing was stated, the reported amount counts


class Stage(StrEnum):
    """How far a case is beyond its own facts; proposals note it."""

    INTAKE = "intake"  # no proposal, or the last one ended without an agreement
    PROPOSED = "proposed"  # drafted, checked or issued
    AGREED = "agreed"  # every creditor accepted


class Status(StrEnum):
    """What a case waits for, as far as its own facts tell."""

    BALANCES_OPEN = "balances open"
    FIGURES_OLD = "figures old"
    READY = "ready"
    PROPOSED = "proposed"
    AGREED = "agreed"
    CLOSED = "closed"


class Visibility(StrEnum):
    """Whether the creditor and its agent see what is asked of them about a case: a notice, a balance request, an offer."""

    VISIBLE = "visible"
    RESTRICTED = "restricted"  # the client asked that its data rest (art. 18 GDPR): only the bank sees it
    ERASED = "erased"  # the case's term is over: its figures are kept for statistics, and nobody sees it


class AnsweredBy(StrEnum):
    """How an answer came in."""

    CONSENT = "by consent"
    HAND = "by hand"
    CODE = "by code"
    FILE = "by file"
    API = "by API"


@dataclass(frozen=True)
class BalanceState:
    """The balance round of one case: its state, the day on which it closes, and how many stated a balance."""

    state: Balances
    closes_on: date
    stated: int
    claims: int


def balance_state(since: date, stated: Iterable[Cents | None], today: date) -> BalanceState:
    """Tell how far the balance round is: open until the 20th working day after it began, or until all stated."""
    amounts = list(stated)
    answered = sum(amount is not None for amount in amounts)
    closes_on = add_working_days(since, BALANCE_DAYS)
    if amounts and answered == len(amounts):
        return BalanceState(Balances.COMPLETE, closes_on, answered, answered)
    state = Balances.OPEN if today <= closes_on else Balances.CLOSED
    return BalanceState(state, closes_on, answered, len(amounts))


def last_closed_start(today: date) -> date:
    """Return the latest beginning of a balance round that is closed by its term: lists compare with this one day."""
    start = today - timedelta(days=BALANCE_DAYS)
    while add_working_days(start, BALANCE_DAYS) >= today:
        start -= timedelta(days=1)
    return start


def oldest_figures(today: date) -> date:
    """Return the earliest day of figures that a proposal may still rest on."""
    return months_before(today, FIGURES_MONTHS)


def status(stage: Stage, balances: Balances, calculated_on: date, closed_on: date | None, today: date) -> Status:
    """Tell what a case waits for."""
    if closed_on is not None:
        return Status.CLOSED
    if stage is not Stage.INTAKE:
        return Status(stage.value)
    if balances is Balances.OPEN:
        return Status.BALANCES_OPEN
    return Status.FIGURES_OLD if calculated_on < oldest_figures(today) else Status.READY


def settlement(known: bool, last_on: date | None, today: date) -> tuple[bool, date | None]:  # noqa: FBT001 - one of two facts
    """Check what is said about an earlier settlement: known with a day, known to be none, or not known. Raises Refusal."""
    if last_on is not None and not known:
        raise Refusal("cases.settlement_unknown_with_day", field="last_settlement_on")
    if last_on is not None and last_on > today:
        raise Refusal("cases.settlement_in_future", field="last_settlement_on")
    return known, last_on


def security(rank: Rank, cents: Cents) -> Cents:
    """Check the security of a claim. Raises Refusal when a claim that is not secured has one."""
    if cents and rank is not Rank.SECURED:
        raise Refusal("cases.security_without_secured_rank", field="Zekerheid")
    return cents


# ── names as lists write them ────────────────────────────────────────────────


SMALL = frozenset({"aan", "bij", "de", "den", "der", "het", "in", "op", "te", "ten", "ter", "uit", "van", "von"})  # also with a capital


def sorted_name(initials: str, surname: str) -> str:
    """Write a name as Dutch lists do, by its main part: `Hof, S. van 't`."""
    words = surname.split()
    small = list(takewhile(_is_small, words[:-1]))
    main = " ".join(words[len(small) :])
    return f"{main}, {' '.join([initials, *small])}".strip(", ")


def typed_surname(typed: str) -> str:
    """Return the surname in what somebody typed, also when it was taken from a list: `Hof, S. van 't` is `van 't Hof`."""
    main, _, rest = typed.partition(",")
    return " ".join([*filter(_is_small, rest.split()), main.strip()])


def _is_small(word: str) -> bool:
    return word[:1].islower() or word[:1] in "'’" or word.casefold() in SMALL
