"""P8: simulate a draft consent on 100,000 past offers, against one SQL aggregate over the same rows."""

import random
import sys
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from app import connect, db
from app.access import Kind
from app.config import FieldKeys, Settings
from app.consents.assessing import assessment_row
from app.consents.models import Assessment
from app.consents.rules import Clauses, Facts, Product, evaluate
from app.consents.simulation import Simulation, simulate
from app.creditors.models import Organisation
from benchmarks.report import Measure, finish, side_by_side

OFFERS = 1_000_000 if "--whole" in sys.argv else 100_000
CHUNK = 20_000
TODAY = date(2026, 6, 4)
DRAFT = Clauses(
    products=frozenset({Product.RESTRUCTURING_LOAN, Product.DEBT_MEDIATION, Product.YOUTH_LOAN}),
    zero_offers=False,
    min_percentage=Decimal("9.50"),
    max_claim_cents=350_000,
    max_share=Decimal("40.00"),
    max_months=36,
    entrepreneurs=False,
    requires_guidance=False,
    years_since_settlement=5,
    balance_tolerance=Decimal("5.00"),
)


def facts(chance: random.Random) -> Facts:
    claim = chance.randint(5_000, 500_000)
    return Facts(
        product=chance.choice((Product.RESTRUCTURING_LOAN, Product.DEBT_MEDIATION, Product.ZERO_OFFER)),
        payment_cents=claim * chance.randint(0, 30) // 100,
        takes_part_cents=claim,
        total_cents=claim * chance.randint(2, 20),
        balance_cents=claim,
        stated_cents=claim - chance.randint(0, 3_000),
        months=chance.choice((18, 36)),
        entrepreneur=chance.random() < 0.05,
        guidance=True,
        last_settlement=TODAY - timedelta(days=chance.randint(500, 4_000)) if chance.random() < 0.1 else None,
        settlement_known=True,
        issued_on=TODAY - timedelta(days=chance.randint(0, 360)),
        fraud=chance.random() < 0.01,
    )


def fill() -> None:
    chance = random.Random(8)
    with db.transaction() as session:
        session.add(Organisation(id=1, kind=Kind.CREDITOR, name="Zorgverzekeraar De Linde"))
    for first in range(0, OFFERS, CHUNK):
        with db.transaction() as session:
            session.execute(insert(Assessment), [row(number, facts(chance)) for number in range(first, first + CHUNK)])


def row(number: int, one: Facts) -> dict[str, Any]:
    return assessment_row(f"A-{number:08}", 1, None, one, evaluate(DRAFT, one))


def aggregate() -> None:
    figures = (func.count(), func.count().filter(Assessment.covered), func.sum(Assessment.payment_cents))
    with db.reading() as session:
        session.execute(select(*figures).where(Assessment.creditor_id == 1, Assessment.issued_on > date(2025, 6, 4))).one()


def simulated() -> Simulation:
    with db.reading() as session:
        return simulate(session, 1, DRAFT, TODAY)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        keys = FieldKeys.parse(FieldKeys.generate())
        connect(Settings("development", f"sqlite:///{folder}/simulation.sqlite", "x", keys, "", "console:", Path(folder)))
        db.migrate()
        fill()
        found = simulated()
        assert found.total == OFFERS
        assert 0 < found.covered < OFFERS
        floor, ours = side_by_side(aggregate, simulated, rounds=7)
        db.engine().dispose()
    finish("P8 simulate a consent", [Measure(f"{OFFERS:,} past offers", floor, ours, 5.0)])


if __name__ == "__main__":
    main()
