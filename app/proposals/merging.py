"""Use case of doubles in the register: what stands under the one becomes the other's, so that earlier letters are in one account."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.access import Actor, Kind, Permission
from app.accounts.memberships import has_people
from app.accounts.models import Signup
from app.accounts.rules import SignupRefusal
from app.audit.service import record
from app.cases.balance_rules import BalanceAnswer
from app.cases.models import BalanceRequest, BalanceStatement, Claim, Notice, PauseBreach
from app.clock import now
from app.consents.models import Assessment, Consent
from app.consents.rules import State
from app.creditors import rules
from app.creditors.models import Contact, Mandate, Organisation
from app.creditors.queries import doubles_of, visible_creditor
from app.db import as_portal, transaction
from app.documents.models import Attachment, Document
from app.errors import NotFound, Refusal
from app.notifications.models import MailboxChoice, Message
from app.proposals.lifecycle import CAN_BE_ANSWERED
from app.proposals.models import CreditorCall, Offer, OfferEvent, Proposal
from app.proposals.new_codes import stop_code
from app.proposals.words import SAME_SIGNUP

# Whose each row is; consents stay with who signed them, and so do their documents.
OWNERS: dict[str, InstrumentedAttribute[Any]] = {
    "claims": Claim.creditor_id, "offers": Offer.creditor_id, "offer events": OfferEvent.creditor_id, "assessments": Assessment.creditor_id,
    "requests": BalanceRequest.creditor_id, "statements": BalanceStatement.creditor_id, "notices": Notice.creditor_id,
    "breaches": PauseBreach.creditor_id, "documents": Document.organisation_id, "messages": Message.organisation_id,
    "contacts": Contact.organisation_id, "attachments": Attachment.organisation_id, "calls": CreditorCall.organisation_id,
    "sign-ups": Signup.organisation_id,
}  # fmt: skip
_owners: dict[str, InstrumentedAttribute[Any]] = {}  # of features that stand above this one
COUNTED = ("claims", "offers", "requests", "notices")  # what people know by name


def own_too(owners: dict[str, InstrumentedAttribute[Any]]) -> None:
    """Set whose the rows of a feature are that stands above this package: they go along when doubles become one."""
    _owners.update(owners)


@dataclass(frozen=True)
class Double:
    """Another organisation with the same number of the trade register, and how much stands under it."""

    code: int
    name: str
    address: str
    email: str
    counts: dict[str, int]


@dataclass(frozen=True)
class DoublesPage:
    code: int
    name: str
    kvk: str
    doubles: tuple[Double, ...]


def doubles_page(session: Session, actor: Actor, code: int) -> DoublesPage:
    """Return a creditor with its doubles in the register. Raises NotFound."""
    actor.must(Permission.ADMIT_CREDITORS)
    found = visible_creditor(session, actor, code)
    doubles = doubles_of(session, found) if found.kind is Kind.CREDITOR else []
    return DoublesPage(code, found.name, found.kvk, tuple(_double(session, one) for one in doubles if one.code is not None))


def _double(session: Session, one: Organisation) -> Double:
    with as_portal(session):
        counts = {name: session.scalar(select(func.count()).where(OWNERS[name] == one.id)) or 0 for name in COUNTED}
    address = f"{one.street} {one.house_number}, {one.postcode} {one.city}" if one.street else ""
    return Double(one.code or 0, one.name, address, one.email, counts)


def merge_double(actor: Actor, code: int, double_code: int) -> None:
    """Let everything under a double be of the organisation with this code; the codes on the double's letters stop working.

    What the bank's own system tells of the double from now on is told of the other. Raises Refusal when the double has people or a
    consent in force, NotFound when it is none.
    """
    actor.must(Permission.ADMIT_CREDITORS)
    with transaction() as session:
        target, double = _locked(session, actor, code, double_code)
        with as_portal(session):
            _must_be_empty(session, double)
            _lock_rows(session, double.id)
            _stop_codes(session, double.id)
            _close_same(session, actor, double.id, target.id)
            # what the mailbox of the double is spared, nobody chose for the other's
            session.execute(delete(MailboxChoice).where(MailboxChoice.organisation_id == double.id))
            counts = {name: _move(session, column, double.id, target.id) for name, column in (OWNERS | _owners).items()}
            _move_mandates(session, double.id, target.id)
            session.execute(update(Organisation).where(Organisation.merged_into_id == double.id).values(merged_into_id=target.id))
            double.merged_into_id = target.id
        told: dict[str, Any] = {name: (None, counts[name]) for name in COUNTED}
        record(session, actor, "creditors:merge", f"creditor/{target.code}", concerns_id=target.id, code=(double.code, target.code), **told)


def _locked(session: Session, actor: Actor, code: int, double_code: int) -> tuple[Organisation, Organisation]:
    target = visible_creditor(session, actor, code)
    double = next((one for one in doubles_of(session, target) if one.code == double_code), None)
    if double is None or target.kind is not Kind.CREDITOR or target.merged_into_id is not None:
        raise NotFound
    ids = (target.id, double.id)
    # who decides on a sign-up locks it before its organisation
    session.execute(select(Signup.id).where(Signup.organisation_id.in_(ids)).order_by(Signup.id).with_for_update())
    session.execute(select(Organisation.id).where(Organisation.id.in_(ids)).order_by(Organisation.id).with_for_update(key_share=True))
    for one in (target, double):
        session.refresh(one)
    if target.merged_into_id is not None or double.merged_into_id is not None:  # a colleague was first, perhaps the other way round
        raise NotFound
    return target, double


def _must_be_empty(session: Session, double: Organisation) -> None:
    """Refuse to merge what somebody signs in for, or gave its word for: that is no double by mistake."""
    if has_people(session, double.id):
        raise Refusal("proposals.double_has_people", name=double.name)
    signed = select(Consent.id).where(Consent.creditor_id == double.id, Consent.state == State.SIGNED)
    if session.scalar(signed.limit(1)) is not None:
        raise Refusal("proposals.double_has_consent", name=double.name)


def _lock_rows(session: Session, double_id: int) -> None:
    """Lock what moves, in the order of `db.transaction`."""
    mine = select(Offer.proposal_id).where(Offer.creditor_id == double_id)
    session.execute(select(Proposal.id).where(Proposal.id.in_(mine)).order_by(Proposal.id).with_for_update(key_share=True))
    offers = select(Offer.id).where(Offer.creditor_id == double_id).order_by(Offer.proposal_id, Offer.id)
    session.execute(offers.with_for_update(key_share=True))
    for table in (BalanceRequest, BalanceStatement, Claim, Notice):
        rows = select(table.id).where(table.creditor_id == double_id).order_by(table.id)
        session.execute(rows.with_for_update(key_share=True))


def _close_same(session: Session, actor: Actor, double_id: int, target_id: int) -> None:
    """Close a sign-up at the double by somebody whose other one waits at the organisation itself: one of the two is enough."""
    waits = select(Signup.email).where(Signup.organisation_id == target_id, Signup.decided_at.is_(None))
    same = Signup.organisation_id == double_id, Signup.decided_at.is_(None), Signup.email.in_(waits)
    for signup in session.scalars(select(Signup).where(*same).order_by(Signup.id)):
        signup.decided_at, signup.decided_by, signup.refusal = now(), actor.name[:200], SignupRefusal.OTHER
        signup.words = str(SAME_SIGNUP)
        record(session, actor, "people:turn-away", f"signup/{signup.ref}", concerns_id=target_id, reason=(None, SignupRefusal.OTHER))
    session.flush()


def _stop_codes(session: Session, double_id: int) -> None:
    offers = select(Offer).where(Offer.creditor_id == double_id, Offer.state.in_(CAN_BE_ANSWERED))
    requests = select(BalanceRequest).where(BalanceRequest.creditor_id == double_id, BalanceRequest.state == BalanceAnswer.OPEN)
    for one in session.scalars(offers.order_by(Offer.id)):
        stop_code(one)
    for request in session.scalars(requests.order_by(BalanceRequest.id)):
        stop_code(request)
    session.flush()


def _move(session: Session, column: InstrumentedAttribute[Any], double_id: int, target_id: int) -> int:
    table = column.class_.__table__
    mine = [table.c[column.key] == double_id]
    if column.class_ is Document:
        mine.append(table.c.kind != "standing consent")
    return int(session.connection().execute(update(table).where(*mine).values({column.key: target_id})).rowcount)


def _move_mandates(session: Session, double_id: int, target_id: int) -> None:
    """Let agents go on for the other, where it gave them no mandate of its own in that time."""
    found = select(Mandate).where(Mandate.creditor_id.in_({double_id, target_id})).order_by(Mandate.id)
    mandates = list(session.scalars(found))
    for mandate in [one for one in mandates if one.creditor_id == double_id]:
        own = [one for one in mandates if one.creditor_id == target_id and one.agent_id == mandate.agent_id]
        if not any(rules.overlap((mandate.starts_on, mandate.ends_on), (one.starts_on, one.ends_on)) for one in own):
            mandate.creditor_id = target_id
