"""Use cases on the answer to a balance request: state a balance, say why not, keep a draft, and decide on a correction.

A statement, the claim that it changes, its audit events and the mail that follows are one transaction. What was stated is appended:
the claim holds the amount that counts, with who named it and when.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.cases import balance_rules as rules
from app.cases.asked import mandated_agents
from app.cases.balance_access import visible_to
from app.cases.balance_queries import BalanceQuery, BalanceRow, all_rows
from app.cases.balance_rules import BalanceAnswer, Correction, Ground, Statement
from app.cases.models import BalanceRequest, BalanceStatement, Case, Claim
from app.cases.pauses import extend_pause
from app.cases.queries import visible_case, visible_ref
from app.cases.rules import AnsweredBy, Rank, Visibility
from app.clock import local, now, today
from app.creditors.models import Organisation
from app.db import as_portal, transaction
from app.errors import Conflict, NotFound, Refusal
from app.money import Cents
from app.notifications.service import Recipient, notify

MOST_NAMED = 5000  # requests that an audit event of an export names
Payments = Callable[[Session, int], dict[int, Cents] | None]


def _none_stands(_session: Session, _case_id: int) -> dict[int, Cents] | None:
    """Stand in until the edge hands in how proposals are asked: they stand above this package."""
    return None


_payments: Payments = _none_stands


def ask_proposals_by(payments: Payments) -> None:
    """Set who tells what a proposal that went out holds of the claims of a case."""
    global _payments
    _payments = payments


@dataclass(frozen=True)
class Seen:
    """The request as the person had it in front of it, and by which way its answer comes in."""

    ref: str
    revision: int
    by: AnsweredBy = AnsweredBy.HAND


@dataclass(frozen=True)
class Taken:
    """What became of a statement: it counts, comes too late to count, or waits for an officer."""

    late: bool = False
    waits: bool = False


# ── the answers ──────────────────────────────────────────────────────────────


def state_balance(actor: Actor, seen: Seen, said: Statement) -> Taken:
    """State the balance of a claim, in cents, with reference, rank, agent and what keeps a consent in advance from answering.

    Raises Refusal (also for costs above the scale that nobody confirmed), NotFound, Conflict when it changed since it was seen.
    """
    actor.must(Permission.STATE_BALANCES)
    with transaction() as session:
        return state_within(session, actor, seen, said)


def state_within(session: Session, actor: Actor, seen: Seen, said: Statement) -> Taken:
    """State a balance as `state_balance` does, within a transaction; the actor must have the permission already."""
    found = _opened(session, actor, seen.ref)
    if actor.kind is Kind.AGENT:  # for whom it acts and whether it does, is the creditor's to say
        said = replace(said, agent_id=found.request.agent_id)
    rules.check_statement(said, today())
    _must_be_an_agent(session, found.request, said.agent_id)
    return _give(session, actor, found, seen, _stated(said))


def decline(actor: Actor, seen: Seen, ground: Ground, words: str = "") -> Taken:
    """Say why the creditor does not cooperate. Raises Refusal when another ground comes without words, NotFound, Conflict."""
    actor.must(Permission.STATE_BALANCES)
    with transaction() as session:
        return decline_within(session, actor, seen, ground, words)


def decline_within(session: Session, actor: Actor, seen: Seen, ground: Ground, words: str) -> Taken:
    """Say why not as `decline` does, within a transaction; the actor must have the permission already."""
    found = _opened(session, actor, seen.ref)
    rules.check_ground(ground, words)
    return _give(session, actor, found, seen, {"ground": ground, "explanation": words.strip()})


@dataclass(frozen=True)
class _Opened:
    """A request that is locked, and what the proposal that went out holds of its case."""

    request: BalanceRequest
    case_ref: str
    is_issued: bool


def _opened(session: Session, actor: Actor, ref: str) -> _Opened:
    """Lock the proposals of the case and then the request, in the order in which every use case locks them. Raises NotFound, Refusal."""
    mine = select(BalanceRequest.case_id).where(BalanceRequest.ref == ref, visible_to(actor))
    case_id = session.scalar(mine) if ref.isprintable() else None
    if case_id is None:
        raise NotFound
    with as_portal(session):
        is_issued = _payments(session, case_id) is not None
        case = session.execute(select(Case.ref, Case.closed_on).where(Case.id == case_id)).one()
    request = session.scalar(select(BalanceRequest).where(BalanceRequest.ref == ref, visible_to(actor)).with_for_update())
    if request is None:
        raise NotFound
    if case.closed_on is not None:
        raise Refusal("cases.balance_case_closed")
    return _Opened(request, case.ref, is_issued)


def _must_be_an_agent(session: Session, request: BalanceRequest, agent_id: int | None) -> None:
    known = {request.agent_id, None} | {id_ for id_, _ in mandated_agents(session, request.creditor_id)}
    if agent_id not in known:
        raise Refusal("cases.balance_agent_unknown", field="agent")


def _stated(said: Statement) -> dict[str, Any]:
    weighed = rules.weigh(said, today())
    return {
        "principal_cents": said.principal_cents, "interest_cents": said.interest_cents, "costs_cents": said.costs_cents,
        "total_cents": said.total_cents, "allowed_cents": weighed.allowed_cents if weighed else None, "notice_on": said.notice_on,
        "vat": said.vat, "reference": said.reference.strip()[:140], "rank": said.rank, "agent_id": said.agent_id,
        "obstacle": said.obstacle, "explanation": said.explanation.strip(),
    }  # fmt: skip


def _give(session: Session, actor: Actor, found: _Opened, seen: Seen, values: dict[str, Any]) -> Taken:
    request = found.request
    if before := _same(session, request, actor, values):
        return Taken(before.late, before.correction is Correction.WAITS)  # the second click of a double one
    if request.revision != seen.revision:
        raise Conflict
    late = rules.is_late(request.closes_on, request.state, today())
    with as_portal(session):  # an agent need not see the claim that its creditor gave to another since
        claim = session.get_one(Claim, request.claim_id, with_for_update=True)
        waits = not late and (found.is_issued or values.get("rank") not in (None, claim.rank))
        statement = _append(session, actor, request, seen, values, late=late, waits=waits)
        if not found.is_issued:
            _let_count(session, actor, found.case_ref, claim, statement)
        if statement.total_cents is not None:
            extend_pause(session, request.claim_id, today())
    _note(session, actor, request, statement, waits=found.is_issued and not late)
    _tell(session, request, statement)
    return Taken(late, waits)


def _same(session: Session, request: BalanceRequest, actor: Actor, values: dict[str, Any]) -> BalanceStatement | None:
    """Return the last statement when this person said this very thing in it."""
    newest = select(BalanceStatement).where(BalanceStatement.request_id == request.id).order_by(BalanceStatement.id.desc()).limit(1)
    last = session.scalar(newest)
    if last is None or last.who != actor.name[:200]:
        return None
    empty = dict.fromkeys(("total_cents", "ground", "obstacle", "rank", "agent_id"), None)
    return last if all(getattr(last, name) == value for name, value in (empty | values).items()) else None


def _append(
    session: Session, actor: Actor, request: BalanceRequest, seen: Seen, values: dict[str, Any], *, late: bool, waits: bool
) -> BalanceStatement:
    statement = BalanceStatement(
        request_id=request.id, claim_id=request.claim_id, creditor_id=request.creditor_id, at=now(), who=actor.name[:200],
        organisation=actor.organisation_name[:120], by=seen.by, late=late, correction=Correction.WAITS if waits else None, **values,
    )  # fmt: skip
    if not late:
        older = (BalanceStatement.request_id == request.id, BalanceStatement.correction == Correction.WAITS)
        session.execute(update(BalanceStatement).where(*older).values(correction=Correction.REPLACED))
    session.add(statement)
    session.flush()
    return statement


def _note(session: Session, actor: Actor, request: BalanceRequest, statement: BalanceStatement, *, waits: bool) -> None:
    """Set the state of the request and write what was said to the log, without words about a client."""
    said = BalanceAnswer.STATED if statement.ground is None else BalanceAnswer.NO_COOPERATION
    state = rules.answered(request.state, said, late=statement.late, waits=waits)
    record(
        session, actor, "balances:state", f"balance/{request.ref}", concerns_id=request.creditor_id,
        state=(request.state, state), total_cents=(None, statement.total_cents), costs_cents=(None, statement.costs_cents),
        ground=(None, statement.ground), obstacle=(None, statement.obstacle), late=(None, "yes" if statement.late else None),
        answered_by=(None, statement.by),
    )  # fmt: skip
    request.state, request.draft = state, None
    request.answered_at, request.answered_by, request.answerer = statement.at, statement.by, statement.who


def _let_count(
    session: Session, actor: Actor, case_ref: str, claim: Claim, statement: BalanceStatement, *, rank: Rank | None = None
) -> None:
    """Let what was stated count for the claim; what was reported stays beside it. A rank counts only once an officer saw it.

    Of what came too late the sums do not count, the obstacle does: no consent in advance answers against a creditor's own words.
    """
    values: dict[str, Any] = {"obstacle": statement.obstacle is not None or statement.ground is not None}
    if statement.total_cents is not None and not statement.late:
        values |= {"stated_cents": statement.total_cents, "stated_on": local(statement.at).date(), "stated_by": _named(statement)}
        values |= {"reference": statement.reference} if statement.reference else {}
        values |= _agent(session, statement)
    if rank is not None:
        values |= {"rank": rank, "security_cents": claim.security_cents if rank is Rank.SECURED else 0}
    changes = {name: (getattr(claim, name), value) for name, value in values.items() if getattr(claim, name) != value}
    for name, (_, value) in changes.items():
        setattr(claim, name, value)
    shown = {f"claim {claim.number} {name}": change for name, change in changes.items() if name in _SHOWN}
    if shown:
        record(session, actor, "cases:balance-stated", f"case/{case_ref}", concerns_id=None, **shown)


_SHOWN = ("stated_cents", "stated_on", "rank", "obstacle", "security_cents")


def _named(statement: BalanceStatement) -> str:
    return f"{statement.who}, {statement.organisation}"[:200]


def _agent(session: Session, statement: BalanceStatement) -> dict[str, Any]:
    """Return the columns of the claim that say who collects, when the creditor names another than was asked.

    An agent without a mandate is not asked; that the form does not name it changes nothing.
    """
    agent_id, request = statement.agent_id, session.get_one(BalanceRequest, statement.request_id)
    if agent_id == request.agent_id:
        return {}
    request.agent_id = agent_id  # who acts from now on sees it, and who did before no more
    none: dict[str, Any] = {"agent_id": None, "agent_reference": "", "bailiff_id": None, "bailiff_reference": ""}
    if agent_id is None:
        return none
    is_bailiff = session.scalar(select(Organisation.is_bailiff).where(Organisation.id == agent_id))
    return none | {"bailiff_id" if is_bailiff else "agent_id": agent_id}


def _tell(session: Session, request: BalanceRequest, statement: BalanceStatement) -> None:
    """Mail the bank what waits for its hand; and the creditor when its letter's code was used, so that misuse shows."""
    if statement.by is AnsweredBy.CODE:
        creditor = session.get_one(Organisation, request.creditor_id)
        notify(session, "balances.answered_by_code", Recipient(creditor.email, creditor.id), "/answer", request=request.ref)
    if statement.correction is Correction.WAITS:
        bank = session.scalar(select(Organisation).where(Organisation.kind == Kind.BANK).order_by(Organisation.id).limit(1))
        if bank:
            notify(session, "balances.asks_the_bank", Recipient(bank.email, bank.id), f"/balances/{request.ref}", request=request.ref)


# ── what an officer decides ──────────────────────────────────────────────────


def take_over(actor: Actor, case_ref: str, statement_id: int) -> None:
    """Let a correction count, with its rank; what was offered stays as it is until somebody reckons again.

    Raises Refusal when the proposal pays more than the balance that was stated, or rests on another rank; NotFound, Conflict when it
    was decided already.
    """
    actor.must(Permission.ASK_BALANCES)
    with transaction() as session:
        statement = _waiting(session, actor, case_ref, statement_id)
        claim = session.get_one(Claim, statement.claim_id, with_for_update=True)
        offered = _payments(session, claim.case_id)
        if offered is not None and statement.rank not in (None, claim.rank):
            raise Refusal("cases.balance_rank_proposed", statement=statement.id)  # it would divide the sum otherwise
        paid = (offered or {}).get(claim.id, 0)
        security = claim.security_cents if statement.rank is Rank.SECURED else 0
        if statement.total_cents is not None and statement.total_cents - security < paid:
            raise Refusal("cases.balance_paid_above", statement=statement.id)
        _decide(session, actor, statement, Correction.TAKEN_OVER)
        _let_count(session, actor, visible_ref(session, actor, case_ref), claim, statement, rank=statement.rank)


def refuse(actor: Actor, case_ref: str, statement_id: int, reason: str) -> None:
    """Leave a correction aside, with a reason that the creditor reads. Raises Refusal without a reason, NotFound, Conflict."""
    actor.must(Permission.ASK_BALANCES)
    if not reason.strip():
        raise Refusal("cases.balance_reason_missing", field="reason")
    with transaction() as session:
        statement = _waiting(session, actor, case_ref, statement_id)
        statement.refusal = reason.strip()
        _decide(session, actor, statement, Correction.REFUSED)


def _waiting(session: Session, actor: Actor, case_ref: str, statement_id: int) -> BalanceStatement:
    """Return a correction in a case that waits; the case's proposals and the request are locked first. Raises NotFound, Conflict."""
    case = visible_case(session, actor, case_ref)
    _payments(session, case.id)
    mine = BalanceStatement.id == statement_id, BalanceStatement.claim_id.in_([claim.id for claim in case.claims])
    asked = BalanceRequest.id.in_(select(BalanceStatement.request_id).where(*mine))
    session.execute(select(BalanceRequest.id).where(asked).with_for_update())
    statement = session.scalar(select(BalanceStatement).where(*mine).with_for_update())
    if statement is None:
        raise NotFound
    if statement.correction is not Correction.WAITS:
        raise Conflict
    return statement


def _decide(session: Session, actor: Actor, statement: BalanceStatement, decided: Correction) -> None:
    statement.correction, statement.decided_at, statement.decided_by = decided, now(), actor.name[:200]
    request = session.get_one(BalanceRequest, statement.request_id)
    record(
        session, actor, "balances:decide", f"balance/{request.ref}", concerns_id=request.creditor_id,
        correction=(Correction.WAITS, decided), total_cents=(None, statement.total_cents),
    )  # fmt: skip
    party = session.get_one(Organisation, request.agent_id or request.creditor_id)
    if request.visibility is Visibility.VISIBLE:
        notify(session, "balances.decided", Recipient(party.email, party.id), f"/balances/{request.ref}", request=request.ref)


# ── beside answering ─────────────────────────────────────────────────────────


def save_draft(actor: Actor, ref: str, draft: dict[str, str]) -> None:
    """Keep an answer that was begun, for whoever goes on with it. Raises NotFound, Refusal when there is nothing to answer."""
    actor.must(Permission.STATE_BALANCES)
    with transaction() as session:
        request = _opened(session, actor, ref).request
        # beside the version column: a draft changes nothing that a colleague could answer over
        session.execute(update(BalanceRequest).where(BalanceRequest.id == request.id).values(draft=draft))
        record(session, actor, "balances:save-draft", f"balance/{ref}", concerns_id=request.creditor_id)


def note_opened(actor: Actor, ref: str) -> None:
    """Note that somebody opened a request: it tells of a person in debt. Raises NotFound."""
    actor.must(Permission.READ_BALANCES)
    with transaction() as session:
        creditor_id = session.scalar(select(BalanceRequest.creditor_id).where(BalanceRequest.ref == ref, visible_to(actor)))
        if creditor_id is None:
            raise NotFound
        record(session, actor, "balances:open", f"balance/{ref}", concerns_id=creditor_id)


def export_requests(actor: Actor, query: BalanceQuery) -> list[BalanceRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    with transaction() as session:
        rows = list(all_rows(session, actor, query))
        record(
            session, actor, "balances:export", "balances", concerns_id=actor.organisation_id,
            rows=(None, len(rows)), refs=(None, " ".join(row.ref for row in rows[:MOST_NAMED])),
        )  # fmt: skip
        return rows
