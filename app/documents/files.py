"""Bytes on disk, named after their hash: the same content is one file, and a file that changed no longer answers to its name."""

import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from app.errors import NotFound

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
    place = _place(name)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=place.parent, delete=False) as draft:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(place)
    return name


def get(name: str) -> bytes:
    """Return the content with this name. Raises NotFound when it is gone or no longer what it was."""
    place = _place(name)
    content = place.read_bytes() if place.exists() else b""
    if digest(content) != name:
        raise NotFound
    return content


def _place(name: str) -> Path:
    return _folder / name[:2] / f"{name}.pdf"
