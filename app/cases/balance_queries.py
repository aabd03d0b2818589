"""Read balance requests: the list of a creditor, an agent or the bank, and one request. Somebody else's is NotFound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.access import Actor, Kind, Permission
from app.audit.queries import did_today
from app.cases.asked import creditors_to_choose, mandated_agents, of_creditor, organisation_names
from app.cases.balance_access import visible_to
from app.cases.balance_rules import BalanceAnswer, Correction, Ground, Obstacle, is_late
from app.cases.models import BalanceRequest, BalanceStatement, Case, Claim
from app.cases.rules import AnsweredBy, Rank, sorted_name, typed_surname
from app.clock import today
from app.creditors.models import Organisation
from app.documents.queries import DocumentRow, documents_about
from app.errors import NotFound
from app.money import Cents
from app.sealing import blind_indexes

STATUSES: dict[str, tuple[BalanceAnswer, ...]] = {
    "open": (BalanceAnswer.OPEN,),
    "stated": (BalanceAnswer.STATED,),
    "none": (BalanceAnswer.NO_COOPERATION,),
    "closed": (BalanceAnswer.NOT_STATED,),
    "decide": tuple(BalanceAnswer),  # those with a statement that waits for an officer
    "all": tuple(BalanceAnswer),
}
DUES = ("late", "today", "week", "later")
SORTS: dict[str, tuple[Any, bool]] = {  # what stands on top, and whether the highest does
    "due": (BalanceRequest.answer_by, False),
    "last": (BalanceRequest.answer_by, True),
    "claim": (Claim.reported_cents, True),
}


@dataclass(frozen=True)
class BalanceQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    due: str = ""
    creditor: str = ""  # the code of one creditor, in an agent's list
    sort: str = ""
    after: str = ""

    @property
    def shown(self) -> str:
        """Return the status that is shown: the chosen one; a search looks in all of them, else what waits for an answer."""
        return self.status if self.status in STATUSES else "all" if self.q else "open"

    @property
    def order(self) -> str:
        return self.sort if self.sort in SORTS else "due"


@dataclass(frozen=True)
class BalanceRow:
    """One request as the list shows it."""

    ref: str
    client: str
    creditor: str
    agent: str
    reference: str
    reported_cents: Cents
    stated_cents: Cents | None
    state: BalanceAnswer
    answer_by: date
    closes_on: date
    days_left: int
    case_ref: str


@dataclass(frozen=True)
class Counts:
    """How many requests wait, by their last day."""

    late: int
    today: int
    week: int
    later: int

    @property
    def open(self) -> int:
        return self.late + self.today + self.week + self.later


@dataclass(frozen=True)
class BalanceList:
    rows: list[BalanceRow]
    query: BalanceQuery
    counts: Counts
    next_after: str
    with_creditor: bool
    may_state: bool
    deciding: int = 0  # requests with a statement that waits for an officer
    creditors: Sequence[tuple[str, str]] = ()  # of an agent, to choose one from


@dataclass(frozen=True)
class StatementRow:
    """One statement as pages show it; amounts are None where the creditor does not cooperate."""

    id: int
    at: datetime
    who: str
    organisation: str
    by: AnsweredBy
    late: bool
    principal_cents: Cents | None
    interest_cents: Cents | None
    costs_cents: Cents | None
    total_cents: Cents | None
    allowed_cents: Cents | None
    notice_on: date | None
    reference: str
    rank: Rank | None
    agent: str
    obstacle: Obstacle | None
    ground: Ground | None
    explanation: str
    correction: Correction | None
    decided_at: datetime | None
    decided_by: str
    refusal: str

    @property
    def excess_cents(self) -> Cents:
        """Return how much of the costs lies above the statutory scale."""
        return max(0, (self.costs_cents or 0) - (self.allowed_cents or 0))


@dataclass(frozen=True)
class BalancePage:
    """Everything that the page of one request shows."""

    ref: str
    case_ref: str
    revision: int
    state: BalanceAnswer
    name: str
    birth_date: date
    address: str
    creditor: str
    agent: str
    agent_id: int | None
    reference: str
    rank: Rank
    reported_cents: Cents
    stated_cents: Cents | None
    stated_on: date | None
    stated_by: str
    sent_on: date
    answer_by: date
    remind_on: tuple[date, ...]
    closes_on: date
    statements: list[StatementRow]
    draft: dict[str, Any]
    agents: list[tuple[int, str]]
    documents: list[DocumentRow]
    may_state: bool
    is_late: bool
    was_opened_today: bool
    names_agent: bool = True  # an agent does not say who acts in its creditor's name


# ── the list ─────────────────────────────────────────────────────────────────


def balance_list(session: Session, actor: Actor, query: BalanceQuery, size: int = 50) -> BalanceList:
    """Return one page of the list. Raises NotFound without the permission, or after a request that is not the actor's."""
    actor.must(Permission.READ_BALANCES)
    found = list(_rows(session, _after(session, actor, _ordered(_found(actor, query), query), query).limit(size + 1)))
    next_after = found[size - 1].ref if len(found) > size else ""
    return BalanceList(
        found[:size], query, counts(session, actor, query.creditor), next_after, actor.kind is not Kind.CREDITOR,
        actor.may(Permission.STATE_BALANCES), deciding(session, actor),
        creditors_to_choose(session, actor, BalanceRequest, visible_to(actor), BalanceRequest.state == BalanceAnswer.OPEN),
    )  # fmt: skip


def all_rows(session: Session, actor: Actor, query: BalanceQuery) -> Iterator[BalanceRow]:
    """Yield every row that the filters show, for a file."""
    actor.must(Permission.READ_BALANCES)
    return _rows(session, _ordered(_found(actor, query), query))


def counts(session: Session, actor: Actor, creditor: str = "") -> Counts:
    """Count what waits for an answer, of all or of the creditor with this code, by its last day."""
    numbers = [func.count().filter(_due(name)) for name in DUES]
    waiting = (visible_to(actor), BalanceRequest.state == BalanceAnswer.OPEN, of_creditor(BalanceRequest, creditor))
    row = session.execute(select(*numbers).where(*waiting)).one()
    return Counts(*(int(number) for number in row))


def open_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts what waits, for the menu: for an answer of the creditor's people, for a decision of the bank's."""
    if actor.may(Permission.ASK_BALANCES):
        return _deciding(actor)
    if not actor.may(Permission.STATE_BALANCES):
        return None
    return select(func.count()).where(visible_to(actor), BalanceRequest.state == BalanceAnswer.OPEN)


def deciding(session: Session, actor: Actor) -> int:
    """Count the requests with a statement that waits for an officer."""
    return session.scalar(_deciding(actor)) or 0


def _deciding(actor: Actor) -> Select[Any]:
    return select(func.count()).select_from(BalanceRequest).where(visible_to(actor), _WAITS_FOR_OFFICER)


def next_open(session: Session, actor: Actor) -> str:
    """Return the request that waits longest, or nothing."""
    waiting = select(BalanceRequest.ref).where(visible_to(actor), BalanceRequest.state == BalanceAnswer.OPEN)
    return session.scalar(waiting.order_by(BalanceRequest.answer_by, BalanceRequest.id).limit(1)) or ""


def _found(actor: Actor, query: BalanceQuery) -> Select[Any]:
    found = select(BalanceRequest.id).join(Claim, Claim.id == BalanceRequest.claim_id).join(Case, Case.id == BalanceRequest.case_id)
    found = found.where(visible_to(actor), BalanceRequest.state.in_(STATUSES[query.shown]), of_creditor(BalanceRequest, query.creditor))
    if query.shown == "decide":
        found = found.where(_WAITS_FOR_OFFICER)
    if query.q:
        found = found.where(_matches(query.q))
    if query.due in DUES:
        found = found.where(_due(query.due))
    return found


_WAITS_FOR_OFFICER = exists().where(BalanceStatement.request_id == BalanceRequest.id, BalanceStatement.correction == Correction.WAITS)


def _matches(q: str) -> ColumnElement[bool]:
    """Find a request by the client's whole surname (blind index), by its own reference, the creditor's, or the case's."""
    surname = BalanceRequest.surname_index.in_(blind_indexes(typed_surname(q)))
    return or_(surname, BalanceRequest.ref == q.upper(), BalanceRequest.reference.in_({q, q.upper()}), Case.ref == q.upper())


def _due(due: str) -> ColumnElement[bool]:
    day = today()
    sunday = day + timedelta(days=7 - day.isoweekday())
    column = BalanceRequest.answer_by
    return {"late": column < day, "today": column == day, "week": and_(column > day, column <= sunday), "later": column > sunday}[due]


def _ordered(found: Select[Any], query: BalanceQuery) -> Select[Any]:
    column, highest_first = SORTS[query.order]
    return found.order_by(column.desc(), BalanceRequest.id.desc()) if highest_first else found.order_by(column, BalanceRequest.id)


def _after(session: Session, actor: Actor, found: Select[Any], query: BalanceQuery) -> Select[Any]:
    """Let a page begin after the last row of the one before. Raises NotFound when that is not the actor's."""
    if not query.after:
        return found
    column, highest_first = SORTS[query.order]
    place = select(column, BalanceRequest.id).join(Claim, Claim.id == BalanceRequest.claim_id)
    key = session.execute(place.where(BalanceRequest.ref == query.after, visible_to(actor))).one_or_none()
    if key is None:
        raise NotFound
    here = tuple_(column, BalanceRequest.id)
    return found.where(here < tuple_(*key) if highest_first else here > tuple_(*key))


def _rows(session: Session, found: Select[Any]) -> Iterator[BalanceRow]:
    agent, creditor = aliased(Organisation), aliased(Organisation)
    columns = (
        BalanceRequest.ref, Case.initials, Case.surname, creditor.name, agent.name, BalanceRequest.reference, Claim.reported_cents,
        Claim.stated_cents, BalanceRequest.state, BalanceRequest.answer_by, BalanceRequest.closes_on, Case.ref,
    )  # fmt: skip
    shown = (
        found.with_only_columns(*columns)
        .join(creditor, creditor.id == BalanceRequest.creditor_id)
        .outerjoin(agent, agent.id == BalanceRequest.agent_id)
    )
    day = today()
    for row in session.execute(shown, execution_options={"yield_per": 500}):
        yield _row(row, day)


def _row(row: Any, day: date) -> BalanceRow:
    ref, initials, surname, creditor, agent, reference, reported, stated, state, answer_by, closes_on, case_ref = row
    name = sorted_name(initials, surname)
    left = (answer_by - day).days
    return BalanceRow(ref, name, creditor, agent or "", reference, reported, stated, state, answer_by, closes_on, left, case_ref)


# ── one request ──────────────────────────────────────────────────────────────


def visible_request(session: Session, actor: Actor, ref: str) -> BalanceRequest:
    """Return the request with this reference. Raises NotFound when it is missing or not the actor's to see."""
    actor.must(Permission.READ_BALANCES)
    found = select(BalanceRequest).where(BalanceRequest.ref == ref, visible_to(actor))
    request = session.scalar(found) if ref.isprintable() else None
    if request is None:
        raise NotFound
    return request


def balance_page(session: Session, actor: Actor, ref: str) -> BalancePage:
    """Return the page of a request. Raises NotFound when it is missing or somebody else's."""
    request = visible_request(session, actor, ref)
    case = session.get_one(Case, request.case_id)
    claim = session.scalar(select(Claim).where(Claim.id == request.claim_id))
    if claim is None:  # on PostgreSQL an agent does not see a claim that went to another
        raise NotFound
    names = organisation_names(session, {request.creditor_id, request.agent_id})
    may_state = actor.may(Permission.STATE_BALANCES) and case.closed_on is None
    return BalancePage(
        request.ref, case.ref, request.revision, request.state, f"{case.initials} {case.surname}".strip(), case.birth_date,
        f"{case.street} {case.house_number}, {case.postcode} {case.city}", names[request.creditor_id],
        names.get(request.agent_id or 0, ""), request.agent_id, request.reference, claim.rank, claim.reported_cents, claim.stated_cents,
        claim.stated_on, claim.stated_by or "", request.sent_on, request.answer_by,
        tuple(date.fromisoformat(day) for day in request.remind_on), request.closes_on,
        statements_of(session, BalanceStatement.request_id == request.id), request.draft or {},
        mandated_agents(session, request.creditor_id), documents_about(session, request.ref), may_state,
        is_late(request.closes_on, request.state, today()),
        actor.person_id is not None and did_today(session, actor, "balances:open", f"balance/{request.ref}"),
        actor.kind is not Kind.AGENT,
    )  # fmt: skip


def statements_of(session: Session, of: ColumnElement[bool]) -> list[StatementRow]:
    """Return statements, newest first."""
    found = select(BalanceStatement, Organisation.name).outerjoin(Organisation, Organisation.id == BalanceStatement.agent_id).where(of)
    return [
        StatementRow(
            s.id, s.at, s.who, s.organisation, s.by, s.late, s.principal_cents, s.interest_cents, s.costs_cents, s.total_cents,
            s.allowed_cents, s.notice_on, s.reference, s.rank, agent or "", s.obstacle, s.ground, s.explanation, s.correction,
            s.decided_at, s.decided_by or "", s.refusal,
        )
        for s, agent in session.execute(found.order_by(BalanceStatement.id.desc()))
    ]  # fmt: skip
