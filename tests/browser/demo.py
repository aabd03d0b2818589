"""The demo as `make run` serves it: a database and files of its own, web and worker in their own processes, on a free port."""

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from app.accounts.people import DEMO_PEOPLE
from tests.browser.conftest import opened

ROOT = Path(__file__).parent.parent.parent
PORTAL = [sys.executable, "-c", "from app.cli import main; main()"]
PATIENCE = 60.0  # seconds that the portal gets to start on a busy machine
DEMO = [person[0] for person in DEMO_PEOPLE]
WORKER, MANAGER, AGENT, OFFICER, SECOND_OFFICER, RELATIONS, COUNSELLOR, AUDITOR, ADMINISTRATOR = DEMO
SECRETS = {"PORTAL_SECRET_KEY": "of the browser tests", "PORTAL_FIELD_KEYS": f"index:{'A' * 43}=,1:{'B' * 42}A="}


@dataclass(frozen=True)
class Demo:
    """One served demo, and the command line on the same database."""

    folder: Path
    address: str
    environment: dict[str, str]

    def portal(self, *words: str) -> str:
        """Run a command and return what it printed; fail when it refuses."""
        done = subprocess.run([*PORTAL, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"portal {' '.join(words)}: {done.stderr[-2000:]}"
        return done.stdout

    def letters(self, case: str) -> list[Path]:
        """Write the letters of a case and return them."""
        folder = self.folder / "letters" / case
        self.portal("letters", "write", "--case", case, "--out", str(folder))
        return sorted(folder.glob("*.pdf"))


@contextmanager
def served_demo(folder: Path, *, filled: Path | None = None) -> Iterator[Demo]:
    """Load the demo into a folder, or copy it from one that `fill` filled, and serve it until the block ends."""
    if filled:
        shutil.copytree(filled, folder, dirs_exist_ok=True)
    else:
        fill(folder)
    demo = demo_in(folder)
    with served(demo):
        yield demo


def fill(folder: Path) -> None:
    """Load the demo into a folder."""
    demo = demo_in(folder)
    demo.portal("migrate")
    demo.portal("seed")


def filled_once(base: Path) -> Path:
    """Return a folder with the demo, which the first of several test processes fills while the others wait."""
    folder = base / "filled-demo"
    with (base / "filled-demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            (being_filled := base / "demo-being-filled").mkdir()
            fill(being_filled)
            being_filled.rename(folder)
    return folder


def demo_in(folder: Path) -> Demo:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    places = {"PORTAL_DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite'}", "PORTAL_FILES": str(folder / "files")}
    known = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return Demo(folder, address, known | places | SECRETS | {"PORT": str(port), "PORTAL_BASE_URL": address})


@contextmanager
def served(demo: Demo) -> Iterator[None]:
    """Serve pages and do the work; end both as Ctrl-C does, and see that they end well."""
    log = demo.folder / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen([*PORTAL, "serve"], cwd=ROOT, env=demo.environment, stdout=out, stderr=out)
        try:
            _await(demo.address, process)
            yield
        finally:
            process.terminate()
            code = process.wait(PATIENCE)
    assert code == 0, f"portal serve ended with {code}: {log.read_text()[-2000:]}"
    assert "Traceback" not in log.read_text(), log.read_text()[-4000:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the portal says that it is well."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:  # noqa: S310 (our own server)
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"the portal did not come up at {address}")


# ── people ───────────────────────────────────────────────────────────────────


@contextmanager
def signed_in(chromium: Browser, address: str, email: str, **options: object) -> Iterator[Page]:
    """Open a browser of one person, who signs in with the button of the demo."""
    with opened(chromium, **options) as page:
        page.goto(f"{address}/sign-in")
        sign_in(page, email)
        yield page


def sign_in(page: Page, email: str) -> None:
    page.locator(f"form[action='/demo/sign-in'] button[value='{email}']").click()
    page.wait_for_url(re.compile(r"^(?!.*sign-in).*$"))
