"""Commands that start the processes: web, worker, and both at once. Imports stand inside, for a quick command line."""

import os

import click

_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
_PARENT = click.option("--parent", type=int, hidden=True, help="End when this process ends.")


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Jobs at once.")
@_PARENT
def worker(threads: int, parent: int | None) -> None:
    """Run queued and daily work until Ctrl-C or SIGTERM."""
    from app import HANDLERS, connect
    from app.config import Settings
    from app.jobs import processes
    from app.jobs import worker as work
    from app.web import log_to_stderr

    log_to_stderr()
    processes.end_with(parent)
    connect(Settings.from_env())
    work.run(HANDLERS, threads=threads)
    work.leave_process()


@click.command()
@_HOST
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default: one for each core, in development two.")
@_PARENT
def web(host: str, workers: int | None, parent: int | None) -> None:
    """Serve the pages on PORT until Ctrl-C or SIGTERM."""
    from app.config import Settings
    from app.jobs import processes

    settings = Settings.from_env()
    _must_be_free(host, settings.port)
    processes.end_with(parent)
    cores = os.cpu_count() or 1
    processes.serve_web(host, settings.port, workers or (cores if settings.is_production else min(cores, 2)))


@click.command()
@_HOST
def serve(host: str) -> None:
    """Serve the pages and run the work; Ctrl-C or SIGTERM ends both, and when one dies the other ends too."""
    from app.config import Settings
    from app.jobs import processes

    port = Settings.from_env().port
    _must_be_free(host, port)
    click.echo(f"Schuldeisersportaal: http://{host}:{port} (Ctrl-C stops)")
    raise SystemExit(processes.serve_together([["web", "--host", host], ["worker"]]))


def _must_be_free(host: str, port: int) -> None:
    from app.jobs import processes

    if not processes.is_free(host, port):
        raise click.ClickException(f"port {port} on {host} is in use; set PORT to another one")
