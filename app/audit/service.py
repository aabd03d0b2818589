"""Write audit events inside somebody's transaction, and verify the chain they form."""

import json
from typing import cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.access import Actor
from app.audit.chain import GENESIS, Link, first_fault, link_hash
from app.audit.models import Event, Head
from app.clock import now
from app.db import before_commit


def record(
    session: Session, actor: Actor, action: str, subject: str, *, concerns_id: int | None = None, **changes: tuple[object, object]
) -> None:
    """Append what `actor` did to `subject` (such as `offer/A-7K3M-9QX2`); each change is its old and new value.

    `concerns_id` is the organisation whose own matter it is: it may see the event. Events get their numbers and hashes
    together, just before commit, so that the chain has neither gaps nor forks.
    """
    shown = json.dumps({field: [_text(old), _text(new)] for field, (old, new) in changes.items()}, ensure_ascii=False)
    event = (
        now(), actor.name, actor.person_id, actor.organisation_name, actor.organisation_id,
        action, subject, concerns_id, "done", actor.origin[:200], shown,
    )  # fmt: skip
    cast(list[tuple[object, ...]], session.info.setdefault("audit", [])).append(event)
    before_commit(session, _append)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _append(session: Session) -> None:
    """Number and chain the events of this transaction behind the locked head."""
    sequence, previous = _locked_head(session)
    rows = []
    for event in session.info.pop("audit"):
        sequence += 1
        previous = link_hash(previous, (sequence, *event))
        rows.append(dict(zip(Link._fields, (sequence, *event, previous), strict=True)))
    session.execute(insert(Event), rows)
    session.execute(update(Head).values(sequence=sequence, hash=previous))


def _locked_head(session: Session) -> tuple[int, bytes]:
    head = session.execute(select(Head.sequence, Head.hash).with_for_update()).one_or_none()
    if head:
        return head.sequence, head.hash
    session.execute(insert(Head).values(id=1, sequence=0, hash=GENESIS))
    return 0, GENESIS


def verify(session: Session) -> tuple[int, tuple[int, str] | None]:
    """Return how many events the head counts and the first one that is wrong, if any.

    The head is read first and again at the end, so that events which are appended meanwhile are no fault.
    """
    head = _head(session)
    columns = [getattr(Event, name) for name in Link._fields]
    counted = select(*columns).where(Event.sequence <= head[0]).order_by(Event.sequence)
    rows = session.execute(counted, execution_options={"yield_per": 10_000})
    fault = first_fault((Link(*row) for row in rows), head)
    newest = session.scalar(select(func.max(Event.sequence))) or 0
    if fault is None and newest > _head(session)[0]:
        fault = (newest, "added")
    return head[0], fault


def _head(session: Session) -> tuple[int, bytes]:
    head = session.execute(select(Head.sequence, Head.hash)).one_or_none()
    return (head.sequence, head.hash) if head else (0, GENESIS)
