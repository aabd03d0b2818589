"""Web server and worker live and die together, however one of them ends."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.worker_ground import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks up processes in /proc")]
PORTAL = [sys.executable, "-c", "from app.cli import main; main()"]


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path, port):
    ours = {"PORTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite'}", "PORTAL_FILES": str(tmp_path / "files"), "PORT": str(port)}
    ready = os.environ | ours
    subprocess.run([*PORTAL, "migrate"], env=ready, check=True, timeout=60)
    return ready


@pytest.fixture
def served(environment, port):
    """A portal that answers; whatever a test leaves of it is killed."""
    process = subprocess.Popen([*PORTAL, "serve"], env=environment, start_new_session=True, stdout=subprocess.PIPE)
    try:
        wait_for(lambda: _answers(port))
        wait_for(lambda: len(_children(process.pid)) == 2)
        yield process
    finally:
        for pid in _session(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.stdout.close()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything(served, port, number):
    os.kill(served.pid, number)
    assert served.wait(30) == 0
    assert not _session(served.pid)
    assert f"http://127.0.0.1:{port}" in served.stdout.read().decode()


@pytest.mark.parametrize("side", ["web", "worker"])
def test_when_one_side_dies_the_other_ends_and_the_status_tells(served, side):
    os.kill(next(pid for pid in _children(served.pid) if _words(pid)[3] == side), signal.SIGKILL)
    assert served.wait(30) == 128 + signal.SIGKILL
    wait_for(lambda: not _session(served.pid))


def test_nothing_stays_behind_when_the_portal_itself_is_killed(served):
    served.kill()
    wait_for(lambda: not _session(served.pid) - {served.pid})


def test_a_port_that_is_taken_is_said_in_a_sentence(environment, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        refused = subprocess.run([*PORTAL, "serve"], env=environment, capture_output=True, text=True, timeout=30)
    assert (refused.returncode, refused.stderr) == (1, f"Poort {port} op 127.0.0.1 is bezet; kies met PORT een andere.\n")


def _answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/portal.css", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _stat(pid):
    """Return state, parent and session of a process; None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[1]), int(fields[3])


def _processes():
    found = {int(path.name): _stat(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()}
    return {pid: stat for pid, stat in found.items() if stat and stat[0] != "Z"}


def _children(parent):
    return {pid for pid, (_, above, _session_id) in _processes().items() if above == parent}


def _session(leader):
    return {pid for pid, (_, _above, session) in _processes().items() if session == leader}


def _words(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
