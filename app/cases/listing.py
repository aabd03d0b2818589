"""Read the list of cases: filtered, counted and paged in the database, by the same rules as one case."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.cases import rules
from app.cases.models import Case, Claim
from app.cases.queries import BANK_KEY, bank_key_is, visible_to
from app.cases.rules import Stage, Status
from app.clock import today
from app.money import Cents
from app.sealing import blind_indexes


@dataclass(frozen=True)
class ListQuery:
    """What a list of cases was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    programme: str = ""
    team: str = ""
    sort: str = "started"
    after: str = ""


@dataclass(frozen=True)
class CaseRow:
    ref: str
    bank_key: str
    name: str
    birth_date: date
    programme: str
    team: str
    started_on: date
    calculated_on: date
    claims: int
    stated: int
    balance_cents: Cents
    capacity_cents: Cents
    status: Status
    closes_on: date

    @property
    def open_balances(self) -> int:
        return self.claims - self.stated


@dataclass(frozen=True)
class CaseList:
    rows: list[CaseRow]
    query: ListQuery
    total: int
    counts: dict[str, int]
    programmes: list[tuple[str, str]]
    teams: list[tuple[str, str]]
    next_after: str


_claims = select(Claim.case_id).where(Claim.case_id == Case.id)
_SINCE = func.coalesce(Case.balances_asked_on, Case.started_on)  # as Case.balances_since
_HAS_OPEN = or_(exists(_claims.where(Claim.stated_cents.is_(None))), ~exists(_claims))
_ORDER = {
    "started": (Case.started_on, Case.id),
    "figures": (Case.calculated_on, Case.id),
    "bank": (Case.relation_code, Case.sequence),
}


def case_list(session: Session, actor: Actor, query: ListQuery, size: int = 50) -> CaseList:
    """Return one page of the cases that the actor may see, with the counts per status of all that fit the other filters.

    Raises NotFound without the permission, as all here do.
    """
    actor.must(Permission.READ_CASES)
    rows = list(_rows(session, _page(query, _found(actor, query)).limit(size + 1)))
    more = len(rows) > size
    last = _position(query.sort, rows[size - 1]) if more else ""
    without_status = ListQuery(query.q, "", query.programme, query.team)
    counts = {status.value: _count(session, _found(actor, without_status).where(_in(status))) for status in Status}
    counts["all"] = _count(session, _found(actor, without_status))
    total = counts.get(query.status, counts["all"])
    return CaseList(rows[:size], query, total, counts, *_choices(session, actor), last)


def all_rows(session: Session, actor: Actor, query: ListQuery) -> Iterator[CaseRow]:
    """Return every row that the filters show, for a download."""
    actor.must(Permission.READ_CASES)
    ordered = _found(actor, query).order_by(*_ORDER.get(query.sort, _ORDER["started"]))
    return _rows(session, ordered)


def select_ids(actor: Actor, query: ListQuery) -> Select[int]:
    """Select the ids of every case that the filters show, for others to narrow further."""
    actor.must(Permission.READ_CASES)
    return _found(actor, query).with_only_columns(Case.id)


def found_ids(session: Session, actor: Actor, query: ListQuery) -> list[int]:
    """Return the ids of every case that the filters show, for work on all of them."""
    actor.must(Permission.READ_CASES)
    return list(session.scalars(_found(actor, query).with_only_columns(Case.id).order_by(Case.id)))


def _found(actor: Actor, query: ListQuery) -> Select[Case]:
    found = select(Case).where(visible_to(actor))
    if query.q:
        found = found.where(_matches(query.q))
    if query.programme:
        found = found.where(Case.programme == query.programme)
    if query.team:
        found = found.where(Case.team == query.team)
    if query.status in set(Status):
        found = found.where(_in(Status(query.status)))
    return found


def _matches(q: str) -> ColumnElement[bool]:
    """Find a case by the whole surname (blind index), by its reference, by the bank's own number or by a creditor's reference."""
    if found := BANK_KEY.fullmatch(q):
        return bank_key_is(found)
    options = [
        Case.surname_index.in_(blind_indexes(rules.typed_surname(q))),
        Case.ref == q.upper(),
        exists(_claims.where(Claim.reference == q)),
    ]
    if q.isascii() and q.isdigit() and len(q) < 10:
        options.append(Case.relation_code == int(q))
    if q.isdigit() and len(q) == 9:
        options.append(Case.bsn_index.in_(blind_indexes(q)))
    return or_(*options)


def _in(status: Status) -> ColumnElement[bool]:
    """Say in SQL what `rules.status` says of one case."""
    now = today()
    open_round = and_(rules.last_closed_start(now) < _SINCE, _HAS_OPEN)
    old = Case.calculated_on < rules.oldest_figures(now)
    beyond = and_(Case.closed_on.is_(None), Case.stage == status.value)
    running = and_(Case.closed_on.is_(None), Case.stage == Stage.INTAKE)
    return {
        Status.PROPOSED: beyond,
        Status.AGREED: beyond,
        Status.CLOSED: Case.closed_on.is_not(None),
        Status.BALANCES_OPEN: and_(running, open_round),
        Status.FIGURES_OLD: and_(running, ~open_round, old),
        Status.READY: and_(running, ~open_round, ~old),
    }[status]


def _page(query: ListQuery, found: Select[Case]) -> Select[Case]:
    columns = _ORDER.get(query.sort, _ORDER["started"])
    if position := _parsed(query.sort, query.after):
        found = found.where(tuple_(*columns) > tuple_(*position))
    return found.order_by(*columns)


def _position(sort: str, row: CaseRow) -> str:
    if sort == "bank":
        return row.bank_key
    return f"{row.started_on if sort != 'figures' else row.calculated_on}.{row.ref}"


def _parsed(sort: str, after: str) -> tuple[object, object] | None:
    """Read the place after which a page begins; what does not look like one is the beginning."""
    if sort == "bank":
        found = BANK_KEY.fullmatch(after)
        return (int(found[1]), int(found[2])) if found else None
    day, _, ref = after.partition(".")
    try:
        return date.fromisoformat(day), select(Case.id).where(Case.ref == ref).scalar_subquery()
    except ValueError:
        return None


def _count(session: Session, found: Select[Case]) -> int:
    return session.scalar(select(func.count()).select_from(found.with_only_columns(Case.id).subquery())) or 0


def _choices(session: Session, actor: Actor) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    def of(column: ColumnElement[str]) -> list[tuple[str, str]]:
        found = session.scalars(select(column).where(visible_to(actor), column != "").distinct().order_by(column))
        return [(text, text) for text in found]

    return of(Case.programme.expression), of(Case.team.expression)


def _rows(session: Session, found: Select[Case]) -> Iterator[CaseRow]:
    """Give rows from columns alone: a list needs neither objects nor every personal column."""
    sums = (
        _of_claims(func.count()), _of_claims(func.count(Claim.stated_cents)),
        _of_claims(func.sum(func.coalesce(Claim.stated_cents, Claim.reported_cents))),
    )  # fmt: skip
    columns = (
        Case.ref, Case.relation_code, Case.sequence, Case.initials, Case.surname, Case.birth_date, Case.programme, Case.team,
        Case.started_on, Case.calculated_on, Case.income_cents, Case.vtlb_cents, Case.closed_on, Case.stage,
        _SINCE,
    )  # fmt: skip
    now = today()
    for row in session.execute(found.with_only_columns(*columns, *sums), execution_options={"yield_per": 500}):
        yield _row(row, now)


def _of_claims(what: ColumnElement[Any]) -> ScalarSelect[Any]:
    return select(what).select_from(Claim).where(Claim.case_id == Case.id).correlate(Case).scalar_subquery()


def _row(row: Row[*tuple[Any, ...]], now: date) -> CaseRow:
    (
        ref, code, sequence, initials, surname, born, programme, team, started, calculated, income, vtlb, closed, stage, since,
        claims, stated, balance,
    ) = row  # fmt: skip
    told: list[Cents | None] = [*[0] * stated, *[None] * (claims - stated)]
    balances = rules.balance_state(since, told, now)
    return CaseRow(
        ref, f"{code}-{sequence}", rules.sorted_name(initials, surname), born, programme, team, started, calculated,
        claims, stated, int(balance or 0), max(0, income - vtlb), rules.status(stage, balances.state, calculated, closed, now),
        balances.closes_on,
    )  # fmt: skip
