"""Use cases of signing in: password, second factor, enrolment, sessions. Colleagues are managed in people.py."""

import secrets
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.accounts import rules, totp
from app.accounts.models import Invitation, Person, RecoveryCode, SignIn
from app.accounts.queries import actor_of, is_confined, open_sign_in
from app.accounts.throttle import count_failure, forget_failures, refuse_in_wait
from app.audit.service import record
from app.clock import now
from app.db import REF_ALPHABET, blind_index, even_if_refused, reading, transaction
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
    with reading() as session:
        _refuse_in_wait(session, *keys)
        kept = session.scalar(select(Person.password_hash).where(Person.email == email, Person.disabled_at.is_(None)))
    is_right = _password_fits(kept, password)  # slow on purpose: between the transactions, so that nobody who writes waits for it
    with transaction() as session:
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
        record(session, SYSTEM, "session:fail", f"person/{person.id}" if person else "person/unknown", origin=(None, origin))
        return None
    forget_failures(session, *keys[:2])
    return _open(session, person.id, keys[2].removeprefix("address:"))


def _password_fits(kept: str | None, password: str) -> bool:
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
    session.add(
        SignIn(
            token_hash=rules.hash_token(token),
            person_id=person_id,
            organisation_id=organisation_id,
            created_at=now(),
            seen_at=now(),
            second_factor_at=now() if second_factor else None,
            address=address[:60],
            identity_id=identity_id,
        )
    )
    return token


# ── second step: the code ────────────────────────────────────────────────────


def confirm_sign_in(token: str, code: str, origin: str) -> str:
    """Check the second factor of a session begun with a password; return the token of the whole session (rotated).

    Raises Refusal for a wrong or used code, NotFound when the first step is over.
    """
    with transaction() as session:
        begun = _begun(session, token)
        keys = (f"code:{begun.person_id}", f"address:{begun.address}")
        _refuse_in_wait(session, *keys)
        is_right = _code_fits(session, begun.person_id, code)
        if not is_right:
            _count_failures(session, *keys)
            record(session, SYSTEM, "session:fail", f"person/{begun.person_id}", origin=(None, origin), step=(None, "code"))
        whole = _complete(session, begun, origin) if is_right else None
    if whole is None:
        raise Refusal("accounts.code_wrong", field="code")
    return whole


def _begun(session: Session, token: str) -> SignIn:
    begun = open_sign_in(session, token)
    if begun is None or begun.second_factor_at is not None or now() - begun.created_at > timedelta(minutes=10):
        raise NotFound
    return begun


def _complete(session: Session, begun: SignIn, origin: str) -> str:
    """Turn a begun session into a whole one under a new token, so that a token known before never opens anything."""
    begun.ended_at = now()
    forget_failures(session, f"code:{begun.person_id}")
    return open_whole(session, begun.person_id, begun.address, origin)


def open_whole(
    session: Session, person_id: int, address: str, origin: str, *, organisation_id: int | None = None, identity_id: int | None = None
) -> str:
    """Open a session that needs no further step, inside somebody's transaction; return its token. Raises Refusal.

    It begins in the organisation named (None: the first), opened by an identity of a provider or (None) by the portal's own means.
    """
    actor = actor_of(session, person_id, organisation_id, origin)
    if actor is None:
        raise Refusal("accounts.no_membership")
    record(session, actor, "session:begin", f"person/{person_id}", concerns_id=actor.organisation_id)
    return _open(session, person_id, address, second_factor=True, organisation_id=actor.organisation_id, identity_id=identity_id)


def open_begun(session: Session, person_id: int, address: str) -> str:
    """Open a session that still lacks its second factor, inside somebody's transaction; return its token."""
    return _open(session, person_id, address)


def check_second_factor(session: Session, person_id: int | None, code: str) -> None:
    """Ask the second factor again before a signature, inside somebody's transaction.

    Raises Refusal for a wrong or used code, and after too many: failures count although the refusal rolls the rest back.
    """
    key = f"code:{person_id}"
    _refuse_in_wait(session, key)
    if person_id is None or not _code_fits(session, person_id, code):
        even_if_refused(session, lambda counting: count_failure(counting, key))
        raise Refusal("accounts.code_wrong", field="code")
    forget_failures(session, key)


def _code_fits(session: Session, person_id: int, code: str) -> bool:
    """Compare a code of an app or a recovery code, and use it up."""
    person = session.get(Person, person_id, with_for_update=True)
    bare = rules.bare_code(code)
    if person is None or person.totp_secret is None:
        return False
    step = totp.step_of(person.totp_secret, bare, now().timestamp())
    if step is not None and step > person.totp_step:
        person.totp_step = step
        return True
    return _use_recovery_code(session, person_id, bare)


def _use_recovery_code(session: Session, person_id: int, bare: str) -> bool:
    mine = select(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    found = session.scalar(mine.where(RecoveryCode.code_hash == _hash_recovery(person_id, bare)).with_for_update())
    if found is None:
        return False
    found.used_at = now()
    return True


def _hash_recovery(person_id: int, bare: str) -> bytes:
    """Return what is kept of a recovery code. Its 49 bits could be tried out on a stolen table, so the key outside it is needed too."""
    return blind_index(f"recovery {person_id} {bare}")


# ── enrolment ────────────────────────────────────────────────────────────────


def enrolment_secret(token: str) -> tuple[str, str] | None:
    """Return a fresh secret and the person's address for an app to scan; None when the second factor stands already."""
    with reading() as session:
        person = session.get(Person, _begun(session, token).person_id)
        return None if person is None or person.totp_secret else (totp.new_secret(), person.email)


def enrol(token: str, secret: str, code: str, origin: str) -> tuple[str, list[str]]:
    """Keep the second factor when the app shows its code; return the whole session's token and the recovery codes, once.

    Raises Refusal for a wrong code, NotFound when a second factor stands already.
    """
    with transaction() as session:
        begun = _begun(session, token)
        person = session.get(Person, begun.person_id, with_for_update=True)
        if person is None or person.totp_secret is not None:
            raise NotFound
        step = totp.step_of(secret, rules.bare_code(code), now().timestamp())
        if step is None:
            raise Refusal("accounts.code_wrong", field="code")
        person.totp_secret, person.totp_step = secret, step
        codes = _new_recovery_codes(session, person.id)
        return _complete(session, begun, origin), codes


def renew_recovery_codes(actor: Actor, code: str) -> list[str]:
    """Replace the recovery codes; the second factor is asked again. Raises Refusal for a wrong code."""
    with transaction() as session:
        check_second_factor(session, actor.person_id, code)
        record(session, actor, "person:renew-recovery-codes", f"person/{actor.person_id}")
        return _new_recovery_codes(session, actor.person_id or 0)


def _new_recovery_codes(session: Session, person_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(REF_ALPHABET) for _ in range(10)) for _ in range(rules.RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=_hash_recovery(person_id, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


# ── passwords ────────────────────────────────────────────────────────────────


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def check_invitation(token: str) -> None:
    """Raise NotFound when the link of an invitation is unknown, used or over."""
    with reading() as session:
        _open_invitation(session, token)


def _open_invitation(session: Session, token: str) -> Invitation:
    found = session.get(Invitation, rules.hash_token(token))
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise NotFound
    return found


def use_up_invitations(session: Session, person_id: int) -> None:
    """Let the links that a person still has open nothing any more, inside somebody's transaction."""
    open_ones = update(Invitation).where(Invitation.person_id == person_id, Invitation.used_at.is_(None))
    session.execute(open_ones.values(used_at=now()))


def set_password(token: str, password: str, origin: str) -> None:
    """Set the password of an invitation's person and use its invitations up. Raises Refusal, NotFound when it is over."""
    with transaction() as session:
        person_id = _open_invitation(session, token).person_id
        person = session.get_one(Person, person_id, with_for_update=True)
        rules.check_password(password, person.email)
        person.password_hash = hash_password(password)
        use_up_invitations(session, person.id)
        end_sessions(session, person.id)
        record(session, SYSTEM, "person:set-password", f"person/{person.id}", origin=(None, origin))


def change_password(actor: Actor, token: str, password: str, code: str) -> None:
    """Change the own password and end the other sessions; the second factor is asked again. Raises Refusal."""
    with transaction() as session:
        person = session.get(Person, actor.person_id)
        if person is None:
            raise NotFound
        rules.check_password(password, person.email)
        check_second_factor(session, actor.person_id, code)
        person.password_hash = hash_password(password)
        end_sessions(session, person.id, but=rules.hash_token(token))
        record(session, actor, "person:change-password", f"person/{person.id}")


# ── sessions ─────────────────────────────────────────────────────────────────


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
