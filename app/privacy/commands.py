"""Commands of privacy: the retention run, and the keys of personal columns. Imports stand inside, for a quick command line."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.privacy.retention import Report

_JSON = click.option("--json", "as_json", is_flag=True, help="Schrijf één JSON-document.")


@click.command(short_help="Wis wat zijn bewaartermijn heeft gehad.")
@click.option("--dry-run", is_flag=True, help="Laat zien wat er zou gebeuren, en verander niets.")
@_JSON
def retention(*, dry_run: bool, as_json: bool) -> None:
    """Wis wat zijn bewaartermijn heeft gehad; van gesloten dossiers blijven cijfers over zonder de persoon."""
    _connect()
    from app.privacy.retention import run_retention

    with _bar("Bewaartermijnen") as progress:
        report = run_retention(dry_run=dry_run, progress=progress)
    if as_json:
        click.echo(json.dumps(_document(report), ensure_ascii=False, indent=1))
    else:
        _tell(report)


def _document(report: "Report") -> dict[str, object]:
    tables = {name: vars(count) for name, count in sorted(report.tables.items())}
    return {"day": report.day.isoformat(), "dry_run": report.is_dry, "tables": tables, "files": report.files}


def _tell(report: "Report") -> None:
    from app.privacy.export_text import TABLES

    ended = {TABLES[name]: count for name, count in report.tables.items() if count.stubbed or count.deleted}
    click.echo("Proef: er is niets veranderd. Dit zou er gebeuren:" if report.is_dry else "Dit is gebeurd:")
    for name, count in sorted(ended.items()):
        click.echo(f"  {name}: {count.stubbed} zonder persoon, {count.deleted} gewist")
    click.echo(f"  Bestanden: {report.files} gewist")


def _connect() -> None:
    from app import connect
    from app.config import Settings

    connect(Settings.from_env())


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], object] | None]:
    """Show a progress bar on a terminal, and nothing in a file or a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show_progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show_progress
