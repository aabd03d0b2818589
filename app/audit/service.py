"""Write audit events inside somebody's transaction, verify the chain they form, and anchor its head outside the database."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import cast

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.access import Actor
from app.audit import anchors
from app.audit.anchors import Anchor
from app.audit.chain import GENESIS, Link, Position, first_fault, link_hash
from app.audit.models import Event, Head, Result
from app.clock import machine_now, now
from app.db import as_portal, before_commit, reading, transaction
from app.errors import TooOften
from app.notifications.service import Recipient, notify

SUBJECT = 80  # characters
MOST_EXPORTS, EXPORTS_IN = 60, timedelta(hours=1)  # lists that one person takes along: work asks fewer, a machine more
_WRITTEN = json.JSONEncoder(ensure_ascii=False).encode
YEARS_AGO = timedelta(days=6 * 365)  # events stay for seven years, and each day has some


def record(
    session: Session, actor: Actor, action: str, subject: str, *, concerns_id: int | None = None, **changes: tuple[object, object]
) -> None:
    """Append what `actor` did to `subject` (such as `offer/A-7K3M-9QX2`); each change is its old and new value.

    `concerns_id` is the organisation whose own matter it is: it may see the event. Events get their numbers and hashes
    together, just before commit, so that the chain has neither gaps nor forks. Raises TooOften for a list that is taken along
    (`…:export`) after many others.
    """
    if action.endswith(":export"):
        _refuse_machine(session, actor)
    _collect(session, actor, (action, subject, concerns_id, Result.DONE), changes)


def record_same(session: Session, actor: Actor, action: str, subjects: Iterable[tuple[str, int]], **changes: tuple[object, object]) -> None:
    """Append that `actor` did the same to many subjects (80 characters), each with whom it concerns; quicker than `record` for each."""
    shown, at = _shown(changes), now()
    _add(session, [_event(at, actor, (action, subject, concerns_id, Result.DONE), shown) for subject, concerns_id in subjects])


def _refuse_machine(session: Session, actor: Actor) -> None:
    """Raise TooOften when a person took many lists along within the hour (ASVS 5.0, 2.4.1)."""
    taken = select(func.count()).where(Event.person_id == actor.person_id, Event.at > now() - EXPORTS_IN, Event.action.like("%:export"))
    with as_portal(session):
        if (session.scalar(taken) or 0) >= MOST_EXPORTS:
            raise TooOften("audit.exported_often", most=MOST_EXPORTS)


def record_refused(
    session: Session, actor: Actor, action: str, subject: str, *, concerns_id: int | None = None, **changes: tuple[object, object]
) -> None:
    """Append that something was tried and refused, such as a wrong password; otherwise as `record`."""
    _collect(session, actor, (action, subject, concerns_id, Result.REFUSED), changes)


def _collect(session: Session, actor: Actor, what: tuple[str, str, int | None, Result], changes: dict[str, tuple[object, object]]) -> None:
    if len(subject := what[1]) > SUBJECT:
        changes["subject"] = (None, subject)
    _add(session, [_event(now(), actor, what, _shown(changes))])


def _shown(changes: dict[str, tuple[object, object]]) -> str:
    return _WRITTEN({field: [_text(old), _text(new)] for field, (old, new) in changes.items()})


def _event(at: datetime, actor: Actor, what: tuple[str, str, int | None, Result], shown: str) -> tuple[object, ...]:
    action, subject, concerns_id, result = what
    return (
        at, actor.name[:200], actor.person_id, actor.organisation_name[:200], actor.organisation_id,
        action, subject[:SUBJECT], concerns_id, result.value, actor.origin[:200], shown,
    )  # fmt: skip


def _add(session: Session, events: list[tuple[object, ...]]) -> None:
    cast(list[tuple[object, ...]], session.info.setdefault("audit", [])).extend(events)
    before_commit(session, _append)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _append(session: Session) -> None:
    """Number and chain the events of this transaction behind the locked head."""
    rows = []
    with as_portal(session):  # nobody writes in the log but the portal itself
        sequence, previous = session.execute(_HEAD.with_for_update()).one()
        for event in session.info.pop("audit"):
            sequence += 1
            previous = link_hash(previous, (sequence, *event))
            rows.append(dict(zip(Link._fields, (sequence, *event, previous), strict=True)))
        session.execute(_APPEND, rows)
        session.execute(update(Head).where(Head.id == 1).values(sequence=sequence, hash=previous))


_APPEND = insert(Event.__table__)  # type: ignore[arg-type] # the table: quicker for many than the class
_HEAD = select(Head.sequence, Head.hash).where(Head.id == 1)


# ── is it whole ──────────────────────────────────────────────────────────────


def verify(session: Session, anchored: Iterable[Position] = ()) -> tuple[int, tuple[int, str] | None]:
    """Return how many events the head counts and the first one that is wrong, if any; `anchored` was read before the session began.

    The head is read first and again at the end, so that events which are appended meanwhile are no fault.
    """
    head, begin = _head(session), _begin(session)
    columns = [getattr(Event, name) for name in Link._fields]
    counted = select(*columns).where(Event.sequence <= head[0]).order_by(Event.sequence)
    with session.execute(counted, execution_options={"yield_per": 10_000}) as rows:  # a fault may leave some unread
        fault = first_fault((Link(*row) for row in rows), head, anchored, begin)
    last = session.scalar(select(func.max(Event.sequence))) or 0
    if fault is None and begin[0] and _begins_too_late(session):
        fault = (begin[0], "missing")
    if fault is None and last > _head(session)[0]:
        fault = (head[0] + 1, "added")
    return head[0], fault


def newest(session: Session) -> int:
    """Return the number of the newest event."""
    return _head(session)[0]


def _head(session: Session) -> Position:
    head = session.execute(_HEAD).one_or_none()
    return (head.sequence, head.hash) if head else (0, GENESIS)


def _begin(session: Session) -> Position:
    begin = session.execute(select(Head.begins_after, Head.begins_hash).where(Head.id == 1)).one_or_none()
    return (begin[0], begin[1] or GENESIS) if begin else (0, GENESIS)


# ── after seven years ────────────────────────────────────────────────────────


def over(session: Session, before: datetime) -> list[int]:
    """Return the numbers of the oldest events, up to the first that is not older than a moment; the newest event always stays."""
    # the database looks at its own clock as well, which nobody plays with
    before = min(before, machine_now() - (now() - before))
    found = session.execute(select(Event.sequence, Event.at).order_by(Event.sequence), execution_options={"yield_per": 10_000})
    with found as rows:
        numbers = [row.sequence for row in takewhile(lambda row: row.at < before, rows)]
    return numbers[:-1] if numbers and numbers[-1] == newest(session) else numbers


def forget(session: Session, numbers: Sequence[int]) -> None:
    """Delete some of the oldest events inside somebody's transaction; from then on the chain begins behind them."""
    first, last = numbers[0], numbers[-1]
    with as_portal(session):
        session.execute(_HEAD.with_for_update())
        begin = session.execute(select(Event.hash).where(Event.sequence == last)).scalar_one()
        session.execute(update(Head).where(Head.id == 1).values(begins_after=last, begins_hash=begin))
        if session.get_bind().dialect.name == "postgresql":
            session.execute(select(func.audit_forget(first, last)))
        else:
            session.execute(delete(Event).where(Event.sequence.between(first, last)))


def _begins_too_late(session: Session) -> bool:
    """Tell whether more went than may: what is left of a log that was forgotten from day to day begins about seven years ago."""
    first = session.scalar(select(Event.at).order_by(Event.sequence).limit(1))
    return first is None or first > now() - YEARS_AGO


# ── the head, kept elsewhere ─────────────────────────────────────────────────


def anchor_head() -> Anchor:
    """Keep the head outside the database: in the file of this installation, and by mail to whoever it names. Idempotent."""
    with reading() as session:
        anchor = Anchor(*_head(session), now())
    anchors.append(anchor)
    if anchors.mail_to():
        with transaction() as session:
            facts = {"events": anchor.sequence, "head": str(anchor)}
            notify(session, "audit.head", Recipient(anchors.mail_to()), "/audit", **facts)
    return anchor
