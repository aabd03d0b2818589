"""A person with a keyboard and no mouse: moves with Tab, and sees at every stop where the focus is."""

from playwright.sync_api import Page

# Everything that takes part in the order of Tab and shows: of radio buttons with one name only the chosen one, or the first.
STOPS = """() => {
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter((node) =>
        node.tabIndex >= 0 && !node.disabled && node.type !== 'hidden' && node.checkVisibility({visibilityProperty: true}));
    const first = (node) => all.filter((other) => other.type === 'radio' && other.name === node.name && other.form === node.form);
    return all.filter((node) => node.type !== 'radio' || node === (first(node).find((other) => other.checked) || first(node)[0])).length;
}"""
# What has the focus: its place in the document, whether it shows that it has it, and whether it can be seen where the page stands.
HERE = """() => {
    const node = document.activeElement;
    if (!node || node === document.body || node === document.documentElement) return null;
    const style = getComputedStyle(node), box = node.getBoundingClientRect();
    const top = document.elementFromPoint(Math.max(box.left + box.width / 2, 1), Math.max(box.top + box.height / 2, 1));
    return {
        place: [...document.querySelectorAll('*')].indexOf(node), words: node.outerHTML.slice(0, 100), tall: box.height,
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
        seen: !!top && (node.contains(top) || top.contains(node)),
    };
}"""


def walk(page: Page) -> int:
    """Go through the whole page with Tab; return the stops. Fails for a trap, a stop without a ring, out of sight or out of order."""
    expected, places = page.evaluate(STOPS), []
    for _ in range(4 * expected + 5):  # a date is four stops: day, month, year and the calendar
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None:
            break
        assert here["ring"], f"{page.url}: nothing shows that the focus is on {here['words']}"
        assert here["seen"], f"{page.url}: something lies over {here['words']}"
        places += [here["place"]] if here["place"] not in places[-1:] else []
    else:
        raise AssertionError(f"{page.url} does not let go of the focus")
    assert places == sorted(places), f"{page.url}: the focus jumps back and forth"
    assert len(places) == expected, f"{page.url}: Tab reaches {len(places)} of {expected} things"
    return len(places)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus, and see that it shows."""
    for _ in range(150):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here and page.locator(f"{selector} >> nth=0").evaluate("(node) => node === document.activeElement"):
            assert here["ring"], f"no focus ring on {selector}"
            return
    raise AssertionError(f"{selector} is out of reach of the Tab key")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Go to something and press it."""
    tab_to(page, selector)
    page.keyboard.press(key)


def write(page: Page, selector: str, text: str) -> None:
    """Go to a field and write into it."""
    tab_to(page, selector)
    page.keyboard.insert_text(text)
