"""Read cases. Loading a row is the access check: a case that the actor may not see is NotFound."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, selectinload

from app.access import Actor, Kind, Permission
from app.audit.models import Event
from app.cases import rules
from app.cases.asked import organisation_names
from app.cases.case_balances import CaseBalances, balances_of
from app.cases.case_pauses import CasePauses, pauses_of
from app.cases.models import Case, Claim
from app.cases.outstanding import NOTHING, Outstanding, outstanding_of
from app.cases.rules import Rank, Status
from app.clock import today
from app.db import as_portal
from app.errors import NotFound
from app.exchange.uploads import typed
from app.money import Cents

BANK_KEY = re.compile(r"(\d{1,9})-(\d{1,9})")  # RelatieCode-Volgnummer


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
    restricted_at: datetime | None  # since then the data rest (art. 18 GDPR)


@dataclass(frozen=True)
class CasePage:
    case: CaseFacts
    groups: list[RankGroup]
    pauses: CasePauses
    balances: CaseBalances | None  # for who may ask creditors for them
    history: list[HistoryRow]
    may_edit: bool
    may_draft: bool
    may_export: bool
    outstanding: Outstanding = NOTHING  # of its proposal, for who settles it


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Narrow cases to those that the actor may see: a neighbourhood team its own, others with the permission all.

    Of an erased case only figures are left: nobody sees it.
    """
    kept = Case.erased_on.is_(None)
    if actor.kind is Kind.NEIGHBOURHOOD_TEAM:
        return and_(kept, Case.team != "", func.lower(Case.team) == actor.organisation_name.lower())
    return kept


def visible_case(session: Session, actor: Actor, ref: str) -> Case:
    """Return a case with its claims by its reference or by RelatieCode-Volgnummer. Raises NotFound, also for another team's case."""
    found = select(Case).where(_called(actor, ref)).options(selectinload(Case.claims).joinedload(Claim.creditor))
    case = session.scalar(found)
    if case is None:
        raise NotFound
    return case


def visible_ref(session: Session, actor: Actor, ref: str) -> str:
    """Return the reference of a case without loading it. Raises NotFound as `visible_case` does."""
    found = session.scalar(select(Case.ref).where(_called(actor, ref)))
    if found is None:
        raise NotFound
    return found


def _called(actor: Actor, ref: str) -> ColumnElement[bool]:
    """Say in SQL that a case is called so and that the actor may see it."""
    actor.must(Permission.READ_CASES)
    if not ref.isprintable():
        raise NotFound
    bank_key = BANK_KEY.fullmatch(ref)
    return and_(bank_key_is(bank_key) if bank_key else Case.ref == ref, visible_to(actor))


def bank_key_is(found: re.Match[str]) -> ColumnElement[bool]:
    """Say in SQL that a case has this RelatieCode and Volgnummer."""
    return and_(Case.relation_code == int(found[1]), Case.sequence == int(found[2]))


def case_page(session: Session, actor: Actor, ref: str) -> CasePage:
    """Return everything that the page of a case shows. Raises NotFound when it is missing or not the actor's to see."""
    case = visible_case(session, actor, ref)
    agents = organisation_names(session, {id_ for claim in case.claims for id_ in (claim.agent_id, claim.bailiff_id)})
    claims = [_claim(claim, agents) for claim in case.claims]
    groups = [_group(rank, [claim for claim in claims if claim.rank is rank]) for rank in Rank]
    history = _history(session, f"case/{case.ref}")
    with as_portal(session):  # whoever may see the case may see how its pauses stand, also who helps the client
        pauses = pauses_of(session, case.id)
    balances = balances_of(session, case.id) if actor.may(Permission.ASK_BALANCES) else None
    return CasePage(
        facts(case), [group for group in groups if group.claims], pauses, balances, history,
        actor.may(Permission.EDIT_CASES), actor.may(Permission.DRAFT_PROPOSALS),
        actor.may(Permission.EXPORT_PRIVACY),
        outstanding_of(session, case.id) if actor.may(Permission.SETTLE_PROPOSALS) else NOTHING,
    )  # fmt: skip


def facts(case: Case) -> CaseFacts:
    """Return what the head of every page about a case shows; the claims are loaded."""
    now = today()
    balances = rules.balance_state(case.balances_since, [claim.stated_cents for claim in case.claims], now)
    return CaseFacts(
        ref=case.ref, bank_key=f"{case.relation_code}-{case.sequence}", name=_name(case.initials, case.surname),
        initials=case.initials, given_name=case.given_name, surname=case.surname, birth_date=case.birth_date,
        street=case.street, house_number=case.house_number, postcode=case.postcode, city=case.city,
        household=case.household, children=case.children, entrepreneur=case.entrepreneur, programme=case.programme, team=case.team,
        started_on=case.started_on, calculated_on=case.calculated_on,
        income_cents=case.income_cents, vtlb_cents=case.vtlb_cents, extra_cents=case.extra_cents,
        capacity_cents=max(0, case.income_cents - case.vtlb_cents),
        settlement_known=case.settlement_known, last_settlement_on=case.last_settlement_on,
        days=(now - case.started_on).days, status=rules.status(case.stage, balances.state, case.calculated_on, case.closed_on, now),
        balances=balances, figures_are_old=case.calculated_on < rules.oldest_figures(now),
        balance_cents=sum(claim.balance_cents for claim in case.claims), reported_cents=sum(claim.reported_cents for claim in case.claims),
        creditors=len({claim.creditor_id for claim in case.claims}), revision=case.revision, restricted_at=case.restricted_at,
    )  # fmt: skip


def _name(initials: str, surname: str) -> str:
    return f"{initials} {surname}".strip()


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
    newest = select(Event).where(Event.subject == subject, Event.action != "cases:open").order_by(Event.sequence.desc()).limit(50)
    with as_portal(session):  # whoever may see the case may see who changed it, of whichever organisation
        found = session.scalars(newest).all()
    return [HistoryRow(event.at, event.actor, event.action, _changes(event.changes)) for event in found]


def _changes(kept: str) -> list[HistoryChange]:
    changes = []
    for name, (old, new) in json.loads(kept).items():
        claim, field = name.split(" ", 2)[1:] if name.startswith("claim ") else ("", name)
        changes.append(HistoryChange(field, typed(field, old), typed(field, new), claim))
    return changes
