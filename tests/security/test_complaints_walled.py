"""Complaints on PostgreSQL as production has it: each does its own work under the role that owns nothing, within its reach."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind
from app.documents.attachments import Added, attachments_about
from app.errors import NotFound
from app.relations import addressed_queries, addressing, complaint_links, complaint_queries, complaints, naming, triage, triage_queries
from app.relations.complaint_rules import Answer, ComplaintKind, Helped, Outcome
from app.relations.complaint_steps import FILES
from app.relations.complaints import Told
from app.relations.models import Complaint, ComplaintEvent, ComplaintPattern
from tests import factory
from tests.security.acting import acting

pytestmark = pytest.mark.postgres


def revision(ref):
    with db.reading(as_portal=True) as session:
        return session.scalar(select(Complaint.revision).where(Complaint.ref == ref))


@pytest.fixture
def parties(walled):
    places = {kind: factory.organisation(kind) for kind in (Kind.CREDITOR, Kind.AGENT, Kind.NEIGHBOURHOOD_TEAM, Kind.RELATIONS_TEAM)}
    people = [factory.actor(place, person_id=factory.person(place).id) for place in places.values()]
    return places[Kind.CREDITOR], people


def test_a_complaint_goes_its_whole_way_within_the_reach_of_each(parties):
    creditor, (worker, agent, helper, joris) = parties
    case = factory.case(team=helper.organisation_name)
    claim = factory.claim(case, creditor, agent_id=agent.organisation_id)
    factory.notice(claim)
    told = Told(
        ComplaintKind.DURING_PAUSE, date(2026, 6, 2), "Toch een brief.", case_ref=case.ref, claim_id=claim.id, party_code=creditor.code,
        files=(Added("brief.pdf", b"%PDF-1.7 brief"),),
    )  # fmt: skip
    with acting(helper):
        complaints.save_draft(helper, Told(words="Half"))
        ref = complaints.report_complaint(helper, told)
    with acting(worker), db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 0
    with acting(joris):
        triage.confirm_receipt(joris, ref, revision(ref))
        triage.note_privately(joris, ref, "Bel eerst.")
        addressing.address_complaint(joris, ref, revision(ref), "Er kwam een brief in de pauze.", tell_agent=False)
    with acting(worker):
        addressing.answer_complaint(worker, ref, revision(ref), Answer.MENDED, "Hersteld.")
        with db.reading() as session:
            page = addressed_queries.addressed_page(session, worker, ref)
            lines = set(session.scalars(select(ComplaintEvent.audience)))
            assert attachments_about(session, FILES, [ref]) == []
    assert ([line.what for line in page.lines], lines) == (["addressed", "answered"], {"party"})
    with acting(joris):
        addressing.close_complaint(joris, ref, revision(ref), Outcome.UPHELD, "Hersteld.")
        with db.reading() as session:
            assert [file.name for file in triage_queries.triage_page(session, joris, ref).files] == ["brief.pdf"]
    with acting(helper):
        complaints.say_helped(helper, ref, Helped.NO, "Weer een brief.", revision(ref), reopen=True)
        with db.reading() as session:
            assert complaint_queries.reported_page(session, helper, ref).row.state == "in triage"


def test_a_client_is_named_later_and_no_longer_within_the_reach_of_who_says_so(parties):
    creditor, (worker, _agent, helper, joris) = parties
    case = factory.case(team=helper.organisation_name, surname="Hof")
    claim = factory.claim(case, creditor)
    files = (Added("brief.pdf", b"%PDF-1.7 brief"),)
    told = Told(ComplaintKind.TONE, date(2026, 6, 2), "Dreiging.", case_ref=case.ref, claim_id=claim.id, files=files)
    with acting(helper):
        ref = complaints.report_complaint(helper, told)
    with acting(joris):
        addressing.address_complaint(joris, ref, revision(ref), "Er is gedreigd.", tell_agent=False)
    for agrees in (True, False):
        with acting(helper):
            naming.let_be_named(helper, ref, revision(ref), agrees=agrees)
        with acting(worker):
            addressing.note_opened(worker, ref)
            with db.reading() as session:
                page = addressed_queries.addressed_page(session, worker, ref)
                assert (page.client_name == "X. Hof", len(attachments_about(session, FILES, [ref]))) == (agrees, int(agrees))
    assert [line.what for line in page.lines] == ["addressed", "client may be named", "client may not be named"]


def test_a_pattern_and_a_link_work_past_the_reach_of_who_reports(parties):
    creditor, (_, agent, helper, joris) = parties
    with acting(helper):
        token = complaint_links.make_link(helper, "Maatje", uses=3)
        for number in range(3):
            told = Told(ComplaintKind.TONE, date(2026, 6, 1), f"Dreiging {number}.", party_code=creditor.code)
            ref = complaint_links.report_by_link(token, "Mia", "mia@kas.example", told, "test")
        with pytest.raises(NotFound):
            complaint_links.report_by_link(token, "Mia", "", told, "test")
        with db.reading() as session:
            assert complaint_queries.reported_page(session, helper, ref).row.reporter == "Mia"
            assert session.scalar(select(func.count()).select_from(ComplaintPattern)) == 0
    with acting(joris), db.reading() as session:
        assert creditor.name in [one.organisation for one in triage_queries.open_patterns(session, joris)]
    with acting(agent), db.reading() as session, pytest.raises(NotFound):
        addressed_queries.addressed_page(session, agent, ref)
