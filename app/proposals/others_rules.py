"""What a creditor may know of how the others of its proposal answered: how many agreed, never which. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

FEWEST_OTHERS = 3  # below it every number that tells something tells somebody's answer


@dataclass(frozen=True)
class Answer:
    """Whether one offer of a proposal is agreed to, and who holds it."""

    creditor_id: int
    agent_id: int | None
    agreed: bool


@dataclass(frozen=True)
class OthersAgreed:
    """How many of the other creditors agreed: at least and at most so many."""

    least: int
    most: int
    others: int


def others_agreed(answers: Collection[Answer], creditor_id: int) -> OthersAgreed | None:
    """Return what a creditor may know of the others' answers to a proposal; None when that would tell a single one's.

    Creditors count, not claims: one agrees when it agreed with all of its offers. Those whose answers the creditor or its agent
    knows anyway, because the same agent acts for them, are no others: taken off the sum they would leave fewer.
    """
    others = {one.creditor_id for one in answers} - _known_to(answers, creditor_id)
    missing = {one.creditor_id for one in answers if not one.agreed}
    return tellable(len(others - missing), len(others))


def _known_to(answers: Collection[Answer], creditor_id: int) -> set[int]:
    """Return the creditors whose answers come together in one hand, from agent to agent: on all their pages the others are the same."""
    known, before = {creditor_id}, set[int]()
    while known != before:
        before = known
        agents = {one.agent_id for one in answers if one.creditor_id in known} - {None}
        known = known | {one.creditor_id for one in answers if one.agent_id in agents}
    return known


def tellable(agreed: int, others: int) -> OthersAgreed | None:
    """Return the narrowest range of how many others agreed that fits both a yes and a no of each of them; None when there is none.

    'None' and 'all' would tell every answer, so they are told as 'at most one' and 'all but one at least'; from two to all but two
    the number is exact. Of two others the ends would meet, of one there is nothing else (decision 18).
    """
    if others < FEWEST_OTHERS:
        return None
    if agreed <= 1:
        return OthersAgreed(0, 1, others)
    if agreed >= others - 1:
        return OthersAgreed(others - 1, others, others)
    return OthersAgreed(agreed, agreed, others)
