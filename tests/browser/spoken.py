"""What a screen reader is told: Chromium's own accessibility tree, written as lines.

Run as `python -m tests.browser.spoken` to read one answer from the list to the next offer.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS

# Boxes without meaning of their own, and pieces of text that what holds them already says.
SILENT = frozenset(
    {
        "none",
        "LabelText",
        "Legend",
        "generic",
        "InlineTextBox",
        "LineBreak",
        "ListMarker",
        "LayoutTable",
        "LayoutTableRow",
        "LayoutTableCell",
    }
)
NAMED_BY_TEXT = frozenset({"button", "cell", "columnheader", "heading", "link", "radio", "rowheader", "term"})
STATES = ("focused", "checked", "expanded", "required", "invalid", "disabled", "level", "live", "busy", "hasPopup")
QUIET = {None, False, "", "false", "off"}


def tree(page: Page) -> list[dict[str, Any]]:
    """Return the nodes of the page's accessibility tree in the order in which they are read, each with its `depth`."""
    session = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    root = next(node for node in nodes.values() if "parentId" not in node)
    return list(_walk(nodes, root, 0))


def _walk(nodes: dict[str, dict[str, Any]], node: dict[str, Any], depth: int) -> Any:
    told = not node["ignored"] and node["role"]["value"] not in SILENT
    if told:
        yield {**node, "depth": depth}
    for child in node.get("childIds", []):
        if child in nodes:
            yield from _walk(nodes, nodes[child], depth + told)


def line(node: dict[str, Any]) -> str:
    """Write a node as its role, its name, its description and the states that say something."""
    parts = [node["role"]["value"], f"“{_value(node, 'name')}”" if _value(node, "name") else ""]
    parts += [f"({_value(node, 'description')})"] if _value(node, "description") else []
    properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
    parts += [_state(name, properties[name]) for name in STATES if properties.get(name) not in QUIET]
    return " ".join(part for part in parts if part)


def _value(node: dict[str, Any], name: str) -> str:
    return " ".join(str(node.get(name, {}).get("value", "")).split())


def _state(name: str, value: object) -> str:
    return name if value is True or value == "true" else f"{name}={value}"


def lines(page: Page, indent: str = "") -> list[str]:
    """Return the whole tree as lines; a text is left out that is part of the name of what holds it."""
    said: list[str] = []
    above: list[dict[str, Any]] = []
    for node in tree(page):
        del above[node["depth"] :]
        is_told = any(other["role"]["value"] in NAMED_BY_TEXT and _value(node, "name") in _value(other, "name") for other in above)
        if node["role"]["value"] != "StaticText" or not is_told:
            said.append(indent * node["depth"] + line(node))
        above.append(node)
    return said


# ── one answer, read aloud ───────────────────────────────────────────────────


def main() -> None:
    """Print the tree of an offer, of its answer, and of what is said after it."""
    from tests.browser.demo import WORKER, served_demo, signed_in

    with tempfile.TemporaryDirectory() as folder, served_demo(Path(folder)) as demo, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with signed_in(chromium, demo.address, WORKER) as page:
            page.goto(f"{demo.address}/offers")
            page.keyboard.press("j")
            _tell("The first row, after the key j", [one for one in lines(page) if "focused" in one])
            page.keyboard.press("Enter")
            page.wait_for_url("**/offers/A-*")
            _tell("The offer", lines(page, "  "))
            page.keyboard.press("a")
            _tell("After the key a", [one for one in lines(page) if one.startswith("radio")])
            here = page.url
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: url != here)
            page.wait_for_timeout(1000)
            said = lines(page)
            main, foot = said.index("main"), said.index("contentinfo")
            _tell("The next page, after Enter", [said[0], *said[main : main + 14], *said[foot : foot + 3]])
        chromium.close()


def _tell(title: str, said: list[str]) -> None:
    sys.stdout.write(f"== {title}\n" + "\n".join(said) + "\n\n")


if __name__ == "__main__":
    main()
