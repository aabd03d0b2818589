"""Escalations through their use cases: begin, note results, climb, close, and what worked before."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.errors import Conflict, NotFound, Refusal
from app.relations import escalation_queries, escalations
from app.relations.escalation_queries import EscalationQuery
from app.relations.escalation_rules import Level, Result, Way
from app.relations.escalations import Ground, Step
from app.relations.models import Escalation
from tests import factory

CALL = Step(Level.CONTACT, Way.CALL, "Betaal de kosten terug.")


class Place:
    """A creditor with a complaint about it, and the relations team."""

    def __init__(self):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Zilverreiger")
        relations = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.joris = factory.actor(relations, person_id=factory.person(relations, name="Joris Blaauw").id, name="Joris Blaauw")
        self.complaint = factory.complaint(relations, self.creditor)

    def start(self, subject="Kosten boven de staffel", step=CALL, ground=escalations.NO_GROUND, creditor=None):
        return escalations.start_escalation(self.joris, (creditor or self.creditor).code, subject, step, ground)

    def act(self, act, ref, *given):
        getattr(escalations, act)(self.joris, ref, loaded(ref).revision, *given)

    def page(self, ref):
        with db.reading() as session:
            return escalation_queries.escalation_page(session, self.joris, ref)

    def listed(self, **query):
        with db.reading() as session:
            return [row.ref for row in escalation_queries.escalations(session, self.joris, EscalationQuery(**query)).rows]


@pytest.fixture
def place(queue, clock):
    return Place()


def loaded(ref):
    with db.reading() as session:
        return session.scalar(select(Escalation).where(Escalation.ref == ref))


def test_an_escalation_begins_with_the_usual_term_and_whoever_began_it(place):
    ref = place.start()
    one = loaded(ref)
    assert (one.level, one.owner, one.due_on) == (Level.CONTACT, "Joris Blaauw", date(2026, 6, 18))
    assert place.start() == ref  # the second click is the same one
    assert place.start("Iets anders") != ref


def test_from_a_complaint_it_begins_once_and_only_with_whom_the_complaint_is_about(place):
    ground = Ground(complaint=place.complaint.ref)
    management = replace(CALL, level=Level.MANAGEMENT)
    with pytest.raises(Refusal, match=r"escalations.other_party"):
        place.start(ground=ground, creditor=place.other)
    with pytest.raises(Refusal, match=r"escalations.start_too_high"):
        place.start(step=management)
    ref = place.start(step=management, ground=ground)
    assert place.start("In andere woorden", ground=ground) == ref
    assert place.page(ref).complaint == place.complaint.ref


def test_it_climbs_once_the_step_before_has_its_result(place):
    ref, letter = place.start(), Step(Level.MANAGEMENT, Way.LETTER, "Graag uw besluit.", due_on=date(2026, 7, 1))
    with pytest.raises(Refusal, match=r"escalations.result_first"):
        place.act("climb", ref, letter)
    seen = loaded(ref).revision
    place.act("note_result", ref, Result.REFUSED, "Zegt dat het mag.")
    with pytest.raises(Conflict):  # who saw the step without its result
        escalations.climb(place.joris, ref, seen, letter)
    place.act("climb", ref, letter)
    page = place.page(ref)
    assert [(step.level, step.result, step.due_on) for step in page.steps] == [
        (Level.CONTACT, Result.REFUSED, date(2026, 6, 18)), (Level.MANAGEMENT, None, date(2026, 7, 1)),
    ]  # fmt: skip
    assert page.above == (Level.BOARD,)


def test_a_day_that_is_over_is_no_term(place):
    with pytest.raises(Refusal, match=r"escalations.due_in_past"):
        place.start(step=replace(CALL, due_on=date(2026, 6, 3)))
    ref = place.start()
    with pytest.raises(Refusal, match=r"escalations.due_in_past"):
        place.act("change_step", ref, date(2026, 6, 3), None)
    place.act("change_step", ref, date(2026, 6, 9), None)
    assert place.page(ref).steps[0].due_on == date(2026, 6, 9)


def test_closing_needs_words_and_is_the_result_of_the_step_too(place):
    ref = place.start()
    with pytest.raises(Refusal, match=r"relations.words_missing"):
        place.act("close_escalation", ref, Result.SETTLED, " ")
    place.act("close_escalation", ref, Result.SETTLED, "Betaald na een telefoontje.")
    page = place.page(ref)
    assert (page.row.result, page.steps[0].result, page.above, page.may_work) == (Result.SETTLED, Result.SETTLED, (), False)
    assert page.before == []  # it is no earlier one of itself
    for act, given in (("note_result", (Result.REFUSED, "x")), ("climb", (CALL,)), ("close_escalation", (Result.REFUSED, "x"))):
        with pytest.raises(Refusal, match=r"escalations.closed_already"):
            place.act(act, ref, *given)


def test_what_worked_before_with_the_creditor_stands_first(place):
    for subject, result in (("Een", Result.SETTLED), ("Twee", Result.NO_ANSWER), ("Drie", Result.PROMISED)):
        place.act("close_escalation", place.start(subject), result, f"{subject} liep zo af.")
    place.act("close_escalation", place.start("Vier", creditor=place.other), Result.SETTLED, "Elders.")
    before = place.page(place.start("Vijf")).before
    assert [(one.words, one.worked) for one in before] == [
        ("Drie liep zo af.", True), ("Een liep zo af.", True), ("Twee liep zo af.", False),
    ]  # fmt: skip


def test_what_is_late_climbs_in_the_list(place, clock):
    usual = place.start("Gewoon")
    short = place.start("Kort", replace(CALL, due_on=date(2026, 6, 5)))
    clock.move_to("2026-06-10T09:00:00+02:00")
    newer = place.start("Nieuw", replace(CALL, due_on=date(2026, 6, 11)))
    assert place.listed() == [short, newer, usual]
    assert place.listed(q="zilver") == []
    assert place.listed(level="board") == []


def test_creditors_see_no_escalation_and_auditors_only_read(place):
    ref, worker = place.start(), factory.actor(place.creditor)
    auditor = factory.actor(factory.organisation(Kind.CITY), Role.AUDITOR)
    with db.reading() as session:
        for missing in (lambda: escalation_queries.escalation_page(session, worker, ref),
                        lambda: escalation_queries.escalations(session, worker, EscalationQuery())):  # fmt: skip
            with pytest.raises(NotFound):
                missing()
        assert escalation_queries.escalation_page(session, auditor, ref).may_work is False
    with pytest.raises(NotFound):
        escalations.close_escalation(auditor, ref, 1, Result.SETTLED, "x")


def test_the_menu_counts_what_the_list_calls_late(place):
    for day in (3, 4):  # the term of today is not over yet
        factory.escalation(place.creditor, due_on=date(2026, 6, day))
    with db.reading() as session:
        menu = session.scalar(escalation_queries.late_count(place.joris))
        assert (menu, escalation_queries.escalations(session, place.joris, EscalationQuery()).counts["late"]) == (1, 1)
