"""The terms of complaints and when some of a kind are a pattern, as dated data with their source. Pure; a change is a new row."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.deadlines import add_working_days, working_days_between
from app.relations.complaint_lifecycle import State

CODE = "the collection trade's own rule for complaints; set by the bank"
BANK = "set by the bank"


@dataclass(frozen=True)
class Row:
    """A whole number that holds from `since` until the next row of the same name begins."""

    since: date
    value: int
    source: str


TABLE: dict[str, tuple[Row, ...]] = {
    "receipt_days": (Row(date.min, 5, f"working days in which receipt is confirmed: {CODE}"),),
    "answer_days": (Row(date.min, 15, f"working days after the report in which the creditor answers: {CODE}"),),
    "urgent_days": (Row(date.min, 1, f"working days for the receipt of an urgent one, and as many more for its answer; {BANK}"),),
    "reminder_days": (Row(date.min, 3, f"working days before the last one on which a silent creditor is reminded, once; {BANK}"),),
    "feedback_days": (Row(date.min, 5, f"working days after the answer in which who reported it hears of it; {BANK}"),),
    "pattern_number": (Row(date.min, 3, f"so many of a kind about one creditor or agent are a pattern; {BANK}"),),
    "pattern_days": (Row(date.min, 90, f"calendar days in which they were reported; {BANK}"),),
    "link_days": (Row(date.min, 14, f"calendar days that a link for reporting works; {BANK}"),),
}


@dataclass(frozen=True)
class Clocks:
    """The last days of a complaint."""

    receipt_by: date
    answer_by: date


def value(name: str, on: date) -> int:
    """Return the number that holds on a day."""
    return next(row.value for row in reversed(TABLE[name]) if row.since <= on)


def clocks(reported_on: date, *, is_urgent: bool) -> Clocks:
    """Return until when receipt is confirmed and the creditor answers; the day of the report is not counted.

    An urgent one is with the creditor within the urgent term, and has its answer within as much again.
    """
    if is_urgent:
        receipt_by = add_working_days(reported_on, value("urgent_days", reported_on))
        return Clocks(receipt_by, add_working_days(receipt_by, value("urgent_days", reported_on)))
    return Clocks(
        add_working_days(reported_on, value("receipt_days", reported_on)),
        add_working_days(reported_on, value("answer_days", reported_on)),
    )


def is_reminded(addressed_on: date, answer_by: date, today: date) -> bool:
    """Tell whether somebody who is silent on what was laid before it on a day is to be reminded by now.

    So many working days before the last one, never sooner than the next working day, and of what came too late for that not at all.
    """
    first = add_working_days(addressed_on, 1)
    left = working_days_between(today, answer_by)
    return first <= min(today, answer_by) and left <= value("reminder_days", addressed_on)


def feedback_by(answered_on: date) -> date:
    """Return until when who reported it hears what came of it."""
    return add_working_days(answered_on, value("feedback_days", answered_on))


def due_on(state: State, clocks: Clocks, answered_on: date | None, *, is_paused: bool) -> date | None:
    """Return the day on which something has to have happened; None while the clock stands still and once it is over."""
    if is_paused or state in {State.DRAFT, State.CLOSED, State.MERGED}:
        return None
    if state is State.NEW:
        return clocks.receipt_by
    if state in {State.ANSWERED, State.DISAGREED} and answered_on:
        return feedback_by(answered_on)
    return clocks.answer_by


def moved(day: date, paused_on: date, today: date) -> date:
    """Return a last day after a pause of the clock: as many working days later as the pause lasted; what was over stays."""
    return add_working_days(day, working_days_between(paused_on, today)) if day >= paused_on else day


def pattern_since(on: date) -> date:
    """Return the first day of the time in which complaints count together."""
    return on - timedelta(days=value("pattern_days", on))


def is_pattern(number: int, on: date) -> bool:
    """Tell whether so many complaints of a kind about one company are a pattern."""
    return number >= value("pattern_number", on)
