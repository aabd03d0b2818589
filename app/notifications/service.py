"""Tell people what happened: a message row and its mail, in the transaction of what happened."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.clock import now
from app.db import as_portal, reading, transaction
from app.jobs.service import enqueue
from app.notifications import catalogue, channels
from app.notifications.models import Message
from app.signs import legible


@dataclass(frozen=True)
class Recipient:
    """An address to write to, and the organisation in whose name it reads."""

    address: str
    organisation_id: int | None = None
    language: str = "nl"


def notify(session: Session, code: str, to: Recipient, path: str, **facts: object) -> None:
    """Tell `to` what `code` stands for (a file in templates/mail/); the mail leaves after the caller's commit.

    `path` is where in the portal the work waits. `facts` are references, numbers and dates as text: a mail is read by
    servers on its way, so no name of a client ever stands in it.
    """
    if not to.address:
        return
    shown = {name: legible(str(value)) for name, value in facts.items()}  # a mail has its lines from its template
    message = Message(
        code=code, organisation_id=to.organisation_id, address=to.address, language=to.language, path=path, facts=shown, created_at=now()
    )
    with as_portal(session):  # who tells another organisation something does not read what it is told
        session.add(message)
        session.flush()
    enqueue(session, "notifications.send", {"message": message.id}, key=str(message.id))


def send(message_id: int) -> None:
    """Mail a message once. Sending again (after a crash between sending and noting it) carries the same Message-ID."""
    with reading() as session:
        message = session.get(Message, message_id)
        if message is None or message.mailed_at:
            return
        mail = _mail(message)
    channels.channel().send(mail)  # outside a transaction: a slow mail server must not keep others from writing
    with transaction() as session:
        session.execute(update(Message).where(Message.id == message_id).values(mailed_at=now()))


def _mail(message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = channels.SENDER, message.address
    mail["Subject"], text = catalogue.write(message, channels.base_url())
    mail["Message-ID"] = f"<message-{message.id}@schuldeisersportaal>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return mail
