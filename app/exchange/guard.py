"""Walks the XML of a workbook before the reader does and refuses what would make the reader take endless memory."""

from array import array
from typing import IO
from xml.parsers import expat

from app.errors import Refusal
from app.exchange.limits import Limits

CHUNK = 1 << 18
DIGITS = "0123456789"


class Guard:
    """Counts bytes, elements, cells and characters over all parts of one workbook."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bytes_left, self.elements_left = limits.unpacked, limits.elements
        self.lengths = array("Q")  # of each shared text
        self.uses = array("Q")  # the shared text that a cell shows
        self.columns: dict[str, int] = {}
        self.in_texts = self.shared = self.wants_index = False
        self.row = self.column = self.last_row = self.last_column = 0

    def copy(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Copy one part while it is checked. Raises Refusal as soon as a limit is passed or the XML is not plain."""
        parser = self._parser()
        self.in_texts = self.shared = self.wants_index = False
        self.row = self.column = self.last_row = self.last_column = 0
        try:
            while chunk := source.read(CHUNK):
                self.bytes_left -= len(chunk)
                if self.bytes_left < 0:
                    raise Refusal("exchange.unpacks_too_large", megabytes=self.limits.unpacked >> 20)
                parser.Parse(chunk)
                target.write(chunk)
            parser.Parse(b"", True)  # noqa: FBT003 - expat takes no keywords
        except expat.ExpatError as wrong:
            raise Refusal("exchange.damaged_workbook") from wrong

    def finish(self) -> None:
        """Check what the cells hold together: one long text shown by many cells is many long texts to the reader."""
        known = len(self.lengths)
        if sum(self.lengths[use] for use in self.uses if use < known) > self.limits.text:
            raise Refusal("exchange.unpacks_too_large", megabytes=self.limits.unpacked >> 20)

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        return parser

    def _doctype(self, *_: object) -> None:
        raise Refusal("exchange.damaged_workbook")  # no workbook has one; entities are only used to attack

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements_left -= 1
        if self.elements_left < 0:
            raise Refusal("exchange.unpacks_too_large", megabytes=self.limits.unpacked >> 20)
        kind = name.rpartition(":")[2] if ":" in name else name
        self.wants_index = self.shared and kind == "v"
        if kind == "c":
            self._cell(attributes)
        elif kind in {"v", "is"}:
            self._filled()
        elif kind == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif kind == "si":
            self.lengths.append(0)
            self.in_texts = True

    def _cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place:
            letters = place.rstrip(DIGITS)
            self.column = self.columns.get(letters) or self._number(letters)
            self.row = int(place[len(letters) :])
        else:
            self.column += 1
        self.shared = attributes.get("t") == "s"

    def _number(self, letters: str) -> int:
        if len(letters) > 3:
            raise Refusal("exchange.damaged_workbook")
        number = 0
        for letter in letters.upper():
            number = number * 26 + ord(letter) - 64
        self.columns[letters] = number
        return number

    def _filled(self) -> None:
        """Widen the rectangle to the present cell; the reader will hold every cell in it, filled or not."""
        if self.row <= self.last_row and self.column <= self.last_column:
            return  # it is no wider than what was found good already
        self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        if self.last_row > self.limits.rows + 1:
            raise Refusal("exchange.too_many_rows", limit=self.limits.rows)
        if self.last_row * self.last_column > self.limits.cells:
            raise Refusal("exchange.too_many_columns", limit=self.limits.columns)

    def _text(self, data: str) -> None:
        if self.in_texts:
            self.lengths[-1] += len(data)
        if self.wants_index and not data.isspace():
            self.uses.append(int(data))
            self.shared = self.wants_index = False
