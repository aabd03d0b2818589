"""The letters' two typefaces: which byte shows which character, how wide it is, and text as PDF shows it.

A reportlab font cuts a subset per document. Here each face has fixed subsets instead, so that the same text is always the same
bytes: the first holds what Dutch letters use and is in every file, the others hold the rest of the font and come along when needed.
"""

import codecs
import unicodedata
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path

from font_source_sans_pro import font_directory
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont

ASCII = "".join(map(chr, range(0x20, 0x7F)))
COMMON = "".join(map(chr, range(0xA1, 0x100))) + "€–—‘’“”„•…−œŒğĞİışŞłŁąćęńśżźšžčŠŽ"  # with ASCII: one subset
REST = 220  # characters of a further subset; a byte holds 255, some codes are kept free
UNBREAKABLE = "\xa0"  # a space for the eye and for whoever copies the text; only lines do not break at it
ALIKE = str.maketrans("\n\r\t\u2011", "   -")  # what the font lacks and has under another name
UNKNOWN = "?"  # for what the font cannot show, such as an emoji


class Subset:
    """Up to 255 characters of a face under a fixed name, as a reportlab font of its own."""

    def __init__(self, name: str, file: Path, number: int, characters: str) -> None:
        self.name, self._characters, self._readable = name, characters, number == 0
        self.font = TTFont(f"letter-{name}", str(file), asciiReadable=int(self._readable), shapable=False)
        self.font.face.subfontNameX = b"-%d" % number  # keeps the subsets of one file apart inside a document
        pdfmetrics.registerFont(self.font)
        self.code = self._codes()

    def join(self, document: PDFDocument) -> None:
        """Put this subset in a reportlab document under its fixed name."""
        state = self._assign(document)
        state.internalName = self.name
        document.fontMapping[self.font.fontName] = f"/{self.name}"
        if self.font not in document.delayedFonts:
            document.delayedFonts.append(self.font)

    def _codes(self) -> dict[str, int]:
        trial = PDFDocument()
        state = self._assign(trial)
        return {chr(character): code for character, code in state.assignments.items() if character}

    def _assign(self, document: PDFDocument) -> "TTFont.State":
        state = self.font._assignState(document)
        if self._readable:
            state.nextCode = 128  # leaves the control codes alone: ASCII below, ours above
        self.font.splitString(self._characters, document)
        return state


class Typeface:
    """One weight of Source Sans in all its subsets."""

    def __init__(self, letter: str, file: str) -> None:
        self._letter, self._file = letter, Path(font_directory) / file
        self.main = self._subset(0, COMMON)
        glyphs = self.main.font.face
        codes = self.main.code
        self._encoding = codecs.charmap_build(
            "".join({code: character for character, code in codes.items()}.get(n, "\ufffe") for n in range(256))
        )
        self._widths = [0] * 256
        for character, code in codes.items():
            self._widths[code] = round(glyphs.getCharWidth(ord(character)))
        self._tf = b"/%s+0" % self.main.name.encode()

    @cached_property
    def others(self) -> tuple[Subset, ...]:
        """The subsets with the rest of the font, made when a text first needs one."""
        rest = sorted(chr(code) for code in self.main.font.face.charToGlyph if chr(code) not in self.main.code and code > 0xA0)
        pieces = [rest[start : start + REST] for start in range(0, len(rest), REST)]
        return tuple(self._subset(number, "".join(piece)) for number, piece in enumerate(pieces, start=1))

    def width(self, text: str) -> int:
        """Return how wide a text runs, in thousandths of its size."""
        text = text.replace(UNBREAKABLE, " ")
        try:
            return sum(map(self._widths.__getitem__, codecs.charmap_encode(text, "strict", self._encoding)[0]))
        except UnicodeEncodeError:
            return sum(round(self.main.font.face.getCharWidth(ord(character))) for character in self.known(text))

    def show(self, text: str, size: bytes) -> bytes:
        """Return the PDF operators that show a text where the pen stands; afterwards the first subset is chosen again."""
        text = text.replace(UNBREAKABLE, " ")
        try:
            return b"(%s) Tj" % escaped(codecs.charmap_encode(text, "strict", self._encoding)[0])
        except UnicodeEncodeError:
            return b" ".join((*self._mixed(self.known(text), size), self.choose(size)))

    def choose(self, size: bytes) -> bytes:
        """Return the operator that chooses this face."""
        return b"%s %s Tf" % (self._tf, size)

    @lru_cache(4096)  # noqa: B019 (the two faces live as long as the program)
    def known(self, text: str) -> str:
        """Return the text composed, without invisible control characters, and with a mark for what the font lacks."""
        composed = unicodedata.normalize("NFC", text).translate(ALIKE)
        seen = (character for character in composed if unicodedata.category(character) not in {"Cc", "Cf"} or character == "\xad")
        return "".join(character if ord(character) in self.main.font.face.charToGlyph else UNKNOWN for character in seen)

    def _mixed(self, text: str, size: bytes) -> Iterator[bytes]:
        for subset, run in groupby(text, self._home):
            codes = bytes(subset.code[character] for character in run)
            yield b"/%s+0 %s Tf (%s) Tj" % (subset.name.encode(), size, escaped(codes))

    def _home(self, character: str) -> Subset:
        return next(subset for subset in (self.main, *self.others) if character in subset.code)

    def _subset(self, number: int, characters: str) -> Subset:
        return Subset(f"{self._letter}{number}", self._file, number, characters)


def escaped(text: bytes) -> bytes:
    """Return bytes fit for a literal string of PDF (ISO 32000-1, 7.3.4.2)."""
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)").replace(b"\r", b"\\r")


REGULAR = Typeface("R", "SourceSansPro-Regular.ttf")
SEMIBOLD = Typeface("S", "SourceSansPro-Semibold.ttf")
