"""How an answer to an offer is judged: whether it may be given, whether it is the same again, whether it comes late. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.errors import Conflict, Refusal
from app.money import Cents
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason, check_answer


@dataclass(frozen=True)
class Seen:
    """The offer as the person had it in front of it, and by which way its answer comes in."""

    ref: str
    revision: int
    by: AnsweredBy = AnsweredBy.HAND


@dataclass(frozen=True)
class Answer:
    """What is answered: the state that the offer gets, with its words, coded reason and other balance."""

    state: OfferState
    words: str = ""
    reason: RejectReason | None = None
    balance_cents: Cents | None = None


class Given(NamedTuple):
    """One answer to one offer as it was seen; a rejection of what the own consent covers must go `against_consent`."""

    seen: Seen
    answer: Answer
    against_consent: bool = True


class Standing(NamedTuple):
    """An offer and its proposal as they stand, as far as an answer depends on it."""

    id: int
    ref: str
    creditor_id: int
    proposal_id: int
    revision: int
    state: OfferState
    words: str
    reason: RejectReason | None
    balance_cents: Cents | None
    answerer: str | None
    answer_by: date
    reconsider_by: date | None
    clock_on: date | None
    proposal: ProposalState
    is_covered: bool = False

    def is_late(self, on: date) -> bool:
        """Tell whether an answer on a day comes late; while the clock of the offer stands still nothing does."""
        second = self.reconsider_by if self.state is OfferState.ASKED_AGAIN else None
        return (self.clock_on or on) > (second or self.answer_by)

    def after(self, answer: Answer, answerer: str) -> "Standing":
        """Return the offer as it stands once it was answered."""
        return self._replace(
            revision=self.revision + 1, state=answer.state, words=answer.words, reason=answer.reason,
            balance_cents=answer.balance_cents, answerer=answerer,
        )  # fmt: skip


def judge(offer: Standing, given: Given, answerer: str, *, by_agent: bool) -> bool:
    """Decide whether an answer may be given now; False when this person gave this very answer already.

    Raises Conflict when the offer changed since it was seen, and Refusal: it is over or answered, a second no is not explained, or
    the own consent covers it and this rejection does not go against that.
    """
    seen, answer, against_consent = given
    if _is_same(offer, answer, answerer):
        return False  # the second click of a double one
    if offer.revision != seen.revision:
        raise Conflict
    check_answer(offer.proposal, offer.state, answer.state)
    if is_unexplained(offer.state, answer):
        raise Refusal("proposals.second_no_unexplained", field="explanation")
    if offer.is_covered and not against_consent:
        raise Refusal("proposals.covered_by_creditor" if by_agent else "proposals.covered_by_consent", field="confirmed")
    return True


def is_unexplained(before: OfferState, answer: Answer) -> bool:
    """Tell whether this is a no to a second question that does not say why."""
    return (before, answer.state) == (OfferState.ASKED_AGAIN, OfferState.REJECTED) and not answer.words


def _is_same(offer: Standing, answer: Answer, answerer: str) -> bool:
    given = (offer.state, offer.words, offer.reason, offer.balance_cents, offer.answerer)
    return given == (answer.state, answer.words, answer.reason, answer.balance_cents, answerer)
