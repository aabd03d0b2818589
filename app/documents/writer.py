"""Letters as files: a letter in, the bytes of its PDF out. The same letter is the same bytes, so its hash stands for it."""

from collections.abc import Iterable, Iterator

from app.documents.blocks import Letter
from app.documents.pages import pages
from app.documents.shell import shell, subsets_beyond_the_first

CREATOR = "Schuldeisersportaal"


def write(letter: Letter) -> bytes:
    """Write one letter as PDF 1.7 with its fonts embedded; nothing in a text can become a command."""
    marks = pages(letter)
    info = {
        "Title": letter.title,
        "Author": f"{letter.sender.name} {letter.sender.department}",
        "Subject": letter.subject,
        "Creator": CREATOR,
        "Producer": CREATOR,
        "CreationDate": f"D:{letter.written_on:%Y%m%d}",
        "ModDate": f"D:{letter.written_on:%Y%m%d}",
    }
    return shell(len(marks), subsets_beyond_the_first(marks)).filled(marks, info)


def write_all(letters: Iterable[Letter]) -> Iterator[bytes]:
    """Write many letters one by one, each the same bytes as `write` gives; memory does not grow with their number."""
    return map(write, letters)
