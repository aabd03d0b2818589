"""Slow down who guesses: failures are counted for a key, in the database, and each makes the next wait longer.

A key says what is guarded and for whom, such as `email:…` or `address:…`; its hash alone is kept.
"""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import rules
from app.accounts.models import Throttle
from app.clock import now
from app.errors import Refusal


def refuse_in_wait(session: Session, key: str, *, lenience: int = 1, refusal: str = "accounts.wait", field: str | None = None) -> None:
    """Raise Refusal with the minutes to wait while a key is in its wait; with `lenience` ten it comes ten times as late."""
    row = session.get(Throttle, rules.hash_token(key))
    until = row and row.failed_at + rules.wait_after(row.failures // lenience)
    if until and until > now():
        raise Refusal(refusal, field=field, minutes=max(1, round((until - now()) / timedelta(minutes=1))))


def count_failure(session: Session, key: str) -> None:
    """Count one more failure; what failed long ago is forgotten."""
    row = _counted(session, rules.hash_token(key))
    row.failures = row.failures + 1 if now() - row.failed_at < rules.MEMORY else 1
    row.failed_at = now()


def forget_failures(session: Session, *keys: str) -> None:
    """Begin anew: the right answer was given."""
    session.execute(delete(Throttle).where(Throttle.key_hash.in_([rules.hash_token(key) for key in keys])))


def _counted(session: Session, key_hash: bytes) -> Throttle:
    """Return the locked row that counts for a key; of two first failures at once both count."""
    row = session.get(Throttle, key_hash, with_for_update=True)
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = Throttle(key_hash=key_hash, failures=0, failed_at=now())
            session.add(row)
        return row
    except IntegrityError:
        return session.get_one(Throttle, key_hash, with_for_update=True)
