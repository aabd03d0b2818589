"""Read how the creditors of a proposal answered, as far as one of them may know it."""

from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import Session

from app.db import as_portal
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer
from app.proposals.others_rules import Answer, OthersAgreed, others_agreed

_O: Any = Offer.__table__.c


def others_of(session: Session, proposal_id: int, creditor_id: int) -> OthersAgreed | None:
    """Return how many of the others agreed, as this creditor may know it; None when nothing may be told."""
    with as_portal(session):  # of every creditor: the rule lets a number through at most
        rows = session.connection().execute(_statement(), {"proposal": proposal_id}).all()
    return others_agreed([Answer(row.creditor_id, row.agent_id, row.state is OfferState.ACCEPTED) for row in rows], creditor_id)


@cache
def _statement() -> Select[Any]:
    """Make the statement once: the page of an offer asks it each time."""
    mine = select(_O.creditor_id, _O.agent_id, _O.state).where(_O.proposal_id == bindparam("proposal", type_=Integer))
    return mine.where(_O.state != OfferState.WITHDRAWN).order_by(_O.id)
