"""Blocks into strips: pieces of a page that are never cut, each with its height and its marks. Knows no page and no letter.

A block that was drawn before is not drawn again: most of a letter is the same in the next one. What is kept is found by the
block's whole content, so no letter can show another's.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.documents import pen
from app.documents.blocks import (
    Aside,
    Bar,
    Block,
    Box,
    Bullets,
    Cell,
    Choice,
    CodeBox,
    Columns,
    Facts,
    Heading,
    Paragraph,
    Row,
    RowKind,
    Signatures,
    Signer,
    Slip,
    Table,
)
from app.documents.pen import MM
from app.documents.typeset import (
    BODY,
    CELL,
    CELL_STRONG,
    CODE,
    FIGURE,
    MUTED,
    SECTION,
    SMALL,
    STRONG,
    SUBJECT,
    Style,
    lines,
)

MEASURE = 163 * MM
PADDING = 5 * MM
WHOLE = 10  # lines; a longer text may run on to the next page
ROW_GAP = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """A piece of a page: marks below a top at 0, the space above it, whether the next one must follow, and a head to repeat."""

    height: float
    marks: bytes
    before: float = 0.0
    keep: bool = False
    head: "Strip | None" = None


@lru_cache(6_000)
def strips(block: Block) -> tuple[Strip, ...]:
    """Draw a block over the full measure."""
    return tuple(_DRAWN_BY[type(block)](block))


def _heading(block: Heading) -> Iterator[Strip]:
    style = SUBJECT if block.level == 1 else SECTION
    yield _text(block.text, style, before=14, keep=True)


def _paragraph(block: Paragraph) -> Iterator[Strip]:
    style = MUTED if block.small else BODY
    yield from _running(lines(block.text, style, MEASURE), style, before=6)


def _running(text: tuple[str, ...], style: Style, *, before: float, indent: float = 0.0) -> Iterator[Strip]:
    """Keep a short text whole; let a long one run on, with two lines at least on either page."""
    if len(text) <= WHOLE:
        yield Strip(len(text) * style.leading, pen.text_lines(indent, 0, style, text), before)
        return
    for number, line in enumerate(text):
        keep = number in {0, len(text) - 2}
        yield Strip(style.leading, pen.text_lines(indent, 0, style, (line,)), 0.0 if number else before, keep)


def _bullets(block: Bullets) -> Iterator[Strip]:
    for item in block.items:
        first, *rest = _running(lines(item, BODY, MEASURE - 12), BODY, before=4, indent=12)
        yield replace(first, marks=pen.text(1, 0, BODY, "•") + b"\n" + first.marks)
        yield from rest


def _facts(block: Facts) -> Iterator[Strip]:
    middle = 52 * MM
    for term, value in block.rows:
        left, right = lines(term, MUTED, middle - 8), lines(value, BODY, MEASURE - middle)
        marks = pen.text_lines(0, -1.5, MUTED, left) + b"\n" + pen.text_lines(middle, 0, BODY, right)
        yield Strip(max(len(left) * MUTED.leading + 1.5, len(right) * BODY.leading), marks, before=3)


def _box(block: Box) -> Iterator[Strip]:
    widths = [MEASURE * part - 2 * PADDING for part in _parts(len(block.cells))]
    notes = [lines(cell.note, SMALL, width) for cell, width in zip(block.cells, widths, strict=True)]
    height = 8 * MM + 32 + max(map(len, notes)) * SMALL.leading
    marks, x = [pen.frame(0, -height, MEASURE, height)], PADDING
    for cell, width, note in zip(block.cells, widths, notes, strict=True):
        marks.append(_cell(x, cell, width, note))
        x += width + 2 * PADDING
    yield Strip(height, b"\n".join(marks), before=10)


def _parts(count: int) -> list[float]:
    return [0.32, 0.31, 0.37] if count == 3 else [1 / count] * count


@lru_cache(2_000)
def _cell(x: float, cell: Cell, width: float, note: tuple[str, ...]) -> bytes:
    top = -4 * MM
    value = pen.text(x, top - 12, FIGURE.shrunk(cell.value, width), cell.value)
    label = pen.text(x, top, MUTED.shrunk(cell.label, width), cell.label)
    return b"\n".join((label, value, pen.text_lines(x, top - 32, SMALL, note)))


def _bar(block: Bar) -> Iterator[Strip]:
    whole = sum(share.weight for share in block.shares)
    if whole <= 0:
        return
    marks, x, legend = [], 0.0, 0.0
    for number, share in enumerate(block.shares):
        colour = pen.ACCENT if share.own else (pen.PRIMARY, pen.SOFT)[number % 2]
        width = max(MEASURE * share.weight / whole, 1.0) if share.weight else 0.0
        marks.append(pen.filled(x, -10, max(width - 0.8, 0.6), 10, colour))
        marks.append(_legend(legend, share.label, colour))
        x, legend = x + width, legend + MUTED.width(share.label) + 24
    yield Strip(27, b"\n".join(marks), before=8, keep=True)


@lru_cache(256)
def _legend(x: float, label: str, colour: bytes) -> bytes:
    return pen.filled(x, -23, 6, 6, colour) + b"\n" + pen.text(x + 9, -14, MUTED, label)


def _table(block: Table) -> Iterator[Strip]:
    edges = _edges(block.widths)
    head = _row(Row(block.head), edges, MUTED, numeric=block.numeric, colour=pen.STRONG_LINE)
    yield replace(head, before=6, keep=True)
    for number, row in enumerate(block.rows, start=2):
        style = CELL if row.kind is RowKind.PLAIN else CELL_STRONG
        yield _row(row, edges, style, numeric=block.numeric, keep=number == len(block.rows), head=head)


@lru_cache(64)
def _edges(widths: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
    whole, left, edges = sum(widths), 0.0, []
    for width in widths:
        edges.append((left, left + MEASURE * width / whole))
        left = edges[-1][1]
    return tuple(edges)


@lru_cache(4_000)
def _row(
    row: Row,
    edges: tuple[tuple[float, float], ...],
    style: Style,
    *,
    numeric: bool,
    colour: bytes = pen.LINE,
    keep: bool = False,
    head: Strip | None = None,
) -> Strip:
    """Draw one row; the first cell says what it is, the others are figures at the right when the table is numeric."""
    marks, deepest = [], 1
    for number, (words, (left, right)) in enumerate(zip(row.cells, edges, strict=True)):
        if number and numeric:
            fitting = style.shrunk(words, right - left - 4)
            marks.append(pen.text_right(right, -ROW_GAP / 2, fitting, words) if words else b"")
            continue
        wrapped = lines(words, style, right - left - 8)
        marks.append(pen.text_lines(left, -ROW_GAP / 2, style, wrapped))
        deepest = max(deepest, len(wrapped))
    height = deepest * style.leading + ROW_GAP
    marks.append(pen.rule(0, -height, MEASURE, colour=colour))
    return Strip(height, b"\n".join(marks), keep=keep, head=head)


def _columns(block: Columns) -> Iterator[Strip]:
    gap = 8 * MM
    width = (MEASURE - gap * (len(block.columns) - 1)) / len(block.columns)
    marks, deepest = [], 0.0
    for number, (name, words) in enumerate(block.columns):
        x = number * (width + gap)
        named, text = lines(name, STRONG, width), lines(words, BODY, width)
        top = -len(named) * STRONG.leading - 3
        marks += [pen.text_lines(x, 0, STRONG, named), pen.text_lines(x, top, BODY, text)]
        deepest = max(deepest, len(text) * BODY.leading - top)
    yield Strip(deepest, b"\n".join(marks), before=6)


def _code_box(block: CodeBox) -> Iterator[Strip]:
    width = MEASURE - 2 * PADDING
    label, note = lines(block.label, MUTED, width), lines(block.note, MUTED, width)
    under = -4 * MM - len(label) * MUTED.leading - 2
    height = 8 * MM + (len(label) + len(note)) * MUTED.leading + CODE.leading + 6
    marks = (
        pen.frame(0, -height, MEASURE, height),
        pen.text_lines(PADDING, -4 * MM, MUTED, label),
        b"1.2 Tc " + pen.text(PADDING, under, CODE.shrunk(block.code, width * 0.8), block.code) + b" 0 Tc",
        pen.text_lines(PADDING, under - CODE.leading - 4, MUTED, note),
    )
    yield Strip(height, b"\n".join(marks), before=10)


def _signatures(block: Signatures) -> Iterator[Strip]:
    gap = 10 * MM
    width = (MEASURE - gap) / 2
    for start in range(0, len(block.signers), 2):
        drawn = [_signer(number * (width + gap), signer, width) for number, signer in enumerate(block.signers[start : start + 2])]
        yield Strip(max(height for height, _ in drawn), b"\n".join(marks for _, marks in drawn), before=8)


def _signer(x: float, signer: Signer, width: float) -> tuple[float, bytes]:
    """Draw one signature: capacity, then the proof on the line or room for a pen, then who it is."""
    name, function = lines(signer.name, BODY, width), lines(signer.function, MUTED, width)
    proof = lines(signer.proof, MUTED, width)
    line = -BODY.leading - max(14 * MM, len(proof) * MUTED.leading + 10)
    marks = (
        pen.text(x, 0, BODY, signer.capacity),
        pen.text_lines(x, line + len(proof) * MUTED.leading + 4, MUTED, proof),
        pen.rule(x, line, width, colour=pen.STRONG_LINE, weight=0.75),
        pen.text_lines(x, line - 4, BODY, name),
        pen.text_lines(x, line - 4 - len(name) * BODY.leading, MUTED, function),
    )
    return 4 - line + len(name) * BODY.leading + len(function) * MUTED.leading, b"\n".join(marks)


def _aside(block: Aside) -> Iterator[Strip]:
    title = _text(block.title, STRONG)
    text = lines(block.text, BODY, MEASURE)
    marks = (
        pen.rule(0, 0, MEASURE, colour=pen.STRONG_LINE),
        _moved(title.marks, -8),
        pen.text_lines(0, -8 - title.height - 2, BODY, text),
    )
    yield Strip(10 + title.height + len(text) * BODY.leading, b"\n".join(marks), before=14)


def _slip(block: Slip) -> Iterator[Strip]:
    title = _text(block.title, SECTION)
    middle, top = MEASURE * 0.58, -12 - title.height - 6
    left, depth = _choices(block.choices, top, middle - 8 * MM)
    right = [_field(name, middle, top - number * 19) for number, name in enumerate(block.fields)]
    marks = (pen.rule(0, 0, MEASURE, colour=pen.STRONG_LINE, weight=1, dashes=b"3 3"), _moved(title.marks, -12), left, *right)
    yield Strip(max(-depth, 19 * len(block.fields) - top), b"\n".join(marks), before=18)


def _choices(choices: Iterable[Choice], top: float, width: float) -> tuple[bytes, float]:
    marks = []
    for choice in choices:
        text = lines(choice.text, BODY, width - 20)
        marks.append(_choice(choice, text, top, width))
        top -= len(text) * BODY.leading + 4
    return b"\n".join(marks), top


@lru_cache(1_000)
def _choice(choice: Choice, text: tuple[str, ...], top: float, width: float) -> bytes:
    marks = pen.square(0, top - 13, 10) + b"\n" + pen.text_lines(20, top, BODY, text)
    if not choice.blank:
        return marks
    x = 24 + BODY.width(text[-1])
    return marks + b"\n" + pen.rule(x, top - len(text) * BODY.leading + 2, width - x, colour=pen.STRONG_LINE, weight=0.75)


@lru_cache(64)
def _field(name: str, x: float, top: float) -> bytes:
    return (
        pen.text(x, top, BODY, name) + b"\n" + pen.rule(x + 24 * MM, top - 13, MEASURE - x - 24 * MM, colour=pen.STRONG_LINE, weight=0.75)
    )


@lru_cache(1_000)
def _text(words: str, style: Style, *, before: float = 0.0, keep: bool = False) -> Strip:
    text = lines(words, style, MEASURE)
    return Strip(len(text) * style.leading, pen.text_lines(0, 0, style, text), before, keep)


def _moved(marks: bytes, y: float) -> bytes:
    return b"q 1 0 0 1 0 %.2f cm %s Q" % (y, marks)


_DRAWN_BY: dict[type, Callable[[Any], Iterator[Strip]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Bullets: _bullets,
    Facts: _facts,
    Box: _box,
    Bar: _bar,
    Table: _table,
    Columns: _columns,
    CodeBox: _code_box,
    Signatures: _signatures,
    Aside: _aside,
    Slip: _slip,
}
