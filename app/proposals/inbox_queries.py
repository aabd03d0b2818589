"""Read offers as a creditor's work list: counts, rows, pages by key, and which one comes next. The page of one stands in offer_queries.

Everything here stays equally fast with a thousand offers and with a million: each state is read from the index in the order of the
list and no further than the page, counting stops at `MOST`, and names are opened for the rows shown only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, select, true, tuple_, union_all
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.cases.models import Case
from app.clock import today
from app.consents.models import Assessment
from app.consents.rules import Product
from app.creditors.models import Organisation
from app.db import blind_index
from app.errors import NotFound
from app.money import Cents
from app.proposals.lifecycle import WAITS_FOR_CREDITOR, OfferState
from app.proposals.models import Offer
from app.proposals.offer_access import visible_to

MOST = 1000  # counting stops here: the page then says '999+'
FOUND = 500  # so many offers a search looks through
OPEN = tuple(state for state in OfferState if state in WAITS_FOR_CREDITOR)
STATUSES: dict[str, tuple[OfferState, ...]] = {
    "open": OPEN,
    "accepted": (OfferState.ACCEPTED, OfferState.ACCEPTED_OTHER_BALANCE),
    "rejected": (OfferState.REJECTED, OfferState.RECONSIDERATION_ASKED),
    "closed": (OfferState.NO_RESPONSE, OfferState.WITHDRAWN),
    "all": tuple(OfferState),
}
DUES = ("late", "today", "week", "later")
SORTS: dict[str, tuple[Any, bool]] = {  # what stands on top, and whether the highest does
    "due": (Offer.answer_by, False),
    "last": (Offer.answer_by, True),
    "claim": (Offer.takes_part_cents, True),
    "payment": (Offer.payment_cents, True),
}


@dataclass(frozen=True)
class InboxQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    due: str = ""
    product: str = ""
    cover: str = ""
    sort: str = ""
    after: str = ""

    @property
    def states(self) -> tuple[OfferState, ...]:
        """Return the states shown: those chosen; a search looks in all of them, else what waits for an answer."""
        return STATUSES.get(self.status) or (STATUSES["all"] if self.q else OPEN)


@dataclass(frozen=True)
class InboxRow:
    """One offer as the list shows it; `missed` is the first clause that kept a consent from covering it, and its limit."""

    ref: str
    client: str
    creditor: str
    reference: str
    product: Product
    claim_cents: Cents
    payment_cents: Cents
    percentage: str
    state: OfferState
    answer_by: date
    days_left: int
    has_consent: bool
    is_covered: bool
    missed: tuple[str, Any] | None

    @property
    def waits(self) -> bool:
        return self.state in WAITS_FOR_CREDITOR

    @property
    def days_late(self) -> int:
        return -self.days_left


@dataclass(frozen=True)
class Counts:
    """How many offers wait, by their last day; a number of MOST means: at least so many."""

    late: int
    today: int
    week: int
    later: int
    prepared: int

    @property
    def open(self) -> int:
        return min(MOST, self.late + self.today + self.week + self.later)


@dataclass(frozen=True)
class Inbox:
    rows: list[InboxRow]
    query: InboxQuery
    counts: Counts
    next_after: str
    today: date
    for_agent: bool


def inbox(session: Session, actor: Actor, query: InboxQuery, size: int = 50) -> Inbox:
    """Return one page of the list. Raises NotFound without the permission, or after an offer that is not the actor's."""
    actor.must(Permission.READ_OFFERS)
    ids = _page_ids(session, actor, query, size + 1)
    rows = _rows(session, query, ids[:size])
    next_after = rows[-1].ref if len(ids) > size else ""
    return Inbox(rows, query, counts(session, actor), next_after, today(), actor.kind is not Kind.CREDITOR)


def all_rows(session: Session, actor: Actor, query: InboxQuery) -> Iterator[InboxRow]:
    """Yield every row that the filters show, for a file; a thousand at a time."""
    actor.must(Permission.READ_OFFERS)
    column, highest_first = _sort(query)
    order = (column.desc(), Offer.id.desc()) if highest_first else (column, Offer.id)
    ids = list(session.scalars(select(Offer.id).where(*_where(session, actor, query), Offer.state.in_(query.states)).order_by(*order)))
    for start in range(0, len(ids), MOST):
        yield from _rows(session, query, ids[start : start + MOST])


def counts(session: Session, actor: Actor) -> Counts:
    """Count what waits for an answer, from the index alone and never beyond MOST."""
    waiting = (visible_to(actor), Offer.state.in_(OPEN))
    numbers = [_capped(*waiting, _due(due)) for due in DUES]
    prepared = _capped(visible_to(actor), Offer.state == OfferState.PREPARED)
    late, now, week, later, ready = tuple(session.execute(select(*numbers, prepared)).one())
    return Counts(late, now, week, later, ready)


def open_count(session: Session, actor: Actor) -> int | None:
    """Count what waits for an answer, for the menu; None for who answers nothing."""
    if not actor.may(Permission.ANSWER_OFFERS):
        return None
    return session.scalar(select(_capped(visible_to(actor), Offer.state.in_(OPEN))))


def _capped(*where: ColumnElement[bool]) -> Any:
    found = select(literal(1)).where(*where).limit(MOST).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def _due(due: str) -> ColumnElement[bool]:
    day = today()
    sunday = day + timedelta(days=7 - day.isoweekday())
    match due:
        case "late":
            return Offer.answer_by < day
        case "today":
            return Offer.answer_by == day
        case "week":
            return (Offer.answer_by > day) & (Offer.answer_by <= sunday)
        case "later":
            return Offer.answer_by > max(day, sunday)
    return true()


# ── which rows ───────────────────────────────────────────────────────────────


def _sort(query: InboxQuery) -> tuple[Any, bool]:
    return SORTS.get(query.sort) or SORTS["due"]


def _where(session: Session, actor: Actor, query: InboxQuery) -> list[ColumnElement[bool]]:
    where = [visible_to(actor), _due(query.due)]
    if query.product in set(Product):
        where.append(Offer.product == Product(query.product))
    if query.cover in {"yes", "no"}:
        covered = exists().where(Assessment.offer_ref == Offer.ref, Assessment.covered)
        where.append(covered if query.cover == "yes" else ~covered)
    if query.q:
        where.append(Offer.id.in_(_found(session, actor, query.q)))
    return where


def _found(session: Session, actor: Actor, q: str) -> list[int]:
    """Return the ids of the actor's offers with this reference, offer, case or surname; each is found by its own index."""
    surname = q.partition(",")[0]
    ways = (
        Offer.ref == q.upper(),
        Offer.reference.in_({q, q.upper()}),
        Offer.surname_index == blind_index(surname),
        Offer.case_id.in_(select(Case.id).where(Case.ref == q.upper())),
    )
    mine = visible_to(actor)
    return [id_ for way in ways for id_ in session.scalars(select(Offer.id).where(way, mine).order_by(Offer.id.desc()).limit(FOUND))]


def _page_ids(session: Session, actor: Actor, query: InboxQuery, limit: int) -> list[int]:
    """Return the ids of one page in order: each state's first ones, merged, so that nothing beyond the page is sorted."""
    column, highest_first = _sort(query)
    where = _where(session, actor, query)
    if query.after:
        where.append(_beyond(column, _key(session, actor, query.after, column), highest_first=highest_first))
    parts = [_first(where, state, column, limit, highest_first=highest_first) for state in query.states]
    merged = union_all(*parts).subquery()
    order = (merged.c.key.desc(), merged.c.id.desc()) if highest_first else (merged.c.key, merged.c.id)
    return list(session.scalars(select(merged.c.id).order_by(*order).limit(limit)))


def _first(where: Iterable[ColumnElement[bool]], state: OfferState, column: Any, limit: int, *, highest_first: bool) -> Select[Any]:
    order = (column.desc(), Offer.id.desc()) if highest_first else (column, Offer.id)
    part = select(Offer.id.label("id"), column.label("key")).where(*where, Offer.state == state).order_by(*order).limit(limit)
    return select(part.subquery())


def _key(session: Session, actor: Actor, ref: str, column: Any) -> tuple[Any, int]:
    """Return where an offer stands in the order of a list. Raises NotFound when it is not the actor's."""
    row = session.execute(select(column, Offer.id).where(Offer.ref == ref, visible_to(actor))).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _beyond(column: Any, key: tuple[Any, int], *, highest_first: bool) -> ColumnElement[bool]:
    here = tuple_(literal(key[0], column.type), literal(key[1]))
    return tuple_(column, Offer.id) < here if highest_first else tuple_(column, Offer.id) > here


# ── the rows themselves ──────────────────────────────────────────────────────


def _rows(session: Session, query: InboxQuery, ids: list[int]) -> list[InboxRow]:
    columns = (
        Offer.ref, Offer.reference, Offer.product, Offer.takes_part_cents, Offer.payment_cents, Offer.percentage, Offer.state,
        Offer.answer_by, Case.initials, Case.surname, Organisation.name, Assessment.covered, Assessment.consent_id, Assessment.rows,
    )  # fmt: skip
    column, highest_first = _sort(query)
    found = (
        select(*columns)
        .join(Case, Case.id == Offer.case_id)
        .join(Organisation, Organisation.id == Offer.creditor_id)
        .outerjoin(Assessment, Assessment.offer_ref == Offer.ref)
        .where(Offer.id.in_(ids))
        .order_by(*((column.desc(), Offer.id.desc()) if highest_first else (column, Offer.id)))
    )
    day = today()
    return [_row(row, day) for row in session.execute(found)]


def _row(row: Row[Any], day: date) -> InboxRow:
    missed = next(((one["clause"], one["required"]) for one in row.rows or () if not one["met"]), None)
    return InboxRow(
        row.ref, sorted_name(row.initials, row.surname), row.name, row.reference, row.product, row.takes_part_cents, row.payment_cents,
        row.percentage, row.state, row.answer_by, (row.answer_by - day).days, row.consent_id is not None, bool(row.covered), missed,
    )  # fmt: skip


def sorted_name(initials: str, surname: str) -> str:
    """Write a name as lists do: `Hof, S. van 't`."""
    words = surname.split()
    small = [word for word in words[:-1] if word[:1].islower() or word[:1] in "'’"]
    main = " ".join(words[len(small) :])
    return f"{main}, {' '.join([initials, *small])}".strip(", ")


# ── which one comes next ─────────────────────────────────────────────────────


@dataclass(frozen=True)
class Neighbours:
    """Where an offer stands among those that wait: its place, how many there are, and the ones before and after it."""

    place: int
    total: int
    previous: str
    next: str


def neighbours(session: Session, actor: Actor, ref: str) -> Neighbours:
    """Return the offers that wait before and after this one. Raises NotFound when it is not the actor's."""
    key = _key(session, actor, ref, Offer.answer_by)
    before = tuple_(Offer.answer_by, Offer.id) < tuple_(literal(key[0], Offer.answer_by.type), literal(key[1]))
    mine = (visible_to(actor), Offer.state.in_(OPEN))
    place, total = session.execute(select(_capped(*mine, before), _capped(*mine))).one()
    return Neighbours(place + 1, total, _beside(session, actor, key, back=True), _beside(session, actor, key, back=False))


def next_open(session: Session, actor: Actor, ref: str) -> str:
    """Return the next offer that waits after this one, else the first that waits, else nothing."""
    following = _beside(session, actor, _key(session, actor, ref, Offer.answer_by), back=False)
    return following or _beside(session, actor, None, back=False)


def _beside(session: Session, actor: Actor, key: tuple[Any, int] | None, *, back: bool) -> str:
    where = [visible_to(actor), *([_beyond(Offer.answer_by, key, highest_first=back)] if key else [])]
    parts = [_first(where, state, Offer.answer_by, 1, highest_first=back) for state in OPEN]
    merged = union_all(*parts).subquery()
    order = (merged.c.key.desc(), merged.c.id.desc()) if back else (merged.c.key, merged.c.id)
    nearest = select(merged.c.id).order_by(*order).limit(1).scalar_subquery()
    return session.scalar(select(Offer.ref).where(Offer.id == nearest)) or ""
