"""What a file is, told from its content and never from what somebody called it; which kinds people may add, and how large. Pure.

Added files are given back for download only, under the ending of what they are: a page of another site that is called
`foto.jpg` never opens as a page here. What can run, such as a program or a workbook with macros, is no kind we know.
"""

import io
import lzma
import zipfile
import zlib
from pathlib import PurePosixPath, PureWindowsPath

from app.errors import Refusal
from app.signs import legible

MOST_BYTES = 10 << 20  # of one file
MOST_FILES = 20  # beside one thing
NAME = 120  # signs of a name that are kept
PARTS = 2_000  # files inside an office document

TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, KeyError, NotImplementedError, RuntimeError, OSError, ValueError)
MACROS = ("vbaproject.bin", "basic/", "scripts/")  # parts of office documents that hold programs
KINDS, MACRO_KINDS = "[Content_Types].xml", (b"macroenabled", b"vbaproject")  # where a document says what its parts are
MOST_KINDS = 1 << 20  # bytes of it


def media_of(name: str, content: bytes) -> str:
    """Return how the name of a file ought to end. Raises Refusal when it is empty, too large, or nothing that people may add."""
    if not content:
        raise Refusal("attachments.empty", name=shown(name))
    if len(content) > MOST_BYTES:
        raise Refusal("attachments.too_large", name=shown(name), megabytes=MOST_BYTES >> 20)
    if media := _picture(content) or _office(content) or _text(name, content):
        return media
    raise Refusal("attachments.unknown", name=shown(name))


def called(name: str, media: str) -> str:
    """Return the name under which a file is given back: what somebody called it, ending as what it is."""
    bare = shown(name)
    return f"{PurePosixPath(bare).stem[:NAME] or 'bestand'}.{media}"


def shown(name: str) -> str:
    """Return a file's name without its folders and without signs that nobody sees."""
    return legible(PureWindowsPath(name).name).strip(" .")[-NAME:] or "bestand"


def _picture(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    return "heic" if content[4:8] == b"ftyp" and content[8:12] in {b"heic", b"heix", b"mif1"} else None


def _office(content: bytes) -> str | None:
    """Tell which office document a zip file is; None for another zip, one that is damaged and one that holds macros."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [part.lower() for part in archive.namelist()[: PARTS + 1]]
            is_text = "mimetype" in parts and archive.open("mimetype").read(60) == TYPES["odt"].encode()
            kinds = archive.open(KINDS).read(MOST_KINDS).lower() if KINDS.lower() in parts else b""
    except DAMAGED:
        return None
    if any(kind in kinds for kind in MACRO_KINDS) or len(parts) > PARTS:
        return None
    if any(part.endswith(MACROS[0]) or part.startswith(MACROS[1:]) for part in parts):
        return None
    return "odt" if is_text else next((media for part, media in OFFICE.items() if part in parts), None)


def _text(name: str, content: bytes) -> str | None:
    """Tell whether a file is plain text and called so: a script is text too, and stays outside."""
    ending = PurePosixPath(shown(name)).suffix.lower()
    if ending not in {".txt", ".csv"} or b"\0" in content:
        return None
    try:
        content.decode()
    except UnicodeDecodeError:
        return None
    return ending.removeprefix(".")
