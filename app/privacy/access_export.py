"""Use cases of access (art. 15 GDPR): everything about a client of a case, or about one's own account, as a file."""

import json
from typing import Any

from app.access import Actor, Permission
from app.accounts.models import Person
from app.audit.service import record
from app.cases.models import Case
from app.cases.queries import visible_case
from app.clock import now, today
from app.db import as_portal, transaction
from app.documents.writer import write
from app.errors import NotFound
from app.privacy.export_letter import Inspection, letter
from app.privacy.export_text import CLIENT
from app.privacy.queries import Everything, about_client, about_colleague


def export_client_as_json(actor: Actor, ref: str) -> bytes:
    """Return everything about the client of a case, for machines. Raises NotFound."""
    case_ref, _, found = _client(actor, ref, "json")
    return _json({"made_at": now().isoformat(), "case": case_ref, "explanation": list(CLIENT)}, found)


def export_client_as_pdf(actor: Actor, ref: str) -> bytes:
    """Return everything about the client of a case as a letter. It is not kept: it would be kept in the next one. Raises NotFound."""
    case_ref, recipient, found = _client(actor, ref, "pdf")
    return write(letter(Inspection(case_ref, recipient, today(), found.records, found.events)))


def export_own_account(actor: Actor) -> bytes:
    """Return everything about the account of whoever asks. Raises NotFound for an actor without one."""
    with transaction(as_portal=True) as session:
        person = session.get(Person, actor.person_id) if actor.person_id is not None else None
        if person is None:
            raise NotFound
        found = about_colleague(session, person)
        record(session, actor, "privacy:export-own", f"person/{person.id}")
    return _json({"made_at": now().isoformat(), "person": actor.person_id}, found)


def _client(actor: Actor, ref: str, form: str) -> tuple[str, tuple[str, ...], Everything]:
    """Read everything about the client of a case that the actor may see, and note that it was taken along."""
    actor.must(Permission.EXPORT_PRIVACY)
    with transaction() as session:
        case = visible_case(session, actor, ref)
        with as_portal(session):  # what everybody keeps and did about this client, once the case itself is within reach
            found = about_client(session, case)
        record(session, actor, "privacy:export", f"case/{case.ref}", form=(None, form))
        return case.ref, _recipient(case), found


def _recipient(case: Case) -> tuple[str, ...]:
    lines = (f"{case.initials} {case.surname}", f"{case.street} {case.house_number}", f"{case.postcode} {case.city}")
    return tuple(line.strip() for line in lines if line.strip())


def _json(head: dict[str, Any], found: Everything) -> bytes:
    return json.dumps(head | {"records": found.records, "events": found.events}, ensure_ascii=False, indent=1).encode()
