"""An export as a letter to the person it is about: each field with its Dutch name, one below the other. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.documents.blocks import Block, Facts, Heading, Letter, Paragraph
from app.documents.dutch import day
from app.documents.letterhead import KREDIETBANK
from app.privacy import export_text as words

LONG = 600  # signs; a longer value runs on over pages


@dataclass(frozen=True)
class Inspection:
    """Whom an export is for and what it holds, as read from the database."""

    case_ref: str
    recipient: tuple[str, ...]
    made_on: date
    records: dict[str, list[dict[str, Any]]]
    events: list[dict[str, Any]]


def letter(export: Inspection) -> Letter:
    """Write everything that is kept about a client, and who saw it."""
    return Letter(
        title=f"Inzage in uw gegevens, dossier {export.case_ref}",
        subject="Inzage in uw gegevens",
        written_on=export.made_on,
        sender=KREDIETBANK,
        recipient=export.recipient,
        references=(("Datum", day(export.made_on)), ("Dossier", export.case_ref)),
        blocks=tuple(_blocks(export)),
        foot=(f"{KREDIETBANK.department}, dossier {export.case_ref}", "Inzage"),
    )


def _blocks(export: Inspection) -> Iterator[Block]:
    yield Heading("Inzage in uw gegevens", 1)
    yield from map(Paragraph, words.CLIENT)
    for name, rows in export.records.items():
        yield Heading(words.TABLES[name])
        yield from _rows(rows)
    yield Heading(words.SEEN)
    yield from _rows(export.events)


def _rows(rows: list[dict[str, Any]]) -> Iterator[Block]:
    if not rows:
        yield Paragraph(words.NOTHING)
    for number, row in enumerate(rows, 1):
        if len(rows) > 1:
            yield Paragraph(f"{number} van {len(rows)}", small=True)
        yield from _fields(_leaves(row))


def _fields(leaves: Iterable[tuple[str, str]]) -> Iterator[Block]:
    """Put fields below each other; one that is too long for a page runs on as a text."""
    short: list[tuple[str, str]] = []
    for name, value in leaves:
        if len(value) <= LONG:
            short.append((name, value))
            continue
        if short:
            yield Facts(tuple(short))
        short = []
        yield Paragraph(f"{name}: {value}")
    if short:
        yield Facts(tuple(short))


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield each value with its name; what lies within lists and records has the names of all that it lies in."""
    if isinstance(value, dict | list) and value:
        inner = value.items() if isinstance(value, dict) else ((str(at), one) for at, one in enumerate(value, 1))
        for name, one in inner:
            yield from _leaves(one, (*path, str(name)))
    else:
        yield _name(path), _said(value)


def _name(path: tuple[str, ...]) -> str:
    first, *rest = path
    return " · ".join([words.COLUMNS.get(first, first), *rest])


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return words.YES if value else words.NO
    return "–" if value is None or value in ("", [], {}) else str(value)
