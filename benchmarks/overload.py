"""P11: 64 clients that read and answer for half a minute, then 1,000 that read, against two clients on the same two web workers.

The clients are one process that speaks HTTP over sockets; it shares the two cores with the server, as it would not in production.
"""

import asyncio
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from app import connect, db
from app.jobs import service as jobs
from app.proposals.models import Offer
from benchmarks import offer_list
from benchmarks.report import Measure, finish

PORT, WORKERS = 8971, 2
FEW, SOME, MANY = 2, 64, 1_000
SECONDS, LONG = 10.0, 30.0
ANSWERS = 20  # one request in so many is an answer
FIELD_KEYS = "index:" + "A" * 43 + "=,1:" + "A" * 43 + "="


@dataclass
class Run:
    """What some clients saw: how long each answer took by its status, and how many got none."""

    times: dict[int, list[float]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    without_retry: int = 0

    def note(self, status: int, seconds: float, head: bytes) -> None:
        self.times.setdefault(status, []).append(seconds)
        self.without_retry += status == 503 and b"retry-after" not in head.lower()

    def at(self, share: float, *statuses: int) -> float:
        """Return the seconds within which this share of the answers came."""
        found = sorted(one for status, times in self.times.items() if not statuses or status in statuses for one in times)
        return found[min(len(found) - 1, int(len(found) * share))]

    def count(self, *statuses: int) -> int:
        return sum(len(times) for status, times in self.times.items() if status in statuses)

    @property
    def errors(self) -> int:
        known = self.count(200, 302, 503)
        return sum(len(times) for times in self.times.values()) - known + self.failed.total() + self.without_retry


class Clients:
    """People who ask page after page on a connection of their own; of what they answer, each offer is answered once."""

    def __init__(self, cookie: str, csrf: str, refs: list[str]) -> None:
        self._head = f"Host: 127.0.0.1\r\nCookie: {cookie}\r\n"
        self._csrf, self._refs, self._asked = csrf, iter(refs), 0

    def _next(self, *, answers: bool) -> bytes:
        self._asked += 1
        if answers and self._asked % ANSWERS == 0 and (ref := next(self._refs, None)):
            body = urlencode({"answer": "accept", "revision": "1", "confirmed": "y", "csrf_token": self._csrf})
            kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            return f"POST /offers/{ref} HTTP/1.1\r\n{self._head}{kind}\r\n{body}".encode()
        return f"GET /offers HTTP/1.1\r\n{self._head}\r\n".encode()

    def run(self, number: int, seconds: float, *, answers: bool) -> Run:
        """Let so many clients ask for some seconds."""
        run = Run()

        async def all_of_them() -> None:
            until = time.perf_counter() + seconds
            await asyncio.gather(*(self._client(run, until, answers=answers) for _ in range(number)))

        asyncio.run(all_of_them())
        return run

    async def _client(self, run: Run, until: float, *, answers: bool) -> None:
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while time.perf_counter() < until:
            begin = time.perf_counter()
            try:
                line = line or await asyncio.open_connection("127.0.0.1", PORT)
                line[1].write(self._next(answers=answers))
                status, head = await asyncio.wait_for(_answer(line[0]), 30)
            except (OSError, EOFError, TimeoutError) as error:
                run.failed[type(error).__name__] += 1
                line = None
                continue
            run.note(status, time.perf_counter() - begin, head)
            if status == 503:
                line[1].close()
                line = None
                await asyncio.sleep(3)  # as it was asked to
        if line:
            line[1].close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    if length:
        await reader.readexactly(int(length[1]))
    else:
        while (await reader.readuntil(b"\r\n")) != b"0\r\n":
            await reader.readuntil(b"\r\n")
        await reader.readuntil(b"\r\n")
    return int(head.split(b" ", 2)[1]), head


def main() -> None:
    """Serve a database of offers, and measure few, some and many clients, and few again."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as name:
        path = offer_list.prepared(Path(name) / "portal.sqlite", 8_000, each=12)
        connect(offer_list.settings(path))
        jobs.prepare(offer_list.settings(path).database_url)
        with db.reading(as_portal=True) as session:
            refs = list(session.scalars(sa.select(Offer.ref).where(Offer.state.in_(("open", "prepared"))).order_by(Offer.id)))
        db.engine().dispose()
        process = subprocess.Popen(
            [sys.executable, "-c", "from app.cli import main; main()", "web", "--workers", str(WORKERS)],
            env=_environment(path),
            stderr=subprocess.DEVNULL,
        )
        try:
            measured = _measure(process.pid, (path.parent / f"{path.stem}.cookie").read_text(), refs)
        finally:
            process.terminate()
            process.wait()
    finish("P11 overload", measured)


def _environment(path: Path) -> dict[str, str]:
    ours = {"PORTAL_DATABASE_URL": f"sqlite:///{path}", "PORTAL_SECRET_KEY": "a secret", "PORTAL_FIELD_KEYS": FIELD_KEYS}
    return os.environ | ours | {"PORTAL_FILES": str(path.parent / "files"), "PORT": str(PORT)}


def _measure(pid: int, cookie: str, refs: list[str]) -> list[Measure]:
    clients = Clients(*_form(f"portal={cookie}", refs.pop()), refs)
    few = clients.run(FEW, SECONDS, answers=True)
    some = clients.run(SOME, LONG, answers=True)
    before = _megabytes(pid)
    many = clients.run(MANY, LONG, answers=False)
    after = _megabytes(pid)
    again = clients.run(FEW, 5, answers=False)
    for name, run in (("2 clients", few), ("64 clients", some), ("1,000 clients", many), ("2 clients afterwards", again)):
        counts = {status: len(times) for status, times in sorted(run.times.items())}
        print(f"  {name}: {counts}, failed {dict(run.failed)}, p50 {run.at(0.5) * 1000:.0f} ms, p99 {run.at(0.99) * 1000:.0f} ms")
    pages = (200, 302)
    rate = {id(run): run.count(*pages) / seconds for run, seconds in ((few, SECONDS), (some, LONG), (many, LONG))}
    return [
        Measure("64 clients: p99 against p50, in s", some.at(0.5), some.at(0.99), goal=10),
        Measure("64 clients: pages a second against 2 clients", rate[id(few)], rate[id(some)], goal=0.8, more_is_better=True),
        Measure("errors of 64 clients, plus one", 1, 1 + some.errors + some.count(503), goal=1),
        Measure("1,000 clients: pages a second against 2 clients", rate[id(few)], rate[id(many)], goal=0.5, more_is_better=True),
        Measure("1,000 clients: answers without a word or a time to come back, plus one", 1, 1 + many.errors, goal=1),
        Measure("memory after 1,000 clients against before, in MB", before, after, goal=1.2),
        Measure("the slowest of 2 clients afterwards against before (p99, in s)", few.at(0.99), again.at(0.99), goal=3),
    ]


def _form(cookie: str, ref: str) -> tuple[str, str]:
    """Wait for the server, and return the cookie of a browser that has seen a form, and the form's token."""
    for _ in range(150):
        line = HTTPConnection("127.0.0.1", PORT, timeout=10)
        try:
            line.request("GET", f"/offers/{ref}", headers={"Cookie": cookie})
            answer = line.getresponse()
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
            assert token
            return answer.headers["Set-Cookie"].split(";")[0], token[1]
        except OSError:
            time.sleep(0.2)
        finally:
            line.close()
    raise RuntimeError("the server did not start")


def _megabytes(pid: int) -> float:
    """Return what the processes of the web server hold together."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_held(number) for number in [str(pid), *children])


def _held(pid: Any) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0


if __name__ == "__main__":
    main()
