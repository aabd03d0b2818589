"""A new code by post: the old one stops, a letter goes to the register's address, and nobody learns which letters there are."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.creditors.models import Organisation
from app.documents.models import Document
from app.notifications.models import Message
from app.proposals import letters
from app.proposals.lifecycle import OfferState, Visibility
from app.proposals.models import Offer, OfferEvent
from app.proposals.new_codes import renew_code, write_new_letter
from tests import factory
from tests.conftest import NOW


@pytest.fixture
def bakery(database):
    return factory.organisation(name="Bakkerij de Kruimel")


@pytest.fixture
def issued(bakery, queue, clock):
    """An offer that the bank really issued, with its letter of an hour ago."""
    case = factory.case()
    factory.claim(case, bakery)
    factory.issued(case)
    clock.move_to(NOW - timedelta(hours=1))
    queue.run_all()
    clock.move_to(NOW)
    with db.reading() as session:
        return session.scalar(select(Offer))


def now_of(row):
    with db.reading() as session:
        return session.get(type(row), row.id)


def everything(of):
    with db.reading() as session:
        return list(session.scalars(select(of)))


def ask(client, queue, ref):
    answer = client.post("/answer/new-code", data={"ref": ref})
    queue.run_all()
    return answer


def test_the_page_of_codes_leads_to_a_new_one(client):
    assert "/answer/new-code" in client.get("/answer").text
    assert "nieuwe code aan per post" in client.get("/answer/new-code").text


def test_a_new_code_opens_the_offer_and_the_old_one_opens_nothing(client, issued, queue):
    assert ask(client, queue, issued.ref.lower()).location == "/answer"
    kept = now_of(issued)
    assert kept.code != issued.code
    assert client.post("/answer", data={"code": issued.code}).status_code == 422
    assert client.post("/answer", data={"code": kept.code}).location == "/answer/offer"


@pytest.mark.parametrize("what", ["offer", "balance"])
def test_who_opened_a_letter_with_the_code_before_gets_no_further(client, bakery, issued, queue, what):
    letter = issued if what == "offer" else factory.balance_request(factory.claim(factory.case(), bakery))
    client.post("/answer", data={"code": letter.code})
    assert client.get(f"/answer/{what}").status_code == 200
    renew_code(letter.ref)
    assert client.get(f"/answer/{what}").location == "/answer"
    said = {"answer": "accept", "name": "Mia", "principal": "10", "revision": now_of(letter).revision}
    assert client.post(f"/answer/{what}", data=said).location == "/answer"
    assert now_of(letter).answered_at is None


def test_the_letter_with_the_new_code_is_written_beside_the_old_one_and_printed(client, issued, queue, tmp_path):
    ask(client, queue, issued.ref)
    written = [one.sha256 for one in everything(Document) if one.subject_ref == issued.ref]
    assert len(written) == 2
    letters.export([issued.id], tmp_path)
    with db.reading() as session:
        new = next(letters.written(session, [issued.id]))
    assert (tmp_path / f"{issued.ref}.pdf").read_bytes() == new.content


def test_a_job_that_runs_twice_writes_one_letter_with_the_new_code(client, bakery, issued, queue):
    request = factory.balance_request(factory.claim(factory.case(), bakery))
    for letter in (issued, request):
        ask(client, queue, letter.ref)
    with db.transaction() as session:
        session.get(Organisation, bakery.id).street = "Nieuwe Herengracht"  # moved meanwhile: it would be another letter
    for letter in (issued, request):
        write_new_letter(letter.ref)
    assert Counter(one.kind for one in everything(Document)) == {"offer letter": 2, "balance letter": 1}


def test_the_offer_shows_that_a_code_was_asked_and_the_creditor_hears(client, client_of, bakery, issued, queue):
    ask(client, queue, issued.ref)
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    assert "Nieuwe code per post aangevraagd" in officer.get(f"/offers/{issued.ref}").text
    assert [one.organisation_id for one in everything(Message) if one.code == "offers.new_code"] == [bakery.id]


def test_a_locked_code_is_open_again_with_the_new_one(client, issued, queue):
    offer = issued
    with db.transaction() as session:
        session.get(Offer, offer.id).code_tries = 10
    assert "Vraag hieronder een nieuwe code aan" in client.post("/answer", data={"code": offer.code}).text
    ask(client, queue, offer.ref)
    assert client.post("/answer", data={"code": now_of(offer).code}).location == "/answer/offer"


def test_a_new_code_works_sixty_days_from_its_own_letter(client, issued, queue, clock):
    offer = issued
    clock.shift(50 * 24 * 3600)
    ask(client, queue, offer.ref)
    clock.shift(55 * 24 * 3600)
    assert client.post("/answer", data={"code": now_of(offer).code}).location == "/answer/offer"
    clock.shift(6 * 24 * 3600)
    assert client.post("/answer", data={"code": now_of(offer).code}).status_code == 422


def test_an_unknown_answered_or_resting_letter_is_answered_in_the_same_bytes(client, bakery, issued, queue):
    answered = factory.offers(bakery, state=OfferState.ACCEPTED, answered_at=NOW)[0]
    resting = factory.offers(bakery, visibility=Visibility.RESTRICTED)[0]
    pages = []
    for ref in (issued.ref, answered.ref, resting.ref, "A-2222-2222"):
        assert ask(client, queue, ref).location == "/answer"
        pages.append(client.get("/answer").text)
    assert len(set(pages)) == 1
    assert [now_of(one).code == one.code for one in (issued, answered, resting)] == [False, True, True]
    assert [one.what for one in everything(OfferEvent)].count("code renewed") == 1


def test_asking_twice_sends_one_letter_until_five_days_later(client, issued, queue, clock):
    offer = issued
    ask(client, queue, offer.ref)
    first = now_of(offer).code
    ask(client, queue, offer.ref)
    assert now_of(offer).code == first
    clock.shift(5 * 24 * 3600)
    ask(client, queue, offer.ref)
    assert now_of(offer).code != first


def test_what_is_no_reference_is_told_so(client):
    answer = client.post("/answer/new-code", data={"ref": "Jansen"})
    assert (answer.status_code, "Een kenmerk ziet eruit als" in answer.text) == (422, True)


def test_who_asks_again_and_again_has_to_wait(client, queue):
    for _ in range(5):
        client.post("/answer/new-code", data={"ref": "A-2222-2222"})
    answer = client.post("/answer/new-code", data={"ref": "A-2222-2222"})
    assert (answer.status_code, "te vaak een nieuwe code" in answer.text) == (422, True)


def test_a_balance_request_gets_a_new_code_too_and_the_case_shows_it(client, client_of, bakery, queue):
    case = factory.case()
    request = factory.balance_request(factory.claim(case, bakery))
    ask(client, queue, request.ref)
    kept = now_of(request)
    assert client.post("/answer", data={"code": request.code}).status_code == 422
    assert client.post("/answer", data={"code": kept.code}).location == "/answer/balance"
    assert [one.kind for one in everything(Document)] == ["balance letter"]
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    assert "nieuwe code per post" in officer.get(f"/cases/{case.ref}/balances").text
