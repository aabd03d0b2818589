"""Who still has to answer the proposal of a case, and over whom the way to court is open; proposals stand above and hand it in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Awaited:
    """One creditor whose answer to a running proposal is not there."""

    ref: str
    creditor: str
    agent: str
    phone: str
    answer_by: date
    is_paused: bool


@dataclass(frozen=True)
class Refuser:
    """A creditor that refused twice or kept silent when asked to reconsider; `chosen` is None until the bank decided."""

    ref: str
    creditor: str
    share: str
    chosen: bool | None


@dataclass(frozen=True)
class Outstanding:
    awaited: tuple[Awaited, ...] = ()
    refusers: tuple[Refuser, ...] = ()


NOTHING = Outstanding()
Reader = Callable[[Session, int], Outstanding]


_read: Reader | None = None


def read_by(reader: Reader) -> None:
    """Hand in who tells what is outstanding of a case (its id)."""
    global _read
    _read = reader


def outstanding_of(session: Session, case_id: int) -> Outstanding:
    """Return what is outstanding of the proposal of a case. The caller looked whether the actor sees the case."""
    return _read(session, case_id) if _read else NOTHING
