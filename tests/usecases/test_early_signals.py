"""Use cases of early signals: reporting, households, attempts one by one and many in one go, and what the reporter hears of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app import connect, db
from app.access import Kind, Role
from app.audit.models import Event
from app.config import FieldKeys
from app.early_signals import following, queries, reporter_queries, service, telling
from app.early_signals.feedback import Feedback, Said
from app.early_signals.matching import Kinship
from app.early_signals.models import ContactAttempt, Signal
from app.early_signals.queries import TeamQuery
from app.early_signals.reporter_queries import FeedbackQuery
from app.early_signals.routing import Rule
from app.early_signals.rules import Attempt, AttemptKind, DayPart, Outcome, Sort, State, Withdrawal
from app.errors import Conflict, NotFound, Refusal
from app.notifications.models import Message
from app.privacy.retention import run_retention
from app.privacy.rotation import rotate_keys
from tests import factory

DAY = date(2026, 6, 4)
CALL = Attempt(AttemptKind.PHONE, reached=False, on=DAY, part=DayPart.MORNING)


@pytest.fixture
def water(database, queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water, person_id=7)


def team(name="Buurtteam Zuid", **over):
    return factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name=name), name="Hanna Wouda", person_id=8, **over)


@pytest.fixture
def counsellor(water):
    return team()


@pytest.fixture
def signal(water):
    return factory.signal(water)


def now_of(signal):
    with db.reading() as session:
        return session.get(Signal, signal.id)


def heard(actor, signal):
    with db.reading() as session:
        return reporter_queries.own_page(session, actor, signal.ref).row.feedback


def queue_of(actor, **over):
    with db.reading() as session:
        return [row.ref for row in queries.team_list(session, actor, TeamQuery(**over)).rows]


def events(action):
    with db.reading() as session:
        return list(session.scalars(select(Event).where(Event.action == action).order_by(Event.sequence)))


# ── reporting ────────────────────────────────────────────────────────────────


def test_a_report_sent_twice_is_one_signal(worker):
    told = factory.signal_report()
    assert service.report_signal(worker, told) == service.report_signal(worker, told)
    with pytest.raises(Refusal, match="already_reported"):
        service.report_signal(worker, replace(told, arrears_cents=99_900))
    assert len(events("signals:report")) == 1


def test_a_landlord_reports_after_four_confirmations_only(water):
    landlord = factory.actor(factory.organisation(branch="huur"))
    with pytest.raises(Refusal, match="unconfirmed"):
        service.report_signal(landlord, factory.signal_report())
    steps = ("personal contact tried", "pointed to debt help", "written reminder sent", "offered to pass data on")
    assert service.report_signal(landlord, factory.signal_report(confirmations=steps))


def test_a_signal_that_is_taken_back_gets_no_attempts_any_more(worker, counsellor, signal):
    service.withdraw_signal(worker, signal.ref, Withdrawal.PAID)
    service.withdraw_signal(worker, signal.ref, Withdrawal.MISTAKE)  # the second click of a double one
    assert now_of(signal).withdrawal is Withdrawal.PAID
    with pytest.raises(Refusal, match="withdrawn"):
        following.note_attempt(counsellor, signal.ref, CALL, 1)
    assert queue_of(counsellor) == []


def test_a_team_hears_that_what_it_works_on_was_taken_back_and_of_nothing_else(water, worker, counsellor, signal):
    untouched, late = factory.signal(water), factory.signal(water, sort=Sort.CUT_OFF)
    following.note_attempt(counsellor, signal.ref, CALL, 1)
    for one in (signal, untouched, late, signal):
        service.withdraw_signal(worker, one.ref, Withdrawal.PAID)
    with db.reading() as session:
        told = list(session.scalars(select(Message).where(Message.code == "early_signals.withdrawn").order_by(Message.id)))
    assert [(one.organisation_id, one.path, one.facts) for one in told] == [
        (counsellor.organisation_id, f"/early-signals/{one.ref}", {"ref": one.ref}) for one in (signal, late)
    ]


def test_what_is_followed_up_cannot_be_taken_back(worker, counsellor, signal):
    following.note_attempt(counsellor, signal.ref, replace(CALL, reached=True, outcome=Outcome.NO_NEED), 1)
    with pytest.raises(Refusal, match="followed"):
        service.withdraw_signal(worker, signal.ref, Withdrawal.PAID)


def test_nobody_reaches_what_is_anothers(water, counsellor, signal):
    other, east = factory.actor(factory.organisation()), team("Buurtteam Oost")
    own = factory.actor(water)
    for act in (
        lambda: service.withdraw_signal(other, signal.ref, Withdrawal.PAID),
        lambda: service.note_opened(other, signal.ref),
        lambda: following.note_attempt(east, signal.ref, CALL, 1),
        lambda: service.withdraw_signal(counsellor, signal.ref, Withdrawal.PAID),
        lambda: following.note_attempt(own, signal.ref, CALL, 1),
    ):
        with pytest.raises(NotFound):
            act()


# ── households and routing ───────────────────────────────────────────────────

HOME = {"surname": "van den Berg", "given_name": "Sanne", "birth_date": date(1980, 3, 1), "street": "Zeilstraat", "house_number": "5"}


def test_a_second_small_report_about_a_household_takes_the_first_along(water, counsellor):
    first = factory.signal(water, **HOME, arrears_cents=9_900)
    assert (now_of(first).rule, now_of(first).team_name) == (Rule.SMALL_FIRST, "Klantcontactcentrum")
    second = factory.signal(factory.organisation(branch="energie"), **HOME | {"surname": "Berg"}, arrears_cents=9_900)
    assert {now_of(one).rule for one in (first, second)} == {Rule.UNKNOWN}
    assert now_of(first).household_no == now_of(second).household_no
    with db.reading() as session:
        assert [one.kin for one in queries.signal_page(session, counsellor, second.ref).kin] == [Kinship.PERSON]


def test_a_late_signal_brings_its_household_to_the_team_that_acts_at_once(water, counsellor):
    early = factory.signal(water, **HOME)
    late = factory.signal(factory.organisation(branch="energie"), **HOME, sort=Sort.CUT_OFF)
    assert [now_of(one).rule for one in (early, late)] == [Rule.LATE_HOUSEHOLD, Rule.LATE]
    assert queue_of(counsellor)[0] == late.ref


def test_a_late_signal_that_is_taken_back_holds_its_household_no_longer(water, worker, counsellor):
    late = factory.signal(water, **HOME, sort=Sort.CUT_OFF)
    early = factory.signal(factory.organisation(branch="energie"), **HOME)
    service.withdraw_signal(worker, late.ref, Withdrawal.MISTAKE)
    assert [now_of(one).rule for one in (early, late)] == [Rule.UNKNOWN, Rule.LATE]


def test_who_is_found_to_receive_a_benefit_moves_to_the_team_of_work_and_income(counsellor, signal):
    desk, wpi = team("Meldpunt Vroegsignalering"), team("wpi schuldhulpverlening")
    assert queue_of(desk) == [signal.ref]
    assert following.state_household(desk, signal.ref, benefit=True, children=True, revision=1) == "WPI Schuldhulpverlening"
    assert (queue_of(counsellor), queue_of(wpi), now_of(signal).urgency) == ([], [signal.ref], 1)
    assert [event.organisation for event in events("signals:route")] == ["Schuldeisersportaal"]


def test_the_desk_looks_up_many_households_in_one_go(water, counsellor, signal):
    desk, other = team("Meldpunt Vroegsignalering"), factory.signal(water)
    done = following.state_households(desk, [signal.ref, other.ref, "E-2222-2222"], benefit=True, children=None)
    assert (done.refs, done.left) == ((signal.ref, other.ref), (("E-2222-2222", "early_signals.row_missing"),))
    assert {now_of(one).team_name for one in (signal, other)} == {"WPI Schuldhulpverlening"}
    assert following.state_households(counsellor, [signal.ref], benefit=False, children=None).refs == ()


def test_what_was_not_looked_up_for_many_stays_as_it_was_known(counsellor, signal):
    following.state_household(counsellor, signal.ref, benefit=False, children=True, revision=1)
    following.state_households(counsellor, [signal.ref], benefit=False, children=None)
    assert (now_of(signal).benefit, now_of(signal).children, now_of(signal).urgency) == (False, True, 1)
    following.state_household(counsellor, signal.ref, benefit=None, children=None, revision=now_of(signal).revision)
    assert (now_of(signal).benefit, now_of(signal).children) == (None, None)


def test_the_queue_has_late_signals_first_then_children_then_terms(water, counsellor, clock):
    old = factory.signal(water)
    clock.move_to(datetime(2026, 6, 10, 9, tzinfo=UTC))
    young = factory.signal(water, birth_date=date(2003, 1, 1))
    late = factory.signal(water, sort=Sort.EVICTION)
    assert queue_of(counsellor) == [late.ref, young.ref, old.ref]
    assert queue_of(counsellor, status="late") == [late.ref]
    assert queue_of(counsellor, sort="newest") == [late.ref, young.ref, old.ref]


def test_a_team_hears_of_late_signals_without_a_word_about_anybody(water, counsellor):
    factory.signal(water, sort=Sort.EVICTION, surname="Geheimenis")
    with db.reading() as session:
        message = session.scalar(select(Message).where(Message.code == "early_signals.late"))
    assert (message.organisation_id, message.facts, message.path) == (
        counsellor.organisation_id,
        {"number": "1"},
        "/early-signals?status=late",
    )


def test_a_repeated_report_and_an_old_one_count_in_the_quality(water, worker):
    factory.signal(water, **HOME)
    factory.signal(water, **HOME, reported_on=date(2026, 5, 4))
    factory.signal(factory.organisation(), **HOME)  # what another reported makes no repetition
    with db.reading() as session:
        found = reporter_queries.feedback_list(session, worker, FeedbackQuery()).quality
    assert (found.reported, found.repeated, found.outdated) == (2, 1, 1)


# ── attempts ─────────────────────────────────────────────────────────────────


def test_an_attempt_moves_the_next_term_and_a_result_ends_the_signal(worker, counsellor, signal):
    following.note_attempt(counsellor, signal.ref, CALL, 1)
    assert (now_of(signal).state, now_of(signal).act_by.date()) == (State.TRIED, DAY + timedelta(days=7))
    following.note_attempt(counsellor, signal.ref, replace(CALL, kind=AttemptKind.VISIT, reached=True, outcome=Outcome.FINANCIAL), 2)
    assert (now_of(signal).state, now_of(signal).followed_on) == (State.FOLLOWED, DAY)
    assert heard(worker, signal) == Feedback(2, DAY, reached=True, helped=True)


def test_a_wrong_result_is_mended_and_the_reporter_hears_the_right_one(worker, counsellor, signal):
    following.note_attempt(counsellor, signal.ref, replace(CALL, reached=True, outcome=Outcome.FINANCIAL), 1)
    mended = Attempt(AttemptKind.DESK, reached=False, on=DAY, part=None, outcome=Outcome.WRONG)
    following.note_attempt(counsellor, signal.ref, mended, 2)
    assert heard(worker, signal) == Feedback(1, DAY, reached=True, helped=None, said=Said.WRONG)
    with db.reading() as session:
        assert [one.outcome for one in queries.signal_page(session, counsellor, signal.ref).attempts] == [Outcome.WRONG, Outcome.FINANCIAL]


def test_the_same_attempt_twice_is_one_and_a_stale_page_changes_nothing(counsellor, signal):
    for _ in range(2):
        following.note_attempt(counsellor, signal.ref, CALL, 1)
    with pytest.raises(Conflict):
        following.note_attempt(counsellor, signal.ref, replace(CALL, part=DayPart.EVENING), 1)
    assert now_of(signal).attempts == 1
    assert len(events("signals:attempt")) == 1


def test_a_result_that_was_mended_twice_is_what_was_said_last(worker, counsellor, signal):
    for revision, outcome in enumerate((Outcome.WRONG, Outcome.DECEASED, Outcome.WRONG, Outcome.WRONG), 1):
        mended = Attempt(AttemptKind.DESK, reached=False, on=DAY, part=None, outcome=outcome)
        following.note_attempt(counsellor, signal.ref, mended, revision)
    assert heard(worker, signal).said is Said.WRONG
    assert len(events("signals:attempt")) == 3  # the fourth is the second click of the third


def test_an_attempt_of_an_earlier_day_moves_no_term_back(counsellor, signal, clock):
    clock.shift(3 * 24 * 3600)
    following.note_attempt(counsellor, signal.ref, replace(CALL, on=DAY + timedelta(days=3)), 1)
    term = now_of(signal).act_by
    following.note_attempt(counsellor, signal.ref, CALL, 2)
    assert now_of(signal).act_by == term


def test_many_get_one_attempt_and_what_cannot_is_named(water, worker, counsellor):
    three = [factory.signal(water) for _ in range(3)]
    service.withdraw_signal(worker, three[1].ref, Withdrawal.PAID)
    foreign = factory.signal(water, postcode="1091 AA")
    done = following.note_attempts(
        counsellor, [*(one.ref for one in three), foreign.ref, three[0].ref], replace(CALL, kind=AttemptKind.CARD)
    )
    assert done.refs == (three[0].ref, three[2].ref)
    assert dict(done.left) == {three[1].ref: "early_signals.withdrawn", foreign.ref: "early_signals.row_missing"}
    with pytest.raises(Refusal, match="choose_rows"):
        following.note_attempts(counsellor, [], CALL)


def test_opening_a_signal_is_noted_once_a_day_and_tells_the_reporter_of_no_team(worker, counsellor, signal):
    for _ in range(2):
        service.note_opened(worker, signal.ref)
        service.note_opened(counsellor, signal.ref)
    assert [(event.organisation, event.concerns_id) for event in events("signals:open")] == [
        ("Waterbedrijf Westerdok", signal.reporter_id), ("Buurtteam Zuid", None),
    ]  # fmt: skip


# ── feedback ─────────────────────────────────────────────────────────────────


def test_a_reporter_is_mailed_once_about_what_is_new_and_about_what_waited_four_weeks(water, counsellor, clock):
    tried, waits = factory.signal(water), factory.signal(water)
    factory.signal(factory.organisation())
    following.note_attempt(counsellor, tried.ref, CALL, 1)
    assert [telling.tell_feedback(DAY), telling.tell_feedback(DAY)] == [1, 0]
    assert telling.tell_feedback(now_of(waits).feedback_by) == 2
    with db.reading() as session:
        mails = list(session.scalars(select(Message).where(Message.code == "early_signals.feedback").order_by(Message.id)))
    assert [(one.organisation_id, one.facts) for one in mails if one.organisation_id == water.id] == [(water.id, {"number": "1"})] * 2


def test_the_mail_counts_what_the_list_shows_and_nothing_that_was_read(water, worker, counsellor, clock):
    read, unread, waits = (factory.signal(water) for _ in range(3))
    following.note_attempt(counsellor, read.ref, replace(CALL, outcome=Outcome.NO_CONTACT), 1)
    service.read_feedback(worker, now_of(read).told_anew_at)
    following.note_attempt(counsellor, unread.ref, CALL, 1)
    clock.shift(28 * 24 * 3600)
    telling.tell_feedback(now_of(waits).feedback_by)
    with db.reading() as session:
        assert session.scalar(select(Message.facts).where(Message.code == "early_signals.feedback")) == {"number": "2"}
        shown = reporter_queries.feedback_list(session, worker, FeedbackQuery(status="news"))
    assert {row.ref for row in shown.rows} == {unread.ref, waits.ref}
    assert service.read_feedback(worker, now_of(waits).told_anew_at) == 2


def test_feedback_is_news_until_it_was_read(worker, counsellor, signal, clock):
    following.note_attempt(counsellor, signal.ref, CALL, 1)
    assert service.read_feedback(worker, datetime(2026, 6, 4, 6, tzinfo=signal.received_at.tzinfo)) == 0
    assert [service.read_feedback(worker, signal.received_at), service.read_feedback(worker, signal.received_at)] == [1, 0]
    clock.shift(60)
    following.note_attempt(counsellor, signal.ref, replace(CALL, part=DayPart.EVENING), 2)
    assert service.read_feedback(worker, signal.received_at + timedelta(hours=1)) == 1


def test_downloads_are_events_that_name_what_was_in_them(worker, counsellor, signal):
    assert [row.ref for row in service.export_feedback(worker, FeedbackQuery())] == [signal.ref]
    assert [row.ref for row in following.export_signals(counsellor, TeamQuery())] == [signal.ref]
    assert all(signal.ref in event.changes for event in events("signals:export"))
    with pytest.raises(NotFound):
        service.export_feedback(counsellor, FeedbackQuery())


def test_who_relates_to_creditors_sees_no_signals(water, signal):
    manager = factory.actor(factory.organisation(Kind.RELATIONS_TEAM), Role.RELATIONSHIP_MANAGER)
    with pytest.raises(NotFound):
        service.note_opened(manager, signal.ref)


def test_results_stand_where_no_reporter_reads(counsellor, signal):
    following.note_attempt(counsellor, signal.ref, replace(CALL, outcome=Outcome.NO_CONTACT), 1)
    with db.reading() as session:
        assert session.scalar(select(ContactAttempt.outcome)) is Outcome.NO_CONTACT
    assert "outcome" not in Signal.__table__.columns


# ── how long ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("attempt", "stays_until", "goes_on"),
    [(None, datetime(2026, 12, 3, 9, tzinfo=UTC), datetime(2026, 12, 5, 9, tzinfo=UTC)),
     (CALL, datetime(2028, 6, 3, 9, tzinfo=UTC), datetime(2028, 6, 4, 9, tzinfo=UTC))],
)  # fmt: skip
def test_a_signal_becomes_a_stub_half_a_year_after_nobody_followed_it_or_two_years_after_the_last_attempt(
    worker, counsellor, signal, clock, attempt, stays_until, goes_on
):
    if attempt:
        following.note_attempt(counsellor, signal.ref, attempt, 1)
    clock.move_to(stays_until)
    run_retention()
    assert now_of(signal).surname == signal.surname
    clock.move_to(goes_on)
    run_retention()
    stub = now_of(signal)
    assert (stub.surname, stub.postcode, stub.birth_date, stub.name_key, stub.team_name) == ("", "", None, None, "Buurtteam Zuid")
    with db.reading() as session:
        assert session.scalar(select(ContactAttempt.id)) is None
    with pytest.raises(NotFound):
        service.note_opened(worker, signal.ref)


def test_signals_are_found_and_matched_after_the_key_of_indexes_changed(water, counsellor, settings):
    first = factory.signal(water, **HOME)
    keys = settings.field_keys
    db.engine().dispose()
    connect(replace(settings, field_keys=FieldKeys(keys.ring, bytes(range(96, 128)), keys.index)))
    rotate_keys(indexes=True)
    connect(replace(settings, field_keys=FieldKeys(keys.ring, bytes(range(96, 128)))))
    second = factory.signal(factory.organisation(branch="energie"), **HOME)
    assert queue_of(counsellor, q="van den Berg") == [second.ref, first.ref][::-1]
    assert now_of(second).household_no == now_of(first).household_no
    db.engine().dispose()
