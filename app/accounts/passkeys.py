"""Use cases of passkeys (W3C Web Authentication, level 3): ask one to sign, judge what it signed, add, name and remove them.

What a passkey signs is kept here until it was signed once, for one purpose and one browser; the secret half never comes here.
"""

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from webauthn.helpers import parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.parse_authentication_credential_json import parse_authentication_credential_json
from webauthn.helpers.parse_registration_credential_json import parse_registration_credential_json
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.access import Actor
from app.accounts import rules
from app.accounts.models import Passkey, PasskeyChallenge, Person
from app.audit.service import record
from app.clock import now
from app.db import even_if_refused, transaction
from app.errors import NotFound, Refusal
from app.notifications.service import Recipient, notify
from app.sealing import blind_indexes

ADD, SIGN_IN, CONFIRM = "add a passkey", "sign in", "confirm"  # what is signed for one purpose is no use for another
UNREADABLE = (
    WebAuthnException,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    OverflowError,
)  # what comes from a browser can be anything
MOST_ANSWER = 20_000  # signs of an answer that is still looked at
NAME = "Schuldeisersportaal"


@dataclass(frozen=True)
class Site:
    """Where passkeys are for: the portal's name in the network, and the address at which browsers see it."""

    id: str
    origin: str

    @classmethod
    def of(cls, base_url: str) -> "Site":
        parts = urlsplit(base_url)
        return cls(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")

    @property
    def can_have_passkeys(self) -> bool:
        """Tell whether browsers make passkeys for it: for a name over TLS, or for localhost; never for a number."""
        return self.id == "localhost" or (
            self.origin.startswith("https://") and not self.id.replace(".", "").isdigit() and ":" not in self.id
        )


@dataclass(frozen=True)
class Signed:
    """What a browser hands over: the passkey's answer as JSON, and what this browser alone holds."""

    answer: str
    bound_to: str
    site: Site


def new_browser() -> str:
    """Return what tells one browser from another before anybody is known in it."""
    return secrets.token_urlsafe(16)


# ── what a passkey is asked to sign ──────────────────────────────────────────


def asked_to_add(session: Session, person: Person, bound_to: str, site: Site) -> str:
    """Return, as JSON for the browser, what a new passkey is made with."""
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=NAME,
        user_id=_handles(person.id)[0],
        user_name=person.email,
        user_display_name=person.name,
        challenge=_challenge(session, ADD, bound_to),
        timeout=int(rules.CHALLENGE_FOR.total_seconds() * 1000),
        exclude_credentials=_descriptors(session, person.id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return webauthn.options_to_json(options)


def ask_to_add(actor: Actor, bound_to: str, site: Site) -> str:
    """Return what the browser makes a new passkey with. Raises Refusal when there are many, NotFound."""
    with transaction() as session:
        person = session.get(Person, actor.person_id)
        if person is None or not site.can_have_passkeys:
            raise NotFound
        _refuse_too_many(session, person.id)
        return asked_to_add(session, person, bound_to, site)


def ask_to_sign(person_id: int | None, purpose: str, bound_to: str, site: Site) -> str:
    """Return, as JSON for the browser, what a passkey is to sign: one of this person's, or (None) whichever there is.

    Whoever is not known yet has to be recognised by the passkey itself, for it is both factors then. Raises NotFound where there
    can be no passkeys.
    """
    if not site.can_have_passkeys:
        raise NotFound
    with transaction(as_portal=True) as session:
        options = webauthn.generate_authentication_options(
            rp_id=site.id,
            challenge=_challenge(session, purpose, bound_to),
            timeout=int(rules.CHALLENGE_FOR.total_seconds() * 1000),
            allow_credentials=_descriptors(session, person_id) if person_id else None,
            user_verification=UserVerificationRequirement.PREFERRED if person_id else UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options)


def _challenge(session: Session, purpose: str, bound_to: str) -> bytes:
    """Keep a fresh challenge of 256 bits, and forget those that are over."""
    challenge = secrets.token_bytes(32)
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now()))
    kept = PasskeyChallenge(challenge_hash=_hash(challenge), bound_to=_bound(purpose, bound_to), expires_at=now() + rules.CHALLENGE_FOR)
    session.add(kept)
    return challenge


def _hash(challenge: bytes) -> bytes:
    return rules.hash_token(challenge.hex())


def _bound(purpose: str, bound_to: str) -> bytes:
    return rules.hash_token(f"{purpose} {bound_to}")


def _handles(person_id: int) -> tuple[bytes, ...]:
    """Return by what a passkey knows its person, the newest first: it tells nothing to who reads it elsewhere.

    While the key of the indexes is changed, passkeys of before still say the old one.
    """
    return blind_indexes(f"passkey of person {person_id}")


def _descriptors(session: Session, person_id: int) -> list[PublicKeyCredentialDescriptor]:
    mine = select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    return [PublicKeyCredentialDescriptor(id=key.credential_id, transports=_transports(key)) for key in session.scalars(mine)]


def _transports(key: Passkey) -> list[AuthenticatorTransport] | None:
    known = {transport.value for transport in AuthenticatorTransport}
    return [AuthenticatorTransport(text) for text in key.transports.split(",") if text in known] or None


# ── what it signed ───────────────────────────────────────────────────────────


def signer(session: Session, signed: Signed, purpose: str, person_id: int | None = None) -> int | None:
    """Return whose passkey signed this browser's challenge; None when it is not right, not of this person, or comes again.

    Without `person_id` the passkey must have recognised its owner (user verification), and say whose it is itself.
    """
    try:
        given = parse_authentication_credential_json(signed.answer[:MOST_ANSWER])
        challenge = parse_client_data_json(given.response.client_data_json).challenge
    except UNREADABLE:
        return None
    if not _use_up(session, challenge, purpose, signed.bound_to):
        return None
    key = _key_of(session, given, person_id)
    if key is None:
        return None
    try:
        verified = webauthn.verify_authentication_response(
            credential=given, expected_challenge=challenge, expected_rp_id=signed.site.id, expected_origin=signed.site.origin,
            credential_public_key=key.public_key, credential_current_sign_count=key.sign_count,
            require_user_verification=person_id is None,
        )  # fmt: skip
    except UNREADABLE:
        return None
    key.sign_count, key.last_used_at = verified.new_sign_count, now()
    return key.person_id


def _key_of(session: Session, given: AuthenticationCredential, person_id: int | None) -> Passkey | None:
    """Return the passkey that signed, locked; None when nobody has it, another person has it, or (of nobody yet) it names another."""
    key = session.scalar(select(Passkey).where(Passkey.credential_id == given.raw_id).with_for_update())
    if key is None:
        return None
    if person_id is None:
        return key if given.response.user_handle in _handles(key.person_id) else None
    return key if key.person_id == person_id else None


def _use_up(session: Session, challenge: bytes, purpose: str, bound_to: str) -> bool:
    """Tell whether this challenge was open for this purpose and browser; it is not any more, also when the rest is refused."""
    this = PasskeyChallenge.challenge_hash == _hash(challenge)
    is_open = select(PasskeyChallenge).where(
        this, PasskeyChallenge.bound_to == _bound(purpose, bound_to), PasskeyChallenge.expires_at > now()
    )
    found = session.scalar(is_open.with_for_update()) is not None
    _forget(session, challenge)
    even_if_refused(session, lambda counting: _forget(counting, challenge))
    return found


def _forget(session: Session, challenge: bytes) -> None:
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.challenge_hash == _hash(challenge)))


# ── the own passkeys ─────────────────────────────────────────────────────────


def add_passkey(actor: Actor, signed: Signed, name: str) -> None:
    """Keep a new passkey under a name. Raises Refusal for one that is not right or known already, NotFound."""
    with transaction() as session:
        person = session.get(Person, actor.person_id, with_for_update=True)
        if person is None:
            raise NotFound
        _refuse_too_many(session, person.id)
        keep_passkey(session, person, signed, name)
        record(session, actor, "person:add-passkey", f"person/{person.id}")
        tell_of_change(session, person)


def keep_passkey(session: Session, person: Person, signed: Signed, name: str) -> None:
    """Judge and keep a new passkey inside somebody's transaction. Raises Refusal."""
    try:
        given = parse_registration_credential_json(signed.answer[:MOST_ANSWER])
        challenge = parse_client_data_json(given.response.client_data_json).challenge
        if not _use_up(session, challenge, ADD, signed.bound_to):
            raise Refusal("accounts.passkey_wrong")
        verified = webauthn.verify_registration_response(
            credential=given, expected_challenge=challenge, expected_rp_id=signed.site.id, expected_origin=signed.site.origin
        )
    except UNREADABLE as error:
        raise Refusal("accounts.passkey_wrong") from error
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == verified.credential_id)):
        raise Refusal("accounts.passkey_wrong")
    transports = ",".join(transport.value for transport in given.response.transports or [])
    session.add(
        Passkey(
            person_id=person.id, credential_id=verified.credential_id, public_key=verified.credential_public_key,
            sign_count=verified.sign_count, transports=transports[:100], name=_fit(name), created_at=now(),
        )
    )  # fmt: skip


def _fit(name: str) -> str:
    """Return a name as it is kept. Raises Refusal when it is missing or long."""
    if not 0 < len(name.strip()) <= rules.MOST_PASSKEY_NAME:
        raise Refusal("accounts.passkey_name", field="name", most=rules.MOST_PASSKEY_NAME)
    return name.strip()


def _refuse_too_many(session: Session, person_id: int) -> None:
    if count_passkeys(session, person_id) >= rules.MOST_PASSKEYS:
        raise Refusal("accounts.passkeys_many", most=rules.MOST_PASSKEYS)


def count_passkeys(session: Session, person_id: int) -> int:
    """Return how many passkeys somebody has."""
    return session.scalar(select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id)) or 0


def rename_passkey(actor: Actor, passkey_id: int, name: str) -> None:
    """Give an own passkey another name. Raises Refusal, NotFound."""
    with transaction() as session:
        key = _own(session, actor, passkey_id)
        record(session, actor, "person:rename-passkey", f"person/{actor.person_id}", name=(key.name, _fit(name)))
        key.name = _fit(name)


def remove_passkey(actor: Actor, passkey_id: int) -> None:
    """Forget an own passkey. Raises Refusal for the last second factor, NotFound."""
    with transaction() as session:
        person = session.get(Person, actor.person_id, with_for_update=True)
        key = _own(session, actor, passkey_id)
        if person is None or (person.totp_secret is None and count_passkeys(session, person.id) == 1):
            raise Refusal("accounts.last_factor")
        record(session, actor, "person:remove-passkey", f"person/{person.id}", name=(key.name, None))
        session.delete(key)
        tell_of_change(session, person)


def _own(session: Session, actor: Actor, passkey_id: int) -> Passkey:
    key = session.get(Passkey, passkey_id)
    if key is None or key.person_id != actor.person_id:
        raise NotFound
    return key


def tell_of_change(session: Session, person: Person) -> None:
    """Mail somebody that the way in changed (ASVS 5.0, 6.3.7), so that who did not do it can raise the alarm."""
    notify(session, "accounts.changed", Recipient(person.email, None, person.language, person.id), "/account")
