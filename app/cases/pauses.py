"""What moves pauses inside somebody else's transaction: a balance statement makes one longer, a case that closes ends them all.

Nothing here commits or asks a permission: the use case that calls did both.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Kind
from app.audit.service import record
from app.cases import pause_rules
from app.cases.models import Case, Notice, PauseBreach
from app.cases.pause_rules import BreachSource, EndReason
from app.cases.rules import Visibility
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import as_portal
from app.errors import Refusal
from app.notifications.service import Recipient, notify


def extend_pause(session: Session, claim_id: int, stated_on: date) -> date | None:
    """Let the pause of a claim last until 8 months after its balance statement; return its last day.

    None when no pause runs: it was never asked, it ended, or its last day went by before the statement. The same day again
    changes nothing. Works for whoever states the balance, also an agent that the notice does not name.
    """
    with as_portal(session):
        notice = session.scalar(select(Notice).where(Notice.claim_id == claim_id, Notice.ended_on.is_(None)).with_for_update())
        if notice is None or notice.pause_until < stated_on or notice.visibility is Visibility.ERASED:
            return None
        until = pause_rules.extended_until(notice.pause_until, stated_on)
        if until != notice.pause_until:
            record(
                session, SYSTEM, "pauses:extend", f"notice/{notice.ref}", concerns_id=notice.creditor_id,
                pause_until=(notice.pause_until, until),
            )  # fmt: skip
            notice.pause_until, notice.extended_on = until, stated_on
        return until


def end_pauses(session: Session, actor: Actor, case_id: int, case_ref: str, reason: EndReason) -> int:
    """End every pause of a case that still runs and tell the creditors and agents; return how many ended."""
    running = select(Notice).where(Notice.case_id == case_id, Notice.ended_on.is_(None), Notice.pause_until >= today())
    with as_portal(session):
        notices = list(session.scalars(running.order_by(Notice.id).with_for_update()))
        for notice in notices:
            notice.ended_on, notice.end_reason = today(), reason
        tell_parties(session, "pauses.ended", notices, case=case_ref)
    for notice in notices:
        record(session, actor, "pauses:end", f"notice/{notice.ref}", concerns_id=notice.creditor_id, reason=(None, reason))
    return len(notices)


def report_breach(session: Session, actor: Actor, notice: Notice, source: BreachSource, happened_on: date, words: str) -> None:
    """Keep that was collected on a day of a pause, and tell the bank; the same words of the same person again change nothing.

    Raises Refusal for a day outside the pause, or without words.
    """
    if not words.strip():
        raise Refusal("pauses.words_missing", field="breach_words")
    pause_rules.check_breach(happened_on, notice.sent_on, notice.pause_until, notice.ended_on, today())
    same = (PauseBreach.notice_id == notice.id, PauseBreach.source == source, PauseBreach.happened_on == happened_on)
    known = session.scalars(select(PauseBreach).where(*same).order_by(PauseBreach.id))
    if any((one.words, one.reported_by) == (words.strip(), actor.name[:200]) for one in known):
        return  # the second click of a double one
    session.add(
        PauseBreach(
            notice_id=notice.id, case_id=notice.case_id, creditor_id=notice.creditor_id, source=source, happened_on=happened_on,
            words=words.strip(), reported_at=now(), reported_by=actor.name[:200],
        )
    )  # fmt: skip
    session.flush()
    told = notice.creditor_id if source is BreachSource.CREDITOR else None  # of a complaint the bank itself speaks with the creditor
    record(
        session, actor, "pauses:breach", f"notice/{notice.ref}", concerns_id=told,
        happened_on=(None, happened_on), source=(None, source),
    )  # fmt: skip
    tell_bank(session, "pauses.breach", notice)


def tell_bank(session: Session, code: str, notice: Notice) -> None:
    """Mail the bank about what asks for its hand."""
    bank = session.scalar(select(Organisation).where(Organisation.kind == Kind.BANK).order_by(Organisation.id).limit(1))
    case_ref = session.scalar(select(Case.ref).where(Case.id == notice.case_id))
    if bank and case_ref:
        notify(session, code, Recipient(bank.email, bank.id), f"/cases/{case_ref}/pauses", notice=notice.ref)


def show_notices(session: Session, case_id: int, visibility: Visibility) -> None:
    """Say whether creditors and agents see the notices of a case: not while its data rest (art. 18 GDPR).

    The last days stay as they were: they were told, and whoever does not see a pause must not have it made longer.
    """
    for notice in session.scalars(select(Notice).where(Notice.case_id == case_id).order_by(Notice.id).with_for_update()):
        notice.visibility = visibility


def tell_parties(session: Session, code: str, notices: Iterable[Notice], **facts: object) -> None:
    """Mail each creditor, or the agent that acts for it, once about some notices; what rests is told to nobody."""
    shown = [notice for notice in notices if notice.visibility is Visibility.VISIBLE]
    parties = sorted({notice.agent_id or notice.creditor_id for notice in shown})
    for party in session.scalars(select(Organisation).where(Organisation.id.in_(parties)).order_by(Organisation.id)):
        mine = [notice for notice in shown if party.id == (notice.agent_id or notice.creditor_id)]
        path = f"/pauses/{mine[0].ref}" if len(mine) == 1 else "/pauses"
        notify(session, code, Recipient(party.email, party.id), path, number=len(mine), **facts)
