"""Use cases of passwords: choose one by a link, change it, and ask for a new one when it is forgotten."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.accounts import rules
from app.accounts.memberships import join, works_here
from app.accounts.models import Invitation, Joining, Person
from app.accounts.passkeys import tell_of_change
from app.accounts.second_factor import Proof, check_second_factor
from app.accounts.service import end_sessions, hash_password, password_fits, use_up_links
from app.accounts.throttle import count_failure, forget_failures, refuse_in_wait
from app.audit.service import record, record_refused
from app.clock import now
from app.db import reading, transaction
from app.errors import NotFound, Refusal
from app.jobs.service import enqueue
from app.notifications.service import Recipient, notify

SHARED_ADDRESS = 10  # an office shares one: it waits ten times as late


# ── links ────────────────────────────────────────────────────────────────────


def new_link(session: Session, person_id: int, works_for: timedelta, joining: Joining | None = None) -> str:
    """Return the path of a fresh link with which somebody chooses a password once; older ones open nothing any more."""
    use_up_links(session, person_id)
    token = secrets.token_urlsafe(32)
    link = Invitation(token_hash=rules.hash_token(token), person_id=person_id, expires_at=now() + works_for)
    link.joining_id = joining.id if joining else None
    session.add(link)
    return f"/invitation/{token}"


def check_link(token: str) -> None:
    """Raise NotFound when a link is unknown, used or over."""
    with reading(as_portal=True) as session:
        _open_link(session, token)


def _open_link(session: Session, token: str, *, locked: bool = False) -> Invitation:
    found = session.get(Invitation, rules.hash_token(token), with_for_update=locked or None)
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise NotFound
    return found


# ── forgotten ────────────────────────────────────────────────────────────────


def ask_reset(email: str, address: str, origin: str) -> None:
    """Take down that somebody forgot a password; whether there is such a person is found out by a job.

    So the answer and the work are the same for a known and an unknown address. Raises Refusal when asked too often.
    """
    email = email.strip().lower()
    keys = (f"reset:{email}", f"reset from:{address}")
    with transaction(as_portal=True) as session:
        refuse_in_wait(session, keys[0])
        refuse_in_wait(session, keys[1], lenience=SHARED_ADDRESS)
        for key in keys:
            count_failure(session, key)
        person_id = session.scalar(select(Person.id).where(Person.email == email)) or 0
        subject = f"person/{person_id}" if person_id else "person/unknown"
        record(session, SYSTEM, "person:ask-reset", subject, origin=(None, origin))
        enqueue(session, "accounts.mail_reset", {"person": person_id}, key=secrets.token_hex(8))


def mail_reset(person_id: int) -> None:
    """Mail a link to somebody who may choose a new password: one who has one, and works for somebody. Others get nothing."""
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None or person.disabled_at or person.password_hash is None or not works_here(session, person.id):
            return
        path = new_link(session, person.id, rules.RESET_FOR)
        notify(session, "accounts.forgotten", Recipient(person.email, None, person.language, person.id), path)


# ── choosing ─────────────────────────────────────────────────────────────────


def set_password(token: str, password: str, origin: str) -> None:
    """Set the password of a link's person, use its links up, end all sessions, and accept what the link invited to.

    The second factor is still asked afterwards. Raises Refusal, NotFound when the link is over.
    """
    with reading(as_portal=True) as session:
        person = session.get_one(Person, _open_link(session, token).person_id)
        rules.check_password(password, person.email, person.name)
    hashed = hash_password(password)  # slow on purpose: outside the transaction
    with transaction(as_portal=True) as session:
        link = _open_link(session, token, locked=True)  # of two who use it at once, the second finds it used
        person = session.get_one(Person, link.person_id, with_for_update=True)
        person.password_hash = hashed
        use_up_links(session, person.id)
        end_sessions(session, person.id)
        record(session, SYSTEM, "person:set-password", f"person/{person.id}", origin=(None, origin))
        joining = session.get(Joining, link.joining_id) if link.joining_id else None
        if joining and joining.ended_at is None:
            join(session, joining)
        else:
            tell_of_change(session, person)


@dataclass(frozen=True)
class Change:
    """The former password, the new one, and the second factor that goes with it."""

    old: str
    new: str
    proof: Proof


def change_password(actor: Actor, token: str, change: Change) -> None:
    """Change the own password and end the other sessions. Raises Refusal for a wrong old one or second factor, or an unfit new one."""
    key = f"password:{actor.person_id}"
    kept = _password_of(actor, key, change.new)
    is_right = password_fits(kept, change.old)
    hashed = hash_password(change.new) if is_right else ""
    with transaction() as session:
        refuse_in_wait(session, key, field="old")
        person = session.get_one(Person, actor.person_id, with_for_update=True)
        is_right = is_right and person.password_hash == kept
        if is_right:
            check_second_factor(session, actor, change.proof)
            _change(session, actor, person, hashed, token)
            forget_failures(session, key)
        else:
            count_failure(session, key)
            record_refused(session, actor, "session:fail", f"person/{person.id}", step=(None, "old password"))
    if not is_right:
        raise Refusal("accounts.password_wrong", field="old")


def _password_of(actor: Actor, key: str, new: str) -> str:
    """Return what is kept of the present password. Raises Refusal in a wait and for an unfit new one, NotFound when there is none."""
    with reading() as session:
        refuse_in_wait(session, key, field="old")
        person = session.get(Person, actor.person_id)
        if person is None or person.password_hash is None:
            raise NotFound
        rules.check_password(new, person.email, person.name)
        return person.password_hash


def _change(session: Session, actor: Actor, person: Person, hashed: str, token: str) -> None:
    person.password_hash = hashed
    use_up_links(session, person.id)
    end_sessions(session, person.id, but=rules.hash_token(token))
    record(session, actor, "person:change-password", f"person/{person.id}")
    tell_of_change(session, person)
