"""Tell people what happened: a message row and its mail, in the transaction of what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.clock import now
from app.db import as_portal, reading, transaction
from app.jobs.service import enqueue
from app.notifications import bouncing, channels, mails
from app.notifications.channels import AddressRefused
from app.notifications.models import MailboxChoice, MailChoice, Message
from app.notifications.rules import Unsent, Wish, kind_of, why_not_now
from app.signs import legible

TOGETHER = 25  # mails in one piece of work: the engine runs some hundred pieces a second


@dataclass(frozen=True)
class Recipient:
    """An address to write to, the organisation in whose name it reads, and the person when it is for that one alone."""

    address: str
    organisation_id: int | None = None
    language: str = "nl"
    person_id: int | None = None


@dataclass(frozen=True)
class Telling:
    """What somebody is told: what `code` stands for, where in the portal the work waits, and facts as text."""

    code: str
    to: Recipient
    path: str
    facts: Mapping[str, object]


def notify(session: Session, code: str, to: Recipient, path: str, **facts: object) -> None:
    """Tell `to` what `code` stands for (a file in templates/mail/); the mail leaves after the caller's commit.

    `path` is where in the portal the work waits. `facts` are references, numbers and dates as text: a mail is read by
    servers on its way, so no name of a client ever stands in it. An organisation without an address is told in the portal.
    """
    notify_all(session, [Telling(code, to, path, facts)])


def notify_all(session: Session, notices: Sequence[Telling]) -> None:
    """Tell many things at once, each as `notify` does."""
    rows = [_row(one) for one in notices if one.to.address or one.to.organisation_id is not None]
    if not rows:
        return
    with as_portal(session):  # who tells another organisation something does not read what it is told
        ids = sorted(session.scalars(_INSERT, rows))
    for start in range(0, len(ids), TOGETHER):
        mine = ids[start : start + TOGETHER]
        key = str(mine[0]) if len(mine) == 1 else f"{mine[0]}-{mine[-1]}"
        enqueue(session, "notifications.send", {"messages": mine}, key=key)


_INSERT = insert(Message.__table__).returning(Message.__table__.c.id)  # type: ignore[arg-type] # a table


def _row(one: Telling) -> dict[str, object]:
    shown = {name: legible(str(value)) for name, value in one.facts.items()}  # a mail has its lines from its template
    return {
        "code": one.code, "organisation_id": one.to.organisation_id, "person_id": one.to.person_id, "address": one.to.address,
        "language": one.to.language, "path": one.path, "facts": shown, "created_at": now(),
    }  # fmt: skip


def send(message_id: int) -> None:
    """Mail a message once, unless its reader is spared it or its address refuses mail; then note why it did not leave.

    Sending again (after a crash between sending and noting it) carries the same Message-ID.
    """
    with reading() as session:
        message = session.get(Message, message_id)
        if message is None or message.mailed_at or message.unsent:
            return
        mail, address, unsent = _mail(message, _language(session, message)), message.address, _why_unsent(session, message)
    status = "" if unsent else send_out(mail)  # outside a transaction: a slow mail server must not keep others from writing
    with transaction() as session:
        done = {"unsent": Unsent.BOUNCED if status else unsent} if status or unsent else {"mailed_at": now()}
        session.execute(update(Message).where(Message.id == message_id).values(done))
        if status:
            note_refusal(session, address, status)


def send_out(mail: EmailMessage) -> str:
    """Hand a mail to the channel; return the status with which its address refused it for good, or nothing."""
    try:
        channels.channel().send(mail)
    except AddressRefused as refused:
        return refused.status
    return ""


def note_refusal(session: Session, address: str, status: str) -> None:
    """Mark an address that refuses mail, and tell the managers of whose it is; the address itself stands in no mail."""
    for manager in bouncing.note(session, address, status):
        to = Recipient(manager.address, manager.actor.organisation_id, manager.language, manager.person_id)
        notify(session, "accounts.bounced", to, "/messages/bounced")


def wish_of(session: Session, person_id: int) -> Wish:
    """Return how somebody wants its mail."""
    chosen = session.get(MailChoice, person_id)
    return Wish(chosen.mode, chosen.hour, frozenset(chosen.muted)) if chosen else Wish()


def _why_unsent(session: Session, message: Message) -> Unsent | None:
    if not message.address:
        return Unsent.NO_ADDRESS
    if bouncing.is_bounced(session, message.address):
        return Unsent.BOUNCED
    if message.person_id is not None:
        wish = wish_of(session, message.person_id)
        return Unsent.MUTED if wish.spares(message.code) else why_not_now(kind_of(message.code), wish)
    chosen = session.get(MailboxChoice, message.organisation_id) if message.organisation_id else None
    return Unsent.MUTED if chosen and message.code in chosen.muted and not kind_of(message.code).is_essential else None


def _language(session: Session, message: Message) -> str:
    """Return the language of a mail: a mailbox's own choice, or that of the message."""
    is_shared = message.person_id is None and message.organisation_id is not None
    chosen = session.get(MailboxChoice, message.organisation_id) if is_shared else None
    return chosen.language if chosen else message.language


def _mail(message: Message, language: str = "") -> EmailMessage:
    return mails.of_message(message, language)
