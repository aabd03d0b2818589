"""Read for which creditors an agent works today, and how much waits for each: what the list of offers can be narrowed to."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind
from app.clock import today
from app.creditors.models import Mandate, Organisation
from app.creditors.queries import creditors_of
from app.proposals import inbox_statements as statements
from app.proposals.inbox_statements import OFFERS, OPEN
from app.proposals.models import Offer
from app.proposals.offer_access import parameters, scope_of, seen_by

MOST_COUNTED = 10_000  # beyond so many that wait the counts are left out: finding them would take longer than reading the list


@dataclass(frozen=True)
class CreditorChoice:
    """A creditor for which an agent acts today, and how many offers wait there; None when too much waits to count."""

    id: int
    code: str
    name: str
    waiting: int | None


def creditors_to_choose(session: Session, actor: Actor) -> tuple[CreditorChoice, ...]:
    """Return the creditors of an agent by name; for everybody else none."""
    if actor.kind is not Kind.AGENT or actor.organisation_id is None:
        return ()
    mine = Organisation.id.in_(creditors_of(actor.organisation_id, today()))
    found = session.execute(
        select(Organisation.id, Organisation.code, Organisation.name).where(mine).order_by(Organisation.name, Organisation.id)
    )
    waiting = _waiting(session, actor)
    return tuple(
        CreditorChoice(row.id, str(row.code or ""), row.name, None if waiting is None else waiting.get(row.id, 0)) for row in found
    )


def has_agents(session: Session, actor: Actor) -> bool:
    """Tell whether a creditor ever gave a mandate, so that its list can tell what agents do in its name."""
    if actor.kind is not Kind.CREDITOR:
        return False
    return session.connection().execute(_one_mandate(), {"creditor": actor.organisation_id}).one_or_none() is not None


@cache
def _one_mandate() -> Select[int]:
    """Make the statement once: every list of a creditor asks it."""
    return select(Mandate.id).where(Mandate.creditor_id == bindparam("creditor", type_=Integer)).limit(1)


def _waiting(session: Session, actor: Actor) -> dict[int, int] | None:
    """Count what waits for each creditor, from the index alone."""
    scope = scope_of(actor)
    some = (
        select(OFFERS.creditor_id).select_from(Offer.__table__).where(seen_by(scope), OFFERS.state.in_(OPEN)).limit(MOST_COUNTED).subquery()
    )
    counts = select(some.c.creditor_id, func.count()).group_by(some.c.creditor_id).order_by(some.c.creditor_id)
    found = {row[0]: int(row[1]) for row in session.execute(counts, parameters(actor))}
    return None if sum(found.values()) >= MOST_COUNTED else found


def party_of(actor: Actor, creditors: tuple[CreditorChoice, ...], creditor: str, by: str) -> tuple[str, int | None]:
    """Read which part of a list is asked for: one creditor of an agent, or what the own agents do or leave; nonsense means nothing."""
    chosen = next((one.id for one in creditors if creditor and one.code == creditor), None)
    if chosen is not None:
        return statements.CREDITOR, chosen
    return (by, None) if actor.kind is Kind.CREDITOR and by in statements.BY else ("", None)
