"""What happens to the balance requests of a case whose data rest (art. 18 GDPR). Works inside somebody's transaction."""

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.cases.balance_rules import BalanceAnswer
from app.cases.models import BalanceRequest, Case
from app.cases.rules import Visibility
from app.clock import today
from app.deadlines import add_working_days, working_days_between


def hide_requests(session: Session, case_id: int) -> None:
    """Let creditors and agents see nothing of the requests of a case any more."""
    for request in _locked(session, case_id):
        request.visibility = Visibility.RESTRICTED


def show_requests(session: Session, case_id: int, since: date) -> list[int]:
    """Show the requests of a case again and let the days that lay ahead move on by as many working days as the rest lasted.

    Return their ids, for letters that were not written meanwhile.
    """
    days = working_days_between(since, today())

    def moved(day: date) -> date:
        return add_working_days(day, days) if day >= since else day

    requests = _locked(session, case_id)
    for request in requests:
        request.visibility = Visibility.VISIBLE
        if request.state is BalanceAnswer.OPEN and request.closes_on >= since:
            request.answer_by, request.closes_on = moved(request.answer_by), moved(request.closes_on)
            request.remind_on = [moved(date.fromisoformat(day)).isoformat() for day in request.remind_on]
    asked_on = session.scalar(select(Case.balances_asked_on).where(Case.id == case_id))
    if asked_on is not None and any(request.state is BalanceAnswer.OPEN for request in requests):
        values = {"balances_asked_on": add_working_days(asked_on, days)}
        session.execute(update(Case).where(Case.id == case_id).values(**values), execution_options={"synchronize_session": False})
    return [request.id for request in requests]


def _locked(session: Session, case_id: int) -> list[BalanceRequest]:
    mine = select(BalanceRequest).where(BalanceRequest.case_id == case_id).order_by(BalanceRequest.id)
    return list(session.scalars(mine.with_for_update()))
