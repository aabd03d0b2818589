"""The pages of early signals as an agent and its creditor see them: in whose name, by whom, and nothing once the mandate has ended."""

import csv
import io
import re
from datetime import date

import pytest
from sqlalchemy import select, update

from app import db
from app.access import Kind
from app.creditors.models import Mandate
from app.early_signals.models import Signal
from tests import factory
from tests.usecases.test_early_signals_import import file
from tests.web.test_early_signal_pages import REPORT


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok", code=4100)


@pytest.fixture
def agency(water):
    made = factory.organisation(Kind.AGENT, name="Incassobureau Kade", code=4700)
    factory.mandate(made, water)
    return made


@pytest.fixture
def agent(client_of, agency):
    return client_of(factory.person(agency, name="Kee Kade"))


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water, name="Pieter Dros"))


def signals():
    with db.reading() as session:
        return list(session.scalars(select(Signal).order_by(Signal.id)))


def end_mandate():
    with db.transaction() as session:
        session.execute(update(Mandate).values(ends_on=date(2026, 6, 3)))


def test_an_agent_chooses_in_whose_name_it_reports_and_both_see_it(agent, worker, agency, clock):
    factory.mandate(agency, factory.organisation(name="Woningstichting", code=4110, branch="huur"))
    asked = agent.get("/early-signals/new").text
    assert re.findall(r'<option[^>]* value="(\d+)">([^<]+)', asked) == [("4100", "Waterbedrijf Westerdok"), ("4110", "Woningstichting")]
    assert "Meldt u namens een verhuurder, dan vraagt de wet alle vier." in asked
    answer = agent.post("/early-signals/new", data=REPORT)
    assert (answer.status_code, "Kies de schuldeiser namens wie u meldt." in answer.text, signals()) == (422, True, [])
    for _ in range(2):  # a double click
        answer = agent.post("/early-signals/new", data=REPORT | {"creditor": "4100"})
    (ref,) = [one.ref for one in signals()]
    assert answer.location == f"/early-signals/{ref}"
    for code in ("4999", "x"):
        assert (
            "U hebt geen lopende volmacht van deze schuldeiser." in agent.post("/early-signals/new", data=REPORT | {"creditor": code}).text
        )
    assert "namens Waterbedrijf Westerdok" in agent.get("/early-signals?creditor=4100").text
    assert "Niets gevonden" in agent.get("/early-signals?creditor=4110").text
    assert "door Incassobureau Kade" in worker.get("/early-signals").text
    page = worker.get(f"/early-signals/{ref}").text
    assert ("Kee Kade, Incassobureau Kade" in page, "Wat u meldde" in page) == (True, False)


def test_a_creditor_chooses_nothing_and_reports_in_no_other_name(worker, agency):
    other = factory.organisation(code=4120)
    assert 'name="creditor"' not in worker.get("/early-signals/new").text
    worker.post("/early-signals/new", data=REPORT | {"creditor": str(other.code)})
    with db.reading() as session:
        water = session.scalar(select(Signal.reporter_id))
    assert water != other.id


def test_the_files_of_feedback_say_for_whom_and_by_whom(agent, worker, clock):
    agent.post("/early-signals/new", data=REPORT | {"creditor": "4100"})
    worker.post("/early-signals/new", data=REPORT | {"reference": "KL-78"})
    heads, last = [], []
    for who in (agent, worker):
        rows = list(csv.reader(io.StringIO(who.get("/early-signals/download").text.lstrip("\ufeff")), delimiter=";"))
        heads.append(rows[0][-1])
        last.append([row[-1] for row in rows[1:]])
    assert heads == ["Namens", "Gemeld door"]
    assert last == [["Waterbedrijf Westerdok"], ["Waterbedrijf Westerdok", "Incassobureau Kade"]]


def test_an_agents_file_names_the_creditor_and_waits_for_a_yes_as_long_as_the_mandate_holds(agent, worker, clock):
    def choose(**over):
        return agent.post("/early-signals/import", data={"file": (io.BytesIO(file({})), "meldingen.csv"), **over})

    assert "Kies de schuldeiser namens wie u meldt." in choose().text
    first, second = (choose(creditor="4100").location for _ in range(2))
    trial = agent.get(first).text
    assert "Namens Waterbedrijf Westerdok" in trial
    assert "valt bij het inlezen nog af" in trial
    assert worker.get(first).status_code == 404
    agent.post(first)
    assert "Het bestand is ingelezen." in agent.get(first).text
    end_mandate()
    assert [agent.get(at).status_code for at in (first, second)] == [404, 404]
    assert (agent.post(second).status_code, len(signals())) == (404, 1)


def test_without_a_mandate_an_agent_is_told_so_and_sees_nothing(agent, worker, clock):
    page = agent.get("/early-signals/new").text
    agent.post("/early-signals/new", data=REPORT | {"creditor": "4100"})
    end_mandate()
    (ref,) = [one.ref for one in signals()]
    for path in ("/early-signals", "/early-signals/new", "/early-signals/import"):
        assert "U hebt op dit moment van geen schuldeiser een volmacht." in agent.get(path).text
    assert "de Wit" not in agent.get("/early-signals").text
    assert 'name="reference"' in page
    stale = agent.post("/early-signals/new", data=REPORT | {"creditor": "4100", "reference": "KL-78"})  # the page stood open
    assert (stale.status_code, len(signals())) == (422, 1)
    for asked in (agent.get(f"/early-signals/{ref}"), agent.post(f"/early-signals/{ref}/withdraw", data={"reason": "paid"})):
        assert asked.status_code == 404
    assert worker.get(f"/early-signals/{ref}").status_code == 200


def test_what_the_creditor_reported_itself_is_missing_to_its_agent_and_its_key_refused_in_words(agent, worker, clock):
    worker.post("/early-signals/new", data=REPORT)
    (ref,) = [one.ref for one in signals()]
    assert agent.get(f"/early-signals/{ref}").status_code == agent.get(f"/early-signals?after={ref}").status_code == 404
    answers = [agent.post("/early-signals/new", data=REPORT | {"creditor": "4100"} | over) for over in ({}, {"arrears_cents": "99,00"})]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("Met dit kenmerk en deze dag is namens deze schuldeiser al gemeld." in answer.text for answer in answers)


def test_who_took_a_signal_back_is_said_of_neither_when_both_may(agent, worker, clock):
    agent.post("/early-signals/new", data=REPORT | {"creditor": "4100"})
    (ref,) = [one.ref for one in signals()]
    worker.post(f"/early-signals/{ref}/withdraw", data={"reason": "paid"})
    for who in (agent, worker):
        assert "Dit signaal is op 4 juni 2026 ingetrokken: betaald." in who.get(f"/early-signals/{ref}").text
        assert "door u ingetrokken" not in who.get("/early-signals").text


def test_a_team_reads_who_reported_in_whose_name(client_of, agent, clock):
    counsellor = client_of(factory.person(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid")))
    agent.post("/early-signals/new", data=REPORT | {"creditor": "4100"})
    page = counsellor.get(f"/early-signals/{signals()[0].ref}").text
    assert all(words in page for words in ("Waterbedrijf Westerdok", "Gemeld door", "Incassobureau Kade"))
