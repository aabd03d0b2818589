"""The to-do page: what waits for the relations team and for counsellors, each number with the list that shows exactly that."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from app import db
from app.access import Kind, Role
from app.early_signals.rules import Sort
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import Outcome
from app.site.todo import SOURCES
from tests import factory
from tests.conftest import NOW


class Place:
    def __init__(self, client_of):
        self.creditor = factory.organisation(name="Waterbedrijf Westerdok")
        self.team = factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid")
        self.other = factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Noord")
        self.manager = client_of(factory.person(factory.organisation(Kind.RELATIONS_TEAM)))
        self.helper, self.stranger = client_of(factory.person(self.team)), client_of(factory.person(self.other))
        self.officer = client_of(factory.person(factory.organisation(Kind.BANK)))


HOUR = timedelta(hours=1)
DUE = (
    {"due_on": date(2026, 6, 3)},
    {"due_on": date(2026, 6, 4)},
    {"due_on": date(2026, 6, 5), "state": State.TRIAGE},
    {"due_on": date(2026, 7, 1), "state": State.ADDRESSED},
    {"due_on": None, "state": State.CLOSED, "outcome": Outcome.UPHELD, "closed_on": date(2026, 6, 3)},
)


@pytest.fixture
def place(client_of, clock):
    return Place(client_of)


def numbers(client):
    """Return the lines below the head of the page: their words, address and number."""
    page = client.get("/to-do").text
    found = re.findall(r'<li><a href="([^"]*)">([^<]*)</a><b[^>]*>(\d+)</b>', page)
    return {label: (url.replace("&amp;", "&"), int(number)) for url, label, number in found}


def test_home_is_the_page_of_what_waits(place):
    assert [one.get("/").location for one in (place.manager, place.helper)] == ["/to-do", "/to-do"]
    assert place.officer.get("/to-do").status_code == 404


def at(client, found, label):
    """Return the list to which a line leads."""
    return client.get(found[label][0]).text


def test_the_relations_team_finds_each_number_in_its_list(place, clock):
    refs = [factory.complaint(place.team, place.creditor, **over).ref for over in DUE]
    factory.escalation(place.creditor, due_on=date(2026, 6, 3))
    found = numbers(place.manager)
    shown = {
        "Te laat": refs[:1], "Vandaag": refs[1:2], "Later deze week": refs[2:3], "Ontvangst bevestigen": refs[:2],
        "Nog aan niemand toegewezen": refs[:4],
    }  # fmt: skip
    assert {label: number for label, (_, number) in found.items()} == {label: len(one) for label, one in shown.items()} | {
        "Termijn van de stap voorbij": 1
    }
    for label, some in shown.items():
        page = at(place.manager, found, label)
        assert [f"/complaints/{ref}" in page for ref in refs] == [ref in some for ref in refs], label


def test_what_comes_first_stands_there_by_itself(place):
    refs = [factory.complaint(place.team, place.creditor, **over).ref for over in reversed(DUE)]
    signal = factory.signal(place.creditor, sort=Sort.EVICTION)
    first = re.findall(r'href="/relations/complaints/([^"]*)"', place.manager.get("/to-do").text)
    assert first == list(reversed(refs))[:4], "the most pressing on top, and nothing that is done"
    assert f'href="/early-signals/{signal.ref}"' in place.helper.get("/to-do").text
    assert [one.get("/to-do").text.count(ref) for one in (place.stranger,) for ref in (*refs, signal.ref)] == [0] * 6


def test_meetings_and_commitments_wait_for_the_relations_team(place):
    soon, was = (factory.meeting(place.creditor, begins=at, ends=at + HOUR) for at in (NOW + 24 * HOUR, NOW - 24 * HOUR))
    factory.meeting(place.creditor)
    check = factory.commitment(place.creditor, check_on=date(2026, 6, 4))
    found = numbers(place.manager)
    lists = {"Overleggen binnen 7 dagen": soon, "Overleggen zonder verslag": was, "Afspraken controleren": check}
    assert {label: number for label, (_, number) in found.items()} == dict.fromkeys(lists, 1)
    for label, one in lists.items():
        assert one.ref in at(place.manager, found, label), label


def test_a_team_finds_its_signals_and_the_outcomes_of_what_it_reported_and_no_other_team_does(place):
    factory.signal(place.creditor, sort=Sort.EVICTION)
    factory.signal(place.creditor)
    told = factory.complaint(place.team, place.creditor, **DUE[4]).ref
    factory.complaint(place.team, place.creditor, **DUE[0])
    found = numbers(place.helper)
    assert {label: number for label, (_, number) in found.items()} == {
        "Ontruiming of afsluiting dreigt": 1, "Nog niet opgepakt": 2, "Alles wat open is": 2,
        "Er is een uitkomst: zeg of het hielp": 1,
    }  # fmt: skip
    assert told in at(place.helper, found, "Er is een uitkomst: zeg of het hielp")
    assert "Alles is gedaan" in place.stranger.get("/to-do").text


def test_each_feature_is_asked_once(place):
    """However much waits: one statement for complaints, escalations, meetings and commitments, one for reports, one for consents."""
    factory.complaint(place.team, place.creditor, **DUE[0])
    manager, asked = factory.actor(factory.organisation(Kind.RELATIONS_TEAM)), []
    with db.reading() as session:
        session.connection()
        event.listen(db.engine(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        for source in SOURCES:
            source(session, manager)
    assert len([one for one in asked if one.startswith("SELECT")]) == 3


def test_a_report_of_practices_and_a_consent_that_ends_wait_for_the_relations_team(place):
    factory.practice_report(factory.actor(place.creditor, Role.CREDITOR_MANAGER, person_id=factory.person(place.creditor).id))
    factory.consent(place.creditor, ends_on=date(2026, 6, 20))
    found = numbers(place.manager)
    assert [found[label][1] for label in ("Praktijkrapporten die nog niemand bekeek", "Akkoorden vooraf die aflopen")] == [1, 1]
    for label in ("Praktijkrapporten die nog niemand bekeek", "Akkoorden vooraf die aflopen"):
        assert "Waterbedrijf Westerdok" in at(place.manager, found, label)
