"""Read audit events."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.models import Event


@dataclass(frozen=True)
class EventRow:
    sequence: int
    at: datetime
    actor: str
    organisation: str
    action: str
    subject: str
    changes: list[tuple[str, str, str]]


@dataclass(frozen=True)
class AuditPage:
    rows: list[EventRow]
    q: str
    next_after: int | None


def audit_page(session: Session, actor: Actor, q: str, before: int | None, size: int = 50) -> AuditPage:
    """Return the newest events first; `q` narrows to a subject or an action. Raises NotFound without the permission."""
    actor.must(Permission.READ_AUDIT)
    query = select(Event).order_by(Event.sequence.desc()).limit(size + 1)
    if q:
        query = query.where(Event.subject.contains(q, autoescape=True) | Event.action.contains(q, autoescape=True))
    if before is not None:
        query = query.where(Event.sequence < before)
    events = list(session.scalars(query))
    rows = [_row(event) for event in events[:size]]
    return AuditPage(rows, q, rows[-1].sequence if len(events) > size else None)


def _row(event: Event) -> EventRow:
    changes = [(field, old or "", new or "") for field, (old, new) in json.loads(event.changes).items()]
    return EventRow(event.sequence, event.at, event.actor, event.organisation, event.action, event.subject, changes)
