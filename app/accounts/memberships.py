"""Begin and leave a membership inside somebody's transaction, and tell the administrators when it is one of the city."""

from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access import Actor, Role
from app.accounts import rules
from app.accounts.models import Joining, Membership, Person
from app.accounts.queries import in_force, open_joinings
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import as_portal
from app.errors import Refusal
from app.notifications.service import Recipient, notify


def begin_membership(session: Session, person_id: int, organisation_id: int, role: Role) -> None:
    """Let a person work for an organisation from today. Raises Refusal when it does already."""
    if works_here(session, person_id, organisation_id):
        raise Refusal("accounts.works_here_already", field="email")
    begun = Membership(person_id=person_id, organisation_id=organisation_id, role=role, starts_on=today())
    replace_ended(session, begun)
    session.add(begun)
    session.flush()


Freeing = Callable[[Session, int, int], None]


def _nothing_to_free(session: Session, person_id: int, organisation_id: int) -> None:
    """Stand in until the edge hands in who frees somebody's work."""


_free: Freeing = _nothing_to_free


def free_with(free: Freeing) -> None:
    """Set what happens to the work of a person (session, person, organisation) that leaves: the features stand above this package."""
    global _free
    _free = free


def leave(session: Session, person_id: int, organisation_id: int) -> None:
    """Free the work of somebody who has no membership in force left in an organisation."""
    if not works_here(session, person_id, organisation_id):
        _free(session, person_id, organisation_id)


def leave_everywhere(session: Session, person_id: int) -> None:
    """Free all work of somebody whose account closes."""
    places = select(Membership.organisation_id).where(Membership.person_id == person_id).distinct().order_by(Membership.organisation_id)
    for organisation_id in list(session.scalars(places)):
        _free(session, person_id, organisation_id)


def join(session: Session, joining: Joining) -> None:
    """Let a membership begin that its person accepted. Raises Refusal when one stands already."""
    joining.ended_at = now()
    begin_membership(session, joining.person_id, joining.organisation_id, joining.role)


def works_here(session: Session, person_id: int, organisation_id: int | None = None) -> bool:
    """Tell whether a person has a membership in force, in this organisation or (None) in any."""
    mine = select(Membership.id).where(Membership.person_id == person_id, in_force())
    if organisation_id is not None:
        mine = mine.where(Membership.organisation_id == organisation_id)
    return session.scalar(mine.order_by(Membership.id).limit(1)) is not None


def has_people(session: Session, organisation_id: int) -> bool:
    """Tell whether anybody works for an organisation, or was asked to."""
    here = select(Membership.id).where(Membership.organisation_id == organisation_id, in_force())
    asked = open_joinings().where(Joining.organisation_id == organisation_id)
    return session.scalar(here.limit(1)) is not None or session.scalar(asked.limit(1)) is not None


def replace_ended(session: Session, membership: Membership) -> None:
    """Make place for a membership by one that began on the same day and was ended: the audit remembers both."""
    same = delete(Membership).where(
        Membership.person_id == membership.person_id,
        Membership.organisation_id == membership.organisation_id,
        Membership.role == membership.role,
        Membership.starts_on == membership.starts_on,
        Membership.ends_on.is_not(None),
    )
    session.execute(same)


def tell_administrators(session: Session, actor: Actor, organisation: Organisation) -> None:
    """Mail the other administrators that somebody gave a role of the city, which sees everybody's rows."""
    if organisation.kind not in rules.CITY_KINDS:
        return
    others = (
        select(Person.email, Person.language, Membership.organisation_id, Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.role == Role.ADMINISTRATOR, in_force(), Person.disabled_at.is_(None), Person.id != (actor.person_id or 0))
        .order_by(Person.id)
    )
    with as_portal(session):
        for email, language, organisation_id, person_id in session.execute(others).all():
            to = Recipient(email, organisation_id, language, person_id)
            notify(session, "accounts.role_given", to, f"/people?organisation={organisation.id}", organisation=organisation.name)
