"""The statements of the work list, each made once for its shape and filled in at every use: making one takes longer than running it.

They read each state from the index in the order of the list and no further than the page; counting stops at `MOST`.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Integer, Select, String, bindparam, exists, func, literal, select, true, tuple_, union_all

from app.accounts.models import Person
from app.accounts.queries import colleagues_by_name
from app.cases.models import Case
from app.consents.models import Assessment
from app.counts import MOST
from app.creditors.models import Organisation
from app.proposals.lifecycle import WAITS_FOR_CREDITOR, OfferState
from app.proposals.models import Offer, SavedFilter
from app.proposals.offer_access import Scope, seen_by

OFFERS: Any = Offer.__table__.c  # columns of the table, not of the class: no objects are made of these rows
CASES: Any = Case.__table__.c
NAMES: Any = Organisation.__table__.c
ASSESSED: Any = Assessment.__table__.c
KEPT: Any = SavedFilter.__table__.c
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
    "due": (OFFERS.answer_by, False),
    "last": (OFFERS.answer_by, True),
    "claim": (OFFERS.takes_part_cents, True),
    "payment": (OFFERS.payment_cents, True),
}
CREDITOR = "creditor"  # of an agent's list: what is done for one creditor
BY = ("agent", "own")  # of a creditor's list: what an agent does or did in its name, and what it does itself
TODAY = bindparam("today", type_=Date)
SUNDAY = bindparam("sunday", type_=Date)  # the last day of this week


class Shape(NamedTuple):
    """Everything about a list that changes its statement; what only changes a value is a parameter."""

    scope: Scope
    states: tuple[OfferState, ...]
    sort: str = "due"
    due: str = ""
    has_product: bool = False
    cover: str = ""
    who: str = ""  # named: the work of one colleague; nobody: of none
    has_ids: bool = False  # narrowed to what a search found
    party: str = ""  # CREDITOR, or one of BY
    has_key: bool = False  # beyond the last row of the page before


@cache
def page_statement(shape: Shape) -> Select[Any]:
    """Return the rows of one page in their order; parameters: those of the scope, today, sunday, product, ids, key, key_id, size."""
    column, highest_first = SORTS[shape.sort]
    parts = [_first(_where(shape), state, column, highest_first=highest_first) for state in shape.states]
    merged = union_all(*parts).subquery()
    nearest = select(merged).order_by(*_order(merged.c.key, merged.c.id, highest_first=highest_first)).limit(_size()).subquery()
    rows = _rows_of(OFFERS.id == nearest.c.id, nearest, with_agent=shape.party == "agent")
    return rows.order_by(*_order(nearest.c.key, nearest.c.id, highest_first=highest_first))


@cache
def all_statement(shape: Shape) -> Select[Any]:
    """Return every row of a list in its order, for a file."""
    column, highest_first = SORTS[shape.sort]
    wanted = select(Offer.__table__.c.id).where(*_where(shape), OFFERS.state.in_(shape.states)).subquery()
    rows = _rows_of(OFFERS.id == wanted.c.id, wanted, with_agent=shape.party == "agent")
    return rows.order_by(*_order(column, OFFERS.id, highest_first=highest_first))


@cache
def waiting_statement(shape: Shape) -> Select[Any]:
    """Return reference and revision of what a list shows and that waits, at most `size`, in the order of the list."""
    column, highest_first = SORTS[shape.sort]
    waits = tuple(state for state in shape.states if state in WAITS_FOR_CREDITOR)
    found = select(OFFERS.ref, OFFERS.revision).where(*_where(shape), OFFERS.state.in_(waits))
    return found.order_by(*_order(column, OFFERS.id, highest_first=highest_first)).limit(_size())


@cache
def shown_statement(shape: Shape) -> Select[Any]:
    """Count what a list shows."""
    return select(_capped(*_where(shape), OFFERS.state.in_(shape.states)))


@cache
def team_statement(scope: Scope) -> Select[Any]:
    """Return everybody who works for the organisation today, each with how much waits as its work, from the index of that."""
    waits = select(func.count()).where(OFFERS.assigned_id == Person.id, OFFERS.state.in_(OPEN), seen_by(scope))
    return colleagues_by_name().add_columns(waits.correlate(Person.__table__).scalar_subquery())


@cache
def saved_statement() -> Select[Any]:
    """Return the filters that a person kept; parameters: person, organisation and place."""
    own = KEPT.person_id == bindparam("person", type_=Integer), KEPT.organisation_id == bindparam("organisation", type_=Integer)
    there = KEPT.place == bindparam("place", type_=String)
    return select(KEPT.id, KEPT.name, KEPT.query).where(*own, there).order_by(KEPT.id)


@cache
def counts_statement(scope: Scope, party: str = "") -> Select[Any]:
    """Count what waits, late, today, this week and later, and what a consent put ready; parameters: the scope's, today, sunday, party."""
    mine = (seen_by(scope), _party(party))
    waiting = (*mine, OFFERS.state.in_(OPEN))
    return select(*(_capped(*waiting, _due(due)) for due in DUES), _capped(*mine, OFFERS.state == OfferState.PREPARED))


@cache
def open_statement(scope: Scope) -> Select[Any]:
    """Count what waits."""
    return select(_capped(seen_by(scope), OFFERS.state.in_(OPEN)))


@cache
def neighbours_statement(scope: Scope) -> Select[Any]:
    """Return how many wait before an offer, how many in all, and the ones just before and after; parameters: the scope's, key, key_id."""
    waiting = (seen_by(scope), OFFERS.state.in_(OPEN))
    column = OFFERS.answer_by
    sides = [_beside(scope, back=back) for back in (True, False)]
    return select(_capped(*waiting, _beyond(column, highest_first=True)), _capped(*waiting), *sides)


@cache
def key_statement(scope: Scope, sort: str) -> Select[Any]:
    """Return where an offer stands in the order of a list; parameters: the scope's and ref."""
    return select(SORTS[sort][0], OFFERS.id).where(OFFERS.ref == bindparam("ref", type_=String), seen_by(scope))


@cache
def first_statement(scope: Scope, *, after: bool) -> Select[Any]:
    """Return the first offer that waits, of all or after one; parameters: the scope's, and key and key_id."""
    return select(_beside(scope, back=False, whole=not after))


# ── parts ────────────────────────────────────────────────────────────────────


def _rows_of(found: ColumnElement[bool], chosen: Any, *, with_agent: bool) -> Select[Any]:
    """Return the rows of what was chosen; `with_agent` each names who acts, or acted, in the creditor's name."""
    agent: Any = Organisation.__table__.alias()
    columns = (
        OFFERS.ref, OFFERS.reference, OFFERS.product, OFFERS.takes_part_cents, OFFERS.payment_cents, OFFERS.percentage, OFFERS.state,
        OFFERS.answer_by, OFFERS.revision, OFFERS.assigned_id, OFFERS.paused_on,
        CASES.initials, CASES.surname, NAMES.name, agent.c.name.label("agent") if with_agent else literal("").label("agent"),
        ASSESSED.covered, ASSESSED.consent_id, ASSESSED.rows.label("compared"),
    )  # fmt: skip
    rows = (
        select(*columns)
        .select_from(chosen)
        .join(Offer.__table__, found)
        .join(Case.__table__, CASES.id == OFFERS.case_id)
        .join(Organisation.__table__, NAMES.id == OFFERS.creditor_id)
        .outerjoin(Assessment.__table__, ASSESSED.offer_ref == OFFERS.ref)
    )
    return rows.outerjoin(agent, agent.c.id == func.coalesce(OFFERS.answered_agent_id, OFFERS.agent_id)) if with_agent else rows


def _where(shape: Shape) -> list[ColumnElement[bool]]:
    where = [seen_by(shape.scope), _due(shape.due), _party(shape.party)]
    if shape.has_product:
        where.append(OFFERS.product == bindparam("product", type_=OFFERS.product.type))
    if shape.cover:
        covered = exists().where(ASSESSED.offer_ref == OFFERS.ref, ASSESSED.covered)
        where.append(covered if shape.cover == "yes" else ~covered)
    if shape.who:
        named = OFFERS.assigned_id == bindparam("person", type_=Integer)
        where.append(named if shape.who == "named" else OFFERS.assigned_id.is_(None))
    if shape.has_ids:
        where.append(OFFERS.id.in_(bindparam("ids", expanding=True, type_=Integer)))
    if shape.has_key:
        column, highest_first = SORTS[shape.sort]
        where.append(_beyond(column, highest_first=highest_first))
    return where


def _party(party: str) -> ColumnElement[bool]:
    """Say of whom the rows are: of one creditor, or with or without an agent that acts or answered."""
    if party == CREDITOR:
        return OFFERS.creditor_id == bindparam("party", type_=Integer)  # type: ignore[no-any-return] # a condition
    with_agent = OFFERS.agent_id.is_not(None) | OFFERS.answered_agent_id.is_not(None)
    wanted: dict[str, ColumnElement[bool]] = {"agent": with_agent, "own": ~with_agent}
    return wanted.get(party, true())


def _due(due: str) -> ColumnElement[bool]:
    wanted: dict[str, ColumnElement[bool]] = {
        "late": OFFERS.answer_by < TODAY,
        "today": OFFERS.answer_by == TODAY,
        "week": (OFFERS.answer_by > TODAY) & (OFFERS.answer_by <= SUNDAY),
        "later": OFFERS.answer_by > SUNDAY,
    }
    return wanted.get(due, true())


def _capped(*where: ColumnElement[bool]) -> Any:
    found = select(literal(1)).select_from(Offer.__table__).where(*where).limit(MOST).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def _size() -> Any:
    return bindparam("size", type_=Integer)


def _first(where: Iterable[ColumnElement[bool]], state: OfferState, column: Any, *, highest_first: bool, one: bool = False) -> Select[Any]:
    part = select(OFFERS.id.label("id"), column.label("key")).where(*where, OFFERS.state == state)
    return select(part.order_by(*_order(column, OFFERS.id, highest_first=highest_first)).limit(1 if one else _size()).subquery())


def _order(column: Any, id_: Any, *, highest_first: bool) -> tuple[Any, Any]:
    return (column.desc(), id_.desc()) if highest_first else (column, id_)


def _beyond(column: Any, *, highest_first: bool) -> ColumnElement[bool]:
    here = tuple_(bindparam("key", type_=column.type), bindparam("key_id", type_=Integer))
    return tuple_(column, OFFERS.id) < here if highest_first else tuple_(column, OFFERS.id) > here


def _beside(scope: Scope, *, back: bool, whole: bool = False) -> Any:
    """Return the reference of the nearest offer that waits, before or after a key; of the whole list the first."""
    column = OFFERS.answer_by
    where = [seen_by(scope), *([] if whole else [_beyond(column, highest_first=back)])]
    merged = union_all(*(_first(where, state, column, highest_first=back, one=True) for state in OPEN)).subquery()
    nearest = select(merged.c.id).order_by(*_order(merged.c.key, merged.c.id, highest_first=back)).limit(1).scalar_subquery()
    return select(OFFERS.ref).where(OFFERS.id == nearest).scalar_subquery()
