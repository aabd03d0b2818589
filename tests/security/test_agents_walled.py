"""Agents, the register and what creditors leave on PostgreSQL as production has it: under the role that owns nothing."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.accounts.models import Membership
from app.creditors.models import Organisation
from app.creditors.registering import NewOrganisation
from app.practices.models import Report, SectionDraft
from app.privacy.retention import run_retention
from app.proposals.lifecycle import OfferState
from app.relations import triage
from app.relations.models import Complaint
from app.relations.profile_counting import count_months
from app.relations.profile_queries import profile_page
from tests import factory
from tests.security.acting import acting

pytestmark = pytest.mark.postgres
AT = datetime(2026, 5, 18, 9, tzinfo=UTC)


def test_an_agent_reads_behind_the_wall_what_the_team_reads_of_it_but_what_is_the_citys(walled):
    water, agent = factory.organisation(name="Westerdok"), factory.organisation(Kind.AGENT, name="Kade")
    factory.mandate(agent, water)
    factory.offers(water, agent_id=agent.id, answered_agent_id=agent.id, answered_at=AT, state=OfferState.ACCEPTED)
    team = factory.organisation(Kind.RELATIONS_TEAM)
    factory.complaint(team, water, agent_id=agent.id, agent_told=True, addressed_at=AT)
    factory.meeting(agent)
    count_months()
    pages = []
    for one in (factory.actor(team), factory.actor(agent, Role.AGENT_MANAGER)):
        with acting(one), db.reading() as session:
            page = profile_page(session, one, agent.code)
            mandates = [mandate.name for mandate in page.agent.mandates]
            pages.append((page.year["accepted"], mandates, page.complaints.number, len(page.meetings)))
    assert pages == [(1, ["Westerdok"], 1, 1)] * 2


def test_the_team_registers_from_a_complaint_within_its_reach(walled):
    team = factory.organisation(Kind.RELATIONS_TEAM)
    one = factory.complaint(team, named="Snelle Centen")
    new = NewOrganisation(77_400, "Snelle Centen BV", "incasso", kvk="12344321", contact_name="Bo", contact_phone="020 555 01 77")
    with acting(factory.actor(team)) as joris:
        triage.register_and_pass_on(joris, one.ref, one.revision, new)
    with db.reading(as_portal=True) as session:
        agency = session.scalar(select(Organisation.id).where(Organisation.code == 77_400))
        assert session.get(Complaint, one.id).agent_id == agency


def test_the_reports_of_who_left_go_under_the_serving_role(walled):
    creditor = factory.organisation()
    person = factory.person(creditor, Role.CREDITOR_MANAGER)
    ref = factory.practice_report(factory.actor(creditor, Role.CREDITOR_MANAGER, person_id=person.id))
    with db.transaction() as session:
        report = session.scalar(select(Report.id).where(Report.ref == ref))
        session.query(Membership).filter_by(person_id=person.id).update({"ends_on": date(2025, 6, 4)})
    run_retention()
    with db.reading(as_portal=True) as session:
        assert session.get(Report, report) is None
        assert session.scalar(select(func.count()).select_from(SectionDraft).where(SectionDraft.report_id == report)) == 0
