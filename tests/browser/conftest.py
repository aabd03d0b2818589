"""The ground of the browser tests: Chromium, a served app, and the checks that every page must pass."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page
from werkzeug.serving import make_server

from app import clock
from app.config import Settings
from tests.browser.ground import make_app
from tests.conftest import NOW
from tests.pages import check_page as check_text
from tests.portals import portal as portal_with
from tests.security.reading import complaints

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (320, 768, 1280, 1920)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that `-m 'not browser'` leaves it out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an app on a free port of this machine and give its address."""
    server = make_server("127.0.0.1", 0, _whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _whole(app: Flask) -> "WSGIApplication":
    """Give each answer in one piece, its file closed: werkzeug forgets to close it when a browser leaves early."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with closing(cast(Any, app(environ, start_response))) as parts:
            return [b"".join(parts)]

    return answer


def at_work(settings: Settings) -> Flask:
    """Return the portal as people have it: with tokens against forged requests, and pages for what goes wrong."""
    app = portal_with(settings)
    app.config["TESTING"] = False
    return app


@pytest.fixture(scope="session")
def ground() -> Iterator[str]:
    with serving(make_app()) as address:
        yield address


@pytest.fixture
def portal(settings, database, queue) -> Iterator[str]:
    """The real portal at a free port, on the test's own database and with a clock that starts at NOW and runs."""
    with serving(at_work(replace(settings, clock=NOW))) as address:
        yield address
    clock.start_at(None)


@contextmanager
def opened(chromium: Browser, **options: object) -> Iterator[Page]:
    """Open a page in a fresh profile, for instance `java_script_enabled=False`."""
    context = chromium.new_context(locale="nl-NL", timezone_id="Europe/Amsterdam", reduced_motion="reduce", **options)
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: _keep(page, message))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    yield page
    context.close()


def _keep(page: Page, message: ConsoleMessage) -> None:
    """Keep what the console complains about; that the page itself answers with an error status is no news."""
    if message.type in {"error", "warning"} and message.location.get("url") != page.url:
        page.said.append(message.text)


@pytest.fixture
def check_page() -> Callable[[Page], None]:
    return check


def check(page: Page) -> None:
    """Look at the page at every width, and let axe read it as a phone shows it, and large in the dark.

    `tests/security/test_accessibility.py` reads every page the other way round.
    """
    fits(page)
    assert complaints(page, schemes=("light", "dark")) == []
    page.emulate_media(color_scheme="light")


def fits(page: Page) -> None:
    """Check what any size shows alike: what every page owes its reader, and a silent console."""
    check_text(page.content())
    assert page.said == []


def assert_no_sideways_scroll(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide at {page.viewport_size['width']}"


@pytest.fixture(scope="session")
def filled_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as `portal seed` left it, to copy: filled once for all processes of a test run."""
    from tests.browser.demo import filled_once

    base = tmp_path_factory.getbasetemp()
    return filled_once(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, filled_demo: Path) -> Iterator[Any]:
    """The demo that `make run` serves, for tests that change it little."""
    from tests.browser.demo import served_demo

    with served_demo(tmp_path_factory.mktemp("demo"), filled=filled_demo) as demo:
        yield demo
