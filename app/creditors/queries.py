"""Read the register. Loading a row is the access check: what the actor may not see is NotFound."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from app.access import Actor, Kind, Permission
from app.clock import today
from app.creditors import rules
from app.creditors.models import Contact, Mandate, Organisation
from app.errors import NotFound
from app.notifications.bouncing import is_bounced

LISTED = (Kind.CREDITOR, Kind.AGENT)


@dataclass(frozen=True)
class ListQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    branch: str = ""
    kind: str = ""
    joined: str = ""
    after: str = ""


@dataclass(frozen=True)
class CreditorRow:
    code: int
    name: str
    kind: Kind
    is_bailiff: bool
    branch: str
    city: str
    email: str
    joined_on: date | None


@dataclass(frozen=True)
class CreditorList:
    rows: list[CreditorRow]
    query: ListQuery
    total: int
    counts: dict[str, int]
    branches: list[tuple[str, str]]
    next_after: str


@dataclass(frozen=True)
class ContactRow:
    id: int
    name: str
    task: str
    email: str
    phone: str
    ended_on: date | None


@dataclass(frozen=True)
class MandateRow:
    """A mandate as one of its two sides sees it: `other` is the organisation at the other side."""

    id: int
    other: str
    other_code: int | None
    starts_on: date
    ends_on: date | None
    is_in_force: bool
    has_ended: bool
    revision: int


@dataclass(frozen=True)
class OrganisationPage:
    id: int
    code: int | None
    name: str
    kind: Kind
    is_bailiff: bool
    branch: str
    rank: str
    kvk: str
    establishment: str
    street: str
    house_number: str
    postcode: str
    city: str
    iban: str
    email: str
    phone: str
    joined_on: date | None
    contacts: list[ContactRow]
    mandates: list[MandateRow]
    others: list[tuple[int, str]]  # whom a new mandate may be given to, or come from
    may_edit: bool
    may_give: bool
    is_bounced: bool = False  # the address refuses mail
    merged_into: str = ""  # of a double: whose everything is now
    doubles: int = 0  # for who may merge them
    wki_number: str = ""  # of an agent, in the register of the Wki
    wki_checked_on: date | None = None
    has_profile: bool = False  # which this reader may see


# ── one organisation ─────────────────────────────────────────────────────────


def visible_creditor(session: Session, actor: Actor, code: int) -> Organisation:
    """Return the creditor or agent with this code, with its contacts. Raises NotFound."""
    actor.must(Permission.READ_CREDITORS)
    found = select(Organisation).where(Organisation.code == code, Organisation.kind.in_(LISTED))
    return _one(session, found)


def own_organisation(session: Session, actor: Actor) -> Organisation:
    """Return the creditor or agent that the actor works for. Raises NotFound for everybody else."""
    return _one(session, select(Organisation).where(Organisation.id == actor.organisation_id, Organisation.kind.in_(LISTED)))


def editable_organisation(session: Session, actor: Actor, organisation_id: int) -> Organisation:
    """Return an organisation whose contacts and mandates the actor may change: any for the bank, the own for its manager."""
    own = actor.may(Permission.EDIT_OWN_ORGANISATION) and organisation_id == actor.organisation_id
    if not (own or actor.may(Permission.EDIT_CREDITORS)):
        raise NotFound
    return _one(session, select(Organisation).where(Organisation.id == organisation_id, Organisation.kind.in_(LISTED)))


def _one(session: Session, found: Select[Organisation]) -> Organisation:
    organisation = session.scalar(found.options(selectinload(Organisation.contacts)))
    if organisation is None:
        raise NotFound
    return organisation


def organisation_page(session: Session, actor: Actor, organisation: Organisation) -> OrganisationPage:
    """Return what the page of an organisation shows, with what this actor may do there."""
    own = organisation.id == actor.organisation_id and actor.may(Permission.EDIT_OWN_ORGANISATION)
    may_edit = own or actor.may(Permission.EDIT_CREDITORS)
    may_give = may_edit and (organisation.kind is Kind.CREDITOR or not own)  # an agent cannot give itself a mandate
    return OrganisationPage(
        organisation.id, organisation.code, organisation.name, organisation.kind, organisation.is_bailiff, organisation.branch,
        organisation.rank, organisation.kvk, organisation.establishment, organisation.street, organisation.house_number,
        organisation.postcode, organisation.city, organisation.iban, organisation.email, organisation.phone, organisation.joined_on,
        [ContactRow(c.id, c.name, c.task, c.email, c.phone, c.ended_on) for c in organisation.contacts],
        _mandates(session, organisation), _others(session, organisation) if may_give else [], may_edit, may_give,
        is_bounced(session, organisation.email), _merged_into(session, organisation),
        len(doubles_of(session, organisation)) if actor.may(Permission.ADMIT_CREDITORS) and organisation.kind is Kind.CREDITOR else 0,
        organisation.wki_number, organisation.wki_checked_on,
        actor.may(Permission.READ_PROFILES),
    )  # fmt: skip


def _merged_into(session: Session, organisation: Organisation) -> str:
    number = organisation.merged_into_id
    return session.scalar(select(Organisation.name).where(Organisation.id == number)) or "" if number else ""


def _mandates(session: Session, organisation: Organisation) -> list[MandateRow]:
    other = aliased(Organisation)
    mine, theirs = (
        (Mandate.creditor_id, Mandate.agent_id) if organisation.kind is Kind.CREDITOR else (Mandate.agent_id, Mandate.creditor_id)
    )
    query = select(Mandate, other.name, other.code).join(other, other.id == theirs).where(mine == organisation.id)
    found = session.execute(query.order_by(Mandate.starts_on.desc(), other.name, Mandate.id))
    return [_mandate(mandate, name, code) for mandate, name, code in found]


def _mandate(mandate: Mandate, name: str, code: int | None) -> MandateRow:
    period, now = (mandate.starts_on, mandate.ends_on), today()
    has_ended = mandate.ends_on is not None and mandate.ends_on < now
    return MandateRow(mandate.id, name, code, *period, rules.is_in_force(period, now), has_ended, mandate.revision)


def _others(session: Session, organisation: Organisation) -> list[tuple[int, str]]:
    kind = Kind.AGENT if organisation.kind is Kind.CREDITOR else Kind.CREDITOR
    found = session.execute(select(Organisation.id, Organisation.name).where(Organisation.kind == kind).order_by(Organisation.name))
    return [(row.id, row.name) for row in found]


def doubles_of(session: Session, organisation: Organisation, kvk: str = "") -> list[Organisation]:
    """Return the other organisations of the same kind with the same number of the trade register (or with `kvk`), by code.

    Two establishments of one firm are no doubles; what was merged already is none any more.
    """
    number = organisation.kvk or kvk
    if not number:
        return []
    same = (Organisation.kvk == number, Organisation.kind == organisation.kind, Organisation.establishment == organisation.establishment)
    others = select(Organisation).where(*same, Organisation.id != organisation.id, Organisation.merged_into_id.is_(None))
    return list(session.scalars(others.order_by(Organisation.code, Organisation.id)))


def in_force(day: Any) -> ColumnElement[bool]:
    """Say in SQL that a mandate holds on a day: a date, or a parameter to fill in."""
    return and_(Mandate.starts_on <= day, or_(Mandate.ends_on.is_(None), Mandate.ends_on >= day))


def creditors_of(agent: Any, day: Any) -> Select[Any]:
    """Select the creditors for whom an agent acts on a day; both may be parameters to fill in."""
    return select(Mandate.creditor_id).where(Mandate.agent_id == agent, in_force(day))


# ── the list ─────────────────────────────────────────────────────────────────


def creditor_list(session: Session, actor: Actor, query: ListQuery, size: int = 50) -> CreditorList:
    """Return one page of the register by name, with counts of all that fit the other filters."""
    actor.must(Permission.READ_CREDITORS)
    found = _found(query)
    if place := _position(query.after):
        found = found.where(or_(Organisation.name > place[0], and_(Organisation.name == place[0], Organisation.code > place[1])))
    rows = list(_rows(session, found.limit(size + 1)))
    more = len(rows) > size
    base = ListQuery(q=query.q, branch=query.branch)
    counts = {
        "all": _count(session, base), "creditor": _count(session, base, kind="creditor"), "agent": _count(session, base, kind="agent"),
        "joined": _count(session, base, joined="yes"),
    }  # fmt: skip
    branches = select(Organisation.branch).where(Organisation.kind.in_(LISTED), Organisation.branch != "").distinct()
    shown = [(branch, branch) for branch in session.scalars(branches.order_by(Organisation.branch))]
    last = f"{rows[size - 1].code}.{rows[size - 1].name}" if more else ""
    return CreditorList(rows[:size], query, _count(session, query), counts, shown, last)


def all_rows(session: Session, actor: Actor, query: ListQuery) -> Iterator[CreditorRow]:
    """Return every row that the filters show, for a download."""
    actor.must(Permission.READ_CREDITORS)
    return _rows(session, _found(query))


def _found(query: ListQuery) -> Select[Organisation]:
    kinds = [kind for kind in LISTED if query.kind in {"", kind.value}]
    found = select(Organisation).where(Organisation.kind.in_(kinds), Organisation.code.is_not(None))
    if query.q:
        options = [Organisation.name.icontains(query.q, autoescape=True), Organisation.email.icontains(query.q, autoescape=True)]
        if query.q.isascii() and query.q.isdigit() and len(query.q) < 10:
            options += [Organisation.code == int(query.q), Organisation.kvk == query.q]
        found = found.where(or_(*options))
    if query.branch:
        found = found.where(Organisation.branch == query.branch)
    if query.joined in {"yes", "no"}:
        found = found.where(Organisation.joined_on.is_(None) if query.joined == "no" else Organisation.joined_on.is_not(None))
    return found.order_by(Organisation.name, Organisation.code)


def _position(after: str) -> tuple[str, int] | None:
    code, _, name = after.partition(".")
    return (name, int(code)) if name and code.isascii() and code.isdigit() and len(code) < 10 else None


def _count(session: Session, query: ListQuery, **over: str) -> int:
    narrowed = ListQuery(**(vars(query) | over))
    return session.scalar(select(func.count()).select_from(_found(narrowed).order_by(None).subquery())) or 0


def _rows(session: Session, found: Select[Organisation]) -> Iterator[CreditorRow]:
    columns = (
        Organisation.code, Organisation.name, Organisation.kind, Organisation.is_bailiff, Organisation.branch, Organisation.city,
        Organisation.email, Organisation.joined_on,
    )  # fmt: skip
    for row in session.execute(found.with_only_columns(*columns)):
        yield CreditorRow(row.code or 0, row.name, row.kind, row.is_bailiff, row.branch, row.city, row.email, row.joined_on)


def contact_of(organisation: Organisation, contact_id: int) -> Contact:
    """Return a contact of an organisation. Raises NotFound for one of somebody else."""
    contact = next((contact for contact in organisation.contacts if contact.id == contact_id), None)
    if contact is None:
        raise NotFound
    return contact
