"""What every answer carries, whatever its route and status: headers, cookies, no foreign or inline parts; and what a request must carry."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from app import db
from app.clock import now
from app.jobs import service as jobs
from tests import portals
from tests.security import grounds, matrix
from tests.security.counting import count

pytest_plugins = ["tests.security.copies"]
LINES = matrix.lines()
WHOLE = ("worker", "manager", "agent", "officer", "relations", "team", "auditor", "admin")
BASE = "https://portaal.example"
OWN = (f"{BASE}/", "https://localhost/")  # by its own address, and by the one at which the tests ask it


@pytest.fixture
def production(world_and_folder, tmp_path, clock):
    """The portal as production runs it: over TLS, with tokens against forged requests; the world lives in it."""
    grounds.portal_on(world_and_folder[1], tmp_path / "copy")
    settings = grounds.settings_for(tmp_path / "copy", portals.URL)
    app = portals.portal(replace(settings, environment="production", base_url=BASE))
    app.config["PREFERRED_URL_SCHEME"] = "https"
    yield app
    jobs.bind(None)
    grounds.close()


# ── what every answer carries ────────────────────────────────────────────────

EXACTLY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": {"'none'"}, "script-src": {"'self'"}, "style-src": {"'self'"}, "font-src": {"'self'"}, "connect-src": {"'self'"},
    "img-src": {"'self'", "data:"}, "form-action": {"'self'"}, "frame-ancestors": {"'none'"}, "base-uri": {"'none'"},
}  # fmt: skip


class Parts(HTMLParser):
    """The parts of a page that a content policy forbids, and every address that it names."""

    LOADS = {"src", "href", "action", "formaction", "srcset", "poster", "data", "cite", "background", "manifest"}

    def __init__(self, text):
        super().__init__()
        self.inline, self.addresses, self._in = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self._in = tag if tag in {"script", "style"} else None
        self.inline += [f"<{tag} {name}>" for name in found if name.startswith("on") or name == "style"]
        self.inline += ["<style>"] if tag == "style" else []
        self.addresses += [found[name] for name in self.LOADS & set(found) if found[name]]

    def handle_data(self, data):
        if self._in == "script" and data.strip():
            self.inline.append("<script> with words")
        self._in = None


def faults(answer, path):
    """Return what an answer lacks, in words."""
    policy = {
        part.split()[0]: set(part.split()[1:]) for part in answer.headers.get("Content-Security-Policy", "").split(";") if part.strip()
    }
    found = [f"{name} is {answer.headers.get(name)}" for name, value in EXACTLY.items() if answer.headers.get(name) != value]
    found += [f"policy {name} is {policy.get(name)}" for name, value in POLICY.items() if policy.get(name) != value]
    found += ["a policy says unsafe"] if "unsafe" in str(policy) else []
    found += ["no request id"] if not re.fullmatch(r"[0-9a-f]{16}", answer.headers.get("X-Request-Id", "")) else []
    found += ["no HSTS"] if "max-age=63072000" not in answer.headers.get("Strict-Transport-Security", "") else []
    is_file = path.startswith("/static/") and answer.status_code == 200
    kept = "public, max-age=31536000, immutable" if is_file else "no-store"
    found += [f"kept as {answer.headers.get('Cache-Control')}"] if answer.headers.get("Cache-Control") != kept else []
    found += [f"tells of {name}" for name in ("Server", "X-Powered-By") if name in answer.headers]
    found += ["others may read it by script"] if "Access-Control-Allow-Origin" in answer.headers else []
    is_plain = answer.mimetype.startswith("text/") and answer.mimetype_params.get("charset") != "utf-8"
    found += [f"sent as {answer.content_type}"] if is_plain else []
    return found + cookie_faults(answer) + (page_faults(answer.text) if answer.mimetype == "text/html" else [])


def cookie_faults(answer):
    found = []
    for cookie in answer.headers.getlist("Set-Cookie"):
        name, *attributes = [part.strip() for part in cookie.split(";")]
        missing = {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} - set(attributes)
        found += [f"cookie without {missing}"] if missing else []
        found += ["cookie is no __Host-"] if not name.startswith("__Host-") or any(a.startswith("Domain") for a in attributes) else []
    return found


def page_faults(text):
    parts = Parts(text)
    foreign = [url for url in parts.addresses if re.match(r"(?i)\s*(//|\\|https?:|javascript:|data:text)", url) and not url.startswith(OWN)]
    return parts.inline + [f"leads to {url}" for url in foreign]


@pytest.mark.parametrize("name", ["nobody", "half", "worker", "officer", "admin"])
def test_every_answer_carries_what_protects_it(production, world, name):
    production.config["WTF_CSRF_ENABLED"] = False
    wrong, seen = {}, set()
    for line in LINES:
        if line.method != "GET" and line.things not in {"-", "ours", "missing"}:
            continue
        answer, path = matrix.ask(world.browser(production, name), world, line)
        seen.add(answer.status_code)
        wrong |= {line.name: found} if (found := faults(answer, path)) else {}
        count("11 headers", "answers with every header")
    assert not wrong
    assert {200, 302, 404} <= seen


def test_errors_carry_it_too(production, world, monkeypatch):
    """Of every status that a page can have, each once."""
    client, officer = production.test_client(), world.browser(production, "officer")
    asked = {
        400: client.post("/sign-in", data={"email": "x"}),
        404: client.get("/nothing"),
        405: client.put("/help"),
        413: client.post("/verify", data=b"x" * (25 * 1024 * 1024 + 1), content_type="multipart/form-data; boundary=x"),
        308: client.get("/help//toetsen"),
    }
    production.config["WTF_CSRF_ENABLED"] = False
    asked[422] = client.post("/sign-in", data={})
    asked[409] = world.browser(production, "admin").post(f"/jobs/{world.things['ended']['failure']}/replay")
    monkeypatch.setitem(production.view_functions, "site.topics", lambda: 1 / 0)
    asked[500] = officer.get("/help")
    monkeypatch.setattr("app.site.routes._health", lambda: NotReady())
    asked[503] = client.get("/health")
    assert {expected: answer.status_code for expected, answer in asked.items()} == {expected: expected for expected in asked}
    assert {expected: faults(answer, "/x") for expected, answer in asked.items()} == {expected: [] for expected in asked}
    count("11 headers", "statuses", len(asked))


class NotReady:
    is_ready = False

    def as_json(self):
        return {}


@pytest.mark.parametrize("name", ["portal.css", "tokens.css", "portal.js"])
def test_our_own_files_load_nothing_from_elsewhere(client, name):
    text = client.get(f"/static/{name}").text
    loaded = [address for address in re.findall(r"""url\(([^)]*)\)|@import|["'](https?://[^"']*)""", text) if any(address)]
    assert all(not found.strip("\"'").startswith(("http", "//")) for pair in loaded for found in pair)


# ── what a request must carry ────────────────────────────────────────────────


def token_of(browser):
    """Return the token of a browser's session, from a form that everybody may see."""
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/verify").text)[1]


def asker(line):
    """Return somebody who may do what a line asks: the wall that is left is the token."""
    return next((name for name in ("nobody", *WHOLE, "half", "code") if not line.cells[name].startswith(("4", "in"))), "nobody")


THINGS = {"-", "ours", "ready", "drafted", "approved", "rejected"}
# The demo, and the one click in a mail (RFC 8058): the mail program knows no session, and the signed link is the proof.
NO_TOKEN = ("/demo/", "/mail/stop/")
POSTS = [line for line in LINES if line.method == "POST" and line.things in THINGS and not line.path.startswith(NO_TOKEN)]


def test_every_form_needs_the_token_of_its_own_session(production, world):
    before, stranger = grounds.dump(), token_of(production.test_client())
    for line in POSTS:
        for token in (None, "", "x", stranger):
            browser = world.browser(production, asker(line))
            if token == stranger:
                token_of(browser)  # a session that has a token, which is not this one
            answer, _ = matrix.ask(browser, world, line, more={} if token is None else {"csrf_token": token})
            assert answer.status_code == 400, line.name
            count("11 headers", "forged requests refused")
    assert grounds.dump() == before


def test_with_the_right_token_it_is_done(production, world):
    for line in POSTS:
        browser = world.browser(production, asker(line))
        answer, _ = matrix.ask(browser, world, line, more={"csrf_token": token_of(browser)})
        assert answer.status_code != 400, line.name


# ── what a page may leave behind ─────────────────────────────────────────────

LOOKED_AT = (
    "offers", "balances", "pauses", "cases", "documents", "audit", "calls", "signals", "complaints", "profiles", "escalations", "meetings",
    "commitments",
)  # fmt: skip
SEEN = {f"{subject}:{act}" for subject in LOOKED_AT for act in ("open", "export")} | {"signals:export-person", "profiles:print"}


@pytest.mark.parametrize("name", ["manager", "agent", "officer", "team", "auditor", "admin", "code"])
def test_looking_changes_nothing(portal, world, name):
    """Only that somebody opened a file of a person is noted: in the audit, and in the history that its creditor sees."""
    before = grounds.dump()
    for line in (line for line in LINES if line.method == "GET"):
        matrix.ask(world.browser(portal, name), world, line)
        count("11 headers", "pages that change nothing")
    after = grounds.dump()
    changed = {table for table in after if after[table] != before[table]}
    assert changed <= {"audit_event", "audit_head", "offer_event"}
    assert added("audit_event", "action", before, after) <= SEEN
    assert added("offer_event", "what", before, after) <= {"opened"}


def added(table, column, before, after):
    """Return what stands in a column of the rows that were added; nothing may be gone."""
    assert set(before[table]) <= set(after[table]), f"rows of {table} were changed or taken away"
    place = [c.name for c in db.Base.metadata.tables[table].c].index(column)
    return {row[place] for row in set(after[table]) - set(before[table])}


# ── where a weakness is told ─────────────────────────────────────────────────


def test_security_txt_is_as_rfc_9116_asks(production):
    answer = production.test_client().get("/.well-known/security.txt")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    fields = [line.split(": ", 1) for line in answer.text.splitlines()]
    told = dict(fields)
    assert all(len(field) == 2 for field in fields)
    assert [name for name, _ in fields].count("Expires") == 1
    expires = datetime.strptime(told["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta() < expires - now() < timedelta(days=366)
    assert told["Canonical"] == f"{BASE}/.well-known/security.txt"
    assert re.match(r"(mailto:|tel:|https://)\S+", told["Contact"])
    assert told["Preferred-Languages"] == "nl, en"
