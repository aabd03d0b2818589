"""Write audit events inside somebody's transaction, verify the chain they form, and anchor its head outside the database."""

import json
from collections.abc import Iterable
from typing import cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.access import Actor
from app.audit import anchors
from app.audit.anchors import Anchor
from app.audit.chain import GENESIS, Link, Position, first_fault, link_hash
from app.audit.models import Event, Head, Result
from app.clock import now
from app.db import as_portal, before_commit, reading, transaction
from app.notifications.service import Recipient, notify

SUBJECT = 80  # characters


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    concerns_id: int | None = None,
    result: Result = Result.DONE,
    **changes: tuple[object, object],
) -> None:
    """Append what `actor` did to `subject` (such as `offer/A-7K3M-9QX2`); each change is its old and new value.

    `concerns_id` is the organisation whose own matter it is: it may see the event. Events get their numbers and hashes
    together, just before commit, so that the chain has neither gaps nor forks.
    """
    if len(subject) > SUBJECT:
        changes["subject"] = (None, subject)
    shown = json.dumps({field: [_text(old), _text(new)] for field, (old, new) in changes.items()}, ensure_ascii=False)
    event = (
        now(), actor.name[:200], actor.person_id, actor.organisation_name[:200], actor.organisation_id,
        action, subject[:SUBJECT], concerns_id, result.value, actor.origin[:200], shown,
    )  # fmt: skip
    cast(list[tuple[object, ...]], session.info.setdefault("audit", [])).append(event)
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
        session.execute(insert(Event), rows)
        session.execute(update(Head).where(Head.id == 1).values(sequence=sequence, hash=previous))


_HEAD = select(Head.sequence, Head.hash).where(Head.id == 1)


# ── is it whole ──────────────────────────────────────────────────────────────


def verify(session: Session, anchored: Iterable[Position] = ()) -> tuple[int, tuple[int, str] | None]:
    """Return how many events the head counts and the first one that is wrong, if any; `anchored` was read before the session began.

    The head is read first and again at the end, so that events which are appended meanwhile are no fault.
    """
    head = _head(session)
    columns = [getattr(Event, name) for name in Link._fields]
    counted = select(*columns).where(Event.sequence <= head[0]).order_by(Event.sequence)
    with session.execute(counted, execution_options={"yield_per": 10_000}) as rows:  # a fault may leave some unread
        fault = first_fault((Link(*row) for row in rows), head, anchored)
    last = session.scalar(select(func.max(Event.sequence))) or 0
    if fault is None and last > _head(session)[0]:
        fault = (head[0] + 1, "added")
    return head[0], fault


def newest(session: Session) -> int:
    """Return the number of the newest event."""
    return _head(session)[0]


def _head(session: Session) -> Position:
    head = session.execute(_HEAD).one_or_none()
    return (head.sequence, head.hash) if head else (0, GENESIS)


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
