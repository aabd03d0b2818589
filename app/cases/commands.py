"""Commands of the debt file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.access import Actor

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("cases")
@click.argument("applications", metavar="AANVRAGEN", type=_FILE)
@click.argument("claims", metavar="EISERS", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Doe alsof: toon wat er zou gebeuren en bewaar niets.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Schrijf hier de afgewezen eisers, met de reden.")
@click.option("--json", "as_json", is_flag=True, help="Schrijf één JSON-document.")
@click.option("--as", "email", metavar="EMAIL", help="Wie dit doet; anders het portaal zelf.")
def import_cases(applications: Path, claims: Path, rejects: Path | None, email: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Lees aanvragen en eisers in.

    Afgewezen aanvragen komen naast het bestand van --rejects, met '-aanvragen' in de naam.
    """
    from app import connect
    from app.cases.importing import import_cases as bring_in
    from app.cases.words import REFUSALS
    from app.config import Settings
    from app.exchange.report import must_write, tell, write_rejects_file

    connect(Settings.from_env())
    if rejects:
        must_write(rejects)
    outcome = bring_in(_actor(email), applications, claims, dry_run=dry_run)
    cases, rows = outcome.tallies
    if rejects:
        write_rejects_file(rows, rejects, REFUSALS)
        if cases.rejects:
            write_rejects_file(cases, rejects.with_stem(f"{rejects.stem}-aanvragen"), REFUSALS)
    if as_json:
        click.echo(json.dumps(outcome.as_counts()))
    else:
        tell(outcome, {"cases": "dossiers", "claims": "vorderingen"}, REFUSALS, dry_run=dry_run)


def _actor(email: str | None) -> "Actor":
    """Return who imports: the person with this mail address, or the portal itself."""
    from app.access import SYSTEM

    if email is None:
        return SYSTEM
    from app.accounts.queries import actor_by_email
    from app.db import reading

    with reading() as session:
        return actor_by_email(session, email)
