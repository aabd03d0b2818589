"""Commands of mail: take in what mail servers send back, and queue the digests now."""

from typing import BinaryIO

import click

WORDS = {
    "marked": "Het adres is gemerkt: er gaat geen mail meer heen tot iemand het bevestigt of verandert.",
    "not ours": "Deze melding gaat niet over mail van dit portaal; er is niets veranderd.",
    "not for good": "De mailserver weigert niet voorgoed, of om iets anders dan het adres; er is niets veranderd.",
}


@click.command()
@click.argument("report", metavar="BESTAND|-", type=click.File("rb"))
def bounced(*, report: BinaryIO) -> None:
    """Verwerk een melding van een mailserver dat mail niet aankwam (RFC 3464), uit een bestand of van de standaardinvoer."""
    from app import connect
    from app.config import Settings
    from app.notifications.reports import MOST_BYTES
    from app.notifications.returning import take_report

    connect(Settings.from_env())
    click.echo(WORDS[take_report(report.read(MOST_BYTES + 1))])


@click.command()
def digests() -> None:
    """Zet de mail van de dag klaar voor wie zijn uur voorbij is, zoals de worker dat elk uur doet."""
    from app import connect
    from app.config import Settings
    from app.notifications.personal import run_digests

    connect(Settings.from_env())
    click.echo(f"Klaargezet: {run_digests()}.")
