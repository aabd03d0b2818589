"""Answering notices with a file: confirm, name another agent, client unknown with what was searched, an obstacle."""

import csv
import io
from datetime import date

import pytest

from app.access import Kind
from app.cases import pause_files
from app.cases.models import Notice
from app.cases.pause_rules import EndReason, NoticeState
from app.cases.pause_words import REFUSALS
from app.cases.rules import AnsweredBy
from app.db import reading, transaction
from app.exchange.answer_words import REFUSALS as FILES
from app.exchange.answering import answers_page
from app.exchange.rules import Fate
from app.exchange.uploads import Incoming
from tests import factory

HEAD = ("Kennisgeving", "Antwoord", "Incassopartij", "Gezocht op", "Toelichting")


def file(*rows, head=HEAD, name="pauzes.csv"):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([head, *([*row, *[""] * (len(head) - len(row))] for row in rows)])
    return Incoming("notices", name, out.getvalue().encode())


@pytest.fixture
def water(database, queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water, person_id=7)


@pytest.fixture
def four(water):
    return [factory.notices(water)[0] for _ in range(4)]


def given(actor, upload):
    ref = pause_files.try_file(actor, upload)
    pause_files.confirm_file(actor, ref)
    return ref


def page_of(actor, ref):
    with reading() as session:
        return answers_page(session, actor, "notices", ref, REFUSALS | FILES)


def counts(actor, ref):
    return {fate.value: number for fate, number in page_of(actor, ref).counts.items()}


def whys(actor, ref):
    return [row.why for row in page_of(actor, ref).rows if row.fate is Fate.REFUSED]


def now_of(notice):
    with reading() as session:
        return session.get(Notice, notice.id)


def answers(notices):
    yes, agent, unknown, obstacle = (notice.ref for notice in notices)
    return file(
        (yes, "bevestigd"), (agent, "andere incassopartij", "Bureau Kade"), (unknown, "klant onbekend", "", "naam, Adres"),
        (obstacle, "beletsel", "", "", "Er ligt een vonnis."),
    )  # fmt: skip


def test_each_answer_to_a_notice_comes_in_with_a_file(worker, four):
    assert counts(worker, given(worker, answers(four))) == {"done": 4}
    found = [now_of(notice) for notice in four]
    assert [one.state for one in found] == [
        NoticeState.CONFIRMED, NoticeState.OTHER_AGENT, NoticeState.CLIENT_UNKNOWN, NoticeState.OBSTACLE,
    ]  # fmt: skip
    assert (found[1].named_agent, found[2].searched, found[3].words) == ("Bureau Kade", ["name", "address"], "Er ligt een vonnis.")
    assert {one.answered_by for one in found} == {AnsweredBy.FILE}


def test_the_same_file_twice_changes_nothing(worker, water, four):
    given(worker, answers(four))
    assert counts(worker, given(factory.actor(water, name="Bo"), answers(four))) == {"unchanged": 4}


def test_an_agent_with_a_mandate_gets_the_notice_that_the_file_gives_it(worker, water, four):
    agent = factory.organisation(Kind.AGENT, name="Bureau Kade")
    factory.mandate(agent, water)
    given(worker, file((four[0].ref, "andere incassopartij", "bureau kade")))
    assert (now_of(four[0]).agent_id, now_of(four[0]).named_agent) == (agent.id, "Bureau Kade")


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("klant onbekend", "", "naam"), "Gezocht op: Zoek op ten minste 2 gegevens"),
        (("klant onbekend", "", "naam, schoenmaat"), "Gezocht op: schoenmaat kennen we niet."),
        (("andere incassopartij",), "Incassopartij: Vul in wie voor u incasseert."),
        (("beletsel",), "Toelichting: Schrijf in een paar woorden wat er is."),
        (("bevestigd", "Bureau Kade"), "Incassopartij: Een naam hoort alleen bij andere incassopartij."),
        (("bevestigd", "", "", "Maar niet lang."), "Toelichting: Een toelichting hoort alleen bij een beletsel."),
        (("", "Bureau Kade"), "Antwoord: Vul een antwoord in"),
    ],
)
def test_a_row_that_lacks_something_says_what_in_which_column(worker, four, cells, why):
    assert whys(worker, pause_files.try_file(worker, file((four[0].ref, *cells))))[0].startswith(why)


def test_a_pause_that_is_over_takes_no_answer(worker, four):
    with transaction() as session:
        notice = session.get(Notice, four[0].id)
        notice.ended_on, notice.end_reason = date(2026, 6, 2), EndReason.CASE_CLOSED
    ref = pause_files.try_file(worker, file((four[0].ref, "bevestigd")))
    assert whys(worker, ref) == ["Deze pauze is afgelopen. U hoeft niet meer te antwoorden."]


def test_somebody_elses_notice_reads_as_one_that_never_was(worker, four):
    theirs = factory.notices(factory.organisation())[0]
    first, second = whys(worker, given(worker, file((theirs.ref, "bevestigd"), ("K-2222-2222", "bevestigd"))))
    assert first == second
    assert now_of(theirs).state is NoticeState.SENT


def test_a_notice_that_a_colleague_answered_meanwhile_keeps_that_answer(worker, water, four):
    ref = pause_files.try_file(worker, file((four[0].ref, "bevestigd")))
    given(factory.actor(water, name="Bo"), file((four[0].ref, "beletsel", "", "", "Er ligt een vonnis.")))
    pause_files.confirm_file(worker, ref)
    assert counts(worker, ref) == {"refused": 1}
    assert now_of(four[0]).state is NoticeState.OBSTACLE


def test_a_file_of_the_hub_says_in_its_own_column_that_the_client_is_unknown(worker, four):
    told = file((four[0].ref, "Ja", "naam, adres"), head=("Referentienummer", "Klant onbekend", "Gezocht op"), name="Kennisgeving.csv")
    assert counts(worker, given(worker, told)) == {"done": 1}
