"""The states of a complaint and a table of the moves between them, each with its reason. Pure: no database, clock or words."""

from enum import StrEnum

from app.errors import Refusal


class State(StrEnum):
    """Where a complaint stands."""

    DRAFT = "draft"
    NEW = "new"
    TRIAGE = "in triage"
    ADDRESSED = "addressed"
    QUESTION = "question of the creditor"
    ANSWERED = "answered"
    DISAGREED = "creditor disagrees"
    CLOSED = "closed"
    MERGED = "merged"


class Move(StrEnum):
    """What somebody does that changes the state."""

    REPORT = "report"
    CONFIRM = "confirm"
    ADDRESS = "address"
    ASK = "ask"
    ANSWER = "answer"
    DISAGREE = "disagree"
    REPLY = "reply"
    PASS_ON = "pass on"  # noqa: S105 (no password)
    MERGE = "merge"
    CLOSE = "close"
    REOPEN = "reopen"


_ENDS = {Move.MERGE: State.MERGED, Move.CLOSE: State.CLOSED}  # while it is open: part of another one, or done
MOVES: dict[State, dict[Move, State]] = {
    State.DRAFT: {Move.REPORT: State.NEW},  # who wrote it sends it
    State.NEW: _ENDS
    | {
        Move.CONFIRM: State.TRIAGE,  # the relations team has read it
        Move.ADDRESS: State.ADDRESSED,  # which says that it was read as well
        Move.PASS_ON: State.NEW,  # it is about another company, or the unknown one is in the register now
    },
    State.TRIAGE: _ENDS | {Move.ADDRESS: State.ADDRESSED, Move.PASS_ON: State.TRIAGE},
    State.ADDRESSED: _ENDS
    | {
        Move.ASK: State.QUESTION,  # the creditor cannot answer yet
        Move.ANSWER: State.ANSWERED,
        Move.DISAGREE: State.DISAGREED,
        Move.REPLY: State.ADDRESSED,  # the relations team adds what the creditor has to know
        Move.PASS_ON: State.TRIAGE,  # it went to the wrong company: the right one hears of it anew
    },
    State.QUESTION: _ENDS
    | {
        Move.REPLY: State.ADDRESSED,  # the relations team answers the question
        Move.ANSWER: State.ANSWERED,  # the creditor found it out itself
        Move.DISAGREE: State.DISAGREED,
        Move.PASS_ON: State.TRIAGE,
    },
    State.ANSWERED: _ENDS
    | {
        Move.REPLY: State.ADDRESSED,  # the answer does not do: the creditor is asked again
        Move.PASS_ON: State.TRIAGE,  # 'not ours'
    },
    State.DISAGREED: _ENDS
    | {
        Move.REPLY: State.ADDRESSED,  # the relations team gives its grounds and asks again
        Move.ANSWER: State.ANSWERED,  # the creditor thinks again
        Move.PASS_ON: State.TRIAGE,
    },
    State.CLOSED: {Move.REOPEN: State.TRIAGE},  # it did not help, or it happened again
    State.MERGED: {},  # lives on in the other one
}

OPEN = frozenset(State) - {State.DRAFT, State.CLOSED, State.MERGED}
WITH_CREDITOR = frozenset({State.ADDRESSED})  # who has to act now
WITH_PARTY = WITH_CREDITOR | {State.QUESTION}  # its answer is still waited for
WITH_TEAM = OPEN - WITH_CREDITOR


def next_state(state: State, move: Move) -> State:
    """Return where a move leads. Raises Refusal when it cannot be made now; for what was merged in words of its own."""
    if state is State.MERGED:
        raise Refusal("relations.merged_already")
    if move not in MOVES[state]:
        raise Refusal("relations.move_not_possible")
    return MOVES[state][move]


def moves(state: State) -> frozenset[Move]:
    """Return what can be done with a complaint now."""
    return frozenset(MOVES[state])
