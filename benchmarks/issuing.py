"""P6: issue 400 approved cases (about 4,600 offers, consents evaluated) against Core bulk inserts of the same rows; ten times as many."""

import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app import connect, db
from app.access import Actor, Kind, Role
from app.audit.models import Event, Head
from app.cases.models import Case, Claim
from app.cases.rules import Rank
from app.clock import today
from app.config import FieldKeys, Settings
from app.consents.models import Assessment, Consent
from app.consents.rules import Clauses, Effect, Product, State, to_json
from app.creditors.models import Organisation
from app.deadlines import months_before
from app.jobs import service as jobs
from app.notifications.models import Message
from app.proposals.drafting import draft_ready
from app.proposals.issuing import issue_approved
from app.proposals.models import Offer, OfferEvent, Proposal
from app.sealing import blind_index
from benchmarks.report import Measure, finish

CASES, LARGE, ROUNDS = 400, 4_000, 2
CREDITORS, CLAIMS = 45, (11, 12)  # so many claims a case in turn: 11.5 on average
WRITTEN: tuple[sa.Table, ...] = tuple(
    model.__table__
    for model in (Offer, Assessment, OfferEvent, Event, Message)  # type: ignore[misc]
)


class NoQueue:
    """Takes jobs and forgets them: what letters and mail cost is measured elsewhere."""

    def put(self, session: object, job: str, argument: object, key: str) -> None:
        """Do nothing."""


def main() -> None:
    """Measure in turn on copies of one prepared database, and report the best of each."""
    jobs.bind(NoQueue())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = _prepared(folder, CASES), _prepared(folder, LARGE)
        rounds = [_round(small, large, folder) for _ in range(ROUNDS)]
        floor, ours, few, many = (min(times) for times in zip(*rounds, strict=True))
    finish(
        "P6 issuing",
        [
            Measure("400 cases against bare inserts of the same rows, in seconds", floor, ours, goal=4),
            Measure("4,000 cases against 400, in seconds of the processor", few, many, goal=10.5),
        ],
    )


@dataclass(frozen=True)
class Run:
    """What issuing took, on the clock and of the processor, and what it wrote."""

    seconds: float
    processor: float  # a long run meets more of what else the machine does, so growth is told in this
    rows: dict[sa.Table, list[dict[str, Any]]]
    proposals: list[dict[str, Any]]


def _round(small: Path, large: Path, folder: Path) -> tuple[float, float, float, float]:
    """Issue 400 cases five times before and five times after the 4,000: both sides meet as much of what else the machine does."""
    fews = [_issue(small, folder, keep=at == 0) for at in range(5)]
    floors = [_bare(small, folder, fews[0]) for _ in range(3)]
    many = _issue(large, folder, keep=False)
    fews += [_issue(small, folder, keep=False) for _ in range(5)]
    return min(floors), min(few.seconds for few in fews), sum(few.processor for few in fews) / len(fews), many.processor


def _issue(prepared: Path, folder: Path, *, keep: bool = True) -> Run:
    """Issue everything that is approved; keep what it wrote, or forget it."""
    _open(prepared, folder / "ours.sqlite")
    before = {table: _count(table) for table in WRITTEN}
    begin = time.perf_counter(), time.process_time()
    done = issue_approved(OFFICER)
    taken = time.perf_counter() - begin[0], time.process_time() - begin[1]
    assert (done.issued > 0, done.covered > 0, done.left) == (True, True, ())
    if not keep:
        return Run(*taken, {}, [])
    return Run(*taken, {table: _rows(table, before[table]) for table in WRITTEN}, _rows(Proposal.__table__, 0))  # type: ignore[arg-type]


def _bare(prepared: Path, folder: Path, run: Run) -> float:
    """Insert the same rows, ready made, and set what issuing sets in the proposals: the least that any program has to do."""
    _open(prepared, folder / "floor.sqlite")
    fields = ("state", "issued_at", "issued_on", "answer_by", "remind_on", "closes_on", "worked", "revision")
    changed = [{"this": row["id"], **{name: row[name] for name in fields}} for row in run.proposals]
    begin = time.perf_counter()
    with db.transaction() as session:
        for table, made in run.rows.items():
            session.execute(sa.insert(table), made)
        table = Proposal.__table__
        session.connection().execute(
            sa.update(table).where(table.c.id == sa.bindparam("this")).values({name: sa.bindparam(name) for name in fields}), changed
        )
        session.execute(sa.update(Head).values(sequence=Head.sequence + len(run.rows[Event.__table__])))  # type: ignore[index]
    return time.perf_counter() - begin


def _count(table: sa.Table) -> int:
    with db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _rows(table: sa.Table, skip: int) -> list[dict[str, Any]]:
    key = next(iter(table.primary_key.columns))
    with db.reading() as session:
        found = session.execute(sa.select(table).order_by(key).offset(skip).limit(10**9))
        return [dict(row._mapping) for row in found]


# ── what is issued ───────────────────────────────────────────────────────────

OFFICER = Actor("Mila Haverkamp", frozenset({Role.OFFICER}), Kind.BANK, 1, "Kredietbank", 1)


def _prepared(folder: Path, cases: int) -> Path:
    """Make a database in which so many proposals are approved; two thirds of the creditors have a consent in force."""
    path = folder / f"prepared-{cases}.sqlite"
    connect(_settings(path))
    db.migrate()
    with db.transaction() as session:
        for table, rows in _made(cases):
            session.execute(sa.insert(table), rows)
    draft_ready(OFFICER)
    with db.transaction() as session:
        by = {"approved_by": "Ruben Oudkerk", "approved_person_id": 2, "approved_at": datetime(2026, 6, 4, tzinfo=UTC)}
        session.execute(sa.update(Proposal).values(state="approved", **by))
    db.engine().dispose()  # the last connection to go folds the log into the file
    return path


def _made(cases: int) -> list[tuple[Any, list[dict[str, Any]]]]:
    creditors = [_organisation(at) for at in range(1, CREDITORS + 1)]
    consents = [_consent(at) for at in range(1, CREDITORS + 1) if at % 3]
    claims = [_claim(case, number) for case in range(1, cases + 1) for number in range(1, CLAIMS[case % 2] + 1)]
    return [
        (Organisation.__table__, creditors), (Consent.__table__, consents),
        (Case.__table__, [_case(at) for at in range(1, cases + 1)]), (Claim.__table__, claims),
    ]  # fmt: skip


def _organisation(at: int) -> dict[str, Any]:
    return {"id": at, "code": 4100 + at, "kind": Kind.CREDITOR, "name": f"Schuldeiser {at}", "email": f"post{at}@schuldeiser.example"}


def _consent(at: int) -> dict[str, Any]:
    clauses = Clauses(products=frozenset({Product.RESTRUCTURING_LOAN}), zero_offers=True, max_claim_cents=900_000, max_months=18)
    signed = datetime(2025, 12, 20, tzinfo=UTC)
    return {
        "ref": f"C-{at}", "creditor_id": at, "version": 1, "state": State.SIGNED, "effect": Effect.ACCEPT, "clauses": to_json(clauses),
        "starts_on": date(2026, 1, 1), "drafted_by": "Els Vermaat", "signed_by": "Els Vermaat",
        "signed_at": signed, "created_at": signed, "saved_at": signed,
    }  # fmt: skip


def _case(at: int) -> dict[str, Any]:
    return {
        "id": at, "ref": f"D-{at}", "relation_code": 700_000 + at, "sequence": 1, "initials": "A.B.", "given_name": "Ömer",
        "surname": f"Achternaam{at}", "surname_index": blind_index(f"Achternaam{at}"), "birth_date": date(1987, 5, 2),
        "street": "Vlinderhof", "house_number": str(at), "postcode": "1098 HJ", "city": "Amsterdam", "entrepreneur": False,
        "started_on": months_before(today(), 3), "calculated_on": months_before(today(), 2),
        "income_cents": 180_000 + at % 997, "vtlb_cents": 165_600, "extra_cents": 0, "team": "buurtteam Zuid",
        "created_at": datetime(2026, 1, 2, tzinfo=UTC),
    }  # fmt: skip


def _claim(case: int, number: int) -> dict[str, Any]:
    cents = 10_000 + (case * 7919 + number * 104_729) % 1_200_000
    return {
        "case_id": case, "number": number, "creditor_id": (case + number * 7) % CREDITORS + 1, "reference": f"ZO{case:07d}",
        "rank": Rank.PREFERENTIAL if number % 4 == 0 else Rank.CONCURRENT, "reported_cents": cents, "stated_cents": cents,
        "stated_on": date(2026, 3, 1),
    }  # fmt: skip


def _open(prepared: Path, path: Path) -> None:
    db.engine().dispose()
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(prepared, path)
    connect(_settings(path))


def _settings(path: Path) -> Settings:
    keys = FieldKeys({1: bytes(32)}, bytes(32))
    return Settings("development", f"sqlite:///{path}", "a secret", keys, "http://portaal.example", "console:", path.parent / "files")


if __name__ == "__main__":
    main()
