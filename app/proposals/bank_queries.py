"""Read proposals for the bank: the page of one case, the list of proposals, and the board of who still blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.access import Actor, Permission
from app.cases.models import Case, Claim
from app.cases.queries import CaseFacts, facts, visible_case
from app.cases.rules import Rank
from app.clock import local, today
from app.consents.rules import Product
from app.creditors.models import Organisation
from app.errors import Refusal
from app.money import Cents, percentage
from app.proposals import inputs
from app.proposals.calculation import Calculation, calculate
from app.proposals.court_rules import is_court_possible
from app.proposals.inputs import Choice
from app.proposals.lifecycle import (
    BLOCKS_AGREEMENT,
    OFFER_MOVES,
    AnsweredBy,
    Obstacle,
    OfferState,
    ProposalState,
    RejectReason,
    eligibility,
    figures_obstacles,
)
from app.proposals.models import Offer, Proposal

COMPARED = (Product.RESTRUCTURING_LOAN, Product.DEBT_MEDIATION, Product.ZERO_OFFER, Product.YOUTH_LOAN, Product.REFINANCING)
PAGE, BOARD_PAGE = 50, 20
MOST_ID = 10**9  # no table of ours comes near it: a larger number in an address was typed there


@dataclass(frozen=True)
class Compared:
    """One product as it would be for this client; without a result when it cannot be reckoned at all."""

    product: Product
    obstacles: tuple[Obstacle, ...]
    result: Calculation | None
    is_chosen: bool


@dataclass(frozen=True)
class OfferRow:
    """One creditor's answer as the bank sees it."""

    ref: str
    creditor: str
    agent: str
    phone: str
    email: str
    state: OfferState
    rank: Rank
    takes_part_cents: Cents
    payment_cents: Cents
    percentage: str
    answer_by: date
    answered_on: date | None
    answered_by: AnsweredBy | None
    late: bool
    reject_reason: RejectReason | None
    words: str
    other_balance_cents: Cents | None
    reconsider_by: date | None
    revision: int
    is_paused: bool
    is_court_possible: bool

    @property
    def blocks(self) -> bool:
        return self.state in BLOCKS_AGREEMENT

    @property
    def can_be_asked_again(self) -> bool:
        return OfferState.ASKED_AGAIN in OFFER_MOVES[self.state]


@dataclass(frozen=True)
class ProposalFacts:
    """A proposal as its page shows it."""

    ref: str
    state: ProposalState
    product: Product
    months: int
    annual_rate: str
    fee_percentage: str
    reason: str
    available_cents: Cents
    preferential: str
    concurrent: str
    drafted_by: str
    drafted_at: datetime
    approved_by: str
    issued_on: date | None
    answer_by: date | None
    remind_on: tuple[date, ...]
    closes_on: date | None
    ended_at: datetime | None
    end_reason: str
    revision: int


@dataclass(frozen=True)
class ProposalPage:
    case: CaseFacts
    proposal: ProposalFacts | None
    older: list[ProposalFacts]
    preferential: list[OfferRow]
    concurrent: list[OfferRow]
    compared: list[Compared]
    total_cents: Cents
    may_approve: bool
    today: date

    @property
    def offers(self) -> list[OfferRow]:
        return self.preferential + self.concurrent

    @property
    def blockers(self) -> list[OfferRow]:
        return [row for row in self.offers if row.blocks]

    @property
    def agreed(self) -> int:
        return sum(row.state is OfferState.ACCEPTED for row in self.offers)

    @property
    def timeline(self) -> list[tuple[date, str, str]]:
        """Return the days that matter, in order: the day, what it is, and whether it is past (`done`) or today (`now`)."""
        p = self.proposal
        if p is None or p.issued_on is None or p.answer_by is None or p.closes_on is None:
            return []
        days = [(p.issued_on, "issued"), *((day, "reminder") for day in p.remind_on), (p.answer_by, "answer_by"), (p.closes_on, "closes")]
        if p.issued_on < self.today < p.closes_on:
            days.append((self.today, "today"))
        past = {(day, what) for day, what in days if day < self.today or what == "issued"}
        return [(day, what, "now" if what == "today" else "done" if (day, what) in past else "") for day, what in sorted(days)]

    @property
    def paid_cents(self) -> Cents:
        return sum(row.payment_cents for row in self.offers)

    @property
    def waiting(self) -> str:
        """Return the part of the debt whose creditors neither agreed nor refused."""
        return self.share(*(frozenset(OfferState) - {OfferState.ACCEPTED, OfferState.REJECTED, OfferState.NO_RESPONSE}))

    def share(self, *states: OfferState) -> str:
        """Return the part of the debt whose creditors are in these states, as a percentage."""
        taking_part = sum(row.takes_part_cents for row in self.offers)
        return percentage(sum(row.takes_part_cents for row in self.offers if row.state in states), taking_part)


def proposal_page(session: Session, actor: Actor, case_ref: str) -> ProposalPage:
    """Return the proposal of a case: the running or newest one, its offers, and the products compared. Raises NotFound."""
    actor.must(Permission.DRAFT_PROPOSALS)
    found = visible_case(session, actor, case_ref)
    proposals = list(session.scalars(select(Proposal).where(Proposal.case_id == found.id).order_by(Proposal.id.desc())))
    newest = proposals[0] if proposals else None
    rows = _offer_rows(session, [newest.id]).get(newest.id, []) if newest else []
    preferential = [row for row in rows if row.rank is Rank.PREFERENTIAL]
    return ProposalPage(
        case=facts(found),
        proposal=_facts(newest) if newest else None,
        older=[_facts(proposal) for proposal in proposals[1:]],
        preferential=preferential,
        concurrent=[row for row in rows if row not in preferential],
        compared=compare(found, found.claims, today(), newest.product if newest else None),
        total_cents=sum(row.takes_part_cents for row in rows),
        may_approve=bool(newest) and newest is not None and newest.drafted_person_id != actor.person_id,
        today=today(),
    )


def _offer_rows(session: Session, proposal_ids: Sequence[int]) -> dict[int, list[OfferRow]]:
    """Return the offers of some proposals, by proposal and then by the creditor's name."""
    agent = aliased(Organisation)
    query = (
        select(Offer, Organisation.name, Organisation.phone, Organisation.email, agent.name, Proposal.state)
        .join(Proposal, Proposal.id == Offer.proposal_id)
        .join(Organisation, Organisation.id == Offer.creditor_id)
        .join(agent, agent.id == Offer.agent_id, isouter=True)
        .where(Offer.proposal_id.in_(proposal_ids))
        .order_by(Organisation.name, Offer.id)
    )
    found: dict[int, list[OfferRow]] = {}
    for row in session.execute(query):
        found.setdefault(row[0].proposal_id, []).append(_offer_row(*row))
    return found


def _offer_row(offer: Offer, creditor: str, phone: str, email: str, agent: str | None, proposal: ProposalState) -> OfferRow:
    return OfferRow(
        offer.ref, creditor, agent or "", phone, email, offer.state, offer.rank, offer.takes_part_cents, offer.payment_cents,
        offer.percentage, offer.answer_by, local(offer.answered_at).date() if offer.answered_at else None,
        offer.answered_by, offer.late, offer.reject_reason, offer.words,
        offer.other_balance_cents, offer.reconsider_by, offer.revision, offer.paused_on is not None,
        is_court_possible(proposal, offer.state, offer.reconsider_by, today()),
    )  # fmt: skip


def _facts(proposal: Proposal) -> ProposalFacts:
    ranks = proposal.worked["result"]["ranks"]
    return ProposalFacts(
        proposal.ref, proposal.state, proposal.product, proposal.months, proposal.annual_rate, proposal.fee_percentage, proposal.reason,
        proposal.available_cents, ranks["preferential"]["percentage"], ranks["concurrent"]["percentage"],
        proposal.drafted_by, proposal.drafted_at, proposal.approved_by or "", proposal.issued_on, proposal.answer_by,
        tuple(date.fromisoformat(day) for day in proposal.remind_on or ()), proposal.closes_on,
        proposal.ended_at, proposal.end_reason or "", proposal.revision,
    )  # fmt: skip


def compare(found: Case, claims: Sequence[Claim], on: date, chosen: Product | None) -> list[Compared]:
    """Reckon every product for this client and say why it is or is not meant for it."""
    codes = {claim.creditor_id: claim.creditor_id for claim in claims}
    taking_part = inputs.claims_of(claims, codes)
    return [_compared(found, product, taking_part, on, chosen) for product in COMPARED]


def _compared(found: Case, product: Product, claims: Sequence[Any], on: date, chosen: Product | None) -> Compared:
    worked = inputs.worked(found, tuple(claims), Choice(product), on)
    capacity = max(0, found.income_cents - found.vtlb_cents)
    total = sum(claim.takes_part_cents for claim in claims)
    obstacles = eligibility(product, worked.debtor, capacity, found.extra_cents, None, on, total_cents=total)
    obstacles += figures_obstacles(found.calculated_on, on)
    try:
        result = calculate(worked) if claims else None
    except Refusal:
        result = None
    return Compared(product, tuple(obstacles), result, product == chosen)


# ── lists ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ProposalRow:
    ref: str
    case_ref: str
    client: str
    state: ProposalState
    product: Product
    available_cents: Cents
    drafted_by: str
    approved_by: str
    issued_on: date | None
    closes_on: date | None


@dataclass(frozen=True)
class ProposalList:
    rows: list[ProposalRow]
    counts: dict[ProposalState, int]
    state: str
    next_after: int | None


def proposal_list(session: Session, actor: Actor, state: str, before: int | None) -> ProposalList:
    """Return the proposals in a state (empty: those that wait for a colleague's hand), the newest first."""
    actor.must(Permission.DRAFT_PROPOSALS)
    kept = Proposal.case.has(Case.erased_on.is_(None))
    counted = session.execute(select(Proposal.state, func.count()).where(kept).group_by(Proposal.state).order_by(Proposal.state))
    counts = {row[0]: row[1] for row in counted}
    wanted = [ProposalState(state)] if state in set(ProposalState) else [ProposalState.DRAFT, ProposalState.APPROVED]
    query = select(Proposal).options(joinedload(Proposal.case)).where(Proposal.state.in_(wanted), kept).order_by(Proposal.id.desc())
    if before is not None:
        query = query.where(Proposal.id < before)
    found = list(session.scalars(query.limit(PAGE + 1)))
    return ProposalList([_row(p) for p in found[:PAGE]], counts, state, found[PAGE - 1].id if len(found) > PAGE else None)


def _row(proposal: Proposal) -> ProposalRow:
    client = f"{proposal.case.initials} {proposal.case.surname}"
    return ProposalRow(
        proposal.ref, proposal.case.ref, client, proposal.state, proposal.product, proposal.available_cents,
        proposal.drafted_by, proposal.approved_by or "", proposal.issued_on, proposal.closes_on,
    )  # fmt: skip


def waiting_count(actor: Actor) -> Select[Any]:
    """Give the statement that counts the proposals that wait for a second officer or for issuing."""
    actor.must(Permission.DRAFT_PROPOSALS)
    waiting = Proposal.state.in_([ProposalState.DRAFT, ProposalState.APPROVED])
    return select(func.count()).select_from(Proposal).where(waiting)


# ── the board ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class BoardRow:
    """One running proposal: how many creditors agreed, and who still blocks."""

    case_ref: str
    client: str
    product: Product
    answer_by: date
    closes_on: date
    agreed: int
    total: int
    blockers: tuple[OfferRow, ...]

    @property
    def missing(self) -> int:
        return self.total - self.agreed


@dataclass(frozen=True)
class BoardPage:
    rows: list[BoardRow]
    on_one: int
    running: int
    next_after: str
    today: date


def board_page(session: Session, actor: Actor, after: str) -> BoardPage:
    """Return the running proposals, those that hang on one creditor first, then by the day on which they close."""
    actor.must(Permission.SETTLE_PROPOSALS)
    missing = func.sum(case((Offer.state.in_(BLOCKS_AGREEMENT), 1), else_=0))
    counts = (
        select(Offer.proposal_id, missing.label("missing"), func.count().label("total"))
        .join(Proposal, Proposal.id == Offer.proposal_id)
        .where(Proposal.state == ProposalState.ISSUED)
        .group_by(Offer.proposal_id)
        .subquery()
    )
    query = (
        select(Proposal, counts.c.missing, counts.c.total)
        .join(counts, counts.c.proposal_id == Proposal.id)
        .options(joinedload(Proposal.case))
        .order_by(counts.c.missing, Proposal.closes_on, Proposal.id)
    )
    found = session.execute(_after(query, counts.c.missing, after).limit(BOARD_PAGE + 1)).all()
    offers = _offer_rows(session, [row[0].id for row in found[:BOARD_PAGE]])
    rows = [_board_row(row[0], int(row[1]), int(row[2]), offers.get(row[0].id, [])) for row in found[:BOARD_PAGE]]
    last = found[BOARD_PAGE - 1] if len(found) > BOARD_PAGE else None
    running = session.scalar(select(func.count()).select_from(counts)) or 0
    on_one = session.scalar(select(func.count()).select_from(counts).where(counts.c.missing == 1)) or 0
    return BoardPage(rows, on_one, running, f"{last[1]}.{last[0].closes_on}.{last[0].id}" if last else "", today())


def _after(query: Select[Any], missing: Any, after: str) -> Select[Any]:
    """Go on behind the last row of the page before; an address that was changed by hand starts at the top."""
    try:
        count, day, last = after.split(".")
        key = (int(count), date.fromisoformat(day), int(last))
    except ValueError:
        return query
    if max(key[0], key[2]) > MOST_ID:
        return query
    by_day = (Proposal.closes_on > key[1]) | ((Proposal.closes_on == key[1]) & (Proposal.id > key[2]))
    return query.where((missing > key[0]) | ((missing == key[0]) & by_day))


def _board_row(proposal: Proposal, missing: int, total: int, offers: list[OfferRow]) -> BoardRow:
    client = f"{proposal.case.initials} {proposal.case.surname}"
    answer_by, closes_on = proposal.answer_by or date.max, proposal.closes_on or date.max
    return BoardRow(
        proposal.case.ref,
        client,
        proposal.product,
        answer_by,
        closes_on,
        total - missing,
        total,
        tuple(row for row in offers if row.blocks),
    )


def on_one_count(actor: Actor) -> Select[Any]:
    """Give the statement that counts the running proposals that hang on one creditor."""
    actor.must(Permission.SETTLE_PROPOSALS)
    missing = func.sum(case((Offer.state.in_(BLOCKS_AGREEMENT), 1), else_=0))
    running = select(Offer.proposal_id).join(Proposal, Proposal.id == Offer.proposal_id).where(Proposal.state == ProposalState.ISSUED)
    hanging = running.group_by(Offer.proposal_id).having(missing == 1).subquery()
    return select(func.count()).select_from(hanging)
