"""Read one offer for the officer who settles it: what can be asked, how its clock stands, whether the way to court is open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.access import Actor, Permission
from app.cases.models import Case
from app.cases.outstanding import Awaited, Outstanding, Refuser
from app.clock import today
from app.creditors.models import Organisation
from app.errors import NotFound
from app.money import Cents, percentage
from app.proposals.court_rules import IN_THE_PORTAL, Paper, is_court_possible, share_of
from app.proposals.lifecycle import (
    CAN_BE_ANSWERED,
    CLOCK_RUNS,
    OFFER_MOVES,
    OfferState,
    ProposalState,
    RejectReason,
    Visibility,
)
from app.proposals.models import CourtDecision, Offer, OfferEvent, Proposal


@dataclass(frozen=True)
class Decision:
    """What the bank decided about the court."""

    chosen: bool
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True)
class Asked:
    """How the bank asked to reconsider."""

    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True)
class SettlePage:
    """One offer as the officer settles it."""

    ref: str
    case_ref: str
    client: str
    creditor: str
    agent: str
    phone: str
    state: OfferState
    proposal: ProposalState
    reject_reason: RejectReason | None
    words: str
    takes_part_cents: Cents
    payment_cents: Cents
    percentage: str
    answer_by: date
    reconsider_by: date | None
    closes_on: date
    revision: int
    agreed: int
    total: int
    agreed_share: str
    own_share: str
    rests: bool
    paused_on: date | None
    pause_reason: str
    asked: tuple[Asked, ...]
    is_court_possible: bool
    decisions: tuple[Decision, ...]

    @property
    def may_ask(self) -> bool:
        """Tell whether the creditor can be asked to reconsider."""
        return self._runs and OfferState.ASKED_AGAIN in OFFER_MOVES[self.state]

    @property
    def may_stop(self) -> bool:
        return self._runs and self.state in CLOCK_RUNS and self.paused_on is None

    @property
    def may_start(self) -> bool:
        return self._runs and self.paused_on is not None

    @property
    def waits(self) -> bool:
        return self._runs and self.state in CAN_BE_ANSWERED

    @property
    def papers(self) -> list[tuple[Paper, bool]]:
        """Return what the bundle needs, and whether the portal has it already."""
        return [(paper, paper in IN_THE_PORTAL) for paper in Paper]

    @property
    def _runs(self) -> bool:
        return self.proposal is ProposalState.ISSUED and not self.rests


def settle_page(session: Session, actor: Actor, ref: str) -> SettlePage:
    """Return what an officer can do about one offer. Raises NotFound, also for who settles nothing."""
    actor.must(Permission.SETTLE_PROPOSALS)
    agent = aliased(Organisation)
    found = (
        select(Offer, Proposal.state, Case.ref, Case.initials, Case.surname, Organisation.name, agent.name, agent.phone, Organisation.phone)
        .join(Proposal, Proposal.id == Offer.proposal_id)
        .join(Case, Case.id == Offer.case_id)
        .join(Organisation, Organisation.id == Offer.creditor_id)
        .outerjoin(agent, agent.id == Offer.agent_id)
        .where(Offer.ref == ref, Offer.visibility != Visibility.ERASED)
    )
    row = session.execute(found).one_or_none() if ref.isprintable() else None
    if row is None:
        raise NotFound
    return _page(session, row)


def _page(session: Session, row: Any) -> SettlePage:
    offer, proposal, case_ref, initials, surname, creditor, agent, agent_phone, phone = tuple(row)
    offers = session.execute(select(Offer.state, Offer.takes_part_cents).where(Offer.proposal_id == offer.proposal_id)).all()
    total = sum(one.takes_part_cents for one in offers)
    agreed = [one.takes_part_cents for one in offers if one.state is OfferState.ACCEPTED]
    events = _events(session, offer.id)
    return SettlePage(
        offer.ref, case_ref, f"{initials} {surname}".strip(), creditor, agent or "", agent_phone or phone, offer.state, proposal,
        offer.reject_reason, offer.words, offer.takes_part_cents, offer.payment_cents, offer.percentage, offer.answer_by,
        offer.reconsider_by, offer.closes_on, offer.revision, len(agreed), len(offers), percentage(sum(agreed), total),
        share_of(offer.takes_part_cents, total), offer.visibility is not Visibility.VISIBLE, offer.paused_on,
        next((one.facts.get("reason", "") for one in events if one.what == "clock stopped"), ""),
        tuple(Asked(one.at, one.facts) for one in events if one.what == "asked again"),
        is_court_possible(proposal, offer.state, offer.reconsider_by, today()), _decisions(session, offer.id),
    )  # fmt: skip


def _events(session: Session, offer_id: int) -> list[OfferEvent]:
    mine = select(OfferEvent).where(OfferEvent.offer_id == offer_id, OfferEvent.what.in_(["asked again", "clock stopped"]))
    return list(session.scalars(mine.order_by(OfferEvent.id.desc())))


def _decisions(session: Session, offer_id: int) -> tuple[Decision, ...]:
    found = reversed(standing_decisions(session, [offer_id]))
    return tuple(Decision(one.chosen, one.reason, one.decided_at, one.decided_by) for one in found)


def standing_decisions(session: Session, offer_ids: Sequence[int]) -> list[CourtDecision]:
    """Return what was decided about the court over some offers, the newest last; nothing that was about an answer taken back since."""
    taken_back = (OfferEvent.offer_id == CourtDecision.offer_id, OfferEvent.what == "undone", OfferEvent.at >= CourtDecision.decided_at)
    stands = ~select(OfferEvent.id).where(*taken_back).exists()
    found = select(CourtDecision).where(CourtDecision.offer_id.in_(offer_ids), stands)
    return list(session.scalars(found.order_by(CourtDecision.id)))


# ── of a whole case ──────────────────────────────────────────────────────────


def outstanding(session: Session, case_id: int) -> Outstanding:
    """Return who must still answer the newest proposal of a case, and over whom the way to court is open."""
    newest = select(Proposal.id).where(Proposal.case_id == case_id).order_by(Proposal.id.desc()).limit(1).scalar_subquery()
    agent = aliased(Organisation)
    found = (
        select(Offer, Proposal.state, Organisation.name, Organisation.phone, agent.name, agent.phone)
        .join(Proposal, Proposal.id == Offer.proposal_id)
        .join(Organisation, Organisation.id == Offer.creditor_id)
        .outerjoin(agent, agent.id == Offer.agent_id)
        .where(Offer.proposal_id == newest, Offer.visibility != Visibility.ERASED)
        .order_by(Organisation.name, Offer.id)
    )
    rows = session.execute(found).all()
    total = sum(row[0].takes_part_cents for row in rows)
    return Outstanding(
        tuple(_awaited(*row) for row in rows if row[1] is ProposalState.ISSUED and row[0].state in CAN_BE_ANSWERED),
        tuple(_refusers(session, rows, total)),
    )


def _awaited(offer: Offer, _: ProposalState, creditor: str, phone: str, agent: str | None, agent_phone: str | None) -> Awaited:
    return Awaited(offer.ref, creditor, agent or "", agent_phone or phone, offer.answer_by, offer.paused_on is not None)


def _refusers(session: Session, rows: Sequence[Any], total: Cents) -> Iterator[Refuser]:
    open_ways = [row for row in rows if is_court_possible(row[1], row[0].state, row[0].reconsider_by, today())]
    decided = standing_decisions(session, [row[0].id for row in open_ways])
    chosen = {one.offer_id: one.chosen for one in decided}  # the newest counts
    for row in open_ways:
        yield Refuser(row[0].ref, row[2], share_of(row[0].takes_part_cents, total), chosen.get(row[0].id))
