"""Bytes on disk, encrypted and named after the hash of what they say: the same content is one file, a changed file opens no more."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag

from app.errors import NotFound
from app.sealing import newest_key, sealed, unsealed

MARK = b"portal-sealed-1\n"  # before what is encrypted; older files begin with %PDF and are read as they stand
DRAFT = ".draft-"

_folder: Path


def keep_in(folder: Path) -> None:
    """Set the folder in which this process keeps its documents."""
    global _folder
    _folder = folder


def digest(content: bytes) -> str:
    """Return the name of a content: its SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def put(content: bytes) -> str:
    """Write a content whole or not at all, and return its name."""
    name = digest(content)
    try:
        os.utime(_place(name))  # young again, so that retention leaves it until the row that names it is there
    except FileNotFoundError:
        keep(name, MARK + sealed(content, _bound(name)))
    return name


def get(name: str) -> bytes:
    """Return the content with this name. Raises NotFound when it is gone or no longer what it was."""
    place = _place(name)
    content = _opened(name, place.read_bytes()) if place.exists() else b""
    if digest(content) != name:
        raise NotFound
    return content


def opens(name: str) -> bool:
    """Tell whether a document is there, and is what it was."""
    try:
        get(name)
    except NotFound:
        return False
    return True


def names() -> Iterator[str]:
    """Yield the name of every document that is kept, in order."""
    if _folder.exists():
        for shelf in sorted(path for path in _folder.iterdir() if len(path.name) == 2 and path.is_dir()):
            yield from sorted(path.stem for path in shelf.glob("[0-9a-f]*.pdf"))


def drafts() -> Iterator[Path]:
    """Yield what is being written, and what processes left that were killed while they wrote."""
    yield from _folder.glob(f"*/{DRAFT}*")


def kept(name: str) -> Path:
    """Return where a document lies, as it is on disk: for a copy of all of them."""
    return _place(name)


def keep(name: str, on_disk: bytes) -> None:
    """Put a document there as it lies on disk elsewhere; a reader sees the old one or the new one, never half of one."""
    place = _place(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, prefix=DRAFT, delete=False) as draft:
        try:
            draft.write(on_disk)
            draft.flush()
            os.fsync(draft.fileno())
        except OSError:  # a full disk: no half file stays behind to make it fuller
            Path(draft.name).unlink()
            raise
    Path(draft.name).replace(place)
    _sync(place.parent)  # its name survives a power cut, as the row does that will name it


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(name: str) -> None:
    """Delete a document that nothing names any more."""
    _place(name).unlink(missing_ok=True)


def renew() -> tuple[int, list[str]]:
    """Encrypt with the newest key every document that is plain or has an older one; return how many, and which do not open."""
    done, broken = 0, []
    for name in [name for name in names() if _beginning(name) != MARK + bytes([newest_key()])]:
        try:
            keep(name, MARK + sealed(get(name), _bound(name)))
            done += 1
        except NotFound:
            broken += [name] if _place(name).exists() else []  # retention may have taken it away meanwhile
    return done, broken


def key_of(name: str) -> int:
    """Return the number of the key with which a document is encrypted; 0 for one that is plain."""
    beginning = _beginning(name)
    return beginning[-1] if beginning.startswith(MARK) else 0


def _beginning(name: str) -> bytes:
    with suppress(FileNotFoundError), _place(name).open("rb") as file:
        return file.read(len(MARK) + 1)
    return b""


def _opened(name: str, on_disk: bytes) -> bytes:
    if not on_disk.startswith(MARK):
        return on_disk
    try:
        return unsealed(on_disk[len(MARK) :], _bound(name))
    except (InvalidTag, KeyError, IndexError):
        return b""


def _bound(name: str) -> str:
    return f"document.file/{name}"


def _place(name: str) -> Path:
    return _folder / name[:2] / f"{name}.pdf"
