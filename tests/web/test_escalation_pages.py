"""The pages of escalations: the list, the form, one with its ladder; wrong roles, doubles and stale pages."""

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.relations.models import Escalation
from tests import factory

START = {
    "do": "start", "party": "Waterbedrijf Westerdok", "subject": "Kosten boven de staffel", "level": "contact person", "way": "call",
    "words": "Betaal terug.",
}  # fmt: skip


class Place:
    def __init__(self, client_of):
        self.creditor = factory.organisation(name="Waterbedrijf Westerdok")
        self.relations = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.manager = client_of(factory.person(self.relations, name="Joris Blaauw"))
        self.auditor = client_of(factory.person(factory.organisation(Kind.CITY), Role.AUDITOR))
        self.creditor_manager = client_of(factory.person(self.creditor))

    def start(self, **over):
        return self.manager.post("/relations/escalations/new", data=START | over)

    def do(self, ref, act, who=None, **typed):
        typed = {"revision": revision(ref)} | typed
        data = {f"{act}-{name}": value for name, value in typed.items()}
        return (who or self.manager).post(f"/relations/escalations/{ref}/{act}", data=data)


def revision(ref):
    with db.reading() as session:
        return str(session.scalar(select(Escalation.revision).where(Escalation.ref == ref)))


@pytest.fixture
def place(client_of, queue):
    return Place(client_of)


def test_a_new_escalation_stands_in_the_list_and_the_second_click_makes_no_other(place):
    to = place.start().headers["Location"]
    assert place.start().headers["Location"] == to
    assert "Contactpersoon" in place.manager.get(to).text
    assert "Waterbedrijf Westerdok" in place.manager.get("/relations/escalations").text
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Escalation)) == 1


def test_what_is_missing_is_said_and_what_was_typed_stays(place):
    answer = place.start(party="", subject="Kosten van Mia")
    assert answer.status_code == 422
    assert "Zeg over welke schuldeiser" in answer.text
    assert "Kosten van Mia" in answer.text


def test_up_the_ladder_and_closed_on_the_page(place):
    to = place.start().headers["Location"]
    ref = to.rsplit("/", 1)[1]
    up = {"to": "management", "way": "letter", "words": "Graag uw besluit."}
    assert "Schrijf eerst op wat de vorige stap" in place.do(ref, "climb", **up).text
    stale = revision(ref)
    assert place.do(ref, "result", result="refused", result_words="Weigert.").status_code == 302
    assert "intussen veranderd" in place.manager.get(place.do(ref, "climb", revision=stale, **up).headers["Location"]).text
    assert place.do(ref, "climb", **up).status_code == 302
    assert place.do(ref, "close", result="settled").status_code == 422
    assert place.do(ref, "close", result="settled", close_words="De leiding gaf toe.").status_code == 302
    assert "De leiding gaf toe." in place.manager.get(to).text


def test_the_list_goes_along_as_a_file(place):
    place.start()
    assert "Kosten boven de staffel" in place.manager.get("/relations/escalations/download").text


def test_creditors_find_nothing_and_auditors_change_nothing(place):
    to = place.start().headers["Location"]
    ref = to.rsplit("/", 1)[1]
    assert place.creditor_manager.get(to).status_code == 404
    assert place.do(ref, "close", place.auditor, result="settled", close_words="x").status_code == 404
    assert "Een stap hoger" not in place.auditor.get(to).text
