"""Use cases of first accounts: who answered with the code of a letter asks one, and the bank approves or refuses.

Approved, the usual invitation goes out; that link proves that the address is that person's own.
"""

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Kind, Permission
from app.accounts import rules
from app.accounts.joining import NewColleague, ask_within
from app.accounts.memberships import has_people
from app.accounts.models import Signup
from app.accounts.rules import SignupRefusal
from app.accounts.throttle import count_failure, refuse_in_wait
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import as_portal, new_ref, transaction
from app.errors import Conflict, NotFound, Refusal
from app.notifications.service import Recipient, notify


@dataclass(frozen=True)
class Newcomer:
    """Somebody who asks the first account of an organisation."""

    name: str
    email: str
    kvk: str


@dataclass(frozen=True)
class Asker:
    """Who asks: for the organisation to which a letter went, with the letter that was answered, and from where."""

    organisation_id: int
    letter_ref: str
    language: str
    address: str
    origin: str


def ask_account(asker: Asker, new: Newcomer) -> None:
    """Keep the request for the bank; the same person asking the same again changes nothing.

    Raises Refusal for a name, address or number that is unfit, and when asked too often.
    """
    email, kvk = new.email.strip().lower(), rules.check_kvk(new.kvk)
    rules.check_person(new.name, email)
    key = f"signup:{asker.address}"
    with transaction(as_portal=True) as session:
        refuse_in_wait(session, key, refusal="signups.wait")
        count_failure(session, key)
        signup = _new(session, asker, new.name.strip(), email, kvk)
        if signup is None:
            return
        record(session, SYSTEM, "people:ask-access", f"signup/{signup.ref}", concerns_id=asker.organisation_id, origin=(None, asker.origin))
        bank = session.scalar(select(Organisation).where(Organisation.kind == Kind.BANK).order_by(Organisation.id).limit(1))
        if bank:
            notify(session, "accounts.signup_asked", Recipient(bank.email, bank.id), "/signups", signup=signup.ref)


def _new(session: Session, asker: Asker, name: str, email: str, kvk: str) -> Signup | None:
    """Add a request, or return None when the same one waits."""
    waits = Signup.organisation_id == asker.organisation_id, Signup.email == email, Signup.decided_at.is_(None)
    if session.scalar(select(Signup.id).where(*waits)) is not None:
        return None
    signup = Signup(
        ref=new_ref("T"), organisation_id=asker.organisation_id, letter_ref=asker.letter_ref, name=name, email=email, kvk=kvk,
        language=asker.language, asked_at=now(),
    )  # fmt: skip
    with suppress(IntegrityError), session.begin_nested():  # the second click of a double one
        session.add(signup)
        session.flush()
        return signup
    return None


def approve_signup(actor: Actor, ref: str, revision: int, *, checked: bool) -> None:
    """Invite somebody as the manager of its organisation, once the number was looked up in the trade register.

    A number that the register of creditors lacked is kept there. Raises Refusal: not looked up, another number than the register's,
    or people work there already, of whom a manager decides about colleagues; Conflict when it was decided meanwhile, NotFound.
    """
    actor.must(Permission.ADMIT_CREDITORS)
    with transaction() as session:
        signup = _waiting(session, ref, revision)
        organisation = _meant(session, signup.organisation_id)
        rules.check_same_firm(organisation.kvk, signup.kvk, checked=checked)
        _must_be_first(session, organisation)
        if not organisation.kvk:
            organisation.kvk = signup.kvk
            subject = f"creditor/{organisation.code}"
            record(session, actor, "creditors:change", subject, concerns_id=organisation.id, kvk=("", signup.kvk))
        _decide(actor, signup)
        record(session, actor, "people:approve", f"signup/{ref}", concerns_id=organisation.id)
        with as_portal(session):  # the bank manages no people of a creditor but this first one
            new = NewColleague(signup.name, signup.email, rules.ROLES[organisation.kind][-1], organisation.id)
            ask_within(session, actor, organisation, new)


def _must_be_first(session: Session, organisation: Organisation) -> None:
    """Raise Refusal where people work already: a letter makes nobody a manager beside the one there is."""
    with as_portal(session):  # also who was asked and did not come yet
        if has_people(session, organisation.id):
            raise Refusal("signups.has_people")


def _meant(session: Session, organisation_id: int) -> Organisation:
    """Return the locked organisation that an account is asked for; of a double that was merged since, the one it was merged into."""
    merged_into = session.get_one(Organisation, organisation_id).merged_into_id
    return session.get_one(Organisation, merged_into or organisation_id, with_for_update=True)


def refuse_signup(actor: Actor, ref: str, revision: int, refusal: SignupRefusal, words: str) -> None:
    """Give no account, with the reason, which is mailed; the words stay with the bank.

    Raises Refusal for the reason `other` without words, Conflict when it was decided meanwhile, NotFound.
    """
    actor.must(Permission.ADMIT_CREDITORS)
    if refusal is SignupRefusal.OTHER and not words.strip():
        raise Refusal("signups.words_missing", field="words")
    with transaction() as session:
        signup = _waiting(session, ref, revision)
        _decide(actor, signup)
        signup.refusal, signup.words = refusal, words.strip()
        record(session, actor, "people:turn-away", f"signup/{ref}", concerns_id=signup.organisation_id, reason=(None, refusal))
        to = Recipient(signup.email, None, signup.language)
        notify(session, "accounts.signup_refused", to, "/answer", reason=refusal.value)


def _waiting(session: Session, ref: str, revision: int) -> Signup:
    signup = session.scalar(select(Signup).where(Signup.ref == ref).with_for_update()) if ref.isprintable() else None
    if signup is None:
        raise NotFound
    if signup.decided_at is not None or signup.revision != revision:
        raise Conflict
    return signup


def _decide(actor: Actor, signup: Signup) -> None:
    signup.decided_at, signup.decided_by = now(), actor.name[:200]
