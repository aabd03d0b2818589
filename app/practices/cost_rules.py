"""One case of collection costs beside the statutory scale, with the instalments that went before it. Pure.

The scale itself stands in `app.cases.collection_costs`. Instalments of one contract count together when reminders for them went out
within six months: what was charged earlier counts in (BW 6:96(8), since 1-10-2024; second-hand).
"""

from dataclasses import dataclass
from datetime import date

from app.cases.collection_costs import LEAST, SINCE, Reckoning, allowed, check_costs
from app.deadlines import months_before
from app.errors import Refusal
from app.money import MOST, Cents

INSTALMENTS_SINCE = date(2024, 10, 1)
MONTHS = 6  # that instalments look back
MOST_CLAIMS = 50  # in one notice


@dataclass(frozen=True)
class CostCase:
    """What somebody wants to have checked; the earlier instalments are of the same contract, reminded of in the six months before."""

    principals: tuple[Cents, ...]
    charged: Cents
    received: date | None  # the day on which the consumer got the notice
    vat: bool = False
    earlier_principal: Cents = 0
    earlier_costs: Cents = 0
    reference: str = ""


@dataclass(frozen=True)
class Verdict:
    """The reckoning of a case, and what the instalments before it leave to charge."""

    reckoning: Reckoning
    earlier_principal: Cents
    earlier_costs: Cents
    allowed_cents: Cents  # for this notice
    looks_back_to: date | None  # of instalments

    @property
    def charged_cents(self) -> Cents:
        return self.reckoning.charged_cents

    @property
    def excess_cents(self) -> Cents:
        return max(0, self.charged_cents - self.allowed_cents)

    @property
    def is_least(self) -> bool:
        """Tell whether the least amount of the decree applies and not the scale."""
        return sum(step.cents for step in self.reckoning.steps) < LEAST


def check_case(case: CostCase, today: date) -> Verdict:
    """Compare a case with the scale. Raises Refusal: no notice, one to come, no amount, too many claims, instalments too early."""
    received = _notice_of(case, today)
    _must_be_amounts(case)
    own = check_costs(case.principals, case.charged, received, vat=case.vat)
    if not case.earlier_principal:
        return Verdict(own, 0, 0, own.allowed_cents, None)
    whole = check_costs((own.principal_cents, case.earlier_principal), case.charged, received, vat=case.vat)
    left = max(0, allowed(whole.principal_cents, vat=case.vat) - case.earlier_costs)
    return Verdict(whole, case.earlier_principal, case.earlier_costs, left, months_before(received, MONTHS))


def _notice_of(case: CostCase, today: date) -> date:
    """Return the day of the notice: without one nothing can be checked, for nothing is owed."""
    if case.received is None:
        raise Refusal("practices.no_notice", field="received")
    if case.received > today:
        raise Refusal("practices.notice_to_come", field="received")
    if case.received < SINCE:
        raise Refusal("cases.costs_before_the_decree", field="received")
    if case.earlier_principal and case.received < INSTALMENTS_SINCE:
        raise Refusal("practices.instalments_too_early", field="earlier_principal")
    return case.received


def _must_be_amounts(case: CostCase) -> None:
    if not case.principals or len(case.principals) > MOST_CLAIMS:
        raise Refusal("practices.no_principal", field="principals", most=MOST_CLAIMS)
    if case.charged <= 0:
        raise Refusal("cases.costs_amount", field="charged")
    if any(one <= 0 for one in case.principals) or sum(case.principals) + case.earlier_principal > MOST:
        raise Refusal("cases.costs_amount", field="principals")
    if case.earlier_costs and not case.earlier_principal:
        raise Refusal("practices.earlier_costs_alone", field="earlier_principal")
