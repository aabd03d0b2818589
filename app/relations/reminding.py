"""Remind whom a complaint is about, once, before the term for its answer is over; afterwards the relations team sees who is silent.

Idempotent: a second run on a day reminds of nothing, and one after an outage catches up. A mail holds the number and the day alone.
"""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.cases.rules import Visibility
from app.clock import local
from app.db import reading, transaction
from app.relations import complaint_terms
from app.relations.complaint_lifecycle import WITH_CREDITOR
from app.relations.complaint_rules import Audience, What
from app.relations.complaint_steps import note, tell, tell_parties
from app.relations.models import Complaint

# of what rests, or whose clock stands still, nobody is reminded; whoever asked a question waits for the relations team
_SILENT = (
    Complaint.state.in_(WITH_CREDITOR), Complaint.visibility == Visibility.VISIBLE, Complaint.paused_on.is_(None),
    Complaint.reminded_on.is_(None),
)  # fmt: skip


def remind_of_complaints(day: date, actor: Actor = SYSTEM) -> int:
    """Remind creditors and agents of the complaints that they did not answer, due by a day; return of how many.

    So many working days before the last one as the parameter `reminder_days` says.
    """
    with reading() as session:
        waiting = select(Complaint.id, Complaint.addressed_at, Complaint.answer_by).where(*_SILENT).order_by(Complaint.id)
        ids = [id_ for id_, addressed_at, answer_by in session.execute(waiting) if _is_due(addressed_at, answer_by, day)]
    done = 0
    for complaint_id in ids:
        with transaction() as session:
            done += _remind(session, actor, complaint_id, day)
    return done


def _is_due(addressed_at: datetime | None, answer_by: date | None, day: date) -> bool:
    if addressed_at is None or answer_by is None:
        return False
    return complaint_terms.is_reminded(local(addressed_at).date(), answer_by, day)


def _remind(session: Session, actor: Actor, complaint_id: int, day: date) -> int:
    complaint = session.scalar(select(Complaint).where(Complaint.id == complaint_id, *_SILENT).with_for_update())
    by = complaint.answer_by if complaint else None
    if complaint is None or by is None or not _is_due(complaint.addressed_at, by, day):
        return 0  # it was answered meanwhile, or its term moved
    tell(session, actor, complaint, What.REMINDED, Audience.PARTY)
    note(session, actor, "complaints:remind", complaint)
    tell_parties(session, "complaints.reminder", complaint, answer_by=f"{by:%d-%m-%Y}", late="yes" if by < day else "")
    # beside the version column: nobody's answer is overtaken by the calendar
    mine = update(Complaint).where(Complaint.id == complaint_id)
    session.execute(mine.values(reminded_on=day), execution_options={"synchronize_session": False})
    return 1
