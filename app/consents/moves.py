"""Rules of when a version of a standing consent begins, ends and is spoken of. Pure; the table of moves stands in rules.py."""

from datetime import date

from app.consents.rules import OPEN_END, Clauses, State
from app.errors import Refusal

REMINDERS = (60, 30, 7)  # days before the last one


def check_start(clauses: Clauses, starts_on: date, today: date) -> None:
    """Raise Refusal unless a version may begin on a day: tomorrow or later, and no later than its own last day."""
    if starts_on <= today:
        raise Refusal("consents.starts_too_early", field="starts_on")
    if clauses.valid_until is not None and clauses.valid_until < starts_on:
        raise Refusal("consents.ends_before_it_begins", field="valid_until")


def check_withdrawal(state: State, ends_on: date, reason: str, today: date) -> None:
    """Raise Refusal unless a signed version may be withdrawn so: from today on, with a reason."""
    if state is not State.SIGNED:
        raise Refusal("consents.not_signed" if state is State.DRAFT else "consents.ended")
    if ends_on < today:
        raise Refusal("consents.ends_in_past", field="ends_on")
    if not reason.strip():
        raise Refusal("consents.reason_missing", field="reason")


def reminders_due(clauses: Clauses, today: date) -> int:
    """Return how many of the reminders should have gone out by a day."""
    if clauses.valid_until is None or clauses.valid_until == OPEN_END:
        return 0
    left = (clauses.valid_until - today).days
    return sum(left <= days for days in REMINDERS)


def state_on(state: State, clauses: Clauses, ends_on: date | None, today: date) -> State:
    """Return the state that a signed version has on a day by its dates; other states stay."""
    if state is not State.SIGNED:
        return state
    if ends_on is not None and ends_on <= today:
        return State.REPLACED
    return State.EXPIRED if (clauses.valid_until or OPEN_END) < today else State.SIGNED
