"""Time a scripted person who answers two hundred offers of the demo in Chromium: with keys, by selecting, with a spreadsheet.

Run as `python -m tests.browser.speed`, or `make timing`. Prints clicks, keystrokes and seconds of each way; the seconds are those of
the portal and the browser, for the script does not think.
"""

import io
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter
from playwright.sync_api import Browser, Page, sync_playwright
from python_calamine import load_workbook

from app.clock import today
from app.demo import samples
from app.demo.sample_year import files, spread
from app.proposals.answer_sheets import ANSWER
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.demo import OFFICER, SECOND_OFFICER, WORKER, Demo, demo_in, served, signed_in

OFFERS = 200
CASES = 460  # of the samples, the first again as copies: so that more than two hundred offers wait for one creditor
WAITING = "tr:not([aria-busy]) input[name='offer']"
PATIENCE = 300.0  # seconds for the letters of all offers


@dataclass
class Person:
    """Somebody at a browser, whose clicks and keys are counted."""

    page: Page
    address: str
    clicks: int = 0
    keys: int = 0
    begun: float = field(default_factory=time.perf_counter)

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()


@dataclass(frozen=True)
class Timing:
    """What one way took, and how many offers were answered by it."""

    way: str
    answered: int
    clicks: int
    keys: int
    seconds: float


# ── the ways ─────────────────────────────────────────────────────────────────


def with_keys_in_the_list(person: Person) -> None:
    """Accept row after row where it stands: j goes to the first row, the key a answers it, and the list goes on by itself."""
    page, done = person.page, 0
    page.goto(f"{person.address}/offers")
    while done < OFFERS:
        here, rows = page.url, min(page.locator(WAITING).count(), OFFERS - done)
        person.press("j")
        for _ in range(rows):
            person.press("a")
        done += rows
        if done < OFFERS:
            page.wait_for_url(lambda url, here=here: url != here)
    page.locator("tr[aria-busy]").first.wait_for(state="detached")


def with_keys_offer_by_offer(person: Person) -> None:
    """Open the first offer and read each: a chooses to accept, Enter sends it and opens the next."""
    page = person.page
    page.goto(f"{person.address}/offers")
    person.press("j")
    person.press("Enter")
    page.wait_for_url("**/offers/A-*")
    for _ in range(OFFERS):
        here = page.url
        person.press("a")
        person.press("Enter")
        page.wait_for_url(lambda url, here=here: url != here)


def by_selecting(person: Person) -> None:
    """Show two hundred rows, choose all of them and accept."""
    person.page.goto(f"{person.address}/offers?size={OFFERS}")
    person.click("[data-choose-all]")
    person.click("button[name='do'][value='accept']")
    person.page.wait_for_url("**/offers/many/*")


def with_a_spreadsheet(person: Person) -> None:
    """Take the list along, write akkoord in the first row and fill it down, and bring the file back."""
    page = person.page
    page.goto(f"{person.address}/offers")
    person.click("a[href^='/offers/file']")
    with page.expect_download() as begun:
        person.click("a[href*='format=xlsx']")
    filled = Path(begun.value.path()).with_suffix(".xlsx")
    _fill_in(Path(begun.value.path()), filled)
    person.clicks += 2  # in the sheet: the first empty cell, and a double click on its corner to fill the column
    person.keys += len("akkoord") + 1
    person.clicks += 1  # on the button that chooses the file
    page.locator("input[type='file']").set_input_files(filled)
    person.click("main form button[type='submit']")
    page.wait_for_url("**/offers/file/I-*")
    person.click("main form button[type='submit']")


def _fill_in(came: Path, filled: Path) -> None:
    """Write the rows of a workbook again, with an answer in each of the first two hundred."""
    rows = load_workbook(io.BytesIO(came.read_bytes())).get_sheet_by_index(0).to_python()
    at = rows[0].index(ANSWER)
    with xlsxwriter.Workbook(filled, {"default_date_format": "dd-mm-yyyy"}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, [*row[:at], "akkoord", *row[at + 1 :]] if 0 < line <= OFFERS else row)


WAYS: dict[str, Callable[[Person], None]] = {
    "keys, row after row in the list": with_keys_in_the_list,
    "keys, offer by offer": with_keys_offer_by_offer,
    "selecting all rows of a page": by_selecting,
    "a spreadsheet": with_a_spreadsheet,
}


# ── the ground ───────────────────────────────────────────────────────────────


def main() -> None:
    """Measure each way on a copy of one prepared portal."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        base = _prepared(Path(name) / "base")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for way, act in WAYS.items():
            _tell(_timed(chromium, _copy(base, Path(name) / "copy"), way, act))
        chromium.close()


def _prepared(folder: Path) -> Demo:
    """Bring the demo's files in as the bank does, issue everything, and let the worker write the letters first."""
    folder.mkdir()
    demo = demo_in(folder)
    day = today()
    (folder / "schuldeisers.csv").write_bytes(samples.sample("creditors.csv", samples.shift(day)))
    for content, file in zip(files(spread(CASES, [day], seed=1)), ("aanvragen.csv", "eisers.csv"), strict=True):
        (folder / file).write_bytes(content)
    demo.portal("migrate")
    demo.portal("import", "creditors", str(folder / "schuldeisers.csv"))
    demo.portal("seed", "--people-only")
    demo.portal("import", "cases", str(folder / "aanvragen.csv"), str(folder / "eisers.csv"))
    demo.portal("proposals", "issue", "--ready", "--as", OFFICER, "--approved-by", SECOND_OFFICER)
    with served(demo):
        _await_letters(demo)
    return demo


def _await_letters(demo: Demo) -> None:
    until, calm = time.monotonic() + PATIENCE, 0
    while calm < 3:
        assert time.monotonic() < until, "the worker does not get ready with the letters"
        time.sleep(1)
        calm = calm + 1 if json.loads(demo.portal("health", "--json"))["queue_seconds"] == 0 else 0


def _copy(base: Demo, folder: Path) -> Demo:
    """Copy a portal at rest, to be served at a port of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base.folder, folder)
    return demo_in(folder)


def _timed(chromium: Browser, demo: Demo, way: str, act: Callable[[Person], None]) -> Timing:
    """Time one way until the portal holds all its answers; that the page came back is not enough where a job gives them."""
    with served(demo), signed_in(chromium, demo.address, WORKER, viewport={"width": 1280, "height": 900}) as page:
        before = _accepted(demo)
        person = Person(page, demo.address)
        act(person)
        until = time.monotonic() + PATIENCE
        while _accepted(demo) - before < OFFERS and time.monotonic() < until:
            page.wait_for_timeout(100)
        seconds = time.perf_counter() - person.begun
        return Timing(way, _accepted(demo) - before, person.clicks, person.keys, seconds)


def _accepted(demo: Demo) -> int:
    """Count what the portal holds as accepted: not what the script believes."""
    with sqlite3.connect(demo.folder / "portal.sqlite") as database:
        return int(database.execute("SELECT count(*) FROM offer WHERE state = 'accepted'").fetchone()[0])


def _tell(one: Timing) -> None:
    said = f"{one.answered} offers, {one.clicks} clicks, {one.keys} keystrokes, {one.seconds:.1f} seconds"
    sys.stdout.write(f"{one.way:34} {said}\n")
    sys.stdout.flush()
    assert one.answered >= OFFERS, f"{one.way} answered {one.answered} of {OFFERS}"


if __name__ == "__main__":
    main()
