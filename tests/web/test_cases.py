"""Pages of the debt file: the list, a case, changing its facts, and bringing files in."""

import io
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import db
from app.access import SYSTEM, Kind, Role
from app.audit.models import Event
from app.cases import service
from app.cases.models import Case, Claim
from app.cases.rules import Rank
from app.creditors.importing import import_creditors
from app.exchange.models import Upload, UploadFile
from app.exchange.reading import open_table
from tests import factory

DEMO = Path(__file__).parent.parent.parent / "demo"
MESSY = DEMO.parent / "tests" / "files" / "messy"


@pytest.fixture
def acting(client_of):
    """Give the browser of somebody of an organisation."""
    return lambda organisation, role=None: client_of(factory.person(organisation, role))


@pytest.fixture
def officer(acting):
    return acting(factory.organisation(Kind.BANK, name="Kredietbank"))


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


def only(model):
    with db.reading() as session:
        return session.scalars(select(model)).one()


def count(model, *where):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where))


def chosen(applications, claims):
    return {"applications": (io.BytesIO(applications), "aanvragen.csv"), "claims": (io.BytesIO(claims), "eisers.csv")}


# ── the list ─────────────────────────────────────────────────────────────────


def test_the_list_tells_what_each_case_waits_for(officer, water):
    factory.claim(factory.case(surname="Klaar"), water)
    factory.claim(factory.case(surname="Open", started_on=date(2026, 6, 1)), water, stated_cents=None, stated_on=None)
    factory.claim(factory.case(surname="Gesloten", started_on=date(2026, 3, 2)), water, stated_cents=None, stated_on=None)
    factory.claim(factory.case(surname="Oud", calculated_on=date(2025, 12, 3)), water)
    text = officer.get("/cases").text
    assert "2 van de 4 dossiers" in text  # a closed round counts what was reported
    assert "Oud" in officer.get("/cases?status=figures+old").text
    shown = officer.get("/cases?status=balances+open").text
    assert ("Open, X." in shown, "Klaar, X." in shown) == (True, False)
    assert "1 saldo open" in shown


@pytest.mark.parametrize("q", ["visser", "VISSER", "{ref}", "{key}", "KENMERK1"])
def test_a_case_is_found_by_surname_reference_number_and_creditors_reference(officer, water, q):
    case = factory.case(surname="Visser")
    factory.claim(case, water, reference="KENMERK1")
    factory.case(surname="Bakker")
    shown = officer.get("/cases", query_string={"q": q.format(ref=case.ref, key=f"{case.relation_code}-1")}).text
    assert ("Visser, X." in shown, "Bakker" in shown) == (True, False)


@pytest.mark.parametrize("sort", ["", "figures", "bank"])
def test_pages_follow_each_other_without_gap_or_repeat(officer, sort):
    for n in range(5):
        factory.case(surname=f"Naam{n}", started_on=date(2026, 3, 1 + n // 2), calculated_on=date(2026, 4, 1 + n // 2))
    seen, url = [], f"/cases?size=2&sort={sort}"
    while url:
        text = officer.get(url).text
        seen += [n for n in range(5) if f"Naam{n}," in text]
        url = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") + "&size=2" if 'rel="next"' in text else ""
    assert sorted(seen) == list(range(5))


def test_a_place_that_does_not_exist_is_the_beginning(officer):
    factory.case()
    assert "Visser" in officer.get("/cases?after=onzin.&sort=bank").text
    assert "Visser" in officer.get("/cases?after=2026-99-99.x").text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_download_holds_exactly_what_the_list_shows(officer, form):
    factory.case(surname="=1+1")
    factory.case(surname="Bakker")
    answer = officer.get("/cases/download", query_string={"q": "=1+1", "format": form})
    assert answer.headers["Content-Disposition"].endswith(form)
    if form == "csv":
        assert ('"\'=1+1, X."' in answer.text, "Bakker" in answer.text) == (True, False)


def test_an_empty_register_says_what_to_do(officer):
    assert "Er zijn nog geen dossiers" in officer.get("/cases").text
    assert "Niets gevonden" in officer.get("/cases?q=niemand").text


# ── who sees what ────────────────────────────────────────────────────────────


def test_a_counsellor_sees_the_cases_of_its_own_team_only(acting, water):
    own, other = factory.case(surname="Eigen", team="buurtteam Zuid"), factory.case(surname="Ander", team="buurtteam Noord")
    client = acting(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid"))
    shown = client.get("/cases").text
    assert ("Eigen" in shown, "Ander" in shown, "1 van de 1" in shown) == (True, False, True)
    statuses = [client.get(f"/cases/{ref}").status_code for ref in (own.ref, other.ref, "D-BEST-AATN")]
    assert statuses == [200, 404, 404]
    assert client.get(f"/cases/{own.ref}/facts").status_code == 404  # may look, not change


def test_a_team_without_a_name_sees_no_case_without_a_team(acting):
    factory.case(team="")
    assert "0 van de 0" in acting(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="")).get("/cases").text


@pytest.mark.parametrize("kind", [Kind.CREDITOR, Kind.AGENT, Kind.RELATIONS_TEAM, Kind.CITY])
def test_others_find_no_cases(acting, kind):
    client = acting(factory.organisation(kind))
    assert [client.get(url).status_code for url in ("/cases", "/cases/D-AAAA-AAAA", "/cases/import", "/cases/download")] == [404] * 4


# ── one case ─────────────────────────────────────────────────────────────────


def test_a_case_shows_claims_by_rank_and_opening_it_is_an_audit_event(officer, water):
    case = factory.case(surname="van 't Hof", income_cents=184200, vtlb_cents=165600)
    factory.claim(case, water, reported_cents=64500, stated_cents=70000)
    factory.claim(case, factory.organisation(name="Belastingen"), rank=Rank.PREFERENTIAL, stated_cents=None, reported_cents=10000)
    text = officer.get(f"/cases/{case.ref}").text
    assert text.index("Preferent, 1 vordering") < text.index("Belastingen") < text.index("Concurrent, 1 vordering")
    assert "€\u00a0800,00" in text  # 700 stated and 100 reported
    assert "€\u00a0186,00" in text
    assert count(Event, Event.action == "cases:open", Event.subject == f"case/{case.ref}") == 1


def test_the_banks_own_number_leads_to_the_case(officer):
    case = factory.case()
    assert officer.get(f"/cases/{case.relation_code}-1").headers["Location"].endswith(case.ref)


def test_changed_facts_are_kept_and_stand_in_the_history(officer):
    case = factory.case(settlement_known=False, entrepreneur=None)
    page = officer.get(f"/cases/{case.ref}/facts").text
    assert 'value="1.842,00"' in page
    form = {"team": "buurtteam Oost", "programme": "", "entrepreneur": "no", "settlement": "yes", "last_settlement_on": "2019-05-01"}
    form |= {"income": "1.900,00", "vtlb": "1656", "extra": "", "calculated_on": "2026-06-01", "revision": "1"}
    assert officer.post(f"/cases/{case.ref}/facts", data=form).status_code == 302
    kept = only(Case)
    assert (kept.income_cents, kept.entrepreneur, kept.settlement_known, kept.last_settlement_on) == (190000, False, True, date(2019, 5, 1))
    text = officer.get(f"/cases/{case.ref}").text
    assert "Inkomen 1.842,00 → 1.900,00" in text


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"income": "-5"}, "lager dan nul"),
        ({"calculated_on": "2027-01-01"}, "ligt in de toekomst"),
        ({"settlement": "yes", "last_settlement_on": ""}, "wanneer de eerdere regeling eindigde"),
    ],
)
def test_facts_that_cannot_be_are_refused_beside_their_field(officer, over, said):
    case = factory.case()
    form = {"entrepreneur": "no", "settlement": "no", "income": "1", "vtlb": "1", "calculated_on": "2026-06-01", "revision": "1"} | over
    answer = officer.post(f"/cases/{case.ref}/facts", data=form)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert only(Case).revision == 1


def test_the_second_of_two_people_learns_that_it_changed(officer):
    case = factory.case()
    form = {"entrepreneur": "no", "settlement": "no", "income": "2", "vtlb": "1", "calculated_on": "2026-06-01", "revision": "1"}
    statuses = [officer.post(f"/cases/{case.ref}/facts", data=form).status_code for _ in range(2)]
    assert statuses == [302, 409]


def test_a_claim_is_marked_as_fraud_and_its_security_set(officer, water):
    case = factory.case()
    claim = factory.claim(case, water, rank=Rank.SECURED)
    url = f"/cases/{case.ref}/claims/{claim.number}"
    assert officer.get(url).status_code == 200
    officer.post(url, data={"fraud": "y", "security": "500,00", "revision": "1"})
    assert (only(Claim).fraud, only(Claim).security_cents) == (True, 50000)
    assert "fraude" in officer.get(f"/cases/{case.ref}").text
    assert officer.get(f"/cases/{case.ref}/claims/999999999").status_code == 404


# ── files ────────────────────────────────────────────────────────────────────


@pytest.fixture
def register(database, clock):
    import_creditors(SYSTEM, DEMO / "creditors.csv")


def bring(client, applications=None, claims=None):
    files = chosen(applications or (DEMO / "aanvragen.csv").read_bytes(), claims or (MESSY / "eisers.csv").read_bytes())
    return client.post("/cases/import", data=files)


def test_files_show_what_they_would_change_before_a_yes_and_rejects_after_it(register, officer):
    place = bring(officer).headers["Location"]
    assert "Dit zou er veranderen" in officer.get(place).text
    assert count(Case) == 0
    assert officer.post(place).headers["Location"] == place
    text = officer.get(place).text
    assert "Dossiers ingelezen" in text
    assert (count(Case), count(Claim)) == (400, 9)
    rejects = officer.get(f"{place}/rejects/claims").text
    assert (rejects.count("\r\n"), "Reden" in rejects) == (16, True)
    assert officer.get(f"{place}/rejects/cases").status_code == 404
    with open_table(officer.get(f"{place}/rejects/claims?format=xlsx").data) as table:
        assert (len(list(table.records)), table.head[-1]) == (15, "Reden")


def test_a_second_yes_changes_nothing(register, officer):
    place = bring(officer).headers["Location"]
    for _ in range(2):
        assert officer.post(place).status_code == 302
    assert count(Event, Event.subject == "import/cases") == 1


def test_a_changed_row_shows_old_and_new(register, officer):
    officer.post(bring(officer).headers["Location"])
    claims = (MESSY / "eisers.csv").read_bytes().replace(b"742,75;742,75", b"742,75;700,00")
    text = officer.get(bring(officer, claims=claims).headers["Location"]).text
    assert "Teruggemeld: 742,75 → 700,00" in text


def test_many_rows_are_brought_in_by_a_job_once(register, officer, queue, monkeypatch):
    monkeypatch.setattr("app.exchange.uploads.LARGE", 400)
    place = bring(officer).headers["Location"]
    ref = place.rpartition("/")[2]
    assert officer.post(place).headers["Location"] == f"/jobs/{ref}"
    assert officer.post(place).headers["Location"] == f"/jobs/{ref}"
    assert "/jobs/" in officer.get(place).headers["Location"]
    assert queue.run_all() >= 1
    service.take_upload(ref)  # at least once means: perhaps twice
    assert (count(Claim), count(Event, Event.subject == "import/cases")) == (9, 1)
    assert "Dossiers ingelezen" in officer.get(place).text
    assert "9 nieuw, 0 gewijzigd, 0 ongewijzigd, 15 afgewezen" in officer.get(f"/jobs/{ref}").text


def test_files_of_another_organisation_do_not_exist(register, officer, acting):
    place = bring(officer).headers["Location"]
    other = acting(factory.organisation(Kind.BANK, name="Andere bank"))
    assert [other.get(place).status_code, other.post(place).status_code] == [404, 404]


def test_files_are_encrypted_and_gone_after_a_day(register, officer, clock):
    bring(officer)
    with db.engine().connect() as connection:
        raw = b"".join(connection.exec_driver_sql("SELECT content FROM upload_file").scalars())
    assert b"Achternaam" not in raw
    clock.shift(25 * 3600)
    from app.cases.jobs import forget_uploads

    forget_uploads({})
    assert (count(Upload), count(UploadFile)) == (0, 0)


def test_a_file_that_cannot_be_read_is_told_on_the_form(register, officer):
    answer = bring(officer, claims=(MESSY / "eisers-without-amount-column.csv").read_bytes())
    assert (answer.status_code, "De kolom AangemeldBedrag ontbreekt" in answer.text) == (422, True)
    assert officer.post("/cases/import", data={}).status_code == 422


def test_a_relationship_manager_cannot_bring_cases_in(acting):
    client = acting(factory.organisation(Kind.RELATIONS_TEAM), Role.RELATIONSHIP_MANAGER)
    assert client.post("/cases/import", data={}).status_code == 404


# ── what should not be, is not a bug ─────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        "/cases?q=%00&status=%00&sort=%00&after=%00", "/cases?status=onzin&size=-1", "/cases?after=9999999999-1&sort=bank", "/cases?q=²²²",
        "/cases?q=%27%20OR%201%3D1--", "/creditors?q=%00&after=%00.%00", "/creditors?after=99999999999999999999.x", "/creditors?q=%25_",
    ],
)  # fmt: skip
def test_odd_addresses_show_a_page(officer, url):
    assert officer.get(url).status_code == 200


@pytest.mark.parametrize("url", ["/cases/%00", "/cases/9999999999-1", "/cases/import/%00", "/creditors/99999999999999999999", "/cases/²-²"])
def test_odd_references_do_not_exist(officer, url):
    assert officer.get(url).status_code == 404


def test_odd_forms_are_a_conflict_or_a_fault_never_a_bug(officer, water):
    case = factory.case()
    form = {"entrepreneur": "no", "settlement": "no", "income": "1", "vtlb": "1", "calculated_on": "2026-06-01"}
    for revision, programme, status in [("²", "", 409), ("9" * 5000, "", 409), ("", "", 409), ("1", "onzin", 422)]:
        answer = officer.post(f"/cases/{case.ref}/facts", data=form | {"revision": revision, "programme": programme})
        assert answer.status_code == status


def test_hostile_text_comes_out_as_text(officer, water):
    case = factory.case(surname="<script>alert(1)</script>${7*7}")
    factory.claim(case, water, reference="=cmd|' /C calc'!A0")
    text = officer.get(f"/cases/{case.ref}").text
    assert ("<script>alert" in text, "&lt;script&gt;alert" in text) == (False, True)
    assert "\"'=cmd" in officer.get(f"/cases/{case.ref}/claims").text
