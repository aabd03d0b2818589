"""Use cases of calendar feeds: make the secret address of one's own, end it, and read what it shows to a program without sign-in."""

import secrets

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.accounts.queries import actor_of
from app.accounts.rules import hash_token
from app.audit.service import record
from app.clock import now
from app.db import transaction
from app.errors import NotFound
from app.relations.meeting_queries import MeetingRow, calendar_rows
from app.relations.models import CalendarFeed


def make_feed(actor: Actor) -> str:
    """Make the secret address of somebody's calendar anew and return its token, shown this once; an earlier one stops working."""
    actor.must(Permission.READ_RELATIONS)
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        session.execute(delete(CalendarFeed).where(*_own(actor)))
        session.add(
            CalendarFeed(
                token_hash=hash_token(token), person_id=actor.person_id, organisation_id=actor.organisation_id, made_at=now()
            )
        )  # fmt: skip
        record(session, actor, "meetings:subscribe", f"feed/{actor.person_id}")
    return token


def end_feed(actor: Actor) -> None:
    """End the secret address of one's own calendar; twice is once. Raises NotFound."""
    actor.must(Permission.READ_RELATIONS)
    with transaction() as session:
        if has_feed(session, actor):
            session.execute(delete(CalendarFeed).where(*_own(actor)))
            record(session, actor, "meetings:unsubscribe", f"feed/{actor.person_id}")


def has_feed(session: Session, actor: Actor) -> bool:
    """Tell whether somebody has a secret address for this organisation."""
    return session.scalar(select(CalendarFeed.id).where(*_own(actor))) is not None


def feed_rows(session: Session, token: str) -> list[MeetingRow]:
    """Return what the calendar of a secret address shows. The session reaches every row: a program asks, and nobody is signed in.

    Raises NotFound for a token that is none, and once whose it is may not read meetings any more.
    """
    feed = session.scalar(select(CalendarFeed).where(CalendarFeed.token_hash == hash_token(token)))
    whose = actor_of(session, feed.person_id, feed.organisation_id, "calendar") if feed else None
    if whose is None:
        raise NotFound
    return calendar_rows(session, whose)


def _own(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return CalendarFeed.person_id == actor.person_id, CalendarFeed.organisation_id == actor.organisation_id
