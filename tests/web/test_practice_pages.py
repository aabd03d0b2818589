"""The pages of practice reports, the benchmark and the cost check, as people use them."""

import io
import re

import pytest

from app.access import Kind, Role
from app.practices import service
from app.practices.questions import SECTIONS
from tests import factory


@pytest.fixture
def water(queue):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def manager(client_of, water):
    return client_of(factory.person(water, Role.CREDITOR_MANAGER))


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water))


@pytest.fixture
def relations(queue):
    return factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")


@pytest.fixture
def team(client_of, relations):
    return client_of(factory.person(relations))


@pytest.fixture
def submitted(water):
    return factory.practice_report(factory.actor(water, Role.CREDITOR_MANAGER))


def revision(page):
    return re.search(r'name="revision" (?:type="hidden" )?value="(\d+)"|value="(\d+)"[^>]*name="revision"', page.text)[1] or "1"


def begin(browser):
    return browser.post("/practices", data={"year": "2025"}).location


def test_a_report_is_filled_in_page_by_page_and_submitted_by_a_manager(worker, manager, team):
    home = begin(worker)
    for section in SECTIONS:
        answer = worker.post(f"{home}/{section.code}", data=factory.PRACTICES | {"revision": "1", "action": "next"})
        assert answer.status_code == 302
    assert "Een beheerder van uw organisatie dient het rapport in" in worker.get(home).text
    assert worker.post(f"{home}/submit", data={"revision": "1"}).status_code == 404
    stale = manager.post(f"{home}/submit", data={"revision": "1"})
    assert (stale.status_code, "Een collega heeft intussen" in stale.text) == (409, True)
    assert manager.post(f"{home}/submit", data={"revision": revision(stale)}).location == home
    assert "Ingediend op" in manager.get(home).text
    assert "2.000" in team.get(home).text
    assert "Waterbedrijf Westerdok" in team.get("/practices").text


def test_an_answer_that_cannot_be_read_is_kept_and_mended(worker):
    home = begin(worker)
    page = worker.post(f"{home}/costs", data={"cost_cases": "veel", "costs_cents": "12,345", "costs_how": "Steekproef", "revision": "1"})
    assert page.status_code == 422
    assert all(text in page.text for text in ("Schrijf een heel getal", "ten hoogste twee cijfers", 'value="veel"', "Steekproef"))


def test_a_stale_section_shows_what_was_typed_beside_what_was_saved(worker, manager):
    home = begin(worker)
    worker.post(f"{home}/staff", data={"staff": "40", "revision": "1"})
    page = manager.post(f"{home}/staff", data={"staff": "55", "revision": "1"})
    assert page.status_code == 409
    assert all(text in page.text for text in ("Een collega heeft dit onderdeel intussen bewaard", 'value="55"', "Nu bewaard: 40"))
    assert manager.post(f"{home}/staff", data={"staff": "55", "revision": "2"}).status_code == 302


def test_what_is_missing_stands_on_the_page_with_a_link(manager):
    home = begin(manager)
    page = manager.post(f"{home}/submit", data={"revision": "1"})
    assert (page.status_code, f'href="{home}/complaints#complaints"' in page.text) == (422, True)


def test_a_report_submitted_twice_is_told_so(manager, submitted):
    page = manager.post(f"/practices/{submitted}/submit", data={"revision": "2"})
    assert (page.status_code, "Dit rapport is al ingediend. Er is niets veranderd." in page.text) == (422, True)
    assert manager.post(f"/practices/{submitted}/staff", data={"staff": "1", "revision": "2"}).status_code == 409


def test_last_years_answers_stand_beside_the_questions(manager, water):
    factory.practice_report(factory.actor(water, Role.CREDITOR_MANAGER), 2024, staff="37", staff_trained="4")
    assert "Vorig jaar: 37" in manager.get(f"{begin(manager)}/staff").text


def test_evidence_is_added_by_its_content_and_given_back(worker, team):
    home = begin(worker)
    saved = worker.post(f"{home}/language", data={"language_tested": "always", "revision": "1", "action": "evidence:language_tested"})
    assert saved.location == f"{home}/answers/language_tested"
    wrong = worker.post(f"{saved.location}/evidence", data={"files": (io.BytesIO(b"MZ program"), "brief.pdf")})
    assert (wrong.status_code, "nemen wij niet aan" in wrong.text) == (422, True)
    worker.post(f"{saved.location}/evidence", data={"files": (io.BytesIO(b"%PDF-1.7 x"), "test met klanten.pdf")})
    link = re.search(r"/documents/attachments/[\w-]+", worker.get(saved.location).text)[0]
    given = worker.get(link)
    assert (given.data, given.mimetype) == (b"%PDF-1.7 x", "application/pdf")
    assert given.headers["Content-Disposition"] == 'attachment; filename="test met klanten.pdf"'
    assert team.get(link).status_code == 404, "a draft is its creditor's alone"


def test_a_second_click_on_taking_evidence_away_hears_that_it_is_gone_and_goes_on(worker, manager):
    home = f"{begin(worker)}/answers/staff"
    worker.post(f"{home}/evidence", data={"files": (io.BytesIO(b"%PDF-1.7 x"), "test.pdf")})
    remove = re.search(rf"{home}/evidence/[\w-]+/remove", worker.get(home).text)[0]
    said = [who.post(remove, follow_redirects=True).text for who in (worker, manager)]
    assert ["Het bestand is weggehaald." in page for page in said] == [True, False]
    assert "Dit bestand was al weg." in said[1]
    assert manager.post(remove.replace("/staff/", "/nothing/")).status_code == 404


def test_the_team_asks_the_creditor_replies_and_who_is_too_late_reads_it_first(team, worker, submitted):
    path = f"/practices/{submitted}/answers/complaints"
    assert team.post(f"{path}/mark", data={"mark": "questioned", "words": "", "seen": "0"}).status_code == 422
    assert team.post(f"{path}/mark", data={"mark": "questioned", "words": "Hoe geteld?", "seen": "0"}).status_code == 302
    assert "1 vraag aan u" in worker.get("/practices").text
    late = team.post(f"{path}/mark", data={"mark": "seen", "words": "Toch goed.", "seen": "0"})
    assert (late.status_code, "Toch goed." in late.text, "Hoe geteld?" in late.text) == (409, True, True)
    assert worker.post(f"{path}/reply", data={"words": "Per brief.", "seen": "1"}).status_code == 302
    assert "Antwoord gekregen" in team.get("/practices").text


def test_an_auditor_reads_what_was_submitted_and_changes_nothing(client_of, submitted, water):
    auditor = client_of(factory.person(factory.organisation(Kind.CITY, name="Stad"), Role.AUDITOR))
    factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    draft = service.start_report(factory.actor(water), 2026)
    pages = [
        auditor.get(path)
        for path in ("/practices", f"/practices/{submitted}", f"/practices/{submitted}/answers/staff", "/practices/agents")
    ]
    assert [page.status_code for page in pages] == [200] * 4
    assert not any('action="/practices' in page.text or 'href="/practices/costs"' in page.text for page in pages)
    assert auditor.get(f"/practices/{draft}").status_code == 404


@pytest.mark.parametrize("year", ["9999", "0000", "²025", "2025'"])
def test_a_year_that_nobody_reports_on_is_last_year(team, year):
    assert "Praktijkrapporten over 2025" in team.get("/practices", query_string={"year": year}).text
    assert team.get("/practices/benchmark", query_string={"year": year}).status_code == 200


def test_the_team_lets_correct_with_a_reason(team, manager, submitted):
    home = f"/practices/{submitted}"
    assert team.post(f"{home}/reopen", data={"reason": "", "revision": "2"}).status_code == 422
    assert team.post(f"{home}/reopen", data={"reason": "Klopt niet.", "revision": "1"}).status_code == 409
    assert team.post(f"{home}/reopen", data={"reason": "Klopt niet.", "revision": "2"}).status_code == 302
    assert "Klopt niet." in manager.get(home).text


# ── the benchmark ────────────────────────────────────────────────────────────


def test_the_benchmark_shows_the_group_beside_the_own_figure_and_names_nobody(team, manager, relations, submitted):
    for place in range(5):
        other = factory.organisation(name=f"Ander {place}")
        factory.practice_report(factory.actor(other, Role.CREDITOR_MANAGER), staff_trained=str(8 + place))
    assert "komt op zijn vroegst" in manager.get("/practices/benchmark").text
    team.post("/practices/benchmark", data={"year": "2025"})
    page = manager.get("/practices/benchmark").text
    assert ("ten minste 5" in page, "Ander 1" in page, "Waterbedrijf" in re.sub(r"<header.*?</header>", "", page, flags=re.DOTALL)) == (
        True,
        False,
        False,
    )
    assert "verandert niet meer" in team.post("/practices/benchmark", data={"year": "2025"}, follow_redirects=True).text


# ── costs ────────────────────────────────────────────────────────────────────

CASE = {"principals": "200\n50", "charged": "45,00", "received": "2026-03-02"}


def test_a_case_is_laid_beside_the_scale_with_its_reckoning(worker):
    page = worker.get("/practices/costs", query_string=CASE).text
    assert all(text in page for text in ("€\xa05,00 te veel gerekend", "€\xa0250,00", "17 maart 2026", "Het minimum van het besluit geldt"))


def test_earlier_instalments_count_in(worker):
    page = worker.get("/practices/costs", query_string=CASE | {"charged": "40", "earlier_principal": "100", "earlier_costs": "40"}).text
    assert all(text in page for text in ("€\xa0350,00", "€\xa052,50", "€\xa027,50 te veel gerekend"))


def test_a_case_without_a_notice_is_told_so_and_nothing_is_lost(worker):
    page = worker.get("/practices/costs", query_string=CASE | {"received": ""})
    assert page.status_code == 422
    assert all(
        text in page.text for text in ("Zonder de dag van de aanmaning kunnen wij deze zaak niet toetsen", "200\n50", 'value="45,00"')
    )


FILE = """Kenmerk;Hoofdsom;Aanmaning;Kosten;Btw
A-1;500,00;02-03-2026;75,00;nee
A-2;500,00;;75,00;nee
A-3;500,00;02-03-2026;90,00;nee
A-4;x;;1;
"""


def test_a_file_comes_back_with_every_row_and_its_outcome(worker, team):
    sent = worker.post("/practices/costs/file", data={"file": (io.BytesIO(FILE.encode()), "kosten.csv")})
    page = worker.get(sent.location).text
    assert all(text in page for text in ("4 zaken getoetst", "A-3", "€\xa015,00", "Zonder de dag van de aanmaning"))
    lines = worker.get(f"{sent.location}/download").data.decode("utf-8-sig").splitlines()
    assert [line.split(";")[8].strip('"') for line in lines[1:]] == [
        "binnen het tarief", "niet te toetsen", "te veel gerekend", "niet te toetsen",
    ]  # fmt: skip
    assert team.get(sent.location).status_code == 404


def test_a_file_without_its_columns_is_refused_in_words(worker):
    page = worker.post("/practices/costs/file", data={"file": (io.BytesIO(b"a;b\n1;2\n"), "kosten.csv")})
    assert (page.status_code, "Hoofdsom" in page.text) == (422, True)


# ── agents ───────────────────────────────────────────────────────────────────


def test_an_agents_number_is_kept_with_the_day_on_which_it_was_looked_up(team, worker, water):
    agent = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
    factory.organisation(Kind.AGENT, name="Deurwaarder Dijk", is_bailiff=True)
    factory.mandate(agent, water)
    team.post(f"/practices/agents/{agent.code}", data={"wki_number": "WKI-2024-0117", "revision": "1"})
    page = team.get("/practices/agents").text
    assert ("Wki-nummer WKI-2024-0117, nagekeken op 4 juni 2026" in page, "geen Wki-nummer nodig" in page) == (True, True)
    assert "WKI-2024-0117" in worker.get(f"{begin(worker)}/agents").text
    assert (
        "Vul het nummer in"
        in team.post(f"/practices/agents/{agent.code}", data={"wki_number": "??", "revision": "2"}, follow_redirects=True).text
    )
