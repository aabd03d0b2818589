"""A creditor reports once a year how it collects; the relations team reads what was submitted, asks, and lets correct."""

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.audit.models import Event
from app.documents.attachments import Added, attachments_about, open_attachment
from app.errors import Conflict, NotFound, Refusal
from app.notifications.models import Message
from app.practices import comparing, queries, reviewing, service
from app.practices.models import YearBenchmark
from app.practices.queue import QueueQuery, queue_page
from app.practices.report_access import sees_evidence
from app.practices.rules import Mark, State
from tests import factory
from tests.conftest import NOW

PDF = Added("testrapport.pdf", b"%PDF-1.7 evidence")


@pytest.fixture
def water(queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water)


@pytest.fixture
def manager(water):
    return factory.actor(water, Role.CREDITOR_MANAGER, name="Noor Wisselink")


@pytest.fixture
def team(queue):
    return factory.actor(factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer"), name="Joris Blaauw")


@pytest.fixture
def submitted(manager):
    return factory.practice_report(manager)


def page(actor, ref):
    with db.reading() as session:
        return queries.report_page(session, actor, ref)


def answer(actor, ref, question):
    with db.reading() as session:
        return queries.answer_page(session, actor, ref, question)


def refused(code, act, *args):
    with pytest.raises(Refusal) as no:
        act(*args)
    assert no.value.code == code


def codes(*, to):
    with db.reading() as session:
        return list(session.scalars(select(Message.code).where(Message.organisation_id == to.organisation_id).order_by(Message.id)))


def test_a_report_is_begun_once_and_saved_section_by_section(worker):
    ref = service.start_report(worker, 2025)
    assert service.start_report(worker, 2025) == ref
    service.save_section(worker, ref, "staff", {"staff": "1.250", "staff_trained": ""}, 1)
    found = page(worker, ref)
    assert {row.question: row.value for row in found.sections[10].answers} == {"staff": 1250, "staff_trained": None, "training": None}
    assert (found.state, found.sections[10].saved_by) == (State.DRAFT, "Pieter Dros")


def test_who_saves_a_section_that_a_colleague_saved_meanwhile_is_too_late(worker):
    ref = service.start_report(worker, 2025)
    service.save_section(worker, ref, "staff", {"staff": "10"}, 1)
    service.save_section(worker, ref, "help", {"referrals": "3"}, 1)  # another section is nobody's trouble
    with pytest.raises(Conflict):
        service.save_section(worker, ref, "staff", {"staff": "11"}, 1)


def test_a_draft_is_its_creditors_alone(worker, team):
    ref = service.start_report(worker, 2025)
    for stranger in (team, factory.actor(factory.organisation())):
        with pytest.raises(NotFound):
            page(stranger, ref)
        with pytest.raises(NotFound):
            service.save_section(stranger, ref, "staff", {"staff": "1"}, 1)


def test_a_manager_submits_what_is_whole_and_the_team_hears_of_it(worker, manager, team):
    ref = service.start_report(worker, 2025)
    refused("practices.incomplete", service.submit_report, manager, ref, 1)
    factory.fill_practices(worker, ref)
    with pytest.raises(NotFound):
        service.submit_report(worker, ref, page(worker, ref).revision)
    factory.submit_practices(manager, ref)
    assert (page(team, ref).state, page(team, ref).submitted_by) == (State.SUBMITTED, "Noor Wisselink")
    assert codes(to=team) == ["practices.submitted"]


def test_a_manager_submits_what_it_read_and_nothing_that_a_colleague_saved_since(manager, worker):
    ref = service.start_report(worker, 2025)
    factory.fill_practices(worker, ref)
    read = page(manager, ref).revision
    factory.fill_practices(worker, ref, complaints="7")
    with pytest.raises(Conflict):
        service.submit_report(manager, ref, read)
    assert page(manager, ref).state is State.DRAFT


def test_a_report_that_contradicts_itself_is_not_submitted(manager):
    ref = service.start_report(manager, 2025)
    factory.fill_practices(manager, ref, arrangements_kept="90", arrangements_ended="80", cost_cases="0")
    assert [(fault.question, fault.code) for fault in page(manager, ref).faults] == [
        ("arrangements_kept", "practices.part_larger"), ("costs_cents", "practices.costs_without_cases"),
    ]  # fmt: skip
    refused("practices.incomplete", service.submit_report, manager, ref, 1)


def test_a_report_submitted_twice_is_refused_and_changes_nothing(manager, submitted):
    refused("practices.submitted_already", service.submit_report, manager, submitted, 1)
    refused("practices.submitted_already", service.submit_report, manager, submitted, 2)
    assert page(manager, submitted).submissions == 1
    with pytest.raises(Conflict):
        service.save_section(manager, submitted, "staff", {"staff": "1"}, 2)


def test_the_report_of_a_year_that_still_runs_is_begun_but_not_submitted(manager):
    ref = service.start_report(manager, 2026)
    factory.fill_practices(manager, ref)
    refused("practices.year_runs", service.submit_report, manager, ref, 1)
    refused("practices.year_to_come", service.start_report, manager, 2027)
    refused("practices.year_too_old", service.start_report, manager, 2023)


def test_last_years_answers_stand_beside_the_questions(manager):
    factory.practice_report(manager, 2024, staff="40", staff_trained="4")
    ref = service.start_report(manager, 2025)
    with db.reading() as session:
        found = queries.section_page(session, manager, ref, "staff")
    assert (found.answers, found.before["staff"]) == ({}, 40)


# ── the dialogue ─────────────────────────────────────────────────────────────


def test_a_question_is_asked_answered_and_verified(manager, team, submitted):
    reviewing.mark_answer(team, submitted, "complaints", Mark.QUESTIONED, "Waar zijn de klachten geteld?", 0)
    assert answer(manager, submitted, "complaints").answer.waits_for == "creditor"
    service.reply_to_remark(manager, submitted, "complaints", "Bij de klantenservice.", 1)
    assert answer(team, submitted, "complaints").answer.waits_for == "team"
    reviewing.mark_answer(team, submitted, "complaints", Mark.VERIFIED, "Lijst ingezien.", 2)
    assert answer(manager, submitted, "complaints").answer.mark is Mark.VERIFIED
    assert (codes(to=manager), codes(to=team)) == (["practices.questioned"], ["practices.submitted", "practices.replied"])


def test_who_did_not_read_the_newest_remark_is_too_late(manager, team, submitted):
    reviewing.mark_answer(team, submitted, "complaints", Mark.QUESTIONED, "Hoe geteld?", 0)
    with pytest.raises(Conflict):
        reviewing.mark_answer(team, submitted, "complaints", Mark.SEEN, "", 0)
    service.reply_to_remark(manager, submitted, "complaints", "Per brief.", 1)
    with pytest.raises(Conflict):
        service.reply_to_remark(manager, submitted, "complaints", "Per brief.", 1)


def test_who_did_not_read_the_correction_is_too_late_to_mark_it(manager, team, submitted):
    seen = answer(team, submitted, "complaints").seen
    reviewing.reopen_report(team, submitted, "Meer klachten.", page(team, submitted).revision)
    factory.fill_practices(manager, submitted, complaints="21")
    factory.submit_practices(manager, submitted)
    with pytest.raises(Conflict):
        reviewing.mark_answer(team, submitted, "complaints", Mark.VERIFIED, "12 klopt.", seen)
    reviewing.mark_answer(team, submitted, "complaints", Mark.VERIFIED, "21 klopt.", answer(team, submitted, "complaints").seen)


def test_what_nobody_can_say_is_refused(manager, team, submitted):
    refused("practices.question_missing", reviewing.mark_answer, team, submitted, "staff", Mark.QUESTIONED, " ", 0)
    refused("practices.verified_by_nothing", reviewing.mark_answer, team, submitted, "staff", Mark.VERIFIED, "", 0)
    refused("practices.nothing_asked", service.reply_to_remark, manager, submitted, "staff", "Zomaar", 0)
    with pytest.raises(NotFound):
        reviewing.mark_answer(manager, submitted, "staff", Mark.SEEN, "", 0)


def test_the_rest_is_marked_as_seen_in_one_go(team, manager, submitted):
    reviewing.mark_answer(team, submitted, "staff", Mark.QUESTIONED, "Met uitzendkrachten?", 0)
    number = reviewing.mark_rest_seen(team, submitted, page(team, submitted).revision)
    assert (page(team, submitted).unmarked, answer(team, submitted, "staff").answer.mark) == (0, Mark.QUESTIONED)
    assert number > 20


def test_a_correction_is_another_submission_and_an_old_mark_falls_off_what_changed(manager, team, submitted):
    reviewing.mark_rest_seen(team, submitted, 2)
    reviewing.reopen_report(team, submitted, "Het aantal klachten klopt niet.", page(team, submitted).revision)
    factory.fill_practices(manager, submitted, complaints="21")
    assert answer(team, submitted, "complaints").answer.value == 12, "until it is submitted the team reads what was"
    factory.submit_practices(manager, submitted)
    changed, same = answer(team, submitted, "complaints").answer, answer(team, submitted, "staff").answer
    assert (changed.value, changed.was, changed.mark, same.mark) == (21, 12, None, Mark.SEEN)


def test_reopening_needs_a_reason_and_a_report_that_is_closed(team, submitted):
    refused("practices.reason_missing", reviewing.reopen_report, team, submitted, " ", 2)
    reviewing.reopen_report(team, submitted, "Verkeerd jaar.", 2)
    refused("practices.not_submitted", reviewing.reopen_report, team, submitted, "Nog eens.", 3)


# ── evidence ─────────────────────────────────────────────────────────────────


def test_evidence_stands_beside_its_answer_and_is_seen_by_who_sees_the_report(worker, manager, team):
    ref = service.start_report(worker, 2025)
    service.add_evidence(worker, ref, "language_tested", [PDF])
    with db.reading() as session:
        assert [row.name for row in attachments_about(session, "practice evidence", [f"{ref}.language_tested"])] == [PDF.name]
        assert sees_evidence(session, worker, f"{ref}.language_tested", NOW)
        assert not sees_evidence(session, team, f"{ref}.language_tested", NOW)
        assert not sees_evidence(session, factory.actor(factory.organisation()), f"{ref}.language_tested", NOW)


def test_what_was_submitted_as_evidence_stays_and_more_comes_when_it_is_asked(manager, team):
    ref = service.start_report(manager, 2025)
    service.add_evidence(manager, ref, "staff", [PDF])
    factory.fill_practices(manager, ref)
    factory.submit_practices(manager, ref)
    (file,) = answer(manager, ref, "staff").files
    refused("practices.evidence_stays", service.remove_evidence, manager, ref, "staff", file.ref)
    refused("practices.evidence_closed", service.add_evidence, manager, ref, "staff", [Added("b.txt", b"b")])
    reviewing.mark_answer(team, ref, "staff", Mark.QUESTIONED, "Stuur de lijst.", 0)
    service.add_evidence(manager, ref, "staff", [Added("b.txt", b"b")])
    assert len(answer(team, ref, "staff").files) == 2


def test_evidence_of_a_correction_comes_to_the_team_with_it(manager, team, submitted, clock):
    reviewing.mark_answer(team, submitted, "staff", Mark.QUESTIONED, "Stuur de lijst.", 0)
    service.add_evidence(manager, submitted, "staff", [PDF])
    clock.move_to("2026-06-04T08:00:00Z")
    reviewing.reopen_report(team, submitted, "Verbeter.", page(team, submitted).revision)
    clock.move_to("2026-06-04T09:00:00Z")
    service.add_evidence(manager, submitted, "staff", [Added("b.txt", b"b")])
    given, new = answer(manager, submitted, "staff").files
    assert answer(manager, submitted, "staff").removable == {new.ref}, "what the team saw stays"
    assert (answer(team, submitted, "staff").files, answer(team, submitted, "staff").answer.files) == ((given,), 1)
    with pytest.raises(NotFound):
        open_attachment(team, new.ref)
    factory.submit_practices(manager, submitted)
    assert open_attachment(team, new.ref).content == b"b"


# ── the queue, reminding and the benchmark ───────────────────────────────────


def test_the_queue_shows_what_came_in_what_waits_and_what_is_late(manager, team, submitted):
    factory.organisation(name="Zwijger")
    service.start_report(factory.actor(factory.organisation(name="Begonnen")), 2025)
    reviewing.mark_answer(team, submitted, "staff", Mark.QUESTIONED, "Stuur de lijst.", 0)
    with db.reading() as session:
        found = queue_page(session, team, QueueQuery())
    assert [(row.creditor, row.status, row.is_late) for row in found.rows] == [
        ("Waterbedrijf Westerdok", "creditor", True), ("Begonnen", "missing", True), ("Zwijger", "missing", True),
    ]  # fmt: skip
    with db.reading() as session, pytest.raises(NotFound):
        queue_page(session, manager, QueueQuery())


def test_a_report_is_new_until_somebody_looked_at_it(team, submitted):
    def status():
        with db.reading() as session:
            return queue_page(session, team, QueueQuery()).rows[0].status

    assert status() == "new"
    reviewing.mark_rest_seen(team, submitted, 2)
    assert status() == "submitted"


def test_a_correction_of_a_report_that_was_on_time_is_not_late(manager, team, clock):
    clock.move_to("2026-03-02T09:00:00Z")
    ref = factory.practice_report(manager)
    clock.move_to("2026-06-02T09:00:00Z")
    reviewing.reopen_report(team, ref, "Verbeter.", page(team, ref).revision)
    factory.submit_practices(manager, ref)
    with db.reading() as session:
        assert [row.is_late for row in queue_page(session, team, QueueQuery()).rows] == [False]


def test_creditors_are_reminded_of_a_report_each_time_once(water, manager, clock):
    factory.organisation(joined_on=None)
    moments = ("2026-02-20", "2026-03-01", "2026-03-01", "2026-03-25", "2026-04-01", "2026-04-02")
    sent = []
    for moment in moments:
        clock.move_to(f"{moment}T07:00:00Z")
        sent.append(service.remind_of_reports())
    assert sent == [0, 1, 0, 1, 1, 0]
    assert codes(to=manager) == ["practices.due", "practices.due", "practices.late"]


def test_who_submitted_is_not_reminded(manager, submitted):
    assert service.remind_of_reports() == 0


def test_a_benchmark_is_made_once_and_no_correction_changes_it(manager, team, submitted):
    for place in range(4):
        factory.practice_report(factory.actor(factory.organisation(), Role.CREDITOR_MANAGER), staff_trained=str(10 + place))
    comparing.make_benchmark(team, 2025)
    before = benchmark(manager)
    reviewing.reopen_report(team, submitted, "Verbeteren.", 2)
    factory.fill_practices(manager, submitted, staff_trained="39")
    factory.submit_practices(manager, submitted)
    factory.practice_report(factory.actor(factory.organisation(), Role.CREDITOR_MANAGER), staff_trained="0")
    assert benchmark(manager) == before
    refused("practices.published_already", comparing.make_benchmark, team, 2025)


def benchmark(actor):
    with db.reading() as session:
        return [(row.measure.code, row.figure) for row in comparing.benchmark_page(session, actor, None, "").rows]


def test_establishments_and_doubles_of_a_firm_make_no_group(team, queue):
    water = factory.organisation(kvk="12345678")
    one, two = (factory.organisation(kvk="12345678", establishment=f"00000000000{n}") for n in (1, 2))
    double = factory.organisation(merged_into_id=water.id)
    for creditor in (water, one, two, double, factory.organisation(kvk="87654321")):
        factory.practice_report(factory.actor(creditor, Role.CREDITOR_MANAGER))
    comparing.make_benchmark(team, 2025)
    with db.reading() as session:
        assert session.scalar(select(YearBenchmark.figures)) == {}


def test_four_creditors_make_no_benchmark(manager, team, submitted):
    for _ in range(3):
        factory.practice_report(factory.actor(factory.organisation(), Role.CREDITOR_MANAGER))
    comparing.make_benchmark(team, 2025)
    with db.reading() as session:
        assert session.scalar(select(YearBenchmark.figures)) == {}
        assert comparing.benchmark_page(session, manager, 2025, "water").rows == ()


def test_every_act_on_a_report_is_in_the_log(manager, team, submitted):
    reviewing.mark_rest_seen(team, submitted, 2)
    with db.reading() as session:
        events = dict(
            session.execute(
                select(Event.action, func.count()).where(Event.subject == f"practices/{submitted}").group_by(Event.action)
            ).all()
        )
    assert {"practices:start", "practices:save", "practices:submit", "practices:remark"} == events.keys()
