"""Use cases of mail to people beside the messages' own: copies at once, the digest of a day, and sending either once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import groupby

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access import Permission
from app.clock import local, now
from app.db import reading, transaction
from app.jobs.service import enqueue
from app.notifications import bouncing, mails
from app.notifications.audience import Reader, people
from app.notifications.models import Message, MessageMark, PersonalMail
from app.notifications.queries import visible_to
from app.notifications.rules import Mode, Unsent, Wish, essential_codes, goes_at_once, kind_of, last_hour
from app.notifications.service import note_refusal, send_out, wish_of

NEWS = timedelta(days=7)  # what is older stands in the portal and is told no more


# ── at once ──────────────────────────────────────────────────────────────────


def copy_at_once(message_id: int) -> None:
    """Queue copies of a message to an organisation for those of its people who want it at once; again, it adds nothing.

    When the organisation has no mailbox that takes mail, its managers get what is urgent or essential, whatever they chose.
    """
    with reading() as session:
        if not _to_be_copied(session, message_id):
            return
    with transaction() as session:
        for reader in _to_be_copied(session, message_id):
            _queue(session, _personal(reader, message_id=message_id), [message_id])


def _to_be_copied(session: Session, message_id: int) -> list[Reader]:
    """Return who is to get a copy and has none."""
    message = session.get(Message, message_id)
    if message is None or message.person_id is not None or message.organisation_id is None:
        return []
    has_mailbox = _has_mailbox(session, message)
    found = people().readers(session, organisation_id=message.organisation_id)
    known = set(
        session.scalars(select(MessageMark.person_id).where(MessageMark.message_id == message_id, MessageMark.mail_id.is_not(None)))
    )
    wanted = [one for one in found if one.person_id not in known and _wants(session, one, message.code, has_mailbox=has_mailbox)]
    return [one for one in wanted if _sees(session, one, message_id)]


def _has_mailbox(session: Session, message: Message) -> bool:
    return bool(message.address) and not bouncing.is_bounced(session, message.address)


def _wants(session: Session, reader: Reader, code: str, *, has_mailbox: bool) -> bool:
    kind, wish = kind_of(code), wish_of(session, reader.person_id)
    if not has_mailbox and (kind.is_urgent or kind.is_essential) and reader.actor.may(Permission.MANAGE_PEOPLE):
        return True
    return goes_at_once(kind, wish) and not wish.spares(code)


def _sees(session: Session, reader: Reader, message_id: int) -> bool:
    return session.scalar(select(Message.id).where(Message.id == message_id, visible_to(reader.actor))) is not None


# ── once a day ───────────────────────────────────────────────────────────────


def run_digests() -> int:
    """Queue the digest of everybody whose hour passed and who was not told what came before it; return how many.

    After hours or days without a worker one digest holds everything: nothing is said twice, and a second run adds nothing.
    """
    with reading() as session:
        due = [id_ for id_, mine in _by_person(people().readers(session)) if _news(session, mine, wish_of(session, id_))]
    return sum(_write_digest(person_id) for person_id in due)


def _by_person(readers: list[Reader]) -> list[tuple[int, list[Reader]]]:
    return [(person_id, list(mine)) for person_id, mine in groupby(readers, key=lambda reader: reader.person_id)]


def _write_digest(person_id: int) -> bool:
    try:
        with transaction() as session:
            mine, wish = people().readers(session, person_id=person_id), wish_of(session, person_id)
            if news := _news(session, mine, wish):
                day = last_hour(local(now()), wish.hour).date()
                mail = _personal(mine[0])
                mail.day = day
                _queue(session, mail, news)
    except IntegrityError:  # another worker told it meanwhile
        return False
    return bool(news)


def _news(session: Session, mine: list[Reader], wish: Wish) -> list[int]:
    """Return the messages that a digest of somebody's last hour has to tell; none when that day's digest is there."""
    if not mine or wish.mode is Mode.AT_ONCE:
        return []
    hour, person_id = last_hour(local(now()), wish.hour), mine[0].person_id
    told = select(PersonalMail.id).where(PersonalMail.person_id == person_id, PersonalMail.day == hour.date())
    if session.scalar(told) is not None:
        return []
    return list(session.scalars(_untold(mine, wish, hour)))


def _untold(mine: list[Reader], wish: Wish, until: datetime) -> Select[int]:
    """Select what somebody sees, has not read, and was not told by a mail of its own."""
    person_id = mine[0].person_id
    mark = and_(MessageMark.message_id == Message.id, MessageMark.person_id == person_id)
    # to an organisation, or to this person with word that it can wait
    waits = or_(Message.person_id.is_(None), Message.unsent == Unsent.IN_DIGEST)
    query = (
        select(Message.id)
        .outerjoin(MessageMark, mark)
        .where(or_(*(visible_to(reader.actor) for reader in mine)), waits, MessageMark.mail_id.is_(None), MessageMark.read_at.is_(None))
        .where(Message.created_at <= until, Message.created_at > until - NEWS, Message.code.not_in(wish.spared_codes()))
        .order_by(Message.id)
    )
    return query.where(Message.code.in_(essential_codes())) if wish.mode is Mode.NONE else query


# ── out ──────────────────────────────────────────────────────────────────────


def _personal(reader: Reader, message_id: int | None = None) -> PersonalMail:
    return PersonalMail(
        person_id=reader.person_id, message_id=message_id, address=reader.address, language=reader.language, created_at=now()
    )


def _queue(session: Session, mail: PersonalMail, messages: Sequence[int]) -> None:
    """Keep a mail and mark what it tells, so that no other tells it, and let it leave after the commit."""
    session.add(mail)
    session.flush()
    mine = (MessageMark.person_id == mail.person_id, MessageMark.message_id.in_(messages))
    known = set(session.scalars(select(MessageMark.message_id).where(*mine)))
    session.execute(update(MessageMark).where(*mine).values(mail_id=mail.id))
    session.add_all(MessageMark(person_id=mail.person_id, message_id=one, mail_id=mail.id) for one in messages if one not in known)
    enqueue(session, "notifications.send_personal", {"mail": mail.id}, key=str(mail.id))


def send_personal(mail_id: int) -> None:
    """Mail a digest or copy once; sending again, after a crash, carries the same Message-ID."""
    with reading() as session:
        mail = session.get(PersonalMail, mail_id)
        if mail is None or mail.mailed_at or mail.unsent:
            return
        address, unsent = mail.address, Unsent.BOUNCED if bouncing.is_bounced(session, mail.address) else None
        made = _made(session, mail)
    status = "" if unsent else send_out(made)  # outside a transaction, as every mail
    with transaction() as session:
        done = {"unsent": Unsent.BOUNCED} if status or unsent else {"mailed_at": now()}
        session.execute(update(PersonalMail).where(PersonalMail.id == mail_id).values(done))
        if status:
            note_refusal(session, address, status)


def _made(session: Session, mail: PersonalMail) -> EmailMessage:
    if mail.message_id is not None:
        return mails.of_copy(mail, session.get_one(Message, mail.message_id))
    told = select(Message).join(MessageMark, MessageMark.message_id == Message.id).where(MessageMark.mail_id == mail.id)
    names: dict[int | None, str] = {}
    groups: dict[str, list[Message]] = {}
    for message in session.scalars(told.order_by(Message.id)):
        place = message.organisation_id
        if place not in names:
            names[place] = people().mailbox(session, place)[1] if place else "Schuldeisersportaal"
        groups.setdefault(names[place], []).append(message)
    return mails.of_digest(mail, list(groups.items()))
