"""Use cases of stating balances with a file: try it, say yes to it, and give what it holds, row by row.

What a row does is exactly what the same answer does by hand: `state_within` and `decline_within` give it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.cases import balance_rules, balance_sheets
from app.cases.asked import mandated_agents
from app.cases.balance_access import visible_to
from app.cases.balance_rules import BalanceAnswer, Ground, Statement, Weighed
from app.cases.balance_sheets import AGENT, COSTS, GROUND, KEY, OBSTACLE, PRINCIPAL, WORDS, BalanceFilled
from app.cases.balance_stating import Seen, decline_within, state_within
from app.cases.balance_words import TITLES
from app.cases.models import BalanceRequest, BalanceStatement, Case, Claim
from app.cases.rules import AnsweredBy, Rank
from app.clock import today
from app.db import transaction
from app.errors import NotFound, Refusal
from app.exchange import answering, hub
from app.exchange.answering import Desk, Judged, Progress, alone, refused
from app.exchange.rules import Fate
from app.exchange.sheets import Row
from app.exchange.uploads import Incoming
from app.money import amount


def try_file(actor: Actor, file: Incoming) -> str:
    """Try a file without giving anything; return the reference under which it waits for a yes. Raises NotFound, Refusal."""
    return answering.try_file(actor, DESK, file)


def confirm_file(actor: Actor, ref: str) -> bool:
    """State the balances of a file: up to 200 rows here and now, more by a job; return whether a job does it. Raises NotFound."""
    with transaction() as session:
        confirmed = answering.confirm(session, actor, DESK, ref)
        if confirmed.is_first:
            rows = (None, confirmed.rows)
            record(session, actor, "balances:answer-file", f"import/{ref}", concerns_id=actor.organisation_id, rows=rows)
    if not confirmed.is_long:
        go_on(actor, ref)
    return confirmed.is_long


def go_on(actor: Actor, ref: str, progress: Progress | None = None) -> None:
    """Give what is left of a file that got its yes. Raises NotFound."""
    answering.go_on(actor, DESK, ref, progress)


# ── one row ──────────────────────────────────────────────────────────────────


class _Known(NamedTuple):
    """A request of the actor, as far as judging and filling up a row need it."""

    ref: str
    id: int
    revision: int
    state: BalanceAnswer
    closes_on: date
    creditor_id: int
    agent_id: int | None
    reference: str
    rank: Rank
    closed_on: date | None


def _judge(session: Session, actor: Actor, rows: Sequence[Row[BalanceFilled]]) -> list[Judged]:
    known = _known(session, actor, {row.values.ref.upper() for row in rows if not row.values.is_empty})
    last = _last_statements(session, [one.id for one in known.values()])
    found = [known.get(row.values.ref.upper()) for row in rows]
    agents = _agents(session, actor, {one.creditor_id for row, one in zip(rows, found, strict=True) if one and row.values.agent})
    return [_judged(row.values, one, last.get(one.id) if one else None, agents) for row, one in zip(rows, found, strict=True)]


def _known(session: Session, actor: Actor, refs: set[str]) -> dict[str, _Known]:
    columns = (
        BalanceRequest.ref, BalanceRequest.id, BalanceRequest.revision, BalanceRequest.state, BalanceRequest.closes_on,
        BalanceRequest.creditor_id, BalanceRequest.agent_id, BalanceRequest.reference, Claim.rank, Case.closed_on,
    )  # fmt: skip
    found = (
        select(*columns)
        .join(Claim, Claim.id == BalanceRequest.claim_id)
        .join(Case, Case.id == BalanceRequest.case_id)
        .where(BalanceRequest.ref.in_(refs), visible_to(actor))
        .order_by(BalanceRequest.id)
    )
    return {row[0]: _Known._make(row) for row in session.execute(found)}


Agents = dict[int, dict[str, int | None]]  # of each creditor whom it may name as collecting, by a name in small letters


def _agents(session: Session, actor: Actor, creditors: set[int]) -> Agents:
    """Return whom each creditor may name; to an agent the others are none of its business: it names itself."""
    if actor.kind is Kind.AGENT:
        return {one: {actor.organisation_name.casefold(): actor.organisation_id} for one in creditors}
    return {one: _named_once(mandated_agents(session, one)) for one in creditors}


def _named_once(agents: list[tuple[int, str]]) -> dict[str, int | None]:
    """Return agents by a name that no other has, and the words for nobody."""
    often = Counter(name.casefold() for _, name in agents)
    named: dict[str, int | None] = {name.casefold(): id_ for id_, name in agents if often[name.casefold()] == 1}
    return named | dict.fromkeys(balance_sheets.NOBODY)


def _last_statements(session: Session, ids: Sequence[int]) -> dict[int, BalanceStatement]:
    newest = select(func.max(BalanceStatement.id)).where(BalanceStatement.request_id.in_(ids)).group_by(BalanceStatement.request_id)
    found = session.scalars(select(BalanceStatement).where(BalanceStatement.id.in_(newest)).order_by(BalanceStatement.id))
    return {one.request_id: one for one in found}


def _judged(told: BalanceFilled, known: _Known | None, last: BalanceStatement | None, agents: Agents) -> Judged:
    if told.is_empty:
        return Judged(Fate.EMPTY)
    if known is None:
        return refused(KEY, "answers.missing")
    try:
        said = _said(told, known, agents)
        what = BalanceAnswer.STATED if isinstance(said, Statement) else BalanceAnswer.NO_COOPERATION
        if last and _stands(last, said):
            return Judged(Fate.UNCHANGED, what.value, known.revision)
        return Judged(Fate.WAITS, _allowed(said, known, what), known.revision)
    except Refusal as refusal:
        return refused(_COLUMNS.get(refusal.field or "", refusal.field), refusal.code, **refusal.facts)


_COLUMNS = {
    "principal": PRINCIPAL, "interest": "Rente", "costs": COSTS, "notice_on": balance_sheets.NOTICE_ON, "obstacle_words": WORDS,
    "ground_words": WORDS,
}  # fmt: skip


def _allowed(said: "Statement | _Declined", known: _Known, what: BalanceAnswer) -> str:
    """Check what the rules say of an answer now, and return it as a readable word. Raises Refusal."""
    if known.closed_on is not None:
        raise Refusal("cases.balance_case_closed")
    if isinstance(said, Statement):
        _check_costs(said)
        balance_rules.check_statement(said, today())
    late = balance_rules.is_late(known.closes_on, known.state, today())
    balance_rules.answered(known.state, what, late=late, waits=False)
    return "late" if late else what.value


class _Declined(NamedTuple):
    """That the creditor does not cooperate, and why."""

    ground: Ground
    words: str


def _said(told: BalanceFilled, known: _Known, agents: Agents) -> Statement | _Declined:
    """Return what a row states, filled up with what the bank knows. Raises Refusal for what belongs to another answer, or is missing."""
    if told.why is not None:
        if told.amounts != (None, None, None):
            raise Refusal("balances.amount_and_ground", field=GROUND)
        if told.obstacle is not None:
            raise Refusal("balances.obstacle_and_ground", field=OBSTACLE)
        if told.agent:
            raise Refusal("balances.agent_and_ground", field=AGENT)
        balance_rules.check_ground(told.why, told.words)
        return _Declined(told.why, told.words.strip())
    if told.principal_cents is None:
        raise Refusal("balances.principal_missing", field=PRINCIPAL)
    return Statement(
        told.principal_cents, told.interest_cents or 0, told.costs_cents or 0, told.reference.strip() or known.reference,
        told.rank or known.rank, notice_on=told.notice_on, vat=told.vat, agent_id=_agent_id(told.agent, known, agents),
        obstacle=told.obstacle, explanation=told.words.strip(), costs_confirmed=told.costs_confirmed,
    )  # fmt: skip


def _agent_id(name: str, known: _Known, agents: Agents) -> int | None:
    """Return who collects from now on: as the bank knows it when nothing was filled in. Raises Refusal for whom may not be named."""
    if not name.strip():
        return known.agent_id
    may_be = agents.get(known.creditor_id, {})
    if name.strip().casefold() not in may_be:
        raise Refusal("cases.balance_agent_unknown", field=AGENT)
    return may_be[name.strip().casefold()]


def _stands(last: BalanceStatement, said: Statement | _Declined) -> bool:
    """Tell whether this very thing was said last, by whomever."""
    if isinstance(said, _Declined):
        return (last.ground, last.explanation) == (said.ground, said.words)
    before = (last.principal_cents, last.interest_cents, last.costs_cents, last.reference, last.rank, last.notice_on, last.vat)
    words = (last.agent_id, last.obstacle, last.explanation)
    now = (said.principal_cents, said.interest_cents, said.costs_cents, said.reference[:140], said.rank, said.notice_on, said.vat)
    return before == now and words == (said.agent_id, said.obstacle, said.explanation)


def _check_costs(said: Statement) -> None:
    """Refuse costs above the scale that the file does not confirm, with the reckoning."""
    weighed = balance_rules.weigh(said, today())
    if weighed is None or not weighed.is_too_much or said.costs_confirmed:
        return
    if weighed.reckoning is None:
        raise Refusal("balances.costs_without_principal", field=COSTS)
    facts: dict[str, Any] = {"charged": amount(said.costs_cents), "allowed": amount(weighed.allowed_cents), "steps": _steps(weighed)}
    if weighed.excess_cents:
        raise Refusal("balances.costs_above", field=COSTS, excess=amount(weighed.excess_cents), **facts)
    raise Refusal("balances.costs_not_owed", field=COSTS, day=f"{weighed.reckoning.payable_from:%d-%m-%Y}")


def _steps(weighed: Weighed) -> str:
    """Write the reckoning of the scale in one line, for the file that goes back."""
    if weighed.reckoning is None:
        return ""
    parts = [
        f"{step.percentage.replace('.', ',')} % van € {amount(_inside(step.begins, step.ends, weighed.reckoning.principal_cents))} = "
        f"€ {amount(step.cents)}"
        for step in weighed.reckoning.steps
        if step.cents
    ]
    return " + ".join(parts)


def _inside(begins: int, ends: int | None, principal: int) -> int:
    return min(principal, principal if ends is None else ends) - begins


def _give(session: Session, actor: Actor, told: BalanceFilled, revision: int) -> Fate:
    known = _known(session, actor, {told.ref.upper()}).get(told.ref.upper())
    if known is None:
        raise NotFound
    agents = _agents(session, actor, {known.creditor_id} if told.agent else set())
    seen, said = Seen(known.ref, revision, AnsweredBy.FILE), _said(told, known, agents)
    if isinstance(said, _Declined):
        decline_within(session, actor, seen, said.ground, said.words)
    else:
        state_within(session, actor, seen, said)
    return Fate.DONE


DESK = Desk(
    hub.BALANCES,
    Permission.STATE_BALANCES,
    "cases.state_from_file",
    TITLES["file"],
    balance_sheets.SHEET,
    balance_sheets.SHOWN,
    _judge,
    alone(_give),
    piece=1,
)
