"""The figures of the portal by which commitments are checked. Works inside somebody's session, which reaches every row."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.cases.rules import Visibility
from app.clock import AMSTERDAM
from app.deadlines import add_working_days, working_days_between
from app.proposals import parameters
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer
from app.relations.commitment_rules import Figure, Norm

FARTHEST = timedelta(days=400)  # that an offer was issued before its days ended: clocks stand still for months at most


def figure_of(session: Session, organisation_id: int, norm: Norm, first: date, last: date) -> Figure:
    """Count the offers to a creditor or agent whose days ended in a period, and those answered within them.

    The days are working days after the issue, and as many more as a clock stood still. Offers that were withdrawn, rest or were
    erased do not count.
    """
    met = counted = 0
    for issued_on, answer_by, number in session.execute(_issued(organisation_id, first, last)):
        end = _last_day(issued_on, answer_by, norm.days)
        if first <= end <= last:
            counted += number
            met += _answered(session, organisation_id, issued_on, answer_by, end)
    return Figure(first, last, met, counted)


def _last_day(issued_on: date, answer_by: date, days: int) -> date:
    usual = int(parameters.value("answer_days", issued_on))
    stood = max(0, working_days_between(issued_on, answer_by) - usual)
    return add_working_days(issued_on, days + stood)


def _counts(organisation_id: int) -> tuple[ColumnElement[bool], ...]:
    theirs = or_(Offer.creditor_id == organisation_id, Offer.agent_id == organisation_id)
    return theirs, Offer.state != OfferState.WITHDRAWN, Offer.visibility == Visibility.VISIBLE


def _issued(organisation_id: int, first: date, last: date) -> Select[date, date, int]:
    within = Offer.issued_on.between(first - FARTHEST, last)
    return (
        select(Offer.issued_on, Offer.answer_by, func.count())
        .where(*_counts(organisation_id), within)
        .group_by(Offer.issued_on, Offer.answer_by)
        .order_by(Offer.issued_on, Offer.answer_by)
    )


def _answered(session: Session, organisation_id: int, issued_on: date, answer_by: date, end: date) -> int:
    until = datetime.combine(end + timedelta(days=1), time(), AMSTERDAM)
    same = (Offer.issued_on == issued_on, Offer.answer_by == answer_by)
    found = select(func.count()).select_from(Offer).where(*_counts(organisation_id), *same, Offer.answered_at < until)
    return session.scalar(found) or 0
