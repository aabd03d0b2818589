"""Use case of access (article 15 GDPR): everything about the person of a signal, as the team sees it.

It stands apart from the export of a case: early signals serve their own purpose alone (Wgs 8b, 8d).
"""

import json
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor
from app.audit.models import Event
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import as_portal, transaction
from app.early_signals.access import team_signal, visible_to
from app.early_signals.filing import kin_of
from app.early_signals.matching import Kinship
from app.early_signals.models import ContactAttempt, Signal

SECRET = frozenset({"surname_index", "name_key", "address_key", "birth_key"})


def export_person(actor: Actor, ref: str) -> bytes:
    """Return the signals about one person with their attempts and who saw them, as JSON, and note that it was made. Raises NotFound."""
    with transaction() as session:
        signal = team_signal(session, actor, ref)
        ids = [signal.id, *(id_ for id_, kin in kin_of(session, signal, visible_to(actor)) if kin >= Kinship.MOVED)]
        with as_portal(session):  # the log, once the signals themselves are within reach
            found = [_signal(session, one) for one in session.scalars(select(Signal).where(Signal.id.in_(ids)).order_by(Signal.id))]
        record(session, actor, "signals:export-person", f"signal/{ref}", rows=(None, len(found)))
        return json.dumps({"made_at": now().isoformat(), "signals": found}, ensure_ascii=False, indent=1).encode()


def _signal(session: Session, signal: Signal) -> dict[str, Any]:
    reporter, agent = (_name(session, id_) for id_ in (signal.reporter_id, signal.agent_id))
    attempts = session.scalars(select(ContactAttempt).where(ContactAttempt.signal_id == signal.id).order_by(ContactAttempt.id))
    events = session.scalars(select(Event).where(Event.subject == f"signal/{signal.ref}").order_by(Event.sequence))
    told = {"reporter": reporter, "agent": agent, "attempts": [_row(one) for one in attempts], "events": [_event(one) for one in events]}
    return _row(signal) | told


def _name(session: Session, organisation_id: int | None) -> str | None:
    return session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))


def _event(event: Event) -> dict[str, str]:
    return {"at": event.at.isoformat(), "actor": event.actor, "organisation": event.organisation, "action": event.action}


def _row(row: Signal | ContactAttempt) -> dict[str, Any]:
    return {column.key: _plain(getattr(row, column.key)) for column in row.__table__.columns if column.key not in SECRET}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value
