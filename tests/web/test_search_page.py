"""The search in everything that one may see: what each role finds, and that nothing betrays what it may not see."""

import re

import pytest
from sqlalchemy import update

from app import db
from app.access import Kind, Role
from app.clock import now
from app.consents.rules import State
from app.documents.models import Document
from app.proposals.lifecycle import Visibility
from app.proposals.models import Offer
from app.sealing import blind_index
from tests import factory


class Place:
    def __init__(self, client_of):
        self.water, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Energie Noord")
        self.team = factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid")
        self.worker = client_of(factory.person(self.water))
        self.stranger = client_of(factory.person(self.other, Role.CREDITOR_MANAGER))
        self.helper = client_of(factory.person(self.team))
        self.manager = client_of(factory.person(factory.organisation(Kind.RELATIONS_TEAM)))
        self.officer = client_of(factory.person(factory.organisation(Kind.BANK)))
        self.auditor = client_of(factory.person(factory.organisation(Kind.CITY), Role.AUDITOR))
        self.elsewhere = client_of(factory.person(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Noord")))

    def fill(self):
        case = factory.case(surname="Onthullend")
        claim = factory.claim(case, self.water, reference="GEHEIM-1")
        self.offer = factory.offer(factory.proposal(case, [claim]), claim, surname_index=blind_index("Onthullend"))
        self.case, self.complaint = case, factory.complaint(self.team, self.water)
        self.signal = factory.signal(self.water, surname="Onthullend", reference="GEHEIM-2")
        self.escalation, self.meeting = factory.escalation(self.water), factory.meeting(self.water)
        self.commitment = factory.commitment(self.water)
        self.request = factory.balance_request(claim)
        self.letter = self.letter_about("offer letter", self.offer.ref, f"Betaalvoorstel {self.offer.ref}")
        self.asked = self.letter_about("balance letter", self.request.ref, f"Saldoverzoek {self.request.ref}")

    def letter_about(self, kind, subject, title, creditor=None):
        values = {"ref": db.new_ref("B"), "sha256": "0" * 64, "size": 1, "created_at": now()}
        return factory.save(Document(kind=kind, title=title, subject_ref=subject, organisation_id=(creditor or self.water).id, **values))


@pytest.fixture
def place(client_of, clock):
    return Place(client_of)


def subjects(client, q):
    """Return what a search finds: each subject with its number."""
    return dict(
        re.findall(r'<h2 id="h-gevonden-\d+">([^<]*)</h2><span[^>]*>([^<]*)</span>', client.get("/search", query_string={"q": q}).text)
    )


def test_each_role_finds_a_client_where_its_lists_show_it(place):
    place.fill()
    assert subjects(place.worker, "onthullend") == {"Aanbiedingen": "1", "Vroegsignalen": "1"}
    assert subjects(place.officer, "onthullend") == {"Aanbiedingen": "1", "Dossiers": "1"}
    assert subjects(place.helper, "onthullend") == {"Dossiers": "1", "Vroegsignalen": "1"}
    assert subjects(place.auditor, "onthullend") == {"Aanbiedingen": "1"}
    assert subjects(place.manager, "onthullend") == {}


def test_the_relations_team_finds_all_about_a_creditor_by_a_part_of_its_name(place):
    place.fill()
    assert subjects(place.manager, "westerdok") == {
        "Schuldeisers": "1", "Signalen": "1", "Escalaties": "1", "Overleggen": "1", "Afspraken": "1",
    }  # fmt: skip


def test_a_hit_leads_to_its_page_and_a_subject_to_its_list_where_one_may_open_that(place):
    place.fill()
    page = place.worker.get("/search?q=GEHEIM-1").text
    assert f'href="/offers/{place.offer.ref}"' in page
    assert re.search(r'href="/offers\?q=~', page)
    assert not re.search(r'href="/offers\?q=~', place.auditor.get("/search?q=GEHEIM-1").text)


def test_a_letter_is_found_by_its_number_its_kind_what_it_is_about_and_its_case_and_opens_for_who_may_open_it(place):
    place.fill()
    for q in (place.letter.ref.lower(), place.offer.ref):
        assert subjects(place.worker, q)["Brieven"] == "1"
        assert f'href="/documents/{place.letter.ref}"' in place.worker.get("/search", query_string={"q": q}).text
    assert subjects(place.worker, "saldoverzoek") == {"Brieven": "1"}
    assert subjects(place.officer, place.case.ref)["Brieven"] == "2"
    assert subjects(place.auditor, "betaalvoorstel") == {"Brieven": "1"}
    assert f'href="/offers/{place.offer.ref}"' in place.auditor.get("/search", query_string={"q": place.letter.ref}).text


def test_the_document_of_a_consent_is_found_by_its_number_by_its_creditor_and_the_city_alone(place):
    consent = factory.consent(place.water)
    unsigned = factory.consent(place.other, state=State.DRAFT, signed_at=None, signed_by=None)
    for one, creditor in ((consent, place.water), (unsigned, place.other)):
        place.letter_about("standing consent", f"{one.ref}.1", "Akkoord vooraf", creditor)
    for client, number in ((place.worker, "1"), (place.manager, "1"), (place.stranger, None), (place.helper, None)):
        assert subjects(client, consent.ref).get("Brieven") == number
        assert "Brieven" not in subjects(client, unsigned.ref)


def test_nobody_finds_the_letter_of_what_rests_but_the_city(place):
    place.fill()
    with db.transaction() as session:
        session.execute(update(Offer).values(visibility=Visibility.RESTRICTED))
    assert "Brieven" not in subjects(place.worker, place.letter.ref)
    assert subjects(place.officer, place.letter.ref) == {"Brieven": "1"}
    assert "Brieven" not in subjects(place.manager, "brief")
    assert "Brieven" not in subjects(place.helper, place.case.ref)


THINGS = ("offer", "case", "complaint", "signal", "escalation", "meeting", "commitment", "letter", "asked", "request")


@pytest.mark.parametrize("q", ["onthullend", "GEHEIM-1", "GEHEIM-2", "brief", *THINGS])
def test_what_is_another_s_changes_no_byte_of_a_search(place, q):
    """The page is the same before there is anything, and after, but for what stands in the field."""
    empty = [bare(one, "Nergensnietsnee") for one in (place.stranger, place.elsewhere)]
    place.fill()
    asked = getattr(place, q).ref if q in THINGS else q
    assert [bare(one, asked) for one in (place.stranger, place.elsewhere)] == empty


def test_a_creditor_finds_nothing_about_another_one_by_its_name(place):
    place.fill()
    assert subjects(place.stranger, "westerdok") == {}


def bare(client, q):
    text = client.get("/search", query_string={"q": q}).text
    text = re.sub(r'name="csrf_token"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="csrf_token"', "", text)
    return re.sub(r"q(=|%3D)[^\"&]*", "", text.replace(f'value="{q}"', ""))


def test_a_search_for_one_sign_asks_for_more_and_one_for_nothing_finds_nothing(place):
    for q in ("", "w"):
        assert "ten minste twee tekens" in place.worker.get(f"/search?q={q}").text
    assert "Niets gevonden" in place.worker.get("/search?q=niemand").text


def test_counting_stops_where_the_list_takes_over(place):
    for _ in range(27):
        factory.organisation(name=f"Tandarts {db.new_ref('T')}")
    assert subjects(place.officer, "tandarts") == {"Schuldeisers": "25+"}
