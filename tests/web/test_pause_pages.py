"""The pages of pauses: a creditor's list and answers, the bank's side of a case, and sending for a whole list."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.audit.models import Event
from app.cases.models import Notice, PauseBreach
from app.cases.pause_rules import EndReason, NoticeState
from app.sealing import blind_index, sealed_words
from tests import factory

YES = {"answer": "confirmed", "revision": "1"}


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water, name="Pieter Dros"))


@pytest.fixture
def bank(database):
    return factory.organisation(Kind.BANK, name="Kredietbank")


@pytest.fixture
def officer(client_of, bank):
    return client_of(factory.person(bank, name="Mila Haverkamp"))


@pytest.fixture
def notice(water):
    return factory.notices(water)[0]


def now_of(row):
    with db.reading() as session:
        return session.get(type(row), row.id)


def case_of(notice):
    with db.reading() as session:
        return session.get(factory.Case, notice.case_id).ref


# ── the list ─────────────────────────────────────────────────────────────────


def test_the_list_shows_what_waits_and_until_when_each_pause_lasts(worker, notice):
    page = worker.get("/pauses").text
    assert all(words in page for words in ("Visser, X.", notice.reference, "wacht op antwoord", "1 februari 2027"))


def test_the_menu_counts_what_waits(worker, water):
    factory.notices(water, water, water)
    assert "Incassopauzes" in worker.get("/offers").text
    assert '<b class="count">3</b>' in worker.get("/pauses").text or ">3<" in worker.get("/pauses").text


def test_a_list_of_pages_goes_on_where_the_page_before_ended(worker, water):
    first, second, third = factory.notices(water, water, water)
    page = worker.get("/pauses?size=2").text
    assert [one.ref in page for one in (first, second, third)] == [True, True, False]
    assert f"after={second.ref}" in page
    assert third.ref in worker.get(f"/pauses?size=2&after={second.ref}").text


@pytest.mark.parametrize(
    ("query", "shown"),
    [("status=waiting", "sent"), ("status=problem", "unknown"), ("status=over", "over"), ("q=visser&status=pausing", "sent")],
)
def test_the_filters_show_what_they_say(worker, water, query, shown):
    sent, unknown, over = factory.notices(water, water, water)
    with db.transaction() as session:
        row = session.get(Notice, unknown.id)
        row.state, row.answered_at = NoticeState.CLIENT_UNKNOWN, row.sent_at
        row = session.get(Notice, over.id)
        row.ended_on, row.end_reason = date(2026, 6, 2), EndReason.CLIENT_STOPPED
    page = worker.get(f"/pauses?{query}").text
    found = {name: one.ref in page for name, one in (("sent", sent), ("unknown", unknown), ("over", over))}
    assert found == {name: name == shown for name in found}


def test_a_search_finds_by_surname_reference_and_number(worker, notice):
    for q in ("Visser", notice.reference, notice.ref.lower(), case_of(notice)):
        assert notice.ref in worker.get(f"/pauses?q={q}").text
    assert "Niets gevonden" in worker.get("/pauses?q=niemand").text


@pytest.mark.parametrize("place", ["pauses", "balances", "offers"])
def test_lists_write_a_name_by_its_main_part_and_find_it_as_they_write_it(worker, water, place):
    hof = {"surname_index": blind_index("van 't Hof")}
    case = factory.case(initials="S.", surname="van 't Hof")
    claim = factory.claim(case, water, stated_cents=None, stated_on=None)
    factory.notice(claim, **hof)
    factory.balance_request(claim, **hof)
    factory.offer(factory.proposal(case, [claim]), claim, **hof)
    for q in ("", "?q=Hof, S. van 't", "?q=van 't hof"):
        assert "Hof, S. van &#39;t" in worker.get(f"/{place}{q}").text


def test_the_download_holds_exactly_the_rows_that_are_shown(worker, water):
    first, second = factory.notices(water, water)
    worker.post(f"/pauses/{second.ref}", data=YES)
    file = worker.get("/pauses/download?status=waiting").text
    assert (first.ref in file, second.ref in file) == (True, False)
    assert worker.get("/pauses/download?format=xlsx").data[:2] == b"PK"
    with db.reading() as session:
        assert session.scalar(select(Event.subject).where(Event.action == "pauses:export").limit(1)) == "notices"


def test_those_that_were_chosen_are_confirmed_together(worker, water):
    first, second, third = factory.notices(water, water, water)
    answer = worker.post("/pauses?q=visser", data={"chosen": [first.ref, second.ref]})
    assert answer.location == f"/pauses?q={sealed_words('visser')}"
    assert "2 kennisgevingen zijn bevestigd." in worker.get("/pauses").text
    assert [now_of(one).state for one in (first, second, third)] == [NoticeState.CONFIRMED, NoticeState.CONFIRMED, NoticeState.SENT]


def test_what_cannot_be_confirmed_is_named_with_the_reason(worker, notice):
    (theirs,) = factory.notices(factory.organisation())
    worker.post("/pauses", data={"chosen": [notice.ref, theirs.ref, "K-2222-2222"]})
    page = worker.get("/pauses?status=all").text
    assert "1 kennisgeving is bevestigd." in page
    for ref in (theirs.ref, "K-2222-2222"):
        assert f"{ref} is niet bevestigd. Deze kennisgeving staat niet in uw lijst." in page


def test_choosing_nothing_says_so(worker, notice):
    worker.post("/pauses", data={})
    assert "Kies eerst een of meer kennisgevingen." in worker.get("/pauses").text


# ── one notice ───────────────────────────────────────────────────────────────


def test_a_notice_shows_whom_it_is_about_and_what_is_asked(worker, notice):
    page = worker.get(f"/pauses/{notice.ref}").text
    for words in (
        "X. Visser",
        "2 mei 1987",
        "Vlinderhof 33",
        notice.reference,
        "€\N{NO-BREAK SPACE}3.127,64",
        "Bevestigen: wij incasseren niet",
    ):
        assert words in page


def test_opening_a_notice_is_noted_once_a_day(worker, notice):
    for _ in range(2):
        worker.get(f"/pauses/{notice.ref}")
    with db.reading() as session:
        assert len(list(session.scalars(select(Event).where(Event.action == "pauses:open")))) == 1


def test_confirming_leads_back_to_the_list(worker, notice):
    answer = worker.post(f"/pauses/{notice.ref}", data=YES)
    assert (answer.status_code, answer.location) == (302, "/pauses")
    assert "De incasso staat stil." in worker.get(f"/pauses/{notice.ref}").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Kies een antwoord."),
        ({"answer": "client unknown", "searched": "name"}, "Zoek op ten minste 2 gegevens"),
        ({"answer": "obstacle", "words": "  "}, "Schrijf in een paar woorden wat er is."),
        ({"answer": "other agent named", "agent": "", "agent_name": ""}, "Kies wie voor u incasseert, of vul de naam in."),
        ({"answer": "other agent named", "agent": "999999", "agent_name": ""}, "Not a valid choice"),
        ({"answer": "sent"}, "Kies een antwoord."),
    ],
)
def test_an_answer_that_lacks_something_keeps_what_was_typed(worker, notice, typed, said):
    answer = worker.post(f"/pauses/{notice.ref}", data=typed | {"revision": "1"})
    assert answer.status_code == 422
    assert now_of(notice).state is NoticeState.SENT
    assert said in answer.text or said == "Not a valid choice" or typed.get("answer") == "sent"


def test_an_obstacle_is_read_by_the_bank_on_the_case(worker, officer, notice):
    worker.post(f"/pauses/{notice.ref}", data={"answer": "obstacle", "words": "Er loopt een beslag.", "revision": "1"})
    page = officer.get(f"/cases/{case_of(notice)}/pauses").text
    assert "beletsel gemeld" in page
    assert "Er loopt een beslag." in page


def test_the_colleague_who_was_first_is_named(worker, client_of, water, notice):
    client_of(factory.person(water, name="Els Vermaat")).post(f"/pauses/{notice.ref}", data=YES)
    answer = worker.post(f"/pauses/{notice.ref}", data={"answer": "obstacle", "words": "Beslag.", "revision": "1"})
    assert answer.location == f"/pauses/{notice.ref}"
    assert "Els Vermaat was u voor" in worker.get(answer.location).text


def test_a_second_click_is_no_second_answer(worker, notice):
    assert [worker.post(f"/pauses/{notice.ref}", data=YES).status_code for _ in range(2)] == [302, 302]
    assert now_of(notice).revision == 2


def test_a_pause_that_ended_takes_no_answer_and_says_why(worker, notice):
    with db.transaction() as session:
        row = session.get(Notice, notice.id)
        row.ended_on, row.end_reason = date(2026, 6, 2), EndReason.CASE_CLOSED
    answer = worker.post(f"/pauses/{notice.ref}", data=YES | {"revision": "2"})
    assert (answer.status_code, "Deze pauze is afgelopen." in answer.text) == (422, True)
    assert "De pauze is op 2 juni 2026 geëindigd: het dossier is gesloten." in worker.get(f"/pauses/{notice.ref}").text


def test_somebody_elses_notice_reads_as_a_missing_one(worker):
    (theirs,) = factory.notices(factory.organisation())
    for act in (worker.get, lambda path: worker.post(path, data=YES), lambda path: worker.post(f"{path}/collected", data={})):
        there, missing = act(f"/pauses/{theirs.ref}"), act("/pauses/K-2222-2222")
        assert (there.status_code, missing.status_code) == (404, 404)


def test_an_agent_answers_under_its_mandate(client_of, water):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    notice = factory.notice(factory.claim(factory.case(), water, agent_id=agent.id))
    browser = client_of(factory.person(agent))
    assert "Waterbedrijf Westerdok" in browser.get("/pauses").text
    browser.post(f"/pauses/{notice.ref}", data=YES)
    assert now_of(notice).state is NoticeState.CONFIRMED


# ── collecting during a pause ────────────────────────────────────────────────

COLLECTED = {"happened_on": "2026-06-03", "breach_words": "Een aanmaning ging uit."}


def test_reporting_collecting_warns_on_the_case_until_the_bank_deals_with_it(worker, officer, notice):
    assert worker.post(f"/pauses/{notice.ref}/collected", data=COLLECTED).status_code == 302
    case, warning = case_of(notice), "In de pauze is toch geïncasseerd."
    assert warning in officer.get(f"/cases/{case}").text
    with db.reading() as session:
        breach = session.scalar(select(PauseBreach))
    officer.post(f"/cases/{case}/pauses/breaches/{breach.id}", data={"revision": "1"})
    assert warning not in officer.get(f"/cases/{case}").text
    assert "Afgehandeld door Mila Haverkamp" in officer.get(f"/cases/{case}/pauses").text


def test_a_day_outside_the_pause_is_refused_with_its_days(worker, notice):
    answer = worker.post(f"/pauses/{notice.ref}/collected", data=COLLECTED | {"happened_on": "2026-05-31"})
    assert answer.status_code == 422
    assert "Die loopt van 01-06-2026 tot en met 01-02-2027." in answer.text
    assert "Een aanmaning ging uit." in answer.text


def test_a_counsellor_notes_a_complaint_on_its_own_case(client_of, notice):
    counsellor = client_of(factory.person(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="buurtteam Zuid")))
    place = f"/cases/{case_of(notice)}/pauses"
    assert "Noteer de klacht" in counsellor.get(place).text
    assert counsellor.post(f"{place}/complaint", data=COLLECTED | {"notice": ""}).status_code == 422
    assert counsellor.post(f"{place}/complaint", data=COLLECTED | {"notice": notice.ref}).status_code == 302
    assert "klacht van de cliënt" in counsellor.get(place).text


# ── the bank ─────────────────────────────────────────────────────────────────


def test_the_bank_sends_for_one_case_and_sees_who_has_not_confirmed(officer, water):
    case = factory.case()
    factory.claim(case, water)
    assert "Er is nog geen kennisgeving gestuurd." in officer.get(f"/cases/{case.ref}").text
    officer.post(f"/cases/{case.ref}/pauses/send")
    page = officer.get(f"/cases/{case.ref}").text
    assert "1 schuldeiser heeft nog niet bevestigd: Waterbedrijf Westerdok." in page
    assert "De eerste eindigt op 4 februari 2027." in page
    officer.post(f"/cases/{case.ref}/pauses/send")
    assert "Er is niets gestuurd." in officer.get(f"/cases/{case.ref}/pauses").text


def test_the_bank_ends_the_pauses_of_a_case(officer, notice):
    place = f"/cases/{case_of(notice)}/pauses"
    assert officer.post(f"{place}/end", data={"reason": ""}).status_code == 422
    officer.post(f"{place}/end", data={"reason": "client stopped"})
    assert "1 pauze is beëindigd. De schuldeiser krijgt bericht." in officer.get(place).text
    assert now_of(notice).end_reason is EndReason.CLIENT_STOPPED


def test_the_claim_shows_until_when_its_pause_lasts(officer, water):
    case = factory.case()
    claim = factory.claim(case, water)
    factory.notice(claim)
    assert "tot en met 1 februari 2027" in officer.get(f"/cases/{case.ref}/claims/{claim.number}").text


def test_sending_for_a_list_asks_once_more_and_goes_as_a_job(officer, water, queue):
    for programme in ("uit het krijt", "uit het krijt", ""):
        factory.claim(factory.case(programme=programme), water)
    assert "Stuur kennisgevingen" in officer.get("/cases?programme=uit+het+krijt").text
    assert "Stuur kennisgevingen voor 2 dossiers" in officer.get("/cases/notices?programme=uit+het+krijt").text
    started = officer.post("/cases/notices?programme=uit+het+krijt")
    queue.run_all()
    assert "Kennisgevingen sturen" in officer.get(started.location).text
    with db.reading() as session:
        assert len(list(session.scalars(select(Notice)))) == 2
    assert officer.post("/cases/notices?programme=uit+het+krijt").status_code == 422


def test_the_bank_reads_the_list_of_all_and_answers_nothing(officer, notice):
    assert "Waterbedrijf Westerdok" in officer.get("/pauses").text
    assert "Bevestig de pauze" not in officer.get("/pauses").text
    assert "Naar het dossier" in officer.get(f"/pauses/{notice.ref}").text
    assert officer.post(f"/pauses/{notice.ref}", data=YES).status_code == 404


@pytest.mark.parametrize("role", [Role.RELATIONSHIP_MANAGER, Role.ADMINISTRATOR, Role.COUNSELLOR])
def test_other_roles_have_no_list_of_pauses(client_of, role):
    kinds = {Role.RELATIONSHIP_MANAGER: Kind.RELATIONS_TEAM, Role.ADMINISTRATOR: Kind.CITY, Role.COUNSELLOR: Kind.NEIGHBOURHOOD_TEAM}
    assert client_of(factory.person(factory.organisation(kinds[role]), role)).get("/pauses").status_code == 404
