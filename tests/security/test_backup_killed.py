"""A backup or a restore that is killed half-way: what was there is whole still, or the same command again makes it whole."""

import os
import signal
import subprocess
import sys
from base64 import b64encode

import pytest
from sqlalchemy import func, select

from app import connect, db
from app.access import SYSTEM
from app.audit.service import record, verify
from app.backups.service import back_up, restore
from app.config import Settings
from app.creditors.models import Organisation
from app.db import migrate
from app.documents import files
from app.documents.models import Document
from app.documents.service import store
from app.errors import Refusal
from app.jobs import service as jobs
from app.jobs.service import prepare
from tests import factory
from tests.security.counting import count
from tests.worker_ground import wait_for

pytestmark = pytest.mark.slow
RING = {1: bytes(32)}
LETTERS = 6
SIZE = 400_000  # bytes of a letter: an archive of all of them has several pieces
BACKUP_STEPS = [
    ("app.backups.archive:Packer.add_from", 1),
    ("app.backups.archive:_Sealer._seal", 2),
    ("app.documents.files:kept", 9),
    ("app.backups.archive:_Sealer.finish", 1),
]
RESTORE_STEPS = {
    "sqlite": [("app.backups.sqlite:rows_of", 1), ("os:fsync", 4), ("app.backups.sqlite:_sync", 1), ("app.documents.files:remove", 2)],
    "postgres": [("app.backups.postgres:Loader.load", 3), ("os:fsync", 4), ("app.documents.files:remove", 2)],
}


def _url(request, folder):
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'portal.sqlite'}"
    server = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE portal_backup_killed")
    return server.get_uri(database="portal_backup_killed").replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installation(request, tmp_path_factory):
    """An installation with two copies, `old` and the later `first`: its kind, folder, and the environment in which commands run."""
    folder, key = tmp_path_factory.mktemp("killed"), b64encode(bytes(32)).decode()
    ours = {"PORTAL_DATABASE_URL": _url(request, folder), "PORTAL_FIELD_KEYS": f"index:{key},1:{key}"}
    environment = os.environ | ours | {"PORTAL_FILES": str(folder / "files")}
    connect(Settings.from_env(environment))
    jobs.bind(None)
    migrate()
    prepare(ours["PORTAL_DATABASE_URL"])
    for name in ("old", "first"):
        _work(name)
        back_up(folder / name, RING)
    yield request.param, folder, environment
    db.engine().dispose()


def _work(name):
    """Add an organisation, letters and their events."""
    factory.organisation(name=name)
    with db.transaction(as_portal=True) as session:
        for number in range(LETTERS):
            content = b"%PDF " + name.encode() + bytes([number]) + os.urandom(SIZE)
            kept = store(session, kind="x", title="x", subject_ref=f"{name}-{number}", organisation_id=None, content=content)
            record(session, SYSTEM, "test:write", f"document/{kept.ref}")


def _whole():
    """Return whose installation it is, when rows, log and letters fit together."""
    with db.reading(as_portal=True) as session:
        assert verify(session)[1] is None
        named = set(session.scalars(select(Document.sha256)))
        assert all(files.opens(name) for name in named)
        assert session.scalar(select(func.count()).select_from(Document)) == len(named)
        return tuple(session.scalars(select(Organisation.name).order_by(Organisation.id)))


def _names(folder):
    return {path.name for path in folder.iterdir() if not path.name.startswith("portal.sqlite-")}


def _killed(environment, place, times, *command):
    db.engine().dispose()
    words = [sys.executable, "-m", "tests.killed", place, str(times), *map(str, command)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(("place", "times"), BACKUP_STEPS)
def test_a_killed_backup_leaves_nothing_that_restore_takes(installation, place, times):
    _, folder, environment = installation
    before, earlier = _names(folder), (folder / "first").read_bytes()
    _killed(environment, place, times, "backup", folder / "second")
    assert _names(folder) - before <= {"second.draft"}
    for left in folder.glob("*.draft"):
        with pytest.raises(Refusal, match=r"backups\.(cut_off|no_archive)"):
            restore(left, RING, replace=True)
    assert (folder / "first").read_bytes() == earlier
    back_up(folder / "second", RING)
    assert _names(folder) - before == {"second"}
    (folder / "second").unlink()
    count("faults", "backups killed half-way")


def test_a_killed_restore_leaves_the_old_or_the_new_and_goes_well_again(installation):
    kind, folder, environment = installation
    for place, times in RESTORE_STEPS[kind]:
        restore(folder / "old", RING, replace=True)
        _work("since")
        _killed(environment, place, times, "restore", folder / "first", "--replace")
        assert _whole() in {("old", "since"), ("old", "first")}
        wait_for(lambda: _restored(folder / "first"), 10)
        assert _whole() == ("old", "first")
        assert not list(folder.glob("*.restoring*"))
        count("faults", "restores killed half-way")


def _restored(archive):
    """Restore again; the database may still be busy with the end of the process that was killed."""
    db.engine().dispose()
    try:
        return restore(archive, RING, replace=True)
    except Refusal as refusal:
        if refusal.code != "backups.in_use":
            raise
        return None
