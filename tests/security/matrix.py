"""Who may ask what: the expectations of `matrix.txt`, and how one of its lines is asked.

`python -m tests.security.matrix "GET /offers/{offer}" ours theirs missing ended` prints the lines of a new route as the portal answers
now. Read every cell before you keep it: the table says what should be, not what is.
"""

import io
import re
import sys
import tempfile
import zlib
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import quote

import time_machine

from tests.conftest import NOW

TABLE = Path(__file__).parent / "matrix.txt"
PEOPLE = (
    "nobody", "half", "gone", "left", "code", "worker", "manager", "worker2", "manager2", "agent", "agent2", "officer", "relations",
    "team", "team2", "auditor", "admin",
)  # fmt: skip
REFUSED = {"in", "404", "405", "400", "403"}
CSV = b"Kolom;Andere\n1;2\n"

# What is sent along: whole and right, so that only the wall keeps the wrong ones out.
BODIES = {
    "/sign-in": {"email": "worker@wereld.example", "password": "not the password"},
    "/sign-in/code": {"code": "000000"},
    "/sign-in/enrol": {"code": "000000"},
    "/demo/sign-in": {"email": "somebody@else.example"},
    "/account/language": {"language": "nl"},
    "/account/organisation": {"organisation": "{organisation}"},
    "/account/password": {"password-old": "veilig", "password-password": "een nieuwe lange zin", "password-code": "000000"},
    "/account/name": {"name-name": "Nieuwe Naam"},
    "/account/app": {"code": "000000"},
    "/account/passkeys/new": {"name": "Telefoon", "passkey": "{{}}"},
    "/account/passkeys/{passkey}/rename": {"name": "Telefoon"},
    "/sign-in/passkey": {"passkey": "{{}}"},
    "/sign-in/enrol/passkey": {"name": "Telefoon", "passkey": "{{}}"},
    "/sign-in/forgotten": {"email": "worker@wereld.example"},
    "/confirm?to=/account/app&method=GET": {"confirm-code": "000000"},
    "/people/identities/{identity}/admit": {"revision": "1"},
    "/cases/{case}/privacy/restrict": {"reason": "De cliënt vraagt het.", "revision": "1"},
    "/cases/{case}/privacy/lift": {"revision": "1"},
    "/cases/{case}/privacy/close": {"revision": "1"},
    "/cases/{case}/privacy/reopen": {"revision": "1"},
    "/answer": {"code": "ABCDEFGHJK"},
    "/answer/offer": {"answer": "accept", "revision": "1", "name": "Mia"},
    "/verify": {"code": "{offer}"},
    "/invitation/{invitation}": {"password": "een nieuwe lange zin"},
    "/cases/{case}/facts": {
        "team": "Buurtteam Zuid", "programme": "", "entrepreneur": "no", "settlement": "no", "income": "1.900,00", "vtlb": "1.656,00",
        "extra": "0,00", "calculated_on": "2026-05-12", "revision": "1",
    },
    "/cases/{case}/claims/{number}": {"fraud": "y", "security": "0,00", "revision": "1"},
    "/cases/{case}/proposal": {"product": "restructuring_loan"},
    "/cases/{case}/proposal/approve": {"revision": "1"},
    "/cases/{case}/proposal/issue": {"revision": "2"},
    "/cases/{case}/proposal/withdraw": {"reason": "De cliënt stopt.", "revision": "1"},
    "/cases/{case}/proposal/supersede": {"reason": "Andere cijfers.", "revision": "1"},
    "/cases/import": {"applications": CSV, "claims": CSV},
    "/relations/escalations/new": {
        "party": "Zilverreiger Energie", "subject": "Te hoge kosten.", "level": "contact person", "way": "call", "words": "Betaal terug.",
    },
    "/relations/commitments/new": {
        "party": "Zilverreiger Energie", "words": "Sneller antwoorden.", "by": "theirs", "by_whom": "Noor", "due_on": "2026-07-01",
        "how": "Zien.", "way": "by hand",
    },
    "/relations/commitments/{commitment}/check": {
        "check-outcome": "kept", "check-check_words": "Alle vijf.", "check-revision": "1",
    },
    "/relations/commitments/{commitment}/plan": {"plan-check_on": "2026-07-01", "plan-revision": "1"},
    "/relations/commitments/{commitment}/end": {"end-revision": "1", "end-reason": "Voorbij."},
    "/relations/meetings/new": {
        "party": "Zilverreiger Energie", "day": "2026-06-25", "begins": "10:00", "ends": "11:00", "place": "Stadhuis",
    },
    "/relations/meetings/{meeting}/item": {"item-item": "Nieuw punt"},
    "/relations/meetings/{meeting}/note": {"note-note": "Nieuwe notitie"},
    "/relations/meetings/{meeting}/minutes": {"minutes-minutes": "Zij zouden betalen.", "minutes-revision": "1"},
    "/relations/meetings/{meeting}/change": {
        "change-day": "2026-06-26", "change-begins": "10:00", "change-ends": "11:00", "change-revision": "1",
    },
    "/relations/meetings/{meeting}/cancel": {"cancel-revision": "1", "cancel-reason": "Ziek."},
    "/relations/escalations/{escalation}/result": {"result-result": "refused", "result-result_words": "Nee.", "result-revision": "1"},
    "/relations/escalations/{escalation}/climb": {
        "climb-to": "management", "climb-way": "letter", "climb-words": "Uw besluit.", "climb-revision": "1",
    },
    "/relations/escalations/{escalation}/change": {"change-due_on": "2026-07-01", "change-revision": "1"},
    "/relations/escalations/{escalation}/close": {"close-result": "settled", "close-close_words": "Betaald.", "close-revision": "1"},
    "/creditors/import": {"file": CSV},
    "/creditors/new": {"name": "Nieuw", "code": "7999", "sort": "schuldeiser"},
    "/consents/{consent}": {"action": "discard", "revision": "1"},
    "/consents/{consent}/withdraw": {"ends_on": "2026-06-05", "reason": "Ander beleid.", "version": "1", "revision": "1"},
    "/creditors/{code}/contacts": {"name": "Nieuw Contact", "email": "nieuw@contact.example"},
    "/organisation/contacts": {"name": "Nieuw Contact", "email": "nieuw@contact.example"},
    "/creditors/{code}/mandates": {"other": "{stranger}", "starts_on": "2026-07-01"},
    "/organisation/mandates": {"other": "{stranger}", "starts_on": "2026-07-01"},
    "/creditors/{code}/mandates/{mandate}/end": {"ends_on": "2026-07-01", "revision": "1"},
    "/organisation/mandates/{mandate}/end": {"ends_on": "2026-07-01", "revision": "1"},
    "/offers/{offer}": {"answer": "accept", "revision": "1"},
    "/offers/{offer}/put-back": {"revision": "1"},
    "/offers/{offer}/quick": {"answer": "accept", "revision": "1"},
    "/offers/{offer}/undo": {"revision": "1"},
    "/offers/{offer}/take-back": {"revision": "1"},
    "/signups/{signup}/approve": {"checked": "y", "revision": "1"},
    "/signups/{signup}/refuse": {"reason": "not somebody of the organisation", "revision": "1"},
    "/answer/new-code": {"ref": "A-2222-2222"},
    "/answer/account": {"name": "Mia", "email": "mia@letter.example", "kvk": "68750110"},
    "/offers/many": {"key": "0123456789abcdef", "do": "accept", "offer": "{offer}:1"},
    "/offers/many/{choice}": {"answer": "accept"},
    "/offers/filters?due=late": {"name": "Te laat"},
    "/offers/file": {"file": CSV},
    "/balances/file": {"file": CSV},
    "/pauses/file": {"file": CSV},
    "/messages/read": {"newest": "99999999"},
    "/messages/settings": {"mode": "at once", "hour": "7", "revision": "0"},
    "/messages/mailbox": {"kinds": "offers.reminder", "language": "en", "revision": "1"},
    "/messages/mailbox?organisation={organisation}": {"kinds": "offers.reminder", "language": "en", "revision": "1"},
    "/balances/{balance}": {
        "answer": "state", "principal": "100,00", "interest": "0", "costs": "0", "rank": "concurrent", "reference": "KL-1", "revision": "1",
    },
    "/answer/balance": {"answer": "state", "principal": "100,00", "rank": "concurrent", "name": "Mia", "revision": "1"},
    "/cases/{case}/balances/{statement}/refuse": {"reason": "Het voorstel staat al."},
    "/pauses": {"chosen": "{notice}"},
    "/pauses/{notice}": {"answer": "confirmed", "revision": "1"},
    "/pauses/{notice}/collected": {"happened_on": "2026-06-03", "breach_words": "Een aanmaning ging uit."},
    "/cases/{case}/pauses/end": {"reason": "client stopped"},
    "/cases/{case}/pauses/complaint": {"notice": "{notice}", "happened_on": "2026-06-03", "breach_words": "Er kwam een brief."},
    "/cases/{case}/pauses/breaches/{breach}": {"revision": "1"},
    "/complaints/new": {
        "do": "send", "party": "Waterbedrijf Westerdok", "kind": "threat or tone", "happened_on": "2026-06-03", "words": "Zij dreigden.",
    },
    "/complaints/drafts/{begun}": {
        "do": "send", "party": "Waterbedrijf Westerdok", "kind": "threat or tone", "happened_on": "2026-06-03", "words": "Zij dreigden.",
    },
    "/complaints/reported/{complaint}/more": {"more": "Er kwam nog een brief."},
    "/complaints/reported/{complaint}/naming": {"agrees": "yes", "client_name": "X. Hof", "revision": "1"},
    "/complaints/reported/{complaint}/helped": {"helped": "yes", "revision": "1"},
    "/complaints/links": {"given_to": "Maatje", "uses": "1", "days": "7"},
    "/report/{report}": {
        "reporter": "Mia", "party": "Waterbedrijf Westerdok", "kind": "threat or tone", "happened_on": "2026-06-03",
        "words": "Zij dreigden.",
    },
    "/complaints/about-us/{complaint}": {"do": "answer", "answer": "mended", "answer_words": "Hersteld.", "revision": "1"},
    "/relations/patterns/{pattern}": {"decision": "Besproken met de directie.", "revision": "1"},
    "/relations/complaints/{complaint}/confirm": {"confirm-revision": "1"},
    "/relations/complaints/{complaint}/sort": {
        "sort-kind": "threat or tone", "sort-severity": "grave", "sort-category": "", "sort-owner": "", "sort-revision": "1",
    },
    "/relations/complaints/{complaint}/note": {"note-note": "Bel eerst.", "note-revision": "1"},
    "/relations/complaints/{complaint}/relate": {"relate-case": "{case}", "relate-revision": "1"},
    "/relations/complaints/{complaint}/pass": {"pass-party": "Gemachtigde van ours", "pass-revision": "1"},
    "/relations/complaints/{complaint}/register": {"name": "Nieuw", "code": "7999", "sort": "incasso", "revision": "1"},
    "/relations/complaints/{complaint}/merge": {"merge-into": "{twin}", "merge-revision": "1"},
    "/relations/complaints/{complaint}/split": {"split-kind": "other", "split-split_words": "Ook dit.", "split-revision": "1"},
    "/relations/complaints/{complaint}/pause": {"pause-reason": "Wij wachten.", "pause-revision": "1"},
    "/relations/complaints/{complaint}/resume": {"resume-revision": "1"},
    "/relations/complaints/{complaint}/address": {"address-told_words": "Te hoge kosten.", "address-revision": "1"},
    "/relations/complaints/{complaint}/reply": {"reply-reply": "Om die van juni.", "reply-revision": "1"},
    "/relations/complaints/{complaint}/name": {"name-agrees": "yes", "name-client_name": "X. Hof", "name-revision": "1"},
    "/relations/complaints/{complaint}/close": {"close-outcome": "upheld", "close-outcome_words": "Terug.", "close-revision": "1"},
    "/relations/complaints/{complaint}/reopen": {"reopen-reopen_words": "Weer een brief.", "reopen-revision": "1"},
    "/early-signals/new": {
        "sort": "arrears", "reference": "KL-1", "reported_on": "2026-06-03", "surname": "Nieuwling", "house_number": "7",
        "postcode": "1071 AR", "arrears_cents": "100,00", "instalments": "1", "creditor": "{code}",
    },
    "/early-signals/import": {"file": CSV, "creditor": "{code}"},
    "/early-signals/read": {"until": "2026-06-04T08:00:00+00:00"},
    "/early-signals/attempts": {"chosen": "{signal}", "kind": "card", "on": "2026-06-04", "part": "evening", "reached": "no"},
    "/early-signals/households": {"chosen": "{signal}", "benefit": "no", "children": "no"},
    "/early-signals/{signal}/attempts": {"kind": "card", "on": "2026-06-04", "part": "evening", "reached": "no", "revision": "1"},
    "/early-signals/{signal}/household": {"benefit": "no", "children": "no", "revision": "1"},
    "/early-signals/{signal}/withdraw": {"reason": "paid"},
    "/people": {"name": "Nieuwe Collega", "email": "nieuw@wereld.example", "role": "creditor worker"},
    "/people/{membership}/role": {"role": "creditor manager"},
    "/proposals/offers/{offer}/ask": {"words": "Wilt u het heroverwegen?", "revision": "1"},
    "/proposals/offers/{offer}/stop": {"why": "Wij zoeken iets na.", "revision": "1"},
    "/proposals/offers/{offer}/start": {"revision": "1"},
    "/proposals/offers/{offer}/court": {"decision": "go", "court_reason": "Alle anderen zijn akkoord.", "revision": "1"},
    "/board/calls/{organisation}": {"called_on": "2026-06-04", "spoken_to": "de balie"},
    "/practices": {"year": "2024"},
    "/practices/{practice_draft}/staff": {"staff": "12", "revision": "1"},
    "/practices/{practice}/submit": {"revision": "1"},
    "/practices/{practice}/answers/staff/evidence": {"files": CSV},
    "/practices/{practice}/answers/staff/reply": {"words": "Met uitzendkrachten.", "seen": "1"},
    "/practices/{practice}/answers/staff/mark": {"mark": "seen", "words": "Duidelijk.", "seen": "1"},
    "/practices/{practice}/seen": {"revision": "1"},
    "/practices/{practice}/reopen": {"reason": "Verkeerd jaar.", "revision": "1"},
    "/practices/benchmark": {"year": "2025"},
    "/practices/costs/file": {"file": CSV},
    "/practices/agents/{agency}": {"wki_number": "WKI-1", "revision": "1"},
    "/proposals/offers/{offer}/accept": {"revision": "1"},
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the table: a request, about which things, and what each person gets."""

    method: str
    path: str
    things: str
    cells: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path} {self.things}"


def lines():
    """Return the lines of the table. Raises ValueError for a line with too few or too many cells."""
    kept = [line.split() for line in TABLE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    head, *rows = kept
    if tuple(head[3:]) != PEOPLE:
        raise ValueError(f"the people of {TABLE.name} are others than those of matrix.py: {head}")
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"{TABLE.name}: this line has {len(row) - 3} cells for {len(PEOPLE)} people: {' '.join(row)}")
    return [Line(*row[:3], dict(zip(PEOPLE, row[3:], strict=True))) for row in rows]


def view_of(app, world, line):
    """Return what a line asks for: the route as it is declared, its fixed words (`approve`), and who may use its view."""
    path = line.path.partition("?")[0].format(**values(world, line.things))
    rule, found = app.url_map.bind("").match(path, method=line.method, return_rule=True)
    words = tuple(str(found[name]) for name in re.findall(r"<any\([^)]*\):(\w+)>", rule.rule))
    return rule.rule, words, app.view_functions[rule.endpoint].access


def declared(app):
    """Return every method and route of the app, and each of its fixed words apart."""
    for rule in app.url_map.iter_rules():
        choices = [re.split(r",\s*", found) for found in re.findall(r"<any\(([^)]*)\)", rule.rule)]
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            for words in product(*choices):
                yield method, rule.rule, words


def values(world, things):
    """Return what the placeholders of a path stand for."""
    ours, theirs = world.things["ours"], world.things["theirs"]
    sets = dict(world.things) | {"-": ours, "mixed": ours | {name: theirs[name] for name in ("contact", "mandate", "number")}}
    return sets[things] | {"stranger": str(world.organisations["stranger"])}


def ask(browser, world, line, more=()):
    """Ask one line in a browser, with `more` fields in its form; return the answer and the address that was asked."""
    found = values(world, line.things)
    path = line.path.format(**found)
    if line.method not in {"POST", "PUT", "PATCH", "DELETE"}:
        return browser.open(path, method=line.method, buffered=True), path
    body = {name: _filled(name, value, found) for name, value in BODIES.get(line.path, {}).items()} | dict(more)
    return browser.open(path, method=line.method, data=body, buffered=True), path


def _filled(name, value, found):
    return (io.BytesIO(value), f"{name}.csv") if isinstance(value, bytes) else value.format(**found)


def outcome(answer):
    """Return an answer as the table says it: its status, or `in` when it leads to signing in."""
    is_redirect = answer.status_code in {301, 302, 303, 307, 308}
    return "in" if is_redirect and re.match(r"/sign-in(\?|$)", answer.location) else str(answer.status_code)


def bare(answer, path):
    """Return status, headers and body without what differs between any two requests: their number, and the address asked for."""
    asked = sorted({path, *(quote(path, safe=safe) for safe in ("", "/", "/?"))}, key=len, reverse=True)
    texts = [answer.data, *(f"{name}: {value}".encode() for name, value in sorted(answer.headers))]
    for said in (answer.headers["X-Request-Id"], *asked):
        texts = [text.replace(said.encode(), b"") for text in texts]
    lengths = rb"Content-Length: \d+"  # of the page before its address was left out
    return answer.status_code, len(texts[0]), [re.sub(lengths, b"", text) for text in texts]


COOKIE = re.compile(rb"Set-Cookie: portal=(\.?)([\w-]+)\.[\w-]+\.[\w-]+")


def unnamed(answered, world, line):
    """Return what an answer says, its session opened, without what the form itself named: a message may repeat that."""
    named = {name for value in BODIES.get(line.path, {}).values() if isinstance(value, str) for name in re.findall(r"\{(\w+)\}", value)}
    status, length, texts = bare(*answered)
    texts = [COOKIE.sub(_opened, text) for text in texts]
    for said in (found for name in named if len(found := values(world, line.things)[name]) > 4):  # no number that may stand for another
        texts = [text.replace(said.encode(), b"") for text in texts]
    return status, length, texts


def _opened(cookie):
    packed = urlsafe_b64decode(cookie[2] + b"=" * (-len(cookie[2]) % 4))
    return zlib.decompress(packed) if cookie[1] else packed


def main():
    """Print the lines of a request for each set of things; each is asked on the world as it was built."""
    from tests.security.grounds import build_in, portal_on  # which need pytest's folder of settings

    request, *sets = sys.argv[1:]
    method, path = request.split()
    print(" " * 62, *(f"{name[:4]:4}" for name in PEOPLE))  # noqa: T201
    with time_machine.travel(NOW, tick=False), tempfile.TemporaryDirectory() as folder:  # on another day everybody's session is over
        world = build_in(Path(folder) / "world")
        for things in sets or ["-"]:
            line, cells = Line(method, path, things, {}), []
            for name in PEOPLE:
                app = portal_on(Path(folder) / "world", Path(folder) / "copy")
                cells.append(outcome(ask(world.browser(app, name), world, line)[0]))
            print(f"{method:6} {path:46} {things:8}", *(f"{cell:4}" for cell in cells))  # noqa: T201


if __name__ == "__main__":
    main()
