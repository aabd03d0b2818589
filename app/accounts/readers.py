"""Who reads what the portal tells an organisation, and whose an address is: what messages ask of people and the register."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Role
from app.accounts.models import Membership, Person
from app.accounts.queries import in_force
from app.creditors.models import Organisation
from app.errors import NotFound
from app.notifications.audience import Holder, Reader

OUTSIDE = (Kind.CREDITOR, Kind.AGENT)


def readers(session: Session, *, organisation_id: int | None = None, person_id: int | None = None) -> list[Reader]:
    """Return who works where today: everybody, those of one organisation, or one person for each of its organisations."""
    query = (
        select(Person, Organisation, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Person.disabled_at.is_(None), in_force())
        .order_by(Person.id, Organisation.name, Organisation.id, Membership.id)
    )
    if organisation_id is not None:
        query = query.where(Organisation.id == organisation_id)
    if person_id is not None:
        query = query.where(Person.id == person_id)
    roles: defaultdict[tuple[int, int], set[Role]] = defaultdict(set)
    places: dict[tuple[int, int], tuple[Person, Organisation]] = {}
    for person, place, role in session.execute(query):
        roles[person.id, place.id].add(role)
        places[person.id, place.id] = (person, place)
    return [_reader(*places[key], frozenset(found)) for key, found in roles.items()]


def _reader(person: Person, place: Organisation, roles: frozenset[Role]) -> Reader:
    actor = Actor(person.name, roles, place.kind, place.id, place.name, person.id, "mail")
    return Reader(person.id, person.email, person.language, actor)


def holders(session: Session, addresses: Collection[str]) -> list[Holder]:
    """Return whose these addresses are, as far as the session sees: of organisations, and of people where they work today."""
    wanted = {address.lower() for address in addresses}
    mailboxes = select(Organisation).where(func.lower(Organisation.email).in_(wanted)).order_by(Organisation.id)
    found = [Holder(row.email, row.id, row.name, row.kind not in OUTSIDE) for row in session.scalars(mailboxes)]
    works = (
        select(Person, Organisation)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Person.email.in_(wanted), Person.disabled_at.is_(None), in_force())
        .order_by(Person.id, Organisation.id)
    )
    people = dict.fromkeys((person, place) for person, place in session.execute(works))
    return found + [Holder(p.email, o.id, o.name, o.kind not in OUTSIDE, p.id, p.name) for p, o in people]


def mailbox(session: Session, organisation_id: int) -> tuple[str, str]:
    """Return the address and the name of an organisation. Raises NotFound."""
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound
    return found.email, found.name
