"""Read offers as a creditor's work list: counts, rows, pages by key, and which one comes next. The page of one stands in offer_queries.

Equally fast with a thousand offers and with a million; names are opened for the rows shown only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.accounts.queries import is_colleague
from app.cases.models import Case
from app.cases.rules import sorted_name, typed_surname
from app.clock import today
from app.consents.rules import Product
from app.counts import MOST
from app.errors import NotFound
from app.money import Cents
from app.proposals import inbox_statements as statements
from app.proposals.inbox_parties import CreditorChoice, creditors_to_choose, has_agents, party_of
from app.proposals.inbox_statements import DUES, OPEN, SORTS, STATUSES, Shape
from app.proposals.lifecycle import WAITS_FOR_CREDITOR, OfferState
from app.proposals.models import Offer
from app.proposals.offer_access import parameters, scope_of, visible_to
from app.sealing import blind_indexes

FOUND = 500  # so many offers a search looks through


@dataclass(frozen=True)
class InboxQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    due: str = ""
    product: str = ""
    cover: str = ""
    who: str = ""  # mine, unassigned, or the number of a colleague
    creditor: str = ""  # the code of one creditor, in an agent's list
    by: str = ""  # agent: what an agent does or did in the own name; own: the rest
    sort: str = ""
    after: str = ""

    @property
    def states(self) -> tuple[OfferState, ...]:
        """Return the states shown: those chosen; a search, and what agents answered, are in all of them; else what waits."""
        return STATUSES.get(self.status) or (STATUSES["all"] if self.q or self.by == "agent" else OPEN)


class InboxRow(NamedTuple):
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
    revision: int
    assigned_id: int | None
    agent: str = ""  # who acts or answered in the creditor's name, where the list asks for that
    clock_stands: bool = False  # its days move along: nothing is reminded of and nothing is late meanwhile

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
class Colleague:
    """Somebody who shares this list, and how many of its offers wait as this person's work."""

    id: int
    name: str
    waiting: int


@dataclass(frozen=True)
class Team:
    """Who shares the list, and how much of it is nobody's; None when more waits than is counted."""

    colleagues: tuple[Colleague, ...]
    unassigned: int | None

    @property
    def names(self) -> dict[int, str]:
        return {one.id: one.name for one in self.colleagues}


@dataclass(frozen=True)
class SavedRow:
    """A filter that this person kept."""

    id: int
    name: str
    query: str

    @property
    def filters(self) -> dict[str, str]:
        """Return what it filters by, each by its name in the address."""
        return dict(parse_qsl(self.query))


@dataclass(frozen=True)
class Inbox:
    rows: list[InboxRow]
    query: InboxQuery
    counts: Counts
    next_after: str
    today: date
    for_agent: bool
    team: Team
    saved: tuple[SavedRow, ...]
    creditors: tuple[CreditorChoice, ...] = ()  # of an agent
    has_agents: bool = False  # of a creditor: somebody acts in its name

    @property
    def is_divided(self) -> bool:
        """Tell whether any of these rows is somebody's work."""
        return any(row.assigned_id for row in self.rows)


def inbox(session: Session, actor: Actor, query: InboxQuery, size: int = 50) -> Inbox:
    """Return one page of the list. Raises NotFound without the permission, or after an offer that is not the actor's."""
    actor.must(Permission.READ_OFFERS)
    shape, values = _asked(session, actor, query)
    found = session.connection().execute(statements.page_statement(shape), values | {"size": size + 1}).all()
    day = today()
    rows = [_row(row, day) for row in found[:size]]
    next_after = rows[-1].ref if len(found) > size else ""
    waiting = counts(session, actor, shape.party, values)
    shared = team(session, actor, MOST if shape.party else waiting.open)
    saved = saved_filters(session, actor, "offers")
    creditors = creditors_to_choose(session, actor)
    return Inbox(
        rows, query, waiting, next_after, day, actor.kind is not Kind.CREDITOR, shared, saved, creditors, has_agents(session, actor)
    )


def waiting_refs(session: Session, actor: Actor, query: InboxQuery, most: int) -> list[tuple[str, int]]:
    """Return reference and revision of what the filters show and that waits, at most so many."""
    actor.must(Permission.READ_OFFERS)
    shape, values = _asked(session, actor, query)
    found = session.execute(statements.waiting_statement(shape._replace(has_key=False)), values | {"size": most})
    return [(row[0], row[1]) for row in found]


def team(session: Session, actor: Actor, waiting: int) -> Team:
    """Return who shares the list with how much work each; `waiting` is how much waits in all."""
    found = session.connection().execute(statements.team_statement(scope_of(actor)), parameters(actor))
    people = [Colleague(row[0], row[1], row[2]) for row in found]
    unassigned = None if waiting >= MOST else max(0, waiting - sum(one.waiting for one in people))
    return Team(tuple(people), unassigned)


def saved_filters(session: Session, actor: Actor, place: str) -> tuple[SavedRow, ...]:
    """Return the filters that a person kept for a list, by name."""
    if actor.person_id is None:
        return ()
    values = {"person": actor.person_id, "organisation": actor.organisation_id, "place": place}
    rows = [SavedRow(row[0], row[1], row[2]) for row in session.connection().execute(statements.saved_statement(), values)]
    return tuple(sorted(rows, key=lambda row: row.name.casefold()))


def number_shown(session: Session, actor: Actor, query: InboxQuery) -> int:
    """Count what the filters show, never beyond MOST. Raises NotFound without the permission."""
    actor.must(Permission.READ_OFFERS)
    shape, values = _asked(session, actor, replace(query, sort="", after=""))
    return int(session.execute(statements.shown_statement(shape), values).scalar_one())


def all_rows(session: Session, actor: Actor, query: InboxQuery) -> Iterator[InboxRow]:
    """Yield every row that the filters show, for a file."""
    actor.must(Permission.READ_OFFERS)
    shape, values = _asked(session, actor, query)
    day = today()
    for row in session.execute(statements.all_statement(shape._replace(has_key=False)), values, execution_options={"yield_per": MOST}):
        yield _row(row, day)


def counts(session: Session, actor: Actor, party: str, values: dict[str, Any]) -> Counts:
    """Count what waits for an answer, of all or of one party, from the index alone and never beyond MOST."""
    found = session.connection().execute(statements.counts_statement(scope_of(actor), party), values).one()
    return Counts(found[0], found[1], found[2], found[3], found[4])


def open_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts what waits for an answer, for the menu; None for who answers nothing."""
    return statements.open_statement(scope_of(actor)) if actor.may(Permission.ANSWER_OFFERS) else None


def _values(actor: Actor) -> dict[str, Any]:
    day = today()
    return parameters(actor) | {"sunday": day + timedelta(days=7 - day.isoweekday())}


def _asked(session: Session, actor: Actor, query: InboxQuery) -> tuple[Shape, dict[str, Any]]:
    """Return the shape of the statement that a list asks, and what fills it in; what means nothing is left out."""
    values = _values(actor)
    sort = query.sort if query.sort in SORTS else "due"
    has_product = query.product in set(Product)
    if has_product:
        values["product"] = Product(query.product)
    if query.q:
        values["ids"] = _found(session, actor, query.q)
    if query.after:
        values["key"], values["key_id"] = _key(session, actor, query.after, sort)
    party, party_id = party_of(actor, creditors_to_choose(session, actor) if query.creditor else (), query.creditor, query.by)
    if party_id is not None:
        values["party"] = party_id
    who, person = _whose(session, actor, query.who)
    if person is not None:
        values["person"] = person
    return Shape(
        scope_of(actor), query.states, sort, query.due if query.due in DUES else "", has_product,
        query.cover if query.cover in {"yes", "no"} else "", who, bool(query.q), party, bool(query.after),
    ), values  # fmt: skip


def _whose(session: Session, actor: Actor, who: str) -> tuple[str, int | None]:
    """Read whose work is asked for: a colleague of the own organisation, or nobody's; people of elsewhere mean nothing."""
    if who == "unassigned":
        return "nobody", None
    if who == "mine":
        return "named", actor.person_id or 0
    person = int(who) if who.isascii() and who.isdigit() and len(who) < 10 else 0
    return ("named", person) if person and is_colleague(session, actor, person) else ("", None)


def _found(session: Session, actor: Actor, q: str) -> list[int]:
    """Return the ids of the actor's offers with this reference, offer, case or surname; each is found by its own index."""
    ways = (
        Offer.ref == q.upper(),
        Offer.reference.in_({q, q.upper()}),
        Offer.surname_index.in_(blind_indexes(typed_surname(q))),
        Offer.case_id.in_(select(Case.id).where(Case.ref == q.upper())),
    )
    mine = visible_to(actor)
    return [id_ for way in ways for id_ in session.scalars(select(Offer.id).where(way, mine).order_by(Offer.id.desc()).limit(FOUND))]


def _key(session: Session, actor: Actor, ref: str, sort: str) -> tuple[Any, int]:
    """Return where an offer stands in the order of a list. Raises NotFound when it is not the actor's."""
    row = session.execute(statements.key_statement(scope_of(actor), sort), parameters(actor) | {"ref": ref}).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _row(row: Row[Any], day: date) -> InboxRow:
    values: tuple[Any, ...] = tuple(row)
    *offer, initials, surname, creditor, agent, is_covered, consent_id, compared = values
    ref, reference, product, claim, payment, percentage, state, answer_by, revision, assigned_id, paused_on = offer
    missed = next(((one["clause"], one["required"]) for one in compared or () if not one["met"]), None)
    return InboxRow(
        ref, sorted_name(initials, surname), creditor, reference, product, claim, payment, percentage, state, answer_by,
        (answer_by - day).days, consent_id is not None, bool(is_covered), missed, revision, assigned_id, agent or "",
        paused_on is not None,
    )  # fmt: skip


# ── which one comes next ─────────────────────────────────────────────────────


@dataclass(frozen=True)
class Neighbours:
    """Where an offer stands among those that wait: its place, how many there are, and the ones before and after it."""

    place: int
    total: int
    previous: str
    next: str


def neighbours(session: Session, actor: Actor, answer_by: date, offer_id: int) -> Neighbours:
    """Return the offers that wait before and after a place in the list."""
    here = {"key": answer_by, "key_id": offer_id}
    before, total, previous, following = session.connection().execute(
        statements.neighbours_statement(scope_of(actor)), parameters(actor) | here
    ).one()  # fmt: skip
    return Neighbours(before + 1, total, previous or "", following or "")


def next_open(session: Session, actor: Actor, ref: str) -> str:
    """Return the next offer that waits after this one, else the first that waits, else nothing. Raises NotFound."""
    key, key_id = _key(session, actor, ref, "due")
    values = parameters(actor) | {"key": key, "key_id": key_id}
    scope = scope_of(actor)
    following = session.execute(statements.first_statement(scope, after=True), values).scalar_one()
    return following or session.execute(statements.first_statement(scope, after=False), parameters(actor)).scalar_one() or ""
