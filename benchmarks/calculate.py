"""P7: `portal calculate` as a process, and a calculation of 12 claims in process against the same arithmetic as a bare function."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal
from itertools import count
from pathlib import Path

from app.proposals.calculation import calculate
from app.proposals.worked_case import read_case
from benchmarks.report import Measure, finish, side_by_side

CASES = Path(__file__).parent.parent / "tests" / "cases"
PORTAL = Path(sys.executable).with_name("portal")
EXACT = Context(prec=60)
TIMES = 200
PRODUCTS = ["restructuring_loan", "zero_offer"]
LEAST, MONTHS, FIRST, ISSUED = Decimal("3.00"), 18, date(2026, 1, 1), date(2026, 3, 4)
RANKS = ("preferential", "concurrent", "concurrent", "concurrent")
CLAIMS = "\n".join(
    f"  - {{id: c{at:02d}, creditor: {4100 + at}, rank: {RANKS[at % 4]}, balance_cents: {10_007 * (at + 3)}}}" for at in range(12)
)
CONSENTS = "\n".join(
    f"  - {{creditor: {4100 + at}, version: 1, clauses: {{products: [restructuring_loan, zero_offer], zero_offers: true,"
    ' min_percentage: "3.00", max_months: 18, valid_from: 2026-01-01, valid_until: null}}'
    for at in range(0, 12, 3)
)
CASE = f"""
as_of: 2026-03-02
product: restructuring_loan
income_cents: 152300
vtlb_cents: 141250
issued_on: 2026-03-04
claims:
{CLAIMS}
consents:
{CONSENTS}
"""


def main() -> None:
    """Measure both and report."""
    file = str(CASES / "01-contract-sample.yaml")
    process = side_by_side(lambda: _run(sys.executable, "-c", "pass"), lambda: _run(str(PORTAL), "calculate", file), rounds=21)
    case = read_case(CASE.encode())
    rows = [(claim.id, claim.takes_part_cents, claim.weight) for claim in case.claims]
    asked = [any(consent.creditor == claim.creditor for consent in case.consents) for claim in case.claims]
    assert bare(case.income_cents, case.vtlb_cents, Decimal("7.50"), rows, asked) == [
        (claim.payment_cents, claim.percentage, claim.coverage.covered) for claim in calculate(case).claims if claim.coverage
    ]
    floor_rates, our_rates = _new_rates(), _new_rates()
    inside = side_by_side(
        lambda: [bare(case.income_cents, case.vtlb_cents, next(floor_rates), rows, asked) for _ in range(TIMES)],
        lambda: [calculate(replace(case, annual_rate=next(our_rates))) for _ in range(TIMES)],
    )
    finish(
        "P7 calculate",
        [Measure("one case as a process, in seconds", *process, goal=6), Measure(f"12 claims in process, {TIMES} times", *inside, goal=3)],
    )


def _new_rates() -> Iterator[Decimal]:
    """Give another rate every time, so that both sides reckon the loan and neither remembers it."""
    return (Decimal(7) + Decimal(number).scaleb(-6) for number in count())


def _run(*command: str) -> None:
    """Run a command as an operator does: with compiled modules kept, also where a test machine has switched that off."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=kept)


def _factor(rate: Decimal) -> Decimal:
    yearly = 1 + rate / 100
    monthly = EXACT.power(yearly, EXACT.divide(Decimal(1), 12)) - 1
    return EXACT.divide(EXACT.subtract(1, EXACT.power(yearly, EXACT.divide(Decimal(-18), 12))), monthly)


def bare(income: int, protected: int, rate: Decimal, rows: list[tuple[str, int, int]], asked: list[bool]) -> list[tuple[int, str, bool]]:
    """Reckon the same sums without names, checks or reasons: the floor."""
    total = min(int(EXACT.multiply(Decimal(income - protected), _factor(rate))), sum(row[1] for row in rows))
    weights = sum(row[2] for row in rows)
    shares = [divmod(total * row[2], weights) for row in rows]
    payments = [share[0] for share in shares]
    order = sorted(range(len(rows)), key=lambda at: (-shares[at][1], rows[at][0]))
    for at in order[: total - sum(payments)]:
        payments[at] += 1
    done = []
    for (_, part, _weight), paid, has_consent in zip(rows, payments, asked, strict=True):
        number = (2 * paid * 10_000 + part) // (2 * part)
        percentage = f"{number // 100}.{number % 100:02d}"
        checks = _checks(paid, part, percentage) if has_consent else []
        done.append((paid, percentage, has_consent and all(check[3] for check in checks)))
    return done


def _checks(paid: int, part: int, percentage: str) -> list[tuple[str, object, object, bool]]:
    """Compare the six clauses of the consents above and keep what is shown of them."""
    return [
        ("products", PRODUCTS, PRODUCTS[0], PRODUCTS[0] in PRODUCTS),
        ("zero_offers", True, False, True),
        ("min_percentage", "3.00", percentage, paid * 100 >= LEAST * part),
        ("max_months", 18, 18, MONTHS <= 18),
        ("valid_from", FIRST.isoformat(), ISSUED.isoformat(), ISSUED >= FIRST),
        ("valid_until", None, ISSUED.isoformat(), bool(ISSUED)),
    ]


if __name__ == "__main__":
    main()
