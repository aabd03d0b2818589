"""Use cases of the bank on balance requests: send them, remind of them, and close them.

Sending twice asks nobody twice: a claim has one request. Reminding and closing look at the days in the rows, so a second run on a
day does nothing and one after an outage catches up. A mail holds numbers only.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Permission
from app.audit.service import record
from app.cases import balance_rules as rules
from app.cases.balance_access import acting_agents
from app.cases.balance_rules import BalanceAnswer
from app.cases.balance_words import TITLES
from app.cases.listing import ListQuery, found_ids
from app.cases.models import BalanceRequest, Case, Claim
from app.cases.queries import visible_case
from app.cases.rules import Stage, Visibility
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import REF_ALPHABET, new_ref, reading, transaction
from app.errors import NotFound, Refusal
from app.jobs import service as jobs
from app.notifications.service import Recipient, notify
from app.sealing import blind_index

CODE_LENGTH = 10
CASES = 25  # in one transaction
LETTERS = 100  # in one job
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Sent:
    """What sending came to: requests that went out, cases in which they did, and cases that were left."""

    requests: int = 0
    cases: int = 0
    left: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.requests + other.requests, self.cases + other.cases, self.left + other.left)


# ── sending ──────────────────────────────────────────────────────────────────


def send_requests(actor: Actor, case_ref: str) -> int:
    """Ask every creditor of a case that stated no balance yet; return how many were asked. Raises Refusal, NotFound."""
    actor.must(Permission.ASK_BALANCES)
    with transaction() as session:
        case = visible_case(session, actor, case_ref)
        session.execute(select(Case.id).where(Case.id == case.id).with_for_update(key_share=True))
        sent = _ask(session, actor, case, _askable(session, case))
        _write_letters(session, sent)
        _tell(session, BalanceRequest.case_id == case.id)
        return len(sent)


def start_sending(actor: Actor, query: ListQuery, key: str) -> None:
    """Ask the creditors of every case that the filters show, as a job whose progress stands at /jobs/<key>."""
    actor.must(Permission.ASK_BALANCES)
    with transaction() as session:
        ids = found_ids(session, actor, query)
        jobs.start(session, actor, key, str(TITLES["send"]), len(ids))
        argument = {"key": key, "person": actor.person_id, "organisation": actor.organisation_id, "cases": ids}
        jobs.enqueue(session, "cases.send_balance_requests", argument, key=key)


def send_to_cases(actor: Actor, ids: Sequence[int], *, progress: Progress | None = None) -> Sent:
    """Ask the creditors of cases (ids); one that cannot be asked is left. Running again asks nobody twice."""
    actor.must(Permission.ASK_BALANCES)
    total = Sent()
    for start in range(0, len(ids), CASES):
        with transaction() as session:
            total += _send_some(session, actor, ids[start : start + CASES])
        if progress:
            progress(min(start + CASES, len(ids)), len(ids))
    tell_asked()
    return total


def tell_asked() -> None:
    """Tell each creditor or agent once of the requests that it was not told of yet; also after a run that broke off."""
    with transaction() as session:
        _tell(session)


def _send_some(session: Session, actor: Actor, ids: Sequence[int]) -> Sent:
    sent = Sent()
    refs = session.scalars(select(Case.ref).where(Case.id.in_(ids)).order_by(Case.id).with_for_update(key_share=True)).all()
    for ref in refs:
        try:
            case = visible_case(session, actor, ref)
            requests = _ask(session, actor, case, _askable(session, case))
        except (Refusal, NotFound):  # also what was erased, or left the officer's sight, since the order was given
            sent += Sent(left=1)
            continue
        _write_letters(session, requests)
        sent += Sent(len(requests), 1)
    return sent


def _askable(session: Session, case: Case) -> list[Claim]:
    """Return the claims whose creditors can be asked now. Raises Refusal when the case does not let it, or there are none."""
    if case.closed_on is not None:
        raise Refusal("cases.balance_case_closed")
    if case.restricted_at is not None:
        raise Refusal("cases.balance_case_rests")
    if case.stage is not Stage.INTAKE:
        raise Refusal("cases.balance_proposal_made")
    asked = set(session.scalars(select(BalanceRequest.claim_id).where(BalanceRequest.case_id == case.id).order_by(BalanceRequest.id)))
    claims = [claim for claim in case.claims if claim.stated_cents is None and claim.id not in asked]
    if not claims:
        raise Refusal("cases.balance_nothing_to_ask")
    return claims


def _ask(session: Session, actor: Actor, case: Case, claims: list[Claim]) -> list[BalanceRequest]:
    agents, days = acting_agents(session, claims, today()), rules.days(today())
    requests = [_request(actor, case, claim, agents[claim.id], days) for claim in claims]
    session.add_all(requests)
    session.flush()
    # beside its version: no fact of the case changes
    session.execute(update(Case).where(Case.id == case.id).values(balances_asked_on=today()))
    for request in requests:
        record(session, actor, "balances:ask", f"balance/{request.ref}", concerns_id=request.creditor_id, closes_on=(None, days.closes_on))
    record(session, actor, "cases:ask-balances", f"case/{case.ref}", requests=(None, len(requests)))
    return requests


def _request(actor: Actor, case: Case, claim: Claim, agent_id: int | None, days: rules.Days) -> BalanceRequest:
    code = "".join(secrets.choice(REF_ALPHABET) for _ in range(CODE_LENGTH))
    return BalanceRequest(
        ref=new_ref("S"), case_id=case.id, claim_id=claim.id, creditor_id=claim.creditor_id, agent_id=agent_id,
        reference=claim.reference, surname_index=case.surname_index, sent_on=today(), sent_by=actor.name[:200],
        answer_by=days.answer_by, remind_on=[day.isoformat() for day in days.remind_on], closes_on=days.closes_on,
        code=code, code_index=blind_index(code),
    )  # fmt: skip


def _write_letters(session: Session, requests: list[BalanceRequest]) -> None:
    ids = [request.id for request in requests]
    for start in range(0, len(ids), LETTERS):
        some = ids[start : start + LETTERS]
        jobs.enqueue(session, "cases.write_balance_letters", {"requests": some}, key=f"{some[0]}-{some[-1]}")


def _tell(session: Session, only: ColumnElement[bool] | None = None) -> None:
    """Mark what was untold as told, and write to whoever acts on it; of two runs that end at once each tells what it marked."""
    new = (
        BalanceRequest.told_at.is_(None), BalanceRequest.state == BalanceAnswer.OPEN, BalanceRequest.visibility == Visibility.VISIBLE,
        *(() if only is None else (only,)),
    )  # fmt: skip
    columns = (BalanceRequest.id, BalanceRequest.ref, BalanceRequest.agent_id, BalanceRequest.creditor_id, BalanceRequest.answer_by)
    parties: dict[int, list[tuple[str, date]]] = defaultdict(list)
    ids = []
    for id_, ref, agent_id, creditor_id, answer_by in session.execute(
        select(*columns).where(*new).order_by(BalanceRequest.id).with_for_update()
    ):
        ids.append(id_)
        parties[agent_id or creditor_id].append((ref, answer_by))
    _set_beside(session, ids, told_at=now())
    _mail(session, "balances.asked", parties)


def _mail(session: Session, code: str, parties: dict[int, list[tuple[str, date]]]) -> None:
    """Mail each party once about its requests, in numbers."""
    for party in session.scalars(select(Organisation).where(Organisation.id.in_(parties)).order_by(Organisation.id)):
        mine = parties[party.id]
        path = f"/balances/{mine[0][0]}" if len(mine) == 1 else "/balances"
        first = min(day for _, day in mine)
        notify(session, code, Recipient(party.email, party.id), path, number=len(mine), first=f"{first:%d-%m-%Y}")


def _set_beside(session: Session, ids: Sequence[int], **values: object) -> None:
    """Set columns beside the version: nobody's answer is overtaken by a mail."""
    for start in range(0, len(ids), 1000):
        mine = BalanceRequest.id.in_(ids[start : start + 1000])
        session.execute(update(BalanceRequest).where(mine).values(**values), execution_options={"synchronize_session": False})


# ── reminding and closing ────────────────────────────────────────────────────

_WAITS = (BalanceRequest.state == BalanceAnswer.OPEN, BalanceRequest.visibility == Visibility.VISIBLE)


def run_reminders(day: date, actor: Actor = SYSTEM) -> int:
    """Send whoever acts one mail about the requests whose reminder is due by this day; return of how many requests."""
    with reading() as session:
        parties = sorted({row.party_id for row in _due(session, day)})
    done = 0
    for party_id in parties:
        with transaction() as session:
            done += _remind(session, actor, party_id, day)
    return done


class _Due(NamedTuple):
    """A request to remind of: who acts, its reminders so far, and how many are due."""

    id: int
    party_id: int
    creditor_id: int
    ref: str
    answer_by: date
    before: int
    number: int


def _due(session: Session, day: date, party_id: int | None = None) -> list[_Due]:
    """Return the requests of which a reminder is due by a day; those of one party are locked."""
    acts = func.coalesce(BalanceRequest.agent_id, BalanceRequest.creditor_id)
    found = (
        select(
            BalanceRequest.id, acts, BalanceRequest.creditor_id, BalanceRequest.ref, BalanceRequest.answer_by,
            BalanceRequest.reminders, BalanceRequest.remind_on,
        )
        .where(*_WAITS, BalanceRequest.closes_on >= day)
        .order_by(BalanceRequest.id)
    )  # fmt: skip
    if party_id is not None:
        found = found.where(acts == party_id).with_for_update()
    rows = [_Due(row[0], row[1], row[2], row[3], row[4], row[5], _number(row[6], day)) for row in session.execute(found)]
    return [row for row in rows if row.number > row.before]


def _number(remind_on: list[str], day: date) -> int:
    return rules.reminders_due(tuple(date.fromisoformat(one) for one in remind_on), day)


def _remind(session: Session, actor: Actor, party_id: int, day: date) -> int:
    due = _due(session, day, party_id)
    by_number: dict[int, list[int]] = defaultdict(list)
    for row in due:
        by_number[row.number].append(row.id)
        changed = {"reminders": (row.before, row.number)}
        record(session, actor, "balances:remind", f"balance/{row.ref}", concerns_id=row.creditor_id, **changed)
    for number, ids in by_number.items():
        _set_beside(session, ids, reminders=number)
    if due:
        _mail(session, "balances.reminder", {party_id: [(row.ref, row.answer_by) for row in due]})
    return len(due)


def close_over(day: date, actor: Actor = SYSTEM) -> int:
    """Close the requests whose last day this is, or went by: the reported amount counts, marked 'not stated'; return how many.

    Late in the evening, so that the day itself counts. What rests (art. 18 GDPR) stands still.
    """
    with reading() as session:
        over = (*_WAITS, BalanceRequest.closes_on <= day)
        ids = list(session.scalars(select(BalanceRequest.id).where(*over).order_by(BalanceRequest.id)))
    done = 0
    for start in range(0, len(ids), 500):
        with transaction() as session:
            done += _close(session, actor, ids[start : start + 500], day)
    return done


def _close(session: Session, actor: Actor, ids: Iterable[int], day: date) -> int:
    over = (BalanceRequest.id.in_(list(ids)), *_WAITS, BalanceRequest.closes_on <= day)
    requests = list(session.scalars(select(BalanceRequest).where(*over).order_by(BalanceRequest.id).with_for_update()))
    for request in requests:
        record(
            session, actor, "balances:close", f"balance/{request.ref}", concerns_id=request.creditor_id,
            state=(request.state, BalanceAnswer.NOT_STATED),
        )  # fmt: skip
        request.state, request.draft = BalanceAnswer.NOT_STATED, None
    return len(requests)
