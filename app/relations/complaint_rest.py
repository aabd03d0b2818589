"""What happens to complaints when their case's data rest (art. 18 GDPR), and when their term is over. Works inside a transaction."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.cases.rules import Visibility
from app.clock import today
from app.relations import complaint_terms
from app.relations.complaint_lifecycle import OPEN, State
from app.relations.complaint_steps import set_due, tell_what_waits
from app.relations.models import Complaint


def hide_complaints(session: Session, case_id: int) -> None:
    """Let creditors and agents see nothing of the complaints about a case any more."""
    for complaint in _locked(session, case_id):
        complaint.visibility = Visibility.RESTRICTED


def show_complaints(session: Session, case_id: int, since: date) -> None:
    """Show the complaints about a case again, and tell their creditors what they were not told meanwhile.

    The days that lay ahead move on by as many working days as the rest lasted.
    """
    for complaint in _locked(session, case_id):
        complaint.visibility = Visibility.VISIBLE
        if complaint.state in OPEN and complaint.paused_on is None and complaint.receipt_by and complaint.answer_by:
            complaint.receipt_by = complaint_terms.moved(complaint.receipt_by, since, today())
            complaint.answer_by = complaint_terms.moved(complaint.answer_by, since, today())
            set_due(complaint)
        tell_what_waits(session, complaint)


def is_over(closed_by: date, begun_before: datetime) -> ColumnElement[bool]:
    """Tell which complaints end: those that were closed so long ago, and drafts that nobody sent. One that rests does not."""
    closed = Complaint.closed_on <= closed_by
    unsent = and_(Complaint.state == State.DRAFT, Complaint.created_at < begun_before)
    return and_(or_(closed, unsent), Complaint.erased_on.is_(None), Complaint.visibility == Visibility.VISIBLE)


def _locked(session: Session, case_id: int) -> list[Complaint]:
    mine = select(Complaint).where(Complaint.case_id == case_id, Complaint.visibility != Visibility.ERASED).order_by(Complaint.id)
    return list(session.scalars(mine.with_for_update()))
