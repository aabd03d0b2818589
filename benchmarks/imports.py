"""P5: import 50,000 claims of 4,167 cases, against the csv reader and Core bulk inserts of the same rows; the same again; memory (P12)."""

import csv
import gc
import shutil
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from app import connect, db
from app.access import SYSTEM
from app.cases.importing import import_cases
from app.cases.models import Case, Claim
from app.cases.rules import Rank
from app.config import FieldKeys, Settings
from app.creditors.importing import import_creditors
from app.sealing import blind_index
from benchmarks.report import Measure, finish

DEMO = Path(__file__).parent.parent / "demo"
CLAIMS, ROUNDS = 50_000, 3
APPLICATION = (
    "{code};1;;A.B.;Ömer;Achternaam{code};02-05-1987;Vlinderhof;{code};1098HJ;Amsterdam;alleenstaand;0;N;;"
    "02-08-2026;22-08-2026;2526,46;2368,25;0,00;;;;buurtteam Zuid"
)
CLAIM = "{code};1;{number};{creditor};;ZO{number:07d};C;{euros},75;{euros},75;10-09-2026;;;;;;"


def main() -> None:
    """Measure on fresh databases in turn, and report the best of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = _empty_database(folder)
        files = _files(folder, CLAIMS)
        rounds = [_round(empty, folder, files) for _ in range(ROUNDS)]
        floor, first, again = (min(times) for times in zip(*rounds, strict=True))
        small, large = (_peak(empty, folder, number) for number in (CLAIMS // 5, CLAIMS))
    finish(
        "P5 imports",
        [
            Measure("50,000 claims, the first time, in seconds", floor, first, goal=4),
            Measure("the same again, against the first time", first, again, goal=0.5),
            Measure("memory that 50,000 claims need against 10,000, in MB", small, large, goal=3),
        ],
    )


def _round(empty: Path, folder: Path, files: tuple[Path, Path]) -> tuple[float, float, float]:
    _open(empty, folder / "floor.sqlite")
    floor = _floor(files)
    _open(empty, folder / "ours.sqlite")
    first = _time(lambda: import_cases(SYSTEM, *files))
    again = _time(lambda: import_cases(SYSTEM, *files))
    return floor, first, again


def _floor(files: tuple[Path, Path]) -> float:
    """Time the bare work; its ready-made rows are gone again before ours begins."""
    cases, claims = _rows(files)
    return _time(lambda: _bare(files, cases, claims))


def _time(work: Callable[[], object]) -> float:
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _peak(empty: Path, folder: Path, number: int) -> float:
    files = _files(folder, number)
    _open(empty, folder / "memory.sqlite")
    tracemalloc.start()
    import_cases(SYSTEM, *files)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def _bare(files: tuple[Path, Path], cases: list[dict[str, object]], claims: list[dict[str, object]]) -> None:
    """Read the files and insert the rows, ready made: the least that any import has to do."""
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file, delimiter=";")) > 1
    with db.transaction() as session:
        session.execute(sa.insert(Case.__table__), cases)
        session.execute(sa.insert(Claim.__table__), claims)


def _files(folder: Path, claims: int) -> tuple[Path, Path]:
    """Write both files: 12 claims a case, with the columns of the samples."""
    paths = folder / f"aanvragen-{claims}.csv", folder / f"eisers-{claims}.csv"
    heads = [(DEMO / name).read_text(encoding="utf-8-sig").splitlines()[0] for name in ("aanvragen.csv", "eisers.csv")]
    numbers = [(100_000 + at // 12, at % 12 + 1) for at in range(claims)]
    codes = sorted({code for code, _ in numbers})
    paths[0].write_text("\n".join([heads[0], *(APPLICATION.format(code=code) for code in codes)]))
    rows = (CLAIM.format(code=code, number=at, creditor=4100 + at, euros=code % 997 + at) for code, at in numbers)
    paths[1].write_text("\n".join([heads[1], *rows]))
    return paths


def _rows(files: tuple[Path, Path]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Make the rows that the files hold, as the tables take them."""
    with files[1].open() as file:
        told = list(csv.DictReader(file, delimiter=";"))
    codes = {int(row["RelatieCode"]): place for place, row in enumerate(told, 1)}
    cases = [_case(place, code) for code, place in codes.items()]
    claims = [
        {
            "case_id": codes[int(row["RelatieCode"])], "number": int(row["UniekVolgnummer"]),
            "creditor_id": int(row["CodeEiser"]) - 4099, "reference": row["Referentie"], "rank": Rank.CONCURRENT,
            "reported_cents": 75, "stated_cents": 75, "stated_on": date(2026, 9, 10),
            "security_cents": 0, "fraud": False, "agent_id": None, "agent_reference": "", "bailiff_id": None, "bailiff_reference": "",
        }
        for row in told
    ]  # fmt: skip
    return cases, claims


def _case(place: int, code: int) -> dict[str, object]:
    return {
        "id": place, "ref": f"D-{code}", "relation_code": code, "sequence": 1, "bsn": None, "initials": "A.B.", "given_name": "Ömer",
        "surname": f"Achternaam{code}", "surname_index": blind_index(f"Achternaam{code}"), "birth_date": date(1987, 5, 2),
        "street": "Vlinderhof", "house_number": str(code), "postcode": "1098 HJ", "city": "Amsterdam", "household": "alleenstaand",
        "children": 0, "entrepreneur": False, "programme": "", "started_on": date(2026, 8, 2), "calculated_on": date(2026, 8, 22),
        "income_cents": 252646, "vtlb_cents": 236825, "extra_cents": 0, "team": "buurtteam Zuid",
        "created_at": datetime(2026, 8, 2, tzinfo=UTC),
    }  # fmt: skip


def _empty_database(folder: Path) -> Path:
    """Make a database with the register of creditors, to copy for each round."""
    path = folder / "empty.sqlite"
    connect(_settings(path))
    db.migrate()
    import_creditors(SYSTEM, DEMO / "creditors.csv")
    db.engine().dispose()  # the last connection to go folds the log into the file
    return path


def _open(empty: Path, path: Path) -> None:
    db.engine().dispose()
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(empty, path)
    connect(_settings(path))


def _settings(path: Path) -> Settings:
    keys = FieldKeys({1: bytes(32)}, bytes(32))
    return Settings("development", f"sqlite:///{path}", "a secret", keys, "http://portaal.example", "console:", path.parent / "files")


if __name__ == "__main__":
    main()
