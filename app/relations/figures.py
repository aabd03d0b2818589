"""The figures of the portal by which commitments are checked. Works inside somebody's session, which reaches every row.

What was withdrawn, rests (art. 18 GDPR) or was erased counts in none of them. What an organisation did not get to see counts neither:
it reads its checks, and would learn from them.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.cases.models import BalanceRequest, BalanceStatement, Notice
from app.cases.pause_rules import EndReason, NoticeState
from app.cases.rules import Visibility
from app.clock import AMSTERDAM
from app.consents.models import Assessment
from app.deadlines import add_working_days, working_days_between
from app.proposals import parameters
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer
from app.relations.commitment_rules import Figure, Measure, Norm
from app.relations.complaint_access import laid_before, laid_before_agent
from app.relations.complaint_rules import ComplaintKind, Outcome
from app.relations.models import Complaint
from app.relations.profile_counting import ACTS

FARTHEST = timedelta(days=400)  # that an offer was issued before its days ended: clocks stand still for months at most
ACCEPTED = (OfferState.ACCEPTED, OfferState.ACCEPTED_OTHER_BALANCE)
NOTHING_TO_PAUSE = (NoticeState.CLIENT_UNKNOWN, NoticeState.OTHER_AGENT)
Counted = tuple[int, int]  # so many of so many


def figure_of(session: Session, organisation_id: int, norm: Norm, first: date, last: date) -> Figure:
    """Count what a norm is about in a period: of a creditor or agent, and of a creditor also what its agents did."""
    met, counted = _COUNTING[norm.measure](session, organisation_id, norm, first, last)
    return Figure(first, last, met, counted)


def _count(session: Session, model: Any, *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def _begin(day: date) -> datetime:
    """Return the moment at which a day begins in Amsterdam."""
    return datetime.combine(day, time(), AMSTERDAM)


def _theirs(model: Any, organisation_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return or_(model.creditor_id == organisation_id, model.agent_id == organisation_id), model.visibility == Visibility.VISIBLE


# ── offers ───────────────────────────────────────────────────────────────────


def _answers(session: Session, organisation_id: int, norm: Norm, first: date, last: date) -> Counted:
    """Count the offers whose days ended, and those answered within them; the days on which a clock stood still do not count."""
    met = counted = 0
    for issued_on, answer_by, number in session.execute(_issued(organisation_id, first, last)):
        end = _last_day(issued_on, answer_by, norm.days)
        if first <= end <= last:
            counted += number
            same = (Offer.issued_on == issued_on, Offer.answer_by == answer_by)
            met += _count(session, Offer, *_counts(organisation_id), *same, Offer.answered_at < _begin(end + timedelta(days=1)))
    return met, counted


def _last_day(issued_on: date, answer_by: date, days: int) -> date:
    usual = int(parameters.value("answer_days", issued_on))
    stood = max(0, working_days_between(issued_on, answer_by) - usual)
    return add_working_days(issued_on, days + stood)


def _counts(organisation_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the offers that count: of an agent those that it answered itself or that wait with it."""
    theirs = or_(Offer.creditor_id == organisation_id, ACTS.in_([organisation_id]))
    return theirs, Offer.visibility == Visibility.VISIBLE, Offer.state != OfferState.WITHDRAWN


def _issued(organisation_id: int, first: date, last: date) -> Select[date, date, int]:
    within = Offer.issued_on.between(first - FARTHEST, last)
    return (
        select(Offer.issued_on, Offer.answer_by, func.count())
        .where(*_counts(organisation_id), within)
        .group_by(Offer.issued_on, Offer.answer_by)
        .order_by(Offer.issued_on, Offer.answer_by)
    )


def _covered() -> ColumnElement[bool]:
    """Return the condition that the creditor's own consent covered an offer."""
    return exists().where(Assessment.offer_ref == Offer.ref, Assessment.covered)


def _zero_offers(session: Session, organisation_id: int, _: Norm, first: date, last: date) -> Counted:
    """Count the covered offers of nothing whose last day fell in the period, and those that are accepted."""
    zero = (*_counts(organisation_id), Offer.payment_cents == 0, Offer.answer_by.between(first, last), _covered())
    return _count(session, Offer, *zero, Offer.state.in_(ACCEPTED)), _count(session, Offer, *zero)


def _against_consent(session: Session, organisation_id: int, _: Norm, first: date, last: date) -> Counted:
    """Count the answers in the period to covered offers, and the rejections among them; of an agent those that it gave itself."""
    theirs = or_(Offer.creditor_id == organisation_id, Offer.answered_agent_id == organisation_id)
    stands = (Offer.visibility == Visibility.VISIBLE, Offer.state != OfferState.WITHDRAWN, _covered())
    within = (Offer.answered_at >= _begin(first), Offer.answered_at < _begin(last + timedelta(days=1)))
    answers = (theirs, *stands, *within)
    return _count(session, Offer, *answers, Offer.state == OfferState.REJECTED), _count(session, Offer, *answers)


# ── balance requests and notices ─────────────────────────────────────────────


def _balances(session: Session, organisation_id: int, norm: Norm, first: date, last: date) -> Counted:
    """Count the balance requests whose days ended, and those to which something was stated within them, whatever came later."""

    def stated(end: date) -> ColumnElement[bool]:
        until = _begin(end + timedelta(days=1))
        return exists().where(BalanceStatement.request_id == BalanceRequest.id, BalanceStatement.at < until)

    asked = _theirs(BalanceRequest, organisation_id)
    met = counted = 0
    for day, end in _sent(session, BalanceRequest, asked, norm, first, last):
        of_day = (*asked, BalanceRequest.sent_on == day)
        counted += _count(session, BalanceRequest, *of_day)
        met += _count(session, BalanceRequest, *of_day, stated(end))
    return met, counted


def _notices(session: Session, organisation_id: int, norm: Norm, first: date, last: date) -> Counted:
    """Count the notices whose days ended, and those confirmed within them.

    Where there was nothing to pause, or another one collects, nothing was to be confirmed; nor where the notice ended before.
    """
    asked = (*_theirs(Notice, organisation_id), Notice.state.not_in(NOTHING_TO_PAUSE), _was_meant())
    met = counted = 0
    for day, end in _sent(session, Notice, asked, norm, first, last):
        waited = or_(Notice.ended_on.is_(None), Notice.ended_on > end, Notice.state != NoticeState.SENT)
        of_day = (*asked, Notice.sent_on == day, waited)
        confirmed = and_(Notice.state == NoticeState.CONFIRMED, Notice.answered_at < _begin(end + timedelta(days=1)))
        counted += _count(session, Notice, *of_day)
        met += _count(session, Notice, *of_day, confirmed)
    return met, counted


def _was_meant() -> ColumnElement[bool]:
    return or_(Notice.end_reason.is_(None), Notice.end_reason != EndReason.SENT_BY_MISTAKE)


def _sent(
    session: Session, model: Any, asked: tuple[ColumnElement[bool], ...], norm: Norm, first: date, last: date
) -> list[tuple[date, date]]:
    """Return the days on which something went out whose own days ended in a period, each with the last of them."""
    days = select(model.sent_on).where(*asked, model.sent_on.between(first - FARTHEST, last)).distinct().order_by(model.sent_on)
    ends = [(day, add_working_days(day, norm.days)) for day in session.scalars(days)]
    return [(day, end) for day, end in ends if first <= end <= last]


# ── complaints ───────────────────────────────────────────────────────────────


def _pause_complaints(session: Session, organisation_id: int, _: Norm, first: date, last: date) -> Counted:
    """Count the complaints of collecting during a pause that were laid before them in the period, beside the pauses that ran.

    What turned out not to be so does not count.
    """
    theirs = or_(laid_before(organisation_id), laid_before_agent(organisation_id))
    within = (Complaint.addressed_at >= _begin(first), Complaint.addressed_at < _begin(last + timedelta(days=1)))
    stands = or_(Complaint.outcome.is_(None), Complaint.outcome != Outcome.NOT_UPHELD)
    found = _count(session, Complaint, theirs, Complaint.kind == ComplaintKind.DURING_PAUSE, *within, stands)
    ran = (Notice.sent_on <= last, Notice.pause_until >= first, or_(Notice.ended_on.is_(None), Notice.ended_on >= first))
    return found, _count(session, Notice, *_theirs(Notice, organisation_id), _was_meant(), *ran)


_COUNTING: dict[Measure, Callable[[Session, int, Norm, date, date], Counted]] = {
    Measure.ANSWERS_IN_TIME: _answers,
    Measure.BALANCES_IN_TIME: _balances,
    Measure.NOTICES_CONFIRMED: _notices,
    Measure.ZERO_OFFERS_ACCEPTED: _zero_offers,
    Measure.PAUSE_COMPLAINTS: _pause_complaints,
    Measure.AGAINST_CONSENT: _against_consent,
}
