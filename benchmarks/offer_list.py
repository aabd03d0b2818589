"""P1 and P2: the offer list and the offer page of a signed-in creditor, against a bare view with the same SQL on the same server.

The same SQL is all that a request of ours runs: who is signed in, the list or the offer with what belongs to it, the counts of the menu.
The bare views draw the fifty rows, or the row of the offer and its history, in a plain table.

The list is measured with a thousand offers and with a million, all of them that creditor's own, most of them waiting.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import connect, create_app, db
from app.access import Actor, Kind, Role
from app.accounts.models import Membership, Person
from app.accounts.service import open_whole
from app.cases.models import Case, Claim
from app.cases.rules import Rank
from app.clock import today
from app.config import FieldKeys, Settings
from app.consents.models import Assessment, Consent
from app.consents.rules import Effect, Product, State
from app.creditors.models import Organisation
from app.jobs import service as jobs
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.models import Offer, OfferEvent, Proposal
from benchmarks.report import Measure, finish

FEW, MANY = 1_000, 1_000_000
SIDE = 1_000  # so many proposals and claims: their pairs give the million
CALLS, ROUNDS = 60, 7
KEYS = FieldKeys({1: bytes(32)}, bytes(32))
ACTOR = Actor("Pieter Dros", frozenset({Role.CREDITOR_WORKER}), Kind.CREDITOR, 1, "Waterbedrijf Westerdok", 1)
PAGE = "A-PAGE-0001"


class Taken(NamedTuple):
    """What one request took, in milliseconds: on the clock of who asks, and of the server's processor, which no other work lengthens."""

    clock: float
    processor: float


def main() -> None:
    """Serve both databases, call both views in turn, and report the best of each round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = (prepared(folder / f"{size}.sqlite", size) for size in (FEW, MANY))
        with _serving(few, 8801) as small, _serving(many, 8802) as large:
            calls = {
                "floor": small.caller("/bare/offers"), "ours": small.caller("/offers"), "large": large.caller("/offers"),
                "floor page": small.caller(f"/bare/offers/{PAGE}"), "page": small.caller(f"/offers/{PAGE}"),
            }  # fmt: skip
            best = _in_turn(calls)
    measures = [one for at, how in enumerate(("on the clock", "of the server's processor")) for one in _measures(best, at, how)]
    finish("P1 offer list, P2 offer page", measures)


def _measures(best: dict[str, Taken], at: int, how: str) -> list[Measure]:
    return [
        Measure(f"P1 list of 50 among 1,000 against a bare view, in ms {how}", best["floor"][at], best["ours"][at], goal=2),
        Measure(f"P1 among 1,000,000 against among 1,000, in ms {how}", best["ours"][at], best["large"][at], goal=1.2),
        Measure(f"P2 one offer with its history against a bare view, in ms {how}", best["floor page"][at], best["page"][at], goal=3),
    ]


def _in_turn(calls: dict[str, Callable[[], Taken]]) -> dict[str, Taken]:
    """Call every view in turn and keep each one's best milliseconds a request, which others disturbed least."""
    for call in calls.values():
        call()
    rounds = [{name: call() for name, call in calls.items()} for _ in range(ROUNDS)]
    return {name: Taken(*(min(one[name][at] for one in rounds) for at in range(2))) for name in calls}


# ── the server ───────────────────────────────────────────────────────────────


@dataclass
class _serving:  # noqa: N801 - a context manager reads as a verb
    """One granian worker that serves the portal at / and the bare views at /bare."""

    database: Path
    port: int

    def __enter__(self) -> "_serving":
        environ = os.environ | {"BENCH_DATABASE": str(self.database)}
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--workers", "1", "--blocking-threads", "1"]
        command += ["--port", str(self.port), "--log-level", "error", "benchmarks.offer_list:both"]
        self.process = subprocess.Popen(command, env=environ)
        self.token = cookie_of(self.database)
        self._wait()
        return self

    def _wait(self) -> None:
        for _ in range(100):
            try:
                self._get("/bare/ready")
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise RuntimeError("the server did not start")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def _get(self, path: str) -> bytes:
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Cookie": f"portal={self.token}"})
        with urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open(asked) as answer:
            assert answer.status == 200
            return bytes(answer.read())

    def caller(self, path: str) -> Callable[[], Taken]:
        """Return what calls a path some times and tells the milliseconds of one."""
        assert b"Hof" in self._get(path)

        def call() -> Taken:
            begin, spent = time.perf_counter(), self._spent()
            for _ in range(CALLS):
                self._get(path)
            return Taken((time.perf_counter() - begin) * 1000 / CALLS, (self._spent() - spent) / 1_000_000 / CALLS)

        return call

    def _spent(self) -> int:
        """Return the nanoseconds that the server's processes have had a processor (Linux)."""
        tasks = [task for pid in (self.process.pid, *_children(self.process.pid)) for task in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def _children(pid: int) -> list[int]:
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


def both() -> DispatcherMiddleware:
    """Return the portal with the bare views beside it, on the database that the environment names."""
    path = Path(os.environ["BENCH_DATABASE"])
    portal = create_app(settings(path))
    return DispatcherMiddleware(portal, {"/bare": bare(portal, cookie_of(path))})


def cookie_of(path: Path) -> str:
    """Return the cookie of who is signed in, as it stands beside a database."""
    return (path.parent / f"{path.stem}.cookie").read_text()


def settings(path: Path) -> Settings:
    return Settings("development", f"sqlite:///{path}", "a secret", KEYS, "http://portaal.example", "console:", path.parent / "files")


# ── the floor ────────────────────────────────────────────────────────────────

OFFER = slice(1, 3)  # of the statements of an offer's page, after who is signed in: the row and its history
ROWS = (
    "<!doctype html><title>x</title><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>"
    "{% endfor %}</table>"
)


def bare(portal: Flask, cookie: str) -> Flask:
    """Return two views that run the very statements of the portal's and draw a plain table: the list, or the offer and its history."""
    app = Flask("bare")
    table = app.jinja_env.from_string(ROWS)
    statements = cache(lambda path: _statements(portal, cookie, path))
    app.add_url_rule("/ready", "ready", lambda: "ready")
    app.add_url_rule("/offers", "offers", lambda: table.render(rows=_replay(statements("/offers"))))
    app.add_url_rule("/offers/<ref>", "offer", lambda ref: table.render(rows=_replay(statements(f"/offers/{ref}"), OFFER)))
    return app


def _statements(portal: Flask, cookie: str, path: str) -> list[tuple[Any, Any]]:
    """Record which statements a page of the portal runs, with their parameters: who is signed in, what it shows, and its menu."""
    kept: list[tuple[Any, Any]] = []

    def keep(_: Any, statement: Any, __: Any, parameters: Any, ___: Any) -> None:
        kept.append((statement, parameters))

    client = portal.test_client()
    client.set_cookie("portal", cookie)
    assert client.get(path).status_code == 200  # the first look at an offer is noted: the next one only reads
    sa.event.listen(db.engine(), "before_execute", keep)
    assert client.get(path).status_code == 200
    sa.event.remove(db.engine(), "before_execute", keep)
    return kept


def _replay(statements: list[tuple[Any, Any]], which: slice | None = None) -> list[list[Any]]:
    """Run statements by Core and return eight columns of the longest answer, or of some answers, with a client's name among them."""
    with db.engine().execution_options(reads_only=True).connect() as connection:
        answers = [connection.execute(statement, parameters).all() for statement, parameters in statements]
    rows = max(answers, key=len) if which is None else [row for answer in answers[which] for row in answer]
    return [[*row[:7], "Hof"] for row in rows]


# ── the offers ───────────────────────────────────────────────────────────────


def prepared(path: Path, size: int, each: int = SIDE) -> Path:
    """Make a database with so many offers of one creditor, `each` a proposal, one more for the page, and a signed-in person."""
    connect(settings(path))
    jobs.bind(None)
    db.migrate()
    with db.transaction() as session:
        for model, rows in _ground(size):
            session.execute(sa.insert(model), rows)
        token = open_whole(session, 1, "127.0.0.1", "benchmark")
    for start in range(0, size, 20_000):
        _fill(range(start, min(start + 20_000, size)), each)
    with db.transaction() as session:
        session.connection().exec_driver_sql("ANALYZE")
    signer = SecureCookieSessionInterface().get_signing_serializer(_signing())
    assert signer is not None
    cookie = signer.dumps({"token": token, "csrf_token": secrets.token_hex(20)})  # as a browser's is after its first page
    (path.parent / f"{path.stem}.cookie").write_text(str(cookie))
    db.engine().dispose()
    return path


def _signing() -> Flask:
    app = Flask("signing")
    app.secret_key = "a secret"
    return app


def _fill(numbers: range, each: int) -> None:
    with db.transaction() as session:
        session.execute(sa.insert(Offer.__table__), list(_offers(numbers, each)))  # type: ignore[arg-type]
        session.execute(sa.insert(Assessment.__table__), list(_assessments(numbers)))  # type: ignore[arg-type]


def _ground(size: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    side = min(size, SIDE)
    made = datetime(2026, 1, 2, tzinfo=UTC)
    yield (
        Organisation.__table__,
        [{"id": 1, "code": 4101, "kind": Kind.CREDITOR, "name": ACTOR.organisation_name, "email": "post@water.example"}],
    )
    yield Person.__table__, [{"id": 1, "email": "a@b.example", "name": ACTOR.name, "created_at": made}]
    yield Membership.__table__, [{"person_id": 1, "organisation_id": 1, "role": Role.CREDITOR_WORKER, "starts_on": date(2020, 1, 1)}]
    yield Consent.__table__, [{
        "id": 1, "ref": "C-1", "creditor_id": 1, "version": 1, "state": State.SIGNED, "effect": Effect.PREPARE, "clauses": {},
        "starts_on": date(2020, 1, 1), "drafted_by": "Els", "signed_by": "Els", "signed_at": made, "created_at": made, "saved_at": made,
    }]  # fmt: skip
    yield Case.__table__, [_case(at, made) for at in range(1, side + 2)]
    yield Claim.__table__, [_claim(at) for at in range(1, side + 2)] + [_claim(side + 1 + at, side + 1) for at in range(1, 12)]
    yield Proposal.__table__, [_proposal(at, made) for at in range(1, side + 2)]
    yield Offer.__table__, [_page_offer(side + 1, at) for at in range(12)]
    yield Assessment.__table__, [_assessment(PAGE, covered=False)]
    yield (
        OfferEvent.__table__,
        [
            {"offer_id": 10_000_000, "creditor_id": 1, "at": datetime.now(UTC), "what": what, "who": ACTOR.name, "facts": {"person": 1}}
            for what in ("reminded", "reminded", "opened")
        ],
    )


def _case(at: int, made: datetime) -> dict[str, Any]:
    return {
        "id": at, "ref": f"D-{at}", "relation_code": 700_000 + at, "sequence": 1, "initials": "S.", "given_name": "Saïda",
        "surname": "van 't Hof", "surname_index": bytes(16), "birth_date": date(1987, 5, 2), "street": "Vlinderhof",
        "house_number": str(at), "postcode": "1098 HJ", "city": "Amsterdam", "entrepreneur": False, "started_on": date(2026, 3, 2),
        "calculated_on": date(2026, 5, 2), "income_cents": 184_200, "vtlb_cents": 165_600, "extra_cents": 0, "created_at": made,
    }  # fmt: skip


def _claim(at: int, case: int | None = None) -> dict[str, Any]:
    return {
        "id": at, "case_id": case or at, "number": at, "creditor_id": 1, "reference": f"ZO{at:07d}", "rank": Rank.CONCURRENT,
        "reported_cents": 312_764, "stated_cents": 312_764, "stated_on": date(2026, 4, 20),
    }  # fmt: skip


def _proposal(at: int, made: datetime) -> dict[str, Any]:
    numbers = [at, *range(at + 1, at + 12)]
    claims = [{"id": str(n), "takes_part_cents": 312_764, "payment_cents": 38_224, "percentage": "12.22"} for n in numbers]
    worked = {
        "input": {"claims": [{"id": str(n), "rank": "concurrent", "balance_cents": 312_764} for n in numbers]},
        "result": {"claims": claims, "capacity_cents": 18_600},
    }
    return {
        "id": at, "ref": f"V-{at}", "case_id": at, "state": ProposalState.ISSUED, "product": Product.RESTRUCTURING_LOAN, "months": 18,
        "annual_rate": "7.50", "fingerprint": "0" * 64, "drafted_by": "Ada", "drafted_at": made, "worked": worked,
        "available_cents": 458_688, "issued_on": today() - timedelta(days=7), "answer_by": today() + timedelta(days=7),
        "closes_on": today() + timedelta(days=21), "remind_on": [today().isoformat()],
    }  # fmt: skip


def _offer(id_: int, ref: str, proposal: int, claim: int) -> dict[str, Any]:
    waits = id_ % 10 < 6
    return {
        "id": id_, "ref": ref, "proposal_id": proposal, "case_id": proposal, "claim_id": claim, "creditor_id": 1,
        "reference": f"ZO{id_:07d}", "surname_index": bytes(16), "rank": Rank.CONCURRENT, "product": Product.RESTRUCTURING_LOAN,
        "state": (OfferState.PREPARED if id_ % 3 == 0 else OfferState.OPEN) if waits else OfferState.NO_RESPONSE,
        "balance_cents": 312_764, "takes_part_cents": 312_764, "payment_cents": 38_224, "percentage": "12.22", "revision": 1,
        "issued_on": today() - timedelta(days=7), "answer_by": today() + timedelta(days=id_ % 31 - 10),
        "closes_on": today() + timedelta(days=21), "code": "2222222222", "code_index": secrets.token_bytes(16),
    }  # fmt: skip


def _offers(numbers: range, each: int) -> Iterator[dict[str, Any]]:
    for n in numbers:
        yield _offer(n + 1, f"A-{n}", n // each + 1, n % each + 1)


def _page_offer(proposal: int, at: int) -> dict[str, Any]:
    made = _offer(10_000_000 + at, PAGE if at == 0 else f"A-OTHER-{at}", proposal, proposal + at)
    return made | {"state": OfferState.OPEN if at == 0 else OfferState.ACCEPTED, "answered_at": datetime.now(UTC)}


def _assessments(numbers: range) -> Iterator[dict[str, Any]]:
    for n in numbers:
        yield _assessment(f"A-{n}", covered=n % 3 == 0)


def _assessment(ref: str, *, covered: bool) -> dict[str, Any]:
    rows = [{"clause": "min_percentage", "required": "10.00" if covered else "15.00", "actual": "12.22", "met": covered}]
    return {
        "offer_ref": ref, "creditor_id": 1, "consent_id": 1, "covered": covered, "rows": rows, "product": Product.RESTRUCTURING_LOAN,
        "payment_cents": 38_224, "takes_part_cents": 312_764, "total_cents": 3_000_000, "balance_cents": 312_764, "stated_cents": 312_764,
        "months": 18, "settlement_known": True, "issued_on": today(), "fraud": False,
    }  # fmt: skip


if __name__ == "__main__":
    main()
