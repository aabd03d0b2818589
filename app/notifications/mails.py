"""The mails themselves: text and HTML of the same words, with the headers of RFC 5322, 8058 and 3834; nothing is read or sent here."""

from dataclasses import dataclass
from email.message import EmailMessage

from app.notifications import catalogue, channels
from app.notifications.catalogue import Foot
from app.notifications.models import Message, PersonalMail
from app.notifications.rules import kind_of
from app.notifications.signing import opened, signed

HOST = "schuldeisersportaal"
PROOF = "Portal-Proof"  # who returns a mail shows with it that the mail was ours
SHOWN = 20  # messages that a digest names for each organisation


@dataclass(frozen=True)
class Stop:
    """What a link in a mail ends: mail to a person, or one kind to the mailbox of an organisation."""

    person_id: int | None = None
    organisation_id: int | None = None
    code: str = ""


@dataclass(frozen=True)
class _Letter:
    """One mail before it is put together."""

    name: str  # such as `message-12`
    address: str
    language: str
    subject: str
    text: str
    link: str
    foot: Foot


def stop_path(stop: Stop) -> str:
    """Return the path of the link that ends it."""
    words = f"p {stop.person_id}" if stop.person_id else f"o {stop.organisation_id} {stop.code}"
    return f"/mail/stop/{signed('stop', words)}"


def read_stop(token: str) -> Stop | None:
    """Return what a link ends; None when this portal did not sign it."""
    match (opened("stop", token) or "").split():
        case ["p", person] if person.isdigit():
            return Stop(person_id=int(person))
        case ["o", organisation, code] if organisation.isdigit():
            return Stop(organisation_id=int(organisation), code=code)
    return None


def proves(name: str, proof: str) -> bool:
    """Tell whether a mail with this name and proof left here."""
    return opened("mail", proof) == name


def of_message(message: Message, language: str = "") -> EmailMessage:
    """Return the mail of a message to its own address."""
    stop = Stop(message.person_id) if message.person_id else Stop(None, message.organisation_id, message.code)
    is_essential = kind_of(message.code).is_essential or not (message.person_id or message.organisation_id)
    language = language or message.language
    return _put_together(_of_message(message, f"message-{message.id}", message.address, language, None if is_essential else stop))


def of_copy(mail: PersonalMail, message: Message) -> EmailMessage:
    """Return the copy of a message to an organisation for one of its people."""
    stop = None if kind_of(message.code).is_essential else Stop(mail.person_id)
    return _put_together(_of_message(message, f"personal-{mail.id}", mail.address, mail.language, stop))


def _of_message(message: Message, name: str, address: str, language: str, stop: Stop | None) -> _Letter:
    base = channels.base_url()
    subject, text = catalogue.write(message, base, language)
    is_in_portal = bool(message.organisation_id or message.person_id) and not kind_of(message.code).is_sealed
    below = Foot(f"{base}/messages/{message.id}" if is_in_portal else "", f"{base}{stop_path(stop)}" if stop else "", _settings(stop, base))
    return _Letter(name, address, language, subject, text, f"{base}{message.path}", below)


def _settings(stop: Stop | None, base: str) -> str:
    if stop is None:
        return ""
    return f"{base}/messages/settings" if stop.person_id else f"{base}/messages/mailbox"


Group = tuple[str, list[Message]]  # the name of an organisation, and its messages


def of_digest(mail: PersonalMail, groups: list[Group]) -> EmailMessage:
    """Return the digest of a day: the subjects of what is new, for each organisation."""
    base, stop = channels.base_url(), Stop(mail.person_id)
    link, below = f"{base}/messages", Foot("", f"{base}{stop_path(stop)}", f"{base}/messages/settings")
    named = [(name, _subjects(mail, messages), max(0, len(messages) - SHOWN)) for name, messages in groups]
    total = sum(len(messages) for _, messages in groups)
    subject, text = catalogue.words("_digest", mail.language, groups=named, total=total, link=link)
    return _put_together(_Letter(f"personal-{mail.id}", mail.address, mail.language, subject, text, link, below))


def _subjects(mail: PersonalMail, messages: list[Message]) -> list[str]:
    return [catalogue.shown(message, mail.language)[0] for message in messages[:SHOWN]]


def _put_together(letter: _Letter) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = channels.SENDER, letter.address
    mail["Subject"] = letter.subject
    mail["Message-ID"] = f"<{letter.name}@{HOST}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail[PROOF] = signed("mail", letter.name)
    if letter.foot.stop:
        mail["List-Unsubscribe"] = f"<{letter.foot.stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(f"{letter.text}\n{catalogue.foot(letter.language, letter.foot)}" if letter.foot != Foot() else letter.text)
    mail.add_alternative(catalogue.markup(letter.language, letter.subject, letter.text, letter.link, letter.foot), subtype="html")
    return mail
