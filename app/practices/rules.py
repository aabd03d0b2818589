"""Rules of practice reports: when one is due, its moves, what keeps it from being submitted, and what the marks mean. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.errors import Refusal
from app.practices.questions import PARTS, QUESTION, SECTION_OF, Answer, Answers

FIRST_YEAR = 2025  # the Afsprakenkader Sociaal Incasseren was signed in March 2025
# From which year on a report is due on which day of the next one (set by the bank).
DUE: tuple[tuple[int, tuple[int, int]], ...] = ((FIRST_YEAR, (3, 31)),)
REMIND_BEFORE = (30, 7)  # days before the last one; once more when it is over
WORDS = 4000  # signs of a remark


class State(StrEnum):
    """How far a report is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REOPENED = "reopened"


class Mark(StrEnum):
    """What the relations team says of an answer, or the creditor in reply."""

    SEEN = "seen"
    QUESTIONED = "questioned"
    VERIFIED = "verified"
    REPLY = "reply"


# Each move with the reason why it is there.
MOVES: dict[tuple[State, State], str] = {
    (State.DRAFT, State.SUBMITTED): "a manager of the creditor stands for what it says",
    (State.SUBMITTED, State.REOPENED): "the relations team lets the creditor correct it",
    (State.REOPENED, State.SUBMITTED): "a manager stands for the correction",
}
OPEN = frozenset({State.DRAFT, State.REOPENED})


@dataclass(frozen=True)
class Fault:
    """What keeps a report from being submitted: a question and a code; `other` is the question that it contradicts."""

    question: str
    code: str
    other: str = ""

    @property
    def section(self) -> str:
        return SECTION_OF[self.question]


@dataclass(frozen=True)
class Remark:
    """One remark on an answer: which mark, by which side, on which submission."""

    question: str
    mark: Mark
    at: datetime
    submission: int


def due_on(year: int) -> date:
    """Return the last day on which the report of a year is on time."""
    month, day = next(found for since, found in reversed(DUE) if since <= max(year, FIRST_YEAR))
    return date(year + 1, month, day)


def check_year(year: int, today: date) -> None:
    """Raise Refusal unless a report of this year can be begun: of this one or the two before it, from the year before the agreement on."""
    if year > today.year:
        raise Refusal("practices.year_to_come")
    if year < max(FIRST_YEAR - 1, today.year - 2):
        raise Refusal("practices.year_too_old")


def check_move(now: State, to: State) -> None:
    """Raise Refusal when a report cannot go from one state to another."""
    if (now, to) not in MOVES:
        raise Refusal("practices.submitted_already" if to is State.SUBMITTED else "practices.not_submitted")


def check_submission(state: State, year: int, answers: Answers, today: date) -> None:
    """Raise Refusal unless a report may be submitted: not twice, not before its year is over, whole, without contradictions."""
    check_move(state, State.SUBMITTED)
    if today.year <= year:
        raise Refusal("practices.year_runs", year=year)
    if found := faults(answers):
        raise Refusal("practices.incomplete", number=len(found))


def faults(answers: Answers) -> list[Fault]:
    """Return what is missing and what contradicts itself, in the order of the questions."""
    missing = [Fault(code, "practices.missing") for code, one in QUESTION.items() if not one.is_optional and code not in answers]
    larger = [Fault(part, "practices.part_larger", whole) for part, whole in PARTS if _exceeds(answers.get(part), answers.get(whole))]
    costs = [Fault("costs_cents", "practices.costs_without_cases", "cost_cases")] if _contradicts(answers) else []
    place = list(QUESTION).index
    return sorted(missing + larger + costs, key=lambda fault: place(fault.question))


def _exceeds(part: Answer | None, whole: Answer | None) -> bool:
    return isinstance(part, int) and isinstance(whole, int) and part > whole


def _contradicts(answers: Answers) -> bool:
    """Tell whether costs were charged in no case at all, or in some cases without an amount."""
    if "cost_cases" not in answers or "costs_cents" not in answers:
        return False
    return bool(answers["cost_cases"]) != bool(answers["costs_cents"])


def changed(before: Answers, after: Answers) -> frozenset[str]:
    """Return the questions whose answers differ."""
    return frozenset(code for code in QUESTION if before.get(code) != after.get(code))


# ── remarks ──────────────────────────────────────────────────────────────────


def standing(remarks: Sequence[Remark], history: Sequence[tuple[int, Answer | None]]) -> Mark | None:
    """Return the mark that an answer has: the last one of the team, as long as the answer is what it was about.

    `history` has the answer of each submission, oldest first; remarks stand in the order in which they were made.
    """
    last = next((remark for remark in reversed(remarks) if remark.mark is not Mark.REPLY), None)
    if last is None or not history:
        return None
    said = dict(history)
    return last.mark if said.get(last.submission) == history[-1][1] else None


def waits_for(remarks: Sequence[Remark], mark: Mark | None) -> str:
    """Return who is to speak about a questioned answer: `creditor`, `team` once it replied, or nobody."""
    if mark is not Mark.QUESTIONED:
        return ""
    return "team" if remarks[-1].mark is Mark.REPLY else "creditor"


def check_mark(mark: Mark, words: str, *, has_evidence: bool, now: Mark | None) -> None:
    """Raise Refusal when the team cannot mark an answer so.

    A question needs words; what is verified has evidence, or words that say by what; the same mark again says nothing new.
    """
    check_words(words)
    if mark is Mark.QUESTIONED and not words:
        raise Refusal("practices.question_missing", field="words")
    if mark is Mark.VERIFIED and not words and not has_evidence:
        raise Refusal("practices.verified_by_nothing", field="words")
    if mark is now and not words:
        raise Refusal("practices.marked_already")


def check_reply(words: str, mark: Mark | None) -> None:
    """Raise Refusal when the creditor cannot reply: nothing was asked, or nothing is said."""
    check_words(words)
    if mark is not Mark.QUESTIONED:
        raise Refusal("practices.nothing_asked")
    if not words:
        raise Refusal("practices.reply_missing", field="words")


def check_words(words: str) -> None:
    """Raise Refusal for words that are too many to keep."""
    if len(words) > WORDS:
        raise Refusal("practices.too_long", field="words", most=WORDS)


# ── reminding ────────────────────────────────────────────────────────────────


def reminders_due(year: int, today: date) -> int:
    """Return how many reminders of a year's report ought to have gone out by a day: 30 and 7 days before it is due, and after."""
    due = due_on(year)
    return sum(today >= due - timedelta(days=days) for days in REMIND_BEFORE) + (today > due)
