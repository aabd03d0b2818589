"""Use cases of signing in and of sessions. Passwords are chosen in passwords.py, second factors in enrolling.py."""

import secrets
from contextlib import suppress
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.accounts import rules
from app.accounts.models import Invitation, Person, SignIn
from app.accounts.passkeys import SIGN_IN, Signed, Site, ask_to_sign, count_passkeys, signer
from app.accounts.queries import actor_of, is_confined, open_sign_in
from app.accounts.second_factor import PASSKEY, PROVIDER, Proof, factor_of, lock_person, note_wrong
from app.accounts.throttle import count_failure, forget_failures, refuse_in_wait
from app.audit.service import record, record_refused
from app.clock import now
from app.db import reading, transaction
from app.errors import NotFound, Refusal

_hasher = PasswordHasher()
# Many people share one network address, and anybody can type somebody's e-mail address: these wait ten times as late. What waits
# early is the pair of both, so that a stranger elsewhere does not keep a person out by failing on purpose.
SHARED = {"address": 10, "email": 10}


# ── first step: the password ─────────────────────────────────────────────────


def sign_in(email: str, password: str, address: str, origin: str) -> str:
    """Check a password and open a session that still lacks its second factor; return its token.

    Raises Refusal in the same words and after the same work for an unknown address and a wrong password, and when too
    many attempts failed for this e-mail address or network address.
    """
    email = email.strip().lower()
    keys = (f"both:{address} {email}", f"email:{email}", f"address:{address}")
    with reading(as_portal=True) as session:
        _refuse_in_wait(session, *keys)
        kept = session.scalar(select(Person.password_hash).where(Person.email == email, Person.disabled_at.is_(None)))
    is_right = password_fits(kept, password)  # slow on purpose: between the transactions, so that nobody who writes waits for it
    with transaction(as_portal=True) as session:
        _refuse_in_wait(session, *keys)  # once more: of many guesses at once, those that came too soon count for nothing
        token = _take_password(session, email, kept if is_right else None, keys, origin)
    if token is None:
        raise Refusal("accounts.sign_in_failed", field="password")
    return token


def _take_password(session: Session, email: str, right_hash: str | None, keys: tuple[str, str, str], origin: str) -> str | None:
    """Open a session when the password's hash is still the right one, or count the failure and return None."""
    person = session.scalar(select(Person).where(Person.email == email, Person.disabled_at.is_(None)))
    if person is None or right_hash is None or person.password_hash != right_hash:
        _count_failures(session, *keys)
        about = f"person/{person.id}" if person else "person/unknown"
        record_refused(session, SYSTEM, "session:fail", about, origin=(None, origin))
        return None
    forget_failures(session, *keys[:2])
    return _open(session, person.id, keys[2].removeprefix("address:"))


def password_fits(kept: str | None, password: str) -> bool:
    """Compare, doing the same work when there is nothing to compare with."""
    try:
        return _hasher.verify(kept or _nobody(), password) and kept is not None
    except VerificationError:
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def _refuse_in_wait(session: Session, *keys: str) -> None:
    for key in keys:
        refuse_in_wait(session, key, lenience=SHARED.get(key.partition(":")[0], 1))


def _count_failures(session: Session, *keys: str) -> None:
    for key in keys:
        count_failure(session, key)


def _open(
    session: Session,
    person_id: int,
    address: str,
    *,
    second_factor: bool = False,
    organisation_id: int | None = None,
    identity_id: int | None = None,
) -> str:
    token = secrets.token_urlsafe(32)
    begun = SignIn(
        token_hash=rules.hash_token(token), person_id=person_id, organisation_id=organisation_id, created_at=now(), seen_at=now(),
        second_factor_at=now() if second_factor else None, address=address[:60], identity_id=identity_id,
    )  # fmt: skip
    session.add(begun)
    return token


# ── second step: the second factor ───────────────────────────────────────────


def confirm_sign_in(token: str, proof: Proof, origin: str) -> str:
    """Check the second factor of a session begun with a password; return the token of the whole session (rotated).

    Raises Refusal for a wrong or used factor, NotFound when the first step is over.
    """
    with transaction(as_portal=True) as session:
        begun = begun_sign_in(session, token)
        keys = (f"code:{begun.person_id}", f"address:{begun.address}")
        lock_person(session, begun.person_id)
        _refuse_in_wait(session, *keys)
        used = factor_of(session, begun.person_id, proof, SIGN_IN)
        if used is None:
            _count_failures(session, *keys)
            note_wrong(session, SYSTEM, begun.person_id, origin)
        whole = complete(session, begun, origin, used) if used else None
    if whole is None:
        raise Refusal("accounts.passkey_wrong" if proof.signed else "accounts.code_wrong", field="code")
    return whole


def sign_in_with_passkey(signed: Signed, address: str, origin: str) -> str:
    """Open a session with a passkey alone, which recognised its owner and so is both factors; return its token. Raises Refusal."""
    key = f"address:{address}"
    with transaction(as_portal=True) as session:
        _refuse_in_wait(session, key)
        person_id = signer(session, signed, SIGN_IN)
        person = session.get(Person, person_id) if person_id else None
        if person is None or person.disabled_at is not None:
            _count_failures(session, key)
            note_wrong(session, SYSTEM, person_id, origin)
        token = open_whole(session, person.id, address, origin, factor=PASSKEY) if person and person.disabled_at is None else None
    if token is None:
        raise Refusal("accounts.passkey_wrong")
    return token


def begun_sign_in(session: Session, token: str) -> SignIn:
    """Return a session that still lacks its second factor. Raises NotFound when it is over."""
    begun = open_sign_in(session, token)
    if begun is None or begun.second_factor_at is not None or now() - begun.created_at > rules.FIRST_STEP:
        raise NotFound
    return begun


def ask_passkey(token: str, site: Site) -> str:
    """Return what a passkey of whoever gave the password is to sign. Raises NotFound when the first step is over."""
    with reading(as_portal=True) as session:
        person_id = begun_sign_in(session, token).person_id
    return ask_to_sign(person_id, SIGN_IN, token, site)


def has_passkey(token: str) -> bool:
    """Tell whether whoever gave the password has a passkey. Raises NotFound when the first step is over."""
    with reading(as_portal=True) as session:
        return count_passkeys(session, begun_sign_in(session, token).person_id) > 0


def complete(session: Session, begun: SignIn, origin: str, factor: str) -> str:
    """Turn a begun session into a whole one under a new token, so that a token known before never opens anything.

    Raises Refusal when no membership is in force.
    """
    begun.ended_at = now()
    forget_failures(session, f"code:{begun.person_id}")
    return open_whole(session, begun.person_id, begun.address, origin, factor=factor)


def open_whole(
    session: Session,
    person_id: int,
    address: str,
    origin: str,
    *,
    factor: str | None = None,
    organisation_id: int | None = None,
    identity_id: int | None = None,
) -> str:
    """Open a session that needs no further step, inside somebody's transaction; return its token. Raises Refusal.

    It begins in the organisation named (None: the first), opened by an identity of a provider or (None) by a factor of the portal's own.
    """
    actor = actor_of(session, person_id, organisation_id, origin)
    if actor is None:
        raise Refusal("accounts.no_membership")
    by = (None, PROVIDER if identity_id else factor)
    record(session, actor, "session:begin", f"person/{person_id}", concerns_id=actor.organisation_id, second_factor=by)
    return _open(session, person_id, address, second_factor=True, organisation_id=actor.organisation_id, identity_id=identity_id)


def open_begun(session: Session, person_id: int, address: str) -> str:
    """Open a session that still lacks its second factor, inside somebody's transaction; return its token."""
    return _open(session, person_id, address)


# ── passwords ────────────────────────────────────────────────────────────────


def hash_password(password: str) -> str:
    """Return what is kept of a password: its Argon2id hash, with salt and cost in it (RFC 9106)."""
    return _hasher.hash(password)


def use_up_links(session: Session, person_id: int) -> None:
    """Let the links that a person still has open nothing any more, inside somebody's transaction."""
    open_ones = update(Invitation).where(Invitation.person_id == person_id, Invitation.used_at.is_(None))
    session.execute(open_ones.values(used_at=now()))


# ── sessions ─────────────────────────────────────────────────────────────────


def note_use(token: str) -> None:
    """Keep that a session was used, to the minute; a database that cannot write for a moment keeps nobody from reading."""
    mine = update(SignIn).where(SignIn.token_hash == rules.hash_token(token), SignIn.ended_at.is_(None))
    with suppress(OperationalError), transaction() as session:
        session.execute(mine.where(SignIn.seen_at <= now() - rules.SEEN_EVERY).values(seen_at=now()))


def sign_out(actor: Actor, token: str) -> None:
    """End this session on the server."""
    with transaction() as session:
        found = open_sign_in(session, token)
        if found:
            found.ended_at = now()
            record(session, actor, "session:end", f"person/{found.person_id}")


def end_other_sessions(actor: Actor, token: str) -> None:
    """End every session of this person but the present one."""
    with transaction() as session:
        end_sessions(session, actor.person_id or 0, but=rules.hash_token(token))
        record(session, actor, "session:end-others", f"person/{actor.person_id}")


def end_session(actor: Actor, sign_in_id: int) -> None:
    """End one of the own sessions. Raises NotFound for one that is over or somebody else's."""
    with transaction() as session:
        found = session.get(SignIn, sign_in_id, with_for_update=True)
        if found is None or found.person_id != actor.person_id or found.ended_at is not None:
            raise NotFound
        found.ended_at = now()
        record(session, actor, "session:end-one", f"person/{actor.person_id}", begun=(None, found.created_at))


def end_sessions(session: Session, person_id: int, *, but: bytes = b"", organisation_id: int | None = None) -> None:
    """End a person's sessions inside somebody's transaction, at once: all, or those for one organisation."""
    mine = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.token_hash != but)
    if organisation_id is not None:
        mine = mine.where(SignIn.organisation_id == organisation_id)
    session.execute(mine.values(ended_at=now()))


def act_for(actor: Actor, token: str, organisation_id: int) -> None:
    """Go on in another organisation of the same person. Raises NotFound when it has no membership there."""
    with transaction() as session:
        other = actor_of(session, actor.person_id or 0, organisation_id, actor.origin)
        found = open_sign_in(session, token)
        if other is None or found is None or is_confined(session, found.identity_id, organisation_id):
            raise NotFound
        found.organisation_id = organisation_id
        record(session, other, "session:switch", f"person/{actor.person_id}")


def choose_language(actor: Actor, language: str) -> None:
    """Keep the language in which this person reads pages and mail."""
    with transaction() as session:
        session.execute(update(Person).where(Person.id == actor.person_id).values(language=language))
