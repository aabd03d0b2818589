"""Rules of meetings with creditors: their states and moves, who sits on which side, and what an agenda consists of. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Refusal

LONGEST = timedelta(hours=12)


class MeetingState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class MeetingMove(StrEnum):
    """What somebody does with a meeting."""

    CHANGE = "change"
    ADD = "add to the agenda"
    MINUTE = "write minutes"
    CANCEL = "cancel"


MOVES: dict[MeetingState, dict[MeetingMove, MeetingState]] = {
    MeetingState.PLANNED: {
        MeetingMove.CHANGE: MeetingState.PLANNED,  # another time or place
        MeetingMove.ADD: MeetingState.PLANNED,
        MeetingMove.MINUTE: MeetingState.HELD,  # with the minutes the agenda stays as it was
        MeetingMove.CANCEL: MeetingState.CANCELLED,
    },
    MeetingState.HELD: {MeetingMove.MINUTE: MeetingState.HELD},  # minutes are amended
    MeetingState.CANCELLED: {},
}


class Side(StrEnum):
    OURS = "ours"
    THEIRS = "theirs"


class ItemKind(StrEnum):
    """What a point of the agenda is about."""

    COMMITMENT = "commitment"
    COMPLAINT = "complaint"
    ESCALATION = "escalation"
    OWN = "own"  # what somebody of the team added


def next_state(state: MeetingState, move: MeetingMove) -> MeetingState:
    """Return where a move leads. Raises Refusal when it cannot be made now."""
    if move not in MOVES[state]:
        raise Refusal("meetings.cancelled" if state is MeetingState.CANCELLED else "meetings.held_already")
    return MOVES[state][move]


def check_times(begins: datetime, ends: datetime, now: datetime, *, was_held: bool) -> None:
    """Raise Refusal for a meeting that ends before it begins, is planned in the past, or was held in the future."""
    if not begins < ends <= begins + LONGEST:
        raise Refusal("meetings.ends_wrong", field="ends")
    if was_held and begins > now:
        raise Refusal("meetings.not_yet", field="day")
    if not was_held and begins <= now:
        raise Refusal("meetings.in_past", field="day")


def check_twin(there: tuple[datetime, str, str], asked: tuple[datetime, str, str]) -> None:
    """Raise Refusal where the meeting at the same time is another one by its end, place or minutes: what was typed would be lost."""
    if there != asked:
        raise Refusal("meetings.same_time", field="begins")


def check_minutes(begins: datetime, now: datetime, words: str) -> None:
    """Raise Refusal for minutes without words or of a meeting that did not begin yet."""
    if begins > now:
        raise Refusal("meetings.minutes_too_soon", field="minutes")
    if not words.strip():
        raise Refusal("meetings.minutes_missing", field="minutes")
