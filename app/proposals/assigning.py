"""Use cases of dividing the work: whose offer it is among the colleagues of one organisation, and that it is nobody's when one leaves."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Permission
from app.accounts.queries import is_colleague
from app.audit.service import record
from app.db import as_portal, transaction
from app.errors import NotFound, Refusal
from app.proposals.lifecycle import CAN_BE_ANSWERED
from app.proposals.many_queries import MOST_AT_ONCE
from app.proposals.models import Offer, Proposal, SavedFilter
from app.proposals.offer_access import visible_to


def assign_offers(actor: Actor, refs: Sequence[str], person_id: int | None) -> int:
    """Make offers that wait the work of a colleague, or (None) of nobody, and return how many that were.

    Raises NotFound when one of them is missing or somebody else's, Refusal for none, for more than 200, and for whoever is no
    colleague: answered alike for a person of elsewhere and for one that does not exist.
    """
    actor.must(Permission.ANSWER_OFFERS)
    if not 0 < len(refs) <= MOST_AT_ONCE:
        raise Refusal("proposals.too_many_chosen" if refs else "proposals.none_chosen", most=MOST_AT_ONCE)
    with transaction() as session:
        if person_id is not None and not is_colleague(session, actor, person_id):
            raise Refusal("proposals.no_colleague", field="to")
        mine = Offer.ref.in_(refs), visible_to(actor)
        _lock_proposals(session, *mine)
        found = select(Offer.ref, Offer.state).where(*mine).order_by(Offer.proposal_id, Offer.id)
        offers = session.execute(found.with_for_update()).all()
        if len(offers) < len(set(refs)):
            raise NotFound
        waiting = [ref for ref, state in offers if state in CAN_BE_ANSWERED]
        # beside the version column: whose work it is changes nothing that a colleague could answer over
        session.execute(update(Offer).where(Offer.ref.in_(waiting)).values(assigned_id=person_id))
        record(
            session, actor, "offers:assign", "offers", concerns_id=actor.organisation_id,
            person=(None, person_id), refs=(None, " ".join(waiting)),
        )  # fmt: skip
        return len(waiting)


def free_work(session: Session, person_id: int, organisation_id: int) -> None:
    """Make the work of somebody who leaves an organisation nobody's, and forget the filters kept there, in somebody's transaction."""
    its = Offer.assigned_id == person_id, or_(Offer.creditor_id == organisation_id, Offer.agent_id == organisation_id)
    with as_portal(session):  # who ends a membership need not see any offer
        _lock_proposals(session, *its)
        session.execute(select(Offer.id).where(*its).order_by(Offer.proposal_id, Offer.id).with_for_update())
        freed = session.execute(update(Offer).where(*its).values(assigned_id=None)).rowcount  # type: ignore[attr-defined]
        own = SavedFilter.person_id == person_id, SavedFilter.organisation_id == organisation_id
        session.execute(delete(SavedFilter).where(*own))
    if freed:
        record(session, SYSTEM, "offers:free", f"person/{person_id}", concerns_id=organisation_id, rows=(None, freed))


def _lock_proposals(session: Session, *offers: ColumnElement[bool]) -> None:
    """Lock the proposals of some offers before the offers themselves, in the order of `db.transaction`."""
    mine = Proposal.id.in_(select(Offer.proposal_id).where(*offers))
    session.execute(select(Proposal.id).where(mine).order_by(Proposal.id).with_for_update(key_share=True))
