"""What waits in all that the relations team works on, and of their own reports for who reported: numbers for a to-do page."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.relations import commitment_queries, escalation_queries, meeting_queries
from app.relations.complaint_access import reported_by, triaged_by
from app.relations.complaint_queries import counting, of_status
from app.relations.models import ComplaintPattern
from app.relations.triage_queries import shown_as


def waiting(session: Session, actor: Actor) -> dict[str, int]:
    """Count in one statement what waits for an actor, by what it is; only what its role has to do with."""
    parts = _team_parts(actor) | _reporter_parts(actor) | _relation_parts(actor)
    if not parts:
        return {}
    found = session.execute(select(*(part.scalar_subquery() for part in parts.values()))).one()
    return dict(zip(parts, (int(number) for number in found), strict=True))


def _team_parts(actor: Actor) -> dict[str, Select[Any]]:
    if not actor.may(Permission.TRIAGE_COMPLAINTS):
        return {}
    patterns = select(func.count()).select_from(ComplaintPattern).where(ComplaintPattern.handled_at.is_(None))
    names = ("late", "today", "week", "confirm", "nobody", "silent", "unknown")
    return {f"complaints {name}": counting(triaged_by(actor), shown_as(actor, name)) for name in names} | {"patterns": patterns}


def _reporter_parts(actor: Actor) -> dict[str, Select[Any]]:
    if not actor.may(Permission.REPORT_COMPLAINTS):
        return {}
    return {f"reported {name}": _reported(actor, of_status(actor, name)) for name in ("news", "draft")}


def _reported(actor: Actor, where: ColumnElement[bool]) -> Select[Any]:
    return counting(and_(reported_by(actor), where))


def _relation_parts(actor: Actor) -> dict[str, Select[Any]]:
    if not actor.may(Permission.WORK_RELATIONS):
        return {}
    escalations = {f"escalations {name}": escalation_queries.number_in(actor, name) for name in ("late", "week")}
    meetings = {f"meetings {name}": meeting_queries.number_in(actor, name) for name in ("week", "unwritten")}
    return (
        escalations | meetings | {f"commitments {name}": commitment_queries.number_in(actor, name) for name in ("check", "late", "broken")}
    )
