"""What can be paid and who gets what: rules that hold for every case."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.rules import Rank
from app.consents.rules import Clauses, Product
from app.errors import Refusal
from app.proposals.calculation import Case, Claim, Consent, calculate, capacity, divide, present_value
from app.proposals.lifecycle import Debtor

DAY = date(2026, 3, 4)
CASE = Case(
    as_of=DAY,
    product=Product.RESTRUCTURING_LOAN,
    income_cents=152_300,
    vtlb_cents=141_250,
    issued_on=DAY,
    claims=(Claim("a", 4100, Rank.CONCURRENT, 100_000), Claim("b", 4121, Rank.PREFERENTIAL, 50_000)),
    debtor=Debtor(birth_date=date(1991, 5, 17)),
)

ranks = st.sampled_from(Rank)
claims = st.lists(st.tuples(ranks, st.integers(0, 10**8), st.integers(0, 10**8)), min_size=1, max_size=40).map(
    lambda rows: [
        Claim(f"c{at:02d}", 4100, rank, balance, security_cents=security if rank == Rank.SECURED else 0)
        for at, (rank, balance, security) in enumerate(rows)
    ]
)


@given(st.data(), claims)
def test_payments_add_up_and_none_exceeds_its_claim(data, some):
    total = data.draw(st.integers(0, sum(claim.takes_part_cents for claim in some)))
    payments = divide(some, total)
    assert sum(payments) == total
    assert all(0 <= payment <= claim.takes_part_cents for payment, claim in zip(payments, some, strict=True))


@given(st.data(), claims)
def test_preferential_claims_get_double_until_they_are_paid_in_full(data, some):
    total = data.draw(st.integers(0, sum(claim.takes_part_cents for claim in some)))
    for claim, payment in zip(some, divide(some, total), strict=True):
        if claim.rank == Rank.PREFERENTIAL:
            weights = sum(one.weight for one in some)
            exact = min(total * 2 * claim.takes_part_cents, claim.takes_part_cents * weights)
            assert abs(payment * weights - exact) < max(weights, 1)


@given(st.integers(0, 10**7), st.integers(1, 60), st.decimals(0, 30, places=2))
def test_a_loan_never_exceeds_its_instalments_and_shrinks_with_the_rate(monthly, months, rate):
    loan = present_value(monthly, months, rate)
    assert 0 <= present_value(monthly, months, rate + 1) <= loan <= monthly * months
    assert rate or loan == monthly * months


def test_18_instalments_of_100_euro_at_8_percent_are_the_loan_of_the_trade():
    assert present_value(10_000, 18, Decimal(8)) == 169_454


def test_the_protected_income_is_always_respected():
    assert capacity(141_000, 141_250) == 0


def test_months_and_rate_come_from_the_parameters_of_the_day():
    assert (calculate(CASE).months, calculate(CASE).annual_rate) == (18, Decimal("7.50"))
    assert calculate(replace(CASE, as_of=date(2023, 6, 30))).months == 36
    assert calculate(replace(CASE, product=Product.YOUTH_LOAN)).annual_rate == Decimal("3.00")
    assert calculate(replace(CASE, product=Product.REFINANCING)).months == 60


@pytest.mark.parametrize("change", [{}, {"income_cents": 0, "extra_cents": 1}])
def test_a_zero_offer_is_refused_when_something_can_be_paid(change):
    with pytest.raises(Refusal, match=r"proposals.zero_offer_with_capacity"):
        calculate(replace(CASE, product=Product.ZERO_OFFER, **change))


def test_the_fee_of_a_mediation_is_rounded_down_and_never_of_what_comes_extra():
    done = calculate(replace(CASE, product=Product.DEBT_MEDIATION, months=1, extra_cents=5, fee_percentage=Decimal("8.99"), reason="auto"))
    assert (done.fee_cents, done.available_cents, done.warnings) == (993, 11_050 + 5 - 993, ())


def test_a_product_that_is_not_meant_for_the_debtor_is_a_warning():
    assert calculate(replace(CASE, product=Product.YOUTH_LOAN)).warnings == ("too_old",)
    assert calculate(replace(CASE, product=Product.DEBT_MEDIATION)).warnings == ("mediation_reason_missing",)


def test_a_rate_above_the_ceiling_and_a_fee_that_is_not_charged_are_warnings():
    assert calculate(replace(CASE, annual_rate=Decimal("12.01"), fee_percentage=Decimal(1))).warnings == (
        "rate_above_ceiling",
        "fee_not_charged",
    )
    assert calculate(replace(CASE, annual_rate=Decimal("12.00"))).warnings == ()


def test_the_version_that_holds_on_the_day_of_issue_is_compared():
    old = Consent(4100, 1, Clauses(max_months=18, valid_until=DAY))
    new = Consent(4100, 2, Clauses(max_months=12, valid_from=date(2026, 3, 5)))
    assert calculate(replace(CASE, consents=(new, old))).claims[0].consent == 1
    assert calculate(replace(CASE, consents=(new, old), issued_on=date(2026, 3, 5))).claims[0].consent == 2


def test_when_no_version_holds_the_newest_explains_why():
    done = calculate(
        replace(
            CASE, consents=(Consent(4100, 2, Clauses(valid_from=date(2027, 1, 1))), Consent(4100, 1, Clauses(valid_until=date(2025, 1, 1))))
        )
    )
    assert (done.claims[0].consent, done.claims[0].coverage.covered) == (2, False)
