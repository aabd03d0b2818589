"""Read one offer for its page: the claim, the sum and how it was divided, the terms, the comparison with a consent, the history.

Of the other creditors it tells what a proposal must tell: how many, what they are owed together, what each rank gets. Never who.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, String, bindparam, case, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission, Role
from app.accounts.queries import colleagues_of
from app.cases.models import Case, Claim
from app.cases.rules import Rank
from app.clock import local, today
from app.consents.queries import AssessmentPage, assessment_of
from app.consents.rules import Product
from app.creditors.models import Organisation
from app.deadlines import working_days_between
from app.documents.models import Document
from app.documents.queries import DocumentRow, documents_about, genuine
from app.errors import NotFound
from app.money import Cents, percentage
from app.proposals.inbox_queries import Neighbours, neighbours
from app.proposals.lifecycle import CAN_BE_ANSWERED, RUNNING, AnsweredBy, OfferState, ProposalState, RejectReason, Visibility
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.offer_access import Scope, parameters, scope_of, seen_by
from app.proposals.others_queries import others_of
from app.proposals.others_rules import OthersAgreed

# columns of tables, not of classes: no objects are made of what a page shows
_O: Any = Offer.__table__.c
_P: Any = Proposal.__table__.c
_C: Any = Case.__table__.c
_V: Any = Claim.__table__.c
_N: Any = Organisation.__table__.c


@dataclass(frozen=True)
class Client:
    """What a creditor needs to recognise its debtor; no citizen service number."""

    name: str
    birth_date: date
    address: str


@dataclass(frozen=True)
class Group:
    """Some claims together: `preferential` or `concurrent` of others, or the `own`; shares are of the whole, in per cent."""

    kind: str
    count: int
    claims_cents: Cents
    percentage: str
    payment_cents: Cents
    claims_share: str
    payment_share: str


@dataclass(frozen=True)
class Division:
    """How the sum is divided over everybody; the parts add up to the whole."""

    groups: tuple[Group, ...]
    count: int
    claims_cents: Cents
    payment_cents: Cents
    capacity_cents: Cents


@dataclass(frozen=True)
class Happening:
    """One line of the history."""

    at: datetime
    what: str
    who: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Given:
    """The answer that was given."""

    state: OfferState
    at: datetime
    by: AnsweredBy
    who: str
    is_late: bool
    reason: RejectReason | None
    words: str
    other_balance_cents: Cents | None
    agent: str = ""  # for which that person answered, in the creditor's name
    creditor: str = ""


@dataclass(frozen=True)
class OfferPage:
    ref: str
    case_ref: str
    revision: int
    state: OfferState
    proposal: ProposalState
    end_reason: str
    client: Client
    creditor: str
    agent: str
    reference: str
    product: Product
    months: int
    rank: Rank
    balance_cents: Cents
    takes_part_cents: Cents
    stated_on: date | None
    payment_cents: Cents
    percentage: str
    issued_on: date
    answer_by: date
    working_days_left: int
    terms: tuple[tuple[date, str, str], ...]  # a day, what happens then, and whether it is done, now or to come
    division: Division
    assessment: AssessmentPage | None
    others: OthersAgreed | None
    given: Given | None
    draft: dict[str, Any]
    documents: list[DocumentRow]
    history: list[Happening]
    was_opened_today: bool
    can_answer: bool
    neighbours: Neighbours | None
    assigned_id: int | None
    paused_on: date | None
    can_take_back: bool  # from the agent that acts
    team: tuple[tuple[int, str], ...]  # the colleagues whose work an offer that waits can become

    @property
    def is_zero(self) -> bool:
        return self.product is Product.ZERO_OFFER

    @property
    def question(self) -> Happening | None:
        """Return what the bank said when it asked once more."""
        return next((one for one in self.history if one.what == "asked again"), None)

    @property
    def pause_reason(self) -> str:
        """Return why its clock stands still."""
        return next((str(one.facts.get("reason", "")) for one in self.history if one.what == "clock stopped"), "")


def offer_page(session: Session, actor: Actor, ref: str) -> OfferPage:
    """Return the page of an offer. Raises NotFound when it is missing or somebody else's."""
    actor.must(Permission.READ_OFFERS)
    row = _loaded(session, actor, ref)
    events = [Happening(*one) for one in session.connection().execute(_events_statement(), {"offer": row.id})]
    answers = actor.may(Permission.ANSWER_OFFERS)
    can_answer = answers and row.proposal_state is ProposalState.ISSUED and row.state in CAN_BE_ANSWERED
    by = _last_day(row)
    return OfferPage(
        row.ref, row.case_ref, row.revision, row.state, row.proposal_state, row.end_reason or "",
        Client(f"{row.initials} {row.surname}", row.birth_date, f"{row.street} {row.house_number}, {row.postcode} {row.city}"),
        row.creditor, row.agent or "", row.reference, row.product, row.months, row.rank, row.balance_cents, row.takes_part_cents,
        row.stated_on, row.payment_cents, row.percentage, row.issued_on, by, working_days_between(today(), by), tuple(_terms(row)),
        division(row.worked, str(row.number)), assessment_of(session, row.ref), others_of(session, row.proposal_id, row.creditor_id),
        _given(row), row.draft or {}, documents_about(session, row.ref), events, any(_is_opening(one, actor) for one in events),
        can_answer,
        neighbours(session, actor, row.answer_by, row.id) if answers else None, row.assigned_id, row.paused_on,
        _can_take_back(actor, row), tuple(colleagues_of(session, actor)) if can_answer else (),
    )  # fmt: skip


def _can_take_back(actor: Actor, row: Any) -> bool:
    runs = row.proposal_state is ProposalState.ISSUED and row.state in RUNNING
    return runs and row.agent is not None and actor.kind is Kind.CREDITOR and actor.may(Permission.ANSWER_OFFERS)


def _loaded(session: Session, actor: Actor, ref: str) -> Row[Any]:
    """Return the columns of an offer, its proposal, case and claim that the page needs. Raises NotFound."""
    values = parameters(actor) | {"ref": ref}
    row = session.connection().execute(_offer_statement(scope_of(actor)), values).one_or_none() if ref.isprintable() else None
    if row is None:
        raise NotFound
    return row


@cache
def _offer_statement(scope: Scope) -> Select[Any]:
    """Make the statement once."""
    agent, answered = Organisation.__table__.alias(), Organisation.__table__.alias()
    columns = (
        _O.id, _O.proposal_id, _O.creditor_id, _O.ref, _O.revision, _O.state, _O.reference, _O.product, _O.rank, _O.balance_cents,
        _O.takes_part_cents,
        _O.payment_cents, _O.percentage, _O.issued_on, _O.answer_by, _O.closes_on, _O.reconsider_by, _O.answered_at, _O.answered_by,
        _O.answerer, _O.late, _O.reject_reason, _O.words, _O.other_balance_cents, _O.draft, _O.assigned_id, _O.paused_on,
        _O.remind_on.label("own_remind_on"),
        _P.state.label("proposal_state"),
        _P.end_reason, _P.months, _P.worked, _P.answer_by.label("first_answer_by"), _P.remind_on, _C.ref.label("case_ref"), _C.initials,
        _C.surname, _C.birth_date, _C.street, _C.house_number, _C.postcode, _C.city, _V.number, _V.stated_on, _N.name.label("creditor"),
        agent.c.name.label("agent"), answered.c.name.label("answered_agent"),
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(Offer.__table__)
        .join(Proposal.__table__, _P.id == _O.proposal_id)
        .join(Case.__table__, _C.id == _O.case_id)
        .join(Claim.__table__, _V.id == _O.claim_id)
        .join(Organisation.__table__, _N.id == _O.creditor_id)
        .outerjoin(agent, agent.c.id == _O.agent_id)
        .outerjoin(answered, answered.c.id == _O.answered_agent_id)
        .where(_O.ref == bindparam("ref", type_=String), seen_by(scope))
    )


@cache
def _events_statement() -> Select[Any]:
    events: Any = OfferEvent.__table__.c
    newest_first = select(events.at, events.what, events.who, events.facts).order_by(events.id.desc()).limit(200)
    return newest_first.where(events.offer_id == bindparam("offer", type_=Integer))


def _last_day(row: Any) -> date:
    """Return the day by which an answer is expected: its own when the bank asked once more."""
    day: date = row.reconsider_by if row.state is OfferState.ASKED_AGAIN and row.reconsider_by else row.answer_by
    return day


def _given(row: Any) -> Given | None:
    if row.answered_at is None or row.answered_by is None or row.state in CAN_BE_ANSWERED:
        return None
    return Given(
        row.state, row.answered_at, row.answered_by, row.answerer or "", row.late, row.reject_reason, row.words, row.other_balance_cents,
        row.answered_agent or "", row.creditor,
    )  # fmt: skip


def _is_opening(one: Happening, actor: Actor) -> bool:
    mine = one.what == "opened" and one.facts.get("person") == actor.person_id and one.who == actor.name
    return mine and local(one.at).date() == today()


# ── without an account ───────────────────────────────────────────────────────


@dataclass(frozen=True)
class Letter:
    """What anybody may know of a letter that is ours: no names."""

    ref: str
    kind: str
    written_on: date
    payment_cents: Cents | None


def letter_of(session: Session, ref: str) -> Letter | None:
    """Return what may be known of the letter about an offer, or None when no letter was written about it.

    It is genuine although its case rests (art. 18 GDPR); the sum is a fact of the case, and rests with it.
    """
    if not ref.isprintable():
        return None
    found = (
        select(
            Document.kind, Document.created_at, case((Offer.visibility == Visibility.VISIBLE, Offer.payment_cents)).label("payment_cents")
        )
        .join(Offer, Offer.ref == Document.subject_ref)
        .where(Document.subject_ref == ref, Document.kind == "offer letter")
        .order_by(Document.id.desc())
        .limit(1)
    )
    row = session.execute(found).one_or_none()
    return Letter(ref, row.kind, local(row.created_at).date(), row.payment_cents) if row else _balance_letter(session, ref)


def _balance_letter(session: Session, ref: str) -> Letter | None:
    """Return what may be known of the letter that asks for a balance: it offers no sum."""
    known = select(Document.kind, Document.created_at).where(Document.subject_ref == ref, Document.kind == "balance letter")
    row = session.execute(known.order_by(Document.id.desc()).limit(1)).one_or_none()
    return Letter(ref, row.kind, local(row.created_at).date(), None) if row else None


def letter_with(session: Session, content: bytes) -> Letter | None:
    """Return what may be known of a file, when the portal wrote exactly these bytes."""
    known = genuine(session, content)
    return Letter(known.subject_ref, known.kind, local(known.created_at).date(), None) if known else None


def code_holder(session: Session, ref: str, index: str, name: str, origin: str) -> Actor:
    """Return who acts with the code of an offer: by the name it gives, for the creditor of that offer.

    Raises NotFound, also when the code with this index is the offer's no longer.
    """
    theirs = select(Organisation).join(Offer, Offer.creditor_id == Organisation.id)
    creditor = session.scalar(theirs.where(Offer.ref == ref, Offer.code_index == bytes.fromhex(index)))
    if creditor is None:
        raise NotFound
    roles = frozenset({Role.CREDITOR_WORKER})
    return Actor(name.strip()[:200], roles, Kind.CREDITOR, creditor.id, creditor.name, None, f"by code {origin}"[:200])


# ── terms ────────────────────────────────────────────────────────────────────


def _terms(row: Any) -> Iterator[tuple[date, str, str]]:
    """Yield the days of an offer in their order, today among them while it waits."""
    moved = row.own_remind_on is not None  # its clock has stood still: its days are its own
    first = row.answer_by if moved and row.reconsider_by is None else row.first_answer_by or row.answer_by
    days = [(row.issued_on, "issued"), (first, "answer_by"), (row.closes_on, "closes")]
    days += [(date.fromisoformat(day), "reminder") for day in (row.own_remind_on if moved else row.remind_on) or []]
    if row.state is OfferState.ASKED_AGAIN and row.reconsider_by:
        days.append((row.reconsider_by, "reconsider_by"))
    if row.answered_at and row.state not in CAN_BE_ANSWERED:
        days.append((local(row.answered_at).date(), "answered"))
    now = today()
    known = {day for day, _ in days}
    if now not in known and row.issued_on < now < max(known):
        days.append((now, "today"))
    for day, what in sorted(days):
        yield day, what, "now" if day == now else "done" if day < now else ""


# ── division ─────────────────────────────────────────────────────────────────


def division(worked: dict[str, Any], own: str) -> Division:
    """Group what a proposal fixed into the other preferential claims, the other concurrent ones, and the own."""
    ranks = {claim["id"]: claim["rank"] for claim in worked["input"]["claims"]}
    taking_part = [claim for claim in worked["result"]["claims"] if claim["takes_part_cents"] > 0]
    claims = sum(claim["takes_part_cents"] for claim in taking_part)
    paid = sum(claim["payment_cents"] for claim in taking_part)
    kinds: dict[str, list[dict[str, Any]]] = {"preferential": [], "concurrent": [], "own": []}
    for claim in taking_part:
        is_preferential = ranks[claim["id"]] == Rank.PREFERENTIAL
        kinds["own" if claim["id"] == own else "preferential" if is_preferential else "concurrent"].append(claim)
    groups = tuple(_group(kind, some, claims, paid) for kind, some in kinds.items() if some)
    return Division(groups, len(taking_part), claims, paid, worked["result"]["capacity_cents"])


def _group(kind: str, claims: Iterable[dict[str, Any]], all_claims: Cents, all_paid: Cents) -> Group:
    some = list(claims)
    owed, paid = sum(one["takes_part_cents"] for one in some), sum(one["payment_cents"] for one in some)
    return Group(kind, len(some), owed, percentage(paid, owed), paid, percentage(owed, all_claims), percentage(paid, all_paid))
