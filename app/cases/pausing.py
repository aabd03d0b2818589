"""Use cases of a creditor or its agent on notices: confirm one or many, name who collects, say that the client is unknown, report.

An answer, its audit event and the mail that follows are one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.queries import did_today
from app.audit.service import record
from app.cases import pause_rules
from app.cases.models import Case, Claim, Notice
from app.cases.pause_queries import PauseQuery, PauseRow, agents_of, all_rows, visible_notice, visible_to, waits_for
from app.cases.pause_rules import BreachSource, NoticeState, Searched
from app.cases.pauses import report_breach, tell_bank, tell_parties
from app.cases.rules import AnsweredBy
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.errors import Conflict, Refusal

MOST_NAMED = 5000  # notices that an audit event of an export names
MOST_AT_ONCE = 1000  # that one answer confirms


@dataclass(frozen=True)
class SeenNotice:
    """The notice as the person had it in front of it, and by which way its answer comes in."""

    ref: str
    revision: int
    by: AnsweredBy = AnsweredBy.HAND


@dataclass(frozen=True)
class Confirmed:
    """What confirming many at once came to: their numbers, and the others with the code of why not."""

    refs: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


# ── the answers ──────────────────────────────────────────────────────────────


def confirm_notice(actor: Actor, seen: SeenNotice) -> None:
    """Confirm that collecting stands still. Raises NotFound, Refusal (over, or not possible any more), Conflict."""
    with transaction() as session:
        confirm_within(session, actor, seen)


def confirm_within(session: Session, actor: Actor, seen: SeenNotice) -> None:
    """Confirm within a transaction, as `confirm_notice` does."""
    _answer(session, actor, seen, NoticeState.CONFIRMED)


def name_agent(actor: Actor, seen: SeenNotice, agent_id: int | None, name: str = "") -> None:
    """Name who collects: an agent with a mandate of the creditor, who is asked at once, or by words, for the bank to find.

    Raises Refusal without either, or for an agent without mandate; NotFound, Conflict.
    """
    with transaction() as session:
        name_agent_within(session, actor, seen, agent_id, name)


def name_agent_within(session: Session, actor: Actor, seen: SeenNotice, agent_id: int | None, name: str) -> None:
    """Name who collects within a transaction, as `name_agent` does."""
    notice = visible_notice(session, actor, seen.ref)
    agent = _agent(session, actor, notice, agent_id)
    name = agent.name if agent else name.strip()
    if not name:
        raise Refusal("pauses.agent_missing", field="agent_name")
    named: dict[str, Any] = {"named_agent_id": agent.id if agent else None, "named_agent": name[:120]}
    claim = session.get_one(Claim, notice.claim_id, with_for_update=True)  # before its notice: see `db.transaction`
    notice = _answer(session, actor, seen, NoticeState.OTHER_AGENT, asks_the_bank=agent is None, **named)
    if agent is not None and agent.id != notice.agent_id:
        _hand_over(session, actor, notice, claim, agent)
        tell_parties(session, "pauses.sent", [notice])


def say_unknown(actor: Actor, seen: SeenNotice, searched: frozenset[Searched]) -> None:
    """Say that the client is not known, and by which fields it was looked for. Raises Refusal for fewer than two, NotFound, Conflict."""
    with transaction() as session:
        say_unknown_within(session, actor, seen, searched)


def say_unknown_within(session: Session, actor: Actor, seen: SeenNotice, searched: frozenset[Searched]) -> None:
    """Say within a transaction that the client is not known, as `say_unknown` does."""
    pause_rules.check_searched(searched)
    fields = [field.value for field in Searched if field in searched]
    _answer(session, actor, seen, NoticeState.CLIENT_UNKNOWN, asks_the_bank=True, searched=fields)


def report_obstacle(actor: Actor, seen: SeenNotice, words: str) -> None:
    """Say why collecting cannot stand still. Raises Refusal without words, NotFound, Conflict."""
    with transaction() as session:
        report_obstacle_within(session, actor, seen, words)


def report_obstacle_within(session: Session, actor: Actor, seen: SeenNotice, words: str) -> None:
    """Say within a transaction why collecting cannot stand still, as `report_obstacle` does."""
    if not words.strip():
        raise Refusal("pauses.words_missing", field="words")
    _answer(session, actor, seen, NoticeState.OBSTACLE, asks_the_bank=True, words=words.strip())


def confirm_notices(actor: Actor, refs: Sequence[str], by: AnsweredBy = AnsweredBy.HAND) -> Confirmed:
    """Confirm many notices at once, each that still waits; name the others with the reason. Somebody else's counts as missing.

    Raises Refusal for none, or for more than a thousand.
    """
    actor.must(Permission.ANSWER_NOTICES)
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        raise Refusal("pauses.choose_rows")
    if len(wanted) > MOST_AT_ONCE:
        raise Refusal("pauses.too_many_rows", most=MOST_AT_ONCE)
    with transaction() as session:
        legible = [ref for ref in wanted if ref.isprintable()]
        found = select(Notice).where(Notice.ref.in_(legible), visible_to(actor)).order_by(Notice.id).with_for_update()
        notices = {notice.ref: notice for notice in session.scalars(found)}
        left = {ref: no for ref in wanted if (no := _why_not(actor, notices.get(ref)))}
        done = [ref for ref in wanted if ref not in left]
        for ref in done:
            _give(session, actor, notices[ref], NoticeState.CONFIRMED, by)
        return Confirmed(tuple(done), tuple(left.items()))


def report_collecting(actor: Actor, ref: str, happened_on: date, words: str) -> None:
    """Report that the own organisation, or somebody for it, collected during the pause. Raises Refusal, NotFound."""
    actor.must(Permission.ANSWER_NOTICES)
    with transaction() as session:
        report_breach(session, actor, visible_notice(session, actor, ref, lock=True), BreachSource.CREDITOR, happened_on, words)


# ── beside answering ─────────────────────────────────────────────────────────


def note_opened(actor: Actor, ref: str) -> None:
    """Note that somebody opened a notice, which names a person in debt: once a day for each person. Raises NotFound."""
    with reading() as session:
        notice = visible_notice(session, actor, ref)
        if actor.person_id is not None and did_today(session, actor, "pauses:open", f"notice/{ref}"):
            return
    with transaction() as session:
        record(session, actor, "pauses:open", f"notice/{ref}", concerns_id=notice.creditor_id)


def export_pauses(actor: Actor, query: PauseQuery) -> list[PauseRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    with transaction() as session:
        rows = list(all_rows(session, actor, query))
        record(
            session, actor, "pauses:export", "notices", concerns_id=actor.organisation_id,
            rows=(None, len(rows)), refs=(None, " ".join(row.ref for row in rows[:MOST_NAMED])),
        )  # fmt: skip
        return rows


# ── steps ────────────────────────────────────────────────────────────────────


def _answer(session: Session, actor: Actor, seen: SeenNotice, state: NoticeState, *, asks_the_bank: bool = False, **facts: Any) -> Notice:
    """Give a notice its answer as the person saw it, and tell the bank what asks for its hand.

    The same answer by the same person again changes nothing and tells nobody.
    """
    actor.must(Permission.ANSWER_NOTICES)
    notice = visible_notice(session, actor, seen.ref, lock=True)
    if _is_same(notice, actor, state, facts):
        return notice  # the second click of a double one
    if notice.revision != seen.revision:
        raise Conflict
    pause_rules.check_answer(notice.state, state, notice.pause_until, notice.ended_on, today())
    _give(session, actor, notice, state, seen.by, **facts)
    if asks_the_bank:
        tell_bank(session, "pauses.asks_the_bank", notice)
    return notice


def _is_same(notice: Notice, actor: Actor, state: NoticeState, facts: dict[str, Any]) -> bool:
    mine = (notice.state, notice.answerer) == (state, actor.name[:200])
    return mine and all(getattr(notice, name) == value for name, value in facts.items())


def _give(session: Session, actor: Actor, notice: Notice, state: NoticeState, by: AnsweredBy, **facts: Any) -> None:
    before, notice.state = notice.state, state
    notice.answered_at, notice.answered_by, notice.answerer = now(), by, actor.name[:200]
    empty: dict[str, Any] = {"named_agent_id": None, "named_agent": "", "searched": [], "words": ""}
    for name, value in (empty | facts).items():
        setattr(notice, name, value)
    record(
        session, actor, "pauses:answer", f"notice/{notice.ref}", concerns_id=notice.creditor_id,
        state=(before, state), answered_by=(None, by), agent=(None, notice.named_agent or None),
    )  # fmt: skip
    session.flush()


def _why_not(actor: Actor, notice: Notice | None) -> str | None:
    """Return the code of why a notice cannot be confirmed with others at once; None when it can."""
    if notice is None:
        return "pauses.row_missing"
    if notice.ended_on is not None or notice.pause_until < today():
        return "pauses.over"
    return None if notice.state in waits_for(actor) else "pauses.answered_already"


def _agent(session: Session, actor: Actor, notice: Notice, agent_id: int | None) -> Organisation | None:
    if agent_id is None:
        return None
    if agent_id not in dict(agents_of(session, actor, notice.creditor_id)):
        raise Refusal("pauses.agent_without_mandate", field="agent")
    return session.get_one(Organisation, agent_id)


def _hand_over(session: Session, actor: Actor, notice: Notice, claim: Claim, agent: Organisation) -> None:
    """Let the notice and the claim go to the agent that was named: what the bank asks later goes there too."""
    notice.agent_id, notice.reminded_on = agent.id, None  # for the new one the time begins anew
    case_ref = session.scalar(select(Case.ref).where(Case.id == notice.case_id))
    before = claim.bailiff_id or claim.agent_id
    named = session.get(Organisation, before) if before else None
    claim.agent_id, claim.bailiff_id = (None, agent.id) if agent.is_bailiff else (agent.id, None)
    claim.agent_reference = claim.bailiff_reference = ""  # of the agent before
    change: dict[str, Any] = {f"claim {claim.number} agent_id": (named.name if named else None, agent.name)}
    record(session, actor, "cases:edit", f"case/{case_ref}", **change)
