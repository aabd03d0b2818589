"""Commands that copy the installation into a file and put it back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.backups.manifest import Manifest


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def backup(file: Path, *, as_json: bool) -> None:
    """Schrijf database, wachtend werk en documenten versleuteld naar FILE; web en worker gaan intussen door."""
    from app import connect
    from app.backups.service import back_up
    from app.config import Settings

    settings = Settings.from_env()
    connect(settings)
    made = back_up(file, settings.field_keys.ring)
    if as_json:
        click.echo(json.dumps(_counts(made) | {"file": str(file), "bytes": file.stat().st_size}))
    else:
        click.echo(f"{file}: {_sentence(made)}.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Zet de kopie in de plaats van de gegevens die er al zijn.")
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def restore(file: Path, *, replace: bool, as_json: bool) -> None:
    """Zet een reservekopie terug, en ga na dat het logboek erin klopt. Web en worker staan dan stil."""
    from app import connect
    from app.backups.service import restore as put_back
    from app.config import Settings

    settings = Settings.from_env()
    connect(settings)
    done = put_back(file, settings.field_keys.ring, replace=replace)
    if as_json:
        click.echo(json.dumps(_counts(done.manifest) | {"events": done.events, "whole": True, "anchored": done.anchored}))
        return
    click.echo(f"Teruggezet: {_sentence(done.manifest)}.")
    click.echo(f"{done.events} gebeurtenissen in het logboek, elk zoals geschreven.")
    click.echo("Voer nu portal migrate uit en start web en worker.")
    if done.anchored > done.events:
        click.echo(
            f"Let op: het laatste anker is van gebeurtenis {done.anchored}. Wat na de kopie gebeurde, staat er niet meer in. "
            "Bewaar het bestand met ankers apart en begin een nieuw.",
            err=True,
        )


def _counts(made: "Manifest") -> dict[str, object]:
    return {
        "made_at": made.made_at,
        "portal": made.portal,
        "database": made.database,
        "migration": made.migration,
        "rows": made.all_rows,
        "documents": made.documents,
        "audit": {"sequence": made.audit_sequence, "hash": made.audit_hash},
    }


def _sentence(made: "Manifest") -> str:
    return f"{made.all_rows} rijen en {made.documents} documenten van {made.made_at}, logboek tot gebeurtenis {made.audit_sequence}"
