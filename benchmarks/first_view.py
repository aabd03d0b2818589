"""P14: what a browser without a cache fetches for the first to-do page: kilobytes, whose servers, and whether the page jumps meanwhile."""

import gzip
import logging
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Response, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from benchmarks import offer_list
from benchmarks.report import Measure, finish

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
MOST = 120.0  # kB of HTML, CSS and JS, compressed
KINDS = ("document", "stylesheet", "script")
# kept in a list before the page begins, because a shift is told once
WATCH = """new PerformanceObserver((told) => { for (const one of told.getEntries()) (window.shifts ??= []).push(one.value) })
    .observe({type: "layout-shift", buffered: true})"""


@dataclass
class View:
    """What one first view cost: bytes by kind, addresses elsewhere, and the sum of its layout shifts."""

    bytes: dict[str, int] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    shift: float = 0.0

    def note(self, answer: Response, home: str) -> None:
        """Keep what an answer weighs, compressed as a server in front of the portal sends it."""
        if urlsplit(answer.url).netloc != home:
            self.elsewhere.append(answer.url)
        elif answer.request.resource_type in KINDS and answer.ok:  # a redirect has no body
            kind = answer.request.resource_type
            self.bytes[kind] = self.bytes.get(kind, 0) + len(gzip.compress(answer.body(), 6))


def main() -> None:
    """Open the list of a creditor with a thousand offers in Chromium, and weigh what came."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name:
        path = offer_list.prepared(Path(name) / "portal.sqlite", 1_000)
        app = create_app(offer_list.settings(path))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        view = seen(f"127.0.0.1:{server.server_port}", offer_list.cookie_of(path))
        server.shutdown()
    print("  " + ", ".join(f"{kind} {size / 1000:.1f} kB" for kind, size in view.bytes.items()))
    weight = sum(view.bytes.values()) / 1000
    finish(
        "P14 first view",
        [
            Measure("HTML, CSS and JS of the first to-do page, compressed, in kB, against what it may weigh", MOST, weight, goal=1),
            Measure("requests to others, plus one", 1, 1 + len(view.elsewhere), goal=1),
            Measure("cumulative layout shift, plus one", 1, 1 + view.shift, goal=1),
        ],
    )


def seen(home: str, cookie: str) -> View:
    """Open `/` as a signed-in creditor in a fresh browser."""
    view = View()
    answers: list[Response] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.context.add_cookies([{"name": "portal", "value": cookie.removeprefix("portal="), "url": f"http://{home}"}])
        page.add_init_script(WATCH)
        page.on("response", lambda answer: answers.append(answer))
        page.goto(f"http://{home}/", wait_until="networkidle")
        if "/sign-in" in page.url:
            sys.exit("the cookie opened nothing: the page of signing in was measured")
        for answer in answers:
            view.note(answer, home)
        view.shift = page.evaluate("(window.shifts ?? []).reduce((sum, one) => sum + one, 0)")
        browser.close()
    return view


if __name__ == "__main__":
    main()
