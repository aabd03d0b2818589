"""Who is told of a complaint when: reminders of silence, what waits while a case rests, urgency, and the name of a client."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import SYSTEM, Kind
from app.cases.models import Case, PauseBreach
from app.documents.attachments import Added
from app.errors import NotFound, Refusal
from app.notifications.models import Message
from app.privacy.restriction import lift_restriction, restrict_case
from app.relations import addressed_queries, addressing, naming, triage
from app.relations.complaint_rules import ComplaintKind, Outcome, Severity, What
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


# ── the client's name ────────────────────────────────────────────────────────


def seen_by(place, ref):
    addressing.note_opened(place.worker, ref)
    with db.reading() as session:
        return addressed_queries.addressed_page(session, place.worker, ref)


@pytest.mark.parametrize(("who", "let"), [("helper", naming.let_be_named), ("joris", naming.let_be_named_by_team)])
def test_a_client_that_agrees_later_is_named_from_then_on_and_the_creditor_hears_of_it_without_who_reported(place, who, let):
    _case, _claim, ref = about_a_case(place, files=(Added("brief.pdf", b"%PDF-1.7 brief"),))
    addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=False)
    assert (seen_by(place, ref).client_name, seen_by(place, ref).files) == ("", [])
    seen = revision(ref)
    for _ in range(2):  # the second click
        let(getattr(place, who), ref, seen, agrees=True)
    page = seen_by(place, ref)
    assert (page.client_name, page.client_reference, [file.name for file in page.files]) == ("X. Hof", "KL-77", ["brief.pdf"])
    assert [(to, "Hof" in str(facts)) for to, facts, _ in mails("complaints.named")] == [(place.creditor.id, False)]
    assert [line.who for line in page.lines if line.what is What.MAY_NAME] == [SYSTEM.name]
    assert len(mails("complaints.naming")) == (who == "helper")


def test_a_client_that_takes_it_back_before_it_was_shown_was_never_named(place):
    _case, _claim, ref = about_a_case(place, client_agrees=True)
    addressing.address_complaint(place.joris, ref, revision(ref), "Mevrouw Hof kreeg te hoge kosten.", tell_agent=False)
    naming.let_be_named(place.helper, ref, revision(ref), agrees=False)
    page = seen_by(place, ref)
    assert "Hof" not in repr(page)
    assert (page.told_words, [line.what for line in page.lines]) == ("", [What.ADDRESSED])
    addressing.reply(place.joris, ref, revision(ref), "Een cliënt kreeg te hoge kosten.")
    assert seen_by(place, ref).lines[-1].words == "Een cliënt kreeg te hoge kosten."


def test_a_creditor_that_read_the_name_hears_that_it_may_use_it_no_more(place):
    _case, _claim, ref = about_a_case(place, client_agrees=True)
    addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=False)
    seen = revision(ref)
    assert seen_by(place, ref).client_name == "X. Hof"
    naming.let_be_named(place.helper, ref, seen, agrees=False)  # reading overtakes nobody
    page = seen_by(place, ref)
    assert (page.client_name, page.lines[-1].what) == ("", What.MAY_NOT_NAME)


def test_who_agreed_while_its_case_rested_is_told_of_once_and_not_when_it_was_taken_back(place):
    officer = factory.actor(factory.organisation(Kind.BANK))
    case, _claim, ref = about_a_case(place)
    addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=False)
    restrict_case(officer, case.ref, "Op verzoek.", case_revision(case))
    naming.let_be_named(place.helper, ref, revision(ref), agrees=True)
    naming.let_be_named(place.helper, ref, revision(ref), agrees=False)
    lift_restriction(officer, case.ref, case_revision(case))
    assert mails("complaints.named") == []


def test_a_client_that_nobody_knows_cannot_be_named_and_neither_can_one_of_what_is_over(place):
    ref = place.addressed()
    with pytest.raises(Refusal, match=r"relations.client_unknown"):
        naming.let_be_named(place.helper, ref, revision(ref), agrees=True)
    addressing.close_complaint(place.joris, ref, revision(ref), Outcome.UPHELD, "Terugbetaald.")
    with pytest.raises(Refusal, match=r"relations.move_not_possible"):
        naming.let_be_named(place.helper, ref, revision(ref), agrees=True, name="X. Hof")
    for nobody in (place.worker, place.joris, factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM))):
        with pytest.raises(NotFound):
            naming.let_be_named(nobody, ref, revision(ref), agrees=True)


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
    addressing.address_complaint(place.joris, unread, revision(unread), "Te hoge kosten.", tell_agent=False)
    assert [line.what for line in seen_by(place, unread).lines] == [What.ADDRESSED]


def test_a_part_about_collecting_during_a_pause_shows_on_the_case_as_a_whole_one_does(place):
    case, claim, ref = about_a_case(place, happened_on=date(2026, 6, 2))
    factory.notice(claim)
    triage.split_off(place.joris, ref, revision(ref), ComplaintKind.DURING_PAUSE, "Ook kwam er een deurwaarder.")
    with db.reading() as session:
        breaches = session.scalars(select(PauseBreach)).all()
    assert [(one.case_id, one.words) for one in breaches] == [(case.id, "Ook kwam er een deurwaarder.")]
