"""Proposals on the command line."""

import json
from pathlib import Path

import click

from app.errors import Refusal
from app.proposals.calculation import calculate as calculate_case
from app.proposals.plain_yaml import MOST_BYTES, CaseFaults
from app.proposals.worked_case import read_case, result_as_json


@click.command(short_help="Reken een of meer uitgewerkte gevallen door.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "_as_json", is_flag=True, help="Het antwoord is altijd JSON; deze keuze verandert niets.")
def calculate(files: tuple[Path, ...], *, _as_json: bool) -> None:
    """Reken uitgewerkte gevallen (YAML) door en schrijf de uitkomst als JSON; bij meer bestanden een lijst in hun volgorde."""
    results, refused = [], []
    for file in files:
        try:
            results.append(result_as_json(calculate_case(read_case(_bytes(file)))))
        except CaseFaults as faults:
            refused.append(f"{file}: {faults.facts['sentence']}")
    if refused:
        raise Refusal("proposals.cases_refused", sentence=" | ".join(refused))
    click.echo(json.dumps(results if len(files) > 1 else results[0], ensure_ascii=False, indent=1))


def _bytes(file: Path) -> bytes:
    """Read at most one byte more than a worked case may have. Raises Refusal when the file cannot be read."""
    try:
        with file.open("rb") as source:
            return source.read(MOST_BYTES + 1)
    except OSError as wrong:
        raise Refusal("proposals.file_unreadable", sentence=f"{file}: het bestand kan niet worden gelezen ({wrong.strerror})") from None
