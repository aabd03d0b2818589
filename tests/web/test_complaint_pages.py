"""The pages of complaints of harsh collection: reporting, links, triage and answering; wrong roles, doubles and stale pages."""

import io
import re
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.creditors.models import Organisation
from app.creditors.registering import NewOrganisation
from app.documents import scanning
from app.errors import Refusal
from app.relations import complaint_links, complaints, triage
from app.relations.complaint_rules import ComplaintKind
from app.relations.complaints import Told
from app.relations.models import Complaint
from tests import factory

REPORT = {
    "do": "send", "party": "Waterbedrijf Westerdok", "kind": "costs above the scale", "happened_on": "2026-06-01",
    "words": "Te hoge kosten.",
}  # fmt: skip


def revision(ref):
    with db.reading() as session:
        return str(session.scalar(select(Complaint.revision).where(Complaint.ref == ref)))


class Place:
    def __init__(self, client_of):
        self.creditor = factory.organisation(name="Waterbedrijf Westerdok")
        self.other = factory.organisation(name="Waterbedrijf Oost")
        self.team = factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid")
        self.relations = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.hanna, self.joris = factory.person(self.team, name="Hanna Wouda"), factory.person(self.relations, name="Joris Blaauw")
        self.helper, self.manager = client_of(self.hanna), client_of(self.joris)
        self.worker, self.stranger = client_of(factory.person(self.creditor)), client_of(factory.person(self.other))

    def report(self, words="Te hoge kosten."):
        told = Told(ComplaintKind.COSTS, date(2026, 6, 1), words, party_code=self.creditor.code)
        helper = factory.actor(self.team, person_id=self.hanna.id, name="Hanna Wouda")
        return complaints.report_complaint(helper, told, is_another=True)

    def do(self, ref, act, **typed):
        typed = {"revision": revision(ref)} | typed
        return self.manager.post(f"/relations/complaints/{ref}/{act}", data={f"{act}-{name}": value for name, value in typed.items()})

    def addressed(self):
        ref = self.report()
        assert self.do(ref, "address", told_words="Te hoge kosten gerekend.").status_code == 302
        return ref


@pytest.fixture
def place(client_of):
    return Place(client_of)


def test_a_report_in_one_form_lands_on_its_own_page(place):
    answer = place.helper.post("/complaints/new", data=REPORT)
    assert answer.status_code == 302
    page = place.helper.get(answer.location)
    assert "Te hoge kosten." in page.text
    assert "Waterbedrijf Westerdok" in page.text
    assert answer.location.rpartition("/")[2] in place.helper.get("/complaints").text


def test_a_name_that_several_have_is_chosen_without_script_and_nothing_typed_is_lost(place):
    answer = place.helper.post("/complaints/new", data=REPORT | {"party": "waterbedrijf"})
    assert answer.status_code == 422
    assert f'value="{place.creditor.code}"' in answer.text
    assert "Te hoge kosten." in answer.text
    chosen = place.helper.post("/complaints/new", data=REPORT | {"party": "waterbedrijf", "chosen": str(place.creditor.code)})
    assert chosen.status_code == 302


def test_a_company_that_the_register_lacks_is_kept_by_its_name_and_asks_for_registration(place):
    answer = place.helper.post("/complaints/new", data=REPORT | {"party": "Snelle Centen", "chosen": "unlisted"})
    ref = answer.location.rpartition("/")[2]
    assert "staat niet in het register" in place.manager.get(f"/relations/complaints/{ref}").text
    assert ref in place.manager.get("/relations?show=unknown").text


def test_who_registers_the_company_from_the_complaint_lets_the_complaint_be_about_it(place):
    answer = place.helper.post("/complaints/new", data=REPORT | {"party": "Snelle Centen", "chosen": "unlisted"})
    ref = answer.location.rpartition("/")[2]
    here = f"/relations/complaints/{ref}"
    assert f'href="{here}/register"' in place.manager.get(here).text
    assert 'value="Snelle Centen"' in place.manager.get(f"{here}/register").text
    typed = {"name": "Snelle Centen BV", "code": "7400", "sort": "incasso", "revision": revision(ref)}
    assert "heeft Waterbedrijf Westerdok al" in place.manager.post(f"{here}/register", data=typed | {"code": str(place.creditor.code)}).text
    assert place.manager.post(f"{here}/register", data=typed | {"revision": "99"}).location == here  # a stale page keeps nothing
    assert place.manager.post(f"{here}/register", data=typed).location == here
    assert place.manager.post(f"{here}/register", data=typed).location == here  # the second click
    assert "staat al in het register" in place.manager.get(here).text
    with db.reading() as session:
        agency = session.execute(select(Organisation.id, Organisation.name).where(Organisation.code == 7400)).one()
        one = session.scalars(select(Complaint).where(Complaint.ref == ref)).one()
    assert (agency.name, one.agent_id, one.named) == ("Snelle Centen BV", agency.id, "")


def test_nobody_but_the_relations_team_registers_from_a_complaint_and_none_that_is_known(place):
    ref = place.report()
    for who, said in ((place.helper, 404), (place.worker, 404), (place.manager, 302)):
        assert who.get(f"/relations/complaints/{ref}/register").status_code == said
    with pytest.raises(Refusal, match=r"relations.move_not_possible"):
        triage.register_and_pass_on(factory.actor(place.relations), ref, int(revision(ref)), NewOrganisation(7400, "Ander", "incasso"))


def test_what_lacks_something_is_refused_with_its_files_kept_in_the_draft(place):
    files = {"files": (io.BytesIO(b"%PDF-1.7 brief"), "brief.pdf")}
    answer = place.helper.post("/complaints/new", data=REPORT | {"words": ""} | files)
    assert answer.status_code == 422
    assert "Schrijf in een paar woorden" in answer.text
    assert "brief.pdf" in answer.text
    assert "H-" in place.helper.get("/complaints?status=draft").text


def test_evidence_that_can_run_is_refused_in_a_sentence(place):
    answer = place.helper.post("/complaints/new", data=REPORT | {"files": (io.BytesIO(b"MZ\x90\x00"), "bewijs.pdf")})
    assert answer.status_code == 422
    assert "nemen wij niet aan" in answer.text
    assert "Te hoge kosten." in answer.text


def test_while_the_scanner_is_away_a_report_stays_a_draft_without_its_files(place, monkeypatch):
    monkeypatch.setattr(scanning, "_address", "/nowhere/clamd")
    files = {"files": (io.BytesIO(b"%PDF-1.7 brief"), "brief.pdf")}
    answer = place.helper.post("/complaints/new", data=REPORT | files)
    assert answer.status_code == 422
    assert "Probeer het later opnieuw" in answer.text
    (draft,) = re.findall(r"/complaints/drafts/(H-[^\"/]*)", place.helper.get("/complaints?status=draft").text)
    page = place.helper.get(f"/complaints/drafts/{draft}").text
    assert "Te hoge kosten." in page
    assert "brief.pdf" not in page


def test_two_hundred_megabytes_are_refused_before_they_are_read(place):
    answer = place.helper.post("/complaints/new", data=REPORT, environ_overrides={"CONTENT_LENGTH": str(200 << 20)})
    assert answer.status_code == 413
    assert "te groot" in answer.text


def test_what_looks_like_an_earlier_one_is_shown_before_it_is_sent(place):
    ref = place.report("Eerder.")
    answer = place.helper.post("/complaints/new", data=REPORT)
    assert answer.status_code == 422
    assert f"/complaints/reported/{ref}" in answer.text
    assert place.helper.post("/complaints/new", data=REPORT | {"is_another": "y"}).status_code == 302


def test_companies_are_offered_as_one_types(place):
    asked = place.helper.post("/complaints/parties", data={"q": "wester"})
    assert asked.json == [f"Waterbedrijf Westerdok ({place.creditor.code})"]
    assert place.helper.post("/complaints/parties", data={"q": ""}).json == []
    assert place.helper.get("/complaints/parties?q=wester").status_code == 405, "what is typed would stand in an address"


def test_a_link_opens_the_form_once_and_says_afterwards_that_it_ended(place, client):
    token = complaint_links.make_link(factory.actor(place.team), "Maatje")
    page = client.get(f"/report/{token}")
    assert "Dossiernummer" not in page.text
    assert client.post(f"/report/{token}", data=REPORT).status_code == 422  # a name is asked
    sent = client.post(f"/report/{token}", data=REPORT | {"reporter": "Mia Kas"})
    assert "Uw signaal is gemeld" in client.get(sent.location).text
    assert client.post(f"/report/{token}", data=REPORT | {"reporter": "Mia Kas"}).location == sent.location  # a double click
    for answer in (client.get(f"/report/{token}"), client.post(f"/report/{token}", data=REPORT), client.get("/report/verzonnen")):
        assert (answer.status_code, "Deze link werkt niet meer" in answer.text) == (404, True)


def test_a_new_link_is_shown_once(place):
    assert place.helper.post("/complaints/links", data={"given_to": "Maatje", "uses": "1", "days": "7"}).status_code == 302
    assert "/report/" in place.helper.get("/complaints/links").text
    again = place.helper.get("/complaints/links").text
    assert "/report/" not in again
    assert "Maatje" in again


def test_the_queue_shows_what_is_due_and_the_page_does_what_the_state_asks(place):
    ref = place.report()
    assert "nog 5 werkdagen" in place.manager.get("/relations").text
    assert place.do(ref, "confirm").status_code == 302
    page = place.manager.get(f"/relations/complaints/{ref}").text
    assert "Joris Blaauw" in page
    assert "klaar op 4 juni" in page
    assert place.do(ref, "confirm", revision="1").location.endswith(f"/relations/complaints/{ref}")  # stale: said, not done twice


def test_an_act_that_is_refused_keeps_what_was_typed_and_a_merge_is_made_once(place):
    first, second = place.report(), place.report("Weer kosten.")
    assert place.do(first, "note", note="").status_code == 422
    wrong = place.do(first, "merge", into="H-2222-2222")
    assert (wrong.status_code, "H-2222-2222" in wrong.text) == (422, True)
    assert place.do(second, "merge", into=first).status_code == 302
    again = place.do(second, "merge", into=first)
    assert (again.status_code, "al samengevoegd" in again.text) == (422, True)


def test_a_creditor_answers_what_is_addressed_to_it_and_another_one_finds_nothing(place):
    ref = place.report()
    path = f"/complaints/about-us/{ref}"
    assert place.worker.get(path).status_code == 404
    place.do(ref, "address", told_words="Te hoge kosten gerekend.")
    page = place.worker.get(path)
    assert "Te hoge kosten gerekend." in page.text
    assert "Hanna" not in page.text
    assert (place.stranger.get(path).status_code, place.stranger.post(path, data={"do": "ask"}).status_code) == (404, 404)
    wrong = place.worker.post(path, data={"do": "answer", "answer": "", "answer_words": "Hersteld.", "revision": revision(ref)})
    assert (wrong.status_code, "Hersteld." in wrong.text) == (422, True)
    given = {"do": "answer", "answer": "mended", "answer_words": "Hersteld.", "revision": revision(ref)}
    assert place.worker.post(path, data=given).location == "/complaints/about-us"
    assert place.worker.post(path, data=given).location == path  # stale


def test_the_reporter_hears_the_outcome_and_opens_it_again(place):
    ref = place.addressed()
    place.do(ref, "close", outcome="upheld", outcome_words="Terugbetaald.")
    page = place.helper.get(f"/complaints/reported/{ref}")
    assert "Terugbetaald." in page.text
    said = {"helped": "no", "helped_words": "Weer een brief.", "reopen": "y", "revision": revision(ref)}
    assert place.helper.post(f"/complaints/reported/{ref}/helped", data=said).status_code == 302
    assert "Weer een brief." in place.manager.get(f"/relations/complaints/{ref}").text


def test_who_reported_lets_the_client_be_named_and_takes_it_back_each_once(place):
    ref = place.addressed()
    stale = {"agrees": "yes", "client_name": "X. Hof", "revision": revision(ref)}
    address = f"/complaints/reported/{ref}/naming"
    assert place.worker.post(address, data=stale).status_code == 404
    assert "Vul in om wie het gaat" in place.helper.post(address, data=stale | {"client_name": ""}).text
    assert [place.helper.post(address, data=stale).status_code for _ in range(2)] == [302, 302]
    assert "X. Hof" in place.worker.get(f"/complaints/about-us/{ref}").text
    page = place.helper.get(place.helper.post(address, data=stale | {"agrees": ""}).location).text
    assert "intussen veranderd" in page
    assert "las het al op" in page
    assert place.do(ref, "name", agrees="").status_code == 302
    assert "X. Hof" not in place.worker.get(f"/complaints/about-us/{ref}").text


def test_a_name_that_a_refused_answer_brings_back_was_read(place):
    ref = place.addressed()
    seen = {"revision": revision(ref)}
    assert place.do(ref, "name", agrees="yes", client_name="X. Hof").status_code == 302
    refused = place.worker.post(f"/complaints/about-us/{ref}", data=seen)
    assert (refused.status_code, "X. Hof" in refused.text) == (422, True)
    assert "las het al op" in place.helper.get(f"/complaints/reported/{ref}").text


@pytest.mark.parametrize("path", ["/relations", "/relations/download", "/relations/complaints/H-2222-2222"])
def test_the_queue_is_the_relations_teams_alone(place, path):
    assert [browser.get(path).status_code for browser in (place.helper, place.worker)] == [404, 404]


def test_downloads_hold_what_the_filters_show_and_for_a_creditor_no_reporter(place):
    ref = place.addressed()
    assert "Hanna Wouda" in place.manager.get("/relations/download").text
    own = place.worker.get("/complaints/about-us/download").text
    assert ref in own
    assert "Hanna" not in own
    assert ref not in place.worker.get("/complaints/about-us/download?status=closed").text
