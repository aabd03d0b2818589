"""Use cases of links by which somebody without account reports harsh collection: make one, end one, and report by it.

A link opens a form and nothing else. Its token is random, shown once and kept as a hash; it works until its last day or its last use.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.accounts.rules import hash_token
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import transaction
from app.documents.attachments import scanned
from app.errors import NotFound, Refusal
from app.relations import complaint_terms
from app.relations.complaints import Told, report_within
from app.relations.models import Complaint, ComplaintLink

MOST_USES = 20
MOST_DAYS = 60


@dataclass(frozen=True)
class LinkRow:
    """A link as the list of who makes them shows it; the token itself is known to nobody any more."""

    id: int
    given_to: str
    made_by: str
    made_at: datetime
    ends_on: date
    uses: int
    used: int
    works: bool


def make_link(actor: Actor, given_to: str, uses: int = 1, days: int = 0) -> str:
    """Make a link and return its token, which is shown this once. Raises Refusal for too many days or uses."""
    actor.must(Permission.REPORT_COMPLAINTS)
    days = days or complaint_terms.value("link_days", today())
    if not 1 <= days <= MOST_DAYS:
        raise Refusal("relations.link_days", field="days", most=MOST_DAYS)
    if not 1 <= uses <= MOST_USES:
        raise Refusal("relations.link_uses", field="uses", most=MOST_USES)
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        link = ComplaintLink(
            token_hash=hash_token(token), organisation_id=actor.organisation_id, person_id=actor.person_id, made_by=actor.name[:200],
            made_at=now(), given_to=given_to.strip()[:200], ends_on=today() + timedelta(days=days), uses=uses,
        )  # fmt: skip
        session.add(link)
        session.flush()
        record(session, actor, "complaints:make-link", f"link/{link.id}", ends_on=(None, link.ends_on))
    return token


def end_link(actor: Actor, number: int) -> None:
    """End a link of the own team before its time; twice is once. Raises NotFound."""
    actor.must(Permission.REPORT_COMPLAINTS)
    with transaction() as session:
        mine = ComplaintLink.id == min(number, 2**31 - 1), ComplaintLink.organisation_id == actor.organisation_id
        link = session.scalar(select(ComplaintLink).where(*mine).with_for_update())
        if link is None:
            raise NotFound
        if link.ended_at is None:
            link.ended_at = now()
            record(session, actor, "complaints:end-link", f"link/{link.id}")


def links_of(session: Session, actor: Actor) -> list[LinkRow]:
    """Return the links of the own team, the newest first."""
    actor.must(Permission.REPORT_COMPLAINTS)
    mine = select(ComplaintLink).where(ComplaintLink.organisation_id == actor.organisation_id).order_by(ComplaintLink.id.desc())
    return [
        LinkRow(one.id, one.given_to, one.made_by, one.made_at, one.ends_on, one.uses, one.used, _works(one))
        for one in session.scalars(mine.limit(100))
    ]


def link_works(session: Session, token: str) -> bool:
    """Tell whether a token opens the form now. The session reaches every row: nobody acts yet."""
    link = _link(session, token)
    return link is not None and _works(link)


def report_by_link(token: str, name: str, address: str, told: Told, origin: str) -> str:
    """Report harsh collection by a link, in the list of the team that made it, and return the reference.

    Raises NotFound when the link ended or never was, Refusal for what is missing.
    """
    if not name.strip():
        raise Refusal("relations.name_missing", field="name")
    files = scanned(told.files)
    with transaction(as_portal=True) as session:  # nobody acts yet: the link says for which team
        link = _link(session, token, lock=True)
        team = session.get(Organisation, link.organisation_id) if link else None
        if link is None or team is None or not _works(link):
            raise NotFound
        reporter = Actor(name.strip()[:200], frozenset(), team.kind, team.id, team.name, None, f"by link {origin}"[:200])
        sent = sent_by_link(session, token, name, told.words)
        ref = report_within(session, reporter, told, files, address=address.strip()[:254], link_id=link.id)
        link.used += ref != sent
        return ref


def sent_by_link(session: Session, token: str, name: str, words: str) -> str:
    """Return what the same person reported by a link today in the same words, or nothing: a second click finds the link used up."""
    by_link = select(ComplaintLink.id).where(ComplaintLink.token_hash == hash_token(token)).scalar_subquery()
    mine = (Complaint.link_id == by_link, Complaint.reported_on == today(), Complaint.reporter == name.strip()[:200])
    found = session.scalars(select(Complaint).where(*mine).order_by(Complaint.id))
    return next((one.ref for one in found if one.words == words.strip()), "")


def _link(session: Session, token: str, *, lock: bool = False) -> ComplaintLink | None:
    found = select(ComplaintLink).where(ComplaintLink.token_hash == hash_token(token))
    return session.scalar(found.with_for_update() if lock else found)


def _works(link: ComplaintLink) -> bool:
    return link.ended_at is None and link.used < link.uses and today() <= link.ends_on
