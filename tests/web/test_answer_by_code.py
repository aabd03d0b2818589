"""Answering with the code of a letter: the one offer that it opens, wrong codes counted, and whether a letter is ours."""

import io
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.accounts.models import Throttle
from app.audit.models import Event
from app.consents.service import RECORD
from app.documents.service import store
from app.notifications.models import Message
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, Visibility
from app.proposals.models import Offer
from tests import factory
from tests.conftest import NOW

YES = {"answer": "accept", "revision": "1", "name": "Bakkerij de Kruimel"}
UNKNOWN = "Met deze code kunt u niet antwoorden."


@pytest.fixture
def bakery(database):
    return factory.organisation(name="Bakkerij de Kruimel")


@pytest.fixture
def offer(bakery):
    return factory.offers(bakery, factory.organisation(name="Energie Noord"))[0]


@pytest.fixture
def opened(client, offer):
    """A browser that has just filled in the right code."""
    assert client.post("/answer", data={"code": offer.code}).location == "/answer/offer"
    return client


def now_of(offer):
    with db.reading() as session:
        return session.get(Offer, offer.id)


def everything(of):
    with db.reading() as session:
        return list(session.scalars(select(of)))


def slip(code):
    return ("3" if code[0] == "2" else "2") + code[1:]


def test_the_code_opens_its_one_offer_however_it_is_typed(client, offer):
    assert "code van uw brief" in client.get("/answer").text
    typed = f" {offer.code[:5].lower()} - {offer.code[5:].lower()} "
    assert client.post("/answer", data={"code": typed}).location == "/answer/offer"
    page = client.get("/answer/offer").text
    for said in ("Bakkerij de Kruimel", "X. Visser", "2 mei 1987", "3.127,64", "312,76", "18 juni 2026"):
        assert said in page, said
    assert "Energie Noord" not in page


def test_without_a_code_there_is_no_offer(client, offer):
    assert client.get("/answer/offer").location == "/answer"
    assert client.get("/answer/thanks").location == "/answer"


def test_an_answer_by_code_stands_under_the_name_that_was_typed_and_the_creditor_hears(opened, bakery, offer):
    assert opened.post("/answer/offer", data=YES).location == "/answer/thanks"
    kept = now_of(offer)
    assert (kept.state, kept.answered_by, kept.answerer) == (OfferState.ACCEPTED, AnsweredBy.CODE, "Bakkerij de Kruimel")
    assert [(message.code, message.organisation_id) for message in everything(Message)] == [("offers.answered_by_code", bakery.id)]
    assert "Geaccepteerd" in opened.get("/answer/thanks").text


def test_a_name_is_asked(opened, offer):
    for name in ("", "   "):
        answer = opened.post("/answer/offer", data=YES | {"name": name})
        assert answer.status_code == 422
        assert "Vul uw naam in." in answer.text
    assert now_of(offer).state is OfferState.OPEN


def test_who_answered_still_sees_the_answer(opened):
    opened.post("/answer/offer", data=YES)
    page = opened.get("/answer/offer").text
    assert "Geaccepteerd" in page
    assert "Verstuur uw antwoord" not in page


def test_what_the_bank_asks_again_opens_again(client, bakery):
    asked = factory.offers(bakery, state=OfferState.ASKED_AGAIN, answered_at=NOW, reconsider_by=date(2026, 6, 18))[0]
    assert client.post("/answer", data={"code": asked.code}).status_code == 302


def test_unknown_used_old_and_closed_codes_get_the_same_words(client, bakery, clock):
    used = factory.offers(bakery, state=OfferState.ACCEPTED, answered_at=NOW)[0]
    old = factory.offers(bakery, issued_on=date(2026, 4, 4))[0]
    case = factory.case()
    claim = factory.claim(case, bakery)
    closed = factory.offer(factory.proposal(case, [claim], state=ProposalState.CLOSED), claim, state=OfferState.NO_RESPONSE)
    for code in ("2222222222", used.code, old.code, closed.code):
        answer = client.post("/answer", data={"code": code})
        assert answer.status_code == 422
        assert UNKNOWN in answer.text


def test_wrong_codes_of_an_address_are_slowed_down(client, offer, clock):
    for _ in range(5):
        client.post("/answer", data={"code": "2222222222"})
    answer = client.post("/answer", data={"code": offer.code})
    assert "te veel verkeerde codes" in answer.text
    assert everything(Throttle)[0].failures == 5
    clock.shift(61)
    assert client.post("/answer", data={"code": offer.code}).status_code == 302


def test_ten_slips_lock_the_offer_and_say_how_to_get_a_new_letter(client, offer, clock):
    for _ in range(10):
        client.post("/answer", data={"code": slip(offer.code)})
        clock.shift(3601)
    assert now_of(offer).code_tries == 10
    assert "nieuwe code aan per post" in client.post("/answer", data={"code": offer.code}).text
    assert {event.action for event in everything(Event)} == {"offers:code-fail"}


def test_the_code_is_asked_again_after_half_an_hour(opened, clock):
    clock.shift(31 * 60)
    assert opened.get("/answer/offer").location == "/answer"


def test_a_colleague_with_an_account_may_be_first(opened, bakery, client_of, offer):
    client_of(factory.person(bakery, name="Mia")).post(f"/offers/{offer.ref}", data={"answer": "accept", "revision": "1"})
    answer = opened.post("/answer/offer", data=YES | {"answer": "reject", "reason": "policy"})
    assert answer.location == "/answer/offer"
    assert "Mia was u voor" in opened.get("/answer/offer").text


def test_a_rejection_by_code_is_as_coded_as_any(opened, offer):
    assert opened.post("/answer/offer", data=YES | {"answer": "reject"}).status_code == 422
    opened.post("/answer/offer", data=YES | {"answer": "reject", "reason": "claim disputed", "explanation": "al betaald"})
    assert now_of(offer).state is OfferState.REJECTED


# ── is this letter ours ──────────────────────────────────────────────────────

LETTER = b"%PDF-1.7 a letter"


@pytest.fixture
def letter(offer):
    with db.transaction() as session:
        store(session, kind="offer letter", title="Brief", subject_ref=offer.ref, organisation_id=offer.creditor_id, content=LETTER)
    return offer


def upload(content):
    return {"file": (io.BytesIO(content), "brief.pdf")}


def test_a_genuine_letter_is_known_by_its_file_and_by_its_code(client, letter):
    for data in (upload(LETTER), {"code": f" {letter.ref.lower()} "}):
        page = client.post("/verify", data=data).text
        assert "Deze brief is van ons" in page
        assert "4 juni 2026" in page
        assert "Visser" not in page


def test_a_letter_is_genuine_although_its_case_rests_and_tells_no_sum(client, letter):
    assert "312,76" in client.post("/verify", data={"code": letter.ref}).text
    with db.transaction() as session:
        session.get(Offer, letter.id).visibility = Visibility.RESTRICTED
    for data in (upload(LETTER), {"code": letter.ref}):
        page = client.post("/verify", data=data).text
        assert "Deze brief is van ons" in page
        assert "312,76" not in page


def test_a_signed_consent_is_known_for_what_it_is(client, bakery):
    with db.transaction() as session:
        store(session, kind=RECORD, title="Akkoord", subject_ref="C-2222-2222.1", organisation_id=bakery.id, content=LETTER)
    assert "vastlegging van een akkoord vooraf" in client.post("/verify", data=upload(LETTER)).text


def test_one_changed_byte_and_a_made_up_code_are_unknown(client, letter):
    for data in (upload(LETTER + b" "), {"code": "A-2222-2222"}, {"code": "x\x00y"}):
        assert "Deze brief kennen wij niet" in client.post("/verify", data=data).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Kies het bestand van de brief"),
        (lambda: upload(b"PK\x03\x04 a workbook"), "Dit is geen pdf-bestand"),
        (lambda: upload(b""), "Dit is geen pdf-bestand"),
        (lambda: upload(b"%PDF-" + b"x" * 5_000), "Onze brieven zijn veel kleiner"),
    ],
)
def test_what_cannot_be_compared_is_said(client, data, said, monkeypatch):
    monkeypatch.setattr("app.proposals.verify_routes.MOST_BYTES", 5_000)
    answer = client.post("/verify", data=data() if callable(data) else data)
    assert answer.status_code == 422
    assert said in answer.text


def test_guessing_check_codes_is_slowed_down(client, letter):
    for _ in range(5):
        client.post("/verify", data={"code": "A-2222-2222"})
    assert "te veel verkeerde codes" in client.post("/verify", data={"code": letter.ref}).text
