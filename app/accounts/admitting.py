"""Use cases of access by eHerkenning: somebody asks it, a manager of the organisation admits, turns away or unlinks."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Permission
from app.accounts import rules
from app.accounts.memberships import begin_membership
from app.accounts.models import FederatedIdentity, Membership, Person, SignIn
from app.accounts.queries import in_force, managed_organisation
from app.accounts.service import end_sessions
from app.accounts.throttle import count_failure, forget_failures, refuse_in_wait
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import REF_ALPHABET, even_if_refused, reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.notifications.service import Recipient, notify
from app.sealing import blind_index

CODE_LENGTH = 8  # signs of the code that shows that an address is one's own


@dataclass(frozen=True)
class AccessPage:
    """What somebody sees whom a provider vouches for and the organisation does not know yet."""

    organisation: str
    is_asked: bool
    has_manager: bool


@dataclass(frozen=True)
class Asked:
    """What the browser keeps while a code is on its way to the address; `proof` fits no other name, address or code."""

    identity_id: int
    name: str
    email: str
    proof: str


@dataclass(frozen=True)
class IdentityRow:
    """Somebody who asks for access, or comes in by eHerkenning already."""

    id: int
    name: str
    email: str
    created_at: datetime
    used_at: datetime | None
    revision: int


@dataclass(frozen=True)
class IdentitiesPage:
    organisation_id: int
    waiting: tuple[IdentityRow, ...]
    linked: tuple[IdentityRow, ...]


# ── asking ───────────────────────────────────────────────────────────────────


def access_page(identity_id: int) -> AccessPage:
    """Return what is known of an identity that waits. Raises NotFound when it waits no more."""
    with reading(as_portal=True) as session:
        identity = _waiting(session, identity_id)
        organisation = session.get_one(Organisation, identity.organisation_id)
        return AccessPage(organisation.name, bool(identity.asked_email), bool(_managers(session, organisation.id)))


def mail_code(identity_id: int, name: str, email: str, language: str) -> Asked:
    """Mail a code to the address with which somebody asks access; return what the browser keeps until the code is typed.

    Raises Refusal for a name or address that is unfit and after too many, NotFound when the identity waits no more.
    """
    email, name = email.strip().lower(), name.strip()
    rules.check_person(name, email)
    code = "".join(secrets.choice(REF_ALPHABET) for _ in range(CODE_LENGTH))
    with transaction(as_portal=True) as session:
        identity = _waiting(session, identity_id)
        refuse_in_wait(session, _key(identity_id))
        count_failure(session, _key(identity_id))  # a mail counts too: nobody is mailed at will
        notify(session, "accounts.access_code", Recipient(email, identity.organisation_id, language), "/sign-in", access_code=code)
    return Asked(identity_id, name, email, _proof(identity_id, name, email, code))


def ask_access(asked: Asked, code: str, origin: str) -> None:
    """Ask the managers of the organisation for access, when the code shows that the address is one's own.

    Raises Refusal for a wrong code, and for an address that has an account: its owner links the provider there. NotFound.
    """
    proof = _proof(asked.identity_id, asked.name, asked.email, rules.bare_code(code))
    with transaction(as_portal=True) as session:
        refuse_in_wait(session, _key(asked.identity_id), field="code")
        identity = _waiting(session, asked.identity_id)
        if not secrets.compare_digest(proof, asked.proof):
            even_if_refused(session, lambda counting: count_failure(counting, _key(asked.identity_id)))
            raise Refusal("accounts.access_code_wrong", field="code")
        if session.scalar(select(Person.id).where(Person.email == asked.email)):
            raise Refusal("accounts.has_account", field="code")
        forget_failures(session, _key(asked.identity_id))
        identity.asked_name, identity.asked_email = asked.name, asked.email
        record(
            session, SYSTEM, "people:ask-access", f"identity/{identity.id}", concerns_id=identity.organisation_id,
            email=(None, asked.email), origin=(None, origin),
        )  # fmt: skip
        for address, language, person_id in _managers(session, identity.organisation_id or 0):
            notify(session, "accounts.access_asked", Recipient(address, identity.organisation_id, language, person_id), "/people")


def _key(identity_id: int) -> str:
    return f"access:{identity_id}"


def _proof(identity_id: int, name: str, email: str, code: str) -> str:
    """Return what a code is compared by. The browser holds it, so a key that it lacks is needed to try codes out."""
    return blind_index(f"access {identity_id} {name} {email} {code}").hex()


def _waiting(session: Session, identity_id: int) -> FederatedIdentity:
    found = session.get(FederatedIdentity, identity_id)
    if found is None or found.person_id is not None or found.organisation_id is None:
        raise NotFound
    return found


def _managers(session: Session, organisation_id: int) -> list[tuple[str, str, int]]:
    """Return address, language and number of whoever may admit people here."""
    query = select(Person.email, Person.language, Person.id).join(Membership, Membership.person_id == Person.id)
    here = query.where(Membership.organisation_id == organisation_id, Membership.role.in_(rules.MANAGERS), in_force())
    rows = session.execute(here.where(Person.disabled_at.is_(None)).distinct().order_by(Person.email))
    return [(row.email, row.language, row.id) for row in rows]


# ── what a manager sees ──────────────────────────────────────────────────────


def identities_page(session: Session, actor: Actor, organisation_id: int | None) -> IdentitiesPage:
    """Return who asks access to an organisation and who comes in there by eHerkenning. Raises NotFound."""
    actor.must(Permission.MANAGE_PEOPLE)
    organisation = managed_organisation(session, actor, organisation_id)
    mine = select(FederatedIdentity).where(FederatedIdentity.organisation_id == organisation.id)
    waiting = mine.where(FederatedIdentity.person_id.is_(None), FederatedIdentity.asked_email != "")
    rows = tuple(
        IdentityRow(f.id, f.asked_name, f.asked_email, f.created_at, None, f.revision)
        for f in session.scalars(waiting.order_by(FederatedIdentity.id))
    )
    return IdentitiesPage(organisation.id, rows, tuple(_linked(session, organisation.id)))


def _linked(session: Session, organisation_id: int) -> list[IdentityRow]:
    query = select(FederatedIdentity, Person).join(Person, Person.id == FederatedIdentity.person_id)
    here = query.where(FederatedIdentity.organisation_id == organisation_id).order_by(Person.name, FederatedIdentity.id)
    return [IdentityRow(f.id, p.name, p.email, f.created_at, f.used_at, f.revision) for f, p in session.execute(here)]


# ── deciding ─────────────────────────────────────────────────────────────────


def admit(actor: Actor, identity_id: int, revision: int) -> None:
    """Let whoever asks come in, as a new colleague in the lowest role.

    Raises Conflict when the request changed or the address got an account meanwhile, NotFound.
    """
    with transaction() as session:
        identity = _managed(session, actor, identity_id)
        is_taken = session.scalar(select(Person.id).where(Person.email == identity.asked_email))
        if identity.person_id is not None or identity.revision != revision or not identity.asked_email or is_taken:
            raise Conflict
        organisation = session.get_one(Organisation, identity.organisation_id)
        person = Person(email=identity.asked_email, name=identity.asked_name, created_at=now())
        try:
            with session.begin_nested():
                session.add(person)
        except IntegrityError as error:  # another of the same address was admitted at the same moment
            raise Conflict from error
        role = rules.ROLES[organisation.kind][0]
        begin_membership(session, person.id, organisation.id, role)
        identity.person_id, identity.asked_name, identity.asked_email = person.id, "", ""
        record(session, actor, "people:add", f"person/{person.id}", concerns_id=organisation.id, role=(None, role))
        note_link(session, actor, identity)
        notify(session, "accounts.admitted", Recipient(person.email, organisation.id, person.language, person.id), "/sign-in")


def note_link(session: Session, actor: Actor, identity: FederatedIdentity) -> None:
    """Write in the audit that an identity signs somebody in from now on."""
    record(
        session, actor, "people:link", f"person/{identity.person_id}", concerns_id=identity.organisation_id,
        identity=(None, identity.id), issuer=(None, identity.issuer),
    )  # fmt: skip


def _managed(session: Session, actor: Actor, identity_id: int) -> FederatedIdentity:
    """Return an identity of an organisation whose people the actor manages, locked. Raises NotFound."""
    actor.must(Permission.MANAGE_PEOPLE)
    found = session.get(FederatedIdentity, identity_id, with_for_update=True)
    if found is None or found.organisation_id is None:
        raise NotFound
    managed_organisation(session, actor, found.organisation_id)
    return found


def turn_away(actor: Actor, identity_id: int) -> None:
    """Forget a request; whoever made it may ask again. Raises NotFound."""
    with transaction() as session:
        identity = _managed(session, actor, identity_id)
        if identity.person_id is not None:
            raise NotFound
        record(
            session, actor, "people:turn-away", f"identity/{identity.id}", concerns_id=identity.organisation_id,
            email=(identity.asked_email, None),
        )  # fmt: skip
        session.delete(identity)


def unlink(actor: Actor, identity_id: int) -> None:
    """Let an identity open nothing any more, at once: the sessions of that person here end. Raises NotFound."""
    with transaction() as session:
        identity = _managed(session, actor, identity_id)
        if identity.person_id is None:
            raise NotFound
        end_sessions(session, identity.person_id, organisation_id=identity.organisation_id)
        forget_identity(session, actor, identity)


def forget_identity(session: Session, actor: Actor, identity: FederatedIdentity) -> None:
    """Let an identity open nothing any more and end what it opened, inside somebody's transaction."""
    opened = update(SignIn).where(SignIn.identity_id == identity.id)
    session.execute(opened.values(identity_id=None, ended_at=func.coalesce(SignIn.ended_at, now())))
    record(
        session, actor, "people:unlink", f"person/{identity.person_id}", concerns_id=identity.organisation_id, identity=(identity.id, None)
    )
    session.execute(delete(FederatedIdentity).where(FederatedIdentity.id == identity.id))


def forget_identities(session: Session, actor: Actor, person_id: int) -> None:
    """Let no provider sign somebody in any more, inside somebody's transaction: whoever begins anew links anew."""
    his = select(FederatedIdentity).where(FederatedIdentity.person_id == person_id).order_by(FederatedIdentity.id)
    for identity in session.scalars(his).all():
        forget_identity(session, actor, identity)
