"""Make the pictures of the README and of docs/stories.md: go the whole way in a demo of its own, and keep what there is to see.

Run as `python -m tests.browser.pictures [tour] [story]`, or `make pictures` for both.
"""

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.demo import ROOT, Demo, served_demo
from tests.browser.story import story
from tests.browser.tour import tour

FOLDER = ROOT / "docs" / "pictures"
WIDE, NARROW = 1280, 320
COLOURS = 96
# Moments of the tour that are kept, in the order of the README; the others are only gone through.
KEPT = {
    "akkoord-gevolgen": WIDE,
    "akkoord-ondertekend": WIDE,
    "dossier": WIDE,
    "producten-vergeleken": WIDE,
    "voorstel-uitgebracht": WIDE,
    "aanbiedingen": WIDE,
    "aanbod": WIDE,
    "heroverweging": NARROW,
    "wie-houdt-het-tegen": WIDE,
    "antwoord-met-code": NARROW,
    "regeling-staat": WIDE,
}
TOLD = {  # of the story
    "te-doen-hulpverlener": WIDE,
    "melden-met-een-link": NARROW,
    "te-doen-relatiebeheer": WIDE,
    "zoeken": WIDE,
    "triage": WIDE,
    "antwoord-van-de-schuldeiser": WIDE,
    "escalatie": WIDE,
    "overleg": WIDE,
    "afspraak": WIDE,
    "controle": WIDE,
    "volgende-agenda": WIDE,
    "uitkomst": NARROW,
}
TALLEST = 1500  # of a picture, in its own points


def main() -> None:
    asked = set(sys.argv[1:]) or {"tour", "story"}
    with tempfile.TemporaryDirectory() as folder, served_demo(Path(folder)) as demo, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if "story" in asked:
            story(chromium, demo, Album(FOLDER / "story", TOLD).keep)
        if "tour" in asked:
            tour(chromium, demo, (album := Album(FOLDER, KEPT)).keep)
            letter(demo, album)
        chromium.close()
    for path in sorted(FOLDER.rglob("*.png")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")  # noqa: T201 (what this program is for)


class Album:
    """A folder of pictures, numbered in the order of the text that shows them; it is emptied first."""

    def __init__(self, folder: Path, kept: dict[str, int]) -> None:
        self.folder, self.kept, self.names = folder, kept, list(kept)
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()

    def keep(self, page: Page, name: str) -> None:
        """Take a picture at the width that is asked for, from the top of the page."""
        if name not in self.kept:
            return
        width = self.kept[name]
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.activeElement && document.activeElement.blur()")
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        content = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
        self.save(Image.open(io.BytesIO(content)), name, self.names.index(name) + 1)
        page.set_viewport_size({"width": WIDE, "height": 900})

    def save(self, image: Image.Image, name: str, number: int) -> None:
        """Keep a picture in few colours: text and lines need no more."""
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(self.folder / f"{number:02}-{name}.png", optimize=True)


def letter(demo: Demo, album: Album) -> None:
    """Draw both pages of a letter beside each other."""
    drawer = shutil.which("pdftoppm")
    assert drawer, "pdftoppm is missing: install poppler-utils"
    subprocess.run([drawer, "-png", "-r", "80", str(demo.folder / "brief.pdf"), str(demo.folder / "brief")], check=True)
    pages = [Image.open(path).convert("RGB") for path in sorted(demo.folder.glob("brief-*.png"))[:2]]
    both = Image.new("RGB", (sum(page.width for page in pages) + 16, pages[0].height), (225, 225, 225))
    left = 0
    for page in pages:
        both.paste(page, (left, 0))
        left += page.width + 16
    album.save(both, "brief", len(KEPT) + 1)


if __name__ == "__main__":
    main()
