"""Rules of commitments with creditors: states and moves, which figures of the portal check one, and of which month. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.errors import Refusal


class Party(StrEnum):
    """Who made a commitment."""

    THEIRS = "theirs"
    OURS = "ours"


class Measure(StrEnum):
    """The figure of the portal by which a commitment is checked each month."""

    ANSWERS_IN_TIME = "offers answered in time"  # of the offers whose days ended in the month, the share answered within them
    BALANCES_IN_TIME = "balances stated in time"  # the same of balance requests
    NOTICES_CONFIRMED = "notices confirmed in time"  # the same of notices, as far as there was something to pause
    ZERO_OFFERS_ACCEPTED = "covered zero offers accepted"  # of the zero offers that the own consent covers, the share accepted
    PAUSE_COMPLAINTS = "complaints of collecting during a pause"  # how many were laid before it in the month, but what was not so
    AGAINST_CONSENT = "rejections against the own consent"  # how many of the answers to offers that the own consent covers


WITHIN_DAYS = frozenset({Measure.ANSWERS_IN_TIME, Measure.BALANCES_IN_TIME, Measure.NOTICES_CONFIRMED})
AT_MOST = frozenset({Measure.PAUSE_COMPLAINTS, Measure.AGAINST_CONSENT})  # numbers; the others are shares
MOST_TIMES = 100  # a month, that a promise may allow


class CommitmentState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    NOT_KEPT = "not kept"
    ENDED = "ended"


class CommitmentMove(StrEnum):
    KEEP = "check says kept"
    BREAK = "check says not kept"
    END = "end"


_CHECKED = {
    CommitmentMove.KEEP: CommitmentState.KEPT,
    CommitmentMove.BREAK: CommitmentState.NOT_KEPT,
    CommitmentMove.END: CommitmentState.ENDED,  # it is over, or another one took its place
}
MOVES: dict[CommitmentState, dict[CommitmentMove, CommitmentState]] = {
    CommitmentState.OPEN: _CHECKED,
    CommitmentState.KEPT: _CHECKED,  # what holds for longer is checked again
    CommitmentState.NOT_KEPT: _CHECKED,  # made good later
    CommitmentState.ENDED: {},
}
WATCHED = frozenset({CommitmentState.OPEN, CommitmentState.KEPT, CommitmentState.NOT_KEPT})


@dataclass(frozen=True)
class Norm:
    """A figure with what it has to be: at least `threshold` per cent, of some within `days` working days; or `threshold` times at most."""

    measure: Measure
    threshold: int
    days: int = 0  # where the measure knows none


@dataclass(frozen=True)
class Figure:
    """What the portal counted in a period, first and last day included: `met` of `of`; of a number, how often of so many times it could."""

    first: date
    last: date
    met: int
    of: int

    @property
    def is_empty(self) -> bool:
        return self.of == 0 and self.met == 0

    def reaches(self, threshold: int) -> bool:
        """Tell whether so many per cent were met, reckoned without rounding."""
        return self.met * 100 >= threshold * self.of

    def keeps(self, norm: Norm) -> bool | None:
        """Tell whether the figure is what was promised; None where there was nothing to count."""
        if self.is_empty:
            return None
        return self.met <= norm.threshold if norm.measure in AT_MOST else self.reaches(norm.threshold)


def next_state(state: CommitmentState, move: CommitmentMove) -> CommitmentState:
    """Return where a move leads. Raises Refusal when the commitment has ended."""
    if move not in MOVES[state]:
        raise Refusal("commitments.ended_already")
    return MOVES[state][move]


def check_norm(party: Party, norm: Norm) -> None:
    """Raise Refusal for a norm that no figure can be held against; the portal counts what they do, not what the city does."""
    if party is not Party.THEIRS:
        raise Refusal("commitments.norm_of_theirs", field="way")
    if norm.measure in AT_MOST:
        if not 0 <= norm.threshold <= MOST_TIMES:
            raise Refusal("commitments.at_most", field="at_most")
    elif not 1 <= norm.threshold <= 100:
        raise Refusal("commitments.threshold", field="threshold")
    if norm.measure in WITHIN_DAYS and not 1 <= norm.days <= 60:
        raise Refusal("commitments.days", field="days")


def month_before(day: date) -> tuple[date, date]:
    """Return the first and last day of the month before that of a day."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def whole_months(since: date, today: date) -> list[tuple[date, date]]:
    """Return the months that are over and began on or after a day, the oldest first; the month in which it was made does not count."""
    months = []
    first, last = month_before(today)
    while first >= since:
        months.append((first, last))
        first, last = month_before(first)
    return months[::-1]
