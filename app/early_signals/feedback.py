"""What a reporter may hear of its signal, and nothing else: attempted, reached, help accepted, repeated, wrong, deceased, no resident.

Bgs 17 names only that somebody receives debt help; the rest is the safe reading. Never the kind of help, help that is not
financial, reasons, or what others reported: results that mean the same to the reporter come out here as the same value. Pure.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.early_signals.rules import Outcome


class Said(StrEnum):
    """What is said of a report that was no signal to follow."""

    REPEATED = "repeated"
    WRONG = "wrong"
    DECEASED = "deceased"
    NO_RESIDENT = "no resident"


SAID = {
    Outcome.REPEATED: Said.REPEATED,
    Outcome.WRONG: Said.WRONG,
    Outcome.DECEASED: Said.DECEASED,
    Outcome.NO_RESIDENT: Said.NO_RESIDENT,
}
RECEIVES_DEBT_HELP = frozenset({Outcome.IN_DEBT_HELP, Outcome.ADVICE, Outcome.FINANCIAL})


@dataclass(frozen=True)
class Feedback:
    """All that a reporter hears of one signal; `reached` and `helped` are None as long as nobody knows."""

    attempts: int = 0
    last_attempt_on: date | None = None
    reached: bool | None = None
    helped: bool | None = None
    said: Said | None = None


def helped(outcome: Outcome | None) -> bool | None:
    """Say whether help was accepted, as far as the reporter hears it: debt help counts, any other help reads as none."""
    if outcome is None or outcome in SAID:
        return None
    return outcome in RECEIVES_DEBT_HELP


def after(before: Feedback, outcome: Outcome | None, *, attempted_on: date | None, reached: bool) -> Feedback:
    """Return what the reporter hears after one more attempt (None: desk work), with its result when it has one."""
    last = max(filter(None, (before.last_attempt_on, attempted_on)), default=None)
    known = before.reached if attempted_on is None else bool(before.reached) or reached
    return Feedback(before.attempts + (attempted_on is not None), last, known, helped(outcome), SAID.get(outcome) if outcome else None)
