"""The way to court (dwangakkoord, Fw 287a): what judges look at, what the bundle needs, and when the way is open. Pure."""

from datetime import date
from enum import StrEnum

from app.money import Cents, percentage
from app.proposals.lifecycle import OfferState, ProposalState


class CourtPoint(StrEnum):
    """What a judge looks at to tell whether refusing is unreasonable (Fw 287a (5) and the case law on it; domain.md, Court)."""

    COMPLETE_OFFER = "complete and documented offer"
    COMPETENT_BODY = "competent body"
    MAXIMUM = "the maximum attainable"
    WSNP_YIELDS_LESS = "the statutory scheme yields less"
    SAFEGUARDS = "safeguards"
    DEBTS_PROVEN = "debts proven"
    EQUAL_TREATMENT = "equal treatment"
    SHARE = "share of the refuser"
    GOOD_FAITH = "good faith"
    KINDS_OF_DEBT = "kinds of debt"


class Guidance(StrEnum):
    """What was arranged so that the debts do not come back: what creditors fear most."""

    BUDGET_MANAGEMENT = "budget management"
    BUDGET_COACH = "budget coach"
    NEIGHBOURHOOD_TEAM = "neighbourhood team"
    WORK = "help to find work"
    AFTERCARE = "aftercare"


class Paper(StrEnum):
    """What the bundle for the court needs: the petition, the statement of Fw 285 with its annexes, and who agreed and refused."""

    PETITION = "petition"
    DEBT_LIST = "debt list"
    REJECTED_OFFER = "rejected offer with the reasons"
    WHO_AGREED = "who agreed and who refused"
    STATUTORY_SCHEME = "what the statutory scheme would yield"
    ASSETS = "assets with securities"
    INCOME = "income and its expected changes over three years"
    FIXED_COSTS = "fixed costs"
    PARTNER = "partner"
    MUNICIPAL_STATEMENT = "reasoned municipal statement"
    SURETYSHIPS = "suretyships"


IN_THE_PORTAL = frozenset({Paper.DEBT_LIST, Paper.REJECTED_OFFER, Paper.WHO_AGREED})  # the others are gathered elsewhere
DECIDED_IN = frozenset({ProposalState.ISSUED, ProposalState.CLOSED})  # a refusal closes the proposal, and not the way to court


def is_court_possible(proposal: ProposalState, state: OfferState, reconsider_by: date | None, today: date) -> bool:
    """Tell whether the way to court is open over an offer: its creditor was asked to reconsider and refused again, or kept silent."""
    if proposal not in DECIDED_IN or reconsider_by is None:
        return False
    is_silent = state is OfferState.NO_RESPONSE or (state is OfferState.ASKED_AGAIN and today > reconsider_by)
    return is_silent or state is OfferState.REJECTED


def share_of(own_cents: Cents, all_cents: Cents) -> str:
    """Return the part of all debts that one creditor has, in per cent: small refusers seldom stop the others."""
    return percentage(own_cents, all_cents)
