"""The providers by which somebody signs in, as that person sees them on the own account and takes one away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor
from app.accounts import providers
from app.accounts.admitting import forget_identity
from app.accounts.federated_rules import CREDITORS, STAFF
from app.accounts.models import FederatedIdentity, Membership, Person
from app.accounts.passkeys import tell_of_change
from app.accounts.queries import in_force, open_sign_in
from app.accounts.rules import CITY_KINDS
from app.creditors.models import Organisation
from app.db import as_portal, transaction
from app.errors import NotFound, Refusal


@dataclass(frozen=True)
class LinkRow:
    """One provider that signs this person in, and the organisation in whose name alone it does; empty: the city."""

    id: int
    provider: str
    organisation: str
    establishment: str
    since: datetime
    used_at: datetime | None
    opened_this: bool  # the session that looks at it
    may_go: bool  # another way in is left


def own_links(session: Session, actor: Actor, token: str) -> tuple[LinkRow, ...]:
    """Return the providers that sign the actor in, whichever organisation it works for now."""
    found = open_sign_in(session, token)
    with as_portal(session):
        person = session.get_one(Person, actor.person_id)
        rows = session.execute(
            select(FederatedIdentity, Organisation.name)
            .outerjoin(Organisation, Organisation.id == FederatedIdentity.organisation_id)
            .where(FederatedIdentity.person_id == person.id)
            .order_by(FederatedIdentity.id)
        ).all()
        return tuple(
            LinkRow(
                link.id, _provider(link), name or "", link.establishment, link.created_at, link.used_at,
                found is not None and found.identity_id == link.id, _has_another_way(session, person, link),
            )
            for link, name in rows
        )  # fmt: skip


def unlink_own(actor: Actor, identity_id: int, token: str) -> bool:
    """Let a provider sign the actor in no more and end what it opened; tell whether the actor's session goes on.

    Raises Refusal when no other way in would be left, NotFound for what is somebody else's or gone already.
    """
    with transaction(as_portal=True) as session:
        person = session.get(Person, actor.person_id, with_for_update=True)  # of two that go at once the second sees what is left
        link = session.get(FederatedIdentity, identity_id, with_for_update=True)
        if person is None or link is None or link.person_id != person.id:
            raise NotFound
        if not _has_another_way(session, person, link):
            raise Refusal("accounts.last_way_in")
        forget_identity(session, actor, link)
        tell_of_change(session, person)
        return open_sign_in(session, token) is not None


def _has_another_way(session: Session, person: Person, link: FederatedIdentity) -> bool:
    """Tell whether somebody comes in without a link: by password, or by another provider that opens something today.

    A passkey alone does not count: whether it can name its owner by itself only the device knows.
    """
    if person.password_hash is not None:
        return True
    others = select(FederatedIdentity).where(FederatedIdentity.person_id == person.id, FederatedIdentity.id != link.id)
    works_at = set(_places(session, person.id))
    return any(_opens(one, works_at) for one in session.scalars(others.order_by(FederatedIdentity.id)))


def _opens(link: FederatedIdentity, works_at: set[int | None]) -> bool:
    """Tell whether a provider is one of today's settings and its person works where it acts."""
    name = _provider(link)
    is_set = name in providers.names() and providers.provider_of(name).provider.issuer == link.issuer
    return is_set and link.organisation_id in works_at


def _places(session: Session, person_id: int) -> Iterator[int | None]:
    """Yield the organisations where somebody works, and None (where links of staff act) for whoever works for the city."""
    mine = select(Organisation.id, Organisation.kind).join(Membership, Membership.organisation_id == Organisation.id)
    for id_, kind in session.execute(mine.where(Membership.person_id == person_id, in_force()).order_by(Organisation.id)):
        yield None if kind in CITY_KINDS else id_


def _provider(link: FederatedIdentity) -> str:
    return CREDITORS if link.kvk else STAFF
