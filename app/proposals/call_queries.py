"""Read whom the bank should call: per creditor (or the agent that acts for it) what waits, and which cases wait on it alone.

Waiting are notices that nobody answered, balances that were not stated and offers without an answer. Of what rests (art. 18 GDPR),
or whose clock stands still, nobody is called.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from app.access import Actor, Kind, Permission
from app.cases.balance_rules import BalanceAnswer
from app.cases.models import BalanceRequest, Case, Notice
from app.cases.pause_rules import NoticeState
from app.clock import today
from app.creditors.models import Contact, Organisation
from app.errors import NotFound
from app.proposals.lifecycle import BLOCKS_AGREEMENT, CAN_BE_ANSWERED, ProposalState, Visibility
from app.proposals.models import CreditorCall, Offer, Proposal

NOTICE, BALANCE, OFFER, BLOCK = "notice", "balance", "offer", "block"
KINDS = (NOTICE, BALANCE, OFFER)
PAGE = 50
ITEMS = 200  # shown of one party


@dataclass(frozen=True)
class CallQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    what: str = ""
    since: str = ""  # a day: not called on it or later
    after: str = ""

    @property
    def day(self) -> date | None:
        try:
            return date.fromisoformat(self.since)
        except ValueError:
            return None


@dataclass(frozen=True)
class CallRow:
    """One call that was made; `is_undone` when it was taken back."""

    id: int
    called_on: date
    by: str
    spoken_to: str
    note: str
    is_undone: bool


@dataclass(frozen=True)
class PartyRow:
    """A creditor or agent with what waits for it: numbers, since when, and the last call."""

    id: int
    name: str
    kind: Kind
    phone: str
    contact: str
    notices: int
    balances: int
    offers: int
    alone: int
    oldest: date
    call: CallRow | None = None

    @property
    def total(self) -> int:
        return self.notices + self.balances + self.offers


@dataclass(frozen=True)
class CallList:
    rows: list[PartyRow]
    query: CallQuery
    parties: int
    alone: int
    next_after: str


@dataclass(frozen=True)
class Item:
    """One thing that waits for a party: `is_alone` when its case waits on nobody else."""

    kind: str
    case_ref: str
    client: str
    creditor: str
    since: date
    is_alone: bool


@dataclass(frozen=True)
class ContactLine:
    name: str
    task: str
    phone: str
    email: str


@dataclass(frozen=True)
class PartyPage:
    """Everything for one call."""

    id: int
    code: int | None
    name: str
    kind: Kind
    phone: str
    email: str
    contacts: list[ContactLine]
    items: list[Item]
    calls: list[CallRow]
    today: date


# ── what waits ───────────────────────────────────────────────────────────────


def _waiting() -> CTE:
    """Return everything that waits as rows of kind, party, case, creditor and since when; `block` is in the way, but not of a call."""
    notices = _rows(Notice, literal(NOTICE), Notice.sent_on).where(
        Notice.state.in_([NoticeState.SENT, NoticeState.OTHER_AGENT]), Notice.ended_on.is_(None), Notice.pause_until >= today(),
        Notice.visibility == Visibility.VISIBLE,
    )  # fmt: skip
    balances = _rows(BalanceRequest, literal(BALANCE), BalanceRequest.sent_on).where(
        BalanceRequest.state == BalanceAnswer.OPEN, BalanceRequest.visibility == Visibility.VISIBLE
    )
    calls_for = and_(Offer.state.in_(CAN_BE_ANSWERED), Offer.paused_on.is_(None))
    offers = (
        _rows(Offer, case((calls_for, OFFER), else_=BLOCK), Offer.issued_on)
        .join(Proposal, Proposal.id == Offer.proposal_id)
        .where(Proposal.state == ProposalState.ISSUED, Offer.state.in_(BLOCKS_AGREEMENT), Offer.visibility == Visibility.VISIBLE)
    )
    return union_all(notices, balances, offers).cte("waiting")


def _rows(table: Any, kind: Any, since: Any) -> Select[Any]:
    party = func.coalesce(table.agent_id, table.creditor_id)
    columns = (kind.label("kind"), party.label("party_id"), table.case_id.label("case_id"), table.creditor_id.label("creditor_id"))
    return cast(Select[Any], select(*columns, since.label("since"))).join(Case, Case.id == table.case_id).where(Case.closed_on.is_(None))


def _alone(waiting: CTE) -> Any:
    """Return the cases that wait on one party alone, with that party: for its balance, or for its answer to a proposal."""
    holds = case((waiting.c.kind == BLOCK, OFFER), else_=waiting.c.kind).label("stage")
    staged = select(waiting.c.case_id, waiting.c.party_id, waiting.c.kind, holds).where(waiting.c.kind != NOTICE).subquery()
    hopeful = func.sum(case((staged.c.kind != BLOCK, 1), else_=0)) > 0
    alone = select(staged.c.case_id, staged.c.stage, func.min(staged.c.party_id).label("party_id"))
    one = func.count(staged.c.party_id.distinct()) == 1
    return alone.group_by(staged.c.case_id, staged.c.stage).having(one, hopeful).subquery()


# ── the list ─────────────────────────────────────────────────────────────────


def call_list(session: Session, actor: Actor, query: CallQuery, size: int = PAGE) -> CallList:
    """Return one page of whom to call: on whom most cases wait alone first, then by how much waits, then the longest waiting."""
    rows = all_parties(session, actor, query)
    places = [str(row.id) for row in rows]
    start = places.index(query.after) + 1 if query.after in places else 0
    shown = rows[start : start + size]
    more = len(rows) > start + size
    return CallList(shown, query, len(rows), sum(row.alone for row in rows), str(shown[-1].id) if more else "")


def all_parties(session: Session, actor: Actor, query: CallQuery) -> list[PartyRow]:
    """Return every row that the filters show. Raises NotFound for who settles nothing."""
    actor.must(Permission.SETTLE_PROPOSALS)
    rows = [_party(row) for row in session.execute(_parties(query))]
    calls = _last_calls(session)
    rows = [replace(row, call=calls.get(row.id)) for row in rows]
    if query.day is not None:
        rows = [row for row in rows if row.call is None or row.call.called_on < query.day]
    return _with_contacts(session, rows)


def _parties(query: CallQuery) -> Select[Any]:
    waiting = _waiting()
    alone = _alone(waiting)
    number = select(alone.c.party_id, func.count().label("number")).group_by(alone.c.party_id).subquery()
    sums = [func.sum(case((waiting.c.kind == kind, 1), else_=0)).label(kind) for kind in KINDS]
    counted = select(waiting.c.party_id, *sums, func.min(waiting.c.since).label("oldest")).where(waiting.c.kind != BLOCK)
    parties = counted.group_by(waiting.c.party_id).subquery()
    on_it = func.coalesce(number.c.number, 0)
    total = parties.c.notice + parties.c.balance + parties.c.offer
    found = (
        select(
            Organisation.id, Organisation.name, Organisation.kind, Organisation.phone, parties.c.notice, parties.c.balance,
            parties.c.offer, on_it.label("alone"), parties.c.oldest,
        )
        .join(parties, parties.c.party_id == Organisation.id)
        .outerjoin(number, number.c.party_id == Organisation.id)
        .order_by(on_it.desc(), total.desc(), parties.c.oldest, Organisation.name, Organisation.id)
    )  # fmt: skip
    if query.q:
        found = found.where(Organisation.name.icontains(query.q, autoescape=True))
    if query.what in KINDS:
        found = found.where(parties.c[query.what] > 0)
    return found


def _party(row: Any) -> PartyRow:
    return PartyRow(row[0], row[1], row[2], row[3], "", int(row[4]), int(row[5]), int(row[6]), int(row[7]), row[8])


def _with_contacts(session: Session, rows: list[PartyRow]) -> list[PartyRow]:
    """Add to each row whom to ask for, and that person's number where the organisation has none."""
    found = select(Contact.organisation_id, Contact.name, Contact.phone).where(_is_current(), Contact.phone != "")
    first: dict[int, tuple[str, str]] = {}
    for organisation_id, name, phone in session.execute(found.order_by(Contact.id)):
        first.setdefault(organisation_id, (name, phone))
    return [replace(row, contact=first[row.id][0], phone=first[row.id][1]) if row.id in first else row for row in rows]


def _is_current() -> ColumnElement[bool]:
    return Contact.ended_on.is_(None) | (Contact.ended_on > today())


def _last_calls(session: Session) -> dict[int, CallRow]:
    undone = select(CreditorCall.undoes_id).where(CreditorCall.undoes_id.is_not(None))
    stands = and_(CreditorCall.undoes_id.is_(None), CreditorCall.id.not_in(undone))
    newest = select(func.max(CreditorCall.id)).where(stands).group_by(CreditorCall.organisation_id)
    calls = session.scalars(select(CreditorCall).where(CreditorCall.id.in_(newest)).order_by(CreditorCall.id))
    return {call.organisation_id: _call(call, is_undone=False) for call in calls}


def _call(call: CreditorCall, *, is_undone: bool) -> CallRow:
    return CallRow(call.id, call.called_on, call.called_by, call.spoken_to, call.note, is_undone)


# ── one call ─────────────────────────────────────────────────────────────────


def party_page(session: Session, actor: Actor, organisation_id: int) -> PartyPage:
    """Return what one call is about: the numbers, what waits, and the calls before. Raises NotFound."""
    actor.must(Permission.SETTLE_PROPOSALS)
    found = select(Organisation).where(Organisation.id == organisation_id, Organisation.kind.in_([Kind.CREDITOR, Kind.AGENT]))
    party = session.scalar(found)
    if party is None:
        raise NotFound
    contacts = select(Contact).where(Contact.organisation_id == party.id, _is_current()).order_by(Contact.id)
    lines = [ContactLine(one.name, one.task, one.phone, one.email) for one in session.scalars(contacts)]
    return PartyPage(
        party.id, party.code, party.name, party.kind, party.phone, party.email, lines, _items(session, party.id),
        _calls(session, party.id), today(),
    )  # fmt: skip


def _items(session: Session, party_id: int) -> list[Item]:
    """Return what waits for a party: what holds a case up alone first, then the longest waiting."""
    waiting, creditor = _waiting(), aliased(Organisation)
    alone = _alone(waiting)
    same = and_(alone.c.case_id == waiting.c.case_id, alone.c.party_id == waiting.c.party_id, alone.c.stage == waiting.c.kind)
    is_alone = alone.c.case_id.is_not(None)
    found = (
        select(waiting.c.kind, Case.ref, Case.initials, Case.surname, creditor.name, waiting.c.since, is_alone)
        .join(Case, Case.id == waiting.c.case_id)
        .join(creditor, creditor.id == waiting.c.creditor_id)
        .outerjoin(alone, same)
        .where(waiting.c.party_id == party_id, waiting.c.kind != BLOCK)
        .order_by(case((is_alone, 0), else_=1), waiting.c.since, Case.id, waiting.c.kind, creditor.id)
        .limit(ITEMS)
    )
    return [Item(row[0], row[1], f"{row[2]} {row[3]}".strip(), row[4], row[5], bool(row[6])) for row in session.execute(found)]


def _calls(session: Session, organisation_id: int) -> list[CallRow]:
    mine = select(CreditorCall).where(CreditorCall.organisation_id == organisation_id)
    rows = list(session.scalars(mine.order_by(CreditorCall.id.desc())))
    undone = {row.undoes_id for row in rows if row.undoes_id is not None}
    return [_call(row, is_undone=row.id in undone) for row in rows if row.undoes_id is None]


# ── who has not answered, case by case ───────────────────────────────────────


@dataclass(frozen=True)
class CaseWait:
    """A case with the parties whose balance (or confirmation) is not there."""

    case_ref: str
    client: str
    oldest: date
    parties: tuple[PartyRow, ...]


@dataclass(frozen=True)
class CaseWaits:
    rows: list[CaseWait]
    next_page: int | None


def case_waits(session: Session, actor: Actor, kind: str, page: int, size: int = 20) -> CaseWaits:
    """Return the cases in which balances (or confirmations of a notice) are not there: those that miss one party first."""
    actor.must(Permission.SETTLE_PROPOSALS)
    waiting = _waiting()
    mine = select(waiting.c.case_id, waiting.c.party_id, waiting.c.since).where(waiting.c.kind == kind).subquery()
    counts = (func.count(mine.c.party_id.distinct()).label("missing"), func.min(mine.c.since).label("oldest"))
    per_case = select(mine.c.case_id, *counts).group_by(mine.c.case_id).subquery()
    found = (
        select(Case.id, Case.ref, Case.initials, Case.surname, per_case.c.oldest)
        .join(per_case, per_case.c.case_id == Case.id)
        .order_by(per_case.c.missing, per_case.c.oldest, Case.id)
        .offset(page * size)
        .limit(size + 1)
    )
    cases = session.execute(found).all()
    parties = _parties_of(session, mine, [row[0] for row in cases[:size]])
    rows = [CaseWait(row[1], f"{row[2]} {row[3]}".strip(), row[4], tuple(parties[row[0]])) for row in cases[:size]]
    return CaseWaits(rows, page + 1 if len(cases) > size else None)


def _parties_of(session: Session, mine: Any, ids: list[int]) -> dict[int, list[PartyRow]]:
    columns = (mine.c.case_id, Organisation.id, Organisation.name, Organisation.kind, Organisation.phone, func.min(mine.c.since))
    found = select(*columns).join(Organisation, Organisation.id == mine.c.party_id).where(mine.c.case_id.in_(ids))
    grouped = found.group_by(*columns[:5]).order_by(Organisation.name, Organisation.id)
    parties: dict[int, list[PartyRow]] = {id_: [] for id_ in ids}
    for row in session.execute(grouped):
        parties[row[0]].append(PartyRow(row[1], row[2], row[3], row[4], "", 0, 0, 0, 0, row[5]))
    return parties
