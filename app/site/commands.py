"""The command that tells how the installation is."""

import json
import sys

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def health(*, as_json: bool) -> None:
    """Zeg hoe de installatie ervoor staat; eindigt met 1 als zij geen bladzijden kan tonen."""
    from app import connect
    from app.config import Settings
    from app.site.health import health as look

    settings = Settings.from_env()
    connect(settings)
    found = look(settings.files)
    for line in [json.dumps(found.as_json())] if as_json else [f"{name}: {value}" for name, value in found.as_json().items()]:
        click.echo(line)
    sys.exit(0 if found.is_ready else 1)
