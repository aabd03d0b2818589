import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from app import connect, db
from app.consents.assessing import assessment_row
from app.consents.models import Assessment
from app.consents.rules import NEVER, Clauses, Facts, Product, evaluate
from app.consents.simulation import CONDITIONS, covered_by, missing_offers, simulate
from tests import factory

TODAY = date(2026, 6, 4)
ALL = Clauses(
    products=frozenset({Product.RESTRUCTURING_LOAN, Product.DEBT_MEDIATION, Product.ZERO_OFFER}),
    zero_offers=True,
    min_percentage=Decimal("7.125"),
    max_claim_cents=800_000,
    max_share=Decimal("45.5"),
    max_months=36,
    entrepreneurs=True,
    requires_guidance=False,
    years_since_settlement=5,
    balance_tolerance=Decimal("2.5"),
    valid_from=date(2027, 1, 1),
    valid_until=date(2027, 6, 1),
)
SOME = (
    ALL,
    replace(ALL, zero_offers=False, entrepreneurs=False, requires_guidance=True),
    Clauses(min_percentage=Decimal("10.00"), zero_offers=False),
    Clauses(years_since_settlement=0),
    Clauses(max_share=Decimal(30)),
    Clauses(),
)


def some_facts(chance):
    total = chance.randint(0, 2_000_000)
    balance = chance.choice((0, chance.randint(0, 1_000_000)))
    takes = chance.choice((0, balance, balance // 2))
    return Facts(
        product=chance.choice(list(Product)),
        payment_cents=chance.choice((0, takes // 10, takes * 57 // 800, takes)),
        takes_part_cents=takes,
        total_cents=chance.choice((total, takes * 2)),
        balance_cents=balance,
        stated_cents=chance.choice((None, balance, balance * 39 // 40, balance + 5000)),
        months=chance.choice((12, 36, 37)),
        entrepreneur=chance.choice((True, False, None)),
        guidance=chance.choice((True, False, None)),
        last_settlement=chance.choice((None, date(2021, 2, 28), date(2021, 3, 1), TODAY - timedelta(days=chance.randint(1000, 2600)))),
        settlement_known=chance.choice((True, False)),
        issued_on=TODAY - timedelta(days=chance.randint(0, 364)),
        fraud=chance.random() < 0.1,
        obstacle=total % 10 == 3,  # no chance of its own: the others fall as they did
    )


def keep(creditor, facts):
    rows = [assessment_row(f"A-{creditor.id}-{number}", creditor.id, None, one, None) for number, one in enumerate(facts)]
    with db.transaction() as session:
        session.execute(insert(Assessment), rows)


@pytest.fixture
def past(database):
    """A thousand offers of the last twelve months, with all that can be known and unknown of them."""
    creditor, chance = factory.organisation(), random.Random(148)  # noqa: S311 (examples, no secrets)
    facts = [some_facts(chance) for _ in range(1000)]
    keep(creditor, facts)
    return creditor, facts


def first_missed(clauses, facts):
    return next((row.clause for row in evaluate(clauses, facts).rows if not row.met), None)


@pytest.mark.parametrize("clauses", SOME)
def test_a_simulation_equals_comparing_each_offer_by_itself(past, clauses):
    creditor, facts = past
    with db.reading() as session:
        found = simulate(session, creditor.id, clauses, TODAY)
    names = [first_missed(replace(clauses, valid_from=None, valid_until=None), one) for one in facts]
    assert (found.total, found.covered) == (1000, names.count(None))
    assert dict(found.missed) == {name: names.count(name) for name in set(names) if name}
    assert found.covered_cents == sum(one.payment_cents for one, name in zip(facts, names, strict=True) if name is None)


@pytest.mark.parametrize("name", sorted(CONDITIONS))
def test_each_clause_alone_decides_as_its_rule(past, name):
    creditor, facts = past
    clauses = Clauses(**{name: getattr(ALL, name)})
    with db.reading() as session:
        found = simulate(session, creditor.id, clauses, TODAY)
    assert 0 < found.covered == sum(evaluate(clauses, one).covered for one in facts)


def test_the_months_add_up(past):
    creditor, facts = past
    with db.reading() as session:
        found = simulate(session, creditor.id, ALL, TODAY)
    in_may = [one for one in facts if (one.issued_on.year, one.issued_on.month) == (2026, 5)]
    assert sum(month.covered + month.left for month in found.months) == 1000
    assert next(m.covered + m.left for m in found.months if m.first_day == date(2026, 5, 1)) == len(in_may)


def test_the_offers_that_miss_a_clause_can_be_looked_at_with_the_value_compared(past):
    creditor, _ = past
    with db.reading() as session:
        counted = dict(simulate(session, creditor.id, ALL, TODAY).missed)
        listed = missing_offers(session, creditor.id, ALL, "max_months", TODAY, most=1000)
    assert len(listed) == counted["max_months"] > 0
    assert {(offer.compared.clause, offer.compared.required, offer.compared.actual, offer.compared.met) for offer in listed} == {
        ("max_months", 36, 37, False)
    }


@pytest.mark.parametrize("clause", ["products", "zero_offers", "min_percentage", "balance_tolerance", "fraud", "obstacle"])
def test_every_offer_that_is_listed_under_a_clause_misses_it(past, clause):
    creditor, _ = past
    with db.reading() as session:
        asked = Clauses(zero_offers=True) if clause in NEVER else replace(ALL, zero_offers=False)  # those are looked at last
        listed = missing_offers(session, creditor.id, asked, clause, TODAY)
    assert listed
    assert {(offer.compared.clause, offer.compared.met) for offer in listed} == {(clause, False)}


def test_variants_of_a_draft_are_counted_as_each_by_itself(past):
    creditor, _ = past
    variants = {"wider": replace(ALL, max_months=60), "bare": Clauses(), "narrow": SOME[1]}
    with db.reading() as session:
        counted = covered_by(session, creditor.id, variants, TODAY)
        alone = {name: simulate(session, creditor.id, clauses, TODAY).covered for name, clauses in variants.items()}
    assert counted == alone


def test_offers_of_others_and_of_earlier_years_do_not_count(past):
    _, facts = past
    keep(other := factory.organisation(), [facts[0], facts[1]._replace(issued_on=date(2025, 6, 4))])
    with db.reading() as session:
        assert simulate(session, other.id, ALL, TODAY).total == 1


@pytest.mark.postgres
def test_on_postgresql_a_simulation_equals_comparing_each_offer_by_itself(migrated_url, settings):
    connect(replace(settings, database_url=migrated_url))
    creditor, chance = factory.organisation(), random.Random(149)  # noqa: S311 (examples, no secrets)
    keep(creditor, facts := [some_facts(chance) for _ in range(1000)])
    with db.reading() as session:
        found = {clauses: simulate(session, creditor.id, clauses, TODAY).covered for clauses in SOME}
    undated = {clauses: replace(clauses, valid_from=None, valid_until=None) for clauses in SOME}
    assert found == {clauses: sum(evaluate(undated[clauses], one).covered for one in facts) for clauses in SOME}
    db.engine().dispose()
