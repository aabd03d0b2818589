"""Read cases. Loading a row is the access check: a case that the actor may not see is NotFound."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, exists, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, selectinload

from app.access import Actor, Kind, Permission
from app.audit.models import Event
from app.cases import rules
from app.cases.models import Case, Claim
from app.cases.rules import Rank, Status
from app.clock import today
from app.creditors.models import Organisation
from app.db import blind_index
from app.errors import NotFound
from app.exchange.uploads import typed
from app.money import Cents

BANK_KEY = re.compile(r"(\d{1,9})-(\d{1,9})")  # RelatieCode-Volgnummer


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


@dataclass(frozen=True)
class ClaimRow:
    id: int
    number: int
    creditor: str
    creditor_code: int | None
    agent: str
    reference: str
    rank: Rank
    reported_cents: Cents
    stated_cents: Cents | None
    stated_on: date | None
    balance_cents: Cents
    security_cents: Cents
    fraud: bool
    revision: int


@dataclass(frozen=True)
class RankGroup:
    """The claims of one rank with their sums."""

    rank: Rank
    claims: list[ClaimRow]
    reported_cents: Cents
    balance_cents: Cents


@dataclass(frozen=True)
class HistoryChange:
    """One field that changed: of the case itself, or of the claim with this number."""

    field: str
    old: Any
    new: Any
    claim: str = ""


@dataclass(frozen=True)
class HistoryRow:
    at: datetime
    actor: str
    action: str
    changes: list[HistoryChange]


@dataclass(frozen=True)
class CaseFacts:
    """The case itself, as every page about it shows it in its head."""

    ref: str
    bank_key: str
    name: str
    initials: str
    given_name: str
    surname: str
    birth_date: date
    street: str
    house_number: str
    postcode: str
    city: str
    household: str
    children: int
    entrepreneur: bool | None
    programme: str
    team: str
    started_on: date
    calculated_on: date
    income_cents: Cents
    vtlb_cents: Cents
    extra_cents: Cents
    capacity_cents: Cents
    settlement_known: bool
    last_settlement_on: date | None
    days: int
    status: Status
    balances: rules.BalanceState
    figures_are_old: bool
    balance_cents: Cents
    reported_cents: Cents
    creditors: int
    revision: int


@dataclass(frozen=True)
class CasePage:
    case: CaseFacts
    groups: list[RankGroup]
    history: list[HistoryRow]
    may_edit: bool
    may_draft: bool


# ── one case ─────────────────────────────────────────────────────────────────


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Narrow cases to those that the actor may see: a neighbourhood team its own, others with the permission all."""
    if actor.kind is Kind.NEIGHBOURHOOD_TEAM:
        return and_(Case.team != "", func.lower(Case.team) == actor.organisation_name.lower())
    return true()


def visible_case(session: Session, actor: Actor, ref: str) -> Case:
    """Return a case with its claims by its reference or by RelatieCode-Volgnummer. Raises NotFound, also for another team's case."""
    actor.must(Permission.READ_CASES)
    bank_key = BANK_KEY.fullmatch(ref)
    where = _bank_key(bank_key) if bank_key else Case.ref == ref
    case = session.scalar(select(Case).where(where, visible_to(actor)).options(selectinload(Case.claims).joinedload(Claim.creditor)))
    if case is None:
        raise NotFound
    return case


def _bank_key(found: re.Match[str]) -> ColumnElement[bool]:
    return and_(Case.relation_code == int(found[1]), Case.sequence == int(found[2]))


def case_page(session: Session, actor: Actor, ref: str) -> CasePage:
    """Return everything that the page of a case shows."""
    case = visible_case(session, actor, ref)
    agents = _names(session, {id_ for claim in case.claims for id_ in (claim.agent_id, claim.bailiff_id) if id_})
    claims = [_claim(claim, agents) for claim in case.claims]
    groups = [_group(rank, [claim for claim in claims if claim.rank is rank]) for rank in Rank]
    history = _history(session, f"case/{case.ref}")
    return CasePage(
        facts(case), [group for group in groups if group.claims], history,
        actor.may(Permission.EDIT_CASES), actor.may(Permission.DRAFT_PROPOSALS),
    )  # fmt: skip


def facts(case: Case) -> CaseFacts:
    """Return what the head of every page about a case shows; the claims are loaded."""
    now = today()
    balances = rules.balance_state(case.started_on, [claim.stated_cents for claim in case.claims], now)
    return CaseFacts(
        ref=case.ref, bank_key=f"{case.relation_code}-{case.sequence}", name=_name(case.initials, case.surname),
        initials=case.initials, given_name=case.given_name, surname=case.surname, birth_date=case.birth_date,
        street=case.street, house_number=case.house_number, postcode=case.postcode, city=case.city,
        household=case.household, children=case.children, entrepreneur=case.entrepreneur, programme=case.programme, team=case.team,
        started_on=case.started_on, calculated_on=case.calculated_on,
        income_cents=case.income_cents, vtlb_cents=case.vtlb_cents, extra_cents=case.extra_cents,
        capacity_cents=max(0, case.income_cents - case.vtlb_cents),
        settlement_known=case.settlement_known, last_settlement_on=case.last_settlement_on,
        days=(now - case.started_on).days, status=rules.status(balances.state, case.calculated_on, case.closed_on, now),
        balances=balances, figures_are_old=case.calculated_on < rules.oldest_figures(now),
        balance_cents=sum(claim.balance_cents for claim in case.claims), reported_cents=sum(claim.reported_cents for claim in case.claims),
        creditors=len({claim.creditor_id for claim in case.claims}), revision=case.revision,
    )  # fmt: skip


def _name(initials: str, surname: str) -> str:
    return f"{initials} {surname}".strip()


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    found = session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids)).order_by(Organisation.id))
    return {row.id: row.name for row in found}


def _claim(claim: Claim, agents: dict[int, str]) -> ClaimRow:
    agent = agents.get(claim.agent_id or claim.bailiff_id or 0, "")
    return ClaimRow(
        claim.id, claim.number, claim.creditor.name, claim.creditor.code, agent, claim.reference, claim.rank, claim.reported_cents,
        claim.stated_cents, claim.stated_on, claim.balance_cents, claim.security_cents, claim.fraud, claim.revision,
    )  # fmt: skip


def _group(rank: Rank, claims: list[ClaimRow]) -> RankGroup:
    largest_first = sorted(claims, key=lambda claim: (-claim.balance_cents, claim.number))
    return RankGroup(rank, largest_first, sum(c.reported_cents for c in claims), sum(c.balance_cents for c in claims))


def _history(session: Session, subject: str) -> list[HistoryRow]:
    """Return what happened to a case, newest first, without the times it was only looked at."""
    found = session.scalars(
        select(Event).where(Event.subject == subject, Event.action != "cases:open").order_by(Event.sequence.desc()).limit(50)
    )
    return [HistoryRow(event.at, event.actor, event.action, _changes(event.changes)) for event in found]


def _changes(kept: str) -> list[HistoryChange]:
    changes = []
    for name, (old, new) in json.loads(kept).items():
        claim, field = name.split(" ", 2)[1:] if name.startswith("claim ") else ("", name)
        changes.append(HistoryChange(field, typed(field, old), typed(field, new), claim))
    return changes


# ── the list ─────────────────────────────────────────────────────────────────

_claims = select(Claim.case_id).where(Claim.case_id == Case.id)
_HAS_OPEN = or_(exists(_claims.where(Claim.stated_cents.is_(None))), ~exists(_claims))
_ORDER = {
    "started": (Case.started_on, Case.id),
    "figures": (Case.calculated_on, Case.id),
    "bank": (Case.relation_code, Case.sequence),
}


def case_list(session: Session, actor: Actor, query: ListQuery, size: int = 50) -> CaseList:
    """Return one page of the cases that the actor may see, with the counts per status of all that fit the other filters."""
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


def open_count(session: Session, actor: Actor) -> int:
    """Return how many cases are ready for a calculation, for the menu."""
    return _count(session, _found(actor, ListQuery()).where(_in(Status.READY)))


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
        return _bank_key(found)
    options = [Case.surname_index == blind_index(q), Case.ref == q.upper(), exists(_claims.where(Claim.reference == q))]
    if q.isascii() and q.isdigit() and len(q) < 10:
        options.append(Case.relation_code == int(q))
    if q.isdigit() and len(q) == 9:
        options.append(Case.bsn_index == blind_index(q))
    return or_(*options)


def _in(status: Status) -> ColumnElement[bool]:
    """Say in SQL what `rules.status` says of one case."""
    now = today()
    open_round = and_(Case.started_on > rules.last_closed_start(now), _HAS_OPEN)
    old = Case.calculated_on < rules.oldest_figures(now)
    running = Case.closed_on.is_(None)
    return {
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
        Case.started_on, Case.calculated_on, Case.income_cents, Case.vtlb_cents, Case.closed_on,
    )  # fmt: skip
    now = today()
    for row in session.execute(found.with_only_columns(*columns, *sums), execution_options={"yield_per": 500}):
        yield _row(row, now)


def _of_claims(what: ColumnElement[Any]) -> ScalarSelect[Any]:
    return select(what).select_from(Claim).where(Claim.case_id == Case.id).correlate(Case).scalar_subquery()


def _row(row: Row[*tuple[Any, ...]], now: date) -> CaseRow:
    ref, code, sequence, initials, surname, born, programme, team, started, calculated, income, vtlb, closed, claims, stated, balance = row
    told: list[Cents | None] = [*[0] * stated, *[None] * (claims - stated)]
    balances = rules.balance_state(started, told, now)
    return CaseRow(
        ref, f"{code}-{sequence}", f"{surname}, {initials}" if initials else surname, born, programme, team, started, calculated,
        claims, stated, int(balance or 0), max(0, income - vtlb), rules.status(balances.state, calculated, closed, now), balances.closes_on,
    )  # fmt: skip
