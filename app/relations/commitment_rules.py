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
    """A figure with what it has to be: at least `threshold` per cent within `days` working days."""

    measure: Measure
    threshold: int
    days: int


@dataclass(frozen=True)
class Figure:
    """What the portal counted in a period, first and last day included."""

    first: date
    last: date
    met: int
    of: int

    @property
    def is_empty(self) -> bool:
        return self.of == 0

    def reaches(self, threshold: int) -> bool:
        """Tell whether so many per cent were met, reckoned without rounding."""
        return self.met * 100 >= threshold * self.of


def next_state(state: CommitmentState, move: CommitmentMove) -> CommitmentState:
    """Return where a move leads. Raises Refusal when the commitment has ended."""
    if move not in MOVES[state]:
        raise Refusal("commitments.ended_already")
    return MOVES[state][move]


def check_norm(party: Party, threshold: int | None, days: int | None) -> None:
    """Raise Refusal for a norm that no figure can be held against; the portal counts what they do, not what the city does."""
    if party is not Party.THEIRS:
        raise Refusal("commitments.norm_of_theirs", field="way")
    if threshold is None or not 1 <= threshold <= 100:
        raise Refusal("commitments.threshold", field="threshold")
    if days is None or not 1 <= days <= 60:
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
