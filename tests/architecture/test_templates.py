"""Templates keep the content policy, stay small, and every component stands in the gallery that the browser tests read."""

import re
from pathlib import Path

import pytest

from app import TEMPLATES
from app.web import STATIC

PAGES = sorted(TEMPLATES.rglob("*.html"))
MAIL = TEMPLATES / "mail"  # a mail carries its few styles inline: it loads nothing, and no page shows it
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=\"|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_holds_script_or_style(path: Path):
    assert [found for found in INLINE.findall(path.read_text()) if found != "style=" or MAIL not in path.parents] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_is_small_and_imports_components_by_name(path: Path):
    text = path.read_text()
    assert "{% import" not in text
    assert len(text.splitlines()) <= 120


def test_every_component_is_shown_to_the_browser_tests():
    imported = {name for path in PAGES for name in re.findall(r'"components/(\w+)\.html" import', path.read_text())}
    gallery = "".join(path.read_text() for path in (TEMPLATES / "components").glob("gallery*.html"))
    shown = set(re.findall(r'"components/(\w+)\.html"', gallery)) | imported
    assert {path.stem for path in (TEMPLATES / "components").glob("*.html")} - shown - {"gallery"} == set()


def test_our_scripts_write_text_and_run_no_text():
    risky = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage|sessionStorage|indexedDB")
    scripts = list(STATIC.glob("*.js"))
    assert scripts
    assert {path.name: risky.findall(path.read_text()) for path in scripts} == {path.name: [] for path in scripts}


def test_no_form_asks_in_an_address_for_whom_somebody_looks():
    text = "\n".join(path.read_text() for path in PAGES)
    asking = [form for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL) if 'name="q"' in form or "filters" in form]
    assert len(asking) > 1
    assert [form for form in asking if not re.match(r'<form[^>]* method="post"', form)] == []


def test_what_is_drawn_once_for_a_language_knows_nobody():
    text = "\n".join(path.read_text() for path in PAGES)
    drawn = set(re.findall(r"\bfixed\((\w+)", text))
    parts = {name: re.findall(rf"{{% macro {name}\((.*?)\) -?%}}(.*?){{%-? endmacro", text, re.DOTALL) for name in drawn}
    assert {name for name, found in parts.items() if len(found) != 1} == set()  # they are kept by their name
    personal = re.compile(r"\b(token|csrf_token|actor|page|form|menu|request|session|g|url_for|caller|get_flashed_messages)\b")
    asked = [" ".join(re.findall(r"{[{%].*?[%}]}", found[0][1])) for found in parts.values()]
    assert [word for text in asked for word in personal.findall(text)] == []


def test_only_the_list_of_offers_escapes_its_words_beforehand():
    assert [path.name for path in PAGES if "autoescape" in path.read_text()] == ["rows.html"]
