"""The second factor: a code of an app, a recovery code or a passkey; asked at sign-in and again before what matters most."""

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.accounts import passkeys, rules, totp
from app.accounts.models import Passkey, Person, RecoveryCode
from app.accounts.passkeys import CONFIRM, Signed
from app.accounts.queries import open_sign_in
from app.accounts.throttle import count_failure, forget_failures, refuse_in_wait
from app.audit.service import record, record_refused
from app.clock import now
from app.db import REF_ALPHABET, even_if_refused, transaction
from app.errors import NotFound, Refusal
from app.sealing import blind_indexes

APP, RECOVERY, PASSKEY, PROVIDER = "app", "recovery code", "passkey", "provider"  # as the audit keeps them


@dataclass(frozen=True)
class Proof:
    """What somebody shows as second factor: a code, or what a passkey signed."""

    code: str = ""
    signed: Signed | None = None


def confirm_again(actor: Actor, token: str, proof: Proof) -> None:
    """Take the second factor once more; for some minutes what matters is done without asking. Raises Refusal, NotFound."""
    with transaction() as session:
        found = open_sign_in(session, token)
        if found is None or found.person_id != actor.person_id:
            raise NotFound
        used = check_second_factor(session, actor, proof)
        found.second_factor_at = now()
        record(session, actor, "session:confirm", f"person/{actor.person_id}", second_factor=(None, used))


def check_second_factor(session: Session, actor: Actor, proof: Proof) -> str:
    """Ask the second factor again inside somebody's transaction; return which one was used.

    Raises Refusal for what is wrong or used, and after too many: failures count, and are in the audit, although the
    refusal rolls the rest back.
    """
    key = f"code:{actor.person_id}"
    lock_person(session, actor.person_id)
    refuse_in_wait(session, key)
    used = factor_of(session, actor.person_id, proof, CONFIRM)
    if used is None:
        even_if_refused(session, lambda counting: _note_failure(counting, actor, key))
        raise Refusal("accounts.passkey_wrong" if proof.signed else "accounts.code_wrong", field="code")
    forget_failures(session, key)
    return used


def lock_person(session: Session, person_id: int | None) -> None:
    """Let who guesses many codes at once try one after another: each then finds what the one before counted."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())


def _note_failure(session: Session, actor: Actor, key: str) -> None:
    count_failure(session, key)
    note_wrong(session, actor, actor.person_id)


def note_wrong(session: Session, actor: Actor, person_id: int | None, origin: str = "") -> None:
    """Keep in the audit that a second factor was wrong."""
    about, step = f"person/{person_id or 'unknown'}", (None, "second factor")
    record_refused(session, actor, "session:fail", about, origin=(None, origin or actor.origin), step=step)


def factor_of(session: Session, person_id: int | None, proof: Proof, purpose: str) -> str | None:
    """Compare a second factor and use it up; return which one it was, or None when it is wrong."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or not has_second_factor(session, person):
        return None
    if proof.signed:
        return PASSKEY if passkeys.signer(session, proof.signed, purpose, person.id) else None
    bare = rules.bare_code(proof.code)
    step = totp.step_of(person.totp_secret, bare, now().timestamp()) if person.totp_secret else None
    if step is not None and step > person.totp_step:
        person.totp_step = step
        return APP
    return RECOVERY if _use_recovery_code(session, person.id, bare) else None


def has_second_factor(session: Session, person: Person) -> bool:
    """Tell whether somebody can show a second factor; without one the next sign-in enrols it."""
    return person.totp_secret is not None or passkeys.count_passkeys(session, person.id) > 0


def forget_second_factor(session: Session, person: Person) -> None:
    """Take every second factor of somebody away: the next sign-in enrols a new one."""
    person.totp_secret = None
    session.execute(delete(Passkey).where(Passkey.person_id == person.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


# ── recovery codes ───────────────────────────────────────────────────────────


def renew_recovery_codes(actor: Actor) -> list[str]:
    """Replace the own recovery codes and return them, the only time that they can be read."""
    with transaction() as session:
        person = session.get_one(Person, actor.person_id, with_for_update=True)
        record(session, actor, "person:renew-recovery-codes", f"person/{person.id}")
        passkeys.tell_of_change(session, person)
        return new_recovery_codes(session, person.id)


def new_recovery_codes(session: Session, person_id: int) -> list[str]:
    """Make ten codes inside somebody's transaction; those of before work no more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(REF_ALPHABET) for _ in range(rules.RECOVERY_SIGNS)) for _ in range(rules.RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=_hashes(person_id, code)[0]) for code in codes)
    return [rules.in_fours(code) for code in codes]


def _use_recovery_code(session: Session, person_id: int, bare: str) -> bool:
    mine = select(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    found = session.scalar(mine.where(RecoveryCode.code_hash.in_(_hashes(person_id, bare))).with_for_update())
    if found is None:
        return False
    found.used_at = now()
    record(session, SYSTEM, "person:use-recovery-code", f"person/{person_id}")
    return True


def _hashes(person_id: int, bare: str) -> tuple[bytes, ...]:
    """Return what is kept of a recovery code, with the key of today and the one before while that is changed.

    Its 137 bits need no slow hash (ASVS 5.0, 6.5.2). Those of before had 49, which could be tried out on a stolen table:
    the key outside it is needed too.
    """
    return blind_indexes(f"recovery {person_id} {bare}")
