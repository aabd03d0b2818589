"""Sending notices and ending pauses: who is asked what, who hears of it, and what moves a pause's last day."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.audit.models import Event
from app.cases import noticing, pausing
from app.cases.listing import ListQuery
from app.cases.models import Claim, Notice, PauseBreach
from app.cases.pause_queries import notice_page
from app.cases.pause_rules import BreachSource, EndReason, NoticeState, Searched
from app.cases.pauses import extend_pause
from app.cases.pausing import SeenNotice
from app.cases.queries import case_page
from app.cases.rules import Visibility
from app.errors import Conflict, NotFound, Refusal
from app.jobs.models import JobProgress
from app.notifications.models import Message
from app.privacy.restriction import close_case, lift_restriction, restrict_case
from tests import factory

pytestmark = pytest.mark.usefixtures("queue", "clock")
SEARCHED = frozenset({Searched.NAME, Searched.BIRTH_DATE})


@pytest.fixture
def bank(database):
    return factory.organisation(Kind.BANK, name="Kredietbank")


@pytest.fixture
def officer(bank):
    return factory.actor(bank, name="Mila Haverkamp", person_id=factory.person(bank).id)


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water)


def all_of(model, *where):
    with db.reading() as session:
        return list(session.scalars(select(model).where(*where).order_by(model.id)))


def now_of(row):
    with db.reading() as session:
        return session.get(type(row), row.id)


def mails(code):
    return [(mail.organisation_id, mail.facts, mail.path) for mail in all_of(Message, Message.code == code)]


def events(action):
    with db.reading() as session:
        return [event.subject for event in session.scalars(select(Event).where(Event.action == action).order_by(Event.sequence))]


# ── sending ──────────────────────────────────────────────────────────────────


def test_every_claim_gets_a_notice_and_every_creditor_one_mail(officer, water):
    case, other = factory.case(), factory.organisation()
    for creditor in (water, water, other):
        factory.claim(case, creditor)
    assert noticing.send_notices(officer, case.ref) == 3
    assert {notice.pause_until for notice in all_of(Notice)} == {date(2027, 2, 4)}
    assert [(place, facts["number"]) for place, facts, _ in mails("pauses.sent")] == [(water.id, "2"), (other.id, "1")]
    assert events("pauses:send").count(f"case/{case.ref}") == 1


def test_a_second_click_sends_nothing(officer, water):
    case = factory.case()
    factory.claim(case, water)
    noticing.send_notices(officer, case.ref)
    with pytest.raises(Refusal) as no:
        noticing.send_notices(officer, case.ref)
    assert (no.value.code, len(all_of(Notice)), len(mails("pauses.sent"))) == ("pauses.nothing_to_send", 1, 1)


def test_a_notice_goes_to_the_agent_only_under_a_mandate(officer, water):
    case, agent, other = factory.case(), factory.organisation(Kind.AGENT), factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    factory.claim(case, water, agent_id=agent.id)
    factory.claim(case, water, agent_id=other.id)
    noticing.send_notices(officer, case.ref)
    assert [notice.agent_id for notice in all_of(Notice)] == [agent.id, None]
    assert [place for place, *_ in mails("pauses.sent")] == [water.id, agent.id]


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"closed_on": date(2026, 6, 1)}, "pauses.case_closed"),
        ({"erased_on": None, "restricted_at": factory.datetime(2026, 6, 1, tzinfo=factory.UTC)}, "pauses.case_rests"),
    ],
)
def test_no_notice_about_a_case_that_is_closed_or_rests(officer, water, over, code):
    case = factory.case(**over)
    factory.claim(case, water)
    with pytest.raises(Refusal) as no:
        noticing.send_notices(officer, case.ref)
    assert (no.value.code, all_of(Notice)) == (code, [])


def test_a_pause_that_ran_out_makes_room_for_a_new_notice(officer, water):
    case = factory.case()
    old = factory.notice(factory.claim(case, water), sent_on=date(2025, 9, 1), pause_until=date(2026, 5, 1))
    noticing.send_notices(officer, case.ref)
    assert (now_of(old).ended_on, now_of(old).end_reason) == (date(2026, 5, 1), EndReason.RAN_OUT)
    assert len(all_of(Notice, Notice.ended_on.is_(None))) == 1


def test_only_the_bank_sends(worker, water):
    case = factory.case()
    factory.claim(case, water)
    with pytest.raises(NotFound):
        noticing.send_notices(worker, case.ref)


def test_a_list_of_cases_is_sent_for_as_a_job(officer, water, queue):
    ready = [factory.case(), factory.case()]
    for case in (*ready, factory.case(closed_on=date(2026, 6, 1))):
        factory.claim(case, water)
    factory.notice(all_of(Claim)[0])
    assert noticing.start_sending(officer, ListQuery(), "werk-1") == 1
    queue.run_all()
    assert {notice.case_id for notice in all_of(Notice)} == {case.id for case in ready}
    assert [row[1] for row in now_of_job("werk-1").result["lines"]] == ["1", "1", "0"]


def now_of_job(key):
    with db.reading() as session:
        return session.get(JobProgress, key)


def test_a_job_that_runs_again_sends_nothing_twice(officer, water):
    case = factory.case()
    factory.claim(case, water)
    noticing.send_for_cases(officer, [case.id])
    again = noticing.send_for_cases(officer, [case.id])
    assert (again.notices, again.left, len(all_of(Notice))) == (0, 1, 1)


# ── reminding ────────────────────────────────────────────────────────────────


def test_of_what_nobody_answers_is_reminded_once_ten_working_days_later(water):
    first, second = factory.notices(water, water, sent_on=date(2026, 6, 1))
    days = [date(2026, 6, 12), date(2026, 6, 15), date(2026, 6, 15), date(2026, 6, 30)]
    assert [noticing.run_reminders(day) for day in days] == [0, 2, 0, 0]
    assert [(place, facts["number"], path) for place, facts, path in mails("pauses.reminder")] == [(water.id, "2", "/pauses")]
    assert sorted(events("pauses:remind")) == sorted(f"notice/{one.ref}" for one in (first, second))
    assert (now_of(first).reminded_on, now_of(first).revision) == (date(2026, 6, 15), 1)


def test_after_an_outage_one_mail_catches_up_and_the_agent_gets_its_own(water):
    agent, notice = factory.organisation(Kind.AGENT), factory.notices(water)[0]
    factory.notices(water, sent_on=date(2026, 6, 10))
    factory.notice(factory.claim(factory.case(), water, agent_id=agent.id))
    assert noticing.run_reminders(date(2026, 6, 26)) == 3
    assert [(place, facts["number"]) for place, facts, _ in mails("pauses.reminder")] == [(water.id, "2"), (agent.id, "1")]
    assert now_of(notice).reminded_on == date(2026, 6, 26)


def test_who_answered_whose_pause_is_over_or_whose_data_rest_is_not_reminded(water, worker):
    case = factory.case()
    over = {"ended_on": date(2026, 6, 2), "end_reason": EndReason.CLIENT_STOPPED}
    factory.notice(factory.claim(case, water), **over)
    factory.notice(factory.claim(case, water), pause_until=date(2026, 6, 12))
    factory.notice(factory.claim(case, water), visibility=Visibility.RESTRICTED)
    pausing.confirm_notice(worker, SeenNotice(factory.notices(water)[0].ref, 1))
    assert noticing.run_reminders(date(2026, 6, 15)) == 0


def test_an_agent_that_was_named_has_its_own_ten_days(water, worker):
    agent, notice = factory.organisation(Kind.AGENT), factory.notices(water)[0]
    factory.mandate(agent, water)
    assert noticing.run_reminders(date(2026, 6, 15)) == 1
    pausing.name_agent(worker, SeenNotice(notice.ref, 1), agent.id)  # on 4 June by the clock of the tests
    assert [noticing.run_reminders(day) for day in (date(2026, 6, 17), date(2026, 6, 18), date(2026, 6, 18))] == [0, 1, 0]
    assert mails("pauses.reminder")[-1][0] == agent.id


# ── answering ────────────────────────────────────────────────────────────────


def test_the_creditor_confirms_and_its_name_stands_there(worker, water):
    (notice,) = factory.notices(water)
    pausing.confirm_notice(worker, SeenNotice(notice.ref, 1))
    assert (now_of(notice).state, now_of(notice).answerer) == (NoticeState.CONFIRMED, "Pieter Dros")
    assert events("pauses:answer") == [f"notice/{notice.ref}"]


def test_a_second_click_on_the_answer_changes_nothing_and_mails_nobody(worker, water, bank):
    (notice,) = factory.notices(water)
    pausing.report_obstacle(worker, SeenNotice(notice.ref, 1), "Er loopt een beslag.")
    pausing.report_obstacle(worker, SeenNotice(notice.ref, 1), "Er loopt een beslag.")
    assert (len(events("pauses:answer")), now_of(notice).revision) == (1, 2)
    assert len(mails("pauses.asks_the_bank")) == 1


def test_a_colleague_who_answered_first_wins(worker, water):
    (notice,) = factory.notices(water)
    pausing.confirm_notice(factory.actor(water, name="Els Vermaat"), SeenNotice(notice.ref, 1))
    with pytest.raises(Conflict):
        pausing.report_obstacle(worker, SeenNotice(notice.ref, 1), "Te laat.")
    assert now_of(notice).answerer == "Els Vermaat"


def test_an_unknown_client_names_what_was_searched_and_the_bank_hears_of_it(worker, water, bank):
    (notice,) = factory.notices(water)
    pausing.say_unknown(worker, SeenNotice(notice.ref, 1), SEARCHED)
    assert now_of(notice).searched == ["name", "birth date"]
    assert [place for place, *_ in mails("pauses.asks_the_bank")] == [bank.id]


def test_an_obstacle_is_kept_sealed(worker, water, bank):
    (notice,) = factory.notices(water)
    pausing.report_obstacle(worker, SeenNotice(notice.ref, 1), "Er loopt een beslag op het loon.")
    assert now_of(notice).words == "Er loopt een beslag op het loon."
    with db.engine().connect() as connection:
        kept = connection.exec_driver_sql("SELECT words FROM notice").scalar()
    assert b"beslag" not in kept


def test_the_agent_that_is_named_gets_the_notice_and_the_claim(worker, water, bank):
    claim = factory.claim(factory.case(), water)
    notice, agent = factory.notice(claim), factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    pausing.name_agent(worker, SeenNotice(notice.ref, 1), agent.id)
    assert (now_of(notice).agent_id, now_of(claim).agent_id, now_of(notice).named_agent) == (agent.id, agent.id, agent.name)
    assert [place for place, *_ in mails("pauses.sent")] == [agent.id]
    pausing.confirm_notice(factory.actor(agent), SeenNotice(notice.ref, now_of(notice).revision))
    assert now_of(notice).state is NoticeState.CONFIRMED


def test_a_bailiff_that_is_named_stands_with_the_claim_as_bailiff(worker, water, bank):
    claim = factory.claim(factory.case(), water, agent_id=factory.organisation(Kind.AGENT).id)
    notice, bailiff = factory.notice(claim), factory.organisation(Kind.AGENT, is_bailiff=True)
    factory.mandate(bailiff, water)
    pausing.name_agent(worker, SeenNotice(notice.ref, 1), bailiff.id)
    assert (now_of(claim).agent_id, now_of(claim).bailiff_id) == (None, bailiff.id)


def test_an_agent_without_mandate_cannot_be_named(worker, water):
    (notice,), agent = factory.notices(water), factory.organisation(Kind.AGENT)
    with pytest.raises(Refusal) as no:
        pausing.name_agent(worker, SeenNotice(notice.ref, 1), agent.id)
    assert (no.value.code, now_of(notice).state) == ("pauses.agent_without_mandate", NoticeState.SENT)


def test_an_agent_names_another_by_words_alone(water, bank):
    agent, other = factory.organisation(Kind.AGENT), factory.organisation(Kind.AGENT)
    for one in (agent, other):
        factory.mandate(one, water)
    notice, worker = factory.notice(factory.claim(factory.case(), water, agent_id=agent.id)), factory.actor(agent)
    with pytest.raises(Refusal):
        pausing.name_agent(worker, SeenNotice(notice.ref, 1), other.id)
    pausing.name_agent(worker, SeenNotice(notice.ref, 1), None, other.name)
    with db.reading() as session:
        assert pausing_page(session, worker, notice).agents == []


def test_an_agent_that_the_register_does_not_know_is_for_the_bank_to_find(worker, water, bank):
    (notice,) = factory.notices(water)
    pausing.name_agent(worker, SeenNotice(notice.ref, 1), None, "Incasso Zeeland")
    assert (now_of(notice).named_agent, now_of(notice).agent_id) == ("Incasso Zeeland", None)
    assert len(mails("pauses.asks_the_bank")) == 1


def test_somebody_elses_notice_is_not_found(worker):
    (notice,) = factory.notices(factory.organisation())
    for ref in (notice.ref, "K-2222-2222"):
        with pytest.raises(NotFound):
            pausing.confirm_notice(worker, SeenNotice(ref, 1))


def test_an_agent_whose_mandate_ended_sees_nothing(water):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, water, ends_on=date(2026, 6, 3))
    notice = factory.notice(factory.claim(factory.case(), water, agent_id=agent.id))
    with pytest.raises(NotFound):
        pausing.confirm_notice(factory.actor(agent), SeenNotice(notice.ref, 1))


def test_many_are_confirmed_at_once_with_a_result_for_each(worker, water):
    first, second, answered = factory.notices(water, water, water)
    pausing.confirm_notice(worker, SeenNotice(answered.ref, 1))
    (theirs,) = factory.notices(factory.organisation())
    done = pausing.confirm_notices(worker, [first.ref, second.ref, answered.ref, theirs.ref, "K-2222-2222", first.ref])
    assert done.refs == (first.ref, second.ref)
    assert done.left == (
        (answered.ref, "pauses.answered_already"),
        (theirs.ref, "pauses.row_missing"),
        ("K-2222-2222", "pauses.row_missing"),
    )
    assert now_of(theirs).state is NoticeState.SENT


# ── the pause's last day ─────────────────────────────────────────────────────


def test_a_balance_statement_extends_the_pause_of_its_claim_alone(water):
    first, second = factory.notices(water, water)
    with db.transaction() as session:
        assert extend_pause(session, first.claim_id, date(2026, 6, 4)) == date(2027, 2, 4)
    assert (now_of(first).pause_until, now_of(first).extended_on) == (date(2027, 2, 4), date(2026, 6, 4))
    assert now_of(second).pause_until == date(2027, 2, 1)


def test_a_statement_without_a_running_pause_extends_nothing(water):
    ended, over = factory.notices(water, water)
    with db.transaction() as session:
        session.get(Notice, ended.id).ended_on, session.get(Notice, ended.id).end_reason = date(2026, 6, 2), EndReason.CASE_CLOSED
        session.get(Notice, over.id).pause_until = date(2026, 6, 3)
    with db.transaction() as session:
        assert [extend_pause(session, one.claim_id, date(2026, 6, 4)) for one in (ended, over)] == [None, None]
    assert events("pauses:extend") == []


def test_closing_a_case_ends_its_pauses_and_tells_the_creditors(officer, water):
    case, other = factory.case(), factory.organisation()
    notice, over = factory.notice(factory.claim(case, water)), factory.notice(factory.claim(case, other), pause_until=date(2026, 6, 3))
    close_case(officer, case.ref, 1)
    assert (now_of(notice).ended_on, now_of(notice).end_reason) == (date(2026, 6, 4), EndReason.CASE_CLOSED)
    assert now_of(over).ended_on is None
    assert mails("pauses.ended") == [(water.id, {"number": "1", "case": case.ref}, f"/pauses/{notice.ref}")]


def test_the_bank_ends_pauses_with_a_reason(officer, water):
    notice, again = factory.notices(water, water)
    case_ref = case_of(notice)
    assert noticing.end_case_pauses(officer, case_ref, EndReason.CLIENT_STOPPED) == 2
    assert now_of(again).end_reason is EndReason.CLIENT_STOPPED
    with pytest.raises(Refusal):
        noticing.end_case_pauses(officer, case_ref, EndReason.CLIENT_STOPPED)


def case_of(notice):
    with db.reading() as session:
        return session.get(factory.Case, notice.case_id).ref


def test_nothing_of_a_case_that_rests_is_shown_or_told(officer, worker, water):
    notice = factory.notices(water)[0]
    restrict_case(officer, case_of(notice), "De cliënt vraagt het.", 1)
    with pytest.raises(NotFound):
        pausing.confirm_notice(worker, SeenNotice(notice.ref, 1))
    noticing.end_case_pauses(officer, case_of(notice), EndReason.CLIENT_STOPPED)
    assert mails("pauses.ended") == []
    lift_restriction(officer, case_of(notice), 2)
    with pytest.raises(Refusal):
        pausing.confirm_notice(worker, SeenNotice(notice.ref, now_of(notice).revision))


# ── collecting during a pause ────────────────────────────────────────────────


def test_a_creditor_that_reports_collecting_flags_the_case(officer, worker, water, bank):
    (notice,) = factory.notices(water)
    pausing.report_collecting(worker, notice.ref, date(2026, 6, 3), "Een aanmaning ging uit.")
    with db.reading() as session:
        page = case_page(session, officer, case_of(notice))
    assert [(breach.source, breach.words) for breach in page.pauses.open_breaches] == [(BreachSource.CREDITOR, "Een aanmaning ging uit.")]
    assert [place for place, *_ in mails("pauses.breach")] == [bank.id]


def test_the_same_report_twice_is_one_and_is_mailed_once(worker, water, bank):
    (notice,) = factory.notices(water)
    for _ in range(2):
        pausing.report_collecting(worker, notice.ref, date(2026, 6, 3), "Een aanmaning ging uit.")
    assert (len(all_of(PauseBreach)), len(mails("pauses.breach"))) == (1, 1)


def test_a_counsellor_notes_a_complaint_and_the_creditor_does_not_read_it(officer, worker, water):
    (notice,), team = factory.notices(water), factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="buurtteam Zuid")
    noticing.note_complaint(factory.actor(team), case_of(notice), notice.ref, date(2026, 6, 2), "Er kwam een deurwaarder.")
    assert [row.source for row in all_of(PauseBreach)] == [BreachSource.COMPLAINT]
    with db.reading() as session:
        assert pausing_page(session, worker, notice).breaches == []
        assert len(pausing_page(session, officer, notice).breaches) == 1


def pausing_page(session, actor, notice):
    return notice_page(session, actor, notice.ref)


def test_another_teams_case_takes_no_complaint(water):
    (notice,), team = factory.notices(water), factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="buurtteam Oost")
    with pytest.raises(NotFound):
        noticing.note_complaint(factory.actor(team), case_of(notice), notice.ref, date(2026, 6, 2), "Er kwam een deurwaarder.")


def test_what_was_dealt_with_warns_no_more(officer, worker, water):
    (notice,) = factory.notices(water)
    pausing.report_collecting(worker, notice.ref, date(2026, 6, 3), "Een aanmaning ging uit.")
    (breach,) = all_of(PauseBreach)
    noticing.handle_breach(officer, case_of(notice), breach.id, breach.revision)
    with db.reading() as session:
        assert case_page(session, officer, case_of(notice)).pauses.open_breaches == []
    with pytest.raises(Conflict):
        noticing.handle_breach(officer, case_of(notice), breach.id, breach.revision)
