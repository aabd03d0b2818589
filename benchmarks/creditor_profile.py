"""The profile of the busiest creditor: 100,000 offers and 50,000 early signals in two years, and the night that counts them.

The page is asked of the whole app without a server between, and laid beside a bare Flask view that runs the same statements by Core
(but the one of the menu) and draws a plain table; beside itself for a creditor with a hundredth of the rows; and the night's
counting beside one aggregate over the same rows. All in seconds of the processor.
"""

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import connect, create_app, db
from app.access import Kind, Role
from app.accounts.models import Membership, Person
from app.accounts.service import open_whole
from app.clock import today
from app.consents.models import Assessment
from app.creditors.models import Organisation
from app.early_signals.models import Signal
from app.early_signals.routing import Rule, Team
from app.early_signals.rules import Sort
from app.proposals.models import Offer
from app.relations.profile_counting import count_months
from benchmarks.offer_list import prepared, settings
from benchmarks.report import Measure, finish

OFFERS, SIGNALS = 100_000, 50_000
FEW = 100  # so many times fewer in the small one
DAYS = 720
PATH = "/relations/creditors/4101"
ROUNDS, CALLS = 9, 10


def main() -> None:
    """Prepare a small and a large creditor, and report the best of each round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small_page, small_bare = _on(folder / "small.sqlite", OFFERS // FEW, SIGNALS // FEW)
        bare, page = _side_by_side(partial(_many, small_bare), partial(_many, small_page), rounds=ROUNDS)
        large_page, large_bare = _on(folder / "large.sqlite", OFFERS, SIGNALS)
        large_floor, large = _side_by_side(partial(_many, large_bare), partial(_many, large_page), rounds=ROUNDS)
        aggregate, counting = _side_by_side(_aggregate, count_months, rounds=3)
    finish(
        "creditor profile",
        [
            Measure("the page with 100,000 offers and 50,000 signals, same SQL by Core in a bare view", large_floor, large, goal=3),
            Measure("the page with a hundredth of them, the same", bare, page, goal=3),
            Measure("the large page against the small one", page, large, goal=1.2),
            Measure("the night: counting all months against one aggregate over the same rows", aggregate, counting, goal=5),
        ],
    )


def _side_by_side(floor: Callable[[], object], ours: Callable[[], object], *, rounds: int) -> tuple[float, float]:
    """Time both in turn by the processor: the two databases are measured after each other, and other work must not tell in between."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, taken in zip((floor, ours), times, strict=True):
            begin = time.process_time()
            work()
            taken.append(time.process_time() - begin)
    return min(times[0]), min(times[1])


def _many(view: Callable[[], bytes]) -> None:
    for _ in range(CALLS):
        view()


def _on(path: Path, offers: int, signals: int) -> tuple[Callable[[], bytes], Callable[[], bytes]]:
    """Fill a database and return what asks its profile of the portal, and of the bare view."""
    prepared(path, offers, min(offers, 1_000))
    connect(settings(path))
    _spread()
    for start in range(0, signals, 10_000):
        with db.transaction() as session:
            session.execute(sa.insert(Signal), list(_signals(range(start, min(start + 10_000, signals)))))
    cookie = _relations_manager()
    begin = time.perf_counter()
    count_months()
    print(f"  counted {offers:,} offers and {signals:,} signals in {time.perf_counter() - begin:.2f} s")
    portal = create_app(settings(path))
    ask = _asking(portal, PATH, cookie)
    assert b"Acht kwartalen" in ask()  # the first look is noted: the next one only reads
    bare = _bare(_statements(ask))
    return ask, _asking(bare, "/", cookie)


# ── the rows ─────────────────────────────────────────────────────────────────


def _spread() -> None:
    """Lay the offers and how they compared out over two years, most of them answered."""
    day = f"date('{today() - timedelta(days=DAYS)}', '+' || (id % {DAYS}) || ' days')"
    answered = "issued_on || ' 09:00:00.000000'"
    with db.transaction() as session:
        run = session.connection().exec_driver_sql
        run(f"UPDATE offer SET issued_on = {day}, answer_by = date({day}, '+14 days'), closes_on = date({day}, '+28 days')")  # noqa: S608
        run(f"UPDATE consent_assessment SET issued_on = {day}")  # noqa: S608
        run(
            "UPDATE offer SET state = CASE id % 10 WHEN 8 THEN 'rejected' WHEN 9 THEN 'no response' ELSE 'accepted' END, "  # noqa: S608
            "reject_reason = CASE id % 10 WHEN 8 THEN 'policy' END, "
            "answered_by = CASE WHEN id % 10 < 5 THEN 'by consent' ELSE 'by hand' END, "
            f"answered_at = CASE WHEN id % 10 < 9 THEN {answered} END"
        )


def _signals(numbers: range) -> Iterator[dict[str, Any]]:
    at = datetime.now(UTC)
    for n in numbers:
        on = today() - timedelta(days=n % DAYS)
        yield {
            "ref": f"V-{n}", "reporter_id": 1, "reference": f"KL{n}", "reported_on": on, "received_at": at - timedelta(days=n % DAYS),
            "received_by": "Pieter Dros", "given_name": "S", "surname": "Hof", "street": "V", "house_number": "1", "postcode": "1098HJ",
            "city": "A", "phone": "", "email": "", "surname_index": bytes(16), "sort": Sort.ARREARS, "arrears_cents": 40_000,
            "instalments": 2, "confirmations": [], "household_no": n, "young": False, "repeated": n % 7 == 0, "outdated": n % 11 == 0,
            "team_kind": next(iter(Team)), "rule": next(iter(Rule)), "team_name": "Buurtteam Zuid", "urgency": 2, "act_by": at,
            "feedback_by": on + timedelta(days=28),
        }  # fmt: skip


def _relations_manager() -> str:
    """Add somebody of the relations team and return the cookie with which that person is signed in."""
    with db.transaction() as session:
        session.add(Organisation(id=2, kind=Kind.RELATIONS_TEAM, name="Relatiebeheer", email="relaties@stad.example"))
        session.add(Person(id=2, email="joris@stad.example", name="Joris Blaauw", created_at=datetime.now(UTC)))
        session.flush()
        session.add(Membership(person_id=2, organisation_id=2, role=Role.RELATIONSHIP_MANAGER, starts_on=date(2020, 1, 1)))
        token = open_whole(session, 2, "127.0.0.1", "benchmark")
    signing = Flask("signing")
    signing.secret_key = "a secret"
    signer = SecureCookieSessionInterface().get_signing_serializer(signing)
    assert signer is not None
    return str(signer.dumps({"token": token, "csrf_token": secrets.token_hex(20)}))


# ── the views ────────────────────────────────────────────────────────────────

TABLE = (
    "<!doctype html><title>x</title><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>"
    "{% endfor %}</table>"
)


def _asking(app: Flask, path: str, cookie: str) -> Callable[[], bytes]:
    """Return what calls an app as a server does, without one between."""

    def ask() -> bytes:
        environ = EnvironBuilder(path, headers=[("Cookie", f"portal={cookie}")]).get_environ()
        body, status, _ = run_wsgi_app(app.wsgi_app, environ)
        content = b"".join(body)
        assert status.startswith("200"), status
        return content

    return ask


def _statements(ask: Callable[[], bytes]) -> list[tuple[Any, Any]]:
    """Record the statements of the page with their parameters, but the last one, which counts for the menu."""
    kept: list[tuple[Any, Any]] = []

    def keep(_: Any, statement: Any, __: Any, parameters: Any, ___: Any) -> None:
        kept.append((statement, parameters))

    sa.event.listen(db.engine(), "before_execute", keep)
    ask()
    sa.event.remove(db.engine(), "before_execute", keep)
    return kept[:-1]


def _bare(statements: list[tuple[Any, Any]]) -> Flask:
    """Return an app that runs the same statements by Core and draws their rows in a plain table."""
    app = Flask("bare")
    table = app.jinja_env.from_string(TABLE)
    engine = db.engine()

    def view() -> str:
        with engine.execution_options(reads_only=True).connect() as connection:
            return table.render(rows=[row for statement, parameters in statements for row in connection.execute(statement, parameters)])

    app.add_url_rule("/", "page", view)
    return app


def _aggregate() -> None:
    """Count every row that the night counts once, by creditor and month, in one aggregate a table."""
    compared = Assessment.creditor_id, Assessment.issued_on
    counted = ((Offer.creditor_id, Offer.issued_on), compared, (Signal.reporter_id, Signal.reported_on))
    with db.reading(as_portal=True) as session:
        for creditor, day in counted:
            month = sa.extract("year", day), sa.extract("month", day)
            session.execute(sa.select(creditor, *month, sa.func.count()).group_by(creditor, *month)).all()


if __name__ == "__main__":
    main()
