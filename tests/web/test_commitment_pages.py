"""The pages of commitments: making one, its checks, what its creditor reads; wrong roles, doubles and stale pages."""

import html
import re
from datetime import date

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.relations.commitment_rules import Measure
from app.relations.commitment_words import MEASURES
from app.relations.models import Commitment, CommitmentCheck
from tests import factory
from tests.conftest import NOW

MAKE = {
    "do": "make", "party": "Waterbedrijf Westerdok", "words": "Brieven testen met vijf klanten.", "by": "theirs",
    "by_whom": "Noor Wisselink", "due_on": "2026-06-30", "how": "Zij sturen de brieven.", "way": "by hand",
}  # fmt: skip


class Place:
    def __init__(self, client_of):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Waterbedrijf Oost")
        self.joris = client_of(factory.person(factory.organisation(Kind.RELATIONS_TEAM), name="Joris Blaauw"))
        self.manager = client_of(factory.person(self.creditor, Role.CREDITOR_MANAGER))
        self.worker = client_of(factory.person(self.creditor))
        self.stranger = client_of(factory.person(self.other, Role.CREDITOR_MANAGER))

    def make(self, **over):
        return self.joris.post("/relations/commitments/new", data=MAKE | over)

    def made(self, **over):
        return self.make(**over).headers["Location"]

    def do(self, to, act, who=None, **typed):
        typed = {"revision": revision(to)} | typed
        return (who or self.joris).post(f"{to}/{act}", data={f"{act}-{name}": value for name, value in typed.items()})


def revision(to):
    with db.reading() as session:
        return str(session.scalar(select(Commitment.revision).where(Commitment.ref == to.rsplit("/", 1)[1])))


@pytest.fixture
def place(client_of, queue):
    return Place(client_of)


def test_a_commitment_is_made_once_and_its_creditor_finds_it(place):
    to = place.made()
    assert place.made() == to
    assert "Zij sturen de brieven." in place.manager.get(to).text
    for who in (place.joris, place.manager):
        assert to in who.get("/relations/commitments").text
        assert "Brieven testen" in who.get("/relations/commitments/download").text
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Commitment)) == 1


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(place):
    answer = place.make(due_on="2026-06-03")
    assert (answer.status_code, "Deze dag is voorbij" in answer.text, "Noor Wisselink" in answer.text) == (422, True, True)
    share, number = ({"way": "by figure", "measure": of} for of in ("offers answered in time", "rejections against the own consent"))
    for wrong, said in ((share | {"threshold": "130", "days": "10"}, "Vul een percentage in"), (number, "van 0 tot en met 100")):
        answer = place.make(**wrong)
        assert (answer.status_code, said in answer.text) == (422, True)
    for right, norm in (
        (share | {"threshold": "90", "days": "10"}, "ten minste 90% binnen 10"),
        (number | {"at_most": "0"}, "hoogste 0 keer"),
    ):
        assert norm in place.joris.get(place.made(words=norm, **right)).text


def test_a_check_that_fails_is_read_by_its_creditor_and_counts_once(place):
    to = place.made()
    seen = revision(to)
    assert place.do(to, "check", outcome="broken").status_code == 422
    assert place.do(to, "check", outcome="broken", check_words="Twee van de vijf.").status_code == 302
    again = place.do(to, "check", outcome="broken", check_words="Twee van de vijf.", revision=seen)
    assert "intussen veranderd" in place.joris.get(again.headers["Location"]).text
    assert "Twee van de vijf." in place.manager.get(to).text
    assert to in place.manager.get("/relations/commitments?show=broken").text
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(CommitmentCheck)) == 1


def test_each_figure_says_in_words_what_was_counted_and_what_was_promised(place):
    period = {"first_day": date(2026, 5, 1), "last_day": date(2026, 5, 31), "at": NOW, "who": "Portaal", "is_kept": None}
    for measure in Measure:
        one = factory.commitment(place.creditor, measure=measure, threshold=0, days=10)
        whose = {"commitment_id": one.id, "organisation_id": place.creditor.id, "threshold": 0, "days": 10}
        factory.save(CommitmentCheck(met=7, counted=8, **whose, **period))
        factory.save(CommitmentCheck(met=0, counted=0, **whose, **period | {"first_day": date(2026, 4, 1)}))
        text = place.manager.get(f"/relations/commitments/{one.ref}").text
        assert str(MEASURES[measure]) in html.unescape(text)
        assert re.search(r"mei 2026: [^.]*7[^.]*8[^.]*; afgesproken ten (minste|hoogste) 0", text), measure
        assert re.search(r"april 2026: (geen|er liep geen) ", text), measure


def test_others_find_nothing_and_the_creditor_checks_nothing_itself(place):
    to = place.made()
    assert [who.get(to).status_code for who in (place.stranger, place.worker)] == [404, 404]
    for act in ("check", "plan", "end"):
        typed = {"outcome": "kept", "check_words": "Goed.", "check_on": "2026-07-01"}
        assert place.do(to, act, place.manager, **typed).status_code == 404
    assert place.do(to, "plan", check_on="2026-07-01").status_code == 302
    assert "1 juli 2026" in place.manager.get(to).text
    assert place.do(to, "end", reason=" ").status_code == 422
    assert place.do(to, "end", reason="Een nieuwe afspraak geldt.").status_code == 302
    assert "Schrijf een controle op" not in place.joris.get(to).text
    assert "Een nieuwe afspraak geldt." in place.manager.get(to).text
