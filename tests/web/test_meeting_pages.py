"""The pages of meetings: planning, the agenda for both sides, minutes, calendars; wrong roles, doubles and stale pages."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.relations.models import Meeting
from tests import factory
from tests.conftest import NOW

PLAN = {
    "do": "plan", "party": "Waterbedrijf Westerdok", "day": "2026-06-18", "begins": "10:00", "ends": "11:00", "place": "Dijkgracht 324",
    "theirs": "Noor Wisselink",
}  # fmt: skip


class Place:
    def __init__(self, client_of):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Waterbedrijf Oost")
        self.relations = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.joris = client_of(factory.person(self.relations, name="Joris Blaauw"))
        self.manager = client_of(factory.person(self.creditor, Role.CREDITOR_MANAGER))
        self.worker = client_of(factory.person(self.creditor))
        self.stranger = client_of(factory.person(self.other, Role.CREDITOR_MANAGER))

    def plan(self, **over):
        return self.joris.post("/relations/meetings/new", data=PLAN | over)

    def planned(self):
        return self.plan().headers["Location"]

    def do(self, to, act, who=None, **typed):
        typed = {"revision": revision(to)} | typed
        return (who or self.joris).post(f"{to}/{act}", data={f"{act}-{name}": value for name, value in typed.items()})


def revision(to):
    with db.reading() as session:
        return str(session.scalar(select(Meeting.revision).where(Meeting.ref == to.rsplit("/", 1)[1])))


@pytest.fixture
def place(client_of, queue):
    return Place(client_of)


def test_a_meeting_is_planned_once_and_both_sides_find_it(place):
    to = place.planned()
    assert place.planned() == to
    assert "donderdag 18 juni 2026, 10.00 tot 11.00" in place.joris.get(to).text
    for who in (place.joris, place.manager):
        assert to in who.get("/relations/meetings").text
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Meeting)) == 1


def test_a_meeting_in_the_past_is_refused_in_a_clear_sentence_and_what_was_typed_stays(place):
    answer = place.plan(day="2026-06-03")
    assert answer.status_code == 422
    assert "Dit tijdstip is voorbij" in answer.text
    assert "Dijkgracht 324" in answer.text
    held = place.plan(day="2026-06-03", was_held="y", minutes="Zij sturen de brieven.")
    assert held.status_code == 302
    assert "Zij sturen de brieven." in place.manager.get(held.headers["Location"]).text


def test_the_creditor_reads_the_agenda_without_private_points_and_notes(place):
    to = place.planned()
    assert place.do(to, "item", item="Brieven testen").status_code == 302
    place.do(to, "item", item="Onze inzet", is_private="y")
    place.do(to, "note", note="Zij zijn nerveus.")
    theirs, ours = place.manager.get(to).text, place.joris.get(to).text
    assert all(words in ours for words in ("Brieven testen", "Onze inzet", "Zij zijn nerveus."))
    assert "Brieven testen" in theirs
    assert "Onze inzet" not in theirs
    assert "Zij zijn nerveus." not in theirs
    assert "Haal weg" not in theirs
    drop = re.search(rf"{to}/items/\d+/drop", ours)[0]
    assert place.joris.post(drop).status_code == 302
    assert "Brieven testen" not in place.manager.get(to).text


def test_others_find_nothing_and_the_creditor_changes_nothing(place):
    to = place.planned()
    assert [who.get(to).status_code for who in (place.stranger, place.worker)] == [404, 404]
    assert [place.do(to, act, place.manager).status_code for act in ("item", "note", "minutes", "change", "cancel")] == [404] * 5
    assert "Waterbedrijf Westerdok" not in place.stranger.get("/relations/meetings?show=all").text


def test_a_stale_page_moves_no_meeting(place):
    to = place.planned()
    stale = revision(to)
    moved = {name: PLAN[name] for name in ("begins", "ends", "place")} | {"day": "2026-06-19"}
    assert place.do(to, "change", **moved).status_code == 302
    again = place.do(to, "change", **moved | {"day": "2026-06-22", "revision": stale})
    assert "intussen veranderd" in place.joris.get(again.headers["Location"]).text
    assert "vrijdag 19 juni 2026" in place.joris.get(to).text


def test_a_meeting_is_called_off_with_a_reason_that_the_other_side_reads(place):
    to = place.planned()
    assert place.do(to, "cancel", reason=" ").status_code == 422
    assert place.do(to, "cancel", reason="Noor is ziek.").status_code == 302
    page = place.manager.get(to).text
    assert ("Noor is ziek." in page, "dit verandert mee tot het overleg" in page) == (True, False)


def test_minutes_wait_until_the_meeting_began(place):
    assert place.do(place.planned(), "minutes", minutes="Vast geschreven.").status_code == 422
    yesterday = {"begins": datetime(2026, 6, 3, 8, tzinfo=UTC), "ends": datetime(2026, 6, 3, 9, tzinfo=UTC)}
    to = f"/relations/meetings/{factory.meeting(place.creditor, **yesterday).ref}"
    assert "zonder verslag" in place.joris.get("/relations/meetings").text
    assert place.do(to, "minutes", minutes="Zij testen de brieven.").status_code == 302
    assert "Zij testen de brieven." in place.manager.get(to).text


def test_a_calendar_program_reads_the_meetings_at_a_secret_address_without_people_or_points(place, client):
    to = place.planned()
    place.do(to, "item", item="Brieven testen")
    page = place.manager.get(place.manager.post("/relations/meetings/calendar").headers["Location"]).text
    feed = re.search(r"/relations/calendar/[\w-]+\.ics", page)[0]
    assert feed not in place.manager.get("/relations/meetings").text  # shown once
    answer = client.get(feed)
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "DTSTART:20260618T080000Z" in answer.text
    assert not re.search("Brieven|Wisselink|Joris", answer.text)
    place.manager.post("/relations/meetings/calendar/end")
    assert client.get(feed).status_code == 404
    assert place.manager.get(f"{to}/calendar.ics").text.count("BEGIN:VEVENT") == 1


def test_who_may_not_open_a_complaint_of_the_agenda_reads_its_number_alone(place, client_of):
    auditor = client_of(factory.person(factory.organisation(Kind.CITY), Role.AUDITOR))
    complaint = factory.complaint(place.relations, place.creditor, addressed_at=NOW)
    to = place.plan(day="2026-06-03", was_held="y", minutes="Besproken.").headers["Location"]
    linked = [f'{complaint.ref}">' in who.get(to).text for who in (place.joris, place.manager, auditor)]
    assert (linked, complaint.ref in auditor.get(to).text) == ([True, True, False], True)


def test_the_list_goes_along_as_a_file(place):
    place.plan()
    assert "Dijkgracht 324" in place.manager.get("/relations/meetings/download").text
