"""States of a proposal and of its offers, the moves between them, and which product is meant for whom. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from app.cases.rules import AnsweredBy as AnsweredBy
from app.cases.rules import Visibility as Visibility
from app.consents.rules import Product
from app.deadlines import age, months_before
from app.errors import Refusal
from app.money import Cents
from app.proposals import parameters

S = TypeVar("S", bound=StrEnum)


class Officer(NamedTuple):
    """Who drafts or checks a proposal; without a person it is a name alone."""

    person_id: int | None
    name: str


class ProposalState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    ISSUED = "issued"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    CLOSED = "closed"


class OfferState(StrEnum):
    OPEN = "open"
    PREPARED = "prepared"
    ACCEPTED = "accepted"
    ACCEPTED_OTHER_BALANCE = "accepted with another balance"
    REJECTED = "rejected"
    RECONSIDERATION_ASKED = "reconsideration asked"
    ASKED_AGAIN = "asked again"
    NO_RESPONSE = "no response"
    WITHDRAWN = "withdrawn"


class RowOutcome(StrEnum):
    """What became of one offer when many were answered in one go."""

    ANSWERED = "answered"
    REFUSED = "refused"  # a rule forbids it; a code says which
    CHANGED = "changed meanwhile"  # a colleague, a consent or the bank was first
    MISSING = "not found"
    UNDONE = "undone"  # answered, and taken back


class RejectReason(StrEnum):
    """Why a creditor says no; words of its own go with each."""

    PERCENTAGE_TOO_LOW = "percentage too low"
    NOT_THE_MAXIMUM = "not the maximum attainable"
    RELAPSE_FEARED = "relapse feared"
    FRAUD_OR_FINE = "fraud or fine"
    UNEQUAL_TREATMENT = "not all creditors treated equally"
    CLAIM_DISPUTED = "claim disputed"
    POLICY = "policy"
    OTHER = "other"


PROPOSAL_MOVES: dict[ProposalState, frozenset[ProposalState]] = {
    ProposalState.DRAFT: frozenset(
        {
            ProposalState.APPROVED,  # a second officer has checked sums and texts
            ProposalState.WITHDRAWN,  # thrown away before anybody saw it
            ProposalState.SUPERSEDED,  # drafted anew with other figures
        }
    ),
    ProposalState.APPROVED: frozenset(
        {
            ProposalState.DRAFT,  # claims or figures changed after the check: the second check is asked again
            ProposalState.ISSUED,  # sums and texts are fixed, every claim has its offer
            ProposalState.WITHDRAWN,
            ProposalState.SUPERSEDED,
        }
    ),
    ProposalState.ISSUED: frozenset(
        {
            ProposalState.AGREED,  # every offer is accepted; silence is no consent
            ProposalState.WITHDRAWN,  # the client stops or the figures were wrong: creditors are told why
            ProposalState.SUPERSEDED,  # a recalculated proposal takes its place
            ProposalState.CLOSED,  # the term is over and not everybody accepted
        }
    ),
    ProposalState.AGREED: frozenset(),  # the agreement stands; what follows is payment
    ProposalState.WITHDRAWN: frozenset(),
    ProposalState.SUPERSEDED: frozenset(),
    ProposalState.CLOSED: frozenset({ProposalState.SUPERSEDED}),  # a better proposal may follow
}

_ANSWERS = frozenset({OfferState.ACCEPTED, OfferState.ACCEPTED_OTHER_BALANCE, OfferState.REJECTED, OfferState.RECONSIDERATION_ASKED})

OFFER_MOVES: dict[OfferState, frozenset[OfferState]] = {
    # each of the four answers; none before the last day; or its proposal goes
    OfferState.OPEN: _ANSWERS | {OfferState.NO_RESPONSE, OfferState.WITHDRAWN},
    # covered by consent: a colleague confirms it, puts it back, or answers otherwise
    OfferState.PREPARED: _ANSWERS | {OfferState.OPEN, OfferState.NO_RESPONSE, OfferState.WITHDRAWN},
    # an answer given stands; only its proposal can go
    OfferState.ACCEPTED: frozenset({OfferState.WITHDRAWN}),
    # an officer takes over the balance, or the proposal is recalculated
    OfferState.ACCEPTED_OTHER_BALANCE: frozenset({OfferState.ACCEPTED, OfferState.WITHDRAWN}),
    # the bank may ask once more, with the state of the others in numbers
    OfferState.REJECTED: frozenset({OfferState.ASKED_AGAIN, OfferState.WITHDRAWN}),
    # the bank explains and lays the offer open again, or asks the creditor to think again
    OfferState.RECONSIDERATION_ASKED: frozenset({OfferState.OPEN, OfferState.ASKED_AGAIN, OfferState.NO_RESPONSE, OfferState.WITHDRAWN}),
    # the creditor answers a second time; it cannot bounce the question
    OfferState.ASKED_AGAIN: (_ANSWERS - {OfferState.RECONSIDERATION_ASKED}) | {OfferState.NO_RESPONSE, OfferState.WITHDRAWN},
    # late answers count until the proposal closes
    OfferState.NO_RESPONSE: _ANSWERS | {OfferState.ASKED_AGAIN, OfferState.WITHDRAWN},
    OfferState.WITHDRAWN: frozenset(),
}

WAITS_FOR_CREDITOR = frozenset({OfferState.OPEN, OfferState.PREPARED, OfferState.ASKED_AGAIN})
CAN_BE_ANSWERED = WAITS_FOR_CREDITOR | {OfferState.NO_RESPONSE}
CLOCK_RUNS = WAITS_FOR_CREDITOR | {OfferState.RECONSIDERATION_ASKED}  # its days lie ahead: they can be made to stand still
RUNNING = CLOCK_RUNS | {OfferState.NO_RESPONSE}  # not settled: late answers count until the proposal closes

# Moves that only who answered can make, for a short while and as long as the proposal runs; apart, so that nothing else makes them:
# the offer waits again just as it did before, put ready by a consent or asked once more.
UNDO_MOVES: dict[OfferState, frozenset[OfferState]] = {
    OfferState.ACCEPTED: CAN_BE_ANSWERED,  # the wrong row or the wrong key
    OfferState.ACCEPTED_OTHER_BALANCE: CAN_BE_ANSWERED,  # a slip in the amount
    OfferState.REJECTED: CAN_BE_ANSWERED,  # the wrong row, reason or file
    OfferState.RECONSIDERATION_ASKED: CAN_BE_ANSWERED - {OfferState.ASKED_AGAIN},  # that one is never bounced
}
UNDO_WITHIN = timedelta(minutes=10)  # long enough to see a slip, too short for anybody to have acted on the answer
CAN_BE_UNDONE = frozenset({AnsweredBy.HAND, AnsweredBy.FILE})  # a consent has its own way back, a code no account
BLOCKS_AGREEMENT = frozenset(OfferState) - {OfferState.ACCEPTED, OfferState.WITHDRAWN}


def check_move(moves: Mapping[S, frozenset[S]], state: S, to: S) -> None:
    """Raise Refusal when the table has no such move."""
    if to not in moves[state]:
        raise Refusal("proposals.move_not_possible", state=state, to=to)


def check_answer(proposal: ProposalState, offer: OfferState, answer: OfferState) -> None:
    """Decide whether a creditor may give this answer now. Raises Refusal: the proposal is over, or the offer was answered."""
    if proposal is not ProposalState.ISSUED:
        raise Refusal("proposals.proposal_over", state=proposal)
    if offer not in CAN_BE_ANSWERED:
        raise Refusal("proposals.answered_already", state=offer)
    if answer not in _ANSWERS or answer not in OFFER_MOVES[offer]:
        raise Refusal("proposals.answer_not_possible", state=offer, answer=answer)


class Answered(NamedTuple):
    """An answer that stands, as far as taking it back depends on it."""

    state: OfferState
    before: OfferState  # how the offer waited
    by: AnsweredBy | None
    at: datetime | None
    taken_over: bool  # an officer took the other balance over


def check_undo(proposal: ProposalState, given: Answered, now: datetime) -> None:
    """Decide whether an answer may be taken back. Raises Refusal: the agreement stands, the proposal is over, or it is too late."""
    if proposal is ProposalState.AGREED:
        raise Refusal("proposals.undo_agreed")
    if proposal is not ProposalState.ISSUED:
        raise Refusal("proposals.undo_over", state=proposal)
    if given.by not in CAN_BE_UNDONE or given.at is None or given.before not in UNDO_MOVES.get(given.state, frozenset()):
        raise Refusal("proposals.nothing_to_undo", state=given.state)
    if given.taken_over:
        raise Refusal("proposals.undo_taken_over")
    if now > given.at + UNDO_WITHIN:
        raise Refusal("proposals.undo_too_late")


def is_agreed(offers: Iterable[OfferState]) -> bool:
    """Tell whether every creditor has accepted: then, and only then, the agreement stands."""
    states = list(offers)
    return bool(states) and all(state is OfferState.ACCEPTED for state in states)


def may_close(offers: Iterable[OfferState]) -> bool:
    """Tell whether a proposal whose term is over ends without agreement.

    Not while a creditor that was asked again may answer, nor when only balances are left that an officer may take over.
    """
    states = set(offers)
    only_balances = states <= {OfferState.ACCEPTED, OfferState.ACCEPTED_OTHER_BALANCE}
    return not only_balances and not states & (WAITS_FOR_CREDITOR | {OfferState.RECONSIDERATION_ASKED})


def check_two_officers(drafted: Officer, approving: Officer) -> None:
    """Check that somebody else than the drafter looks at a draft: by person, or by name when either has no account. Raises Refusal."""
    known = drafted.person_id is not None and approving.person_id is not None
    same = drafted.person_id == approving.person_id if known else drafted.name == approving.name
    if same:
        raise Refusal("proposals.two_officers")


# ── which product is meant for whom ──────────────────────────────────────────


class Obstacle(StrEnum):
    """Why a product is not meant for a debtor: a warning when calculating, a refusal when drafting."""

    AGE_UNKNOWN = "age_unknown"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    SOMETHING_CAN_BE_PAID = "something_can_be_paid"
    NOTHING_CAN_BE_PAID = "nothing_can_be_paid"
    REASON_MISSING = "mediation_reason_missing"
    CAPACITY_TOO_LOW = "capacity_too_low_to_refinance"
    FIGURES_MISSING = "figures_missing"
    FIGURES_TOO_OLD = "figures_too_old"


@dataclass(frozen=True)
class Debtor:
    """What is known of the debtor; None is unknown, except a last settlement that is known to be none."""

    birth_date: date | None = None
    entrepreneur: bool | None = None
    guidance: bool | None = None
    last_settlement: date | None = None
    settlement_known: bool = False


def eligibility(
    product: Product, debtor: Debtor, capacity_cents: Cents, extra_cents: Cents, reason: str | None, on: date, *, total_cents: Cents = 0
) -> list[Obstacle]:
    """Return why a product is not meant for this debtor; `total_cents` is the sum of the claims that take part."""
    match product:
        case Product.YOUTH_LOAN:
            return _age_obstacles(debtor, on)
        case Product.ZERO_OFFER:
            return [Obstacle.SOMETHING_CAN_BE_PAID] if capacity_cents > 0 or extra_cents > 0 else []
        case Product.DEBT_MEDIATION:
            return _nothing_to_pay(capacity_cents, extra_cents) + ([] if reason and reason.strip() else [Obstacle.REASON_MISSING])
        case Product.REFINANCING:
            enough = capacity_cents * parameters.whole("refinancing_months", on) >= total_cents
            return [] if enough else [Obstacle.CAPACITY_TOO_LOW]
    return _nothing_to_pay(capacity_cents, extra_cents)


def _age_obstacles(debtor: Debtor, on: date) -> list[Obstacle]:
    if debtor.birth_date is None:
        return [Obstacle.AGE_UNKNOWN]
    years = age(debtor.birth_date, on)
    if years < parameters.whole("youth_age_from", on):
        return [Obstacle.TOO_YOUNG]
    return [Obstacle.TOO_OLD] if years > parameters.whole("youth_age_to", on) else []


def _nothing_to_pay(capacity_cents: Cents, extra_cents: Cents) -> list[Obstacle]:
    return [] if capacity_cents > 0 or extra_cents > 0 else [Obstacle.NOTHING_CAN_BE_PAID]


def figures_obstacles(figures_on: date | None, on: date) -> list[Obstacle]:
    """Return why income and protected income cannot be used on a day: they are missing or too old."""
    if figures_on is None:
        return [Obstacle.FIGURES_MISSING]
    oldest = months_before(on, parameters.whole("figures_age_months", on))
    return [Obstacle.FIGURES_TOO_OLD] if figures_on < oldest else []


YOUTH_PROGRAMME = "jongeren schuldenvrije start"
FAMILY_PROGRAMME = "kansrijke start"
HOMELESS_PROGRAMME = "uit het krijt"


def product_for(programme: str | None, capacity_cents: Cents, extra_cents: Cents, on: date) -> tuple[Product, int]:
    """Return the product and the number of months that a programme and the capacity call for."""
    name = (programme or "").strip().lower()
    if name == YOUTH_PROGRAMME:
        product = Product.YOUTH_LOAN  # adds its own contribution, so something is always paid
    elif capacity_cents > 0 or extra_cents > 0:
        product = Product.RESTRUCTURING_LOAN
    else:
        product = Product.ZERO_OFFER
    months = "homeless_months" if name == HOMELESS_PROGRAMME else f"{product}_months"
    return product, parameters.whole(months, on)
