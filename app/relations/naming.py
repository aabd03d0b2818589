"""Use cases on whether whom a complaint is about may hear who the client is, once it was reported: given later, or taken back."""

from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.db import as_portal, transaction
from app.errors import Conflict, NotFound, Refusal
from app.relations.complaint_access import visible_reported, visible_triaged
from app.relations.complaint_lifecycle import OPEN, State
from app.relations.complaint_rules import Audience, What
from app.relations.complaint_steps import note, tell, tell_parties_once_shown, tell_team
from app.relations.models import Complaint


def let_be_named(actor: Actor, ref: str, revision: int, *, agrees: bool, name: str = "") -> None:
    """Record for who reported it that the client agrees that the creditor learns about whom it is, or no longer does (art. 7(3) GDPR).

    What is said already changes nothing. From then on the creditor's page shows the client (by `name` where none was given before),
    or shows it no more. Raises Refusal when it is over or nobody knows the client, Conflict, NotFound.
    """
    with transaction() as session:
        complaint = visible_reported(session, actor, ref, lock=True)
        if complaint.state is State.DRAFT:
            raise NotFound  # the form of the report says it
        if _record(session, actor, complaint, revision, agrees=agrees, name=name):
            tell_team(session, "complaints.naming", complaint)


def let_be_named_by_team(actor: Actor, ref: str, revision: int, *, agrees: bool, name: str = "") -> None:
    """Record for the relations team what `let_be_named` records for who reported it. Raises Refusal, Conflict, NotFound."""
    with transaction() as session:
        _record(session, actor, visible_triaged(session, actor, ref, lock=True), revision, agrees=agrees, name=name)


def _record(session: Session, actor: Actor, complaint: Complaint, revision: int, *, agrees: bool, name: str) -> bool:
    """Record it within a transaction, and tell whether that was new."""
    if complaint.client_agrees is agrees:
        return False  # the second click of a double one, or a colleague was first
    if complaint.revision != revision:
        raise Conflict
    if complaint.state is State.MERGED or (agrees and complaint.state not in OPEN):
        raise Refusal("relations.move_not_possible")
    complaint.client_name = complaint.client_name or name.strip()
    if agrees and not complaint.client_name:
        raise Refusal("relations.client_unknown", field="client_name")
    complaint.client_agrees = agrees
    _tell(session, actor, complaint)
    note(session, actor, "complaints:name", complaint, agrees=("no" if agrees else "yes", "yes" if agrees else "no"))
    return True


def _tell(session: Session, actor: Actor, complaint: Complaint) -> None:
    """Write it down for who reported it, and for the creditor without who did: it does not hear who reported it."""
    what = What.MAY_NAME if complaint.client_agrees else What.MAY_NOT_NAME
    tell(session, actor, complaint, what, Audience.REPORTER)
    if complaint.addressed_at is not None:
        with as_portal(session):  # who reported it reads and writes no line of the creditor
            _tell_party(session, complaint, what)


def _tell_party(session: Session, complaint: Complaint, what: What) -> None:
    if what is What.MAY_NAME:
        tell(session, SYSTEM, complaint, what, Audience.PARTY)
        tell_parties_once_shown(session, "complaints.named", complaint)
        return
    if complaint.untold == "complaints.named":
        complaint.untold = ""
    if complaint.named_at is not None:  # it read the name, and has to know that it may use it no more
        tell(session, SYSTEM, complaint, what, Audience.PARTY)
