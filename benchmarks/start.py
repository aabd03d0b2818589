"""P15: from a clone to the first page with a warm cache of packages, and the start of `portal web`, each against what nobody can spare."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from benchmarks.report import Measure, finish

ROOT = Path(__file__).parent.parent
PORT = 8973
PATIENCE = 600.0
FIELD_KEYS = "index:" + "A" * 43 + "=,1:" + "A" * 43 + "="
PORTAL = [sys.executable, "-c", "from app.cli import main; main()"]
ROUNDS = 5


def main() -> None:
    """Measure both, each beside its floor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        libraries, first_page = _from_a_clone(folder)
        imports, web = _start_of_web(folder)
    finish(
        "P15 start",
        [
            Measure(
                "`make run` from a clone until its first page, in s, against installing its libraries",
                libraries,
                first_page,
                goal=1.5,
            ),
            Measure("`portal web` until it answers, in s, against importing flask and sqlalchemy", imports, web, goal=3),
        ],
    )


def _from_a_clone(folder: Path) -> tuple[float, float]:
    """Return the seconds of installing the libraries into a new environment, and of `make run` until it answers; the cache is warm."""
    _install(folder / "warm")
    libraries = _timed(lambda: _install(folder / "alone"))
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    begin = time.perf_counter()
    with (folder / "run.log").open("w") as log:
        served = subprocess.Popen(["make", "run"], cwd=clone, env=_environment(), stdout=log, stderr=log, start_new_session=True)
        seconds = _until_it_answers(served, begin)
    return libraries, seconds


def _install(place: Path) -> None:
    """Install the lock into a new environment, as the Makefile does."""
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    subprocess.run([place / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "uv"], check=True)
    install = [place / "bin" / "uv", "pip", "install", "-q", "--compile-bytecode", "--python", place / "bin" / "python"]
    subprocess.run([*install, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)


def _start_of_web(folder: Path) -> tuple[float, float]:
    """Return the best seconds of importing what any such portal imports, and of starting ours until it answers."""
    address = {"PORTAL_DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite'}", "PORTAL_FILES": str(folder / "files")}
    environment = _environment() | address
    subprocess.run([*PORTAL, "migrate"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    imports = min(_timed(lambda: subprocess.run([sys.executable, "-c", "import flask, sqlalchemy"], check=True)) for _ in range(ROUNDS))
    return imports, min(_web(environment) for _ in range(ROUNDS))


def _web(environment: dict[str, str]) -> float:
    begin = time.perf_counter()
    process = subprocess.Popen([*PORTAL, "web"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    return _until_it_answers(process, begin)


def _until_it_answers(process: subprocess.Popen[bytes], begin: float) -> float:
    """Wait for the first page, end the portal, and return the seconds since the beginning."""
    try:
        while time.perf_counter() - begin < PATIENCE and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/sign-in", timeout=5):
                    return time.perf_counter() - begin
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
        raise RuntimeError(f"the portal did not answer; it ended with {process.poll()}")
    finally:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _environment() -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return known | {"PORT": str(PORT), "PORTAL_SECRET_KEY": "of a benchmark", "PORTAL_FIELD_KEYS": FIELD_KEYS}


if __name__ == "__main__":
    main()
