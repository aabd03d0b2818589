"""Read audit events: a page of the list, one event, and all that a file takes along.

Lists are equally fast with a thousand events and with a million: an index narrows and orders them, and what no index knows (a part of a
name, of an origin) is looked for in at most WINDOW events at a time; the page then says how far it has looked.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, Row, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.models import Event
from app.clock import AMSTERDAM, today
from app.counts import MOST
from app.errors import NotFound
from app.sealing import sealed, unsealed

WINDOW = 50_000  # events that one page looks through for a text
REFERENCE = re.compile(r"[A-Za-z]-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}")
SUBJECTS = ("offer", "case", "proposal", "consent", "document")  # what has such a reference
EVENT: Any = Event.__table__.c
Shown = Callable[[Row[Any], str], bool]  # whether the reader of a row is shown a field of its changes
NEWEST = (EVENT.at.desc(), EVENT.sequence.desc())
# What a change may tell the organisation that it concerns when somebody else made it: its own matter, never from where staff works.
TOLD = frozenset(
    {
        "state", "answered_by", "reason", "balance", "consent", "version", "terms_hash", "role", "contact", "agent", "reminders", "name",
        "starts_on", "ends_on", "email", "phone", "street", "house_number", "postcode", "city", "iban", "rank", "branch", "kvk",
    }
)  # fmt: skip


@dataclass(frozen=True)
class AuditQuery:
    """What a list was asked for, as it stands in the address; `action` is one (`offers:answer`) or a group (`offers:`)."""

    q: str = ""
    action: str = ""
    status: str = ""
    since: date | None = None
    until: date | None = None
    origin: str = ""
    subject: str = ""
    person: int | None = None
    after: str | None = None  # the place in the list, as the page before it gave it


@dataclass(frozen=True)
class Change:
    """A field with its old and new value as text; a claim's field names the claim."""

    field: str
    old: str | None
    new: str | None
    claim: str = ""


@dataclass(frozen=True)
class EventRow:
    sequence: int
    at: datetime
    actor: str
    organisation: str
    action: str
    subject: str
    result: str
    changes: list[Change]
    name: str = ""  # of the person that the subject is


@dataclass(frozen=True)
class AuditPage:
    """One page of the list; `looked_until` is the moment up to which a search has looked when more is left."""

    rows: list[EventRow]
    query: AuditQuery
    found: int
    next_after: str | None
    looked_until: datetime | None


@dataclass(frozen=True)
class EventPage:
    """Everything about one event, with the hash before it."""

    row: EventRow
    person_id: int | None
    concerns: str
    origin: str
    hash: str
    previous_hash: str
    has_next: bool


# ── lists ────────────────────────────────────────────────────────────────────


def audit_page(session: Session, actor: Actor, query: AuditQuery, size: int = 50) -> AuditPage:
    """Return the newest events of everybody first. Raises NotFound without the permission."""
    actor.must(Permission.READ_AUDIT)
    return _page(session, [true()], query, size, _everything, None)


def own_page(session: Session, actor: Actor, query: AuditQuery, size: int = 50) -> AuditPage:
    """Return the newest events about the actor's own organisation, or done by it. Raises NotFound without the permission."""
    return _page(session, _own(actor), _without_origin(query), size, _told_to(actor), actor.organisation_id)


def audit_rows(session: Session, actor: Actor, query: AuditQuery, up_to: int) -> Iterator[tuple[EventRow, str, str]]:
    """Yield every event up to a number that the filters show, with its origin and hash, for a file. Raises NotFound."""
    actor.must(Permission.READ_AUDIT)
    return ((_row(row, _everything), row.origin, row.hash.hex()) for row in _all(session, [true()], query, up_to))


def own_rows(session: Session, actor: Actor, query: AuditQuery, up_to: int) -> Iterator[EventRow]:
    """Yield every event up to a number that the filters of the own list show, for a file. Raises NotFound."""
    parts, shown = _own(actor), _told_to(actor)
    return (_row(row, shown) for row in _all(session, parts, _without_origin(query), up_to))


def counted(session: Session, actor: Actor, query: AuditQuery, most: int, *, own: bool) -> int:
    """Count the events that a file would hold, no further than `most`."""
    parts = _own(actor) if own else [true()]
    query = _without_origin(query) if own else query
    found = (_led(part, replace(query, after=None), None).where(*_wanted(query, EVENT)).order_by(None).limit(most) for part in parts)
    return sum(session.scalar(select(func.count()).select_from(part.subquery())) or 0 for part in found)


def _own(actor: Actor) -> list[ColumnElement[bool]]:
    """Narrow to events about an organisation, and to those it did that are about somebody else; apart, for each has its index."""
    actor.must(Permission.READ_OWN_AUDIT)
    if actor.organisation_id is None:
        raise NotFound
    about = EVENT.concerns_id == actor.organisation_id
    return [about, (EVENT.organisation_id == actor.organisation_id) & or_(EVENT.concerns_id.is_(None), ~about)]


def _without_origin(query: AuditQuery) -> AuditQuery:
    """Leave out what would let a creditor guess at what it is not shown."""
    return replace(query, origin="", person=None)


def _page(session: Session, parts: list[ColumnElement[bool]], query: AuditQuery, size: int, shown: Shown, reader: int | None) -> AuditPage:
    """Return one page; `reader` is the organisation whose own list it is, None for the log of everybody."""
    key = _key(session, _number(query.after, reader))
    found: list[Row[Any]] = []
    horizons = []
    for part in parts:
        led = _led(part, query, key)
        found += session.execute(_narrowed(led, query).limit(size + 1)).all()
        if _looks(query) and (horizon := _horizon(session, led)):
            horizons.append(horizon)
    nearest = max(horizons, default=None)  # beyond it one of the parts was not looked through
    rows = [row for row in _sorted(found) if nearest is None or (row.at, row.sequence) >= nearest]
    total = sum(_count(session, _led(part, query, None), query) for part in parts)
    shown_rows = _named(session, [_row(row, shown) for row in rows[:size]])
    if len(rows) > size:
        return AuditPage(shown_rows, query, min(total, MOST), _place(rows[size - 1].sequence, reader), None)
    return AuditPage(shown_rows, query, min(total, MOST), nearest and _place(nearest[1], reader), nearest and nearest[0])


def _place(number: int, reader: int | None) -> str:
    """Write a place in a list. An organisation gets it sealed: the numbers between two of its events tell how much others did."""
    return str(number) if reader is None else urlsafe_b64encode(sealed(str(number).encode(), f"audit.own {reader}")).decode()


def _number(place: str | None, reader: int | None) -> int | None:
    """Read a place that the reader was given; None for anything else."""
    if not place:
        return None
    if reader is None:
        return int(place) if place.isascii() and place.isdigit() and len(place) < 13 else None
    try:
        return int(unsealed(urlsafe_b64decode(place.encode()), f"audit.own {reader}"))
    except (ValueError, LookupError, InvalidTag):
        return None


def _sorted(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    return sorted(rows, key=lambda row: (row.at, row.sequence), reverse=True)


def _key(session: Session, after: int | None) -> tuple[datetime, int] | None:
    """Return where an event stands in the order; one that does not exist is the beginning."""
    row = session.execute(select(EVENT.at, EVENT.sequence).where(EVENT.sequence == after)).one_or_none() if after is not None else None
    return (row.at, row.sequence) if row else None


def _led(part: ColumnElement[bool], query: AuditQuery, key: tuple[datetime, int] | None) -> Select[Any]:
    """Return the events that an index finds in their order: by subject, person, action and day, behind a key."""
    led = select(Event.__table__).where(part).order_by(*NEWEST)
    if subjects := _subjects(query):
        led = led.where(EVENT.subject.in_(subjects))
    if query.person is not None:
        led = led.where(EVENT.person_id == query.person)
    if query.action and not query.action.endswith(":"):
        led = led.where(EVENT.action == query.action)
    if query.since:
        led = led.where(EVENT.at >= _midnight(query.since))
    if query.until:
        led = led.where(EVENT.at < _midnight(query.until + timedelta(days=1)))
    return led.where(tuple_(EVENT.at, EVENT.sequence) < tuple_(*key)) if key else led


def _subjects(query: AuditQuery) -> list[str]:
    """Return the exact subjects that were asked for: one, or those that a whole reference can mean."""
    if query.subject or "/" in query.q:
        return [query.subject or query.q]
    return [f"{kind}/{query.q.upper()}" for kind in SUBJECTS] if REFERENCE.fullmatch(query.q) else []


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def _looks(query: AuditQuery) -> bool:
    """Tell whether a list asks what no index knows."""
    return bool(_wanted(query, EVENT))


def _wanted(query: AuditQuery, of: Any) -> list[ColumnElement[bool]]:
    wanted = []
    if query.q and not _subjects(query):
        wanted.append(or_(*(column.icontains(query.q, autoescape=True) for column in (of.actor, of.organisation, of.subject))))
    if query.action.endswith(":"):
        wanted.append(of.action.startswith(query.action, autoescape=True))
    if query.status:
        wanted.append(of.result == query.status)
    if query.origin:
        wanted.append(of.origin.icontains(query.origin, autoescape=True))
    return wanted


def _narrowed(led: Select[Any], query: AuditQuery) -> Select[Any]:
    """Look for texts among the newest of what an index found."""
    if not _looks(query):
        return led
    window = led.limit(WINDOW).subquery()
    return select(window).where(*_wanted(query, window.c)).order_by(window.c.at.desc(), window.c.sequence.desc())


def _horizon(session: Session, led: Select[Any]) -> tuple[datetime, int] | None:
    """Return the last event that a search looks at, when there are more behind it."""
    ends = session.execute(led.with_only_columns(EVENT.at, EVENT.sequence).offset(WINDOW - 1).limit(2)).all()
    return (ends[0].at, ends[0].sequence) if len(ends) == 2 else None


def _count(session: Session, led: Select[Any], query: AuditQuery) -> int:
    counted = _narrowed(led, query).with_only_columns(true(), maintain_column_froms=True).order_by(None).limit(MOST)
    return session.scalar(select(func.count()).select_from(counted.subquery())) or 0


def _all(session: Session, parts: list[ColumnElement[bool]], query: AuditQuery, up_to: int) -> Iterator[Row[Any]]:
    """Yield the rows of all parts in their order, without keeping them."""
    streams = []
    for part in parts:
        led = _led(part, replace(query, after=None), None).where(EVENT.sequence <= up_to, *_wanted(query, EVENT))
        streams.append(session.execute(led, execution_options={"yield_per": 1000}))
    return merge(*streams, key=lambda row: (row.at, row.sequence), reverse=True) if len(streams) > 1 else iter(streams[0])


def did_today(session: Session, actor: Actor, action: str, subject: str) -> bool:
    """Tell whether somebody did something today: so that what is noted once a day costs no second writing."""
    mine = select(EVENT.sequence).where(EVENT.subject == subject, EVENT.action == action, EVENT.person_id == actor.person_id)
    return session.scalar(mine.where(EVENT.at >= _midnight(today())).limit(1)) is not None


# ── one event ────────────────────────────────────────────────────────────────


def event_page(session: Session, actor: Actor, sequence: int) -> EventPage:
    """Return everything about one event. Raises NotFound when there is none, or without the permission."""
    actor.must(Permission.READ_AUDIT)
    event = session.execute(select(Event.__table__).where(EVENT.sequence == sequence)).one_or_none()
    if event is None:
        raise NotFound
    near = session.execute(select(EVENT.sequence, EVENT.hash).where(EVENT.sequence.in_((sequence - 1, sequence + 1)))).all()
    hashes = {row.sequence: row.hash.hex() for row in near}
    return EventPage(
        _named(session, [_row(event, _everything)])[0], event.person_id, _name(session, event.concerns_id), event.origin, event.hash.hex(),
        hashes.get(sequence - 1, ""), sequence + 1 in hashes,
    )  # fmt: skip


def _name(session: Session, organisation_id: int | None) -> str:
    """Return the name of an organisation as its newest event has it, or its number when it has done nothing yet."""
    if organisation_id is None:
        return ""
    newest = select(EVENT.organisation).where(EVENT.organisation_id == organisation_id).order_by(*NEWEST).limit(1)
    return session.scalar(newest) or str(organisation_id)


# ── rows ─────────────────────────────────────────────────────────────────────


def _everything(_row: Row[Any], _field: str) -> bool:
    return True


def _told_to(actor: Actor) -> Shown:
    """Show an organisation all of what it did itself, and of what others did only what may be told."""
    return lambda row, field: field in TOLD or (field != "origin" and row.organisation_id == actor.organisation_id)


def _row(row: Row[Any], shown: Shown) -> EventRow:
    changes = [_change(field, old, new) for field, (old, new) in json.loads(row.changes).items() if shown(row, field)]
    return EventRow(row.sequence, row.at, row.actor, row.organisation, row.action, row.subject, row.result, changes)


def _named(session: Session, rows: list[EventRow]) -> list[EventRow]:
    """Give the people that are a subject the name with which they last did something."""
    ids = {row.subject: int(row.subject[7:]) for row in rows if row.subject.startswith("person/") and row.subject[7:].isdigit()}
    newest = {id_: select(EVENT.actor).where(EVENT.person_id == id_).order_by(*NEWEST).limit(1) for id_ in set(ids.values())}
    names = {id_: session.scalar(statement) or "" for id_, statement in newest.items()}
    return [replace(row, name=names[ids[row.subject]]) if row.subject in ids else row for row in rows]


def _change(field: str, old: str | None, new: str | None) -> Change:
    """Read `claim 3 fraud` as the field `fraud` of claim 3."""
    _word, number, rest = field.split(" ", 2) if field.startswith("claim ") and field.count(" ") > 1 else ("", "", field)
    return Change(rest, old, new, number)
