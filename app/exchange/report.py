"""What the command line tells of an import: counts per kind on stdout, rejects and notes on stderr."""

from collections.abc import Mapping
from pathlib import Path

import click

from app.errors import Refusal
from app.exchange.imports import Outcome, Tally
from app.exchange.results import Words, reason, sentence, write_rejects

MOST = 20  # lines of rejects and of notes; the rejects file has them all


def tell(outcome: Outcome, names: Mapping[str, str], words: Words, *, dry_run: bool) -> None:
    """Print the counts of each kind, and the first rejects and notes with their line."""
    for tally in outcome.tallies:
        said = "{new} nieuw, {changed} gewijzigd, {unchanged} ongewijzigd, {rejected} afgewezen".format(**tally.counts.as_dict())
        click.echo(f"{names[tally.kind]}: {said}")
        for line in _remarks(tally, words):
            click.echo(f"  {line}", err=True)
    if dry_run:
        click.echo("Dit was een proef: er is niets bewaard.")


def _remarks(tally: Tally, words: Words) -> list[str]:
    lines = [f"regel {reject.line} afgewezen: {reason(reject, words)}" for reject in tally.rejects[:MOST]]
    lines += [f"en nog {len(tally.rejects) - MOST} afgewezen"] * (len(tally.rejects) > MOST)
    lines += [f"regel {notice.line}, let op: {sentence(notice.flaw, words)}" for notice in tally.notices[:MOST]]
    lines += [f"en nog {len(tally.notices) - MOST} keer let op"] * (len(tally.notices) > MOST)
    return lines + [f"kolom {name} is overgeslagen" for name in tally.unknown]


def must_write(path: Path) -> None:
    """Make sure before anything is saved that a file can be written. Raises Refusal."""
    is_new = not path.exists()
    try:
        path.open("ab").close()
    except OSError as error:
        raise Refusal("exchange.unwritable", file=str(path)) from error
    if is_new:
        path.unlink()


def write_rejects_file(tally: Tally, path: Path, words: Words) -> None:
    """Write the rejected rows of one file; a file without rejects has only its heads."""
    with path.open("wb") as out:
        write_rejects(tally.head, tally.rejects, out, words)
