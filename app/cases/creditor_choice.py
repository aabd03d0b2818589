"""Read for which creditors an agent works today and what waits for each, so that its lists of notices and balances can be narrowed."""

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Kind
from app.cases.models import BalanceRequest, Notice
from app.clock import today
from app.creditors.models import Organisation
from app.creditors.queries import creditors_of

Asked = type[BalanceRequest] | type[Notice]


def creditors_to_choose(session: Session, actor: Actor, asked: Asked, *waits: ColumnElement[bool]) -> list[tuple[str, str]]:
    """Return code and name of each creditor of an agent, with how much of what is asked waits; for everybody else none."""
    if actor.kind is not Kind.AGENT or actor.organisation_id is None:
        return []
    found = (
        select(Organisation.code, Organisation.name, func.count(asked.id))
        .outerjoin(asked, and_(asked.creditor_id == Organisation.id, *waits))
        .where(Organisation.id.in_(creditors_of(actor.organisation_id, today())), Organisation.code.is_not(None))
        .group_by(Organisation.id, Organisation.code, Organisation.name)
        .order_by(Organisation.name, Organisation.id)
    )
    return [(str(row[0]), f"{row[1]} ({row[2]})") for row in session.execute(found)]


def of_creditor(asked: Asked, code: str) -> ColumnElement[bool]:
    """Return the condition that something is asked of the creditor with this code; a code that is none means nothing."""
    if not (code.isascii() and code.isdigit() and len(code) < 10):
        return true()
    return asked.creditor_id == select(Organisation.id).where(Organisation.code == int(code)).scalar_subquery()
