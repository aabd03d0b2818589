"""Use cases of signing in through a provider (OpenID Connect): setting out, and coming back as somebody whom the portal knows.

Asking for access and admitting whoever asks stand in admitting.py.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Kind
from app.accounts import federated_rules as rules
from app.accounts import providers
from app.accounts.admitting import note_link
from app.accounts.federated_rules import CREDITORS, STAFF, Answer, Attempt, CreditorIdentity, StaffIdentity, refuse
from app.accounts.memberships import join
from app.accounts.models import FederatedAttempt, FederatedIdentity, Invitation, Joining, Membership, Person
from app.accounts.passkeys import tell_of_change
from app.accounts.queries import in_force, open_sign_in
from app.accounts.rules import CITY_KINDS, FRESH, hash_token
from app.accounts.service import open_begun, open_whole, use_up_links
from app.accounts.throttle import count_failure, refuse_in_wait
from app.audit.service import record_refused
from app.clock import now
from app.creditors.models import Organisation
from app.db import transaction
from app.errors import Refusal

LENIENCE = 10  # many people share one network address: it waits after ten times as many refused answers


@dataclass(frozen=True)
class Visit:
    """Where somebody signs in: the network address, the origin for the audit, and where the provider sends the browser back to."""

    address: str
    origin: str
    back: str


@dataclass(frozen=True)
class Arrival:
    """Where coming back led: to a session (with `email`: one that still lacks its second factor), or to an identity that may ask access."""

    token: str = ""
    email: str = ""
    identity_id: int | None = None


def set_out(name: str, purpose: str, back: str) -> tuple[Attempt, str]:
    """Return a fresh attempt, for the browser's cookie, and where the provider asks who it is. Raises NotFound, Refusal."""
    attempt = Attempt.begin(name, purpose, now())
    wanted = {"acr_values": _wanted_levels()} if name == CREDITORS else {}
    if purpose == rules.AGAIN:
        wanted |= {"prompt": "login", "max_age": "0"}
    return attempt, providers.provider_of(name).address(attempt, back, **wanted)


def _wanted_levels() -> str:
    """Return how brokers call the levels that are enough, for those that let one ask."""
    trusted = providers.trusted()
    enough = rules.LEVELS[rules.LEVELS.index(trusted.minimum) :]
    return " ".join(given for given, level in trusted.levels.items() if level in enough and given.startswith("urn:"))


def come_back(attempt: Attempt | None, answer: Answer, visit: Visit) -> Arrival:
    """Take what the provider sent the browser back with and open a session for whoever it says.

    An attempt counts once, in the browser that began it, for ten minutes. Raises Refusal; what is refused is in the audit.
    """
    with _noted(attempt, visit):
        begun, claims = _vouched(attempt, answer, visit)
        with transaction(as_portal=True) as session:
            arrival = _arrive(session, begun.provider, claims, visit)
            _date(session, arrival, rules.shown_at(claims, begun, now()))
            return arrival


def _date(session: Session, arrival: Arrival, shown_at: datetime | None) -> None:
    """Let the second factor of a whole session count from when it was given; one of unknown age is asked again before what matters."""
    opened = open_sign_in(session, arrival.token) if arrival.token else None
    if opened and opened.second_factor_at:
        opened.second_factor_at = shown_at or now() - FRESH


def link_own(actor: Actor, attempt: Attempt, answer: Answer, visit: Visit) -> None:
    """Let who is signed in sign in by a provider too, from now on.

    Raises Refusal for an identity that signs somebody else in, or that acts for an organisation where the actor does not work.
    """
    with _noted(attempt, visit):
        begun, claims = _vouched(attempt, answer, visit)
        with transaction(as_portal=True) as session:
            identity = _own_identity(session, actor, begun.provider, claims)
            if identity.person_id not in {None, actor.person_id}:
                refuse("linked to another", "accounts.federated_linked")
            identity.person_id, identity.asked_name, identity.asked_email = actor.person_id, "", ""
            note_link(session, actor, identity)
            tell_of_change(session, session.get_one(Person, actor.person_id))


def _own_identity(session: Session, actor: Actor, name: str, claims: Mapping[str, Any]) -> FederatedIdentity:
    """Return the identity that the provider names, when the actor works where it acts. Raises Refusal."""
    issuer, person_id = str(claims["iss"]), actor.person_id or 0
    if name == STAFF:
        here = _memberships(person_id).where(Organisation.kind.in_(CITY_KINDS))
        who, organisation_id = CreditorIdentity(rules.staff_identity(claims).subject, "", "", ""), None
    else:
        who = _creditor(claims)
        organisation_id = _organisation(session, who)
        here = _memberships(person_id).where(Organisation.id == organisation_id)
    if session.scalar(here.limit(1)) is None:
        refuse("works elsewhere", "accounts.federated_elsewhere")
    return _remembered(session, issuer, who, organisation_id)


@contextmanager
def _noted(attempt: Attempt | None, visit: Visit) -> Iterator[None]:
    """Keep in the audit that somebody did not come in, and count it, so that nobody fills the audit; one that is away is nobody's fault."""
    try:
        yield
    except Refusal as refusal:
        reason = refusal.facts.get("reason")
        if reason not in {None, "away"}:
            _note(reason, attempt.provider if attempt else "-", visit)
        raise


def _note(reason: object, name: str, visit: Visit) -> None:
    with transaction(as_portal=True) as session:
        count_failure(session, _key(visit))
        told: dict[str, Any] = {"origin": (None, visit.origin), "provider": (None, name), "reason": (None, reason)}
        record_refused(session, SYSTEM, "session:fail", "person/unknown", **told)


def _vouched(attempt: Attempt | None, answer: Answer, visit: Visit) -> tuple[Attempt, dict[str, Any]]:
    """Return the attempt, used up, and what the provider says of whoever signed in there. Raises Refusal."""
    begun = _use_up(attempt, answer, visit)
    return begun, _claims(begun, answer, visit)


def _use_up(attempt: Attempt | None, answer: Answer, visit: Visit) -> Attempt:
    """Return the attempt when it is this browser's, young, and came back for the first time. Raises Refusal."""
    with transaction(as_portal=True) as session:
        refuse_in_wait(session, _key(visit), lenience=LENIENCE)
        if attempt is None or attempt.is_over(now()) or not secrets.compare_digest(attempt.state.encode(), answer.state.encode()):
            refuse("state", "accounts.federated_over")
        try:
            with session.begin_nested():
                session.add(FederatedAttempt(state_hash=hash_token(attempt.state), used_at=now()))
        except IntegrityError:
            refuse("state used", "accounts.federated_over")
    return attempt


def _claims(attempt: Attempt, answer: Answer, visit: Visit) -> dict[str, Any]:
    """Return what the provider says of whoever signed in there; nothing waits for it in the database meanwhile."""
    provider = providers.provider_of(attempt.provider)
    if answer.issuer != provider.provider.issuer and (answer.issuer or provider.must_name_itself()):
        refuse("answering issuer")
    if answer.error or not answer.code:
        refuse("not finished", "accounts.federated_stopped")
    return provider.claims(attempt, answer.code, visit.back)


def _key(visit: Visit) -> str:
    return f"federated:{visit.address}"


# ── whom the portal knows ────────────────────────────────────────────────────


def _arrive(session: Session, name: str, claims: Mapping[str, Any], visit: Visit) -> Arrival:
    issuer = str(claims["iss"])
    if name == STAFF:
        return _arrive_staff(session, issuer, rules.staff_identity(claims), visit)
    return _arrive_creditor(session, issuer, _creditor(claims), visit)


def _creditor(claims: Mapping[str, Any]) -> CreditorIdentity:
    trusted = providers.trusted()
    return rules.creditor_identity(claims, trusted.claims, trusted.levels, trusted.minimum)


def _arrive_staff(session: Session, issuer: str, who: StaffIdentity, visit: Visit) -> Arrival:
    """Open a session for somebody of the city; without a second factor at the provider, that of the portal is still asked."""
    identity = session.scalar(_identity(issuer, who.subject)) or _link_invited(session, issuer, who)
    person = session.get(Person, identity.person_id) if identity else None
    if identity is None or person is None:
        refuse("unknown person", "accounts.federated_unknown_person")
    organisation_id = session.scalar(_memberships(person.id).where(Organisation.kind.in_(CITY_KINDS)).limit(1))
    if organisation_id is None:
        refuse("no membership", "accounts.no_membership")
    identity.used_at = now()
    if who.is_strong:
        whole = open_whole(session, person.id, visit.address, visit.origin, organisation_id=organisation_id, identity_id=identity.id)
        return Arrival(whole)
    return Arrival(open_begun(session, person.id, visit.address), person.email)


def _identity(issuer: str, subject: str, kvk: str = "", establishment: str = "") -> Select[FederatedIdentity]:
    return select(FederatedIdentity).where(
        FederatedIdentity.issuer == issuer,
        FederatedIdentity.subject == subject,
        FederatedIdentity.kvk == kvk,
        FederatedIdentity.establishment == establishment,
    )


def _memberships(person_id: int) -> Select[int]:
    found = select(Organisation.id).join(Membership, Membership.organisation_id == Organisation.id)
    found = found.join(Person, Person.id == Membership.person_id)
    mine = found.where(Person.id == person_id, Person.disabled_at.is_(None), in_force())
    return mine.order_by(Organisation.name, Organisation.id)


def _link_invited(session: Session, issuer: str, who: StaffIdentity) -> FederatedIdentity | None:
    """Link an identity to the person whose open invitation went to the address that the provider verified.

    An account that has a password is never taken over so: `portal users reset` invites its owner anew.
    """
    if not who.email:
        return None
    open_ones = select(Invitation).join(Person, Person.id == Invitation.person_id)
    open_ones = open_ones.where(Invitation.used_at.is_(None), Invitation.expires_at > now())
    his = open_ones.where(Person.email == who.email, Person.password_hash.is_(None), Person.disabled_at.is_(None))
    invitation = session.scalar(his.order_by(Invitation.expires_at.desc()).limit(1).with_for_update())
    if invitation is None:
        return None
    identity = FederatedIdentity(issuer=issuer, subject=who.subject, person_id=invitation.person_id, created_at=now())
    session.add(identity)
    session.flush()
    use_up_links(session, invitation.person_id)
    joining = session.get(Joining, invitation.joining_id) if invitation.joining_id else None
    if joining and joining.ended_at is None:
        join(session, joining)
    note_link(session, SYSTEM, identity)
    return identity


def _arrive_creditor(session: Session, issuer: str, who: CreditorIdentity, visit: Visit) -> Arrival:
    """Open a session in the one organisation that the broker names; who is not known there may ask for access."""
    organisation_id = _organisation(session, who)
    identity = _remembered(session, issuer, who, organisation_id)
    if identity.person_id is None:
        return Arrival(identity_id=identity.id)
    if session.scalar(_memberships(identity.person_id).where(Organisation.id == organisation_id)) is None:
        refuse("no membership", "accounts.no_membership")
    identity.used_at = now()
    whole = open_whole(session, identity.person_id, visit.address, visit.origin, organisation_id=organisation_id, identity_id=identity.id)
    return Arrival(whole)


def _organisation(session: Session, who: CreditorIdentity) -> int:
    """Return the one organisation of a KvK number, or of one of its establishments. Raises Refusal, with whom to call."""
    kinds = (Kind.CREDITOR, Kind.AGENT)
    listed = select(Organisation.id).where(Organisation.kvk == who.kvk, Organisation.kind.in_(kinds)).order_by(Organisation.id)
    found = session.scalars(listed.where(Organisation.establishment == who.establishment).limit(2)).all()
    if len(found) > 1:
        refuse("organisation twice", "accounts.federated_organisation_twice", kvk=who.kvk)
    if not found and who.establishment and session.scalar(listed.limit(1)):
        refuse("establishment", "accounts.federated_establishment", establishment=who.establishment)
    if not found:
        refuse("unknown organisation", "accounts.federated_unknown_organisation", kvk=who.kvk)
    return found[0]


def _remembered(session: Session, issuer: str, who: CreditorIdentity, organisation_id: int | None) -> FederatedIdentity:
    """Return the identity; it is kept the first time that it comes, and of two first times at once one row stays.

    Raises Refusal for one that was known when the KvK number was another organisation's.
    """
    same = _identity(issuer, who.subject, who.kvk, who.establishment)
    known = session.scalar(same)
    if known is not None:
        if known.organisation_id != organisation_id:
            refuse("organisation changed", "accounts.federated_unknown_organisation", kvk=who.kvk)
        return known
    identity = FederatedIdentity(
        issuer=issuer, subject=who.subject, kvk=who.kvk, establishment=who.establishment, organisation_id=organisation_id, created_at=now()
    )
    try:
        with session.begin_nested():
            session.add(identity)
        return identity
    except IntegrityError:
        return session.scalars(same).one()
