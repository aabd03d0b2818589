"""Rules of notices and of the pause that each asks of a creditor: answers, moves, how long it lasts. Pure: no database, clock or words."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.deadlines import add_working_days, months_after
from app.errors import Refusal

COVENANT = "NVVK model covenant 2024; set by the bank"


@dataclass(frozen=True)
class Lasts:
    """For how many months a pause lasts when it begins on `since` or later, until the next row."""

    since: date
    months: int
    source: str


# A change is a new row with the day from which it holds. `app/proposals/parameters.py` shows these beside the other parameters.
PAUSE = (Lasts(date.min, 8, COVENANT),)  # from the notice
PAUSE_AFTER_STATEMENT = (Lasts(date.min, 8, COVENANT),)  # from the balance statement


@dataclass(frozen=True)
class Reminds:
    """After how many working days without an answer is reminded, once, of what went out on `since` or later, until the next row."""

    since: date
    working_days: int
    source: str


REMINDER = (
    Reminds(date.min, 10, "working days after a notice that nobody answered, one reminder; no covenant has a term: set by the bank"),
)


class NoticeState(StrEnum):
    """What a creditor said to the notice of one claim."""

    SENT = "sent"  # nothing yet; the pause holds all the same
    CONFIRMED = "confirmed"
    OTHER_AGENT = "other agent named"  # somebody else collects: that agent is asked now
    CLIENT_UNKNOWN = "client unknown"  # it searched and found nobody: there is nothing to pause
    OBSTACLE = "obstacle"  # it cannot pause, and says why


class Searched(StrEnum):
    """By what a creditor looked for a client before it says that it knows nobody."""

    NAME = "name"
    BIRTH_DATE = "birth date"
    ADDRESS = "address"
    REFERENCE = "reference"
    PHONE = "phone"
    EMAIL = "e-mail"


ENOUGH = 2  # so many fields were searched at least before a client is unknown (set by the bank)


class EndReason(StrEnum):
    """Why a pause ended."""

    RAN_OUT = "ran out"  # its last day went by, and a new notice took its place
    CASE_CLOSED = "case closed"
    CLIENT_STOPPED = "client stopped"
    SENT_BY_MISTAKE = "sent by mistake"


class BreachSource(StrEnum):
    """Who told that was collected during a pause."""

    CREDITOR = "creditor"  # the creditor or its agent itself
    COMPLAINT = "complaint"  # the client or who helps it, written down by staff


MOVES: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.SENT: frozenset(
        {
            NoticeState.CONFIRMED,  # the creditor pauses
            NoticeState.OTHER_AGENT,  # the creditor says who collects for it
            NoticeState.CLIENT_UNKNOWN,  # the creditor searched and found nobody
            NoticeState.OBSTACLE,  # the creditor says why it cannot pause
        }
    ),
    NoticeState.CONFIRMED: frozenset(
        {
            NoticeState.OTHER_AGENT,  # the claim went to somebody else
            NoticeState.OBSTACLE,  # something came in between
        }
    ),
    NoticeState.OTHER_AGENT: frozenset(
        {
            NoticeState.CONFIRMED,  # the agent that was named pauses
            NoticeState.CLIENT_UNKNOWN,  # the agent that was named knows nobody
            NoticeState.OBSTACLE,
            NoticeState.OTHER_AGENT,  # it was yet another one
        }
    ),
    NoticeState.CLIENT_UNKNOWN: frozenset(
        {
            NoticeState.CONFIRMED,  # found after all
            NoticeState.OTHER_AGENT,
            NoticeState.OBSTACLE,
        }
    ),
    NoticeState.OBSTACLE: frozenset(
        {
            NoticeState.CONFIRMED,  # the obstacle is gone
            NoticeState.OTHER_AGENT,
            NoticeState.OBSTACLE,  # said anew, in other words
        }
    ),
}


def months(rows: tuple[Lasts, ...], on: date) -> int:
    """Return how many months hold on a day."""
    return [row.months for row in rows if row.since <= on][-1]


def pause_until(sent_on: date) -> date:
    """Return the last day of a pause that a notice of this day asks (NVVK model covenant 2024: 8 months)."""
    return months_after(sent_on, months(PAUSE, sent_on))


def extended_until(until: date, stated_on: date) -> date:
    """Return the last day of a pause after a balance statement: 8 months from that, and never earlier than it was."""
    return max(until, months_after(stated_on, months(PAUSE_AFTER_STATEMENT, stated_on)))


def remind_on(sent_on: date) -> date:
    """Return the day on which is reminded of a notice of this day that nobody answered."""
    return add_working_days(sent_on, [row.working_days for row in REMINDER if row.since <= sent_on][-1])


def is_pausing(state: NoticeState, until: date, ended_on: date | None, today: date) -> bool:
    """Tell whether a creditor may not collect today: from the notice on, whether it answered or not."""
    return ended_on is None and state is not NoticeState.CLIENT_UNKNOWN and today <= until


def check_answer(state: NoticeState, answer: NoticeState, until: date, ended_on: date | None, today: date) -> None:
    """Check that a notice can still get this answer. Raises Refusal."""
    if ended_on is not None or today > until:
        raise Refusal("pauses.over")
    if answer not in MOVES[state]:
        raise Refusal("pauses.move_not_possible")


def check_searched(fields: frozenset[Searched]) -> None:
    """Check that somebody searched by enough before it says that a client is unknown. Raises Refusal."""
    if len(fields) < ENOUGH:
        raise Refusal("pauses.searched_too_little", field="searched", least=ENOUGH)


def check_breach(happened_on: date, sent_on: date, until: date, ended_on: date | None, today: date) -> None:
    """Check that a day on which was collected lies in the pause. Raises Refusal."""
    if happened_on > today:
        raise Refusal("pauses.day_in_future", field="happened_on")
    last = min(until, ended_on) if ended_on else until
    if not sent_on <= happened_on <= last:
        raise Refusal("pauses.day_outside", field="happened_on", first=f"{sent_on:%d-%m-%Y}", last=f"{last:%d-%m-%Y}")
