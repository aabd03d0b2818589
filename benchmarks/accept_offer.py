"""P3: accepting an offer (change, history, audit event, mail job, commit) against a one-row insert and commit at the same durability.

By the code of the letter, because that answer has a job: its creditor gets a mail.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app import connect, db
from app.jobs import service as jobs
from app.proposals.lifecycle import AnsweredBy
from app.proposals.models import Offer, OfferEvent
from app.proposals.responding import Seen, accept_offer
from benchmarks import offer_list
from benchmarks.report import Measure, finish, side_by_side

ANSWERS, ROUNDS = 40, 11


def main() -> None:
    """Answer some offers and insert as many rows, in turn; report the best of each."""
    with tempfile.TemporaryDirectory() as name:
        path = offer_list.prepared(Path(name) / "portal.sqlite", 2_000, each=12)
        connect(offer_list.settings(path))
        jobs.prepare(offer_list.settings(path).database_url)
        floor, ours = side_by_side(_insert, _accept(_refs()), rounds=ROUNDS)
    finish("P3 accept_offer", [Measure("one answer against one row, in ms", *(t * 1000 / ANSWERS for t in (floor, ours)), goal=6)])


def _refs() -> Any:
    """Return the references of offers that wait, each to be used once."""
    with db.reading() as session:
        return iter(list(session.scalars(sa.select(Offer.ref).where(Offer.state == "open").order_by(Offer.id))))


def _insert() -> None:
    table = OfferEvent.__table__
    for at in range(ANSWERS):
        with db.engine().begin() as connection:
            row = {"offer_id": 1, "creditor_id": 1, "what": "opened", "who": "Mia", "facts": {"at": at}}
            connection.execute(sa.insert(table).values(at=sa.func.now()), row)  # type: ignore[arg-type]


def _accept(refs: Any) -> Callable[[], None]:
    def accept() -> None:
        for _ in range(ANSWERS):
            accept_offer(offer_list.ACTOR, Seen(next(refs), 1, AnsweredBy.CODE))

    return accept


if __name__ == "__main__":
    main()
