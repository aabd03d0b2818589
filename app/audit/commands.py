"""Commands of the audit."""

import json
import sys

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(*, as_json: bool) -> None:
    """Check that no audit event was changed, removed, swapped or cut off."""
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
        click.echo(f"Event {fault[0]} is {fault[1]}: the audit was tampered with from there on.", err=True)
    else:
        click.echo(f"{count} audit events, each as it was written.")
    sys.exit(0 if fault is None else 1)
