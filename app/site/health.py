"""How the installation is: whether it lives, whether it can serve, and since when work waits."""

import shutil
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.audit import anchors
from app.audit.models import Head
from app.clock import now
from app.db import reading
from app.jobs.queries import waiting_failures
from app.notifications.models import Message

BEHIND_AFTER = timedelta(minutes=10)  # mail leaves within seconds; longer than this and no worker runs
ANCHORED_WITHIN = timedelta(days=2)
LEAST_DISK = 500 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Health:
    """One word for each part: `ok`, or what is wrong with it."""

    version: str
    database: str
    worker: str
    failed_jobs: int
    disk: str
    audit: str

    @property
    def is_ready(self) -> bool:
        """Tell whether pages can be served; a worker that is behind delays mail and letters, it does not stop answers."""
        return self.database == "ok" and self.disk == "ok"

    def as_json(self) -> dict[str, object]:
        return {"ready": self.is_ready, **asdict(self)}


def health(files: Path) -> Health:
    """Look at everything once; never raises."""
    disk = _disk(files)
    try:
        with reading() as session:
            session.execute(select(Head.sequence)).one_or_none()
            waits_since = session.scalar(select(func.min(Message.created_at)).where(Message.mailed_at.is_(None)))
            failed = waiting_failures(session)
    except SQLAlchemyError:
        return Health(version("schuldeisersportaal"), "does not answer", "unknown", 0, disk, _audit())
    is_behind = waits_since is not None and now() - waits_since > BEHIND_AFTER
    return Health(version("schuldeisersportaal"), "ok", "behind" if is_behind else "ok", failed, disk, _audit())


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
