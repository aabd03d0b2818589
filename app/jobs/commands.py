"""Commands that ready the database and start the processes. Imports stand inside, for a quick command line."""

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.config import Settings
    from app.jobs.gate import Gate

_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Adres waarop wordt geluisterd.")
_PARENT = click.option("--parent", type=int, hidden=True, help="Stop als dit proces stopt.")


@click.command()
def migrate() -> None:
    """Breng de database bij de tijd: de tabellen van het portaal en die van het werk."""
    from app import connect, db
    from app.config import Settings
    from app.jobs.service import prepare

    settings = Settings.from_env()
    connect(settings)
    db.migrate()
    prepare(settings.database_url, settings.database_role or None)
    if settings.database_role:
        db.let_serve(settings.database_role)


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Taken tegelijk.")
@_PARENT
def worker(threads: int, parent: int | None) -> None:
    """Doe het werk dat klaarstaat en het dagelijkse werk, tot Ctrl-C of SIGTERM."""
    from app import HANDLERS
    from app.config import Settings
    from app.jobs import processes, registry
    from app.jobs import worker as work
    from app.logs import log_to_stderr

    log_to_stderr()
    processes.end_with(parent)
    _connect_to_serve(Settings.from_env())
    registry.load(HANDLERS)
    processes.settle_memory()
    work.run(HANDLERS, threads=threads)
    work.leave_process()


@click.command()
@_HOST
@click.option("--workers", type=click.IntRange(1, 256), help="Processen; anders één per kern, en in ontwikkeling twee.")
@_PARENT
def web(host: str, workers: int | None, parent: int | None) -> None:
    """Toon de bladzijden op PORT, tot Ctrl-C of SIGTERM."""
    from app.config import Settings
    from app.jobs import processes

    settings = Settings.from_env()
    _must_be_free(host, settings.port)
    processes.end_with(parent)
    _connect_to_serve(settings)
    cores = os.cpu_count() or 1
    processes.serve_web(load_app, host, settings.port, workers or (cores if settings.is_production else min(cores, 2)))


def _connect_to_serve(settings: "Settings") -> None:
    """Connect, and in production refuse to serve as who owns the tables: row-level security would hold nothing back."""
    from app import connect, db

    connect(settings)
    is_open = settings.is_production and db.is_postgresql() and not db.is_walled()
    db.engine().dispose()  # the processes of web open their own
    if is_open:
        raise SystemExit("PORTAL_DATABASE_URL noemt de eigenaar van de tabellen: serveer met de rol van PORTAL_DATABASE_ROLE.")


def load_app() -> "Gate":
    """Make the app behind its gate in a worker of the web server; runs in that worker's own process."""
    from app import create_app
    from app.config import Settings
    from app.jobs import processes
    from app.jobs.gate import Gate
    from app.jobs.service import queue
    from app.logs import log_to_stderr

    log_to_stderr()
    app = create_app(Settings.from_env())
    processes.after_load(queue)
    return Gate(app, app.config["GATE_PAGES"])


@click.command()
@_HOST
def serve(host: str) -> None:
    """Toon de bladzijden en doe het werk; Ctrl-C of SIGTERM stopt beide, en stopt er één, dan stopt ook de ander."""
    from app.config import Settings
    from app.jobs import processes

    port = Settings.from_env().port
    _must_be_free(host, port)
    click.echo(f"Schuldeisersportaal: http://{host}:{port} (Ctrl-C stopt)")
    raise SystemExit(processes.serve_together([["web", "--host", host], ["worker"]]))


def _must_be_free(host: str, port: int) -> None:
    from app.jobs import processes

    if not processes.is_free(host, port):
        raise SystemExit(f"Poort {port} op {host} is bezet; kies met PORT een andere.")
