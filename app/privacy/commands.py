"""Commands of privacy: the retention run, and the keys of personal columns. Imports stand inside, for a quick command line."""

import json
from typing import TYPE_CHECKING

import click

from app.jobs.terminal import progress_bar

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

    with progress_bar("Bewaartermijnen") as progress:
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


# ── keys ─────────────────────────────────────────────────────────────────────


@click.command(short_help="Druk een sleutelring met een nieuwe sleutel af.")
@click.option("--index", "index", is_flag=True, help="Een nieuwe sleutel voor het zoeken, in plaats van voor het versleutelen.")
@_JSON
def new_key(*, index: bool, as_json: bool) -> None:
    """Druk de sleutelring met één sleutel erbij af, voor PORTAL_FIELD_KEYS.

    Wat er staat is geheim: bewaar het waar de andere geheimen staan, en nergens anders.
    """
    from app.config import Settings

    keys = Settings.from_env().field_keys
    text = (keys.with_fresh_index() if index else keys.with_fresh_key()).as_text()
    click.echo(json.dumps({"PORTAL_FIELD_KEYS": text}) if as_json else text)


@click.command(short_help="Toon hoeveel elke sleutel nog versleutelt.")
@_JSON
def key_status(*, as_json: bool) -> None:
    """Toon hoeveel waarden en bestanden elke sleutel nog versleutelt; een oude sleutel met nul mag weg."""
    _connect()
    from app.privacy import rotation

    status = rotation.key_status()
    held = dict(rotation.told(status))
    if as_json:
        content = {"newest": status.newest, "keys": held, "columns": status.columns, "files": status.files}
        click.echo(json.dumps(content | {"recovery_codes": status.recovery_codes}, indent=1))
        return
    for number, count in held.items():
        name = f"Sleutel {number}" if number else "Zonder sleutel"
        click.echo(f"{name}: {count} waarden" + (", de nieuwste" if number == status.newest else ", mag weg" if not count else ""))
    click.echo(f"Herstelcodes die nog niet zijn gebruikt: {status.recovery_codes}")


@click.command(short_help="Versleutel alles met de nieuwste sleutel.")
@click.option("--index", "indexes", is_flag=True, help="Bereken ook de zoeksleutels opnieuw (na `keys new --index`).")
@_JSON
def rotate_keys(*, indexes: bool, as_json: bool) -> None:
    """Versleutel elke kolom en elk bestand opnieuw met de nieuwste sleutel; het portaal kan intussen blijven draaien."""
    _connect()
    from app.privacy import rotation

    with progress_bar("Sleutels") as progress:
        done = rotation.rotate_keys(indexes=indexes, progress=progress)
    if as_json:
        click.echo(json.dumps({"values": done.values, "files": done.files, "broken": done.broken, "indexes": done.indexes}, indent=1))
        return
    click.echo(f"{sum(done.values.values())} waarden en {done.files} bestanden opnieuw versleuteld.")
    for name in done.broken:
        click.echo(f"Niet te openen, dus overgeslagen: {name}. Zet het terug uit een reservekopie.", err=True)
    if indexes:
        click.echo(f"{sum(done.indexes.values())} zoeksleutels opnieuw berekend.")
        click.echo(
            "Herstelcodes kunnen niet opnieuw worden berekend: de codes van vóór de wisseling werken zolang index-old in de ring staat. "
            "Wie daarna nieuwe codes wil, maakt ze op de eigen accountpagina."
        )


def _connect() -> None:
    from app import connect
    from app.config import Settings

    connect(Settings.from_env())
