"""Real processes of the portal for tests, and a browser that speaks to them: what dies here dies as it would in production."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from contextlib import contextmanager, suppress
from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from app import connect, db
from app.accounts.service import open_whole
from app.clock import now
from app.config import Settings
from tests.worker_ground import wait_for

PORTAL = [sys.executable, "-c", "from app.cli import main; main()"]
KEY = b64encode(bytes(32)).decode()
SECRET = "a secret of the tests"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(url, folder, **over):
    """Return the environment of an installation on this database, migrated, with this process connected to it."""
    ours = {"PORTAL_DATABASE_URL": url, "PORTAL_FIELD_KEYS": f"index:{KEY},1:{KEY}", "PORTAL_SECRET_KEY": SECRET, "PORT": str(free_port())}
    ready = os.environ | ours | {"PORTAL_FILES": str(folder / "files"), "PYTHONDONTWRITEBYTECODE": ""} | over  # a start is slow enough
    subprocess.run([*PORTAL, "migrate"], env=ready, check=True, timeout=120)
    connect(Settings.from_env(ready))
    return ready


@contextmanager
def running(env, *command, log=subprocess.DEVNULL):
    """Run a `portal` command; at the end whatever is left of it and its children is killed."""
    process = subprocess.Popen([*PORTAL, *command], env=env, start_new_session=True, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def web(env, workers=1):
    """Run the web side until it answers."""
    with running(env, "web", "--workers", str(workers)) as process:
        browser = Browser(int(env["PORT"]))
        wait_for(browser.is_answered)
        yield process


def cookie_of(person):
    """Return the cookie of a browser in which somebody has signed in, second factor and all."""
    with db.transaction(as_portal=True) as session:
        token = open_whole(session, person.id, "127.0.0.1", "test")
    app = Flask("signing")
    app.secret_key = SECRET
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    return "portal=" + signer.dumps({"token": token, "seen": int(now().timestamp())})


class Browser:
    """A browser of one person: keeps its cookie and the token of its forms, follows nothing by itself."""

    def __init__(self, port, cookie="", timeout=30):
        self.port, self.cookie, self.timeout, self.csrf = port, cookie, timeout, ""

    def is_answered(self):
        try:
            return self.get("/static/portal.css")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path):
        return self._ask("GET", path)

    def post(self, path, **fields):
        return self._ask("POST", path, urlencode(fields | {"csrf_token": self.csrf}))

    def _ask(self, method, path, body=None):
        """Return status, headers and text. Raises OSError or HTTPException when no whole answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
            connection.request(method, path, body, {"Cookie": self.cookie, **kind})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for given in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = given.split(";")[0]
        if found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text):
            self.csrf = found[1]
        return answer.status, answer.headers, text
