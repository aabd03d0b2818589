"""The work that the played weeks leave behind: letters are written at once, mail of days gone by is only noted as sent."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.clock import now
from app.db import transaction
from app.jobs.registry import JOBS, Argument
from app.notifications.models import Message

MAIL = "notifications.send"


class PlayedQueue:
    """A queue of this process: nothing that the demo plays waits for a worker."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, Argument]] = {}

    def put(self, session: Session, job: str, argument: Argument, key: str) -> None:
        if not job.startswith(MAIL):
            self._waiting.setdefault(key, (job, argument))

    def run(self) -> None:
        """Do what waits, and what that leaves behind."""
        while self._waiting:
            job, argument = self._waiting.pop(next(iter(self._waiting)))
            JOBS[job].handler(argument)


def note_mail_as_sent() -> None:
    """Note every message as mailed, so that a first start does not send the mail of weeks."""
    with transaction() as session:
        session.execute(update(Message).where(Message.mailed_at.is_(None)).values(mailed_at=now()))
