"""The part of a letter's file that is the same in every letter: fonts, page tree and catalogue, built once by reportlab.

Only the marks of the pages, the description and the table of contents of the file differ from letter to letter; `filled` adds them.
One way for one letter and for thousands: the same letter is the same bytes, whoever asks for it.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from app.documents.typefaces import REGULAR, SEMIBOLD, Subset

PAPER = (595.28, 841.89)
START = b"%010d 00000 n \n"
TRAILER = b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] >>\nstartxref\n%d\n%%%%EOF\n"
CHOICE = re.compile(rb"/([RS][1-9])\+0 ")
LEVEL = 3  # a tenth larger than the smallest, in half the time


@dataclass(frozen=True)
class Shell:
    """A file without its pages' marks: what never differs as written, where each object of it starts, and the numbers to fill in."""

    fixed: bytes
    starts: Mapping[int, bytes]
    pages: tuple[int, ...]
    info: int
    root: int

    def filled(self, marks: Sequence[bytes], info: Mapping[str, str]) -> bytes:
        """Return the file with these marks on its pages and this description (ISO 32000-1, 7.5)."""
        written, starts, position = [self.fixed], dict(self.starts), len(self.fixed)
        description = _description(self.info, info)
        for number, own in (*zip(self.pages, map(_stream, self.pages, marks), strict=True), (self.info, description)):
            starts[number] = START % position
            position += len(own)
            written.append(own)
        identity = hashlib.sha256(b"".join((*marks, description))).hexdigest()[:32].encode()
        count = len(starts) + 1
        written.append(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        written += [starts[number] for number in range(1, count)]
        written.append(TRAILER % (count, self.root, self.info, identity, identity, position))
        return b"".join(written)


@lru_cache(64)
def shell(pages: int, further: frozenset[str]) -> Shell:
    """Build the shell for a number of pages; `further` names the subsets that it needs beside the first ones."""
    canvas = _canvas(pages, further)
    document = canvas._doc
    written = BytesIO()
    document.SaveToFile(written, canvas)
    numbers = {name: number for name, (number, _) in document.idToObjectNumberAndVersion.items()}
    contents = tuple(numbers[page.Contents.__InternalName__] for page in document.Pages.pages)
    info = numbers[document.info.__InternalName__]
    offsets = [document.idToOffset[document.numberToId[number]] for number in sorted(document.numberToId)]
    fixed, starts = [written.getvalue()[: offsets[0]]], {}
    position = len(fixed[0])
    for number, piece in enumerate(_pieces(written.getvalue(), offsets), start=1):
        if number not in {*contents, info}:
            starts[number] = START % position
            position += len(piece)
            fixed.append(piece)
    return Shell(b"".join(fixed), starts, contents, info, numbers[document.Catalog.__InternalName__])


def subsets_beyond_the_first(marks: Sequence[bytes]) -> frozenset[str]:
    """Return the names of the further subsets that pages choose."""
    return frozenset(name.decode() for page in marks for name in CHOICE.findall(page))


def _canvas(pages: int, further: frozenset[str]) -> Canvas:
    canvas = Canvas(
        BytesIO(),
        pagesize=PAPER,
        pageCompression=1,
        invariant=1,
        lang="nl-NL",
        pdfVersion=(1, 7),
        initialFontName=REGULAR.main.font.fontName,
    )
    canvas.setViewerPreference("DisplayDocTitle", "true")
    for subset in _subsets(further):
        subset.join(canvas._doc)
    for _ in range(pages):
        canvas.showPage()
        canvas._doc.Pages.pages[-1].Trans = None
    return canvas


def _subsets(further: frozenset[str]) -> Iterator[Subset]:
    for face in (REGULAR, SEMIBOLD):
        yield face.main
        if any(name[0] == face.main.name[0] for name in further):
            yield from (subset for subset in face.others if subset.name in further)


def _pieces(written: bytes, starts: Sequence[int]) -> Iterator[bytes]:
    """Cut a file at the start of each object; the last one ends where the table of contents begins."""
    for start, end in zip(starts, (*starts[1:], written.rindex(b"xref\n0 ")), strict=True):
        yield written[start:end]


def _stream(number: int, marks: bytes) -> bytes:
    packed = zlib.compress(marks, LEVEL)
    return b"%d 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (number, len(packed), packed)


def _description(number: int, info: Mapping[str, str]) -> bytes:
    entries = b" ".join(
        b"/%s <FEFF%s>" % (key.encode(), value.encode("utf-16-be", "replace").hex().encode()) for key, value in info.items()
    )
    return b"%d 0 obj\n<< %s >>\nendobj\n" % (number, entries)
