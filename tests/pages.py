"""A test client that checks every page it fetches: title, language, headings in order, labels, no untranslated or unfilled text."""

import re
from html.parser import HTMLParser

from flask.testing import FlaskClient

FORBIDDEN = re.compile(r"\bNone\b|\bUndefined\b|%\([a-z_]+\)s|<[A-Za-z_]+\.[A-Z_]+|&lt;[A-Za-z]+\.[A-Z_]+|\{\{|\bTrue\b|\bFalse\b")
UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}


class _Page(HTMLParser):
    """What a page says of itself."""

    def __init__(self, text):
        super().__init__()
        self.headings, self.title, self.lang, self.ids, self.text = [], "", None, [], []
        self.labels_for, self.fields, self._open, self._in_label = set(), [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self._open.append(tag)
        if tag == "html":
            self.lang = a.get("lang")
        if "id" in a:
            self.ids.append(a["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "label":
            self._in_label += 1
            self.labels_for.add(a.get("for"))
        if tag in {"input", "select", "textarea"} and a.get("type") not in UNLABELLED_TYPES:
            named = self._in_label or "aria-label" in a or "aria-labelledby" in a
            self.fields.append((a.get("id"), bool(named), a.get("name")))

    def handle_endtag(self, tag):
        if tag == "label":
            self._in_label -= 1
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if "title" in self._open[-1:]:
            self.title += data
        elif not {"script", "style"} & set(self._open[-1:]):
            self.text.append(data)


def check_page(text):
    """Assert what every page owes its reader."""
    page = _Page(text)
    assert page.lang in {"nl", "en"}, f"lang is {page.lang}"
    assert page.title.strip(), "a page has a title"
    assert page.headings[:1] == [1], f"the first heading is h1, not {page.headings[:1]}"
    assert page.headings.count(1) == 1, "one h1"
    steps = [later - earlier for earlier, later in zip(page.headings, page.headings[1:], strict=False)]
    assert all(step <= 1 for step in steps), f"headings skip a level: {page.headings}"
    assert len(page.ids) == len(set(page.ids)), f"ids stand twice: {sorted({i for i in page.ids if page.ids.count(i) > 1})}"
    for id_, named, name in page.fields:
        assert named or id_ in page.labels_for, f"field {name} has no label"
    unfit = FORBIDDEN.search(" ".join(page.text))
    assert not unfit, f"unfilled text on the page: {unfit.group()}"


class WholeClient(FlaskClient):
    """Takes each answer whole, so that what it was read from is closed: a file left open fails whichever test runs when it is found."""

    def open(self, *args, **kwargs):
        return super().open(*args, **{"buffered": True} | kwargs)


class PageClient(WholeClient):
    """Fetches pages and checks each."""

    def open(self, *args, **kwargs):
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data and response.status_code not in {301, 302, 303, 308}:
            check_page(response.text)
        return response
