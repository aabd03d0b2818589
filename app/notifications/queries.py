"""Read messages, choices and refused addresses. Loading is the access check: what an actor may not see is NotFound."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, false, func, literal, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.clock import now
from app.counts import counted
from app.db import UtcDateTime
from app.errors import NotFound
from app.notifications import audience, catalogue, rules
from app.notifications.audience import Holder, people
from app.notifications.models import Bounce, MailboxChoice, MailChoice, Message, MessageMark, PersonalMail
from app.notifications.rules import Unsent, Wish

FRESH = timedelta(days=30)  # what is older and was never opened counts as read
MOST = 100  # unread ones that are counted
_LINK = "\N{LINK SYMBOL}"  # stands in a text where its mail has the link


@dataclass(frozen=True)
class MessageRow:
    """A message as the list shows it."""

    id: int
    subject: str
    at: datetime
    is_read: bool


@dataclass(frozen=True)
class BounceRow:
    """An address that refuses mail, and of whom it is."""

    id: int
    address: str
    status: str
    bounced_at: datetime
    organisation: str
    name: str  # empty: the organisation's own mailbox


@dataclass(frozen=True)
class MessageList:
    rows: tuple[MessageRow, ...]
    unread: int
    only_unread: bool
    newest: int
    next_before: int | None
    bounces: tuple[BounceRow, ...]
    may_set_mailbox: bool


@dataclass(frozen=True)
class MailRow:
    """A mail that left, or why it did not."""

    address: str
    mailed_at: datetime | None
    unsent: Unsent | None
    is_digest: bool = False


@dataclass(frozen=True)
class MessagePage:
    id: int
    subject: str
    paragraphs: tuple[tuple[str, ...], ...]
    at: datetime
    is_read: bool
    path: str  # empty when its link opened something, or leads nowhere
    is_essential: bool
    mails: tuple[MailRow, ...]


@dataclass(frozen=True)
class SettingsPage:
    """How somebody wants its mail, and of which subjects it can be spared what is not essential."""

    wish: Wish
    subjects: tuple[str, ...]
    revision: int
    is_bounced: bool
    may_set_mailbox: bool


@dataclass(frozen=True)
class MailboxPage:
    organisation_id: int
    organisation: str
    address: str
    is_bounced: bool
    codes: tuple[str, ...]
    muted: tuple[str, ...]
    language: str
    revision: int


# ── messages ─────────────────────────────────────────────────────────────────


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Message: to oneself while acting for the organisation that it is about, or to that organisation.

    In both cases one must be allowed to see its subject: the kind's permission, and the very offer that it leads to.
    """
    own = and_(
        Message.person_id == actor.person_id, or_(Message.organisation_id.is_(None), Message.organisation_id == actor.organisation_id)
    )
    ours = and_(Message.person_id.is_(None), Message.organisation_id == actor.organisation_id)
    log = and_(Message.person_id.is_(None), Message.organisation_id.is_(None), Message.code == "audit.head")
    mine = [own] if actor.person_id is not None else []
    theirs = [ours] if actor.organisation_id is not None else []
    whose = or_(false(), *mine, *theirs, *([log] if actor.may(Permission.READ_AUDIT) else []))
    return and_(whose, Message.code.not_in(rules.unseen_codes(actor)), audience.sees(actor, Message.path))


def _about_offers(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Message: about an offer, for whoever sees the offers of everybody; others were told, not they."""
    if not actor.may(Permission.READ_ALL_OFFERS):
        return false()
    return and_(Message.path.like("/offers/%"), audience.sees(actor, Message.path))


def messages_about(session: Session, actor: Actor, ref: str, language: str) -> tuple[MessageRow, ...]:
    """Return what was told of one offer, the oldest first, to whoever may see both. Raises NotFound for who sees no such offer."""
    actor.must(Permission.READ_MESSAGES)
    if session.scalar(select(literal(1)).where(audience.sees(actor, literal(f"/offers/{ref}", String)))) is None:
        raise NotFound
    mark = and_(MessageMark.message_id == Message.id, MessageMark.person_id == actor.person_id)
    about = Message.path == f"/offers/{ref}", or_(visible_to(actor), _about_offers(actor))
    found = session.execute(select(Message, MessageMark.read_at).outerjoin(MessageMark, mark).where(*about).order_by(Message.id))
    return tuple(_row(message, read_at, language) for message, read_at in found)


def visible_message(session: Session, actor: Actor, message_id: int) -> Message:
    """Return a message that the actor may see: one that was for it, or about an offer that it may see. Raises NotFound."""
    actor.must(Permission.READ_MESSAGES)
    found = session.scalar(select(Message).where(Message.id == message_id, or_(visible_to(actor), _about_offers(actor))))
    if found is None:
        raise NotFound
    return found


def unread(actor: Actor) -> Select[int]:
    """Select the messages of the last month that the actor has not read."""
    read = select(MessageMark.message_id).where(MessageMark.person_id == actor.person_id, MessageMark.read_at.is_not(None))
    since = bindparam("since", callable_=lambda: now() - FRESH, type_=UtcDateTime)
    fresh = select(Message.id).where(Message.created_at > since, Message.id.not_in(read))  # the many read ones go first
    return fresh.where(visible_to(actor))


def unread_count(actor: Actor) -> Select[int] | None:
    """Give the statement that counts the messages that wait to be read, at most a hundred; None for who is nobody."""
    return None if actor.person_id is None else select(func.count()).select_from(unread(actor).limit(MOST).subquery())


def message_list(
    session: Session, actor: Actor, language: str, *, only_unread: bool = False, before: int | None = None, size: int = 50
) -> MessageList:
    """Return the newest messages, their subjects in a language; `before` is the last one of the page before."""
    actor.must(Permission.READ_MESSAGES)
    mark = and_(MessageMark.message_id == Message.id, MessageMark.person_id == actor.person_id)
    query = select(Message, MessageMark.read_at).outerjoin(MessageMark, mark).where(visible_to(actor))
    if only_unread:
        query = query.where(Message.id.in_(unread(actor)))
    if before is not None:
        query = query.where(Message.id < before)
    found = session.execute(query.order_by(Message.id.desc()).limit(size + 1)).all()
    rows = tuple(_row(message, read_at, language) for message, read_at in found[:size])
    newest = session.scalar(select(func.max(Message.id)).where(visible_to(actor))) or 0
    return MessageList(
        rows, counted(session, actor, (unread_count,))[0] or 0, only_unread, newest, rows[-1].id if len(found) > size else None,
        tuple(bounce_rows(session, actor)), _may_set_mailbox(actor),
    )  # fmt: skip


def _row(message: Message, read_at: datetime | None, language: str) -> MessageRow:
    subject, _ = catalogue.shown(message, language)
    return MessageRow(message.id, subject, message.created_at, _is_read(message, read_at))


def _is_read(message: Message, read_at: datetime | None) -> bool:
    return read_at is not None or message.created_at <= now() - FRESH


def message_page(session: Session, actor: Actor, message_id: int, language: str) -> MessagePage:
    """Return a message as it was mailed, without what opens something, and what became of its mails. Raises NotFound."""
    message = visible_message(session, actor, message_id)
    kind = rules.kind_of(message.code)
    subject, text = catalogue.shown(message, language, _LINK)
    parts = [tuple(line for line in part.strip().splitlines() if line.strip() != _LINK) for part in text.split("\n\n")]
    mark = session.scalar(select(MessageMark).where(MessageMark.message_id == message.id, MessageMark.person_id == actor.person_id))
    leads = _LINK in text and not kind.is_sealed
    return MessagePage(
        message.id, subject, tuple(part for part in parts if part), message.created_at, _is_read(message, mark.read_at if mark else None),
        message.path if leads else "", kind.is_essential, tuple(_mails(session, message, mark)),
    )  # fmt: skip


def _mails(session: Session, message: Message, mark: MessageMark | None) -> list[MailRow]:
    """Return the mail of the message itself, and the one by which this reader was told."""
    found = [MailRow(message.address, message.mailed_at, message.unsent)]
    if mark and mark.mail_id is not None:
        mail = session.get_one(PersonalMail, mark.mail_id)
        found.append(MailRow(mail.address, mail.mailed_at, mail.unsent, is_digest=mail.day is not None))
    return found


# ── choices ──────────────────────────────────────────────────────────────────


def settings_page(session: Session, actor: Actor) -> SettingsPage:
    """Return how the actor wants its mail. Raises NotFound for an actor that is no person."""
    actor.must(Permission.READ_MESSAGES)
    if actor.person_id is None:
        raise NotFound
    chosen = session.get(MailChoice, actor.person_id)
    wish = Wish(chosen.mode, chosen.hour, frozenset(chosen.muted)) if chosen else Wish()
    own = people().readers(session, person_id=actor.person_id)
    is_bounced = bool(own) and _bounce_of(session, own[0].address) is not None
    return SettingsPage(wish, tuple(rules.subjects_for(actor)), chosen.revision if chosen else 0, is_bounced, _may_set_mailbox(actor))


def _may_set_mailbox(actor: Actor) -> bool:
    return actor.may(Permission.MANAGE_PEOPLE)


def managed_mailbox(actor: Actor, organisation_id: int | None) -> int:
    """Return the organisation whose mailbox the actor sets: its own, or (for who manages all people) any. Raises NotFound."""
    actor.must(Permission.MANAGE_PEOPLE)
    wanted = organisation_id or actor.organisation_id
    if wanted is None or (wanted != actor.organisation_id and not actor.may(Permission.MANAGE_ALL_PEOPLE)):
        raise NotFound
    return wanted


def mailbox_page(session: Session, actor: Actor, organisation_id: int | None = None) -> MailboxPage:
    """Return what the shared mailbox of an organisation is spared. Raises NotFound."""
    wanted = managed_mailbox(actor, organisation_id)
    address, name = people().mailbox(session, wanted)
    chosen = session.get(MailboxChoice, wanted)
    muted, language, revision = (tuple(chosen.muted), chosen.language, chosen.revision) if chosen else ((), "nl", 0)
    is_bounced = bool(address) and _bounce_of(session, address) is not None
    return MailboxPage(wanted, name, address, is_bounced, tuple(rules.mailbox_codes()), muted, language, revision)


# ── addresses that refuse mail ───────────────────────────────────────────────


def _bounce_of(session: Session, address: str) -> Bounce | None:
    return session.scalar(select(Bounce).where(Bounce.address == address.lower()))


def bounce_rows(session: Session, actor: Actor) -> list[BounceRow]:
    """Return the refused addresses that the actor looks after: of its people and mailbox, of creditors, or all."""
    everything = actor.may(Permission.MANAGE_ALL_PEOPLE) or actor.may(Permission.EDIT_CREDITORS)
    if not (everything or actor.may(Permission.MANAGE_PEOPLE)):
        return []
    bounces = {row.address: row for row in session.scalars(select(Bounce).order_by(Bounce.id))}
    holders = people().holders(session, bounces) if bounces else []
    return [_bounce_row(bounces[one.address.lower()], one) for one in holders if _looks_after(actor, one)]


def _bounce_row(bounce: Bounce, holder: Holder) -> BounceRow:
    return BounceRow(bounce.id, holder.address, bounce.status, bounce.bounced_at, holder.organisation, holder.name)


def _looks_after(actor: Actor, holder: Holder) -> bool:
    if actor.may(Permission.MANAGE_ALL_PEOPLE):
        return True
    if actor.may(Permission.MANAGE_PEOPLE) and holder.organisation_id == actor.organisation_id:
        return True
    return actor.may(Permission.EDIT_CREDITORS) and holder.person_id is None and not holder.is_city


def managed_bounce(session: Session, actor: Actor, bounce_id: int) -> BounceRow:
    """Return a refused address that the actor looks after. Raises NotFound."""
    actor.must(Permission.READ_MESSAGES)
    found = next((row for row in bounce_rows(session, actor) if row.id == bounce_id), None)
    if found is None:
        raise NotFound
    return found


def bounce_page(session: Session, actor: Actor) -> tuple[BounceRow, ...]:
    """Return the refused addresses for whoever looks after some. Raises NotFound for everybody else."""
    if not any(map(actor.may, (Permission.MANAGE_PEOPLE, Permission.MANAGE_ALL_PEOPLE, Permission.EDIT_CREDITORS))):
        raise NotFound
    return tuple(bounce_rows(session, actor))
