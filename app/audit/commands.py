"""Commands of the audit."""

import json
import sys

import click

from app.audit.chain import Position

WORDS = {
    "missing": "ontbreekt",
    "changed": "gewijzigd",
    "cut off": "afgeknipt",
    "added": "toegevoegd",
    "rewritten": "herschreven: er is buiten de database een andere stand vastgelegd",
}


def _position(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> list[Position]:
    """Read heads as mails hold them: the number of an event, a colon, and 64 hexadecimal digits."""
    found = []
    for text in texts:
        number, _colon, digest = text.partition(":")
        try:
            found.append((int(number), bytes.fromhex(digest)))
        except ValueError as error:
            raise click.BadParameter("een stand is NUMMER:64 hexadecimale cijfers") from error
    return found


@click.command()
@click.option("--head", "heads", multiple=True, callback=_position, help="Een stand uit een mail: NUMMER:HASH. Mag vaker.")
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def verify(*, heads: list[Position], as_json: bool) -> None:
    """Ga na dat geen gebeurtenis in het logboek is gewijzigd, weggehaald, verwisseld, afgeknipt of herschreven."""
    from app import connect
    from app.audit import anchors
    from app.audit.service import verify as verify_chain
    from app.config import Settings
    from app.db import reading

    connect(Settings.from_env())
    try:
        anchored = [(anchor.sequence, anchor.hash) for anchor in anchors.every()] + heads
    except anchors.Unreadable as line:
        raise click.ClickException(f"In {anchors.file()} staat een regel die geen stand is: {line}") from line
    with reading() as session:
        count, fault = verify_chain(session, anchored)
    if as_json:
        found = fault and {"event": fault[0], "reason": fault[1]}
        click.echo(json.dumps({"events": count, "whole": fault is None, "first_fault": found, "anchors": len(anchored)}))
    elif fault:
        click.echo(f"Gebeurtenis {fault[0]} klopt niet ({WORDS[fault[1]]}): vanaf daar is met het logboek geknoeid.", err=True)
    else:
        click.echo(f"{count} gebeurtenissen in het logboek, elk zoals geschreven; {len(anchored)} vastgelegde standen kloppen ermee.")
    sys.exit(0 if fault is None else 1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def anchor(*, as_json: bool) -> None:
    """Leg de stand van het logboek nu vast buiten de database, zoals de worker dat elke dag doet."""
    from app import connect
    from app.audit import anchors
    from app.audit.service import anchor_head
    from app.config import Settings

    connect(Settings.from_env())
    if anchors.file() is None and not anchors.mail_to():
        raise click.ClickException("Er is geen plek: noem een map in PORTAL_ANCHORS of een adres in PORTAL_ANCHOR_MAIL.")
    made = anchor_head()
    if as_json:
        click.echo(
            json.dumps({"event": made.sequence, "hash": made.hash.hex(), "file": str(anchors.file() or ""), "mail": anchors.mail_to()})
        )
    else:
        click.echo(f"Vastgelegd: {made}")
