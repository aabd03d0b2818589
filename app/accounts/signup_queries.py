"""Read who asks a first account, with the organisation as the register knows it beside. For the bank alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.accounts.models import Membership, Signup
from app.accounts.queries import in_force
from app.accounts.rules import SignupRefusal
from app.clock import now
from app.creditors.models import Organisation
from app.creditors.queries import doubles_of
from app.db import as_portal
from app.errors import NotFound

DECIDED_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class Registered:
    """The organisation to which the letter went, as the register knows it."""

    code: int | None
    name: str
    kind: Kind
    address: str
    email: str
    kvk: str
    people: int  # who work there in the portal already
    doubles: int  # other organisations with the same number of the trade register


@dataclass(frozen=True)
class SignupRow:
    ref: str
    name: str
    email: str
    kvk: str
    letter_ref: str
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str
    refusal: SignupRefusal | None
    revision: int
    register: Registered

    @property
    def is_same_number(self) -> bool:
        return self.kvk == self.register.kvk


@dataclass(frozen=True)
class SignupsPage:
    waiting: tuple[SignupRow, ...]
    decided: tuple[SignupRow, ...]


def signups_page(session: Session, actor: Actor) -> SignupsPage:
    """Return who waits, the longest first, and who was decided on in the last thirty days."""
    actor.must(Permission.ADMIT_CREDITORS)
    joined = select(Signup, Organisation).join(Organisation, Organisation.id == Signup.organisation_id)
    waiting = joined.where(Signup.decided_at.is_(None)).order_by(Signup.asked_at, Signup.id)
    decided = joined.where(Signup.decided_at >= now() - DECIDED_SHOWN).order_by(Signup.decided_at.desc(), Signup.id.desc()).limit(100)
    return SignupsPage(
        *(tuple(_row(session, signup, organisation) for signup, organisation in session.execute(some)) for some in (waiting, decided))
    )


def signup_row(session: Session, actor: Actor, ref: str) -> SignupRow:
    """Return one request. Raises NotFound."""
    actor.must(Permission.ADMIT_CREDITORS)
    joined = select(Signup, Organisation).join(Organisation, Organisation.id == Signup.organisation_id)
    found = session.execute(joined.where(Signup.ref == ref)).one_or_none() if ref.isprintable() else None
    if found is None:
        raise NotFound
    return _row(session, *found)


def waiting_count(actor: Actor) -> Select[Any]:
    """Give the statement that counts who waits, for the menu."""
    actor.must(Permission.ADMIT_CREDITORS)
    return select(func.count()).select_from(Signup).where(Signup.decided_at.is_(None))


def _row(session: Session, signup: Signup, found: Organisation) -> SignupRow:
    with as_portal(session):  # the bank sees how many people a creditor has, and not who
        here = select(func.count(Membership.person_id.distinct())).where(Membership.organisation_id == found.id, in_force())
        people = session.scalar(here) or 0
    address = f"{found.street} {found.house_number}, {found.postcode} {found.city}" if found.street else ""
    register = Registered(
        found.code, found.name, found.kind, address, found.email, found.kvk, people, len(doubles_of(session, found, signup.kvk))
    )
    return SignupRow(
        signup.ref, signup.name, signup.email, signup.kvk, signup.letter_ref, signup.asked_at, signup.decided_at, signup.decided_by or "",
        signup.refusal, signup.revision, register,
    )  # fmt: skip
