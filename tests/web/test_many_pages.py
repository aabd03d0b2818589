"""The pages of working through many offers: choose and answer, take back, divide the work, keep filters, answer from the list."""

import re

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind
from app.audit.models import Event
from app.proposals.lifecycle import OfferState, RejectReason
from app.proposals.models import BulkAnswer, Offer, SavedFilter
from tests import factory

KEY = "0123456789abcdef0123456789abcdef"
WHY = {"answer": "reject", "reason": RejectReason.POLICY.value, "explanation": "Ons beleid."}


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def pieter(water):
    return factory.person(water, name="Pieter Dros")


@pytest.fixture
def worker(client_of, pieter):
    return client_of(pieter)


@pytest.fixture
def other(database):
    return factory.organisation(name="Energie Noord")


@pytest.fixture
def three(water, other):
    return [factory.offers(water, other)[0] for _ in range(3)]


def choose(worker, offers, does="accept", **over):
    data = {"key": KEY, "do": does, "offer": [f"{offer.ref}:1" for offer in offers]} | over
    return worker.post("/offers/many", data=data)


def now_of(offer):
    with db.reading() as session:
        return session.get(Offer, offer.id)


def states(*offers):
    return [now_of(offer).state for offer in offers]


def count(model, *where):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where))


# ── many at once ─────────────────────────────────────────────────────────────


def test_only_rows_that_wait_can_be_chosen(worker, three, water, other):
    done = factory.offers(water, other, state=OfferState.NO_RESPONSE)[0]
    page = worker.get("/offers?status=all").text
    assert page.count('name="offer"') == 3
    assert f"{done.ref}:" not in page


def test_chosen_rows_are_accepted_and_the_result_says_so_of_each(worker, three):
    answer = choose(worker, three)
    page = worker.get(answer.location).text
    assert states(*three) == [OfferState.ACCEPTED] * 3
    assert "3 aanbiedingen geaccepteerd" in page
    assert "kan tot 09.10" in page


def test_the_same_form_twice_ends_on_the_same_page_and_changes_nothing(worker, three):
    first, second = choose(worker, three), choose(worker, three)
    assert first.location == second.location
    assert (count(BulkAnswer), count(Event, Event.action == "offers:answer")) == (1, 3)


def test_other_rows_from_the_same_page_are_another_choice(worker, three):
    assert choose(worker, three[:1]).location != choose(worker, three[1:]).location
    assert states(*three) == [OfferState.ACCEPTED] * 3


def test_rejecting_asks_one_reason_first(worker, three):
    address = choose(worker, three, "reject").location
    assert states(*three) == [OfferState.OPEN] * 3
    page = worker.get(address).text
    assert "3 aanbiedingen beantwoorden" in page
    assert worker.post(address.partition("?")[0], data=WHY | {"reason": ""}).status_code == 422
    answer = worker.post(address.partition("?")[0], data=WHY)
    assert "3 aanbiedingen afgewezen" in worker.get(answer.location).text
    assert {(now_of(offer).reject_reason, now_of(offer).words) for offer in three} == {(RejectReason.POLICY, "Ons beleid.")}


def test_what_was_typed_stays_when_the_form_is_refused(worker, three):
    address = choose(worker, three, "reject").location.partition("?")[0]
    answer = worker.post(address, data={"answer": "reject", "reason": "", "explanation": "Wij zien geen budgetplan."})
    assert (answer.status_code, "Wij zien geen budgetplan." in answer.text) == (422, True)


def test_what_the_consent_covers_stays_open_without_the_tick(worker, three):
    factory.assessment(three[0], covered=True)
    address = choose(worker, three, "reject").location.partition("?")[0]
    assert "dekt 1 van deze aanbiedingen" in worker.get(address).text
    page = worker.get(worker.post(address, data=WHY).location).text
    assert states(*three) == [OfferState.OPEN, OfferState.REJECTED, OfferState.REJECTED]
    assert "Zonder uw vinkje is het niet afgewezen." in page


def test_a_row_that_a_colleague_answered_says_so(worker, client_of, water, three):
    colleague = client_of(factory.person(water))
    colleague.post(f"/offers/{three[0].ref}", data={"answer": "accept", "revision": "1"})
    page = worker.get(choose(worker, three).location).text
    assert "intussen veranderd: 1" in page
    assert "gelukt: 2" in page


def test_somebody_elses_reference_is_answered_like_a_missing_one(worker, other, three):
    theirs = factory.offers(other)[0]
    pages = []
    for ref in (theirs.ref, "A-2222-2222"):
        address = choose(worker, [], offer=[f"{ref}:1"]).location
        pages.append(worker.get(address).text.replace(ref, "").replace(address, ""))
    hidden = [re.sub(r"M-\w{4}-\w{4}|value=\"[^\"]{40,}\"", "", page) for page in pages]
    assert hidden[0] == hidden[1]
    assert "niet gevonden" in pages[0]
    assert states(theirs) == [OfferState.OPEN]


@pytest.mark.parametrize("over", [{"offer": []}, {"offer": ["x:y", "A-2222:1"]}, {"key": "short"}, {"do": "everything"}])
def test_what_is_no_choice_is_refused_in_words(worker, three, over):
    answer = choose(worker, three, **over)
    assert answer.location == "/offers"
    assert "Kies eerst een of meer aanbiedingen" in worker.get("/offers").text
    assert states(*three) == [OfferState.OPEN] * 3


def test_everything_that_the_filters_show_is_chosen_for_one_answer(worker, water, other, three):
    late = factory.offers(water, other, answer_by=three[0].issued_on.replace(day=2))[0]
    address = worker.post("/offers/many?due=late", data={"key": KEY, "do": "all"}).location
    assert "1 aanbod beantwoorden" in worker.get(address).text
    worker.post(address.partition("?")[0], data={"answer": "accept"})
    assert states(late, *three) == [OfferState.ACCEPTED] + [OfferState.OPEN] * 3


def test_a_result_belongs_to_its_organisation(client_of, worker, other, three):
    address = choose(worker, three).location
    assert client_of(factory.person(other)).get(address).status_code == 404
    assert client_of(factory.person(factory.organisation(Kind.BANK))).get(address).status_code == 404


# ── taking back ──────────────────────────────────────────────────────────────


def test_many_answers_are_taken_back_from_their_result(worker, three):
    address = choose(worker, three).location
    page = worker.get(worker.post(f"{address}/undo").location).text
    assert states(*three) == [OfferState.OPEN] * 3
    assert "ongedaan gemaakt: 3" in page


def test_the_next_offer_offers_to_take_the_last_answer_back(worker, three):
    answer = worker.post(f"/offers/{three[0].ref}", data={"answer": "accept", "revision": "1"})
    assert f"/offers/{three[0].ref}/undo" in worker.get(answer.location).text
    back = worker.post(f"/offers/{three[0].ref}/undo", data={"revision": "2"})
    page = worker.get(back.location).text
    assert "is ongedaan gemaakt" in page
    assert "Antwoord ongedaan gemaakt door Pieter Dros" in page
    assert states(three[0]) == [OfferState.OPEN]


def test_the_agreement_that_stands_says_why_nothing_is_taken_back(worker, water):
    offer = factory.offers(water)[0]
    worker.post(f"/offers/{offer.ref}", data={"answer": "accept", "revision": "1"})
    assert f"/offers/{offer.ref}/undo" not in worker.get(f"/offers/{offer.ref}").text
    page = worker.get(worker.post(f"/offers/{offer.ref}/undo", data={"revision": "2"}).location).text
    assert "Dit antwoord kan niet meer ongedaan worden gemaakt." in page


# ── from the list ────────────────────────────────────────────────────────────


def test_the_script_answers_a_row_and_hears_until_when_it_can_be_taken_back(worker, three):
    told = worker.post(f"/offers/{three[0].ref}/quick", data={"answer": "accept", "revision": "1"}).json
    assert told == {"said": "geaccepteerd", "revision": 2, "until": "09.10"}
    answer = worker.post(f"/offers/{three[0].ref}/undo", data={"revision": "2"}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["revision"]) == (200, 3)


@pytest.mark.parametrize(("data", "status", "said"), [
    ({"answer": "reject", "revision": "1"}, 422, "Kies de reden waarom u afwijst."),
    ({"answer": "accept", "revision": "7"}, 409, "was u voor"),
    ({"answer": "reject", "reason": "policy", "revision": "1"}, 422, "Uw akkoord vooraf dekt dit aanbod."),
])  # fmt: skip
def test_the_script_hears_why_a_row_was_not_answered(worker, three, data, status, said):
    factory.assessment(three[0], covered=True)
    answer = worker.post(f"/offers/{three[0].ref}/quick", data=data)
    assert (answer.status_code, said in answer.json["problem"]) == (status, True)
    assert states(three[0]) == [OfferState.OPEN]


# ── whose work ───────────────────────────────────────────────────────────────


def test_chosen_rows_become_a_colleagues_work_and_the_list_shows_it(worker, water, three):
    samira = factory.person(water, name="Samira Bakali")
    worker.post("/offers/many", data={"key": KEY, "do": "assign", "to": str(samira.id), "offer": [f"{three[0].ref}:1"]})
    shown = worker.get(f"/offers?who={samira.id}").text
    assert (three[0].ref in shown, three[1].ref in shown) == (True, False)
    nobody = worker.get("/offers?who=unassigned").text
    assert (three[0].ref in nobody, three[1].ref in nobody) == (False, True)
    assert "Van niemand (2)" in nobody
    assert "Samira Bakali (1)" in nobody


def test_mine_is_what_was_given_to_me(worker, pieter, three):
    worker.post("/offers/many", data={"key": KEY, "do": "assign", "to": str(pieter.id), "offer": [f"{three[1].ref}:1"]})
    page = worker.get("/offers?who=mine").text
    assert (three[0].ref in page, three[1].ref in page) == (False, True)


@pytest.mark.parametrize("whom", ["other", "99999", "x", ""])
def test_only_a_colleague_can_be_named(worker, other, three, whom):
    to = str(factory.person(other).id) if whom == "other" else whom
    answer = worker.post("/offers/many", data={"key": KEY, "do": "assign", "to": to, "offer": [f"{three[0].ref}:1"]})
    assert "Kies een collega van uw eigen organisatie." in worker.get(answer.location).text
    assert now_of(three[0]).assigned_id is None


def test_somebody_elses_offer_is_nobodys_to_divide(worker, pieter, other):
    theirs = factory.offers(other)[0]
    answer = worker.post("/offers/many", data={"key": KEY, "do": "assign", "to": str(pieter.id), "offer": [f"{theirs.ref}:1"]})
    assert answer.status_code == 404
    assert now_of(theirs).assigned_id is None


# ── kept filters ─────────────────────────────────────────────────────────────


def test_a_filter_is_kept_shown_above_the_list_and_thrown_away(worker):
    worker.post("/offers/filters?due=late&cover=yes", data={"name": "Gedekt en te laat"})
    assert 'href="/offers?due=late&amp;cover=yes">Gedekt en te laat' in worker.get("/offers").text
    assert "te laat, gedekt" in worker.get("/offers/filters").text
    with db.reading() as session:
        number = session.scalar(select(SavedFilter.id))
    worker.post(f"/offers/filters/{number}/delete")
    assert "Gedekt en te laat" not in worker.get("/offers").text


def test_kept_filters_tell_how_many_offers_they_show_now(worker, three):
    worker.post("/offers/filters?status=all", data={"name": "Alles"})
    worker.post(f"/offers/filters?q={three[0].ref}&who=x%00", data={"name": "Deze"})
    worker.post("/offers/filters?status=rejected", data={"name": "Afgewezen"})
    page = worker.get("/offers/filters").text
    assert re.findall("nu ([0-9]+) aanb", page) == ["0", "3", "1"]


def test_a_filter_is_for_the_eyes_of_one_person(worker, client_of, water):
    worker.post("/offers/filters?q=Visser", data={"name": "Visser"})
    colleague = client_of(factory.person(water))
    assert ">Visser</a>" not in colleague.get("/offers").text
    with db.reading() as session:
        number = session.scalar(select(SavedFilter.id))
    assert colleague.post(f"/offers/filters/{number}/delete").status_code == 404
    assert count(SavedFilter) == 1


def test_the_same_name_takes_the_new_filter(worker):
    for due in ("late", "today"):
        worker.post(f"/offers/filters?due={due}", data={"name": "Eerst"})
    assert 'href="/offers?due=today">Eerst' in worker.get("/offers").text
    assert count(SavedFilter) == 1


def test_twenty_filters_are_enough(worker):
    for n in range(20):
        worker.post("/offers/filters?due=late", data={"name": f"Filter {n}"})
    answer = worker.post("/offers/filters?due=late", data={"name": "Eén te veel"})
    assert (answer.status_code, "U hebt al 20 filters." in answer.text) == (422, True)
    assert count(SavedFilter) == 20
