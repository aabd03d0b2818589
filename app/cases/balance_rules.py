"""Rules of balance requests: their days, their answers, and what a statement must say. Pure: no database, no clock, no words.

What comes after the last day counts as not stated: its sums, reference, rank and agent change nothing. What protects counts all the
same: the pause lasts longer, and an obstacle keeps a consent in advance from answering as long as no proposal went out.

The days are those of the national hub (Schuldenknooppunt): answer within 10 working days, reminders on working day 5 and 11,
closed on working day 20; then the reported amount counts, marked 'not stated'. Set by the bank.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.cases.collection_costs import SINCE, Reckoning, allowed, check_costs
from app.cases.rules import BALANCE_DAYS, Rank
from app.deadlines import add_working_days
from app.errors import Refusal
from app.money import MOST, Cents

ANSWER_DAYS = 10
REMIND_DAYS = (5, 11)
CODE_DAYS = timedelta(days=60)  # so long the code on the letter opens a request
CODE_TRIES = 10  # wrong codes that differ in one sign from a request's own: then it is locked
LONGEST = 2000  # signs of an explanation


class BalanceAnswer(StrEnum):
    """What a creditor said to the request to state its balance."""

    OPEN = "open"
    STATED = "stated"
    NO_COOPERATION = "no cooperation"
    NOT_STATED = "not stated"  # the term is over: the reported amount counts


class Ground(StrEnum):
    """Why a creditor does not cooperate (names of the national hub)."""

    CLIENT_UNKNOWN = "client unknown"
    RECENTLY_DISCHARGED = "recently discharged"
    RECENTLY_STABILISED = "recently stabilised"
    OTHER = "other"


class Obstacle(StrEnum):
    """Why a creditor's consent in advance may not answer for this claim; this is the only moment to say so."""

    FRAUD = "fraud or fine"
    DISPUTED = "claim disputed"
    EARLIER_SETTLEMENT = "earlier settlement failed"
    OTHER = "other"


class Correction(StrEnum):
    """What became of a statement that came after the proposal was issued."""

    WAITS = "waits"
    TAKEN_OVER = "taken over"
    REFUSED = "refused"
    REPLACED = "replaced"  # a newer statement came before an officer decided


MOVES: dict[BalanceAnswer, frozenset[BalanceAnswer]] = {
    BalanceAnswer.OPEN: frozenset(
        {
            BalanceAnswer.STATED,
            BalanceAnswer.NO_COOPERATION,
            BalanceAnswer.NOT_STATED,  # nothing came within the term
        }
    ),
    BalanceAnswer.STATED: frozenset({BalanceAnswer.STATED}),  # corrected
    BalanceAnswer.NO_COOPERATION: frozenset({BalanceAnswer.STATED, BalanceAnswer.NO_COOPERATION}),  # thought better of it
    BalanceAnswer.NOT_STATED: frozenset({BalanceAnswer.NOT_STATED}),  # what comes too late is kept, and does not count
}


@dataclass(frozen=True)
class Days:
    """The days of a request, counted in working days after the day of sending."""

    answer_by: date
    remind_on: tuple[date, ...]
    closes_on: date


def days(sent_on: date) -> Days:
    """Return the days of a request that goes out on a day."""
    answer, closes = add_working_days(sent_on, ANSWER_DAYS), add_working_days(sent_on, BALANCE_DAYS)
    return Days(answer, tuple(add_working_days(sent_on, number) for number in REMIND_DAYS), closes)


@dataclass(frozen=True)
class Statement:
    """What a creditor states about its claim, in cents. `notice_on` is when the consumer got the notice of the costs."""

    principal_cents: Cents
    interest_cents: Cents
    costs_cents: Cents
    reference: str
    rank: Rank
    notice_on: date | None = None
    vat: bool = False
    agent_id: int | None = None
    obstacle: Obstacle | None = None
    explanation: str = ""
    costs_confirmed: bool = False

    @property
    def total_cents(self) -> Cents:
        return self.principal_cents + self.interest_cents + self.costs_cents


@dataclass(frozen=True)
class Weighed:
    """Costs beside the scale: what it allows, what is above it, and whether they are owed already on the day of stating."""

    allowed_cents: Cents
    excess_cents: Cents
    owed: bool
    reckoning: Reckoning | None  # None when there is no principal to reckon from

    @property
    def is_too_much(self) -> bool:
        return self.excess_cents > 0 or not self.owed


def check_statement(said: Statement, today: date) -> None:
    """Check that a statement can be taken as it is. Raises Refusal, also when costs above the scale were not confirmed."""
    amounts = {"principal": said.principal_cents, "interest": said.interest_cents, "costs": said.costs_cents}
    for name, cents in amounts.items():
        if not 0 <= cents <= MOST:
            raise Refusal("cases.balance_amount", field=name)
    if said.total_cents > MOST:
        raise Refusal("cases.balance_amount", field="principal")
    if said.notice_on is not None and not SINCE <= said.notice_on <= today:
        raise Refusal("cases.balance_notice_day", field="notice_on")
    if said.obstacle is Obstacle.OTHER and not said.explanation.strip():
        raise Refusal("cases.balance_words_missing", field="obstacle_words")
    weighed = weigh(said, today)
    if weighed and weighed.is_too_much and not said.costs_confirmed:
        raise Refusal("cases.balance_costs_above_scale", field="costs")


def weigh(said: Statement, today: date) -> Weighed | None:
    """Lay collection costs beside the statutory scale; None when there are none.

    Without a notice of the costs a consumer owes none of them (BW 6:96(6)), nor before its fourteen days are over.
    """
    if said.costs_cents <= 0:
        return None
    if said.principal_cents <= 0:
        return Weighed(0, said.costs_cents, owed=False, reckoning=None)
    most = allowed(said.principal_cents, vat=said.vat)
    above = max(0, said.costs_cents - most)
    if said.notice_on is None or not SINCE <= said.notice_on <= today:
        reckoning = check_costs([said.principal_cents], said.costs_cents, today, vat=said.vat)
        return Weighed(most, above, owed=False, reckoning=reckoning)
    reckoning = check_costs([said.principal_cents], said.costs_cents, said.notice_on, vat=said.vat)
    return Weighed(most, above, owed=today >= reckoning.payable_from, reckoning=reckoning)


def check_ground(ground: Ground, words: str) -> None:
    """Check why a creditor does not cooperate. Raises Refusal when another ground comes without words."""
    if ground is Ground.OTHER and not words.strip():
        raise Refusal("cases.balance_words_missing", field="ground_words")


def is_late(closes_on: date, state: BalanceAnswer, today: date) -> bool:
    """Tell whether a first answer comes too late to count; who answered in time may still correct it."""
    return state is BalanceAnswer.NOT_STATED or (state is BalanceAnswer.OPEN and today > closes_on)


def answered(state: BalanceAnswer, answer: BalanceAnswer, *, late: bool, waits: bool) -> BalanceAnswer:
    """Return the state of a request after an answer; what corrects an earlier one waits for an officer first. Raises Refusal."""
    if late:
        return BalanceAnswer.NOT_STATED
    if answer not in MOVES[state]:
        raise Refusal("cases.balance_no_going_back")
    return state if waits and state is not BalanceAnswer.OPEN else answer


def reminders_due(remind_on: tuple[date, ...], today: date) -> int:
    """Return how many reminders are due by a day."""
    return sum(day <= today for day in remind_on)


def opens_by_code(sent_on: date, state: BalanceAnswer, closes_on: date, today: date) -> bool:
    """Tell whether the code on the letter still opens a request: for 60 days, while it waits for its answer and is open."""
    return state is BalanceAnswer.OPEN and today <= min(sent_on + CODE_DAYS, closes_on)


def day_of(text: str) -> date | None:
    """Read a day that a draft kept; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
