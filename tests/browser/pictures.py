"""Make the pictures of the README: go the whole way in a demo of its own, and keep what there is to see.

Run as `python -m tests.browser.pictures`, or `make pictures`.
"""

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.demo import ROOT, Demo, served_demo
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
NAMES = list(KEPT)
TALLEST = 1500  # of a picture, in its own points


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, served_demo(Path(folder)) as demo, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tour(chromium, demo, keep)
        chromium.close()
        letter(demo)
    for path in sorted(FOLDER.glob("*.png")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")  # noqa: T201 (what this program is for)


def keep(page: Page, name: str) -> None:
    """Take a picture at the width that is asked for, from the top of the page."""
    if name not in KEPT:
        return
    page.set_viewport_size({"width": KEPT[name], "height": 900})
    page.evaluate("document.activeElement && document.activeElement.blur()")
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    content = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": KEPT[name], "height": height})
    save(Image.open(io.BytesIO(content)), name)
    page.set_viewport_size({"width": WIDE, "height": 900})


def save(image: Image.Image, name: str, number: int | None = None) -> None:
    """Keep a picture in few colours: text and lines need no more."""
    number = number or NAMES.index(name) + 1
    small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(FOLDER / f"{number:02}-{name}.png", optimize=True)


def letter(demo: Demo) -> None:
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
    save(both, "brief", len(NAMES) + 1)


if __name__ == "__main__":
    main()
