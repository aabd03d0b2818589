"""Answering offers with a file: tried first, each row with a fate of its own, given once, and what broke off goes on."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.access import Kind, Role
from app.audit.models import Event
from app.db import reading, transaction
from app.errors import NotFound, Refusal
from app.exchange import answering
from app.exchange.answer_words import REFUSALS as FILES
from app.exchange.answering import answers_page, left_over, recent_files
from app.exchange.models import Upload, UploadFile, UploadRow
from app.exchange.reading import open_table
from app.exchange.rules import Fate
from app.exchange.uploads import Incoming
from app.exchange.writing import TEXT, Field, write_xlsx
from app.jobs.models import JobProgress, State
from app.proposals import answer_files, responding, settling
from app.proposals import answering as answering_offers
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason
from app.proposals.many_words import REFUSALS as OFFERS
from app.proposals.models import Offer, Proposal
from app.proposals.responding import Seen
from tests import factory
from tests.conftest import NOW

REFUSALS = OFFERS | FILES
HEAD = ("Aanbod", "Antwoord", "Reden afwijzing", "Toelichting", "Ander saldo", "Toch afwijzen")


def file(*rows, head=HEAD, name="lijst.csv"):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([head, *([*row, *[""] * (len(head) - len(row))] for row in rows)])
    return Incoming("offers", name, out.getvalue().encode())


@pytest.fixture
def water(database, queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water, person_id=7)


@pytest.fixture
def other(water):
    return factory.organisation(name="Energie Noord")


@pytest.fixture
def three(water, other):
    """Three offers of cases in which another creditor has not answered."""
    return [factory.offers(water, other)[0] for _ in range(3)]


def given(actor, upload):
    ref = answer_files.try_file(actor, upload)
    answer_files.confirm_file(actor, ref)
    return ref


def page_of(actor, ref):
    with reading() as session:
        return answers_page(session, actor, "offers", ref, REFUSALS)


def counts(actor, ref):
    return {fate.value: number for fate, number in page_of(actor, ref).counts.items()}


def whys(actor, ref):
    return [row.why for row in page_of(actor, ref).rows if row.fate is Fate.REFUSED]


def now_of(offer):
    with reading() as session:
        return session.get(Offer, offer.id)


def test_each_of_the_four_answers_comes_in_with_a_file(worker, three, water, other):
    four = [*three, factory.offers(water, other)[0]]
    yes, more, no, asks = (offer.ref for offer in four)
    told = file(
        (yes, "akkoord"), (more, "akkoord met ander saldo", "", "", "1.234,56"), (no, "Afgewezen", "ons beleid", "Te laag."),
        (asks, "heroverweging", "", "Klopt het inkomen?"),
    )  # fmt: skip
    assert counts(worker, given(worker, told)) == {"done": 4}
    found = [now_of(offer) for offer in four]
    assert [one.state.value for one in found] == ["accepted", "accepted with another balance", "rejected", "reconsideration asked"]
    assert (found[1].other_balance_cents, found[2].reject_reason, found[2].words) == (123456, RejectReason.POLICY, "Te laag.")
    assert {one.answered_by for one in found} == {AnsweredBy.FILE}


def test_a_trial_answers_nothing(worker, three):
    ref = answer_files.try_file(worker, file((three[0].ref, "akkoord")))
    assert counts(worker, ref) == {"waits": 1}
    answer_files.go_on(worker, ref)
    assert now_of(three[0]).state is OfferState.OPEN


def test_the_same_file_twice_changes_nothing_whoever_brings_it(worker, water, three):
    told = file((three[0].ref, "akkoord"), (three[1].ref, "afgewezen", "anders", "Zie brief."))
    given(worker, told)
    colleague = factory.actor(water, name="Bo", person_id=8)
    before = [now_of(offer).revision for offer in three]
    assert counts(colleague, given(colleague, told)) == {"unchanged": 2}
    assert [now_of(offer).revision for offer in three] == before


def test_a_balance_that_an_officer_took_over_since_is_not_stated_anew(worker, three):
    told = file((three[0].ref, "akkoord met ander saldo", "", "", "1.234,56"))
    given(worker, told)
    settling.take_over_balance(factory.officers()[0], three[0].ref, now_of(three[0]).revision)
    assert counts(worker, given(worker, told)) == {"unchanged": 1}


def test_a_second_yes_gives_nothing_twice(worker, three):
    ref = given(worker, file((three[0].ref, "akkoord")))
    answer_files.confirm_file(worker, ref)
    with reading() as session:
        assert session.scalar(select(func.count()).where(Event.action == "offers:answer-file")) == 1
        assert session.scalar(select(func.count()).where(Event.action == "offers:answer")) == 1


def test_an_empty_answer_is_left_alone_and_counted(worker, three):
    ref = given(worker, file((three[0].ref, "akkoord"), (three[1].ref,)))
    assert counts(worker, ref) == {"done": 1, "empty": 1}
    assert now_of(three[1]).state is OfferState.OPEN


def test_somebody_elses_number_reads_as_one_that_never_was(worker, other):
    theirs = factory.offers(other)[0]
    ref = given(worker, file((theirs.ref, "akkoord"), ("A-2222-2222", "akkoord")))
    first, second = whys(worker, ref)
    assert first == second == "Aanbod: Dit nummer bestaat niet of is niet van u."
    assert now_of(theirs).state is OfferState.OPEN


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("misschien",), "Antwoord: Kies uit: akkoord, akkoord met ander saldo, afgewezen, heroverweging."),
        (("afgewezen",), "Reden afwijzing: Kies waarom u afwijst."),
        (("afgewezen", "anders"), "Toelichting: Schrijf in een paar woorden wat er is."),
        (("akkoord", "ons beleid"), "Reden afwijzing: Een reden hoort alleen bij afgewezen."),
        (("akkoord met ander saldo",), "Ander saldo: Vul in wat uw vordering nu is."),
        (("akkoord", "", "", "12,00"), "Ander saldo: Een bedrag hoort alleen bij akkoord met ander saldo."),
        (("heroverweging",), "Toelichting: Schrijf in een paar woorden wat er is."),
        (("", "ons beleid"), "Antwoord: Vul een antwoord in, of maak de hele regel leeg."),
    ],
)
def test_a_row_that_lacks_something_says_what_in_which_column(worker, three, cells, why):
    ref = answer_files.try_file(worker, file((three[0].ref, *cells)))
    assert whys(worker, ref) == [why]


def test_closed_and_withdrawn_offers_are_refused_in_the_trial(worker, three, queue):
    with transaction() as session:
        session.get(Proposal, three[0].proposal_id).state = ProposalState.CLOSED
        session.get(Offer, three[1].id).state = OfferState.WITHDRAWN
    page = page_of(worker, answer_files.try_file(worker, _yes(three[:2])))
    assert [row.fate for row in page.rows] == [Fate.REFUSED] * 2


def _yes(offers):
    return file(*((offer.ref, "akkoord") for offer in offers))


def test_a_colleague_who_answers_between_trial_and_yes_is_not_overruled(worker, water, three):
    ref = answer_files.try_file(worker, _yes(three))
    responding.reject_offer(factory.actor(water, name="Bo"), Seen(three[1].ref, 1), RejectReason.POLICY, "")
    answer_files.confirm_file(worker, ref)
    assert counts(worker, ref) == {"done": 2, "refused": 1}
    assert whys(worker, ref) == ["Een collega of de Kredietbank was u voor. Deze regel is niet beantwoord."]
    assert now_of(three[1]).state is OfferState.REJECTED


def test_rejecting_what_the_own_consent_covers_asks_for_a_yes(worker, three):
    factory.assessment(three[0], covered=True)
    no = (three[0].ref, "afgewezen", "ons beleid")
    assert whys(worker, answer_files.try_file(worker, file(no))) == [
        "Toch afwijzen: Uw akkoord vooraf dekt dit aanbod. Vul ja in als u het toch afwijst."
    ]
    assert counts(worker, given(worker, file((*no, "", "", "ja")))) == {"done": 1}


def test_the_trial_already_asks_why_an_offer_is_rejected_for_the_second_time(worker, water, other):
    [again, _] = factory.offers(water, other, state=OfferState.ASKED_AGAIN, reconsider_by=date(2026, 6, 19))
    no = (again.ref, "afgewezen", "ons beleid")
    assert whys(worker, answer_files.try_file(worker, file(no))) == [
        "Toelichting: U wijst voor de tweede keer af. Leg uit waarom; de Kredietbank en de rechter lezen dit."
    ]
    assert counts(worker, given(worker, file((*no, "Wij hebben ons aan het convenant te houden.")))) == {"done": 1}


def test_the_rest_file_holds_only_the_failed_rows_with_the_reason_and_can_come_back(worker, three):
    ref = given(worker, file((three[0].ref, "akkoord"), (three[1].ref, "afgewezen"), (three[2].ref,)))
    with reading() as session:
        rest = left_over(session, worker, "offers", ref, REFUSALS)
    rows = list(csv.reader(io.StringIO(rest.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == [*HEAD, "Reden"]
    assert [row[0] for row in rows[1:]] == [three[1].ref]
    assert rows[1][-1] == "Reden afwijzing: Kies waarom u afwijst."
    mended = rest.replace(b'"afgewezen";""', b'"afgewezen";"ons beleid"')
    assert counts(worker, given(worker, Incoming("offers", "rest.csv", mended))) == {"done": 1}


def test_a_file_without_failed_rows_has_no_rest(worker, three):
    ref = given(worker, _yes(three))
    with reading() as session, pytest.raises(NotFound):
        left_over(session, worker, "offers", ref, REFUSALS)


def test_one_offer_twice_in_a_file_is_answered_once(worker, three):
    ref = given(worker, file((three[0].ref, "akkoord"), (three[0].ref, "afgewezen", "ons beleid")))
    assert counts(worker, ref) == {"done": 1, "refused": 1}
    assert now_of(three[0]).state is OfferState.ACCEPTED


# ── long files and broken runs ───────────────────────────────────────────────


def test_many_rows_are_given_by_a_job_whose_progress_can_be_followed(worker, water, three, queue, monkeypatch):
    monkeypatch.setattr(answering, "AT_ONCE", 2)
    person = factory.person(water)
    worker = factory.actor(water, person_id=person.id, name=person.name)
    ref = answer_files.try_file(worker, _yes(three))
    assert answer_files.confirm_file(worker, ref)
    assert counts(worker, ref) == {"waits": 3}
    queue.run_all()
    assert counts(worker, ref) == {"done": 3}
    with reading() as session:
        work = session.get(JobProgress, ref)
    assert (work.state, work.result["path"]) == (State.DONE, f"/offers/file/{ref}")


def test_a_run_that_broke_off_goes_on_and_answers_nothing_twice(worker, three, monkeypatch):
    ref = answer_files.try_file(worker, _yes(three))
    with monkeypatch.context() as broken:
        _break_at_the_second_piece(broken)
        with pytest.raises(KeyboardInterrupt):
            answer_files.confirm_file(worker, ref)
    assert counts(worker, ref) == {"done": 1, "waits": 2}
    answer_files.go_on(worker, ref)
    assert counts(worker, ref) == {"done": 3}
    with reading() as session:
        assert session.scalar(select(func.count()).where(Event.action == "offers:answer")) == 3


def _break_at_the_second_piece(broken):
    """Let the process end while it gives the second piece, of one row each."""
    real, calls = answering_offers.give_answers, []

    def give(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args)

    broken.setattr(answer_files, "give_answers", give)
    broken.setattr(answer_files, "DESK", replace(answer_files.DESK, piece=1))


def test_two_processes_that_give_the_same_file_answer_each_row_once(worker, three, monkeypatch):
    ref, read = answer_files.try_file(worker, _yes(three)), answering.kept_table

    def while_another_gives_it(content):
        monkeypatch.setattr(answering, "kept_table", read)
        answer_files.go_on(worker, ref)
        return read(content)

    monkeypatch.setattr(answering, "kept_table", while_another_gives_it)
    answer_files.confirm_file(worker, ref)
    assert counts(worker, ref) == {"done": 3}


def test_who_lost_the_right_answers_nothing_with_a_file_that_waits(worker, water, three):
    ref = answer_files.try_file(worker, _yes(three))
    with pytest.raises(NotFound):
        answer_files.confirm_file(factory.actor(water, Role.AUDITOR), ref)
    assert now_of(three[0]).state is OfferState.OPEN


# ── whose, and which file ────────────────────────────────────────────────────


def test_a_file_of_another_organisation_does_not_exist(worker, other, three):
    ref = answer_files.try_file(worker, _yes(three))
    stranger = factory.actor(other)
    with pytest.raises(NotFound):
        answer_files.confirm_file(stranger, ref)
    with reading() as session, pytest.raises(NotFound):
        answers_page(session, stranger, "offers", ref, REFUSALS)


def test_an_agent_answers_with_a_file_what_its_mandate_covers_and_no_more(water, other, three):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, water)
    case = factory.case()
    claims = [factory.claim(case, water, agent_id=agent.id), factory.claim(case, other, agent_id=agent.id)]
    issued = factory.proposal(case, claims)
    ours, theirs = (factory.offer(issued, claim) for claim in claims)
    ref = given(factory.actor(agent), _yes([ours, theirs]))
    assert counts(factory.actor(agent), ref) == {"done": 1, "refused": 1}
    assert now_of(theirs).state is OfferState.OPEN


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (Incoming("offers", "brief.pdf", b"%PDF-1.7 ..."), "exchange.unknown_kind"),
        (Incoming("offers", "lijst.csv", b""), "exchange.empty_file"),
        (Incoming("offers", "lijst.csv", b"Kolom;Andere\n1;2\n"), "exchange.column_missing"),
        (Incoming("offers", "lijst.csv", b"Aanbod;Antwoord\n"), "answers.no_rows"),
        (Incoming("offers", "lijst.csv", b"Saldoverzoek;Hoofdsom\nS-2222-2222;10\n"), "answers.other_kind"),
        (Incoming("offers", "Saldoverzoek antwoord 2026-06-04.csv", b"Referentienummer\nS-2222-2222\n"), "answers.other_kind"),
        (Incoming("offers", "Regeling geaccordeerd.csv", b"Referentienummer\nS-2222-2222\n"), "answers.no_answers"),
        (Incoming("offers", "lijst.xlsx", b"PK\x03\x04 half of a workbook"), "exchange.damaged_workbook"),
        (Incoming("offers", "lijst.csv", b"Aanbod\n" + b"A-2222-2222\n" * 5001), "exchange.too_many_rows"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_whole_and_not_kept(worker, upload, code):
    with pytest.raises(Refusal) as refusal:
        answer_files.try_file(worker, upload)
    assert refusal.value.code == code
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(UploadFile)) == 0


def test_a_file_of_the_hub_is_answered_by_its_own_names(worker, three):
    told = file((three[0].ref, "akkoord"), head=("Referentienummer", "Antwoord"), name="Betaalvoorstel antwoord.csv")
    assert counts(worker, given(worker, told)) == {"done": 1}


def test_columns_that_we_wrote_ourselves_are_not_named_as_unknown(worker, three):
    told = file((three[0].ref, "akkoord", "Visser", "x"), head=("Aanbod", "Antwoord", "Cliënt", "Notitie"))
    assert page_of(worker, answer_files.try_file(worker, told)).unknown == ("Notitie",)


def test_what_a_file_says_is_kept_in_the_file_alone_and_for_a_day(worker, three, clock):
    answer_files.try_file(worker, file((three[0].ref, "afgewezen", "anders", "Zij is ziek.")))
    with reading() as session:
        row = session.scalar(select(UploadRow))
        assert (row.ref, row.what, row.flaws) == (three[0].ref, "rejected", None)
    clock.move_to(NOW + timedelta(days=1, minutes=1))
    answer_files.try_file(worker, _yes(three[:1]))
    with reading() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (Upload, UploadFile, UploadRow)] == [1, 1, 1]


def test_a_workbook_is_taken_apart_once_for_trial_giving_and_rest(worker, three, monkeypatch):
    opened = []
    monkeypatch.setattr(answering, "open_table", lambda *args: opened.append(args) or open_table(*args))
    out = io.BytesIO()
    write_xlsx([Field(one, TEXT) for one in HEAD], [(one, "akkoord", "", "", "", "") for one in (three[0].ref, "A-2222-2222")], out, "x")
    ref = given(worker, Incoming("offers", "lijst.xlsx", out.getvalue()))
    with reading() as session:
        assert b"A-2222-2222" in left_over(session, worker, "offers", ref, REFUSALS)
    assert (counts(worker, ref), len(opened)) == ({"done": 1, "refused": 1}, 1)


def test_two_files_that_wait_give_each_what_it_holds_itself(worker, three):
    first, second = (answer_files.try_file(worker, told) for told in (_yes(three[:1]), file((three[1].ref, "afgewezen", "ons beleid"))))
    answer_files.confirm_file(worker, second)
    assert [now_of(offer).state for offer in three[:2]] == [OfferState.OPEN, OfferState.REJECTED]
    answer_files.confirm_file(worker, first)
    assert [now_of(offer).state for offer in three[:2]] == [OfferState.ACCEPTED, OfferState.REJECTED]


def test_a_file_that_an_earlier_portal_kept_as_it_came_in_is_given_too(worker, three):
    told = file((three[0].ref, "akkoord"), ("A-2222-2222", "akkoord"))
    ref = answer_files.try_file(worker, told)
    with transaction() as session:
        session.scalar(select(UploadFile)).content = told.content
        session.scalar(select(Upload)).outcome = '{"unknown": []}'
    answer_files.confirm_file(worker, ref)
    with reading() as session:
        assert b"A-2222-2222" in left_over(session, worker, "offers", ref, REFUSALS)
    assert counts(worker, ref) == {"done": 1, "refused": 1}


def _killed(*args):
    raise KeyboardInterrupt


def test_a_trial_that_is_killed_keeps_neither_file_nor_rows(worker, three, monkeypatch):
    monkeypatch.setattr(answering, "insert", _killed)
    with pytest.raises(KeyboardInterrupt):
        answer_files.try_file(worker, _yes(three))
    with reading() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (Upload, UploadFile, UploadRow)] == [0, 0, 0]


def test_an_answer_from_a_file_can_be_taken_back_within_ten_minutes(worker, three):
    given(worker, _yes(three[:1]))
    responding.undo_answer(worker, Seen(three[0].ref, now_of(three[0]).revision))
    assert now_of(three[0]).state is OfferState.OPEN


def test_a_file_that_got_its_yes_is_kept_until_its_last_row_is_given_and_a_day_from_then(worker, three, clock, monkeypatch):
    ref = answer_files.try_file(worker, _yes(three))
    clock.move_to(NOW + timedelta(hours=23))
    with monkeypatch.context() as broken:
        _break_at_the_second_piece(broken)
        with pytest.raises(KeyboardInterrupt):
            answer_files.confirm_file(worker, ref)
    clock.move_to(NOW + timedelta(days=3))
    answer_files.try_file(worker, _yes(three[:1]))  # forgets what is old
    with reading() as session:
        assert ref in [one.ref for one in recent_files(session, worker, "offers")]
    answer_files.go_on(worker, ref)
    clock.move_to(NOW + timedelta(days=3, hours=23))  # what became of it can be read for a day
    assert (page_of(worker, ref).is_done, counts(worker, ref)) == (True, {"done": 3})
    clock.move_to(NOW + timedelta(days=4, minutes=1))
    with pytest.raises(NotFound):
        page_of(worker, ref)
