"""Use cases of being asked to work for an organisation: a manager asks, the person accepts; only then the membership begins.

Whoever asks sees the same whether the portal knew the address or not: who works where is nobody else's business.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import Actor, Permission, Role
from app.accounts import rules
from app.accounts.memberships import join, tell_administrators, works_here
from app.accounts.models import Invitation, Joining, Person
from app.accounts.passwords import new_link
from app.accounts.queries import managed_organisation, open_joinings
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import as_portal, transaction
from app.errors import NotFound, Refusal
from app.notifications.service import Recipient, notify


@dataclass(frozen=True)
class NewColleague:
    """Somebody to ask for an organisation."""

    name: str
    email: str
    role: Role
    organisation_id: int


def ask_colleague(actor: Actor, new: NewColleague) -> str:
    """Ask somebody to work for an organisation; return the path that the mail leads to.

    Raises Refusal for a role that does not exist there, oneself, and who is in the list already; NotFound for another's organisation.
    """
    actor.must(Permission.MANAGE_PEOPLE)
    with transaction() as session:
        return ask_within(session, actor, managed_organisation(session, actor, new.organisation_id), new)


def ask_within(session: Session, actor: Actor, organisation: Organisation, new: NewColleague) -> str:
    """Ask somebody within a transaction whose caller looked whether the actor may; return the path that the mail leads to.

    Raises Refusal as `ask_colleague`.
    """
    rules.check_role(organisation.kind, new.role)
    email = new.email.strip().lower()
    rules.check_person(new.name, email)
    person = _person(session, email, new.name.strip())
    if person.id == actor.person_id:
        raise Refusal("accounts.own_role", field="email")
    _refuse_double(session, person, organisation.id)
    asked = Joining(
        person_id=person.id, organisation_id=organisation.id, role=new.role, name=new.name.strip(), asked_by=actor.name, asked_at=now()
    )
    session.add(asked)
    session.flush()
    told = {"email": (None, email), "role": (None, new.role)}
    record(session, actor, "people:ask", f"joining/{asked.id}", concerns_id=organisation.id, **told)
    tell_administrators(session, actor, organisation)
    return _mail(session, person, asked, organisation)


def _person(session: Session, email: str, name: str) -> Person:
    """Return the person with this address, locked; new when there is none."""
    same = select(Person).where(Person.email == email)
    with suppress(IntegrityError), session.begin_nested():  # somebody else may just ask the same address
        if session.scalar(same) is None:
            session.add(Person(email=email, name=name, created_at=now()))
    return session.scalars(same.with_for_update()).one()  # of two questions at once the second finds the first


def _refuse_double(session: Session, person: Person, organisation_id: int) -> None:
    is_here = person.disabled_at is None and works_here(session, person.id, organisation_id)
    asked = open_joinings().where(Joining.person_id == person.id, Joining.organisation_id == organisation_id)
    if is_here or session.scalar(asked.limit(1)) is not None:
        raise Refusal("accounts.works_here_already", field="email")


def _mail(session: Session, person: Person, asked: Joining, organisation: Organisation) -> str:
    """Mail a link to choose a password to who works nowhere yet, and to who does where to accept; a closed account gets none."""
    to = Recipient(person.email, organisation.id, person.language, person.id)
    days = rules.INVITATION_DAYS
    with as_portal(session):
        works = works_here(session, person.id)
    if person.disabled_at is not None:
        return "/sign-in"
    path = "/account" if works else new_link(session, person.id, timedelta(days=days), asked)
    notify(session, "accounts.asked" if works else "accounts.invited", to, path, days=days, organisation=organisation.name)
    return path


def accept_joining(actor: Actor, joining_id: int) -> None:
    """Begin to work for the organisation that asked. Raises NotFound for what is over or was asked of somebody else; Refusal."""
    with transaction() as session:
        asked = _asked_of(session, actor, joining_id)
        join(session, asked)
        record(session, actor, "people:join", f"person/{asked.person_id}", concerns_id=asked.organisation_id, role=(None, asked.role))


def decline_joining(actor: Actor, joining_id: int) -> None:
    """Say no to the organisation that asked. Raises NotFound."""
    with transaction() as session:
        asked = _asked_of(session, actor, joining_id)
        asked.ended_at = now()
        # the organisation that asked sees the question go: the name and the organisation of who says no are not its business
        record(session, actor, "people:decline", f"joining/{asked.id}")


def _asked_of(session: Session, actor: Actor, joining_id: int) -> Joining:
    asked = session.scalar(open_joinings().where(Joining.id == joining_id, Joining.person_id == actor.person_id).with_for_update())
    if asked is None:
        raise NotFound
    return asked


def take_back(actor: Actor, joining_id: int) -> None:
    """Ask no longer: the link that was mailed opens nothing any more. Raises NotFound."""
    actor.must(Permission.MANAGE_PEOPLE)
    with transaction() as session:
        asked = session.scalar(open_joinings().where(Joining.id == joining_id).with_for_update())
        if asked is None:
            raise NotFound
        managed_organisation(session, actor, asked.organisation_id)
        asked.ended_at = now()
        links = update(Invitation).where(Invitation.joining_id == asked.id, Invitation.used_at.is_(None))
        session.execute(links.values(used_at=now()))
        record(session, actor, "people:take-back", f"joining/{asked.id}", concerns_id=asked.organisation_id)
