"""Commands of early signals."""

import json
from pathlib import Path

import click


@click.command("signals")
@click.argument("file", metavar="BESTAND", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reporter", "codes", metavar="CODE", required=True, multiple=True, help="CodeEiser van de melder; mag vaker, of: alle.")
@click.option("--sent-by", metavar="CODE", help="CodeEiser van de incassopartij die het bestand stuurde, met een volmacht van de melder.")
@click.option("--confirmed", is_flag=True, help="De verhuurder deed bij elke regel wat moet voordat hij meldt.")
@click.option("--dry-run", is_flag=True, help="Doe alsof: toon wat er zou gebeuren en bewaar niets.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Schrijf hier de afgewezen regels, met de reden.")
@click.option("--json", "as_json", is_flag=True, help="Schrijf één JSON-document.")
def import_signals(
    file: Path, codes: tuple[str, ...], sent_by: str | None, rejects: Path | None, *, confirmed: bool, dry_run: bool, as_json: bool
) -> None:
    """Lees meldingen van betalingsachterstanden in.

    Regels van een andere melder worden afgewezen: wie meldt, meldt voor zichzelf. Heeft het bestand geen kolommen voor de stappen
    van een verhuurder, dan gaan zijn regels mee en vraagt het team die na.
    """
    from app import connect
    from app.access import SYSTEM
    from app.config import Settings
    from app.early_signals.importing import import_signals as bring_in
    from app.early_signals.words import REFUSALS
    from app.exchange.report import must_write, tell, write_rejects_file

    wanted, agent = _codes(codes), _agent(sent_by)
    connect(Settings.from_env())
    if rejects:
        must_write(rejects)
    outcome = bring_in(SYSTEM, file, wanted, confirmed=confirmed, dry_run=dry_run, sent_by=agent)
    if rejects:
        write_rejects_file(outcome.tallies[0], rejects, REFUSALS)
    if as_json:
        click.echo(json.dumps(outcome.as_counts()))
    else:
        tell(outcome, {"signals": "vroegsignalen"}, REFUSALS, dry_run=dry_run)


def _codes(told: tuple[str, ...]) -> tuple[int, ...]:
    """Return the codes that were named; `alle` stands for every reporter in the register. Raises UsageError, Refusal."""
    from app.errors import Refusal

    if "alle" in told:
        return ()
    for code in told:
        if not _is_code(code):
            raise Refusal("early_signals.unknown_reporter", reporter=code)
    return tuple(int(code) for code in told)


def _agent(told: str | None) -> int | None:
    """Return the code of the agent that sent a file; None when its reporters did. Raises Refusal."""
    from app.errors import Refusal

    if told is not None and not _is_code(told):
        raise Refusal("early_signals.unknown_agent", agent=told)
    return None if told is None else int(told)


def _is_code(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
