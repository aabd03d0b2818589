"""Read people, memberships and sessions. Loading is the access check: what the actor may not see is NotFound."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, LargeBinary, Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission, Role
from app.accounts import rules
from app.accounts.models import FederatedIdentity, Joining, Membership, Passkey, Person, SignIn
from app.clock import now, today
from app.creditors.models import Organisation
from app.errors import NotFound, Refusal
from app.notifications.bouncing import bounced


@dataclass(frozen=True)
class Colleague:
    """One person with one role in one organisation."""

    membership_id: int
    person_id: int
    name: str
    email: str
    role: Role
    organisation: str
    has_second_factor: bool
    is_invited: bool  # has no way in yet
    has_provider: bool  # comes in by eHerkenning or the city's own
    is_bounced: bool = False  # the address refuses mail


@dataclass(frozen=True)
class Asked:
    """One person who was asked and has not answered, with nothing but what whoever asked typed."""

    joining_id: int
    name: str
    email: str
    role: Role
    asked_at: datetime


@dataclass(frozen=True)
class PeoplePage:
    organisation_id: int
    organisation: str
    kind: Kind
    roles: tuple[Role, ...]
    people: tuple[Colleague, ...]
    asked: tuple[Asked, ...]
    organisations: tuple[tuple[int, str], ...]  # to choose from; the administrator's alone


@dataclass(frozen=True)
class SessionRow:
    id: int
    created_at: datetime
    seen_at: datetime
    address: str
    is_this: bool


@dataclass(frozen=True)
class PasskeyRow:
    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class JoiningRow:
    """An organisation that asks this person to work for it."""

    id: int
    organisation: str
    role: Role
    asked_by: str


@dataclass(frozen=True)
class AccountPage:
    name: str
    email: str
    language: str
    organisation_id: int | None
    organisations: tuple[tuple[int, str], ...]
    sessions: tuple[SessionRow, ...]
    passkeys: tuple[PasskeyRow, ...]
    joinings: tuple[JoiningRow, ...]
    has_app: bool
    has_password: bool

    @property
    def may_remove_factor(self) -> bool:
        """Tell whether another second factor would be left."""
        return len(self.passkeys) + self.has_app > 1


def in_force() -> ColumnElement[bool]:
    """Return the condition that a membership counts today."""
    day = today()
    return (Membership.starts_on <= day) & or_(Membership.ends_on.is_(None), Membership.ends_on >= day)


@dataclass(frozen=True)
class SignedIn:
    """Who acts in a whole session, since when the second factor counts, and whether its last use is to be kept anew."""

    actor: Actor
    second_factor_at: datetime
    has_rested: bool


def signed_in(session: Session, token: str, origin: str) -> SignedIn | None:
    """Return who acts in the whole session of this token, in one statement; None when it is over or lacks its second factor."""
    rows = session.connection().execute(_signed_in(), {"token": rules.hash_token(token), "today": today()}).all()
    if not rows:
        return None
    created_at, seen_at, second_factor_at, organisation_id, person_id = rows[0][:5]
    actor = None if rules.is_over(created_at, seen_at, now()) else _actor([row[5:] for row in rows], person_id, organisation_id, origin)
    return SignedIn(actor, second_factor_at, now() - seen_at >= rules.SEEN_EVERY) if actor else None


@cache
def _signed_in() -> Select[Any]:
    """Make the statement once: every page asks it."""
    day = bindparam("today", type_=Date)
    used: Any = SignIn.__table__.c  # columns of the tables, not of the classes: no objects are made
    people: Any = Person.__table__.c
    works: Any = Membership.__table__.c
    places: Any = Organisation.__table__.c
    holds = (works.starts_on <= day) & or_(works.ends_on.is_(None), works.ends_on >= day)
    return (
        select(
            used.created_at, used.seen_at, used.second_factor_at, used.organisation_id, used.person_id,
            people.name, works.role, places.id, places.kind, places.name,
        )
        .join(Person.__table__, people.id == used.person_id)
        .join(Membership.__table__, works.person_id == people.id)
        .join(Organisation.__table__, places.id == works.organisation_id)
        .where(used.token_hash == bindparam("token", type_=LargeBinary), used.ended_at.is_(None), used.second_factor_at.is_not(None))
        .where(people.disabled_at.is_(None), holds)
        .order_by(places.name, places.id, works.id)
    )  # fmt: skip


def actor_of(session: Session, person_id: int, organisation_id: int | None, origin: str) -> Actor | None:
    """Return the person as actor for one of its organisations (None: the first); None when no membership is in force."""
    query = (
        select(Person.name, Membership.role, Organisation.id, Organisation.kind, Organisation.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Person.id == person_id, Person.disabled_at.is_(None), in_force())
        .order_by(Organisation.name, Organisation.id, Membership.id)
    )
    return _actor(session.execute(query).all(), person_id, organisation_id, origin)


def _actor(rows: Sequence[Any], person_id: int, organisation_id: int | None, origin: str) -> Actor | None:
    """Return the actor of rows of name, role, and id, kind and name of an organisation; None when none is of the one asked for."""
    mine = [row for row in rows if row[2] == (rows[0][2] if organisation_id is None else organisation_id)]
    if not mine:
        return None
    name, _, own_id, kind, organisation = mine[0]
    roles = frozenset(row[1] for row in mine)
    return Actor(name, roles, kind, own_id, organisation, person_id, origin)


def actor_by_email(session: Session, email: str, origin: str = "command line") -> Actor:
    """Return who acts on the command line. Raises Refusal when nobody with this address has a membership in force."""
    person_id = session.scalar(select(Person.id).where(Person.email == email.strip().lower()))
    found = actor_of(session, person_id, None, origin) if person_id else None
    if found is None:
        raise Refusal("accounts.unknown_email", email=email)
    return found


def open_sign_in(session: Session, token: str) -> SignIn | None:
    """Return the session of this token when it has not ended, is not too old and was not at rest too long."""
    found = session.scalar(select(SignIn).where(SignIn.token_hash == rules.hash_token(token), SignIn.ended_at.is_(None)))
    return found if found and not rules.is_over(found.created_at, found.seen_at, now()) else None


@dataclass(frozen=True)
class Ways:
    """How somebody can show that it is still the same person."""

    email: str
    has_app: bool
    has_passkey: bool


def ways_to_confirm(session: Session, actor: Actor) -> Ways:
    """Return what the second factor can be asked by. Raises NotFound."""
    person = session.get(Person, actor.person_id)
    if person is None:
        raise NotFound
    has_passkey = session.scalar(select(exists().where(Passkey.person_id == person.id)))
    return Ways(person.email, person.totp_secret is not None, bool(has_passkey))


def actor_of_token(session: Session, token: str, origin: str) -> Actor | None:
    """Return who acts in the whole session of this token; None when it is over or lacks its second factor."""
    found = signed_in(session, token, origin)
    return found.actor if found else None


def is_confined(session: Session, identity_id: int | None, organisation_id: int) -> bool:
    """Tell whether the identity that opened a session acts for another organisation alone (eHerkenning: a mandate of one)."""
    own = session.scalar(select(FederatedIdentity.organisation_id).where(FederatedIdentity.id == identity_id)) if identity_id else None
    return own is not None and own != organisation_id


def people_page(session: Session, actor: Actor, organisation_id: int | None = None) -> PeoplePage:
    """Return who works for an organisation: the own one, or (for who manages all people) any. Raises NotFound."""
    actor.must(Permission.MANAGE_PEOPLE)
    organisation = managed_organisation(session, actor, organisation_id or actor.organisation_id)
    choice = select(Organisation.id, Organisation.name).order_by(Organisation.name, Organisation.id)
    organisations = tuple((row[0], row[1]) for row in session.execute(choice)) if actor.may(Permission.MANAGE_ALL_PEOPLE) else ()
    people = tuple(_colleagues(session, organisation.id, organisation.name))
    asked = tuple(_asked(session, organisation.id))
    return PeoplePage(organisation.id, organisation.name, organisation.kind, rules.ROLES[organisation.kind], people, asked, organisations)


def _colleagues(session: Session, organisation_id: int, organisation: str) -> list[Colleague]:
    acts_here = or_(FederatedIdentity.organisation_id.is_(None), FederatedIdentity.organisation_id == organisation_id)
    has_provider = exists().where(FederatedIdentity.person_id == Person.id, acts_here)
    query = (
        select(Membership, Person, exists().where(Passkey.person_id == Person.id), has_provider)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organisation_id == organisation_id, Person.disabled_at.is_(None), in_force())
        .order_by(Person.name, Person.id, Membership.id)
    )
    rows = session.execute(query).all()
    refuses = bounced(session, [row[1].email for row in rows])
    return [
        Colleague(
            m.id, p.id, p.name, p.email, m.role, organisation, has_second_factor=p.totp_secret is not None or has_passkey,
            is_invited=p.password_hash is None and not provider, has_provider=provider, is_bounced=p.email in refuses,
        )
        for m, p, has_passkey, provider in rows
    ]  # fmt: skip


def colleagues_of(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return id and name of everybody who works for the actor's own organisation today, by name."""
    values = {"organisation": actor.organisation_id, "today": today()}
    return [(row[0], row[1]) for row in session.connection().execute(colleagues_by_name(), values)]


def is_colleague(session: Session, actor: Actor, person_id: int) -> bool:
    """Tell whether somebody works for the actor's own organisation today."""
    return any(id_ == person_id for id_, _ in colleagues_of(session, actor))


@cache
def colleagues_by_name() -> Select[int, str]:
    """Return the statement of who works for an organisation, made once: lists of work ask it; parameters: organisation, today."""
    day = bindparam("today", type_=Date)
    holds = (Membership.starts_on <= day) & or_(Membership.ends_on.is_(None), Membership.ends_on >= day)
    works = (Membership.person_id == Person.id) & (Membership.organisation_id == bindparam("organisation", type_=Integer)) & holds
    return select(Person.id, Person.name).where(Person.disabled_at.is_(None), exists().where(works)).order_by(Person.name, Person.id)


def _asked(session: Session, organisation_id: int) -> list[Asked]:
    query = open_joinings().add_columns(Person.email).join(Person, Person.id == Joining.person_id)
    rows = session.execute(query.where(Joining.organisation_id == organisation_id).order_by(Joining.id))
    return [Asked(asked.id, asked.name, email, asked.role, asked.asked_at) for asked, email in rows]


def open_joinings() -> Select[Joining]:
    """Return the query of who was asked to join somewhere and can still accept."""
    return select(Joining).where(Joining.ended_at.is_(None), Joining.asked_at > now() - timedelta(days=rules.INVITATION_DAYS))


def managed_organisation(session: Session, actor: Actor, organisation_id: int | None) -> Organisation:
    """Return an organisation whose people the actor manages. Raises NotFound."""
    if not actor.may(Permission.MANAGE_ALL_PEOPLE) and organisation_id != actor.organisation_id:
        raise NotFound
    found = session.get(Organisation, organisation_id) if organisation_id else None
    if found is None:
        raise NotFound
    return found


def managed_membership(session: Session, actor: Actor, membership_id: int) -> Membership:
    """Return a membership in force that the actor manages. Raises NotFound."""
    actor.must(Permission.MANAGE_PEOPLE)
    membership = session.scalar(select(Membership).where(Membership.id == membership_id, in_force()))
    if membership is None:
        raise NotFound
    managed_organisation(session, actor, membership.organisation_id)
    return membership


def account_page(session: Session, actor: Actor, token: str) -> AccountPage:
    """Return what somebody sees of the own account; `token` tells which of the sessions is the present one. Raises NotFound."""
    person = session.get(Person, actor.person_id)
    if person is None:
        raise NotFound
    mine = (
        select(Organisation.id, Organisation.name)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person.id, in_force())
        .distinct()
        .order_by(Organisation.name, Organisation.id)
    )
    organisations = tuple((row[0], row[1]) for row in session.execute(mine))
    return AccountPage(
        person.name, person.email, person.language, actor.organisation_id, organisations,
        sessions=tuple(_sessions(session, person.id, rules.hash_token(token))), passkeys=tuple(_passkeys(session, person.id)),
        joinings=tuple(_joinings(session, person.id)), has_app=person.totp_secret is not None,
        has_password=person.password_hash is not None,
    )  # fmt: skip


def _passkeys(session: Session, person_id: int) -> list[PasskeyRow]:
    mine = select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    return [PasskeyRow(key.id, key.name, key.created_at, key.last_used_at) for key in session.scalars(mine)]


def _joinings(session: Session, person_id: int) -> list[JoiningRow]:
    query = open_joinings().add_columns(Organisation.name).join(Organisation, Organisation.id == Joining.organisation_id)
    rows = session.execute(query.where(Joining.person_id == person_id).order_by(Joining.id))
    return [JoiningRow(asked.id, organisation, asked.role, asked.asked_by) for asked, organisation in rows]


def _sessions(session: Session, person_id: int, own: bytes) -> list[SessionRow]:
    open_ones = (
        select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.second_factor_at.is_not(None))
        .where(SignIn.created_at > now() - rules.ABSOLUTE, SignIn.seen_at > now() - rules.IDLE)
        .order_by(SignIn.created_at.desc(), SignIn.id.desc())
    )
    return [SessionRow(row.id, row.created_at, row.seen_at, row.address, row.token_hash == own) for row in session.scalars(open_ones)]
