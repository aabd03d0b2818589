"""Use cases of answering notices with a file: try it, say yes to it, and give what it holds, row by row.

What a row does is exactly what the same answer does by hand: the steps of `pausing` give it.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.cases import pause_rules, pause_sheets
from app.cases.models import Notice
from app.cases.pause_queries import agents_of, visible_to
from app.cases.pause_rules import NoticeState, Searched
from app.cases.pause_sheets import AGENT, ANSWER, FIELDS, KEY, WORDS, NoticeFilled
from app.cases.pausing import SeenNotice, confirm_within, name_agent_within, report_obstacle_within, say_unknown_within
from app.cases.rules import AnsweredBy
from app.cases.words import ANSWERING
from app.clock import today
from app.db import transaction
from app.errors import NotFound, Refusal
from app.exchange import answering, hub
from app.exchange.answering import Desk, Judged, Progress, alone, refused
from app.exchange.rules import Fate
from app.exchange.sheets import Row
from app.exchange.uploads import Incoming


def try_file(actor: Actor, file: Incoming) -> str:
    """Try a file without giving anything; return the reference under which it waits for a yes. Raises NotFound, Refusal."""
    return answering.try_file(actor, DESK, file)


def confirm_file(actor: Actor, ref: str) -> bool:
    """Give the answers of a file: up to 200 rows here and now, more by a job; return whether a job does it. Raises NotFound."""
    with transaction() as session:
        confirmed = answering.confirm(session, actor, DESK, ref)
        if confirmed.is_first:
            rows = (None, confirmed.rows)
            record(session, actor, "pauses:answer-file", f"import/{ref}", concerns_id=actor.organisation_id, rows=rows)
    if not confirmed.is_long:
        go_on(actor, ref)
    return confirmed.is_long


def go_on(actor: Actor, ref: str, progress: Progress | None = None) -> None:
    """Give what is left of a file that got its yes. Raises NotFound."""
    answering.go_on(actor, DESK, ref, progress)


# ── one row ──────────────────────────────────────────────────────────────────


def _judge(session: Session, actor: Actor, rows: Sequence[Row[NoticeFilled]]) -> list[Judged]:
    known = _known(session, actor, {row.values.ref.upper() for row in rows if not row.values.is_empty})
    return [_judged(row.values, known.get(row.values.ref.upper())) for row in rows]


def _known(session: Session, actor: Actor, refs: set[str]) -> dict[str, Notice]:
    found = select(Notice).where(Notice.ref.in_(refs), visible_to(actor)).order_by(Notice.id)
    return {notice.ref: notice for notice in session.scalars(found)}


def _judged(told: NoticeFilled, known: Notice | None) -> Judged:
    if told.is_empty:
        return Judged(Fate.EMPTY)
    if known is None:
        return refused(KEY, "answers.missing")
    try:
        answer = _answer(told)
        if _stands(known, told, answer):
            return Judged(Fate.UNCHANGED, answer.value, known.revision)
        pause_rules.check_answer(known.state, answer, known.pause_until, known.ended_on, today())
    except Refusal as refusal:
        return refused(refusal.field, refusal.code, **refusal.facts)
    return Judged(Fate.WAITS, answer.value, known.revision)


def _answer(told: NoticeFilled) -> NoticeState:
    """Return the answer that a row holds. Raises Refusal for what belongs to another answer, or is missing."""
    answer = told.answer
    if answer is None:
        raise Refusal("answers.answer_missing", field=ANSWER)
    if told.agent and answer is not NoticeState.OTHER_AGENT:
        raise Refusal("pauses.agent_for_nothing", field=AGENT)
    if answer is NoticeState.OTHER_AGENT and not told.agent:
        raise Refusal("pauses.agent_name_missing", field=AGENT)
    if answer is NoticeState.CLIENT_UNKNOWN:
        _check_searched(told.searched)
    if answer is NoticeState.OBSTACLE and not told.words.strip():
        raise Refusal("answers.words_missing", field=WORDS)
    if told.words.strip() and answer is not NoticeState.OBSTACLE:
        raise Refusal("pauses.words_for_nothing", field=WORDS)
    return answer


def _check_searched(fields: frozenset[Searched]) -> None:
    try:
        pause_rules.check_searched(fields)
    except Refusal as refusal:
        raise Refusal(refusal.code, field=FIELDS, **refusal.facts) from refusal


def _stands(known: Notice, told: NoticeFilled, answer: NoticeState) -> bool:
    """Tell whether this very answer was given already, by whomever."""
    if known.state is not answer:
        return False
    match answer:
        case NoticeState.OTHER_AGENT:
            return known.named_agent.casefold() == told.agent.casefold()
        case NoticeState.CLIENT_UNKNOWN:
            return set(known.searched) == {field.value for field in told.searched}
        case NoticeState.OBSTACLE:
            return known.words == told.words.strip()
    return True


def _give(session: Session, actor: Actor, told: NoticeFilled, revision: int) -> Fate:
    seen = SeenNotice(told.ref.upper(), revision, AnsweredBy.FILE)
    match _answer(told):
        case NoticeState.OTHER_AGENT:
            _name_agent(session, actor, seen, told.agent)
        case NoticeState.CLIENT_UNKNOWN:
            say_unknown_within(session, actor, seen, told.searched)
        case NoticeState.OBSTACLE:
            report_obstacle_within(session, actor, seen, told.words)
        case _:
            confirm_within(session, actor, seen)
    return Fate.DONE


def _name_agent(session: Session, actor: Actor, seen: SeenNotice, name: str) -> None:
    """Name an agent by the name in the file: one with a mandate is asked at once, any other is for the bank to find."""
    notice = _known(session, actor, {seen.ref}).get(seen.ref)
    if notice is None:
        raise NotFound
    known = {one.casefold(): id_ for id_, one in agents_of(session, actor, notice.creditor_id)}
    name_agent_within(session, actor, seen, known.get(name.casefold()), name)


DESK = Desk(
    hub.NOTICES,
    Permission.ANSWER_NOTICES,
    "cases.answer_notices_from_file",
    ANSWERING,
    pause_sheets.SHEET,
    pause_sheets.SHOWN,
    _judge,
    alone(_give),
    piece=1,
)
