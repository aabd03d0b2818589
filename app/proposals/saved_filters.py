"""Use cases of filters that one person keeps for its own lists. What they find is read anew each time."""

from sqlalchemy import select

from app.access import Actor, Permission
from app.clock import now
from app.db import transaction
from app.errors import NotFound, Refusal
from app.proposals.models import SavedFilter

OFFERS = "offers"  # the one list that has them
MOST_KEPT = 20


def save_filter(actor: Actor, place: str, name: str, query: str) -> None:
    """Keep a filter under a name; the same name again takes the new filter.

    Raises Refusal for no name, for no filter, and for more than twenty; NotFound without the permission or a person.
    """
    actor.must(Permission.ANSWER_OFFERS)
    if actor.person_id is None or actor.organisation_id is None:
        raise NotFound
    if not name.strip():
        raise Refusal("proposals.filter_name_missing", field="name")
    if not query:
        raise Refusal("proposals.filter_empty")
    with transaction() as session:
        mine = SavedFilter.person_id == actor.person_id, SavedFilter.organisation_id == actor.organisation_id, SavedFilter.place == place
        kept = list(session.scalars(select(SavedFilter).where(*mine).order_by(SavedFilter.id)))
        same = next((one for one in kept if one.name.casefold() == name.strip().casefold()), None)
        if same is not None:
            same.query = query
            return
        if len(kept) >= MOST_KEPT:
            raise Refusal("proposals.too_many_filters", most=MOST_KEPT)
        owner = {"person_id": actor.person_id, "organisation_id": actor.organisation_id}
        session.add(SavedFilter(**owner, place=place, name=name.strip(), query=query, created_at=now()))


def forget_filter(actor: Actor, filter_id: int) -> None:
    """Forget one of the own filters. Raises NotFound."""
    actor.must(Permission.ANSWER_OFFERS)
    with transaction() as session:
        own = SavedFilter.id == filter_id, SavedFilter.person_id == actor.person_id, SavedFilter.organisation_id == actor.organisation_id
        found = session.scalar(select(SavedFilter).where(*own))
        if found is None:
            raise NotFound
        session.delete(found)
