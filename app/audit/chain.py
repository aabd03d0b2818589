"""The chain of audit events: what is hashed and how. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

GENESIS = bytes(32)


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
    texts = [value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value) for value in values]
    return hashlib.sha256(previous + "".join(f"{len(text)}:{text}" for text in texts).encode()).digest()


def first_fault(links: Iterable[Link], head: tuple[int, bytes]) -> tuple[int, str] | None:
    """Return the number of the first event that is wrong, with the reason; None when the chain is whole.

    Finds changed, missing, swapped and added events; events cut off the end show against `head`.
    """
    sequence, previous = 0, GENESIS
    for link in links:
        sequence += 1
        if link.sequence != sequence:
            return sequence, "missing"
        if link.hash != link_hash(previous, link[:-1]):
            return sequence, "changed"
        previous = link.hash
    return None if (sequence, previous) == head else (sequence + 1, "cut off")
