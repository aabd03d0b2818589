"""P4: 5,000 answers in a workbook, tried, given and told of, against reading it and two bulk statements of as many rows."""

import io
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter
from python_calamine import load_workbook

from app import connect, db
from app.access import Kind
from app.audit.models import Event, Result
from app.creditors.models import Organisation
from app.exchange import answering, hub
from app.exchange.answer_words import REFUSALS
from app.exchange.uploads import Incoming
from app.jobs import service as jobs
from app.jobs.processes import settle_memory
from app.proposals import answer_files
from app.proposals.answer_sheets import AGAINST, ANSWER, KEY, WHY, WORDS
from app.proposals.lifecycle import CAN_BE_ANSWERED, AnsweredBy, OfferState
from app.proposals.models import Offer
from benchmarks import offer_list
from benchmarks.report import Measure, finish

ANSWERS, WRONG, ROUNDS = 5_000, 50, 4
MORE = 500  # offers beside those that are answered


@dataclass(frozen=True)
class Taken:
    """What a piece of work took, on the clock and of the processor."""

    seconds: float
    processor: float  # thousands of commits wait for whatever else the machine does, so the ratio is told in this too


def main() -> None:
    """Measure on copies of one prepared database in turn, and report the best of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared = with_a_bank(offer_list.prepared(folder / "prepared.sqlite", ANSWERS + MORE, each=12))
        content = _workbook(prepared)
        settle_memory()  # as web and worker do
        rounds = [(_floor(prepared, folder, content), *_ours(prepared, folder, content)) for _ in range(ROUNDS)]
    floors, trials, givings = zip(*rounds, strict=True)
    floor, cpu = min(one.seconds for one in floors), min(one.processor for one in floors)
    trial, cpu_trial = min(one.seconds for one in trials), min(one.processor for one in trials)
    giving, cpu_giving = min(one.seconds for one in givings), min(one.processor for one in givings)
    finish(
        "P4 answers from a file",
        [
            Measure("5,000 answers tried, given and told of, in seconds", floor, trial + giving, goal=4),
            Measure("the same in seconds of the processor", cpu, cpu_trial + cpu_giving, goal=4),
            Measure("of that the trial", cpu, cpu_trial, goal=4),
            Measure("of that giving and telling", cpu, cpu_giving, goal=4),
        ],
    )


def with_a_bank(prepared: Path) -> Path:
    """Add the bank, which is told of every rejection."""
    _open(prepared)
    with db.transaction() as session:
        session.add(Organisation(code=9001, kind=Kind.BANK, name="Kredietbank", email="bank@example.org"))
    db.engine().dispose()
    return prepared


def _workbook(prepared: Path) -> bytes:
    """Fill in a workbook: nine of ten accepted, one rejected, and some rows about offers that are not there."""
    _copy(prepared, prepared.parent / "fill.sqlite")
    waiting = sa.select(Offer.ref).where(Offer.state.in_(CAN_BE_ANSWERED)).order_by(Offer.id).limit(ANSWERS - WRONG)
    with db.reading() as session:
        refs = [*session.scalars(waiting), *(f"A-2222-{at:04}" for at in range(WRONG))]
    assert len(refs) == ANSWERS
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([(KEY, ANSWER, WHY, WORDS, AGAINST), *(_row(at, ref) for at, ref in enumerate(refs))]):
            sheet.write_row(line, 0, row)
    return out.getvalue()


def _row(at: int, ref: str) -> tuple[str, ...]:
    return (ref, "afgewezen", "ons beleid", "Ons beleid laat dit niet toe.", "ja") if at % 10 == 0 else (ref, "akkoord", "", "", "")


def _floor(prepared: Path, folder: Path, content: bytes) -> Taken:
    """Read the file, change as many offers with one statement and add as many audit rows with another, all of them ready made."""
    _copy(prepared, folder / "floor.sqlite")
    at = datetime.now(UTC)
    with db.reading() as session:
        ids = list(session.scalars(sa.select(Offer.id).where(Offer.state.in_(CAN_BE_ANSWERED)).order_by(Offer.id).limit(ANSWERS)))
    events = [_event(number, at) for number in range(ANSWERS)]
    offers: Any = Offer.__table__
    given = {"state": OfferState.ACCEPTED, "answered_at": at, "answered_by": AnsweredBy.FILE, "answerer": offer_list.ACTOR.name}
    update = sa.update(offers).where(offers.c.id == sa.bindparam("this")).values(revision=offers.c.revision + 1, **given)
    since = _now()
    rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    with db.transaction() as session:
        session.connection().execute(update, [{"this": id_} for id_ in ids])
        session.execute(sa.insert(Event.__table__), events)  # type: ignore[arg-type]
    assert len(rows) == ANSWERS + 1
    return _since(since)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(begin: tuple[float, float]) -> Taken:
    return Taken(time.perf_counter() - begin[0], time.process_time() - begin[1])


def _event(number: int, at: datetime) -> dict[str, Any]:
    """Make an audit row of about the size that an answer has."""
    return {
        "sequence": 1_000_000 + number, "at": at, "actor": offer_list.ACTOR.name, "person_id": 1,
        "organisation": offer_list.ACTOR.organisation_name, "organisation_id": 1, "action": "offers:answer",
        "subject": f"offer/A-{number:04}-2222", "concerns_id": 1, "result": Result.DONE.value, "origin": "127.0.0.1",
        "changes": '{"answered_by": [null, "by file"], "state": ["open", "accepted"]}', "hash": bytes(32),
    }  # fmt: skip


def _ours(prepared: Path, folder: Path, content: bytes) -> tuple[Taken, Taken]:
    """Try the file; give its answers and write the file of what could not be given. Return what each of the two took."""
    path = folder / "ours.sqlite"
    _copy(prepared, path)
    jobs.prepare(offer_list.settings(path).database_url)
    since = _now()
    ref = answer_files.try_file(offer_list.ACTOR, Incoming(hub.OFFERS, "Aanbiedingen.xlsx", content))
    trial, since = _since(since), _now()
    answer_files.confirm_file(offer_list.ACTOR, ref)
    answer_files.go_on(offer_list.ACTOR, ref)
    with db.reading() as session:
        left = answering.left_over(session, offer_list.ACTOR, hub.OFFERS, ref, REFUSALS)
    giving = _since(since)
    assert len(left.splitlines()) == WRONG + 1
    return trial, giving


def _copy(prepared: Path, path: Path) -> None:
    db.engine().dispose()
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(prepared, path)
    _open(path)


def _open(path: Path) -> None:
    jobs.bind(None)
    connect(offer_list.settings(path))


if __name__ == "__main__":
    main()
