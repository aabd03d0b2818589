"""Marks on paper as PDF operators: text at a place, lines, frames and fillings. Measures in points, y upwards."""

from collections.abc import Sequence
from functools import lru_cache

from app.documents.typeset import Style

MM = 72 / 25.4
PRIMARY = b".055 .31 .337"
ACCENT = b".604 .29 .031"
SOFT = b".62 .74 .75"
LINE = b".87 .86 .82"
STRONG_LINE = b".51 .486 .443"


def baseline(style: Style) -> float:
    """Return how far below the top of its line a text stands."""
    return style.leading / 2 + style.size / 3


def text(x: float, top: float, style: Style, words: str) -> bytes:
    """Write one line whose top is at `top`."""
    begin, size = _begin(style)
    return b"%s1 0 0 1 %.2f %.2f Tm %s ET" % (begin, x, top - baseline(style), style.face.show(words, size))


def text_right(x: float, top: float, style: Style, words: str) -> bytes:
    """Write one line that ends at `x`."""
    return text(x - style.width(words), top, style, words)


def text_lines(x: float, top: float, style: Style, lines: Sequence[str]) -> bytes:
    """Write lines below each other; a space ends each line, so that copied words stay apart."""
    if not lines:
        return b""
    begin, size = _begin(style)
    shown = b" T* ".join([style.face.show(line if line.endswith("\xad") else f"{line} ", size) for line in lines])
    return b"%s%g TL 1 0 0 1 %.2f %.2f Tm %s ET" % (begin, style.leading, x, top - baseline(style), shown)


def rule(x: float, y: float, width: float, *, colour: bytes = LINE, weight: float = 0.5, dashes: bytes = b"") -> bytes:
    """Draw a level line."""
    return b"q %s RG %g w [%s] 0 d %.2f %.2f m %.2f %.2f l S Q" % (colour, weight, dashes, x, y, x + width, y)


def filled(x: float, y: float, width: float, height: float, colour: bytes) -> bytes:
    """Fill a rectangle whose lower left corner is at x, y."""
    return b"q %s rg %.2f %.2f %.2f %.2f re f Q" % (colour, x, y, width, height)


def square(x: float, y: float, side: float) -> bytes:
    """Draw an empty box to tick."""
    return b"q .1 G .8 w %.2f %.2f %.2f %.2f re S Q" % (x, y, side, side)


@lru_cache(256)
def frame(x: float, y: float, width: float, height: float, *, radius: float = 5.7) -> bytes:
    """Draw a frame with round corners whose lower left corner is at x, y."""
    right, top, curve = x + width, y + height, radius * 0.4477
    near = (x + radius, y, right - radius, y, right - curve, y, right, y + curve, right, y + radius, right, top - radius)
    far = (right, top - curve, right - curve, top, right - radius, top, x + radius, top, x + curve, top, x, top - curve, x, top - radius)
    end = (x, y + radius, x, y + curve, x + curve, y, x + radius, y)
    path = b"%.2f %.2f m %.2f %.2f l %.2f %.2f %.2f %.2f %.2f %.2f c %.2f %.2f l " % near
    path += b"%.2f %.2f %.2f %.2f %.2f %.2f c %.2f %.2f l %.2f %.2f %.2f %.2f %.2f %.2f c " % far
    return b"q %s RG 1.5 w %s%.2f %.2f l %.2f %.2f %.2f %.2f %.2f %.2f c s Q" % (PRIMARY, path, *end)


@lru_cache(64)
def _begin(style: Style) -> tuple[bytes, bytes]:
    size = b"%g" % style.size
    return b"BT %g g %s " % (style.grey, style.face.choose(size)), size
