"""Whose messages about complaints an actor may see: of those that it sees itself, as one condition on a path."""

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.access import Actor
from app.proposals import offer_access
from app.relations.complaint_access import addressed_to, reported_by, triaged_by
from app.relations.models import Complaint

TRIAGE, ABOUT_US, REPORTED = "/relations/complaints/", "/complaints/about-us/", "/complaints/reported/"


def sees_path(actor: Actor, path: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that what a path leads to is no complaint, or one that the actor sees, and so for everything below."""
    ways = ((TRIAGE, triaged_by(actor)), (ABOUT_US, addressed_to(actor)), (REPORTED, reported_by(actor)))
    seen = [or_(path.not_like(f"{begin}%"), _one(begin, path, sees)) for begin, sees in ways]
    return and_(offer_access.sees_path(actor, path), *seen)


def _one(begin: str, path: ColumnElement[str], sees: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Complaint.id).where(Complaint.ref == func.substr(path, len(begin) + 1), sees).exists()
