"""Text into lines: styles, measuring, and breaking with Dutch hyphenation. Knows no page."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pyphen import Pyphen

from app.documents.typefaces import ALIKE, REGULAR, SEMIBOLD, Typeface

DUTCH = Pyphen(lang="nl_NL", left=3, right=3)
SOFT_HYPHEN = "\xad"  # at the end of a line it is seen as a hyphen, and searching and copying pass over it
LOOSE = 0.88  # a line that is filled for this part needs no broken word
SHORTEST = 7  # letters; shorter words stay whole
LONGEST = 600  # letters; more fit on no line, so no more are ever measured


@dataclass(frozen=True, eq=False)
class Style:
    """How a text looks: face, size and line height in points, and its grey (0 is black). Few there are, so each equals only itself."""

    face: Typeface
    size: float
    leading: float
    grey: float = 0.1

    def width(self, text: str) -> float:
        """Return how wide a text runs, in points."""
        return self.face.width(text) * self.size / 1000

    def shrunk(self, text: str, width: float) -> "Style":
        """Return this style, in half points smaller where the text would not fit on one line."""
        needed = self.width(text)
        return self if needed <= width else _sized(self, max(1, int(2 * self.size * width / needed)) / 2, self.leading)

    def tightened(self) -> "Style":
        """Return this style half a point smaller, its lines a point closer."""
        return _sized(self, self.size - 0.5, self.leading - 1)


@lru_cache(1_000)
def _sized(style: Style, size: float, leading: float) -> Style:
    return Style(style.face, size, leading, style.grey)


BODY = Style(REGULAR, 10.5, 15)
STRONG = Style(SEMIBOLD, 10.5, 15)
SUBJECT = Style(SEMIBOLD, 15, 20)
SECTION = Style(SEMIBOLD, 12, 16)
FIGURE = Style(SEMIBOLD, 15, 20)
CODE = Style(SEMIBOLD, 16, 20)
SMALL = Style(REGULAR, 9, 12)
MUTED = Style(REGULAR, 9, 12, 0.34)
FINE = Style(REGULAR, 7.5, 10, 0.34)
FOOT = Style(REGULAR, 8.5, 11, 0.34)
CELL = Style(REGULAR, 10, 14)
CELL_STRONG = Style(SEMIBOLD, 10, 14)
REFERENCE = Style(REGULAR, 9.5, 13)


@lru_cache(20_000)
def lines(text: str, style: Style, width: float) -> tuple[str, ...]:
    """Break a text into lines of at most `width` points; a word that is too long for any line is broken where the line ends."""
    room = width * 1000 / style.size
    return tuple(_fill(text.replace(SOFT_HYPHEN, "").translate(ALIKE).split(" "), style.face, room))


def _fill(words: list[str], face: Typeface, room: float) -> Iterator[str]:
    """Take words as long as they fit; then a part of the next one when the line is still loose."""
    space = face.width(" ")
    line: list[str] = []
    filled = 0.0
    queue = [word for word in reversed(words) if word]
    while queue:
        word = queue.pop()
        start = filled + space if line else 0.0
        if start + (width := _width(word[:LONGEST], face)) <= room:
            line.append(word)
            filled = start + width
            continue
        loose = filled < room * LOOSE and bool(queue or not start)  # the last word of a text is not broken: a syllable alone looks lost
        head, tail = _broken(word, face, room, start, loose=loose)
        if head:
            line.append(head)
        yield " ".join(line)
        queue.append(tail)
        line, filled = [], 0.0
    if line:
        yield " ".join(line)


def _broken(word: str, face: Typeface, room: float, start: float, *, loose: bool) -> tuple[str, str]:
    """Return what of a word still goes on this line, and what goes on the next."""
    if loose and len(word) < LONGEST:
        for place in reversed(_places(word)):
            if start + face.width(head := word[:place] + SOFT_HYPHEN) <= room:
                return head, word[place:]
    if start:
        return "", word
    fitting = max(1, bisect_right(range(1, min(len(word), LONGEST)), room, key=lambda place: face.width(word[:place])))
    return word[:fitting], word[fitting:]


@lru_cache(20_000)
def _width(word: str, face: Typeface) -> int:
    return face.width(word)


@lru_cache(5_000)
def _places(word: str) -> tuple[int, ...]:
    """Return where a word may be broken. Names, codes, addresses and amounts stay whole: only lower-case words are broken."""
    bare = word.rstrip(".,;:!?)")
    if len(bare) < SHORTEST or not bare.isalpha() or not bare.islower():
        return ()
    return tuple(DUTCH.positions(bare))
