"""Commands of documents."""

import json
import sys
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def verify(file: Path, *, as_json: bool) -> None:
    """Zeg of het portaal FILE schreef, tot op het laatste teken."""
    from app import connect
    from app.config import Settings
    from app.db import reading
    from app.documents.queries import genuine

    connect(Settings.from_env())
    with reading() as session:
        known = genuine(session, file.read_bytes())
        found = known and {"ref": known.ref, "kind": known.kind, "subject": known.subject_ref, "written": known.created_at.isoformat()}
    if as_json:
        click.echo(json.dumps({"genuine": found is not None, "document": found}))
    elif found:
        click.echo(f"Echt: {found['kind']} {found['ref']} over {found['subject']}, geschreven op {found['written']}.")
    else:
        click.echo("Niet echt: het portaal schreef geen document met precies deze inhoud.", err=True)
    sys.exit(0 if found else 1)
