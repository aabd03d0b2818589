"""A small app behind the gate, for tests of the gate alone: `python -m tests.security.gate_app PORT`."""

import sys
import time
from pathlib import Path

from app.jobs import processes
from app.jobs.gate import Gate, Limits

LIMITS = Limits(waiting=5, patience=0.6, bodies=10, body_bytes=200_000, body_seconds=1.0, bytes_per_second=100_000)
PAGES = {400: ([("X-Said", "broken")], b"broken"), 408: ([("X-Said", "slow")], b"too slow"), 503: ([("X-Said", "busy")], b"busy")}


def app(environ, start):
    """Do as the path says: sleep, say how long the body was, write a lot, or break down."""
    what, how_much = environ["PATH_INFO"], environ["QUERY_STRING"]
    if what == "/sleep":
        time.sleep(float(how_much))
    if what == "/break":
        raise ValueError("nobody foresaw this")
    body = environ["wsgi.input"].read()
    start("200 OK", [("Content-Type", "text/plain"), ("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    if what == "/large":
        return Large()
    shown = {name: environ[name] for name in ("PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "REQUEST_METHOD")}
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "-")
    return [f"{shown} {len(body)} {environ.get('HTTP_COOKIE', '-')} {forwarded}".encode("latin-1")]


class Large:
    """An answer of 64 MB that notes when it was closed."""

    def __iter__(self):
        for _ in range(1000):
            yield b"x" * 65_536

    def close(self):
        Path(sys.argv[2]).write_text("closed")


def load():
    return Gate(app, PAGES, LIMITS)


if __name__ == "__main__":
    processes.serve_web(load, "127.0.0.1", int(sys.argv[1]), 1)
