"""What a page says of itself to axe-core and to a ruler, asked often: the script goes in once a page, however often it reads."""

from pathlib import Path
from typing import Literal

import axe_playwright_python
from playwright.sync_api import Page

READ_AT = (320, 1280)
Scheme = Literal["light", "dark"]
SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
READ = """axe.run(document, {resultTypes: ['violations'], preload: false, iframes: false}).then((found) => found.violations.map((rule) =>
    `${rule.id}: ${rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`))"""
# How many pixels a page goes over its right edge and what sticks out the most; and the tables that go over their own column's.
SPILL = """() => {
    const page = document.documentElement, over = page.scrollWidth - page.clientWidth;
    const far = [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > page.clientWidth + 0.5);
    const right = (node) => node.getBoundingClientRect().right;
    const tables = [...document.querySelectorAll('main :not(.scroll) > table')].filter((one) => right(one) > right(one.parentElement) + 1);
    return [...(over > 0 ? [`${over} px too wide: ${far.slice(-3).map((node) => node.outerHTML.slice(0, 120)).join(' | ')}`] : []),
        ...tables.map((one) => `a table that spills: ${one.textContent.trim().slice(0, 80)}`)];
}"""


def complaints(page: Page, read_at: tuple[int, ...] = READ_AT, schemes: tuple[Scheme, Scheme] = ("dark", "light")) -> list[str]:
    """Return a line for each rule that the page breaks, small and large in these `schemes`, and for each width at which it spills."""
    page.evaluate(SCRIPT)
    found = []
    for width in (320, 768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=schemes[width >= 1280])
        read = page.evaluate(READ) if width in read_at else []
        found += [f"at {width} px: {line}" for line in [*read, *page.evaluate(SPILL)]]
    return found
