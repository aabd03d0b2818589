"""Use cases of the register: contacts and mandates, and files brought in through a page."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.clock import now, today
from app.creditors import rules
from app.creditors.importing import take_creditors
from app.creditors.models import Contact, Mandate, Organisation
from app.creditors.queries import contact_of, editable_organisation, visible_creditor
from app.creditors.words import REFUSALS
from app.db import transaction
from app.errors import Conflict, NotFound, Refusal
from app.exchange import uploads
from app.exchange.imports import Outcome
from app.exchange.uploads import Incoming

UPLOAD = "creditors"


@dataclass(frozen=True)
class NewContact:
    name: str
    task: str
    email: str
    phone: str


def add_contact(actor: Actor, organisation_id: int, contact: NewContact) -> None:
    """Add somebody to call or write to. Raises Refusal for one who cannot be reached, NotFound."""
    if not (contact.email or contact.phone):
        raise Refusal("creditors.contact_unreachable", field="phone")
    with transaction() as session:
        organisation = editable_organisation(session, actor, organisation_id)
        session.add(Contact(organisation_id=organisation.id, **vars(contact)))
        _record(session, actor, "creditors:add-contact", organisation, contact=(None, contact.name))


def end_contact(actor: Actor, organisation_id: int, contact_id: int) -> None:
    """End a contact today; the name stays in the history. Raises Refusal, NotFound."""
    with transaction() as session:
        organisation = editable_organisation(session, actor, organisation_id)
        contact = contact_of(organisation, contact_id)
        if contact.ended_on is not None:
            raise Refusal("creditors.contact_ended")
        contact.ended_on = today()
        _record(session, actor, "creditors:end-contact", organisation, contact=(contact.name, None))


def add_mandate(actor: Actor, organisation_id: int, other_id: int, starts_on: date, ends_on: date | None) -> None:
    """Let an agent act for a creditor: the creditor's own manager says so, or the bank. Raises Refusal, NotFound."""
    with transaction() as session:
        organisation = editable_organisation(session, actor, organisation_id)
        _must_give(actor, organisation)
        other = session.get(Organisation, other_id)
        if other is None:
            raise NotFound
        agent, creditor = (other, organisation) if organisation.kind is Kind.CREDITOR else (organisation, other)
        session.refresh(creditor, with_for_update=True)  # of two mandates at once the second sees the first
        rules.mandate(agent.kind, creditor.kind, (starts_on, ends_on), _periods(session, agent.id, creditor.id))
        session.add(Mandate(agent_id=agent.id, creditor_id=creditor.id, starts_on=starts_on, ends_on=ends_on))
        _record(
            session,
            actor,
            "creditors:add-mandate",
            creditor,
            agent=(None, agent.name),
            starts_on=(None, starts_on),
            ends_on=(None, ends_on),
        )


def end_mandate(actor: Actor, organisation_id: int, mandate_id: int, ends_on: date, revision: int) -> None:
    """Set the last day of a mandate; both sides may. After that day the agent no longer sees the creditor's offers.

    Raises Refusal, Conflict when it changed since, NotFound.
    """
    with transaction() as session:
        organisation = editable_organisation(session, actor, organisation_id)
        mandate = session.get(Mandate, mandate_id)
        if mandate is None or organisation.id not in {mandate.agent_id, mandate.creditor_id}:
            raise NotFound
        if mandate.revision != revision:
            raise Conflict
        before, mandate.ends_on = mandate.ends_on, rules.last_day((mandate.starts_on, mandate.ends_on), ends_on, today())
        _record(session, actor, "creditors:end-mandate", organisation, ends_on=(before, mandate.ends_on))


def check_wki(actor: Actor, code: int, number: str, revision: int) -> None:
    """Keep under which number an agent stands in the register of the Wki, as somebody looked it up today; empty: not in it.

    A bailiff needs none (Wki, exempt). Raises Refusal, Conflict when the agent changed since, NotFound.
    """
    actor.must(Permission.EDIT_CREDITORS)
    with transaction() as session:
        agent = visible_creditor(session, actor, code)
        rules.wki(agent.kind, number, is_bailiff=agent.is_bailiff)
        if agent.revision != revision:
            raise Conflict
        changes = {"wki_number": (agent.wki_number, number), "wki_checked_on": (agent.wki_checked_on, today())}
        agent.wki_number, agent.wki_checked_on, agent.wki_checked_by = number, today(), actor.name[:200]
        _record(session, actor, "creditors:check-wki", agent, **changes)


def _must_give(actor: Actor, organisation: Organisation) -> None:
    """An agent never gives itself a mandate: that would open somebody else's offers."""
    if organisation.kind is Kind.AGENT and not actor.may(Permission.EDIT_CREDITORS):
        raise NotFound


def _periods(session: Session, agent_id: int, creditor_id: int) -> list[rules.Period]:
    pair = select(Mandate.starts_on, Mandate.ends_on).where(Mandate.agent_id == agent_id, Mandate.creditor_id == creditor_id)
    return [(row.starts_on, row.ends_on) for row in session.execute(pair.order_by(Mandate.starts_on, Mandate.id))]


def _record(session: Session, actor: Actor, action: str, organisation: Organisation, **changes: tuple[object, object]) -> None:
    record(session, actor, action, f"creditor/{organisation.code}", concerns_id=organisation.id, **changes)


# ── files through a page ─────────────────────────────────────────────────────


def keep_upload(actor: Actor, file: Incoming, outcome: Outcome) -> str:
    """Keep a file whose trial was run until somebody says yes, and return the reference."""
    actor.must(Permission.EDIT_CREDITORS)
    with transaction() as session:
        return uploads.keep(session, actor, UPLOAD, [file], outcome, REFUSALS)


def confirm_upload(actor: Actor, ref: str) -> None:
    """Bring the file of an upload in. A second yes, from a double click or another tab, does nothing."""
    actor.must(Permission.EDIT_CREDITORS)
    with transaction() as session:
        upload = uploads.visible_upload(session, actor, UPLOAD, ref, lock=True)
        if upload.confirmed_at is not None:
            return
        upload.confirmed_at = now()
        outcome = take_creditors(session, actor, uploads.contents(session, upload)["creditors"])
        uploads.complete(session, upload, outcome, REFUSALS)
