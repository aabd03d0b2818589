"""The portal under test, made once in each process: compiling its statements, addresses and templates costs more than most tests."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, event

from app import connect, create_app, db
from app.accounts.providers import trust
from app.config import Settings
from tests.pages import WholeClient

PLACE = Path(tempfile.mkdtemp(prefix="portal-tests-"))
DATABASE = PLACE / "portal.sqlite"
URL = f"sqlite:///{DATABASE}"
Flask.test_client_class = WholeClient
atexit.register(shutil.rmtree, PLACE, ignore_errors=True)

_create_engine = db.create_engine


_kept = {URL}


def keep_open(url: str) -> str:
    """Let the database at an address be opened once in this process, whichever test puts another one there."""
    _kept.add(url)
    return url


@cache
def _opened(url: str) -> Engine:
    engine = _create_engine(url)
    if url == URL:  # a test's database need not survive a power cut
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return engine


def open_database(url: str, patience: int = 30) -> Engine:
    """Stand in for `db.create_engine`: what is kept open is opened once, with listeners of each test's own."""
    return _opened(url).execution_options() if url in _kept else _create_engine(url, patience)


def fill_from(database: Path) -> None:
    """Let the database of the tests be as that one, with nobody in it."""
    _opened(URL).dispose()
    for left in PLACE.glob(f"{DATABASE.name}*"):
        left.unlink()
    shutil.copy(database, DATABASE)


_built: dict[str, tuple[Flask, dict, list]] = {}


def portal(settings: Settings) -> Flask:
    """Return the web side with these settings; what a test before changed of it is put back."""
    connect(settings)
    trust(settings.federation)
    if settings.environment not in _built:
        app = create_app(settings)
        _built[settings.environment] = app, dict(app.config), list(app.before_request_funcs[None])
    app, config, before = _built[settings.environment]
    app.config.clear()
    app.config.update(config | {"PORTAL": settings, "TESTING": True})
    app.before_request_funcs[None][:] = before
    app.test_client_class = WholeClient
    return app
