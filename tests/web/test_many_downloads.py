"""Lists are taken along as often as work asks, and not by a machine that asks them over and over."""

import pytest

from app import db
from app.access import Kind, Role
from app.audit import service
from app.audit.service import record
from app.errors import TooOften
from tests import factory


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(service, "MOST_EXPORTS", 2)


def test_who_downloads_list_after_list_waits_and_a_colleague_does_not(client_of, database, queue, few):
    water = factory.organisation()
    worker, colleague = (client_of(factory.person(water, Role.CREDITOR_WORKER)) for _ in range(2))
    answers = [worker.get(f"/{path}/download") for path in ("offers", "balances", "offers")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert ("Even wachten" in answers[2].text, answers[2].headers["Retry-After"]) == (True, "900")
    assert colleague.get("/offers/download").status_code == 200


def test_of_the_log_too_it_is_said_when_to_come_back(client_of, database, queue, few):
    auditor = client_of(factory.person(factory.organisation(Kind.CITY), Role.AUDITOR))
    answers = [auditor.get("/audit/download") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "900"


def test_after_an_hour_it_goes_on(database, queue, clock, few):
    water = factory.organisation()
    actor = factory.actor(water, person_id=factory.person(water).id)
    takes(actor)
    takes(actor)
    with pytest.raises(TooOften):
        takes(actor)
    clock.shift(3601)
    takes(actor)


def takes(actor):
    with db.transaction() as session:
        record(session, actor, "offers:export", "offers")
