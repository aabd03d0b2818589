"""The chain of audit events: what is hashed and how, and where it does not hold. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

GENESIS = bytes(32)
Position = tuple[int, bytes]  # the number of an event and its hash


class Link(NamedTuple):
    """An event as it is hashed: all its columns, in this order, and the hash that was kept."""

    sequence: int
    at: datetime
    actor: str
    person_id: int | None
    organisation: str
    organisation_id: int | None
    action: str
    subject: str
    concerns_id: int | None
    result: str
    origin: str
    changes: str
    hash: bytes


def link_hash(previous: bytes, values: Sequence[object]) -> bytes:
    """Return SHA-256 over the previous hash and the values, each preceded by its length so that none can flow into the next."""
    framed = [f"{len(value)}:{value}" if type(value) is str else _framed(value) for value in values]  # most are text: a fifth quicker
    return hashlib.sha256(previous + "".join(framed).encode()).digest()


def _framed(value: object) -> str:
    if value is None:
        return "~"
    text = _moment(value) if isinstance(value, datetime) else str(value)
    return f"{len(text)}:{text}"


def _moment(value: datetime) -> str:
    """Write a moment in UTC: a database gives it back in the zone that its server is set to."""
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()


def first_fault(
    links: Iterable[Link], head: Position, anchored: Iterable[Position] = (), begin: Position = (0, GENESIS)
) -> tuple[int, str] | None:
    """Return the number of the first event that is wrong, with the reason; None when the chain is whole.

    Finds changed, missing, swapped and added events; events cut off the end show against `head`. Who rewrites events with
    all hashes after them, and the head too, shows against `anchored`: heads of former days that are kept elsewhere. Events up to
    and including `begin` went after seven years: the chain goes on from its hash.
    """
    sequence, previous = begin
    heads = iter(sorted(head for head in anchored if head[0] > 0 and head[0] >= sequence))
    due = next(heads, None)
    while due and due[0] == sequence:
        if due[1] != previous:
            return sequence, "rewritten"
        due = next(heads, None)
    for link in links:
        sequence += 1
        if link.sequence != sequence:
            return sequence, "missing" if link.sequence > sequence else "added"
        if link.hash != link_hash(previous, link[:-1]):
            return sequence, "changed"
        previous = link.hash
        while due and due[0] == sequence:
            if due[1] != previous:
                return sequence, "rewritten"
            due = next(heads, None)
    return (sequence + 1, "cut off") if due or (sequence, previous) != head else None
