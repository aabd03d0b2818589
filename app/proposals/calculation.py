"""What a debtor can pay, what each creditor gets of it, and whether its consent covers that. Pure: frozen values in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache

from app.cases.rules import Rank
from app.consents.rules import Clauses, Coverage, Facts, Product, covers_day, evaluate
from app.deadlines import add_working_days
from app.errors import Refusal
from app.money import Cents, percentage, split
from app.proposals import parameters
from app.proposals.lifecycle import Debtor, eligibility

_EXACT = Context(prec=60)
UNKNOWN = Debtor()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it stands: `balance_cents` counts, `stated_cents` is what the creditor itself named (None: nothing)."""

    id: str
    creditor: int
    rank: Rank
    balance_cents: Cents
    stated_cents: Cents | None = None
    security_cents: Cents = 0
    fraud: bool = False
    obstacle: bool = False  # the creditor named one with its balance

    @property
    def takes_part_cents(self) -> Cents:
        """A secured claim takes part with its shortfall (Fw 57-59a), an excluded one with nothing (Fw 358(4), 299a)."""
        if self.rank == Rank.EXCLUDED:
            return 0
        return max(0, self.balance_cents - self.security_cents) if self.rank == Rank.SECURED else self.balance_cents

    @property
    def weight(self) -> int:
        """A preferential claim counts double (Fw 349(2))."""
        return self.takes_part_cents * (2 if self.rank == Rank.PREFERENTIAL else 1)


@dataclass(frozen=True, slots=True)
class Consent:
    """A version of the standing consent of a creditor."""

    creditor: int
    version: int
    clauses: Clauses


@dataclass(frozen=True, slots=True)
class Case:
    """All that a calculation needs. None for months or rate: the parameter that holds on `as_of`."""

    as_of: date
    product: Product
    income_cents: Cents
    vtlb_cents: Cents
    issued_on: date
    claims: tuple[Claim, ...]
    debtor: Debtor = UNKNOWN
    consents: tuple[Consent, ...] = ()
    months: int | None = None
    annual_rate: Decimal | None = None
    extra_cents: Cents = 0
    fee_percentage: Decimal = Decimal(0)
    reason: str | None = None  # why mediation, the exception


@dataclass(frozen=True, slots=True)
class RankTotal:
    claims_cents: Cents
    payment_cents: Cents
    percentage: str


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What a claim gets. `coverage` is None for a claim that stands outside; `consent` is the version compared, if any."""

    id: str
    takes_part_cents: Cents
    payment_cents: Cents
    percentage: str
    consent: int | None
    coverage: Coverage | None
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class Terms:
    answer_by: date
    remind_on: tuple[date, date]
    closes_on: date


@dataclass(frozen=True, slots=True)
class Calculation:
    """The outcome: sums, division, coverage and terms, as they are fixed when a proposal is issued."""

    product: Product
    months: int
    annual_rate: Decimal
    capacity_cents: Cents
    available_cents: Cents
    fee_cents: Cents
    total_cents: Cents
    paid_cents: Cents
    preferential: RankTotal
    concurrent: RankTotal
    claims: tuple[ClaimResult, ...]
    terms: Terms
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sums:
    months: int
    rate: Decimal
    capacity: Cents
    available: Cents
    fee: Cents


NOT_COVERED = Coverage(covered=False, rows=())


def calculate(case: Case) -> Calculation:
    """Calculate a case. Raises Refusal for a zero offer to somebody who can pay, and for a day before the parameters begin."""
    parts = [claim.takes_part_cents for claim in case.claims]
    total = sum(parts)
    sums = _sums(case, total)
    payments = divide(case.claims, min(sums.available, total))
    preferential = _rank_total(case, parts, payments, preferential=True)
    return Calculation(
        product=case.product,
        months=sums.months,
        annual_rate=sums.rate,
        capacity_cents=sums.capacity,
        available_cents=sums.available,
        fee_cents=sums.fee,
        total_cents=total,
        paid_cents=sum(payments),
        preferential=preferential,
        concurrent=_rank_total(case, parts, payments, preferential=False),
        claims=_claim_results(case, sums.months, parts, payments),
        terms=terms(case.issued_on, case.as_of),
        warnings=_warnings(case, sums, total),
    )


# ── what can be paid ─────────────────────────────────────────────────────────


def capacity(income_cents: Cents, vtlb_cents: Cents) -> Cents:
    """Return what is left a month above the protected income, never below 0."""
    return max(0, income_cents - vtlb_cents)


def present_value(monthly_cents: Cents, months: int, annual_rate: Decimal) -> Cents:
    """Return the loan that so many instalments repay at an effective yearly rate, in whole cents rounded down."""
    return int(_EXACT.multiply(Decimal(monthly_cents), _factor(months, annual_rate)))


@lru_cache(maxsize=1024)
def _factor(months: int, annual_rate: Decimal) -> Decimal:
    """(1 - (1+m)^-n) / m with m = (1 + rate/100)^(1/12) - 1; n when the rate is 0."""
    if not annual_rate:
        return Decimal(months)
    yearly = _EXACT.add(1, _EXACT.divide(annual_rate, 100))
    monthly = _EXACT.subtract(_EXACT.power(yearly, _EXACT.divide(Decimal(1), 12)), 1)
    discount = _EXACT.power(yearly, _EXACT.divide(Decimal(-months), 12))
    return _EXACT.divide(_EXACT.subtract(1, discount), monthly)


def _sums(case: Case, total: Cents) -> _Sums:
    months = case.months if case.months is not None else parameters.whole(f"{case.product}_months", case.as_of)
    rate = case.annual_rate if case.annual_rate is not None else _rate(case)
    monthly = capacity(case.income_cents, case.vtlb_cents)
    available, fee = _available(case, monthly, months, rate, total)
    return _Sums(months, rate, monthly, available, fee)


def _rate(case: Case) -> Decimal:
    return parameters.rate("youth_loan_rate" if case.product == Product.YOUTH_LOAN else "loan_rate", case.as_of)


def _available(case: Case, monthly: Cents, months: int, rate: Decimal, total: Cents) -> tuple[Cents, Cents]:
    """Return what the creditors get together, and the fee kept of it."""
    match case.product:
        case Product.ZERO_OFFER:
            if monthly > 0 or case.extra_cents > 0:
                raise Refusal("proposals.zero_offer_with_capacity", capacity_cents=monthly, extra_cents=case.extra_cents)
            return 0, 0
        case Product.REFINANCING:
            return total, 0
        case Product.DEBT_MEDIATION:
            fee = int(_EXACT.divide(_EXACT.multiply(case.fee_percentage, monthly * months), 100))
            return monthly * months + case.extra_cents - fee, fee
    contribution = parameters.whole("youth_contribution_cents", case.as_of) if case.product == Product.YOUTH_LOAN else 0
    return present_value(monthly, months, rate) + case.extra_cents + contribution, 0


# ── who gets what ────────────────────────────────────────────────────────────


def divide(claims: Sequence[Claim], total: Cents) -> list[Cents]:
    """Divide a total, at most all claims together: preferential claims get twice the percentage until they are paid in full."""
    names = [claim.id for claim in claims]
    weights = [claim.weight for claim in claims]
    if total * 2 <= sum(weights):
        return split(total, weights, names)
    in_full = [claim.takes_part_cents if claim.rank == Rank.PREFERENTIAL else 0 for claim in claims]
    others = [0 if claim.rank == Rank.PREFERENTIAL else claim.takes_part_cents for claim in claims]
    rest = split(total - sum(in_full), others, names)
    return [first + second for first, second in zip(in_full, rest, strict=True)]


def _rank_total(case: Case, parts: list[Cents], payments: list[Cents], *, preferential: bool) -> RankTotal:
    chosen = [at for at, claim in enumerate(case.claims) if (claim.rank == Rank.PREFERENTIAL) is preferential]
    claims, paid = sum(parts[at] for at in chosen), sum(payments[at] for at in chosen)
    return RankTotal(claims, paid, percentage(paid, claims))


# ── what consents cover ──────────────────────────────────────────────────────


def _claim_results(case: Case, months: int, parts: list[Cents], payments: list[Cents]) -> tuple[ClaimResult, ...]:
    total = sum(parts)
    versions = _versions(case.consents, case.issued_on)
    results = []
    for claim, part, payment in zip(case.claims, parts, payments, strict=True):
        facts = None if claim.rank == Rank.EXCLUDED else _facts(case, claim, months, (payment, part, total))
        consent = versions.get(claim.creditor) if facts else None
        version = consent.version if consent else None
        results.append(ClaimResult(claim.id, part, payment, percentage(payment, part), version, _coverage(consent, facts), facts))
    return tuple(results)


def _versions(consents: Sequence[Consent], issued_on: date) -> dict[int, Consent]:
    """Return for each creditor the version that holds on the day of issue; when none does, the newest explains why not."""
    newest_last = sorted(consents, key=lambda consent: (covers_day(consent.clauses, issued_on), consent.version))
    return {consent.creditor: consent for consent in newest_last}


def _coverage(consent: Consent | None, facts: Facts | None) -> Coverage | None:
    if facts is None:
        return None
    return evaluate(consent.clauses, facts) if consent else NOT_COVERED


def _facts(case: Case, claim: Claim, months: int, sums: tuple[Cents, Cents, Cents]) -> Facts:
    payment, part, total = sums
    debtor = case.debtor
    return Facts(
        product=case.product,
        payment_cents=payment,
        takes_part_cents=part,
        total_cents=total,
        balance_cents=claim.balance_cents,
        stated_cents=claim.stated_cents,
        months=months,
        entrepreneur=debtor.entrepreneur,
        guidance=debtor.guidance,
        last_settlement=debtor.last_settlement,
        settlement_known=debtor.settlement_known,
        issued_on=case.issued_on,
        fraud=claim.fraud,
        obstacle=claim.obstacle,
    )


# ── terms and warnings ───────────────────────────────────────────────────────


@lru_cache(maxsize=1024)
def terms(issued_on: date, as_of: date) -> Terms:
    """Return the days of a proposal in working days after the day of issue, by the parameters of `as_of`."""
    answer, first, second, closing = (
        add_working_days(issued_on, parameters.whole(name, as_of))
        for name in ("answer_days", "first_reminder_days", "second_reminder_days", "closing_days")
    )
    return Terms(answer, (first, second), closing)


def _warnings(case: Case, sums: _Sums, total: Cents) -> tuple[str, ...]:
    found = [
        str(obstacle)
        for obstacle in eligibility(
            case.product, case.debtor, sums.capacity, case.extra_cents, case.reason, case.issued_on, total_cents=total
        )
    ]
    ceiling = parameters.row("rate_ceiling", case.as_of)
    if ceiling and _lends(case.product) and sums.rate > ceiling.value:
        found.append("rate_above_ceiling")
    if case.fee_percentage and case.product != Product.DEBT_MEDIATION:
        found.append("fee_not_charged")
    return tuple(found)


def _lends(product: Product) -> bool:
    return product in {Product.RESTRUCTURING_LOAN, Product.YOUTH_LOAN, Product.REFINANCING}
