"""From rows to a calculation: the one place that says how a case in the register reads as a worked case."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.cases.models import Case, Claim
from app.consents.rules import Product
from app.proposals import calculation
from app.proposals.lifecycle import Debtor


@dataclass(frozen=True)
class Choice:
    """What an officer chooses: the product and its terms. None for months or rate: the parameter of the day."""

    product: Product
    months: int | None = None
    annual_rate: Decimal | None = None
    fee_percentage: Decimal = Decimal(0)
    reason: str = ""


def debtor(case: Case) -> Debtor:
    """Return what is known of the client; guidance is arranged when a neighbourhood team is named."""
    return Debtor(
        birth_date=case.birth_date,
        entrepreneur=case.entrepreneur,
        guidance=bool(case.team),
        last_settlement=case.last_settlement_on,
        settlement_known=case.settlement_known,
    )


def claims_of(claims: Sequence[Claim], codes: Mapping[int, int]) -> tuple[calculation.Claim, ...]:
    """Return the claims as a calculation reads them; `codes` gives the register's code of each creditor id."""
    return tuple(
        calculation.Claim(
            id=str(claim.number),
            creditor=codes[claim.creditor_id],
            rank=claim.rank,
            balance_cents=claim.balance_cents,
            stated_cents=claim.stated_cents,
            security_cents=claim.security_cents,
            fraud=claim.fraud,
            obstacle=claim.obstacle,
        )
        for claim in claims
    )


def worked(
    case: Case,
    claims: tuple[calculation.Claim, ...],
    choice: Choice,
    on: date,
    consents: Sequence[calculation.Consent] = (),
) -> calculation.Case:
    """Return the input of the calculation of a case for a choice, as of and issued on one day."""
    return calculation.Case(
        as_of=on,
        product=choice.product,
        income_cents=case.income_cents,
        vtlb_cents=case.vtlb_cents,
        issued_on=on,
        claims=claims,
        debtor=debtor(case),
        consents=tuple(consents),
        months=choice.months,
        annual_rate=choice.annual_rate,
        extra_cents=case.extra_cents,
        fee_percentage=choice.fee_percentage,
        reason=choice.reason or None,
    )


def fingerprint(case: Case, claims: Sequence[calculation.Claim]) -> str:
    """Return a hash of everything that a proposal rests on, to see whether it changed since somebody looked."""
    known = debtor(case)
    figures = (case.income_cents, case.vtlb_cents, case.extra_cents, case.calculated_on, case.closed_on)
    return hashlib.sha256(repr((figures, known, sorted(claims, key=lambda claim: claim.id))).encode()).hexdigest()
