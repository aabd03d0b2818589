"""A PostgreSQL as production has it: the owner migrated, and the portal serves under a role that owns nothing."""

import secrets
import shutil
from dataclasses import replace

import pytest
import time_machine

from app import HANDLERS, connect, db
from app.jobs import registry
from app.jobs import service as jobs
from tests.conftest import NOW, settings_for
from tests.fake_jobs import FakeQueue
from tests.portals import keep_open
from tests.security.world import build

ROLE = "portal_serving"


@pytest.fixture(scope="session")
def walled_world(postgres_server, tmp_path_factory):
    """A database with the world of `world.py` and its documents, made once, to copy for each test: its name, folder and world."""
    folder, name = tmp_path_factory.mktemp("walled"), f"portal_world_{secrets.token_hex(4)}"
    postgres_server.psql(f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    postgres_server.psql(f"CREATE DATABASE {name}")
    with time_machine.travel(NOW, tick=False):
        connect(settings_for(folder, _address(postgres_server, name)))
        db.migrate()
        jobs.bind(FakeQueue())  # its table, too, belongs to the owner
        world = build()
        db.let_serve(ROLE)
    jobs.bind(None)
    db.engine().dispose()
    return name, folder, world


def _address(server, name):
    return server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def walled(walled_world, postgres_server, tmp_path, clock):
    """The settings of a portal that row-level security holds, on a copy of the world; the tests themselves act as the portal."""
    template, folder, _ = walled_world
    name = "portal_walled"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    served = settings_for(tmp_path, keep_open(_address(postgres_server, name).replace("postgres:@", f"{ROLE}:@")))
    connect(served)
    jobs.bind(FakeQueue(make=False))
    registry.load(HANDLERS)
    yield served
    jobs.bind(None)
    db.engine().dispose()
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def owner_of(walled):
    """The same portal as its owner is connected, who stands above the wall."""
    return replace(walled, database_url=keep_open(walled.database_url.replace(f"{ROLE}:@", "postgres:@")))
