"""`portal simulate`: a year played with and without standing consents, and what it came to."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from app.demo.figures import dutch
from app.jobs.terminal import progress_bar

DEFAULT_SEED, MOST_CASES = 1, 4000
_SHARE_HELP = "Welk deel van alle schuldeisers (in procenten) een akkoord vooraf heeft, in plaats van twee derde van de aangesloten."
_PLOT_HELP = "Teken de uitkomst in dit bestand (svg)."


@click.command(short_help="Speel een jaar na, met en zonder akkoorden vooraf.")
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Hetzelfde getal geeft dezelfde uitkomst.")
@click.option("--cases", "number", default=400, show_default=True, type=click.IntRange(1, MOST_CASES), help="Hoeveel dossiers.")
@click.option("--share", type=click.FloatRange(0, 100), help=_SHARE_HELP)
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help=_PLOT_HELP)
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def simulate(seed: int, number: int, share: float | None, plot: Path | None, *, as_json: bool) -> None:
    """Speel een jaar na in een eigen, tijdelijke database, één keer met en één keer zonder akkoorden vooraf.

    De ingestelde database wordt niet gelezen en niet veranderd.
    """
    if plot and not plot.parent.is_dir():
        raise click.BadParameter("de map bestaat niet", param_hint="--plot")
    document = _played(seed, number, share)
    if plot:
        from app.demo.drawing import draw

        draw(document, plot)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for line in _lines(document):
            click.echo(line)


def _played(seed: int, number: int, share: float | None) -> dict[str, Any]:
    from datetime import date

    from app.demo import simulating
    from app.demo.figures import document
    from app.demo.playing import working_days
    from app.demo.sample_year import YEAR, spread

    cases = spread(number, working_days(date(YEAR, 1, 1), date(YEAR, 12, 31)), seed)
    played = []
    for consents, label in ((True, "Met akkoorden vooraf"), (False, "Zonder akkoorden vooraf")):
        with progress_bar(f"{label:24}") as progress, tempfile.TemporaryDirectory() as folder, simulating.house_in(Path(folder)):
            year = simulating.Year(cases, seed, consents, None if share is None else share / 100)
            played.append(year.run(progress))
    return document(seed, YEAR, *played)


# ── in words ─────────────────────────────────────────────────────────────────


def _lines(document: dict[str, Any]) -> Iterator[str]:
    yield f"{document['cases']} dossiers in {document['year']}, {document['creditors']} schuldeisers, toeval {document['seed']}."
    yield ""
    yield f"{'':44}{'met':>10}{'zonder':>10}"
    for words, values in _rows(document):
        yield f"{words:44}{values[0]:>10}{values[1]:>10}"
    yield ""
    yield f"{'Per maand van uitbrengen':26}{'voorstellen':>12}{'bespaard':>10}{'regelingen met / zonder':>26}{'dagen met / zonder':>22}"
    for month in document["months"]:
        yield _month(month)
    yield ""
    yield f"{'Akkoord vooraf van':38}{'aanbiedingen':>14}{'bespaard':>10}{'klaargezet':>12}"
    for one in document["consents"]:
        yield f"{one['name'][:37]:38}{one['offers']:>14}{one['saved']:>10}{one['prepared']:>12}"
    yield ""
    yield "Waar dit op rust:"
    for sentence in document["assumptions"]:
        yield f"- {sentence}"


def _rows(document: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the figures that both ways have, each with its words."""
    ways, same = (document["with"], document["without"]), document["same_cases"]
    for words, name in _FIGURES.items():
        yield words, (dutch(ways[0][name]), dutch(ways[1][name]))
    for words, name in _SPREAD.items():
        yield f"Dagen tot regeling, {words}", (dutch(ways[0]["days"][name]), dutch(ways[1]["days"][name]))
    for words, name in _SPREAD.items():
        yield f"  zelfde {same['with']['cases']} dossiers, {words}", (dutch(same["with"][name]), dutch(same["without"][name]))


_FIGURES = {
    "Voorstellen uitgebracht": "issued", "Aanbiedingen": "offers", "Door akkoord vooraf beantwoord (bespaard)": "saved",
    "Door akkoord vooraf klaargezet": "prepared", "Antwoorden met de hand": "answers_by_hand", "Herinnerde aanbiedingen": "reminders",
    "Regelingen": "agreed", "Aandeel met regeling (%)": "share_agreed",
}  # fmt: skip
_SPREAD = {"gemiddeld": "mean", "mediaan": "median", "10e percentiel": "p10", "90e percentiel": "p90", "standaardafwijking": "deviation"}


def _month(month: dict[str, Any]) -> str:
    first, second = month["with"], month["without"]
    agreed = f"{first['agreed']} / {second['agreed']}"
    days = f"{dutch(first['days_mean'])} / {dutch(second['days_mean'])}"
    return f"{month['month']:26}{first['issued']:>12}{first['saved']:>10}{agreed:>26}{days:>22}"
