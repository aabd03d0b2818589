"""The lists of relations in the browser: the way to the next page and back, with the filters kept."""

import re
from datetime import timedelta

import pytest

from app.access import Kind
from tests import factory
from tests.conftest import NOW

LISTS = {
    "": lambda team, water, _: factory.complaint(team, water),
    "/escalations": lambda _, water, __: factory.escalation(water),
    "/meetings": lambda _, water, n: factory.meeting(water, begins=NOW + timedelta(days=n), ends=NOW + timedelta(days=n, hours=1)),
    "/commitments": lambda _, water, __: factory.commitment(water),
}


@pytest.fixture
def team(queue):
    return factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")


@pytest.mark.parametrize("path", LISTS)
def test_a_list_of_more_than_fifty_goes_on_on_the_next_page_and_back(client_of, team, path):
    water = factory.organisation(name="Waterbedrijf Westerdok")
    made = [LISTS[path](team, water, n).ref for n in range(1, 52)]
    joris = client_of(factory.person(team))
    first = joris.get(f"/relations{path}", query_string={"show": "all"}).text
    onward = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = joris.get(onward).text
    shown = [{ref for ref in made if f"/{ref}" in page} for page in (first, second)]
    assert ([len(refs) for refs in shown], shown[0] | shown[1]) == ([50, 1], set(made))
    back = re.search(r'rel="first" href="([^"]+)"', second)[1]
    assert "show=all" in back
    assert "after" not in back
    assert joris.get(f"/relations{path}", query_string={"after": "H-2222-2222"}).status_code == 404


def test_an_opened_complaint_stands_beside_its_own_page_of_the_queue(client_of, team):
    made = [factory.complaint(team, factory.organisation()).ref for _ in range(51)]
    joris = client_of(factory.person(team))
    second = joris.get("/relations", query_string={"after": made[49]}).text
    opened = re.search(rf'href="([^"]+/{made[50]}[^"]*)"', second)[1].replace("&amp;", "&")
    assert [ref in joris.get(opened).text for ref in (made[0], made[50])] == [False, True]
