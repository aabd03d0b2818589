"""Stating balances with a file: amounts, obstacles and grounds as by hand, costs above the scale only when the file confirms them."""

import csv
import io
from datetime import date

import pytest
from sqlalchemy import func, select

from app.access import Kind
from app.cases import balance_files
from app.cases.balance_rules import BalanceAnswer, Ground, Obstacle
from app.cases.balance_words import REFUSALS
from app.cases.models import BalanceRequest, BalanceStatement, Case, Claim
from app.cases.rules import AnsweredBy, Rank
from app.db import reading, transaction
from app.errors import Refusal
from app.exchange.answer_words import REFUSALS as FILES
from app.exchange.answering import answers_page
from app.exchange.rules import Fate
from app.exchange.uploads import Incoming
from tests import factory

BEGUN = {"stated_cents": None, "stated_on": None}


def file(*rows, name="saldi.csv"):
    heads = list(dict.fromkeys(head for row in rows for head in row))
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([heads, *([row.get(head, "") for head in heads] for row in rows)])
    return Incoming("balances", name, out.getvalue().encode())


@pytest.fixture
def water(database, queue, clock):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(water):
    return factory.actor(water, person_id=7)


@pytest.fixture
def asked(water):
    """Two balance requests that wait, in cases of their own."""
    return [factory.balance_request(factory.claim(factory.case(), water, **BEGUN)) for _ in range(2)]


def given(actor, upload):
    ref = balance_files.try_file(actor, upload)
    balance_files.confirm_file(actor, ref)
    return ref


def page_of(actor, ref):
    with reading() as session:
        return answers_page(session, actor, "balances", ref, REFUSALS | FILES)


def counts(actor, ref):
    return {fate.value: number for fate, number in page_of(actor, ref).counts.items()}


def whys(actor, ref):
    return [row.why for row in page_of(actor, ref).rows if row.fate is Fate.REFUSED]


def kept(model, id_):
    with reading() as session:
        return session.get(model, id_)


def last(request):
    with reading() as session:
        return session.scalar(select(BalanceStatement).where(BalanceStatement.request_id == request.id).order_by(-BalanceStatement.id))


def test_a_balance_from_a_file_counts_for_the_claim(worker, asked):
    row = {"Saldoverzoek": asked[0].ref, "Hoofdsom": "2.000,00", "Rente": "120", "Kenmerk": "W-17", "Beletsel": "vordering betwist"}
    assert counts(worker, given(worker, file(row))) == {"done": 1}
    claim = kept(Claim, asked[0].claim_id)
    assert (claim.stated_cents, claim.reference, claim.obstacle) == (212_000, "W-17", True)
    assert (last(asked[0]).obstacle, last(asked[0]).by) == (Obstacle.DISPUTED, AnsweredBy.FILE)


def test_reference_and_rank_that_are_left_empty_stay_as_the_bank_knows_them(worker, asked):
    given(worker, file({"Saldoverzoek": asked[0].ref, "Hoofdsom": "0"}))
    said = last(asked[0])
    assert (said.reference, said.rank, said.total_cents) == (asked[0].reference, Rank.CONCURRENT, 0)


def test_a_creditor_says_in_a_file_why_it_does_not_cooperate(worker, asked):
    rows = [{"Saldoverzoek": asked[0].ref, "Reden geen medewerking": "recent finale kwijting"}]
    rows += [{"Saldoverzoek": asked[1].ref, "Klant onbekend": "Ja"}]
    assert counts(worker, given(worker, file(*rows, name="Saldoverzoek antwoord vooraf akkoord.csv"))) == {"done": 2}
    assert [last(one).ground for one in asked] == [Ground.RECENTLY_DISCHARGED, Ground.CLIENT_UNKNOWN]
    assert kept(BalanceRequest, asked[0].id).state is BalanceAnswer.NO_COOPERATION


def test_a_file_names_who_collects_by_a_party_with_a_mandate_or_nobody(worker, water, asked):
    agent = factory.organisation(Kind.AGENT, name="Incasso Amstel")
    factory.mandate(agent, water)
    row = {"Saldoverzoek": asked[0].ref, "Hoofdsom": "10", "Incassopartij": " incasso AMSTEL "}
    given(worker, file(row))
    assert kept(Claim, asked[0].claim_id).agent_id == kept(BalanceRequest, asked[0].id).agent_id == agent.id
    given(worker, file(row | {"Incassopartij": "geen"}))
    assert kept(Claim, asked[0].claim_id).agent_id is None


def test_who_has_no_mandate_or_a_name_that_two_have_is_not_named(worker, water, asked):
    factory.organisation(Kind.AGENT, name="Incasso Amstel")
    for _ in range(2):
        factory.mandate(factory.organisation(Kind.AGENT, name="Twee Namen"), water)
    rows = [
        {"Saldoverzoek": one.ref, "Hoofdsom": "10", "Incassopartij": name}
        for one, name in zip(asked, ("Incasso Amstel", "Twee Namen"), strict=True)
    ]
    assert all("Incassopartij: Deze partij heeft" in why for why in whys(worker, balance_files.try_file(worker, file(*rows))))


def test_an_agent_learns_from_a_file_of_no_other_agent_of_its_creditor(water):
    mine, other = (factory.organisation(Kind.AGENT, name=name) for name in ("Incasso Amstel", "Ander Bureau"))
    for one in (mine, other):
        factory.mandate(one, water)
    request = factory.balance_request(factory.claim(factory.case(), water, agent_id=mine.id, **BEGUN))
    for name, refused in (("Ander Bureau", 1), ("geen", 1), ("Incasso Amstel", 0)):
        upload = file({"Saldoverzoek": request.ref, "Hoofdsom": "10", "Incassopartij": name})
        assert len(whys(factory.actor(mine), balance_files.try_file(factory.actor(mine), upload))) == refused


def test_costs_above_the_scale_are_refused_with_the_reckoning_unless_confirmed(worker, asked):
    row = {"Saldoverzoek": asked[0].ref, "Hoofdsom": "3.000,00", "Incassokosten": "500,00", "Aanmaning ontvangen op": "01-04-2026"}
    why = whys(worker, balance_files.try_file(worker, file(row)))
    assert "€ 500,00 op, de wettelijke staffel staat € 425,00 toe" in why[0]
    assert "15,00 % van € 2.500,00 = € 375,00 + 10,00 % van € 500,00 = € 50,00" in why[0]
    assert "€ 75,00 te veel" in why[0]
    assert counts(worker, given(worker, file(row | {"Kosten bevestigd": "ja"}))) == {"done": 1}
    assert last(asked[0]).costs_cents == 50_000


def test_costs_without_a_notice_are_refused_with_the_first_day(worker, asked):
    row = {"Saldoverzoek": asked[0].ref, "Hoofdsom": "3.000,00", "Incassokosten": "100,00"}
    assert "nog niet verschuldigd" in whys(worker, balance_files.try_file(worker, file(row)))[0]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"Rente": "10"}, "Hoofdsom: Vul de hoofdsom in"),
        ({"Hoofdsom": "10", "Klant onbekend": "ja"}, "Reden geen medewerking: Vul een saldo in óf"),
        ({"Incassopartij": "geen", "Klant onbekend": "ja"}, "Incassopartij: Een incassopartij hoort bij een saldo"),
        ({"Hoofdsom": "-5"}, "Hoofdsom: Dit bedrag is lager dan nul."),
        ({"Hoofdsom": "10", "Beletsel": "anders"}, "Toelichting: Schrijf in een paar woorden wat er is."),
        ({"Reden geen medewerking": "anders"}, "Toelichting: Schrijf in een paar woorden wat er is."),
        ({"Hoofdsom": "10", "Rang": "hoog"}, "Rang: Kies uit: preferent, concurrent, met zekerheid, buiten de regeling."),
    ],
)
def test_a_row_that_lacks_something_says_what_in_which_column(worker, asked, cells, why):
    assert whys(worker, balance_files.try_file(worker, file({"Saldoverzoek": asked[0].ref} | cells)))[0].startswith(why)


def test_the_same_balances_twice_change_nothing(worker, water, asked):
    told = file({"Saldoverzoek": asked[0].ref, "Hoofdsom": "10"}, {"Saldoverzoek": asked[1].ref, "Klant onbekend": "ja"})
    given(worker, told)
    assert counts(worker, given(factory.actor(water, name="Bo"), told)) == {"unchanged": 2}
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(BalanceStatement)) == 2


def test_a_late_balance_is_kept_and_the_trial_says_that_it_does_not_count(worker, asked, clock):
    with transaction() as session:
        session.get(BalanceRequest, asked[0].id).state = BalanceAnswer.NOT_STATED
    ref = given(worker, file({"Saldoverzoek": asked[0].ref, "Hoofdsom": "10"}))
    assert [row.what for row in page_of(worker, ref).rows] == ["late"]
    assert kept(Claim, asked[0].claim_id).stated_cents is None


def test_a_closed_case_takes_no_balance(worker, asked):
    with transaction() as session:
        session.get(Case, asked[0].case_id).closed_on = date(2026, 6, 1)
    ref = balance_files.try_file(worker, file({"Saldoverzoek": asked[0].ref, "Hoofdsom": "10"}))
    assert whys(worker, ref) == ["Dit dossier is gesloten. Er is niets verstuurd."]


def test_somebody_elses_request_reads_as_one_that_never_was(worker, asked):
    theirs = factory.balance_request(factory.claim(factory.case(), factory.organisation(), **BEGUN))
    rows = [{"Saldoverzoek": ref, "Hoofdsom": "10"} for ref in (theirs.ref, "S-2222-2222")]
    first, second = whys(worker, given(worker, file(*rows)))
    assert first == second
    assert last(theirs) is None


def test_a_balance_that_a_colleague_stated_meanwhile_is_not_overruled(worker, water, asked):
    ref = balance_files.try_file(worker, file({"Saldoverzoek": asked[0].ref, "Hoofdsom": "10"}))
    given(factory.actor(water, name="Bo"), file({"Saldoverzoek": asked[0].ref, "Hoofdsom": "20"}))
    balance_files.confirm_file(worker, ref)
    assert counts(worker, ref) == {"refused": 1}
    assert last(asked[0]).total_cents == 2_000


def test_a_row_that_says_nothing_is_left_alone(worker, asked):
    assert counts(worker, given(worker, file({"Saldoverzoek": asked[0].ref, "Hoofdsom": "", "Rang": "concurrent"}))) == {"empty": 1}


def test_a_file_of_answers_to_offers_belongs_elsewhere(worker):
    with pytest.raises(Refusal) as refusal:
        balance_files.try_file(worker, Incoming("balances", "x.csv", b"Aanbod;Antwoord\nA-2222-2222;akkoord\n"))
    assert (refusal.value.code, refusal.value.facts) == ("answers.other_kind", {"kind": "offers"})
