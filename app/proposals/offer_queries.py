"""Read one offer for its page: the claim, the sum and how it was divided, the terms, the comparison with a consent, the history.

Of the other creditors it tells what a proposal must tell: how many, what they are owed together, what each rank gets. Never who.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.access import Actor, Kind, Permission, Role
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
from app.proposals.lifecycle import CAN_BE_ANSWERED, AnsweredBy, OfferState, ProposalState, RejectReason
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.offer_access import visible_to


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
    agreed: int
    asked: int
    given: Given | None
    draft: dict[str, Any]
    documents: list[DocumentRow]
    history: list[Happening]
    was_opened_today: bool
    can_answer: bool
    neighbours: Neighbours | None

    @property
    def is_zero(self) -> bool:
        return self.product is Product.ZERO_OFFER

    @property
    def question(self) -> Happening | None:
        """Return what the bank said when it asked once more."""
        return next((one for one in self.history if one.what == "asked again"), None)


def offer_page(session: Session, actor: Actor, ref: str) -> OfferPage:
    """Return the page of an offer. Raises NotFound when it is missing or somebody else's."""
    actor.must(Permission.READ_OFFERS)
    offer, proposal, case, claim, creditor, agent = _loaded(session, actor, ref)
    events = list(session.scalars(select(OfferEvent).where(OfferEvent.offer_id == offer.id).order_by(OfferEvent.id.desc()).limit(200)))
    answers = actor.may(Permission.ANSWER_OFFERS)
    agreed, asked = _agreed(session, offer.proposal_id)
    return OfferPage(
        offer.ref, case.ref, offer.revision, offer.state, proposal.state, proposal.end_reason or "",
        Client(f"{case.initials} {case.surname}", case.birth_date, f"{case.street} {case.house_number}, {case.postcode} {case.city}"),
        creditor, agent or "", offer.reference, offer.product, proposal.months, offer.rank, offer.balance_cents, offer.takes_part_cents,
        claim.stated_on, offer.payment_cents, offer.percentage, offer.issued_on, _last_day(offer),
        working_days_between(today(), _last_day(offer)), tuple(_terms(offer, proposal)), division(proposal.worked, str(claim.number)),
        assessment_of(session, offer.ref), agreed, asked, _given(offer), offer.draft or {}, documents_about(session, offer.ref),
        [Happening(event.at, event.what, event.who, event.facts) for event in events],
        any(_is_opening(event, actor) for event in events),
        answers and proposal.state is ProposalState.ISSUED and offer.state in CAN_BE_ANSWERED,
        neighbours(session, actor, ref) if answers and actor.kind in {Kind.CREDITOR, Kind.AGENT} else None,
    )  # fmt: skip


def _loaded(session: Session, actor: Actor, ref: str) -> tuple[Offer, Proposal, Case, Claim, str, str | None]:
    agent = aliased(Organisation)
    found = (
        select(Offer, Proposal, Case, Claim, Organisation.name, agent.name)
        .join(Proposal, Proposal.id == Offer.proposal_id)
        .join(Case, Case.id == Offer.case_id)
        .join(Claim, Claim.id == Offer.claim_id)
        .join(Organisation, Organisation.id == Offer.creditor_id)
        .outerjoin(agent, agent.id == Offer.agent_id)
        .where(Offer.ref == ref, visible_to(actor))
    )
    row = session.execute(found).one_or_none() if ref.isprintable() else None
    if row is None:
        raise NotFound
    return row[0], row[1], row[2], row[3], row[4], row[5]


def _last_day(offer: Offer) -> date:
    """Return the day by which an answer is expected: its own when the bank asked once more."""
    return offer.reconsider_by if offer.state is OfferState.ASKED_AGAIN and offer.reconsider_by else offer.answer_by


def _agreed(session: Session, proposal_id: int) -> tuple[int, int]:
    """Return how many creditors agreed and how many were asked: numbers, never names."""
    states = select(Offer.state, func.count()).where(Offer.proposal_id == proposal_id, Offer.state != OfferState.WITHDRAWN)
    numbers = {row[0]: row[1] for row in session.execute(states.group_by(Offer.state))}
    return numbers.get(OfferState.ACCEPTED, 0), sum(numbers.values())


def _given(offer: Offer) -> Given | None:
    if offer.answered_at is None or offer.answered_by is None or offer.state in CAN_BE_ANSWERED:
        return None
    return Given(
        offer.state, offer.answered_at, offer.answered_by, offer.answerer or "", offer.late, offer.reject_reason, offer.words,
        offer.other_balance_cents,
    )  # fmt: skip


def _is_opening(event: OfferEvent, actor: Actor) -> bool:
    mine = event.what == "opened" and event.facts.get("person") == actor.person_id and event.who == actor.name
    return mine and local(event.at).date() == today()


# ── without an account ───────────────────────────────────────────────────────


@dataclass(frozen=True)
class Letter:
    """What anybody may know of a letter that is ours: no names."""

    ref: str
    kind: str
    written_on: date
    payment_cents: Cents | None


def letter_of(session: Session, ref: str) -> Letter | None:
    """Return what may be known of the letter about an offer, or None when no letter was written about it."""
    if not ref.isprintable():
        return None
    found = (
        select(Document.kind, Document.created_at, Offer.payment_cents)
        .join(Offer, Offer.ref == Document.subject_ref)
        .where(Document.subject_ref == ref, Document.kind == "offer letter")
        .order_by(Document.id.desc())
        .limit(1)
    )
    row = session.execute(found).one_or_none()
    return Letter(ref, row.kind, local(row.created_at).date(), row.payment_cents) if row else None


def letter_with(session: Session, content: bytes) -> Letter | None:
    """Return what may be known of a file, when the portal wrote exactly these bytes."""
    known = genuine(session, content)
    return Letter(known.subject_ref, known.kind, local(known.created_at).date(), None) if known else None


def code_holder(session: Session, ref: str, name: str, origin: str) -> Actor:
    """Return who acts with the code of an offer: by the name it gives, for the creditor of that offer. Raises NotFound."""
    creditor = session.scalar(select(Organisation).join(Offer, Offer.creditor_id == Organisation.id).where(Offer.ref == ref))
    if creditor is None:
        raise NotFound
    roles = frozenset({Role.CREDITOR_WORKER})
    return Actor(name.strip()[:200], roles, Kind.CREDITOR, creditor.id, creditor.name, None, f"by code {origin}"[:200])


# ── terms ────────────────────────────────────────────────────────────────────


def _terms(offer: Offer, proposal: Proposal) -> Iterator[tuple[date, str, str]]:
    """Yield the days of an offer in their order, today among them while it waits."""
    days = [(offer.issued_on, "issued"), (proposal.answer_by or offer.answer_by, "answer_by"), (offer.closes_on, "closes")]
    days += [(date.fromisoformat(day), "reminder") for day in proposal.remind_on or []]
    if offer.state is OfferState.ASKED_AGAIN and offer.reconsider_by:
        days.append((offer.reconsider_by, "reconsider_by"))
    if offer.answered_at and offer.state not in CAN_BE_ANSWERED:
        days.append((local(offer.answered_at).date(), "answered"))
    now = today()
    known = {day for day, _ in days}
    if now not in known and offer.issued_on < now < max(known):
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
