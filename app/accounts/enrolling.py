"""Use cases of coupling a second factor: the first one at the first sign-in, another app later, the recovery codes with it."""

from sqlalchemy.orm import Session

from app.access import Actor
from app.accounts import passkeys, rules, totp
from app.accounts.models import Person, SignIn
from app.accounts.passkeys import Signed, Site, tell_of_change
from app.accounts.second_factor import APP, PASSKEY, has_second_factor, new_recovery_codes
from app.accounts.service import begun_sign_in, complete
from app.audit.service import record
from app.clock import now
from app.db import reading, transaction
from app.errors import NotFound, Refusal

# ── the first time ───────────────────────────────────────────────────────────


def enrolment_secret(token: str) -> tuple[str, str] | None:
    """Return a fresh secret and the person's address for an app to scan; None when a second factor stands already.

    Raises NotFound when the first step is over.
    """
    with reading(as_portal=True) as session:
        person = session.get(Person, begun_sign_in(session, token).person_id)
        return None if person is None or has_second_factor(session, person) else (totp.new_secret(), person.email)


def ask_first_passkey(token: str, site: Site) -> str:
    """Return what the browser makes a passkey with, as the first second factor. Raises NotFound when one stands already."""
    with transaction(as_portal=True) as session:
        _, person = _without_factor(session, token)
        if not site.can_have_passkeys:
            raise NotFound
        return passkeys.asked_to_add(session, person, token, site)


def enrol(token: str, secret: str, code: str, origin: str) -> tuple[str, list[str]]:
    """Keep the app when it shows its code; return the whole session's token and the recovery codes, once.

    Raises Refusal for a wrong code, NotFound when a second factor stands already.
    """
    with transaction(as_portal=True) as session:
        begun, person = _without_factor(session, token)
        _couple(person, secret, code)
        codes = new_recovery_codes(session, person.id)
        return complete(session, begun, origin, APP), codes


def enrol_passkey(token: str, signed: Signed, name: str, origin: str) -> tuple[str, list[str]]:
    """Keep a passkey as the first second factor; return as `enrol` does. Raises Refusal, NotFound."""
    with transaction(as_portal=True) as session:
        begun, person = _without_factor(session, token)
        passkeys.keep_passkey(session, person, signed, name)
        codes = new_recovery_codes(session, person.id)
        return complete(session, begun, origin, PASSKEY), codes


def _without_factor(session: Session, token: str) -> tuple[SignIn, Person]:
    """Return a begun session and its person, locked. Raises NotFound when a second factor stands: a password alone couples none."""
    begun = begun_sign_in(session, token)
    person = session.get(Person, begun.person_id, with_for_update=True)
    if person is None or has_second_factor(session, person):
        raise NotFound
    return begun, person


def _couple(person: Person, secret: str, code: str) -> None:
    step = totp.step_of(secret, rules.bare_code(code), now().timestamp())
    if step is None:
        raise Refusal("accounts.code_wrong", field="code")
    person.totp_secret, person.totp_step = secret, step


# ── later ────────────────────────────────────────────────────────────────────


def couple_app(actor: Actor, secret: str, code: str) -> None:
    """Couple an app, or another one instead of the former. Raises Refusal for a wrong code, NotFound."""
    with transaction() as session:
        person = _own(session, actor)
        _couple(person, secret, code)
        record(session, actor, "person:couple-app", f"person/{person.id}")
        tell_of_change(session, person)


def uncouple_app(actor: Actor) -> None:
    """Do without the app. Raises Refusal when no passkey stands beside it, NotFound."""
    with transaction() as session:
        person = _own(session, actor)
        if passkeys.count_passkeys(session, person.id) == 0:
            raise Refusal("accounts.last_factor")
        person.totp_secret = None
        record(session, actor, "person:uncouple-app", f"person/{person.id}")
        tell_of_change(session, person)


def _own(session: Session, actor: Actor) -> Person:
    person = session.get(Person, actor.person_id, with_for_update=True)
    if person is None:
        raise NotFound
    return person


def rename(actor: Actor, name: str) -> None:
    """Change the own name; what was signed keeps the name as it was. Raises Refusal, NotFound."""
    rules.check_name(name)
    with transaction() as session:
        person = _own(session, actor)
        record(session, actor, "person:rename", f"person/{person.id}", name=(person.name, name.strip()))
        person.name = name.strip()
