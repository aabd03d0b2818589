"""The world of the proofs as a file, built once, and portals on copies of it: thousands of requests then cost little."""

import shutil

import time_machine

from app import HANDLERS, connect, db
from app.jobs import registry
from app.jobs import service as jobs
from tests import portals
from tests.conftest import NOW, settings_for
from tests.fake_jobs import FakeQueue
from tests.security import world as worlds


def build_in(folder, prepare=db.migrate):
    """Build the world in a folder that holds its database and its documents, and return it."""
    folder.mkdir(exist_ok=True)
    registry.load(HANDLERS)
    with time_machine.travel(NOW, tick=False):
        connect(settings_for(folder, f"sqlite:///{folder / 'portal.sqlite'}"))
        prepare()
        jobs.bind(FakeQueue())
        world = worlds.build()
    close()
    return world


def portal_on(folder, copy):
    """Return a portal on a fresh copy of such a folder, without tokens against forged requests."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    restore(folder)
    app = portals.portal(settings_for(copy, portals.URL))
    jobs.bind(FakeQueue())
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def restore(folder):
    """Let the database of a portal be as it was built."""
    portals.fill_from(folder / "portal.sqlite")


PASSING = {("sign_in", "seen_at"), ("sign_in", "unsent")}  # that a session was used, and a form that came after its end


def dump():
    """Return every row of every table as it is stored, without the columns of PASSING, to see what a request changed."""
    found = {}
    with db.engine().connect() as connection:
        for table in db.Base.metadata.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.c if (table.name, column.name) not in PASSING)
            found[table.name] = sorted((tuple(row) for row in connection.exec_driver_sql(f"SELECT {names} FROM {table.name}")), key=repr)  # noqa: S608
    return found


def close():
    """Close every connection: the last one moves everything into the file itself."""
    db.engine().dispose()
