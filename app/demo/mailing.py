"""The messages of the played weeks as a morning finds them: most are read, and one mailbox turned out to refuse mail."""

from datetime import timedelta

from sqlalchemy import func, select, update

from app.access import Kind
from app.accounts.people import DEMO_PEOPLE, WATER
from app.accounts.queries import actor_by_email
from app.clock import now
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.notifications.choosing import read_all
from app.notifications.models import Message
from app.notifications.rules import Unsent
from app.notifications.service import note_refusal

READ_BEFORE = timedelta(days=2)


def settle_in() -> None:
    """Let the people of the demo have read what is older than two days, and one creditor's mailbox refuse its last mail."""
    with reading() as session:
        newest = session.scalar(select(func.max(Message.id)).where(Message.created_at < now() - READ_BEFORE)) or 0
        actors = [actor_by_email(session, row[0], "demo") for row in DEMO_PEOPLE]
        told = select(Message.organisation_id).where(Message.person_id.is_(None))
        found = select(Organisation).where(Organisation.kind == Kind.CREDITOR, Organisation.name != WATER, Organisation.id.in_(told))
        place = session.scalar(found.where(Organisation.email != "").order_by(Organisation.id).limit(1))
    for actor in actors:
        read_all(actor, newest)
    if place is not None:
        _refuse(place)


def _refuse(place: Organisation) -> None:
    last = select(func.max(Message.id)).where(Message.organisation_id == place.id, Message.person_id.is_(None))
    with transaction() as session:
        session.execute(update(Message).where(Message.id == last.scalar_subquery()).values(unsent=Unsent.BOUNCED, mailed_at=None))
        note_refusal(session, place.email, "5.1.1")
