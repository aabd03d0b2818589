"""Use case of the register: one organisation that somebody adds by hand, beside the file that the bank's own system writes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.creditors.models import Contact, Organisation
from app.creditors.sheets import SORTS, establishment, kvk
from app.db import transaction
from app.errors import Conflict, Refusal
from app.exchange import cells
from app.exchange.cells import Parser

# what a field may hold, read as the file of the bank's own system is read
TEXTS: dict[str, Parser] = {
    "name": cells.text(120), "branch": cells.text(40), "kvk": kvk, "establishment": establishment, "street": cells.text(120),
    "house_number": cells.text(20), "postcode": cells.postcode, "city": cells.text(80), "email": cells.email, "phone": cells.text(30),
    "contact_name": cells.text(120), "contact_task": cells.text(80), "contact_email": cells.email, "contact_phone": cells.text(30),
}  # fmt: skip
MOST_CODE = 2**31 - 1
_OF_CONTACT = "contact_"


@dataclass(frozen=True)
class NewOrganisation:
    """An organisation as it was typed: `sort` is a word of the bank's own file, and its contact may be nobody."""

    code: int
    name: str
    sort: str
    branch: str = ""
    kvk: str = ""
    establishment: str = ""
    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    email: str = ""
    phone: str = ""
    contact_name: str = ""
    contact_task: str = ""
    contact_email: str = ""
    contact_phone: str = ""


def register_organisation(actor: Actor, new: NewOrganisation) -> int:
    """Add an organisation to the register and return its code.

    Raises Refusal for what cannot be read and for a code or KvK number that stands in the register, Conflict, NotFound.
    """
    with transaction() as session:
        return take_organisation(session, actor, new).code or 0


def take_organisation(session: Session, actor: Actor, new: NewOrganisation) -> Organisation:
    """Add an organisation within somebody's transaction. Raises Refusal, Conflict and NotFound as above."""
    actor.must(Permission.EDIT_CREDITORS)
    read = _readable(new)
    kind, is_bailiff = SORTS[read.sort]
    _check_new(session, read, kind)
    told = {field: value for field, value in vars(read).items() if field != "sort" and not field.startswith(_OF_CONTACT)}
    organisation = Organisation(kind=kind, is_bailiff=is_bailiff, **told)
    session.add(organisation)
    try:
        session.flush()
    except IntegrityError as error:  # a colleague took the code at the same moment
        raise Conflict from error
    if read.contact_name:
        session.add(Contact(organisation_id=organisation.id, **_contact(read)))
    changes: dict[str, tuple[object, object]] = {"name": (None, read.name), "kvk": (None, read.kvk or None)}
    record(session, actor, "creditors:add", f"creditor/{read.code}", concerns_id=organisation.id, **changes)
    return organisation


def _readable(new: NewOrganisation) -> NewOrganisation:
    """Return what was typed as the register keeps it. Raises Refusal at the first field that holds something else."""
    if not 1 <= new.code <= MOST_CODE:
        raise Refusal("creditors.code_unreadable", field="code")
    if new.sort not in SORTS:
        raise Refusal("creditors.sort_missing", field="sort")
    values: dict[str, Any] = {field: _value(field, getattr(new, field).strip(), parser) for field, parser in TEXTS.items()}
    if not values["name"]:
        raise Refusal("creditors.name_missing", field="name")
    _check_contact(values)
    return replace(new, **values)


def _value(field: str, text: str, parser: Parser) -> str:
    try:
        return str(parser(text)) if text else ""
    except Refusal as no:
        raise Refusal(no.code, field=field, **no.facts) from no


def _check_contact(values: Mapping[str, str]) -> None:
    reachable = values["contact_phone"] or values["contact_email"]
    if not values["contact_name"] and (reachable or values["contact_task"]):
        raise Refusal("creditors.contact_nameless", field="contact_name")
    if values["contact_name"] and not reachable:
        raise Refusal("creditors.contact_unreachable", field="contact_phone")


def _contact(new: NewOrganisation) -> dict[str, str]:
    return {field.removeprefix(_OF_CONTACT): value for field, value in vars(new).items() if field.startswith(_OF_CONTACT)}


def _check_new(session: Session, new: NewOrganisation, kind: Kind) -> None:
    """Raise Refusal for a double: the code of anybody, or the KvK number of one of the same kind that is no other establishment."""
    holder = session.scalar(select(Organisation.name).where(Organisation.code == new.code))
    if holder is not None:
        raise Refusal("creditors.code_taken", field="code", name=holder)
    if not new.kvk:
        return
    same = (Organisation.kvk == new.kvk, Organisation.establishment == new.establishment, Organisation.kind == kind)
    found = select(Organisation.name, Organisation.code).where(*same, Organisation.merged_into_id.is_(None))
    twin = session.execute(found.order_by(Organisation.code, Organisation.id).limit(1)).one_or_none()
    if twin is not None:
        raise Refusal("creditors.kvk_taken", field="kvk", name=twin.name, number=twin.code or "–")
