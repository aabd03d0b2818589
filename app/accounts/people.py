"""Use cases of managing people: change role, end, reset, add from the command line; and the people of the demo."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Kind, Permission, Role
from app.accounts import rules
from app.accounts.admitting import forget_identities
from app.accounts.memberships import begin_membership, leave, leave_everywhere, replace_ended, tell_administrators
from app.accounts.models import Membership, Person
from app.accounts.passkeys import tell_of_change
from app.accounts.passwords import new_link
from app.accounts.queries import in_force, managed_membership
from app.accounts.second_factor import forget_second_factor
from app.accounts.service import end_sessions, hash_password, open_whole, use_up_links
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import transaction
from app.errors import NotFound, Refusal
from app.notifications.service import Recipient, notify


def add_person(name: str, email: str, role: Role, organisation: str) -> str:
    """Add somebody from the command line, where no person acts. `organisation` is its code or its name. Raises Refusal."""
    with transaction() as session:
        found = session.scalar(select(Organisation).where(_named(organisation)).order_by(Organisation.id).limit(1))
        if found is None:
            raise Refusal("accounts.unknown_organisation", organisation=organisation)
        return _add(session, found, name, email, role)


def _named(organisation: str) -> ColumnElement[bool]:
    is_code = organisation.isdigit() and len(organisation) < 10
    return Organisation.code == int(organisation) if is_code else func.lower(Organisation.name) == organisation.lower()


def _add(session: Session, organisation: Organisation, name: str, email: str, role: Role) -> str:
    rules.check_role(organisation.kind, role)
    email = email.strip().lower()
    rules.check_person(name, email)
    person = session.scalar(select(Person).where(Person.email == email))
    if person is None:
        person = Person(email=email, name=name.strip(), created_at=now())
        session.add(person)
        session.flush()
    elif person.disabled_at is not None:
        _open_again(session, person, organisation.id)
    begin_membership(session, person.id, organisation.id, role)
    record(session, SYSTEM, "people:add", f"person/{person.id}", concerns_id=organisation.id, role=(None, role))
    tell_administrators(session, SYSTEM, organisation)
    return _invite(session, person, organisation, "accounts.invited") if person.password_hash is None else "/sign-in"


def _open_again(session: Session, person: Person, organisation_id: int) -> None:
    """Let a closed account begin anew, without password, second factor and providers: the address may be somebody else's now."""
    person.disabled_at = person.password_hash = None
    forget_second_factor(session, person)
    forget_identities(session, SYSTEM, person.id)
    former = update(Membership).where(Membership.person_id == person.id, Membership.organisation_id == organisation_id, in_force())
    session.execute(former.values(ends_on=today() - timedelta(days=1)))


def _invite(session: Session, person: Person, organisation: Organisation | None, code: str) -> str:
    """Mail a link with which the person sets a password, and return its path."""
    path = new_link(session, person.id, timedelta(days=rules.INVITATION_DAYS))
    to = Recipient(person.email, organisation.id if organisation else None, person.language, person.id)
    notify(session, code, to, path, days=rules.INVITATION_DAYS, organisation=organisation.name if organisation else "")
    return path


def change_role(actor: Actor, membership_id: int, role: Role) -> None:
    """Give a colleague another role, at once: what was open under the old one ends. Raises Refusal (also for oneself), NotFound."""
    with transaction() as session:
        membership = managed_membership(session, actor, membership_id)
        if membership.person_id == actor.person_id:
            raise Refusal("accounts.own_role")
        organisation = session.get_one(Organisation, membership.organisation_id)
        rules.check_role(organisation.kind, role)
        _keep_a_manager(session, membership, becomes=role)
        record(
            session,
            actor,
            "people:change-role",
            f"person/{membership.person_id}",
            concerns_id=organisation.id,
            role=(membership.role, role),
        )
        with session.no_autoflush:  # first the place, then the row
            membership.role = role
            replace_ended(session, membership)
        tell_administrators(session, actor, organisation)
        end_sessions(session, membership.person_id, organisation_id=organisation.id)


def end_membership(actor: Actor, membership_id: int) -> None:
    """End a colleague's membership and sessions, at once. Raises Refusal for oneself and for the last manager, NotFound."""
    with transaction() as session:
        membership = managed_membership(session, actor, membership_id)
        if membership.person_id == actor.person_id:
            raise Refusal("accounts.not_oneself")
        _keep_a_manager(session, membership, becomes=None)
        membership.ends_on = today() - timedelta(days=1)
        leave(session, membership.person_id, membership.organisation_id)
        end_sessions(session, membership.person_id, organisation_id=membership.organisation_id)
        record(
            session,
            actor,
            "people:end",
            f"person/{membership.person_id}",
            concerns_id=membership.organisation_id,
            role=(membership.role, None),
        )


def _keep_a_manager(session: Session, membership: Membership, becomes: Role | None) -> None:
    """Refuse to leave an organisation without anybody who can sign and add people."""
    if membership.role not in rules.MANAGERS or becomes in rules.MANAGERS:
        return
    # of two managers who end each other at once, the second waits here and is refused
    session.execute(select(Organisation.id).where(Organisation.id == membership.organisation_id).with_for_update())
    others = select(Membership.id).where(
        Membership.organisation_id == membership.organisation_id,
        Membership.role.in_(rules.MANAGERS),
        Membership.id != membership.id,
        in_force(),
    )
    if session.scalar(others.limit(1)) is None:
        raise Refusal("accounts.last_manager")


def reset_second_factor(actor: Actor, membership_id: int) -> None:
    """Uncouple a colleague's app: at the next sign-in a new one is enrolled. Ends the sessions.

    Raises Refusal for somebody who works for another organisation as well, whose door this manager does not keep; NotFound.
    """
    with transaction() as session:
        membership = managed_membership(session, actor, membership_id)
        _manages_alone(session, actor, membership)
        person = session.get_one(Person, membership.person_id)
        forget_second_factor(session, person)
        end_sessions(session, person.id)
        tell_of_change(session, person)
        record(session, actor, "people:reset-second-factor", f"person/{person.id}", concerns_id=membership.organisation_id)


def _manages_alone(session: Session, actor: Actor, membership: Membership) -> None:
    elsewhere = select(Membership.id).where(
        Membership.person_id == membership.person_id, Membership.organisation_id != membership.organisation_id, in_force()
    )
    if not actor.may(Permission.MANAGE_ALL_PEOPLE) and session.scalar(elsewhere.limit(1)) is not None:
        raise Refusal("accounts.works_elsewhere")


def reset_person(email: str) -> str:
    """Take password, second factor and providers away; return the path of a new invitation. Raises Refusal for an unknown address."""
    with transaction() as session:
        person = _person(session, email)
        person.password_hash = None
        forget_second_factor(session, person)
        forget_identities(session, SYSTEM, person.id)
        end_sessions(session, person.id)
        record(session, SYSTEM, "people:reset", f"person/{person.id}")
        return _invite(session, person, None, "accounts.reset")


def disable_person(email: str) -> None:
    """Close an account and end its sessions, at once. Raises Refusal for an unknown address."""
    with transaction() as session:
        person = _person(session, email)
        person.disabled_at = now()
        leave_everywhere(session, person.id)
        use_up_links(session, person.id)
        end_sessions(session, person.id)
        record(session, SYSTEM, "people:disable", f"person/{person.id}")


def _person(session: Session, email: str) -> Person:
    person = session.scalar(select(Person).where(Person.email == email.strip().lower()))
    if person is None:
        raise Refusal("accounts.unknown_email", email=email)
    return person


# ── the demo ─────────────────────────────────────────────────────────────────

DEMO_PASSWORD = "schuldenvrij-2026!"  # noqa: S105 (published with the demo; production never loads it)
DEMO_SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105
WATER, KADE = "Waterbedrijf Westerdok", "Incassobureau Kade"
BANK, RELATIONS, TEAM, CITY = "Kredietbank", "Relatiebeheer", "Buurtteam Zuid", "Stad"
DESK = "Meldpunt Vroegsignalering"
CITY_ORGANISATIONS = {
    BANK: Kind.BANK,
    RELATIONS: Kind.RELATIONS_TEAM,
    TEAM: Kind.NEIGHBOURHOOD_TEAM,
    CITY: Kind.CITY,
    DESK: Kind.NEIGHBOURHOOD_TEAM,
}
DEMO_PEOPLE = (
    ("medewerker@waterbedrijfwesterdok.example", "Samira Bakali", WATER, Role.CREDITOR_WORKER),
    ("beheerder@waterbedrijfwesterdok.example", "Pieter Dros", WATER, Role.CREDITOR_MANAGER),
    ("medewerker@incassobureaukade.example", "Kees Tuinstra", KADE, Role.AGENT_WORKER),
    ("kredietbank@stad.example", "Marit Haverkamp", BANK, Role.OFFICER),
    ("kredietbank2@stad.example", "Rob Oudkerk", BANK, Role.OFFICER),
    ("relatiebeheer@stad.example", "Ilse Terpstra", RELATIONS, Role.RELATIONSHIP_MANAGER),
    ("hulpverlener@buurtteam.example", "Hanna Wouda", TEAM, Role.COUNSELLOR),
    ("auditor@stad.example", "Ton Verhagen", CITY, Role.AUDITOR),
    ("beheerder@stad.example", "Fatma Çelik", CITY, Role.ADMINISTRATOR),
)


def ensure_demo_people(people: tuple[tuple[str, str, str, Role], ...] = DEMO_PEOPLE) -> int:
    """Make the organisations of the city and the people of the demo where they are missing; return how many people are new.

    People of creditors and agents are left out as long as their organisation is not in the register.
    """
    password_hash = hash_password(DEMO_PASSWORD)
    with transaction() as session:
        known = set(session.scalars(select(Organisation.name).where(Organisation.name.in_(CITY_ORGANISATIONS))))
        session.add_all(Organisation(name=name, kind=kind) for name, kind in CITY_ORGANISATIONS.items() if name not in known)
        session.flush()
        return sum(_ensure(session, password_hash, *person) for person in people)


def _ensure(session: Session, password_hash: str, email: str, name: str, organisation: str, role: Role) -> bool:
    place = session.scalar(select(Organisation.id).where(Organisation.name == organisation).order_by(Organisation.id).limit(1))
    if place is None or session.scalar(select(Person.id).where(Person.email == email)):
        return False
    person = Person(email=email, name=name, password_hash=password_hash, totp_secret=DEMO_SECRET, created_at=now())
    session.add(person)
    session.flush()
    session.add(Membership(person_id=person.id, organisation_id=place, role=role, starts_on=today() - timedelta(days=365)))
    record(session, SYSTEM, "people:add", f"person/{person.id}", concerns_id=place, role=(None, role))
    return True


def demo_session(email: str, address: str, origin: str) -> str:
    """Open a whole session for a person of the demo; return its token. Raises NotFound for anybody else, Refusal without membership."""
    if email not in {row[0] for row in DEMO_PEOPLE}:
        raise NotFound
    with transaction(as_portal=True) as session:  # nobody acts yet
        return open_whole(session, _person(session, email).id, address, origin)
