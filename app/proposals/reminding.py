"""Remind creditors of offers that wait for their answer, on the days that the proposal fixed; the end of terms is the bank's work.

Idempotent: an offer counts how often it was reminded of, so a second run on a day does nothing, and one after an outage catches up
with one mail. A mail holds numbers only.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.jobs import runs
from app.notifications.service import Recipient, notify
from app.proposals.lifecycle import OfferState, ProposalState, Visibility
from app.proposals.models import Offer, OfferEvent, Proposal

WAITS = (OfferState.OPEN, OfferState.PREPARED)  # who was asked again has its own term and its own mail
# of what rests, or whose clock stands still, nobody is reminded
_WAITING = (Offer.state.in_(WAITS), Offer.visibility == Visibility.VISIBLE, Offer.paused_on.is_(None))
WORK = "proposals.remind"


@dataclass(frozen=True)
class Reminded:
    """What a run came to: mails to creditors and agents, and the offers that they are about."""

    parties: int
    offers: int


def run_reminders(day: date, actor: Actor = SYSTEM) -> Reminded:
    """Send every creditor (or the agent that acts for it) one mail about the offers whose reminder is due by this day."""
    done = 0
    with runs.noted(WORK, day) as tally:
        with reading() as session:
            due = _due(session, day)
        for party_id, offers in due.items():
            with transaction() as session:
                number = _remind(session, actor, party_id, _still_due(session, day, party_id, offers))
                tally.add(session, parties=min(number, 1), offers=number)
                done += number
    return Reminded(len(due), done)


def _due(session: Session, day: date, *only: ColumnElement[bool]) -> dict[int, dict[int, int]]:
    """Return for each party the offers (`only` some) to remind of, each with the number of reminders that are due by now."""
    running = select(Proposal.id, Proposal.remind_on).where(Proposal.state == ProposalState.ISSUED)
    numbers = {row[0]: _number(row[1], day) for row in session.execute(running)}
    waiting = (
        select(Offer.id, Offer.proposal_id, Offer.reminders, Offer.agent_id, Offer.creditor_id, Offer.remind_on)
        .join(Proposal, Proposal.id == Offer.proposal_id)
        .where(Proposal.state == ProposalState.ISSUED, Offer.closes_on >= day, *_WAITING, *only)
        .order_by(Offer.id)
    )
    due: dict[int, dict[int, int]] = defaultdict(dict)
    for row in session.execute(waiting):
        number = numbers.get(row.proposal_id, 0) if row.remind_on is None else _number(row.remind_on, day)
        if row.reminders < number:
            due[row.agent_id or row.creditor_id][row.id] = number
    return due


def _number(remind_on: list[str] | None, day: date) -> int:
    """Return how many reminders are due by a day."""
    return sum(date.fromisoformat(one) <= day for one in remind_on or [])


def _still_due(session: Session, day: date, party_id: int, due: dict[int, int]) -> dict[int, int]:
    """Lock what was due and ask again: somebody may have answered, or act in another's stead, since the run looked."""
    locked = select(Offer.id).where(Offer.id.in_(due)).order_by(Offer.proposal_id, Offer.id).with_for_update()
    session.execute(locked).all()
    return _due(session, day, Offer.id.in_(due)).get(party_id, {})


def _remind(session: Session, actor: Actor, party_id: int, due: dict[int, int]) -> int:
    """Remind one party of what is due, locked already; return of how many offers."""
    columns = (Offer.id, Offer.ref, Offer.creditor_id, Offer.reminders, Offer.answer_by)
    offers = session.execute(select(*columns).where(Offer.id.in_(due)).order_by(Offer.proposal_id, Offer.id)).all()
    if not offers:
        return 0
    _count(session, due)
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
