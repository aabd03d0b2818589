"""Pages of the register: the list, an organisation with its contacts and mandates, and bringing a file in."""

import html
import io
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.audit.models import Event
from app.clock import today
from app.creditors.models import Contact, Mandate, Organisation
from app.creditors.queries import creditors_of
from app.creditors.rules import is_in_force, last_day, overlap
from app.errors import Refusal
from tests import factory

DEMO = Path(__file__).parent.parent.parent / "demo"
TODAY = date(2026, 6, 4)


@pytest.fixture
def acting(client_of):
    """Give the browser of somebody of an organisation."""
    return lambda organisation, role=None: client_of(factory.person(organisation, role))


@pytest.fixture
def officer(acting):
    return acting(factory.organisation(Kind.BANK))


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok", branch="water")


@pytest.fixture
def agency(database):
    return factory.organisation(Kind.AGENT, name="Incassobureau Kade", branch="incasso", joined_on=None)


def only(model):
    with db.reading() as session:
        return session.scalars(select(model)).one()


def count(model, *where):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where))


def test_the_list_is_narrowed_by_name_branch_kind_and_joining(officer, water, agency):
    for query, shown in [("q=westerdok", (True, False)), ("branch=incasso", (False, True)), ("kind=agent", (False, True))]:
        text = officer.get(f"/creditors?{query}").text
        assert ("Waterbedrijf Westerdok" in text, "Incassobureau Kade" in text) == shown
    assert "Incassobureau Kade" in officer.get("/creditors?joined=no").text
    assert "Niets gevonden" in officer.get("/creditors?q=100%25").text


def test_pages_follow_each_other_without_gap_or_repeat(officer):
    made = [factory.organisation(name=f"Naam {n // 2}") for n in range(5)]
    seen, url = [], "/creditors?size=2"
    while url:
        text = officer.get(url).text
        seen += [o.code for o in made if f'/creditors/{o.code}"' in text]
        url = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") + "&size=2" if 'rel="next"' in text else ""
    assert sorted(seen) == [o.code for o in made]


def test_the_download_holds_what_the_list_shows(officer, water, agency):
    text = officer.get("/creditors/download?kind=agent").text
    assert ("Incassobureau Kade" in text, "Waterbedrijf" in text) == (True, False)
    assert officer.get("/creditors/download?format=xlsx").data[:2] == b"PK"


def test_an_organisation_shows_mandates_from_both_sides(officer, water, agency):
    factory.mandate(agency, water)
    assert "Incassobureau Kade" in officer.get(f"/creditors/{water.code}").text
    text = officer.get(f"/creditors/{agency.code}").text
    assert ("Waterbedrijf Westerdok" in text, "Geldt nu" in text) == (True, True)
    assert officer.get("/creditors/1").status_code == 404


def test_a_creditor_finds_its_own_page_and_nobody_elses(acting, water, agency):
    client = acting(water, Role.CREDITOR_MANAGER)
    assert "Waterbedrijf Westerdok" in client.get("/organisation").text
    assert [client.get(url).status_code for url in ("/creditors", f"/creditors/{agency.code}", "/creditors/import")] == [404] * 3


def test_a_manager_adds_and_ends_a_contact(acting, water):
    client = acting(water, Role.CREDITOR_MANAGER)
    client.post("/organisation/contacts", data={"name": "K. Tuinstra", "task": "voorstellen", "phone": "020 555 01 61"})
    assert "K. Tuinstra" in client.get("/organisation").text
    for _ in range(2):
        client.post(f"/organisation/contacts/{only(Contact).id}/end")
    assert only(Contact).ended_on == TODAY
    assert count(Event, Event.subject == f"creditor/{water.code}") == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "A"}, "telefoonnummer of een e-mailadres"),
        ({"phone": "1"}, "Vul een naam in"),
        ({"name": "A", "email": "x"}, "geen e-mailadres"),
    ],
)
def test_a_contact_without_a_name_or_a_way_to_reach_it_is_refused(acting, water, data, said):
    answer = acting(water, Role.CREDITOR_MANAGER).post("/organisation/contacts", data=data)
    assert (answer.status_code, said in answer.text, count(Contact)) == (422, True, 0)


def test_a_worker_sees_the_page_but_changes_nothing(acting, water):
    client = acting(water)
    assert "Voeg een contactpersoon toe" not in client.get("/organisation").text
    assert client.post("/organisation/contacts", data={"name": "A", "phone": "1"}).status_code == 404


def test_a_creditors_manager_gives_a_mandate_and_ends_it(acting, water, agency):
    client = acting(water, Role.CREDITOR_MANAGER)
    client.post("/organisation/mandates", data={"other": agency.id, "starts_on": "2026-06-01"})
    mandate = only(Mandate)
    assert (mandate.agent_id, mandate.creditor_id) == (agency.id, water.id)
    client.post(f"/organisation/mandates/{mandate.id}/end", data={"ends_on": "2026-06-03", "revision": "1"})
    assert only(Mandate).ends_on == date(2026, 6, 3)
    assert "Beëindigd" in client.get("/organisation").text


def test_an_ended_mandate_no_longer_counts(database, clock, water, agency):
    factory.mandate(agency, water, ends_on=date(2026, 6, 4))
    with db.reading() as session:
        assert list(session.scalars(creditors_of(agency.id, today()))) == [water.id]
    clock.shift(24 * 3600)
    with db.reading() as session:
        assert list(session.scalars(creditors_of(agency.id, today()))) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"starts_on": "2026-06-01"}, "in deze tijd al een machtiging"),
        ({"starts_on": "2030-01-01", "ends_on": "2029-01-01"}, "ligt voor de eerste dag"),
        ({"starts_on": "2026-06-01", "other": "999"}, ""),
        ({"starts_on": ""}, "Vul de eerste dag in"),
    ],
)
def test_a_mandate_that_cannot_be_is_refused(acting, water, agency, data, said):
    factory.mandate(agency, water, ends_on=date(2027, 1, 1))
    client = acting(water, Role.CREDITOR_MANAGER)
    answer = client.post("/organisation/mandates", data={"other": agency.id} | data)
    assert (answer.status_code, said in answer.text, count(Mandate)) == (422, True, 1)


def test_an_agent_cannot_give_itself_a_mandate_but_may_end_one(acting, water, agency):
    mandate = factory.mandate(agency, water)
    client = acting(agency, Role.AGENT_MANAGER)
    assert client.post("/organisation/mandates", data={"other": water.id, "starts_on": "2030-01-01"}).status_code == 404
    client.post(f"/organisation/mandates/{mandate.id}/end", data={"ends_on": "2026-06-04", "revision": "1"})
    assert only(Mandate).ends_on == TODAY


def test_an_agent_cannot_lengthen_the_mandate_that_its_creditor_ended(acting, water, agency):
    mandate = factory.mandate(agency, water, ends_on=date(2026, 6, 30))
    client = acting(agency, Role.AGENT_MANAGER)
    client.post(f"/organisation/mandates/{mandate.id}/end", data={"ends_on": "2099-12-31", "revision": "1"})
    assert only(Mandate).ends_on == date(2026, 6, 30)
    assert "eindigt al eerder" in client.get("/organisation").text


def test_somebody_elses_mandate_and_contact_do_not_exist(acting, water, agency):
    other = factory.organisation()
    mandate = factory.mandate(agency, other)
    contact = factory.save(Contact(organisation_id=other.id, name="A"))
    client = acting(water, Role.CREDITOR_MANAGER)
    assert client.post(f"/organisation/mandates/{mandate.id}/end", data={"ends_on": "2026-06-04", "revision": "1"}).status_code == 404
    assert client.post(f"/organisation/contacts/{contact.id}/end").status_code == 404


def test_of_two_people_who_end_a_mandate_one_learns_that_it_changed(officer, water, agency):
    mandate = factory.mandate(agency, water)
    url = f"/creditors/{water.code}/mandates/{mandate.id}/end"
    assert officer.post(url, data={"ends_on": "2026-06-30", "revision": "1"}).status_code == 302
    assert officer.post(url, data={"ends_on": "2026-07-30", "revision": "1"}).status_code == 409


def test_a_file_shows_what_it_would_change_and_comes_in_once(officer):
    file = {"file": (io.BytesIO((DEMO / "creditors.csv").read_bytes() + b"\n4200;;schuldeiser;;;;;;;;;;"), "creditors.csv")}
    place = officer.post("/creditors/import", data=file).headers["Location"]
    before = count(Organisation)
    assert "Regel 2" in officer.get(place).text
    for _ in range(2):
        officer.post(place)
    assert count(Organisation) == before + 45
    assert "Naam: Dit mag niet leeg zijn." in officer.get(place).text
    assert "4200" in officer.get(f"{place}/rejects/creditors").text


# ── rules ────────────────────────────────────────────────────────────────────


def test_periods_overlap_when_they_share_a_day():
    first = (date(2026, 1, 1), date(2026, 3, 31))
    assert overlap(first, (date(2026, 3, 31), None))
    assert not overlap(first, (date(2026, 4, 1), None))
    assert is_in_force(first, date(2026, 3, 31))
    assert not is_in_force(first, date(2026, 4, 1))


def test_a_mandate_is_ended_yesterday_at_the_earliest_and_once():
    running = (date(2026, 1, 1), None)
    assert last_day(running, date(2026, 6, 3), TODAY) == date(2026, 6, 3)
    for period, ends_on in [(running, date(2026, 6, 2)), (running, date(2025, 1, 1)), ((date(2026, 1, 1), date(2026, 6, 3)), TODAY)]:
        with pytest.raises(Refusal):
            last_day(period, ends_on, TODAY)


# ── one more ─────────────────────────────────────────────────────────────────

NEW = {
    "name": "Sportschool De Halter", "code": "7300", "sort": "schuldeiser", "branch": "sport", "kvk": "12345678", "street": "Kade",
    "house_number": "4", "postcode": "1011aa", "city": "Amsterdam", "email": "post@halter.example", "contact_name": "Bo Halter",
    "contact_phone": "020 555 01 77",
}  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.BANK, Kind.RELATIONS_TEAM])
def test_one_organisation_is_added_by_hand_with_its_contact(acting, kind):
    who = acting(factory.organisation(kind))
    assert 'href="/creditors/new"' in who.get("/creditors").text
    assert who.post("/creditors/new", data=NEW).headers["Location"] == "/creditors/7300"
    text = who.get("/creditors/7300").text
    for words in ("Sportschool De Halter", "1011 AA", "12345678", "Bo Halter", "020 555 01 77"):
        assert words in text
    assert who.post("/creditors/new", data=NEW).status_code == 422  # the second click
    assert count(Organisation, Organisation.code == 7300) == count(Event, Event.action == "creditors:add") == 1


def test_what_the_register_does_not_take_is_said_and_what_was_typed_stays(officer, database):
    factory.organisation(name="Waterbedrijf Westerdok", code=5, kvk="90000001")
    for over, said in (
        ({"code": "5"}, "Deze code heeft Waterbedrijf Westerdok al"), ({"kvk": "90000001"}, "KvK-nummer heeft Waterbedrijf Westerdok al"),
        ({"kvk": "123"}, "Dit is geen KvK-nummer"), ({"postcode": "12"}, "postcode"), ({"code": "0"}, "een getal van 1"),
        ({"contact_phone": ""}, "Vul een telefoonnummer of een e-mailadres in"), ({"contact_name": ""}, "naam van de contactpersoon"),
        ({"name": " "}, "Vul de naam in"), ({"sort": "bank"}, "Kies de soort organisatie"),
    ):  # fmt: skip
        answer = officer.post("/creditors/new", data=NEW | over)
        assert (answer.status_code, said in html.unescape(answer.text), "Kade" in answer.text) == (422, True, True), over
    assert count(Organisation, Organisation.kind == Kind.CREDITOR) == 1


def test_another_establishment_and_an_agent_may_have_a_number_that_stands_in_the_register(officer, database):
    factory.organisation(code=5, kvk=NEW["kvk"])
    for code, over in ((7301, {"establishment": "123456789012"}), (7302, {"sort": "deurwaarder"})):
        assert officer.post("/creditors/new", data=NEW | over | {"code": str(code)}).headers["Location"] == f"/creditors/{code}"
    assert count(Organisation, Organisation.is_bailiff) == 1
