"""Commands of the audit."""

import json
import sys

import click

WORDS = {"missing": "ontbreekt", "changed": "gewijzigd", "cut off": "afgeknipt", "added": "toegevoegd"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def verify(*, as_json: bool) -> None:
    """Ga na dat geen gebeurtenis in het logboek is gewijzigd, weggehaald, verwisseld of afgeknipt."""
    from app import connect
    from app.audit.service import verify as verify_chain
    from app.config import Settings
    from app.db import reading

    connect(Settings.from_env())
    with reading() as session:
        count, fault = verify_chain(session)
    if as_json:
        click.echo(json.dumps({"events": count, "whole": fault is None, "first_fault": fault and {"event": fault[0], "reason": fault[1]}}))
    elif fault:
        click.echo(f"Gebeurtenis {fault[0]} klopt niet ({WORDS[fault[1]]}): vanaf daar is met het logboek geknoeid.", err=True)
    else:
        click.echo(f"{count} gebeurtenissen in het logboek, elk zoals geschreven.")
    sys.exit(0 if fault is None else 1)
