"""The creditor's pages of offers: the list with its filters and pages, one offer, and answering it."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.audit.models import Event
from app.cases.rules import Rank
from app.consents.rules import Product
from app.documents.service import store
from app.proposals.lifecycle import AnsweredBy, OfferState
from app.proposals.models import Offer, OfferEvent
from tests import factory

YES = {"answer": "accept", "revision": "1"}


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def worker(client_of, water):
    return client_of(factory.person(water, name="Pieter Dros"))


@pytest.fixture
def offer(water):
    return factory.offers(water, factory.organisation(name="Energie Noord"))[0]


def due(water, day, **over):
    return factory.offers(water, answer_by=date.fromisoformat(day), **over)[0]


def now_of(offer):
    with db.reading() as session:
        return session.get(Offer, offer.id)


def count(model, *where):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where))


def shown(answer, *offers):
    return [offer.ref in answer.text for offer in offers]


# ── the list ─────────────────────────────────────────────────────────────────


def test_an_offer_leads_its_creditor_to_what_happened_to_it(worker, client_of, offer):
    place = f"/audit/own?subject=offer/{offer.ref}"
    assert f'href="{place}"' in worker.get(f"/offers/{offer.ref}").text
    assert "aanbod geopend" in worker.get(place).text
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    assert "/audit/own" not in officer.get(f"/offers/{offer.ref}").text


def test_signing_in_leads_to_the_list_and_the_menu_counts(worker, offer):
    assert worker.get("/").location == "/offers"
    page = worker.get("/offers").text
    assert "Visser, X." in page
    assert "do 18 juni" in page


def test_an_empty_list_says_so_and_what_to_do(worker):
    assert "Er wacht niets op u" in worker.get("/offers").text


def test_the_first_last_day_stands_on_top_and_late_is_said(worker, water):
    later, late, now = due(water, "2026-06-18"), due(water, "2026-06-02"), due(water, "2026-06-04")
    page = worker.get("/offers").text
    assert page.index(late.ref) < page.index(now.ref) < page.index(later.ref)
    assert "2 dagen te laat" in page
    assert "vandaag" in page


@pytest.mark.parametrize(("chosen", "days"), [("late", ["06-02"]), ("today", ["06-04"]), ("week", ["06-05"]), ("later", ["06-08"])])
def test_counts_filter_the_list(worker, water, chosen, days):
    offers = {day: due(water, f"2026-{day}") for day in ("06-02", "06-04", "06-05", "06-08")}
    page = worker.get(f"/offers?due={chosen}")
    assert [day for day, offer in offers.items() if offer.ref in page.text] == days
    assert page.text.count("<b>1</b>") == 4


@pytest.mark.parametrize("q", ["visser", "Visser, X.", "KL-OWN-1", "kl-own-1", "{ref}", "{case}"])
def test_an_offer_is_found_by_name_reference_case_and_number(worker, water, q):
    case = factory.case()
    claim = factory.claim(case, water, reference="KL-OWN-1")
    offer = factory.offer(factory.proposal(case, [claim]), claim)
    answer = worker.get("/offers", query_string={"q": q.format(ref=offer.ref, case=case.ref)})
    assert offer.ref in answer.text


def test_a_search_looks_in_what_is_answered_too(worker, water):
    done = due(water, "2026-06-18", state=OfferState.NO_RESPONSE)
    assert shown(worker.get("/offers"), done) == [False]
    assert shown(worker.get("/offers?q=visser"), done) == [True]
    assert "Niets gevonden" in worker.get("/offers?q=Bestaatniet").text


def test_product_and_consent_narrow_the_list(worker, water):
    zero, loan = due(water, "2026-06-18", product=Product.ZERO_OFFER), due(water, "2026-06-18")
    factory.assessment(loan, covered=True, rows=[])
    assert shown(worker.get("/offers?product=zero_offer"), zero, loan) == [True, False]
    assert shown(worker.get("/offers?cover=yes"), zero, loan) == [False, True]
    assert shown(worker.get("/offers?cover=no"), zero, loan) == [True, False]


@pytest.mark.parametrize("sort", ["", "last", "claim", "payment"])
def test_pages_follow_each_other_without_gap_or_overlap(worker, water, sort):
    days = ["2026-06-18", "2026-06-17", "2026-06-18", "2026-06-16", "2026-06-18"]
    states = [OfferState.OPEN, OfferState.PREPARED, OfferState.ASKED_AGAIN, OfferState.OPEN, OfferState.OPEN]
    offers = [
        due(water, day, state=state, takes_part_cents=500 - n, payment_cents=n)
        for n, (day, state) in enumerate(zip(days, states, strict=True))
    ]
    found, after = [], ""
    for _ in range(5):
        page = worker.get(f"/offers?size=1&sort={sort}&after={after}").text
        found += [offer.ref for offer in offers if f'/offers/{offer.ref}">' in page.split("<tbody")[1]]
        after = found[-1]
    assert sorted(found) == sorted(offer.ref for offer in offers)


def test_the_download_is_exactly_what_is_shown(worker, water):
    zero, loan = due(water, "2026-06-18", product=Product.ZERO_OFFER), due(water, "2026-06-18")
    csv = worker.get("/offers/download?product=zero_offer")
    assert (zero.ref in csv.text, loan.ref in csv.text) == (True, False)
    xlsx = worker.get("/offers/download?format=xlsx")
    assert xlsx.data[:2] == b"PK"
    assert count(Event, Event.action == "offers:export") == 2


# ── one offer ────────────────────────────────────────────────────────────────


def test_the_page_tells_claim_sum_and_terms_and_nothing_of_the_one_other(worker, offer):
    page = worker.get(f"/offers/{offer.ref}").text
    for said in (
        "X. Visser",
        "2 mei 1987",
        "Vlinderhof 33",
        "3.127,64",
        "312,76",
        "10,00%",
        "18 juni",
        "2 juli",
    ):
        assert said in page, said
    assert ("Energie Noord" in page, "andere schuldeisers zijn akkoord" in page) == (False, False)


def test_the_division_adds_up_with_preferential_claims_apart(worker, water):
    case = factory.case()
    own, tax = factory.claim(case, water), factory.claim(case, factory.organisation(), rank=Rank.PREFERENTIAL)
    proposal = factory.proposal(case, [own, tax])
    page = worker.get(f"/offers/{factory.offer(proposal, own).ref}").text
    assert "Preferent</th>" in page
    assert "Andere concurrente" not in page
    assert "6.255,28" in page


def test_the_page_says_which_clause_kept_a_consent_from_covering(worker, water, offer):
    consent = factory.consent(water)
    factory.assessment(offer, consent_id=consent.id)
    page = worker.get(f"/offers/{offer.ref}").text
    assert "Waarom uw akkoord vooraf dit niet dekt" in page
    assert "Bepaling 3 past niet" in page


def test_opening_is_noted_once_a_day_for_each_person(worker, client_of, water, offer):
    for _ in range(3):
        worker.get(f"/offers/{offer.ref}")
    client_of(factory.person(water, name="Hanna Wouda")).get(f"/offers/{offer.ref}")
    assert (count(OfferEvent), count(Event, Event.action == "offers:open")) == (2, 2)
    assert "Geopend door Pieter Dros" in worker.get(f"/offers/{offer.ref}").text


def test_the_letter_is_there_once_it_is_written(worker, water, offer):
    assert "wordt nog geschreven" in worker.get(f"/offers/{offer.ref}").text
    with db.transaction() as session:
        letter = store(session, kind="offer letter", title="Brief", subject_ref=offer.ref, organisation_id=water.id, content=b"%PDF-1.7 x")
        ref = letter.ref
    assert f"/documents/{ref}" in worker.get(f"/offers/{offer.ref}").text


@pytest.mark.parametrize(("kind", "role"), [(Kind.BANK, Role.OFFICER), (Kind.CITY, Role.AUDITOR)])
def test_the_bank_and_the_auditor_read_along_without_an_answer(client_of, offer, kind, role):
    reader = client_of(factory.person(factory.organisation(kind), role))
    page = reader.get(f"/offers/{offer.ref}").text
    assert "nog niet geantwoord" in page
    assert "Verstuur" not in page
    assert reader.get("/offers").status_code == 404


# ── answering ────────────────────────────────────────────────────────────────


def test_after_an_answer_the_next_offer_opens(worker, water, offer):
    following = due(water, "2026-06-19")
    answer = worker.post(f"/offers/{offer.ref}", data=YES)
    assert answer.location == f"/offers/{following.ref}?answered={offer.ref}"
    assert offer.ref in worker.get(answer.location).text
    assert (now_of(offer).state, now_of(offer).answered_by) == (OfferState.ACCEPTED, AnsweredBy.HAND)


def test_after_the_last_answer_the_list_says_that_nothing_waits(worker, offer):
    answer = worker.post(f"/offers/{offer.ref}", data=YES)
    assert answer.location == f"/offers?answered={offer.ref}"
    assert "Er wacht niets meer op u" in worker.get(answer.location).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Kies een antwoord."),
        ({"answer": "reject"}, "Kies de reden waarom u afwijst."),
        ({"answer": "reject", "reason": "other"}, "Schrijf hier in een paar woorden"),
        ({"answer": "other"}, "Vul uw saldo in, of schrijf een opmerking."),
        ({"answer": "other", "balance": "veel"}, "Dit is geen bedrag."),
        ({"answer": "other", "balance": "-5"}, "Dit bedrag is lager dan nul."),
        ({"answer": "reconsider"}, "Schrijf hier in een paar woorden"),
        ({"answer": "reject", "reason": "policy", "explanation": "x\x00y"}, "onzichtbaar stuurteken"),
        ({"answer": "reject", "reason": "policy", "explanation": "x" * 2001}, "2.000 tekens"),
        ({"answer": "nonsense"}, "Not a valid choice"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_is_kept(worker, offer, data, said):
    answer = worker.post(f"/offers/{offer.ref}", data={"revision": "1"} | data)
    assert answer.status_code == 422
    assert said in answer.text or data.get("answer") == "nonsense"
    assert now_of(offer).state is OfferState.OPEN


def test_each_answer_is_kept_with_what_it_asks(worker, water):
    offers = [due(water, "2026-06-18") for _ in range(4)]
    worker.post(f"/offers/{offers[0].ref}", data=YES | {"answer": "other", "balance": "1.234,56", "remark": "rente eraf"})
    worker.post(f"/offers/{offers[1].ref}", data=YES | {"answer": "other", "remark": "graag snel"})
    worker.post(f"/offers/{offers[2].ref}", data=YES | {"answer": "reject", "reason": "policy", "explanation": "te laag"})
    worker.post(f"/offers/{offers[3].ref}", data=YES | {"answer": "reconsider", "question": "is er vermogen?"})
    kept = [(now_of(offer).state, now_of(offer).other_balance_cents, now_of(offer).words) for offer in offers]
    assert kept == [
        (OfferState.ACCEPTED_OTHER_BALANCE, 123456, "rente eraf"),
        (OfferState.ACCEPTED, None, "graag snel"),
        (OfferState.REJECTED, None, "te laag"),
        (OfferState.RECONSIDERATION_ASKED, None, "is er vermogen?"),
    ]
    for offer in offers:
        assert "Pieter Dros" in worker.get(f"/offers/{offer.ref}").text


def test_rejecting_against_the_own_consent_is_pointed_out_with_a_box_to_tick(worker, offer):
    factory.assessment(offer, covered=True)
    no = {"answer": "reject", "reason": "policy", "explanation": "toch niet", "revision": "1"}
    first = worker.post(f"/offers/{offer.ref}", data=no)
    assert first.status_code == 422
    assert "Ik wijs toch af" in first.text
    assert "toch niet" in first.text
    worker.post(f"/offers/{offer.ref}", data=no | {"confirmed": "y"})
    assert now_of(offer).state is OfferState.REJECTED


def test_the_second_of_two_colleagues_sees_who_was_first(worker, client_of, water, offer):
    worker.post(f"/offers/{offer.ref}", data=YES)
    colleague = client_of(factory.person(water, name="Hanna Wouda"))
    answer = colleague.post(f"/offers/{offer.ref}", data=YES | {"answer": "reject", "reason": "policy"})
    assert answer.location == f"/offers/{offer.ref}"
    assert "Pieter Dros was u voor" in colleague.get(answer.location).text


def test_a_double_click_answers_once(worker, offer):
    answers = [worker.post(f"/offers/{offer.ref}", data=YES) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert count(OfferEvent, OfferEvent.what == "answered") == 1


def test_a_draft_is_kept_and_shown_again(worker, offer):
    worker.post(f"/offers/{offer.ref}", data={"answer": "reject", "explanation": "half af", "keep": "yes", "revision": "1"})
    page = worker.get(f"/offers/{offer.ref}").text
    assert "half af" in page
    assert "nog niet verstuurd" in page


def test_what_a_consent_put_ready_is_confirmed_or_put_back(worker, water):
    ready = due(water, "2026-06-18", state=OfferState.PREPARED)
    assert "Uw akkoord vooraf dekt dit aanbod" in worker.get(f"/offers/{ready.ref}").text
    worker.post(f"/offers/{ready.ref}/put-back", data={"revision": "1"})
    assert now_of(ready).state is OfferState.OPEN


def test_a_number_that_an_earlier_release_kept_exactly_is_not_shown(worker, water):
    again = due(water, "2026-07-01", state=OfferState.ASKED_AGAIN, reconsider_by=date(2026, 7, 1))
    event = {"offer_id": again.id, "creditor_id": water.id, "at": datetime(2026, 6, 4, tzinfo=UTC), "who": "Kredietbank"}
    factory.save(OfferEvent(**event, what="asked again", facts={"words": "Toe.", "agreed": 4, "total": 5, "agreed_share": "88.00"}))
    page = worker.get(f"/offers/{again.ref}").text
    assert ("Toe." in page, "4 van de" in page, "88,00" in page) == (True, False, False)


def test_the_banks_second_question_is_shown_and_cannot_be_bounced(worker, water):
    again = due(water, "2026-07-01", state=OfferState.ASKED_AGAIN, reconsider_by=date(2026, 7, 1))
    event = {"offer_id": again.id, "creditor_id": water.id, "at": datetime(2026, 6, 4, tzinfo=UTC), "who": "Kredietbank"}
    factory.save(OfferEvent(**event, what="asked again", facts={"words": "Er is geen vermogen.", "least": 3, "most": 4, "others": 4}))
    page = worker.get(f"/offers/{again.ref}").text
    assert "Er is geen vermogen." in page
    assert "Ten minste 3 van de 4 andere schuldeisers zijn akkoord." in page
    assert "Heroverweging vragen" not in page
