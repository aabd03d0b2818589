"""The audit's way to write an event about messages, handed in by the edge, for the audit stands above this package."""

from typing import Protocol

from sqlalchemy.orm import Session

from app.access import Actor


class Recorder(Protocol):
    """What the audit offers."""

    def __call__(
        self, session: Session, actor: Actor, action: str, subject: str, *, concerns_id: int | None = None, **changes: tuple[object, object]
    ) -> object: ...


def _unrecorded(session: Session, actor: Actor, action: str, subject: str, **_: object) -> None:
    """Stand in until the edge hands in the audit."""


_record: Recorder = _unrecorded


def record_with(recorder: Recorder) -> None:
    """Set how events are written."""
    global _record
    _record = recorder


def record(
    session: Session, actor: Actor, action: str, subject: str, *, concerns_id: int | None = None, **changes: tuple[object, object]
) -> None:
    """Append what `actor` did to `subject`, in the transaction of what it did."""
    _record(session, actor, action, subject, concerns_id=concerns_id, **changes)
