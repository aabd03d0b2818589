"""The pages of a creditor's profile: for the relations team, for its own manager, on paper; and for nobody else."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.audit.models import Event
from app.proposals.lifecycle import OfferState
from app.relations.escalation_rules import EscalationState, Result
from app.relations.profile_counting import count_months
from tests import factory

CLOSED = {"state": EscalationState.CLOSED, "result": Result.SETTLED, "closed_on": date(2026, 6, 2)}


class Place:
    def __init__(self, client_of):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Zilverreiger")
        self.team = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.agent = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
        factory.mandate(self.agent, self.creditor)
        self.client_of = client_of
        self.joris = client_of(factory.person(self.team, name="Joris Blaauw"))
        self.manager = client_of(factory.person(self.creditor, Role.CREDITOR_MANAGER, name="Els Vermaat"))

    @property
    def url(self):
        return f"/relations/creditors/{self.creditor.code}"


@pytest.fixture
def place(client_of, queue):
    return Place(client_of)


def test_the_relations_team_sees_the_profile_with_figures_people_and_complaints(place):
    factory.offers(place.creditor, state=OfferState.OPEN)
    complaint = factory.complaint(place.team, place.creditor)
    factory.escalation(place.creditor, subject="Directie bellen.")
    count_months()
    page = place.joris.get(place.url)
    for words in ("Waterbedrijf Westerdok", "Els Vermaat", "Incassobureau Kade", complaint.ref, "Directie bellen.", "Acht kwartalen"):
        assert words in page.text


def test_the_manager_finds_the_own_profile_in_the_menu_without_what_the_city_keeps(place):
    complaint = factory.complaint(place.team, place.creditor)
    factory.escalation(place.creditor, subject="Directie bellen.")
    assert 'href="/relations/profile"' in place.manager.get("/organisation").text
    for url in ("/relations/profile", place.url):
        page = place.manager.get(url).text
        assert "Waterbedrijf Westerdok" in page
        assert complaint.ref not in page
        assert "Directie bellen." not in page


def test_the_register_leads_to_the_profile(place):
    assert f'href="{place.url}"' in place.joris.get(f"/creditors/{place.creditor.code}").text


def same(text):
    """Take out of a page what differs each time: its own address and the number to mention."""
    return re.sub(r"creditors/\d+|[0-9a-f]{16}", "", text)


def test_another_creditor_is_as_if_it_did_not_exist(place):
    other, missing = (place.manager.get(f"/relations/creditors/{code}") for code in (place.other.code, 9999))
    assert (other.status_code, same(other.text)) == (404, same(missing.text))
    assert place.manager.get(f"/relations/creditors/{place.other.code}/pdf").status_code == 404


@pytest.mark.parametrize("role", [Role.AGENT_WORKER, Role.CREDITOR_WORKER, Role.OFFICER, Role.COUNSELLOR, Role.AUDITOR])
def test_who_has_nothing_to_do_with_profiles_finds_none(place, role):
    kinds = {Role.AGENT_WORKER: place.agent, Role.CREDITOR_WORKER: place.creditor}
    kinds |= {Role.OFFICER: Kind.BANK, Role.COUNSELLOR: Kind.NEIGHBOURHOOD_TEAM, Role.AUDITOR: Kind.CITY}
    works_for = kinds[role] if not isinstance(kinds[role], Kind) else factory.organisation(kinds[role])
    client = place.client_of(factory.person(works_for, role))
    assert [client.get(url).status_code for url in (place.url, f"{place.url}/pdf", "/relations/profile")] == [404, 404, 404]


def test_an_agent_finds_its_own_profile_with_for_whom_it_acts_and_takes_it_along_on_paper(place):
    kade = place.client_of(factory.person(place.agent, Role.AGENT_MANAGER, name="Bo Kade"))
    factory.escalation(place.agent, subject="Directie bellen.")
    own = f"/relations/creditors/{place.agent.code}"
    pages = {who: client.get(own).text for who, client in (("team", place.joris), ("agent", kade))}
    for text in pages.values():
        assert "Incassobureau Kade" in text
        assert "Waterbedrijf Westerdok" in text
        assert "nog niet nagekeken" in text
    assert ["Directie bellen." in pages[who] for who in ("team", "agent")] == [True, False]
    assert f'href="{own}/pdf"' in kade.get("/relations/profile").text
    assert kade.get(f"{own}/pdf").mimetype == "application/pdf"


def test_the_paper_has_two_pages_and_both_ways_of_looking_are_noted_once(place):
    factory.commitment(place.creditor, due_on=date(2026, 6, 1))
    paper = place.joris.get(f"{place.url}/pdf")
    assert paper.mimetype == "application/pdf"
    assert paper.data.count(b"/Type /Page\n") + paper.data.count(b"/Type /Page ") + paper.data.count(b"/Type/Page/") == 2
    place.joris.get(place.url)
    place.joris.get(place.url)
    with db.reading(as_portal=True) as session:
        noted = session.execute(select(Event.action, Event.concerns_id).where(Event.subject == f"profile/{place.creditor.code}")).all()
    assert noted == [("profiles:print", place.creditor.id), ("profiles:open", place.creditor.id)]


def test_the_team_opens_a_profile_from_every_page_about_a_creditor_and_the_creditor_from_none(place):
    creditor = place.creditor
    meeting, promise = factory.meeting(creditor), factory.commitment(creditor)
    complaint, escalation = factory.complaint(place.team, creditor), factory.escalation(creditor, **CLOSED)
    shared = [f"/relations/meetings/{meeting.ref}", f"/relations/commitments/{promise.ref}"]
    link = f'href="/relations/creditors/{creditor.code}"'
    for path in (*shared, f"/relations/escalations/{escalation.ref}", f"/relations/complaints/{complaint.ref}"):
        assert link in place.joris.get(path).text, path
    for path in shared:
        assert link not in place.manager.get(path).text, path
