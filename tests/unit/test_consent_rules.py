"""Which offers a consent covers, and which consents contradict themselves."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consents.rules import (
    MOVES,
    OPEN_END,
    RULES,
    ClauseFaults,
    Clauses,
    Facts,
    Product,
    State,
    check,
    contradictions,
    covers_day,
    evaluate,
    from_json,
    to_json,
)
from app.errors import Refusal

FACTS = Facts(
    product=Product.RESTRUCTURING_LOAN,
    payment_cents=10_000,
    takes_part_cents=100_000,
    total_cents=400_000,
    balance_cents=100_000,
    stated_cents=100_000,
    months=18,
    entrepreneur=False,
    guidance=True,
    last_settlement=None,
    settlement_known=True,
    issued_on=date(2026, 3, 4),
    fraud=False,
)
WIDE = Clauses(
    products=frozenset(Product),
    zero_offers=True,
    min_percentage=Decimal("3.00"),
    max_claim_cents=500_000,
    max_share=Decimal("40.00"),
    max_months=18,
    entrepreneurs=False,
    requires_guidance=True,
    years_since_settlement=5,
    balance_tolerance=Decimal("5.00"),
    valid_from=date(2026, 1, 1),
    valid_until=OPEN_END,
)


def missed(clauses, **changes):
    facts = FACTS._replace(**changes)
    return tuple(row.clause for row in evaluate(clauses, facts).rows if not row.met)


def test_an_offer_that_meets_every_clause_is_covered():
    coverage = evaluate(WIDE, FACTS)
    assert coverage.covered
    assert [row.clause for row in coverage.rows] == list(RULES)


@pytest.mark.parametrize(
    ("clause", "changes"),
    [
        ("min_percentage", {"payment_cents": 2_999}),
        ("min_percentage", {"payment_cents": 0, "takes_part_cents": 0}),
        ("max_claim_cents", {"balance_cents": 500_001, "stated_cents": 500_001}),
        ("max_share", {"total_cents": 249_999}),
        ("max_months", {"months": 19}),
        ("entrepreneurs", {"entrepreneur": True}),
        ("entrepreneurs", {"entrepreneur": None}),
        ("requires_guidance", {"guidance": False}),
        ("requires_guidance", {"guidance": None}),
        ("years_since_settlement", {"last_settlement": date(2021, 3, 5)}),
        ("years_since_settlement", {"settlement_known": False}),
        ("balance_tolerance", {"stated_cents": 105_001}),
        ("balance_tolerance", {"stated_cents": None}),
        ("valid_from", {"issued_on": date(2025, 12, 31)}),
        ("fraud", {"fraud": True}),
    ],
)
def test_one_clause_that_is_not_met_leaves_the_offer_to_a_person(clause, changes):
    assert missed(WIDE, **changes) == (clause,)


@pytest.mark.parametrize(
    "changes", [{"payment_cents": 3_000}, {"total_cents": 250_000}, {"last_settlement": date(2021, 3, 4)}, {"stated_cents": 95_000}]
)
def test_a_clause_is_met_on_its_very_edge(changes):
    assert missed(WIDE, **changes) == ()


def test_a_zero_offer_is_not_asked_for_a_percentage():
    zero = {"product": Product.ZERO_OFFER, "payment_cents": 0}
    assert missed(WIDE, **zero) == ()
    assert missed(Clauses(zero_offers=False, min_percentage=Decimal(3)), **zero) == ("zero_offers",)
    assert missed(Clauses(zero_offers=False)) == ()


def test_a_product_that_is_not_listed_is_not_covered():
    assert missed(Clauses(products=frozenset({Product.ZERO_OFFER}))) == ("products",)


def test_an_unknown_fact_is_not_met_even_where_little_is_asked():
    assert missed(Clauses(entrepreneurs=True, requires_guidance=False), entrepreneur=None, guidance=None) == (
        "entrepreneurs",
        "requires_guidance",
    )


def test_the_rows_show_what_was_asked_beside_what_was_found():
    rows = {row.clause: (row.required, row.actual) for row in evaluate(WIDE, FACTS).rows}
    assert rows["min_percentage"] == ("3.00", "10.00")
    assert rows["max_share"] == ("40.00", "25.00")
    assert rows["valid_until"] == (None, "2026-03-04")
    assert rows["products"] == ([str(product) for product in Product], "restructuring_loan")


@pytest.mark.parametrize(
    ("code", "clauses"),
    [
        ("consents.no_clauses", Clauses()),
        ("consents.no_products", Clauses(products=frozenset(), zero_offers=False)),
        ("consents.zero_offer_listed_but_refused", Clauses(products=frozenset({Product.ZERO_OFFER}), zero_offers=False)),
        ("consents.zero_offers_welcome_but_not_listed", Clauses(products=frozenset({Product.YOUTH_LOAN}), zero_offers=True)),
        ("consents.zero_offers_left_open", Clauses(min_percentage=Decimal(3))),
        ("consents.percentage_above_100", Clauses(zero_offers=True, min_percentage=Decimal(101))),
        ("consents.share_outside_0_to_100", Clauses(zero_offers=True, max_share=Decimal(0))),
        ("consents.nothing_small_enough", Clauses(zero_offers=True, max_claim_cents=0)),
        ("consents.months_outside_1_to_60", Clauses(zero_offers=True, max_months=61)),
        ("consents.ends_before_it_begins", Clauses(zero_offers=True, valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 31))),
    ],
)
def test_a_consent_that_contradicts_itself_is_not_signed(code, clauses):
    assert code in {refusal.code for refusal in contradictions(clauses)}
    with pytest.raises(Refusal):
        check(clauses)


def test_a_consent_without_contradictions_may_be_signed():
    assert contradictions(WIDE) == ()
    check(WIDE)


def test_a_consent_holds_from_its_first_up_to_its_last_day():
    month = Clauses(valid_from=date(2026, 3, 1), valid_until=date(2026, 3, 31))
    assert [covers_day(month, date(2026, 3, day)) for day in (1, 31)] == [True, True]
    assert [covers_day(month, day) for day in (date(2026, 2, 28), date(2026, 4, 1))] == [False, False]


percentages = st.none() | st.decimals(0, 100, places=3)
clauses = st.builds(
    Clauses,
    products=st.none() | st.frozensets(st.sampled_from(Product)),
    zero_offers=st.none() | st.booleans(),
    min_percentage=percentages,
    max_claim_cents=st.none() | st.integers(0, 10**9),
    max_share=percentages,
    valid_from=st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    valid_until=st.none() | st.just(OPEN_END) | st.dates(date(1900, 1, 1), date(2199, 12, 31)),
)


@given(clauses)
def test_clauses_written_as_json_are_read_back(some):
    assert from_json(to_json(some)) == some


def test_everything_that_is_wrong_with_clauses_is_named():
    with pytest.raises(ClauseFaults) as refused:
        from_json({"max_months": "18", "max_share": 7.5, "valid_from": "2026-02-29", "zero_offers": 1, "colour": "blue"})
    assert {clause for clause, _ in refused.value.faults} == {"max_months", "max_share", "valid_from", "zero_offers", "colour"}


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.REPLACED, State.EXPIRED])
def test_a_consent_that_has_ended_stays_ended(state):
    assert MOVES[state] == frozenset()
