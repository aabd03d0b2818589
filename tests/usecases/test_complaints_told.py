"""Who is told of a complaint when: reminders of silence, what waits while a case rests, urgency, and the name of a client."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.cases.models import Case, PauseBreach
from app.notifications.models import Message
from app.privacy.restriction import lift_restriction, restrict_case
from app.relations import addressing, triage
from app.relations.complaint_rules import ComplaintKind, Severity
from app.relations.reminding import remind_of_complaints
from app.relations.triage_queries import QueueQuery, all_rows
from tests import factory
from tests.usecases.test_complaints import Place, loaded, revision

LAST = date(2026, 6, 25)  # for the answer to what was reported on the day of these tests
DAYS = 86400  # seconds


@pytest.fixture
def place(queue, clock):
    return Place()


def mails(code):
    with db.reading() as session:
        found = session.scalars(select(Message).where(Message.code == code).order_by(Message.id))
        return [(mail.organisation_id, mail.facts, mail.path) for mail in found]


def urgent(place, ref, *, is_urgent=True):
    sorting = triage.Sorting(ComplaintKind.COSTS, Severity.NORMAL, None, is_urgent=is_urgent, owner_id=None)
    triage.sort_complaint(place.joris, ref, revision(ref), sorting)


def about_a_case(place, **over):
    case = factory.case(surname="Hof", team="Buurtteam Zuid")
    claim = factory.claim(case, place.creditor, reference="KL-77")
    return case, claim, place.report(case_ref=case.ref, claim_id=claim.id, **over)


def case_revision(case):
    with db.reading() as session:
        return session.scalar(select(Case.revision).where(Case.id == case.id))


# ── silence ──────────────────────────────────────────────────────────────────


def test_who_is_silent_is_reminded_once_before_its_term_is_over_and_reads_no_name(place):
    ref = place.addressed()
    assert [remind_of_complaints(date(2026, 6, day)) for day in (19, 22, 22, 24)] == [0, 1, 0, 0]
    told = {"complaint": ref, "answer_by": "25-06-2026", "late": ""}
    assert mails("complaints.reminder") == [(place.creditor.id, told, f"/complaints/about-us/{ref}")]
    assert loaded(ref).reminded_on == date(2026, 6, 22)


def test_an_agent_that_was_told_is_reminded_too_and_an_outage_is_caught_up(place):
    ref = place.report(party_code=place.agent.code)
    addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=True)
    assert remind_of_complaints(date(2026, 6, 29)) == 1
    assert [(place_id, facts["late"]) for place_id, facts, _ in mails("complaints.reminder")] == [(place.agent.id, "yes")]


def test_nobody_is_reminded_of_what_stands_still_rests_waits_for_the_team_or_was_answered(place):
    paused, asked, answered = place.addressed(), place.addressed(words="Een."), place.addressed(words="Twee.")
    case, _claim, resting = about_a_case(place)
    addressing.address_complaint(place.joris, resting, revision(resting), "Te hoge kosten.", tell_agent=False)
    restrict_case(factory.actor(factory.organisation(Kind.BANK)), case.ref, "Op verzoek.", case_revision(case))
    triage.pause_clock(place.joris, paused, revision(paused), "Wij zoeken een brief.")
    addressing.ask_question(place.worker, asked, revision(asked), "Welke brief?")
    addressing.disagree(place.worker, answered, revision(answered), "De kosten kloppen.")
    assert remind_of_complaints(LAST) == 0


def test_a_reminder_overtakes_nobody_s_answer(place):
    ref = place.addressed()
    seen = revision(ref)
    remind_of_complaints(LAST)
    addressing.disagree(place.worker, ref, seen, "De kosten kloppen.")


def test_the_team_finds_who_is_silent_after_the_term(place, clock):
    ref, _other = place.addressed(), place.report(words="Nog niet voorgelegd.")
    silent = QueueQuery(show="silent")
    with db.reading() as session:
        assert list(all_rows(session, place.joris, silent)) == []
    clock.shift(22 * DAYS)
    with db.reading() as session:
        assert [row.ref for row in all_rows(session, place.joris, silent)] == [ref]


# ── what waits, and what is urgent ───────────────────────────────────────────


def test_what_was_laid_before_a_creditor_while_its_case_rested_is_told_once_it_is_shown(place, clock):
    officer = factory.actor(factory.organisation(Kind.BANK))
    case, _claim, ref = about_a_case(place)
    restrict_case(officer, case.ref, "Op verzoek.", case_revision(case))
    addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=False)
    assert mails("complaints.addressed") == []
    clock.shift(4 * DAYS)  # two working days
    for _ in range(2):  # what was told is not told again after the next rest
        lift_restriction(officer, case.ref, case_revision(case))
        told = [(to, facts["answer_by"]) for to, facts, _ in mails("complaints.addressed")]
        assert told == [(place.creditor.id, "29-06-2026")]
        restrict_case(officer, case.ref, "Weer.", case_revision(case))


def test_what_was_taken_from_a_creditor_while_it_rested_is_not_told(place):
    officer = factory.actor(factory.organisation(Kind.BANK))
    case, _claim, ref = about_a_case(place)
    restrict_case(officer, case.ref, "Op verzoek.", case_revision(case))
    addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=False)
    triage.pass_on(place.joris, ref, revision(ref), place.other.code, "Niet van Westerdok.")
    lift_restriction(officer, case.ref, case_revision(case))
    assert mails("complaints.addressed") == []


def test_a_clock_that_stood_still_runs_once_a_complaint_is_urgent(place, clock):
    ref = place.report()
    triage.pause_clock(place.joris, ref, revision(ref), "Wij wachten op de brief.")
    clock.shift(4 * DAYS)  # to Monday
    urgent(place, ref)
    one = loaded(ref)
    assert (one.paused_on, one.due_on, one.answer_by) == (None, date(2026, 6, 9), date(2026, 6, 10))


def test_a_creditor_hears_that_its_answer_is_wanted_sooner(place):
    ref = place.addressed()
    urgent(place, ref)
    assert [(to, facts["answer_by"]) for to, facts, _ in mails("complaints.term")] == [(place.creditor.id, "08-06-2026")]
    unread = place.report(words="Nog niet voorgelegd.")
    urgent(place, unread)
    assert len(mails("complaints.term")) == 1


def test_a_part_about_collecting_during_a_pause_shows_on_the_case_as_a_whole_one_does(place):
    case, claim, ref = about_a_case(place, happened_on=date(2026, 6, 2))
    factory.notice(claim)
    triage.split_off(place.joris, ref, revision(ref), ComplaintKind.DURING_PAUSE, "Ook kwam er een deurwaarder.")
    with db.reading() as session:
        breaches = session.scalars(select(PauseBreach)).all()
    assert [(one.case_id, one.words) for one in breaches] == [(case.id, "Ook kwam er een deurwaarder.")]
