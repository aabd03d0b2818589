"""The gate of a web process: it waits for slow clients in the place of the app, and says no when too many wait.

The app does one request at a time. The gate, on the event loop of the server, reads a request whole before it takes the app's time and
writes an answer out after it, so that nobody's slow line keeps others waiting. Who cannot be helped soon gets 503 and when to try again.
"""

import asyncio
import contextlib
import contextvars
import itertools
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Any, cast

log = logging.getLogger("portal.web")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]

IN_MEMORY = 1 << 20  # bytes of a request's body; more of it waits on disk
PIECE = 1 << 17  # bytes of an answer that are made in one turn; a longer answer goes by a file
OPENED_WITHIN = 120  # seconds in which the server opens the file of an answer; after that its number could be that of another file


@dataclass(frozen=True)
class Limits:
    """What the gate lets through."""

    waiting: int = 100  # requests that wait for the app
    patience: float = 4.0  # seconds that one of them waits
    bodies: int = 50  # requests whose body is still coming in
    body_bytes: int = 26 << 20  # a little above the app's own limit, so that the app can say no in its own words
    body_seconds: float = 20.0  # for any body; and more for a large one, at the slowest line that we serve
    bytes_per_second: int = 50_000
    retry_after: int = 3  # seconds after which who was refused may come back


class _TooSlow(Exception):
    """The body did not come in its time."""


class _Broken(Exception):
    """The client left in the middle of its body: what came is not what was meant."""


class Gate:
    """An RSGI application around a WSGI one."""

    def __init__(self, app: Wsgi, pages: Mapping[int, tuple[Headers, bytes]], limits: Limits | None = None) -> None:
        self._app, self._pages, self._limits = app, pages, limits or Limits()
        self._thread = ThreadPoolExecutor(1, "app")
        self._turn: asyncio.Semaphore
        self._waiting = self._reading = 0

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._turn = asyncio.Semaphore(1)  # hands out turns in the order in which they were asked

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Take a request from its client, let the app answer it when its turn comes, and bring the answer."""
        if self._waiting >= self._limits.waiting or self._reading >= self._limits.bodies:
            return self._say_no(protocol, 503)
        try:
            with contextlib.closing(_body_file()) as body:
                length = await self._read(scope, protocol, body)
                await self._answer(protocol, _environ(scope, body, length))
        except _TooSlow:
            self._say_no(protocol, 408)
        except _Broken:
            self._say_no(protocol, 400)
        except TimeoutError:
            self._say_no(protocol, 503)
        except OSError as error:  # no room for a long body or answer; of the answer nothing went out yet
            log.error("no room for a request", exc_info=error)
            self._say_no(protocol, 503)

    # ── the request ──────────────────────────────────────────────────────────

    async def _read(self, scope: Any, protocol: Any, body: IO[bytes]) -> int | None:
        """Read the body of a request and return its length; None when it has none. One that is too long is read no further."""
        stated = scope.headers.get("content-length", "")
        if stated.isdigit() and int(stated) > self._limits.body_bytes:
            return int(stated)
        if (not stated or stated == "0") and "transfer-encoding" not in scope.headers:
            return 0 if stated else None
        self._reading += 1
        try:
            length = await self._read_to_end(protocol, body)
        finally:
            self._reading -= 1
        if stated and length < int(stated):
            raise _Broken
        return length

    async def _read_to_end(self, protocol: Any, body: IO[bytes]) -> int:
        loop, length = asyncio.get_running_loop(), 0
        until = loop.time() + self._limits.body_seconds
        pieces, empty = protocol.__aiter__(), 0
        while length <= self._limits.body_bytes:
            try:
                async with asyncio.timeout_at(until + length / self._limits.bytes_per_second):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                break
            except TimeoutError as error:
                raise _TooSlow from error
            length += body.write(piece)
            empty += not piece
        if empty > 1:  # one stands for the end; the server gives one more for a fault
            raise _Broken
        body.seek(0)
        return length

    # ── the answer ───────────────────────────────────────────────────────────

    async def _answer(self, protocol: Any, environ: dict[str, Any]) -> None:
        """Make the answer and hand it to the server: a long one as a file, for it is read as fast as the client takes it."""
        answer = _Answer(self._app, environ)
        try:
            first = await self._in_turn(answer.next_piece, self._limits.patience)
            if answer.is_made:
                protocol.response_bytes(answer.status, answer.headers, first)
            else:
                await self._answer_by_file(protocol, answer, first)
        finally:
            if not answer.is_closed:
                await self._in_turn(answer.close, None)

    async def _answer_by_file(self, protocol: Any, answer: "_Answer", first: bytes) -> None:
        """Make a long answer piece after piece, with the turn given back between, in a file without a name.

        The server's own stream keeps in memory whatever a slow client has not taken yet.
        """
        file = TemporaryFile()  # noqa: SIM115 # it is closed when the server has opened it too
        try:
            file.write(first)
            while not answer.is_made:
                await self._in_turn(lambda: file.write(answer.next_piece()), None)
            length = file.tell()
            file.flush()
            sized = any(name.lower() == "content-length" for name, _ in answer.headers)
            headers = answer.headers if sized else [*answer.headers, ("Content-Length", str(length))]
            protocol.response_file(answer.status, headers, f"/dev/fd/{file.fileno()}")
        except BaseException:
            file.close()
            raise
        asyncio.get_running_loop().call_later(OPENED_WITHIN, file.close)

    async def _in_turn(self, act: Callable[[], Any], patience: float | None) -> Any:
        """Let the app's thread do something when it is our turn. Raises TimeoutError when that takes too long to come."""
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, act)
        finally:
            self._turn.release()

    def _say_no(self, protocol: Any, status: int) -> None:
        """Answer without asking the app: 503 when there is no time for it, 408 when it came too slowly, 400 when it broke off."""
        headers, page = self._pages[status]
        again = [("Retry-After", str(self._limits.retry_after))] if status == 503 else []
        protocol.response_bytes(status, [*headers, *again, ("Connection", "close")], page)


def _body_file() -> IO[bytes]:
    return cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))


@dataclass
class _Answer:
    """What the app answers to one request, made in its thread, piece by piece and in a context of its own."""

    app: Wsgi
    environ: dict[str, Any]
    status: int = 0
    headers: Headers = field(default_factory=list)
    is_made: bool = False
    is_closed: bool = True

    def __post_init__(self) -> None:
        self._context = contextvars.copy_context()
        self._pieces: Iterator[bytes] | None = None
        self._result: Iterable[bytes] = ()

    def next_piece(self) -> bytes:
        """Return the next piece; sets `is_made` when it is the last."""
        return self._context.run(self._next_piece)

    def _next_piece(self) -> bytes:
        if self._pieces is None:
            self.is_closed = False
            self._result = self.app(self.environ, self._start)
            self._pieces = iter(self._result)
        made, size = [], 0
        for piece in self._pieces:
            made.append(piece)
            size += len(piece)
            if size >= PIECE:
                return b"".join(made)
        self.is_made = True
        self._close()
        return b"".join(made)

    def _start(self, status: str, headers: Headers, _: object = None) -> Callable[[bytes], object]:
        self.status, self.headers = int(status[:3]), headers
        return lambda _: None

    def close(self) -> None:
        """Let the app clean up after an answer that nobody waits for any more."""
        self._context.run(self._close)

    def _close(self) -> None:
        self.is_closed = True
        if close := getattr(self._result, "close", None):
            close()


def _environ(scope: Any, body: IO[bytes], length: int | None) -> dict[str, Any]:
    """Return what WSGI says of a request (PEP 3333)."""
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # the server took the percent signs out
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, values in itertools.groupby(sorted(scope.headers.items(), key=_name), key=_name):
        if "_" not in name:  # `x_forwarded_for` would pass for what the proxy says
            environ[_variable(name)] = ("; " if name == "cookie" else ",").join(value for _, value in values)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return environ


def _name(header: tuple[str, str]) -> str:
    return header[0]


def _variable(name: str) -> str:
    plain = name.upper().replace("-", "_")
    return plain if plain in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{plain}"
