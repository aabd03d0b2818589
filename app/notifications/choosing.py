"""Use cases of one's own messages and mail: read, choose, be rid of what is not essential, and confirm an address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.clock import now
from app.db import transaction
from app.errors import Conflict, NotFound, Refusal
from app.notifications import bouncing, rules
from app.notifications.audience import people
from app.notifications.catalogue import LANGUAGES
from app.notifications.mails import Stop, read_stop
from app.notifications.models import MailboxChoice, MailChoice, Message, MessageMark
from app.notifications.queries import managed_bounce, managed_mailbox, unread, visible_message
from app.notifications.recording import record
from app.notifications.rules import Mode, Wish

# ── read ─────────────────────────────────────────────────────────────────────


def read_message(actor: Actor, message_id: int) -> str:
    """Mark a message as read by the actor and return where its work waits. Raises NotFound."""
    with transaction() as session:
        message = visible_message(session, actor, message_id)
        _mark(session, actor, [message.id])
        return message.path if not rules.kind_of(message.code).is_sealed else "/messages"


def read_all(actor: Actor, newest: int) -> int:
    """Mark as read what the actor had before it, up to and including message `newest`; return how many. Raises NotFound."""
    actor.must(Permission.READ_MESSAGES)
    with transaction() as session:
        ids = list(session.scalars(unread(actor).where(Message.id <= newest)))
        _mark(session, actor, ids)
        return len(ids)


def _mark(session: Session, actor: Actor, ids: Sequence[int]) -> None:
    if actor.person_id is None:
        raise NotFound
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        mine = (MessageMark.person_id == actor.person_id, MessageMark.message_id.in_(some))
        known = set(session.scalars(select(MessageMark.message_id).where(*mine)))
        session.execute(update(MessageMark).where(*mine, MessageMark.read_at.is_(None)).values(read_at=now()))
        session.add_all(MessageMark(person_id=actor.person_id, message_id=one, read_at=now()) for one in some if one not in known)


# ── choose ───────────────────────────────────────────────────────────────────


def choose_mail(actor: Actor, wish: Wish, revision: int) -> None:
    """Keep how somebody wants its mail; what it chose of subjects that it sees elsewhere stays.

    Raises Refusal for an hour at which no digest goes and a subject that it does not see here, Conflict, NotFound.
    """
    actor.must(Permission.READ_MESSAGES)
    if wish.hour not in rules.HOURS:
        raise Refusal("notifications.hour", field="hour")
    here = set(rules.subjects_for(actor))
    if not wish.muted <= here:
        raise Refusal("notifications.essential", field="subjects")
    if actor.person_id is None:
        raise NotFound
    with transaction() as session:
        chosen = _choice_of(session, actor.person_id)
        if chosen.revision != revision and not (revision == 0 and chosen.revision == 1):
            raise Conflict
        _keep(session, actor, chosen, replace(wish, muted=wish.muted | set(chosen.muted) - here))


def _choice_of(session: Session, person_id: int) -> MailChoice:
    """Return the locked choice of a person, made with the usual values when there is none."""
    found = session.get(MailChoice, person_id, with_for_update=True)
    if found is None:
        found = MailChoice(person_id=person_id, mode=Wish().mode, hour=Wish().hour, muted=[])
        session.add(found)
        session.flush()
    return found


def _keep(session: Session, actor: Actor, chosen: MailChoice, wish: Wish) -> None:
    muted = sorted(wish.muted)
    if (chosen.mode, chosen.hour, chosen.muted) == (wish.mode, wish.hour, muted):
        return
    record(
        session, actor, "messages:choose", f"person/{chosen.person_id}", mode=(chosen.mode, wish.mode), hour=(chosen.hour, wish.hour),
        muted=(", ".join(chosen.muted), ", ".join(muted)),
    )  # fmt: skip
    chosen.mode, chosen.hour, chosen.muted = wish.mode, wish.hour, muted


@dataclass(frozen=True)
class MailboxWish:
    """What a shared mailbox is spared, in which language it is written to, and the revision that was looked at."""

    muted: Sequence[str]
    language: str
    revision: int


def choose_mailbox(actor: Actor, organisation_id: int, wish: MailboxWish) -> None:
    """Keep what a mailbox is spared. Raises Refusal for what is essential or unknown, Conflict, NotFound."""
    wanted = managed_mailbox(actor, organisation_id)
    if not set(wish.muted) <= set(rules.mailbox_codes()):
        raise Refusal("notifications.essential", field="kinds")
    if wish.language not in LANGUAGES:
        raise Refusal("notifications.language", field="language")
    with transaction() as session:
        people().mailbox(session, wanted)  # that the organisation exists
        chosen = _mailbox_of(session, wanted)
        if chosen.revision != wish.revision and not (wish.revision == 0 and chosen.revision == 1):
            raise Conflict
        _spare(session, actor, chosen, sorted(set(wish.muted)), wish.language)


def _mailbox_of(session: Session, organisation_id: int) -> MailboxChoice:
    found = session.get(MailboxChoice, organisation_id, with_for_update=True)
    if found is None:
        found = MailboxChoice(organisation_id=organisation_id, muted=[], language="nl")
        session.add(found)
        session.flush()
    return found


def _spare(session: Session, actor: Actor, chosen: MailboxChoice, muted: list[str], language: str) -> None:
    if (chosen.muted, chosen.language) == (muted, language):
        return
    record(
        session, actor, "messages:choose-mailbox", f"organisation/{chosen.organisation_id}", concerns_id=chosen.organisation_id,
        muted=(", ".join(chosen.muted), ", ".join(muted)), language=(chosen.language, language),
    )  # fmt: skip
    chosen.muted, chosen.language = muted, language


# ── without an account ───────────────────────────────────────────────────────


def check_stop(token: str) -> Stop:
    """Return what a link from a mail ends. Raises NotFound for one that this portal did not sign or that ends nothing."""
    found = read_stop(token)
    if found is None or (found.organisation_id is not None and rules.kind_of(found.code).is_essential):
        raise NotFound
    return found


def stop_mail(token: str, origin: str) -> Stop:
    """End what the link of a mail ends (RFC 8058), once or again; nobody is signed in. Raises NotFound.

    A person gets only what is essential from then on, a mailbox not this kind any more.
    """
    stop = check_stop(token)
    with transaction(as_portal=True) as session:
        if stop.person_id is not None:
            _stop_person(session, stop.person_id, origin)
        else:
            _stop_mailbox(session, stop.organisation_id or 0, stop.code, origin)
    return stop


def _reader(origin: str) -> Actor:
    return Actor("link in een mail", frozenset(), organisation_name="", origin=origin)


def _stop_person(session: Session, person_id: int, origin: str) -> None:
    if not people().readers(session, person_id=person_id):
        raise NotFound
    chosen = _choice_of(session, person_id)
    _keep(session, _reader(origin), chosen, Wish(Mode.NONE, chosen.hour, frozenset(chosen.muted)))


def _stop_mailbox(session: Session, organisation_id: int, code: str, origin: str) -> None:
    people().mailbox(session, organisation_id)
    chosen = _mailbox_of(session, organisation_id)
    _spare(session, _reader(origin), chosen, sorted({*chosen.muted, code}), chosen.language)


# ── an address again ─────────────────────────────────────────────────────────


def confirm_address(actor: Actor, bounce_id: int) -> str:
    """Let mail go again to an address that refused it, on the word of who looks after it; return the address. Raises NotFound."""
    with transaction() as session:
        row = managed_bounce(session, actor, bounce_id)
        holders = people().holders(session, [row.address])
        record(
            session, actor, "messages:confirm-address", "mail/address", concerns_id=holders[0].organisation_id, status=(row.status, None)
        )  # fmt: skip
        bouncing.forget(session, row.address)
        return row.address
