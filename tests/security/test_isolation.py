"""Offers of another organisation do not exist: the same bytes as what is missing, and nothing that counts or searches betrays them."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.audit.models import Event
from app.documents.models import Document
from app.documents.service import store
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, OfferEvent
from app.sealing import blind_index
from tests import factory

MISSING = "A-2222-2222"
YES = {"answer": "accept", "revision": "1"}


@pytest.fixture
def agent(database):
    return factory.organisation(Kind.AGENT, name="Incassobureau Kade")


@pytest.fixture
def water(agent):
    return factory.organisation(name="Waterbedrijf Westerdok")


@pytest.fixture
def offer(water, agent):
    """An offer of the waterworks, for which the agent acts."""
    case = factory.case(surname="Onthullend")
    claim = factory.claim(case, water, agent_id=agent.id, reference="GEHEIM-1")
    made = factory.offer(factory.proposal(case, [claim]), claim, surname_index=blind_index("Onthullend"))
    with db.transaction() as session:
        store(session, kind="offer letter", title="Brief", subject_ref=made.ref, organisation_id=water.id, content=b"%PDF-1.7 x")
    return made


@pytest.fixture
def letter(offer):
    with db.reading() as session:
        return session.scalar(select(Document.ref))


STRANGERS = {
    "another creditor": (Kind.CREDITOR, None, None),
    "a manager of another creditor": (Kind.CREDITOR, Role.CREDITOR_MANAGER, None),
    "an agent without a mandate": (Kind.AGENT, None, None),
    "an agent with a mandate, on a claim that names another": (Kind.AGENT, None, (date(2020, 1, 1), None)),
    "a relationship manager": (Kind.RELATIONS_TEAM, None, None),
    "a counsellor": (Kind.NEIGHBOURHOOD_TEAM, None, None),
    "an administrator": (Kind.CITY, Role.ADMINISTRATOR, None),
}


@pytest.fixture(params=STRANGERS, ids=str)
def stranger(request, client_of, water):
    kind, role, mandate = STRANGERS[request.param]
    organisation = factory.organisation(kind)
    if mandate:
        factory.mandate(organisation, water, starts_on=mandate[0], ends_on=mandate[1])
    return client_of(factory.person(organisation, role))


def bare(answer, asked):
    """Return status, headers and body without what differs between any two requests: their number, and the address asked for."""
    headers = sorted((name, value) for name, value in answer.headers if name not in {"X-Request-Id", "Set-Cookie"})
    body = answer.data.replace(answer.headers["X-Request-Id"].encode(), b"").replace(asked.encode(), b"")
    return answer.status_code, headers, body


@pytest.mark.parametrize("path", ["/offers/{}"])
def test_a_foreign_offer_is_a_missing_offer(stranger, offer, path):
    foreign, missing = (bare(stranger.get(path.format(ref)), ref) for ref in (offer.ref, MISSING))
    assert foreign == missing
    assert foreign[0] == 404


@pytest.mark.parametrize("path", ["/offers/{}", "/offers/{}/put-back"])
def test_nobody_else_answers_it(stranger, offer, path):
    foreign, missing = (bare(stranger.post(path.format(ref), data=YES), ref) for ref in (offer.ref, MISSING))
    assert foreign == missing
    assert foreign[0] == 404
    with db.reading() as session:
        assert session.get(Offer, offer.id).state is OfferState.OPEN
        assert session.scalar(select(func.count()).select_from(OfferEvent)) == 0
        assert session.scalar(select(func.count()).select_from(Event).where(Event.subject.startswith("offer/"))) == 0


def test_keeping_a_draft_on_it_finds_nothing_either(stranger, offer):
    foreign, missing = (bare(stranger.post(f"/offers/{ref}", data=YES | {"keep": "yes"}), ref) for ref in (offer.ref, MISSING))
    assert foreign == missing


def test_its_letter_is_a_missing_document(stranger, letter):
    foreign, missing = (bare(stranger.get(f"/documents/{ref}"), ref) for ref in (letter, "B-2222-2222"))
    assert foreign == missing
    assert foreign[0] == 404


ASKED = ["", "q=Onthullend", "q=GEHEIM-1", "q={ref}", "q={case}", "status=all", "due=week", "after={ref}", "sort=claim&status=all"]


@pytest.mark.parametrize("asked", ASKED)
def test_lists_counts_and_searches_are_the_same_with_and_without_it(client_of, agent, water, asked):
    """A creditor sees the same before others have offers, and after."""
    mine = factory.organisation()
    factory.offers(mine)
    browser = client_of(factory.person(mine))
    case = factory.case(surname="Onthullend")
    claim = factory.claim(case, water, reference="GEHEIM-1")
    ref = db.new_ref("A")
    before = bare(browser.get(f"/offers?{asked.format(ref=ref, case=case.ref)}"), ref)
    factory.offer(factory.proposal(case, [claim]), claim, ref=ref, surname_index=blind_index("Onthullend"))
    assert bare(browser.get(f"/offers?{asked.format(ref=ref, case=case.ref)}"), ref) == before


def test_a_download_holds_the_own_rows_only(client_of, offer):
    mine = factory.organisation()
    own = factory.offers(mine)[0]
    text = client_of(factory.person(mine)).get("/offers/download?status=all").text
    assert own.ref in text
    assert offer.ref not in text


@pytest.mark.parametrize(("starts_on", "ends_on", "status"), [
    (date(2020, 1, 1), None, 200),
    (date(2026, 6, 4), date(2026, 6, 4), 200),
    (date(2020, 1, 1), date(2026, 6, 3), 404),
    (date(2026, 6, 5), None, 404),
])  # fmt: skip
def test_the_agent_sees_it_on_the_days_of_its_mandate_only(client_of, agent, water, offer, letter, starts_on, ends_on, status):
    factory.mandate(agent, water, starts_on=starts_on, ends_on=ends_on)
    browser = client_of(factory.person(agent))
    assert browser.get(f"/offers/{offer.ref}").status_code == status
    assert browser.get(f"/documents/{letter}").status_code == status
    assert (offer.ref in browser.get("/offers").text or "GEHEIM-1" in browser.get("/offers").text) == (status == 200)


def test_the_creditor_itself_sees_what_its_agent_does(client_of, agent, water, offer, letter):
    factory.mandate(agent, water)
    client_of(factory.person(agent)).post(f"/offers/{offer.ref}", data=YES)
    browser = client_of(factory.person(water))
    assert "Geaccepteerd" in browser.get(f"/offers/{offer.ref}").text
    assert browser.get(f"/documents/{letter}").data == b"%PDF-1.7 x"


def test_the_page_of_a_shared_case_names_no_other_creditor_and_none_of_its_answers(client_of, database):
    mine, other = factory.organisation(), factory.organisation(name="Zilverreiger Energie")
    own, theirs = factory.offers(mine, other)
    client_of(factory.person(other, name="Zwijgzaam")).post(f"/offers/{theirs.ref}", data=YES | {"answer": "other", "remark": "Zwanenzang"})
    page = client_of(factory.person(mine)).get(f"/offers/{own.ref}").text
    for said in ("Zilverreiger", "Zwijgzaam", "Zwanenzang", theirs.ref, theirs.reference):
        assert said not in page, said


def test_a_code_opens_its_own_offer_and_no_other(client, offer):
    other = factory.offers(factory.organisation(name="Zilverreiger Energie"))[0]
    client.post("/answer", data={"code": other.code})
    page = client.get("/answer/offer").text
    assert offer.ref not in page
    client.post("/answer/offer", data=YES | {"name": "Mia", "ref": offer.ref})
    with db.reading() as session:
        assert session.get(Offer, offer.id).state is OfferState.OPEN
        assert session.get(Offer, other.id).state is OfferState.ACCEPTED
