"""Use case of mail that comes back: mark the address of a mail of ours that a server could not deliver."""

from enum import StrEnum

from sqlalchemy.orm import Session

from app.db import transaction
from app.notifications.mails import PROOF, proves
from app.notifications.models import Message, PersonalMail
from app.notifications.reports import read_report
from app.notifications.rules import refuses_address
from app.notifications.service import note_refusal


class Outcome(StrEnum):
    """What a report came to."""

    MARKED = "marked"
    NOT_OURS = "not ours"  # without the proof that a mail of ours carries: anybody can write that somebody is gone
    NOT_FOR_GOOD = "not for good"


def take_report(content: bytes) -> Outcome:
    """Mark the address of the mail that a delivery status notification is about; again, it changes nothing. Raises Refusal.

    The address is the one that we wrote to, whatever the report says: it may have been forwarded.
    """
    report = read_report(content, PROOF)
    if not report.name or not proves(report.name, report.proof):
        return Outcome.NOT_OURS
    status = next((status for status in report.statuses if refuses_address(status)), "")
    if not status:
        return Outcome.NOT_FOR_GOOD
    with transaction() as session:
        address = _address(session, report.name)
        if not address:  # the message is gone by its term
            return Outcome.NOT_OURS
        note_refusal(session, address, status)
    return Outcome.MARKED


def _address(session: Session, name: str) -> str:
    kind, _, number = name.partition("-")
    found = session.get(Message, int(number)) if kind == "message" else session.get(PersonalMail, int(number))
    return found.address if found else ""
