"""What ends once a creditor takes part no more: its practice reports, with the evidence beside them."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.accounts.models import Membership, Person
from app.creditors.models import Organisation
from app.documents.attachments import Added
from app.documents.models import Attachment
from app.practices import reviewing, service
from app.practices.models import AnswerRemark, Report, SectionDraft, Submission
from app.practices.questions import SECTIONS
from app.practices.rules import Mark
from app.privacy.retention import run_retention
from tests import factory

LONG_AGO, LATELY = date(2025, 6, 4), date(2025, 6, 5)  # a year ago to the day, and the day after
KEPT = {"practice_report": Report, "practice_section": SectionDraft, "practice_submission": Submission, "practice_remark": AnswerRemark}


def reported(evidence=None, **left):
    """A creditor that submitted a report; its one colleague left as told."""
    creditor = factory.organisation()
    person = factory.person(creditor, Role.CREDITOR_MANAGER)
    manager = factory.actor(creditor, Role.CREDITOR_MANAGER, person_id=person.id)
    ref = service.start_report(manager, 2025)
    if evidence:
        service.add_evidence(manager, ref, "staff", [evidence])
    factory.fill_practices(manager, ref)
    factory.submit_practices(manager, ref)
    with db.transaction() as session:
        session.query(Membership).filter_by(person_id=person.id).update({"ends_on": left.get("ends_on")})
        session.query(Person).filter_by(id=person.id).update({"disabled_at": left.get("disabled_at")})
    return creditor, ref


def refs():
    with db.reading(as_portal=True) as session:
        return set(session.scalars(select(Report.ref)))


@pytest.fixture(autouse=True)
def still(database, clock, queue):
    return clock


def test_reports_go_a_year_after_the_last_account_of_their_creditor_ended():
    _, gone = reported(ends_on=LONG_AGO)
    _, closed = reported(disabled_at=datetime(2025, 6, 3, 9, tzinfo=UTC))
    stay = {reported()[1], reported(ends_on=LATELY)[1]}
    assert run_retention(dry_run=True).tables["practice_report"].deleted == 2
    assert refs() == stay | {gone, closed}
    run_retention()
    assert refs() == stay


def test_a_report_stays_while_a_colleague_is_left_or_the_firm_with_which_it_was_merged_takes_part():
    with_colleague, first = reported(ends_on=LONG_AGO)
    factory.person(with_colleague)
    double, second = reported(ends_on=LONG_AGO)
    whole = factory.organisation()
    factory.person(whole)
    with db.transaction() as session:
        session.query(Organisation).filter_by(id=double.id).update({"merged_into_id": whole.id})
    run_retention()
    assert refs() == {first, second}


def test_with_a_report_goes_what_was_written_and_remarked_and_its_evidence_and_the_dry_run_says_so():
    _, ref = reported(Added("lijst.txt", b"lijst"), ends_on=LONG_AGO)
    reported(Added("ander.txt", b"ander"))
    team = factory.actor(factory.organisation(Kind.RELATIONS_TEAM))
    reviewing.mark_answer(team, ref, "staff", Mark.SEEN, "", 0)
    dry, done = run_retention(dry_run=True).tables, run_retention().tables
    assert {name: count.deleted for name, count in dry.items()} == {name: count.deleted for name, count in done.items()}
    assert [done[name].deleted for name in (*KEPT, "attachment")] == [1, len(SECTIONS), 1, 1, 1]
    with db.reading(as_portal=True) as session:
        left = [session.scalar(select(func.count()).select_from(one)) for one in (*KEPT.values(), Attachment)]
    assert left == [1, len(SECTIONS), 1, 0, 1]
