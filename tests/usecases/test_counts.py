"""What the menu counts: one statement, made once for all who stand alike, never counts what is another organisation's."""

import pytest

from app import db
from app.access import Kind
from app.cases import balance_queries, pause_queries
from app.counts import counted
from app.notifications import queries as messages
from app.proposals import inbox_queries
from tests import factory

pytestmark = pytest.mark.usefixtures("database", "clock")
PARTS = (inbox_queries.open_count, pause_queries.waiting_count, balance_queries.open_count, messages.unread_count)


def waits_for(actor):
    with db.reading() as session:
        return counted(session, actor, PARTS)


@pytest.fixture
def two():
    """Two creditors: the first has two offers that wait, the second one notice."""
    first, second = factory.organisation(), factory.organisation()
    factory.offers(first), factory.offers(first), factory.notices(second)
    return first, second


def test_two_creditors_of_the_same_role_are_counted_apart(two):
    assert [waits_for(factory.actor(one))[:3] for one in two] == [[2, 0, 0], [0, 1, 0]]


def test_what_one_may_not_do_is_not_counted(two):
    bank = factory.organisation(Kind.BANK)
    assert waits_for(factory.actor(bank))[:2] == [None, None]


def test_an_agent_counts_what_its_own_mandates_give_it(two):
    agents = [factory.organisation(Kind.AGENT) for _ in range(2)]
    factory.offers(two[0], agent_id=agents[0].id)
    factory.mandate(agents[0], two[0])
    assert [waits_for(factory.actor(agent))[0] for agent in agents] == [1, 0]
