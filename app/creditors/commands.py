"""Commands of the register."""

import json
from pathlib import Path

import click


@click.command("creditors")
@click.argument("file", metavar="BESTAND", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Doe alsof: toon wat er zou gebeuren en bewaar niets.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Schrijf hier de afgewezen regels, met de reden.")
@click.option("--json", "as_json", is_flag=True, help="Schrijf één JSON-document.")
def import_creditors(file: Path, rejects: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Lees schuldeisers en incassopartijen in."""
    from app import connect
    from app.access import SYSTEM
    from app.config import Settings
    from app.creditors.importing import import_creditors as bring_in
    from app.creditors.words import REFUSALS
    from app.exchange.report import must_write, tell, write_rejects_file

    connect(Settings.from_env())
    if rejects:
        must_write(rejects)
    outcome = bring_in(SYSTEM, file, dry_run=dry_run)
    if rejects:
        write_rejects_file(outcome.tallies[0], rejects, REFUSALS)
    if as_json:
        click.echo(json.dumps(outcome.as_counts()))
    else:
        tell(outcome, {"creditors": "schuldeisers en incassopartijen"}, REFUSALS, dry_run=dry_run)
