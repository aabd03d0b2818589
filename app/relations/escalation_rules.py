"""The ladder of an escalation as a table of moves with their reasons, what each step may come to, and its terms. Pure."""

from datetime import date
from enum import StrEnum

from app.deadlines import add_working_days
from app.errors import Refusal
from app.relations.complaint_terms import BANK, Row


class Level(StrEnum):
    """With whom a step of the ladder speaks, from below (domain.md, Social collection)."""

    CONTACT = "contact person"
    MANAGEMENT = "management"
    BOARD = "board"
    BODY = "covenant body"  # NVVK, KBvG
    SUPERVISOR = "supervisor"  # of the Wki
    ALDERMAN = "alderman"


class Way(StrEnum):
    """How a step was taken up with them."""

    LETTER = "letter"
    CALL = "call"


class Result(StrEnum):
    """What a step, or the whole escalation, came to."""

    SETTLED = "settled"
    PARTLY = "partly settled"
    PROMISED = "promised"
    REFUSED = "refused"
    NO_ANSWER = "no answer"


class EscalationState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


WORKED = frozenset({Result.SETTLED, Result.PARTLY, Result.PROMISED})  # what is worth trying again
# Who follows on whom: within the organisation nobody is passed over; of those outside it some have no say over it.
ABOVE: dict[Level, tuple[Level, ...]] = {
    Level.CONTACT: (Level.MANAGEMENT,),
    Level.MANAGEMENT: (Level.BOARD,),
    Level.BOARD: (Level.BODY, Level.SUPERVISOR, Level.ALDERMAN),  # not everybody is under a covenant, or under the Wki
    Level.BODY: (Level.SUPERVISOR, Level.ALDERMAN),
    Level.SUPERVISOR: (Level.ALDERMAN,),
    Level.ALDERMAN: (),
}
TERMS: dict[Level, tuple[Row, ...]] = {
    level: (Row(date.min, days, f"working days for a step with the {level}; {BANK}"),)
    for level, days in (
        (Level.CONTACT, 10), (Level.MANAGEMENT, 10), (Level.BOARD, 15), (Level.BODY, 20), (Level.SUPERVISOR, 30), (Level.ALDERMAN, 20),
    )
}  # fmt: skip


def term(level: Level, on: date) -> date:
    """Return the last day of a step that begins on a day, where nobody chose another."""
    row = next(row for row in reversed(TERMS[level]) if row.since <= on)
    return add_working_days(on, row.value)


def check_start(level: Level, *, has_ground: bool) -> None:
    """Raise Refusal unless an escalation may begin here: above the contact person only after a complaint or pattern, which it answered."""
    if level is Level.CONTACT or (level is Level.MANAGEMENT and has_ground):
        return
    raise Refusal("escalations.start_too_high", field="level")


def check_climb(state: EscalationState, level: Level, to: Level, result: Result | None) -> None:
    """Raise Refusal unless the escalation may go up to a level: open, the next one, and with a result of the step before it."""
    check_open(state)
    if result is None:
        raise Refusal("escalations.result_first", field="to")
    if result is Result.SETTLED:
        raise Refusal("escalations.settled_already", field="to")
    if to not in ABOVE[level]:
        raise Refusal("escalations.not_above", field="to")


def check_open(state: EscalationState) -> None:
    """Raise Refusal when it was closed."""
    if state is EscalationState.CLOSED:
        raise Refusal("escalations.closed_already")


def check_due(due_on: date, today: date) -> None:
    """Raise Refusal for a last day that is over."""
    if due_on < today:
        raise Refusal("escalations.due_in_past", field="due_on")
