"""Read complaints for the creditor or agent that they are about: the list, and one complaint without the client unless it agreed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.db import as_portal
from app.documents.attachments import AttachmentRow, attachments_about
from app.relations.complaint_access import addressed_to, visible_addressed
from app.relations.complaint_lifecycle import OPEN, Move, State, moves
from app.relations.complaint_queries import (
    CREDITOR,
    ComplaintList,
    ComplaintRow,
    Line,
    ListQuery,
    count_where,
    counting,
    lines_of,
    listed,
    of_kind,
    row_for,
    row_of,
    rows_where,
)
from app.relations.complaint_rules import Audience, What, names_client
from app.relations.complaint_steps import FILES, known_names
from app.relations.models import Complaint, ComplaintEvent

STATUSES = ("waiting", "open", "closed", "all")


@dataclass(frozen=True)
class AddressedPage:
    """A complaint as the creditor or agent sees it that it is about: without the client unless it agreed."""

    row: ComplaintRow
    told_words: str
    client_name: str
    client_birth_date: date | None
    client_reference: str
    client_agrees: bool
    wish: str
    lines: list[Line]
    files: list[AttachmentRow]
    moves: frozenset[Move]
    revision: int


def addressed_list(session: Session, actor: Actor, query: ListQuery, size: int = 50) -> ComplaintList:
    """Return one page of the complaints about the own organisation. Raises NotFound."""
    actor.must(Permission.ANSWER_COMPLAINTS)
    rows, after = listed(session, _addressed(actor, query), query, size)
    counts = {status: count_where(session, addressed_to(actor), _addressed_status(status)) for status in STATUSES}
    return ComplaintList(rows, query, counts, after)


def addressed_rows(session: Session, actor: Actor, query: ListQuery) -> Iterator[ComplaintRow]:
    """Yield every row that the filters show, for a file."""
    actor.must(Permission.ANSWER_COMPLAINTS)
    for row in session.execute(_addressed(actor, query).order_by(Complaint.id.desc())):
        yield row_of(row)


def waiting_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts the complaints that wait for an answer of the own organisation, for the menu."""
    return counting(addressed_to(actor), _addressed_status("waiting"))


def _addressed(actor: Actor, query: ListQuery) -> Select[Any]:
    status = query.status if query.status in STATUSES else "all" if query.q else "waiting"
    where = [addressed_to(actor), _addressed_status(status), of_kind(query.kind)]
    if query.q:  # never by who reported it
        where.append(or_(CREDITOR.name.icontains(query.q, autoescape=True), Complaint.ref == query.q.upper()))
    return rows_where(*where)


def _addressed_status(status: str) -> ColumnElement[bool]:
    return {
        "waiting": Complaint.state == State.ADDRESSED,
        "open": Complaint.state.in_(OPEN),
        "closed": Complaint.state == State.CLOSED,
    }.get(status, Complaint.id > 0)


def addressed_page(session: Session, actor: Actor, ref: str) -> AddressedPage:
    """Return a complaint about the own organisation. Raises NotFound."""
    one = visible_addressed(session, actor, ref)
    agrees = one.client_agrees
    known = [] if agrees else _no_longer_named(session, one)
    lines = [_bare(line, known) for line in lines_of(session, one, Audience.PARTY, party_id=actor.organisation_id)]
    return AddressedPage(
        row=row_for(session, one), told_words="" if names_client(one.told_words, known) else one.told_words,
        client_name=one.client_name if agrees else "",
        client_birth_date=one.client_birth_date if agrees else None, client_reference=one.client_reference if agrees else "",
        client_agrees=agrees, wish=one.wish if agrees else "",
        lines=lines, files=attachments_about(session, FILES, [one.ref]) if agrees else [],
        moves=moves(one.state) & {Move.ANSWER, Move.ASK, Move.DISAGREE}, revision=one.revision,
    )  # fmt: skip


def _no_longer_named(session: Session, one: Complaint) -> list[str]:
    """Return by what texts name a client that agreed to it before and does not any more; nothing where it never agreed."""
    taken_back = select(ComplaintEvent.id).where(ComplaintEvent.complaint_id == one.id, ComplaintEvent.what == What.MAY_NOT_NAME)
    with as_portal(session):  # the line is for the reporter, and for the creditor only when it had read the name
        was_named = session.scalar(taken_back.limit(1)) is not None
    return known_names(session, one) if was_named else []


def _bare(line: Line, known: list[str]) -> Line:
    """Return a line without words that name the client."""
    return replace(line, words="") if names_client(line.words, known) else line
