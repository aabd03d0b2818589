"""How the installation is: whether it lives, whether it can serve, and since when work waits."""

import shutil
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.audit import anchors
from app.audit.models import Event, Head
from app.clock import machine_now, now
from app.db import reading
from app.jobs.queries import waiting_failures, waits_since

BEHIND_AFTER = timedelta(minutes=10)  # work is taken up within a second; longer than this and no worker runs, or too few
ANCHORED_WITHIN = timedelta(days=2)
BACKED_UP_WITHIN = timedelta(days=2)
BACKUP = "portal/backup", "backups:make"  # what the log says of a copy that was made: subject and action
LEAST_DISK = 500 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Health:
    """One word for each part: `ok`, or what is wrong with it. That it is said at all means that the process lives."""

    version: str
    database: str
    worker: str
    queue_seconds: int | None  # how long the oldest work waits that nobody took up
    failed_jobs: int
    disk: str
    audit: str
    backup: str

    @property
    def is_ready(self) -> bool:
        """Tell whether pages can be served; a worker that is behind delays mail and letters, it does not stop answers."""
        return self.database == "ok" and self.disk == "ok"

    def as_json(self) -> dict[str, object]:
        return {"live": True, "ready": self.is_ready, **asdict(self)}


def health(files: Path) -> Health:
    """Look at everything once; never raises. Whatever it asks of the database is found by an index."""
    here = version("schuldeisersportaal")
    try:
        with reading(as_portal=True) as session:
            session.execute(select(Head.sequence)).one_or_none()
            failed, backup = waiting_failures(session), _backup(session)
    except SQLAlchemyError:
        return Health(here, "does not answer", "unknown", None, 0, _disk(files), _audit(), "unknown")
    worker, seconds = _queue()
    return Health(here, "ok", worker, seconds, failed, _disk(files), _audit(), backup)


def _queue() -> tuple[str, int | None]:
    """Say whether work is taken up, and for how many seconds the oldest waits."""
    try:
        with reading(as_portal=True) as session:
            since = waits_since(session)
    except SQLAlchemyError:  # the engine's tables are not there yet
        return "unknown", None
    waits = machine_now() - since if since else timedelta()
    return "behind" if waits > BEHIND_AFTER else "ok", max(0, int(waits.total_seconds()))


def _backup(session: Session) -> str:
    """Say whether a copy of the whole was made lately; what is copied by other means, the portal cannot see."""
    subject, action = BACKUP
    last = session.scalar(select(func.max(Event.at)).where(Event.subject == subject, Event.action == action))
    if last is None:
        return "none"
    return "ok" if now() - last < BACKED_UP_WITHIN else "old"


def _disk(files: Path) -> str:
    """Say whether there is room for documents, on the nearest folder that exists."""
    folder = next(path for path in (files.absolute(), *files.absolute().parents) if path.exists())
    return "ok" if shutil.disk_usage(folder).free >= LEAST_DISK else "nearly full"


def _audit() -> str:
    """Say whether the head of the audit is kept outside the database; what goes by mail only, the portal cannot see."""
    if anchors.file() is None:
        return "ok" if anchors.mail_to() else "not anchored"
    try:
        last = anchors.last()
    except (anchors.Unreadable, OSError):
        return "anchors unreadable"
    return "ok" if last and now() - last.at < ANCHORED_WITHIN else "not anchored"
