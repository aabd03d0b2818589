"""Commands of relations."""

import json

import click


@click.command(short_help="Tel de cijfers van de profielen opnieuw.")
@click.option("--json", "as_json", is_flag=True, help="Schrijf één JSON-document.")
def count_profiles(*, as_json: bool) -> None:
    """Tel opnieuw wat elke schuldeiser per maand deed, zoals de werker elke nacht doet; een tweede keer verandert niets."""
    from app import connect
    from app.config import Settings
    from app.relations.profile_counting import count_months

    connect(Settings.from_env())
    months = count_months()
    click.echo(json.dumps({"months": months}) if as_json else f"{months} maanden van schuldeisers geteld.")
