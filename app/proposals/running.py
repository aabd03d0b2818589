"""An offer of a running proposal as the bank acts on it: load and lock it, write its history, tell who acts, let its clock go on.

Everything here works inside somebody's transaction.
"""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.deadlines import add_working_days, working_days_between
from app.errors import Conflict, NotFound, Refusal
from app.notifications.service import Recipient, notify
from app.proposals.lifecycle import ProposalState, Visibility
from app.proposals.models import Offer, OfferEvent, Proposal

RUNNING = frozenset({ProposalState.ISSUED})


def locked_offer(session: Session, ref: str, revision: int, among: frozenset[ProposalState] = RUNNING) -> Offer:
    """Return an offer of a proposal in one of these states as the person saw it. Raises NotFound, Conflict, Refusal.

    The proposal is locked before the offer, as everywhere: two use cases can never wait for each other.
    """
    if not ref.isprintable():
        raise NotFound
    mine = select(Proposal.state).where(Proposal.id == select(Offer.proposal_id).where(Offer.ref == ref).scalar_subquery())
    state = session.scalar(mine.with_for_update())
    offer = session.scalar(select(Offer).where(Offer.ref == ref).with_for_update())
    if offer is None or offer.visibility is Visibility.ERASED:
        raise NotFound
    if offer.revision != revision:
        raise Conflict
    if state not in among:
        raise Refusal("proposals.not_running")
    if offer.visibility is not Visibility.VISIBLE:
        raise Refusal("proposals.case_rests")
    return offer


def note(session: Session, actor: Actor, offer: Offer, what: str, **facts: object) -> None:
    """Append to the history of an offer; its creditor reads it."""
    session.add(OfferEvent(offer_id=offer.id, creditor_id=offer.creditor_id, at=now(), what=what, who=actor.organisation_name, facts=facts))


def tell_party(session: Session, offer: Offer, code: str, **facts: object) -> None:
    """Mail whoever acts on the offer: the agent, else the creditor."""
    organisation = session.get_one(Organisation, offer.agent_id or offer.creditor_id)
    notify(session, code, Recipient(organisation.email, organisation.id), f"/offers/{offer.ref}", offer=offer.ref, **facts)


def go_on(session: Session, actor: Actor, offer: Offer) -> None:
    """Let a clock that stands go on, within a transaction."""
    for name, value in moved_days(offer, today()).items():
        setattr(offer, name, value)
    note(session, actor, offer, "clock started", answer_by=offer.answer_by.isoformat())
    record(
        session, actor, "offers:start-clock", f"offer/{offer.ref}", concerns_id=offer.creditor_id,
        paused_on=(offer.paused_on, None), answer_by=(None, offer.answer_by),
    )  # fmt: skip
    offer.paused_on = offer.clock_on = None


def moved_days(offer: Offer, on: date) -> dict[str, Any]:
    """Return the days of an offer whose clock stands as they are on a day; nothing while no working day has passed."""
    since = offer.clock_on
    days = working_days_between(since, on) if since else 0
    if since is None or days <= 0:
        return {}

    def moved(day: date) -> date:
        return add_working_days(day, days) if day >= since else day

    return {
        "answer_by": moved(offer.answer_by), "closes_on": moved(offer.closes_on), "clock_on": on,
        "reconsider_by": offer.reconsider_by and moved(offer.reconsider_by),
        "remind_on": [moved(date.fromisoformat(one)).isoformat() for one in offer.remind_on or []],
    }  # fmt: skip
