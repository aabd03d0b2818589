"""The processes of one installation: the web server, and both sides kept together so that neither lives without the other."""

import contextlib
import gc
import multiprocessing
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 10.0  # seconds that a process gets to end by itself
CONNECTIONS = 4096  # open at once in one worker of the web server
HEADERS_MS = 10_000  # in which a client sends the head of a request; a connection without one closes after it too
HEADERS_BYTES = 64 * 1024
RESPAWN = 1.0  # seconds before a worker of the web server that died is started again


# ── the web server ───────────────────────────────────────────────────────────


def serve_web(load: Callable[[], Any], host: str, port: int, workers: int) -> None:
    """Serve pages until told to stop. `load` makes the app behind its gate, in each of the server's worker processes.

    Every connection is accepted, for only who is let in can be told to come back later; what waits is the gate's to bound.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    _may_open(2 * CONNECTIONS)
    server = Server(
        "portal",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MS, max_buffer_size=HEADERS_BYTES),
        workers=workers,
        blocking_threads=1,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN,
        workers_kill_timeout=int(PATIENCE / 2),
    )
    server.serve(target_loader=load, wrap_loader=False)


def after_load(warm: Callable[[], object]) -> None:
    """Ready a worker of the web server that has loaded the app: it ends with the server, and answers evenly from the first."""
    if parent := multiprocessing.parent_process():
        end_with(parent.pid)
    threading.Thread(target=warm, name="warm", daemon=True).start()  # a slow import, so that no answer waits for it
    settle_memory()


def settle_memory() -> None:
    """Put what was made at the start out of the collector's sight, and let it look less often: fewer slow answers."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _may_open(files: int) -> None:
    """Let this process and its children hold so many connections, as far as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (files if most == resource.RLIM_INFINITY else min(files, most), most))


def is_free(host: str, port: int) -> bool:
    """Tell whether nobody listens on an address yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


# ── both together ────────────────────────────────────────────────────────────


def end_with(parent: int | None) -> None:
    """End this process when its parent is gone, even when that was killed and could not say so."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE)
        os._exit(1)

    if parent is not None:
        threading.Thread(target=watch, name="parent", daemon=True).start()


def serve_together(commands: list[list[str]]) -> int:
    """Run several `portal` commands until a signal or until one ends; end all, and return 0 or the code of the one that died."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running = [_start(command) for command in commands]
    while not stop.wait(0.2) and all(process.poll() is None for process in running):
        pass
    code = 0 if stop.is_set() else next((process.returncode or 1 for process in running if process.poll() is not None), 1)
    _end(running)
    return code if code >= 0 else 128 - code


def _start(command: list[str]) -> subprocess.Popen[Any]:
    portal = [sys.executable, "-c", "from app.cli import main; main()"]
    return subprocess.Popen([*portal, *command, "--parent", str(os.getpid())])  # noqa: S603 # our own program and options


def _end(running: list[subprocess.Popen[Any]]) -> None:
    for process in running:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
