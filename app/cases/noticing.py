"""Use cases of the bank on pauses: send notices for one case or for many, remind, end them, note a complaint, deal with what was told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, selectinload

from app.access import SYSTEM, Actor, Permission
from app.audit.service import record
from app.cases import pause_rules
from app.cases.balance_access import acting_agents
from app.cases.listing import ListQuery, select_ids
from app.cases.models import Case, Claim, Notice, PauseBreach
from app.cases.pause_rules import BreachSource, EndReason, NoticeState
from app.cases.pauses import end_pauses, report_breach, tell_parties
from app.cases.queries import visible_case
from app.cases.rules import Visibility
from app.cases.words import SENDING
from app.clock import local, now, today
from app.db import as_portal, new_ref, reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.jobs import service as jobs

CHUNK = 50  # cases in one transaction
MOST_CASES = 20_000  # that one order may name
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sent:
    """What a run over many cases came to."""

    cases: int
    notices: int
    left: int  # cases to which nothing could be sent


def send_notices(actor: Actor, ref: str) -> int:
    """Send a notice for each claim of a case that has no pause; return how many went out. Raises Refusal, NotFound."""
    actor.must(Permission.SEND_NOTICES)
    with transaction() as session:
        case = visible_case(session, actor, ref)
        session.refresh(case, with_for_update={"key_share": True})  # two officers, or an officer and a run over many: one of them sends
        if no := _why_not(case):
            raise Refusal(no)
        notices = _send(session, actor, [case])
        if not notices:
            raise Refusal("pauses.nothing_to_send")
        return len(notices)


def start_sending(actor: Actor, query: ListQuery, key: str) -> int:
    """Send notices for every case that a list shows, as a job whose progress stands at /jobs/<key>; return how many cases it names.

    Raises Refusal when the list shows none for which a notice can go out, or too many.
    """
    actor.must(Permission.SEND_NOTICES)
    with transaction() as session:
        ids = list(session.scalars(_without_notice(actor, query).limit(MOST_CASES + 1)))
        if not ids:
            raise Refusal("pauses.nothing_to_send")
        if len(ids) > MOST_CASES:
            raise Refusal("pauses.too_many_cases", most=MOST_CASES)
        jobs.start(session, actor, key, str(SENDING), len(ids))
        argument = {"key": key, "person": actor.person_id, "organisation": actor.organisation_id, "cases": ids}
        jobs.enqueue(session, "cases.send_notices", argument, key=key)
        record(session, actor, "pauses:send", "cases", rows=(None, len(ids)))
        return len(ids)


def unnoticed(actor: Actor, query: ListQuery) -> int:
    """Return for how many cases of a list a notice can go out."""
    actor.must(Permission.SEND_NOTICES)
    with reading() as session:
        return len(list(session.scalars(_without_notice(actor, query).limit(MOST_CASES + 1))))


def send_for_cases(actor: Actor, ids: Sequence[int], *, progress: Progress | None = None) -> Sent:
    """Send notices for some cases, a chunk at a time; running again sends what an interrupted run left, and nothing twice."""
    actor.must(Permission.SEND_NOTICES)
    cases = notices = 0
    for start in range(0, len(ids), CHUNK):
        with transaction() as session:
            wanted = select(Case).where(Case.id.in_(ids[start : start + CHUNK])).order_by(Case.id).with_for_update(key_share=True)
            found = [case for case in session.scalars(wanted.options(selectinload(Case.claims))) if not _why_not(case)]
            sent = _send(session, actor, found)
            cases, notices = cases + len({notice.case_id for notice in sent}), notices + len(sent)
        if progress:
            progress(min(start + CHUNK, len(ids)), len(ids))
    return Sent(cases, notices, len(ids) - cases)


def run_reminders(day: date, actor: Actor = SYSTEM) -> int:
    """Remind whoever acts on a notice and did not answer, with one mail for all that are due by a day; return of how many notices.

    Once for each, 10 working days after it went out (parameter `notice_reminder_days`). A second run on a day reminds of nothing,
    and one after an outage catches up.
    """
    with reading() as session:
        parties = sorted({notice.agent_id or notice.creditor_id for notice in _due(session, day)})
    done = 0
    for party_id in parties:
        with transaction() as session:
            done += _remind(session, actor, party_id, day)
    return done


def end_case_pauses(actor: Actor, ref: str, reason: EndReason) -> int:
    """End every pause of a case before its last day and tell the creditors; return how many. Raises Refusal without any, NotFound."""
    actor.must(Permission.SEND_NOTICES)
    with transaction() as session:
        case = visible_case(session, actor, ref)
        session.refresh(case, with_for_update={"key_share": True})
        ended = end_pauses(session, actor, case.id, case.ref, reason)
        if not ended:
            raise Refusal("pauses.nothing_to_end")
        record(session, actor, "pauses:end", f"case/{case.ref}", rows=(None, ended))
        return ended


def note_complaint(actor: Actor, ref: str, notice_ref: str, happened_on: date, words: str) -> None:
    """Note that a client complains of collecting during a pause of its case. Raises Refusal, NotFound."""
    actor.must(Permission.REPORT_BREACHES)
    with transaction() as session:
        case = visible_case(session, actor, ref)
        with as_portal(session):  # who helps the client sees its case, but not what creditors are sent
            notice = session.scalar(select(Notice).where(Notice.ref == notice_ref, Notice.case_id == case.id))
            if notice is None:
                raise Refusal("pauses.choose_creditor", field="notice")
            report_breach(session, actor, notice, BreachSource.COMPLAINT, happened_on, words)
        record(session, actor, "pauses:breach", f"case/{case.ref}", notice=(None, notice.ref), happened_on=(None, happened_on))


def handle_breach(actor: Actor, ref: str, breach_id: int, revision: int) -> None:
    """Note that somebody dealt with collecting during a pause: the case no longer warns of it. Raises Conflict, NotFound."""
    actor.must(Permission.SEND_NOTICES)
    with transaction() as session:
        case = visible_case(session, actor, ref)
        mine = select(PauseBreach).where(PauseBreach.id == breach_id, PauseBreach.case_id == case.id)
        breach = session.scalar(mine.with_for_update())
        if breach is None:
            raise NotFound
        if breach.revision != revision or breach.handled_at is not None:
            raise Conflict
        breach.handled_at, breach.handled_by = now(), actor.name[:200]
        record(session, actor, "pauses:handle", f"case/{case.ref}", happened_on=(None, breach.happened_on))


# ── steps ────────────────────────────────────────────────────────────────────


_NAMED = and_(Notice.state == NoticeState.OTHER_AGENT, Notice.named_agent_id == Notice.agent_id)  # that agent was asked then
_UNANSWERED = (
    or_(Notice.state == NoticeState.SENT, _NAMED), Notice.reminded_on.is_(None), Notice.ended_on.is_(None),
    Notice.visibility == Visibility.VISIBLE,
)  # fmt: skip


def _due(session: Session, day: date, party_id: int | None = None) -> list[Notice]:
    """Return the notices of which is to be reminded by a day; those of one party are locked."""
    found = select(Notice).where(*_UNANSWERED, Notice.pause_until >= day, Notice.sent_on < day).order_by(Notice.id)
    acts = func.coalesce(Notice.agent_id, Notice.creditor_id)
    mine = found if party_id is None else found.where(acts == party_id).with_for_update()
    return [notice for notice in session.scalars(mine) if pause_rules.remind_on(_asked_on(notice)) <= day]


def _asked_on(notice: Notice) -> date:
    """Return the day on which who acts now was asked."""
    named = notice.state is NoticeState.OTHER_AGENT and notice.answered_at is not None
    return local(notice.answered_at).date() if named and notice.answered_at else notice.sent_on


def _remind(session: Session, actor: Actor, party_id: int, day: date) -> int:
    due = _due(session, day, party_id)
    for notice in due:
        record(session, actor, "pauses:remind", f"notice/{notice.ref}", concerns_id=notice.creditor_id, reminded_on=(None, day))
    # beside the version column: nobody's answer is overtaken by a mail
    mine = update(Notice).where(Notice.id.in_([notice.id for notice in due])).values(reminded_on=day)
    session.execute(mine, execution_options={"synchronize_session": False})
    tell_parties(session, "pauses.reminder", due)
    return len(due)


def _why_not(case: Case) -> str | None:
    if case.erased_on is not None or case.closed_on is not None:
        return "pauses.case_closed"
    return "pauses.case_rests" if case.restricted_at is not None else None


def _without_notice(actor: Actor, query: ListQuery) -> Select[int]:
    """Select the cases of a list with a claim for which no pause runs, oldest first."""
    runs = exists().where(Notice.claim_id == Claim.id, Notice.ended_on.is_(None), Notice.pause_until >= today())
    asks = exists().where(Claim.case_id == Case.id, ~runs)
    return select_ids(actor, query).where(Case.closed_on.is_(None), Case.restricted_at.is_(None), asks).order_by(Case.id)


def _send(session: Session, actor: Actor, cases: Sequence[Case]) -> list[Notice]:
    """Write a notice for each claim without a pause, and tell each creditor or agent once about all of its own."""
    claims = [claim for case in cases for claim in case.claims]
    running = _running(session, [claim.id for claim in claims])
    agents = acting_agents(session, claims, today())
    notices = []
    for case in cases:
        mine = [_notice(actor, case, claim, agents[claim.id]) for claim in case.claims if claim.id not in running]
        session.add_all(mine)
        if mine:
            record(session, actor, "pauses:send", f"case/{case.ref}", rows=(None, len(mine)))
        notices += mine
    session.flush()
    for notice in notices:
        until = (None, notice.pause_until)
        record(session, actor, "pauses:send", f"notice/{notice.ref}", concerns_id=notice.creditor_id, pause_until=until)
    tell_parties(session, "pauses.sent", notices)
    return notices


def _running(session: Session, claim_ids: Sequence[int]) -> set[int]:
    """Return the claims with a pause that runs; a pause whose last day went by makes room for a new one."""
    found = session.scalars(select(Notice).where(Notice.claim_id.in_(claim_ids), Notice.ended_on.is_(None)).order_by(Notice.id))
    running = set()
    for notice in found:
        if notice.pause_until >= today():
            running.add(notice.claim_id)
        else:
            notice.ended_on, notice.end_reason = notice.pause_until, EndReason.RAN_OUT
    session.flush()
    return running


def _notice(actor: Actor, case: Case, claim: Claim, agent_id: int | None) -> Notice:
    """Return the notice of a claim, to whoever acts on it: an agent under a mandate, else the creditor itself."""
    return Notice(
        ref=new_ref("K"), case_id=case.id, claim_id=claim.id, creditor_id=claim.creditor_id, agent_id=agent_id,
        reference=claim.reference, surname_index=case.surname_index, sent_on=today(), sent_at=now(), sent_by=actor.name[:200],
        pause_until=pause_rules.pause_until(today()),
    )  # fmt: skip
