"""The fonts of the pages: WOFF2 subsets cut from the font package, exactly those that tokens.css names; the letters do not read them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from font_source_sans_pro import font_directory
from fontTools.subset import Options, Subsetter, load_font, save_font

STATIC = Path(__file__).parents[1] / "static"
FACE = re.compile(r"@font-face \{[^}]*font-weight: (?P<weight>\d+);[^}]*url\(\"(?P<file>[^\"]+)\"\)[^}]*unicode-range: (?P<ranges>[^;]+);")
SOURCES = {"400": "SourceSansPro-Regular.ttf", "600": "SourceSansPro-Semibold.ttf"}


@dataclass(frozen=True)
class Face:
    """One font file that the style sheet asks for, with the letters it must hold."""

    source: Path
    target: Path
    letters: frozenset[int]


def faces(style: str, folder: Path) -> list[Face]:
    """Read from the text of the style sheet which font files it wants below `folder`."""
    return [
        Face(Path(font_directory) / SOURCES[found["weight"]], folder / found["file"], frozenset(_letters(found["ranges"])))
        for found in FACE.finditer(style)
    ]


def make(folder: Path = STATIC) -> list[Path]:
    """Write each font file that is missing or older than the style sheet, and say which were written."""
    sheet = folder / "tokens.css"
    stale = [face for face in faces(sheet.read_text(encoding="utf-8"), folder) if not _is_fresh(face.target, sheet)]
    for face in stale:
        _cut(face)
    return [face.target for face in stale]


def _letters(ranges: str) -> Iterator[int]:
    for part in ranges.split(","):
        first, _, last = part.strip().removeprefix("U+").partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def _is_fresh(target: Path, sheet: Path) -> bool:
    return target.exists() and target.stat().st_mtime >= sheet.stat().st_mtime


def _cut(face: Face) -> None:
    options = Options(flavor="woff2", layout_features=["kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum"])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=face.letters)
    face.target.parent.mkdir(parents=True, exist_ok=True)
    with load_font(str(face.source), options) as font:
        subsetter.subset(font)
        save_font(font, str(face.target), options)


if __name__ == "__main__":
    make()
