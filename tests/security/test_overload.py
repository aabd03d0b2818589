"""Overload: who cannot be helped soon is told so at once, and a slow line keeps nobody else waiting."""

import http.client
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from app import db
from tests import factory
from tests.security.counting import count
from tests.security.served import Browser, cookie_of, environment, free_port, web
from tests.worker_ground import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def noted(tmp_path_factory):
    return tmp_path_factory.mktemp("gate") / "closed"


@pytest.fixture(scope="module")
def gate(noted):
    """The port of a small app behind the gate, with limits that a test can reach."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.security.gate_app", str(port), str(noted)])
    try:
        wait_for(lambda: _asked(port, "/")[0] == 200)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _asked(port, path, method="GET", body=None, headers=()):
    """Return status, headers and text; status 0 when nothing listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode("latin-1")
    except ConnectionRefusedError:
        return 0, {}, ""
    finally:
        connection.close()


@contextmanager
def _line(port, *words):
    """Open a connection and say something on it, without saying more."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        for word in words:
            line.sendall(word)
        yield line


def _heard(line):
    """Return what comes back until the other side hangs up."""
    heard = b""
    while piece := line.recv(65_536):
        heard += piece
    return heard


# ── the gate alone ───────────────────────────────────────────────────────────


def test_a_request_comes_through_as_it_was_sent(gate):
    status, _, text = _asked(gate, "/caf%C3%A9/a%252Fb?q=%20x", headers={"Cookie": "a=1", "X_Forwarded_For": "6.6.6.6"}.items())
    assert (status, text[text.index("}") :]) == (200, "} 0 a=1 -")  # a head with `_` would pass for the proxy's word
    assert "'/cafÃ©/a%2Fb'" in text  # decoded once: twice would make a path of what is a name
    assert "'q=%20x'" in text


@pytest.mark.parametrize("size", [0, 1, 65_536, 199_999])
def test_a_body_comes_through_whole(gate, size):
    assert _asked(gate, "/", "POST", b"x" * size)[2].split("} ")[1].split()[0] == str(size)


def test_a_body_above_the_limit_is_not_read_and_the_app_says_no(gate):
    with _line(gate, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\nConnection: close\r\n\r\n") as line:
        assert b"x-length: 900000" in _heard(line)


def test_who_would_wait_too_long_is_told_when_to_come_back(gate):
    with ThreadPoolExecutor(40) as clients:
        begin = time.perf_counter()
        held = clients.submit(_asked, gate, "/sleep?1.5")
        time.sleep(0.2)
        refused = [answer.result() for answer in [clients.submit(_asked, gate, "/") for _ in range(30)]]
        assert time.perf_counter() - begin < 1.4
        assert held.result()[0] == 200
    assert {(status, headers["Retry-After"], text) for status, headers, text in refused} == {(503, "3", "busy")}
    assert _asked(gate, "/")[0] == 200  # and at once it goes on
    count("faults", "requests refused with 503 under overload", 30)


def test_a_body_that_trickles_in_is_given_up(gate):
    begin = time.perf_counter()
    with _line(gate, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx") as line:
        assert b"HTTP/1.1 408" in _heard(line)
    assert time.perf_counter() - begin < 5


def test_clients_that_take_nothing_of_a_large_answer_cost_no_memory_and_keep_nobody_waiting(gate, noted):
    _asked(gate, "/large")
    noted.unlink()
    before = _megabytes(gate)
    with ExitStack() as lines:
        for _ in range(6):
            lines.enter_context(_line(gate, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")).recv(100)
        wait_for(noted.exists, 10)  # the app was done with them, and cleaned up
        assert _asked(gate, "/")[0] == 200
        assert _megabytes(gate) - before < 40  # of 384


def _megabytes(port):
    """Return what the worker of the gate on this port holds."""
    words = f"tests.security.gate_app\0{port}".encode()
    found = [path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if words in path.read_bytes()]
    return max(int(re.search(r"VmRSS:\s+(\d+)", (path / "status").read_text())[1]) // 1024 for path in found)


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(gate):
    for head, body in ((b"Content-Length: 100", b"answer=accept"), (b"Transfer-Encoding: chunked", b"d\r\nanswer=accept\r\n")):
        with _line(gate, b"POST /note HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n" + body) as line:
            line.shutdown(socket.SHUT_WR)
            assert b"200 OK" not in _heard(line)


def test_a_large_answer_comes_whole_to_who_takes_it(gate):
    assert len(_asked(gate, "/large")[2]) == 65_536_000


def test_a_bug_takes_nobody_along(gate):
    assert _asked(gate, "/break")[0] == 500
    assert _asked(gate, "/")[0] == 200


# ── the portal behind it ─────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """A portal with one process, an offer of a creditor, and the browser of who may answer it."""
    folder = tmp_path_factory.mktemp("overload")
    env = environment(f"sqlite:///{folder / 'portal.sqlite'}", folder)
    creditor = factory.organisation()
    offers = [factory.offers(creditor)[0] for _ in range(2)]
    browser = Browser(int(env["PORT"]), cookie_of(factory.person(creditor)))
    with web(env):
        yield browser, offers
    db.engine().dispose()


SLOW = {
    "the head": [b"GET /sign-in HTTP/1.1\r\nHost: x\r\n", b"X-More: "],
    "the body": [b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", b"email="],
    "nothing": [],
    "takes no answer": [b"GET /static/portal.css HTTP/1.1\r\nHost: x\r\n\r\n" * 50],
}


def test_fifty_slow_clients_keep_nobody_waiting(portal):
    browser, _ = portal
    with ExitStack() as lines:
        for number in range(48):
            lines.enter_context(_line(browser.port, *list(SLOW.values())[number % 4]))
        times = [_seconds(browser) for _ in range(20)]
    assert sorted(times)[10] < 0.5
    count("faults", "slow clients beside whom others were served", 48)


def _seconds(browser):
    begin = time.perf_counter()
    assert browser.get("/offers")[0] == 200
    return time.perf_counter() - begin


def test_while_the_database_is_held_pages_say_so_and_afterwards_they_serve(portal):
    """Opening an offer for the first time is noted, so it waits for the lock; all others wait behind it, but not long."""
    browser, offers = portal
    holder = db.engine().connect()
    holder.exec_driver_sql("SELECT 1")  # begins, and takes the lock of writers
    try:
        with ThreadPoolExecutor(41) as clients:
            first = clients.submit(browser.get, f"/offers/{offers[0].ref}")
            time.sleep(0.3)
            rest = [clients.submit(Browser(browser.port, browser.cookie).get, "/offers") for _ in range(40)]
            answers = [one.result() for one in rest]
            held = first.result()
    finally:
        holder.close()
    assert (held[0], held[1]["Retry-After"]) == (503, "10")
    assert "niet bij zijn gegevens" in held[2]
    assert {(status, headers["Retry-After"]) for status, headers, _ in answers} == {(503, "3")}
    assert all("Het is even te druk" in text and headers["X-Frame-Options"] == "DENY" for _, headers, text in answers)
    assert browser.get(f"/offers/{offers[0].ref}")[0] == 200
    count("faults", "requests refused with 503 under overload", 41)
