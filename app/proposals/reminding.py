"""Remind creditors of offers that wait for their answer, on the days that the proposal fixed; the end of terms is the bank's work.

Idempotent: an offer counts how often it was reminded of, so a second run on a day does nothing, and one after an outage catches up
with one mail. A mail holds numbers only.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.notifications.service import Recipient, notify
from app.proposals.lifecycle import OfferState, ProposalState, Visibility
from app.proposals.models import Offer, OfferEvent, Proposal

WAITS = (OfferState.OPEN, OfferState.PREPARED)  # who was asked again has its own term and its own mail
_WAITING = (Offer.state.in_(WAITS), Offer.visibility == Visibility.VISIBLE)  # of what rests nobody is reminded


@dataclass(frozen=True)
class Reminded:
    """What a run came to: mails to creditors and agents, and the offers that they are about."""

    parties: int
    offers: int


def run_reminders(day: date, actor: Actor = SYSTEM) -> Reminded:
    """Send every creditor (or the agent that acts for it) one mail about the offers whose reminder is due by this day."""
    with reading() as session:
        due = _due(session, day)
    done = 0
    for party_id, offers in due.items():
        with transaction() as session:
            done += _remind(session, actor, party_id, offers)
    return Reminded(len(due), done)


def _due(session: Session, day: date) -> dict[int, dict[int, int]]:
    """Return for each party the offers to remind of, each with the number of reminders that are due by now."""
    running = select(Proposal.id, Proposal.remind_on).where(Proposal.state == ProposalState.ISSUED, Proposal.closes_on >= day)
    numbers = {row[0]: sum(date.fromisoformat(one) <= day for one in row[1] or []) for row in session.execute(running)}
    waiting = (
        select(Offer.id, Offer.proposal_id, Offer.reminders, Offer.agent_id, Offer.creditor_id)
        .join(Proposal, Proposal.id == Offer.proposal_id)
        .where(Proposal.state == ProposalState.ISSUED, Proposal.closes_on >= day, *_WAITING)
        .order_by(Offer.id)
    )
    due: dict[int, dict[int, int]] = defaultdict(dict)
    for row in session.execute(waiting):
        if row.reminders < numbers.get(row.proposal_id, 0):
            due[row.agent_id or row.creditor_id][row.id] = numbers[row.proposal_id]
    return due


def _remind(session: Session, actor: Actor, party_id: int, due: dict[int, int]) -> int:
    """Remind one party of what waits still and was not reminded of meanwhile; return of how many offers."""
    columns = (Offer.id, Offer.ref, Offer.creditor_id, Offer.reminders, Offer.answer_by)
    locked = select(*columns).where(Offer.id.in_(due), *_WAITING).order_by(Offer.id).with_for_update()
    offers = [row for row in session.execute(locked) if row.reminders < due[row.id]]
    if not offers:
        return 0
    _count(session, {row.id: due[row.id] for row in offers})
    events = [
        {"offer_id": row.id, "creditor_id": row.creditor_id, "at": now(), "what": "reminded", "who": SYSTEM.name, "facts": {}}
        for row in offers
    ]
    session.execute(insert(OfferEvent), events)
    for row in offers:
        record(session, actor, "offers:remind", f"offer/{row.ref}", concerns_id=row.creditor_id, reminders=(row.reminders, due[row.id]))
    party = session.get_one(Organisation, party_id)
    first = min(row.answer_by for row in offers)
    notify(session, "offers.reminder", Recipient(party.email, party.id), "/offers", offers=len(offers), first=f"{first:%d-%m-%Y}")
    return len(offers)


def _count(session: Session, numbers: dict[int, int]) -> None:
    """Note how often each offer was reminded of, beside the version column: nobody's answer is overtaken by a reminder."""
    by_number: dict[int, list[int]] = defaultdict(list)
    for offer_id, number in numbers.items():
        by_number[number].append(offer_id)
    for number, ids in by_number.items():
        session.execute(update(Offer).where(Offer.id.in_(ids)).values(reminders=number))
