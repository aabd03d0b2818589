"""Take the log along as a file: the event that somebody did, and then the rows, which stream."""

from collections.abc import Iterator
from dataclasses import fields

from app.access import Actor, Permission
from app.audit.queries import AuditQuery, EventRow, audit_rows, counted, own_rows
from app.audit.service import newest, record
from app.db import reading, transaction
from app.errors import Refusal

SHEET_ROWS = 50_000  # as many as a workbook is written in the time that somebody waits

Rows = Iterator[tuple[EventRow, str, str]]


def export_events(actor: Actor, query: AuditQuery, *, most: int | None = None) -> Rows:
    """Note that somebody takes along every event that the filters show, and return them with origin and hash.

    Raises Refusal beyond `most` rows, NotFound.
    """
    actor.must(Permission.READ_AUDIT)
    up_to = _noted(actor, query, most, own=False)

    def rows() -> Rows:
        with reading() as session:
            yield from audit_rows(session, actor, query, up_to)

    return rows()


def export_own_events(actor: Actor, query: AuditQuery, *, most: int | None = None) -> Iterator[EventRow]:
    """Do the same for the events of the actor's own organisation. Raises Refusal, NotFound."""
    actor.must(Permission.READ_OWN_AUDIT)
    up_to = _noted(actor, query, most, own=True)

    def rows() -> Iterator[EventRow]:
        with reading() as session:
            yield from own_rows(session, actor, query, up_to)

    return rows()


def _noted(actor: Actor, query: AuditQuery, most: int | None, *, own: bool) -> int:
    """Write the event of the export and return the number of the newest event that the file can hold."""
    asked = {one.name: getattr(query, one.name) for one in fields(query) if one.name != "after"}
    filters = " ".join(f"{name}={value}" for name, value in asked.items() if value)
    with transaction() as session:
        if most is not None and counted(session, actor, query, most + 1, own=own) > most:
            raise Refusal("audit.too_many_rows", most=most)
        record(session, actor, "audit:export", "audit", concerns_id=actor.organisation_id if own else None, filters=(None, filters))
        return newest(session)
