"""Whose complaints an actor sees, as conditions that every query about them carries. Somebody else's is NotFound."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.cases.rules import Visibility
from app.errors import NotFound
from app.relations.complaint_lifecycle import State
from app.relations.models import Complaint


def triaged_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of the relations team: everything that was reported, until its term is over."""
    if not actor.may(Permission.TRIAGE_COMPLAINTS):
        return false()
    return was_reported()


def was_reported() -> ColumnElement[bool]:
    """Return the condition that something is a complaint: no draft, and its term is not over."""
    return and_(Complaint.state != State.DRAFT, Complaint.visibility != Visibility.ERASED)


def reported_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of who reports: what the own team reported, and the own drafts."""
    if actor.organisation_id is None or not actor.may(Permission.REPORT_COMPLAINTS):
        return false()
    own = or_(Complaint.state != State.DRAFT, Complaint.reporter_person_id == actor.person_id)
    return and_(own, Complaint.visibility != Visibility.ERASED, Complaint.reporter_organisation_id == actor.organisation_id)


def addressed_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of whom it is about: a creditor from when it was addressed, an agent when it was told too.

    What rests (art. 18 GDPR) or is part of another one is not shown.
    """
    if actor.organisation_id is None or not actor.may(Permission.ANSWER_COMPLAINTS):
        return false()
    if actor.kind is Kind.AGENT:
        return laid_before_agent(actor.organisation_id)
    return laid_before(actor.organisation_id)


def laid_before(creditor_id: Any) -> ColumnElement[bool]:
    """Return the condition that a creditor sees a complaint about it; its id may be a parameter to fill in."""
    return and_(_is_shown(), Complaint.creditor_id == creditor_id)


def laid_before_agent(agent_id: Any) -> ColumnElement[bool]:
    """Return the condition that an agent sees a complaint about it: it was told too; its id may be a parameter to fill in."""
    return and_(_is_shown(), Complaint.agent_told, Complaint.agent_id == agent_id)


def _is_shown() -> ColumnElement[bool]:
    return and_(Complaint.visibility == Visibility.VISIBLE, Complaint.addressed_at.is_not(None), Complaint.state != State.MERGED)


def visible_triaged(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Complaint:
    """Return a complaint for the relations team. Raises NotFound."""
    return _one(session, triaged_by(actor), ref, lock=lock)


def visible_reported(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Complaint:
    """Return a complaint that the actor's team reported. Raises NotFound."""
    return _one(session, reported_by(actor), ref, lock=lock)


def visible_addressed(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Complaint:
    """Return a complaint that was addressed to the actor's organisation. Raises NotFound."""
    return _one(session, addressed_to(actor), ref, lock=lock)


def sees_files(session: Session, actor: Actor, ref: str, _added_at: datetime) -> bool:
    """Tell whether an actor may open the files beside a complaint: its creditor only when the client agreed, for they name it."""
    theirs = and_(addressed_to(actor), Complaint.client_agrees)
    sees = or_(triaged_by(actor), reported_by(actor), theirs)
    return session.scalar(select(Complaint.id).where(Complaint.ref == ref, sees)) is not None


def _one(session: Session, sees: ColumnElement[bool], ref: str, *, lock: bool) -> Complaint:
    found: Select[Complaint] = select(Complaint).where(Complaint.ref == ref, sees)
    complaint = session.scalar(found.with_for_update() if lock else found) if ref.isprintable() else None
    if complaint is None:
        raise NotFound
    return complaint
