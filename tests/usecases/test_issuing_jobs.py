"""What follows on issuing: letters kept once, work as jobs with progress, and the end of a term."""

from datetime import date
from io import BytesIO

import pypdf
import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.cases.models import Claim
from app.documents.models import Document
from app.documents.service import open_document
from app.errors import NotFound
from app.jobs.models import JobProgress, State
from app.jobs.registry import JOBS
from app.notifications.models import Message
from app.proposals import drafting, issuing, letters
from app.proposals.agreement import close_if_over
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.models import Offer, Proposal
from tests import factory

pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture
def creditors(queue):
    return [factory.organisation() for _ in range(3)]


@pytest.fixture
def case(creditors):
    made = factory.case()
    for creditor in creditors:
        factory.claim(made, creditor)
    return made


def rows(of, **where):
    with db.reading() as session:
        return list(session.scalars(select(of).filter_by(**where).order_by(of.id)))


def text_of(document):
    bank = factory.actor(factory.organisation(Kind.BANK))
    pages = pypdf.PdfReader(BytesIO(open_document(bank, document.ref))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


# ── letters ──────────────────────────────────────────────────────────────────


def test_each_offer_gets_its_letter_once(case, creditors, queue):
    factory.issued(case)
    queue.run_all()
    letters.write_letters([offer.id for offer in rows(Offer)])  # at least once, says the engine
    kept = {document.subject_ref: document.organisation_id for document in rows(Document)}
    assert kept == {offer.ref: offer.creditor_id for offer in rows(Offer)}
    assert len(rows(Document)) == 3


def test_a_letter_tells_the_offer_and_of_the_others_only_how_many(case, creditors, queue):
    factory.issued(case)
    queue.run_all()
    offer = rows(Offer)[0]
    text = text_of(rows(Document, subject_ref=offer.ref)[0])
    told = (offer.ref, creditors[0].name, f"{offer.code[:5]}-{offer.code[5:]}", "18 juni 2026", "Haverkamp", "Oudkerk", "€ 3.127,64")
    assert [word for word in told if word not in text] == []
    assert creditors[1].name not in text


def test_a_letter_goes_to_the_agent_that_acts(case, creditors, queue):
    agent = factory.organisation(Kind.AGENT)
    factory.mandate(agent, creditors[0])
    with db.transaction() as session:
        claim = session.get_one(Claim, rows(Claim)[0].id)
        claim.agent_id, claim.agent_reference = agent.id, "INC-77"
    factory.issued(case)
    queue.run_all()
    text = text_of(rows(Document, subject_ref=rows(Offer)[0].ref)[0])
    assert agent.name in text
    assert "INC-77" in text
    assert f"voor {creditors[0].name}" in text


def test_a_letter_says_that_a_consent_answered(case, creditors, queue):
    factory.consent(creditors[0])
    factory.issued(case)
    queue.run_all()
    answered, open_ = (text_of(rows(Document, subject_ref=offer.ref)[0]) for offer in rows(Offer)[:2])
    assert "U hoeft niet te antwoorden U gaf ons vooraf akkoord (versie 1)" in answered
    assert "vooraf akkoord" not in open_


def test_the_messages_of_a_run_can_be_mailed(case, creditors, queue, capsys):
    factory.consent(creditors[0])
    factory.issued(case)
    queue.run_all()
    said = capsys.readouterr().out
    assert "Nieuwe voorstellen in het Schuldeisersportaal: 1" in said
    assert said.count("Wachten op uw antwoord: 1, het eerste uiterlijk op 18-06-2026") == 2
    assert "Visser" not in said


# ── work with progress ───────────────────────────────────────────────────────


@pytest.fixture
def officer(queue):
    """An officer with an account: a job looks up again what it may do."""
    bank = factory.organisation(Kind.BANK)
    person = factory.person(bank)
    return factory.actor(bank, name=person.name, person_id=person.id)


def test_drafting_and_issuing_as_jobs_show_their_progress(case, officer, queue):
    drafting.start_drafting(officer, "J-1")
    queue.run_all()
    drafting.approve_proposal(factory.actor(factory.organisation(Kind.BANK), name="Ruben Oudkerk"), rows(Proposal)[0].ref, 1)
    issuing.start_issuing(officer, "J-2")
    queue.run_all()
    with db.reading() as session:
        drafted, issued = (session.get_one(JobProgress, key) for key in ("J-1", "J-2"))
    assert (drafted.state, drafted.done, drafted.result["lines"]) == (State.DONE, 1, [["Concepten gemaakt", "1"], ["Niet gedaan", "0"]])
    assert (issued.state, issued.total, issued.result["lines"][1]) == (State.DONE, 1, ["Aanbiedingen", "3"])


def test_who_left_the_bank_issues_nothing_any_more(case, queue):
    stranger = factory.actor(factory.organisation(Kind.BANK), person_id=99_999)
    issuing.start_issuing(stranger, "J-3")
    with pytest.raises(NotFound):
        queue.run_all()


# ── the end of a term ────────────────────────────────────────────────────────


def answer(number, **values):
    with db.transaction() as session:
        offer = session.get_one(Offer, rows(Offer)[number].id)
        for name, value in values.items():
            setattr(offer, name, value)


def close_on(day):
    JOBS["proposals.close_over"].handler({"day": day})
    return rows(Proposal)[0].state, [offer.state for offer in rows(Offer)]


def accepted(by):
    return {"state": OfferState.ACCEPTED, "answered_at": by.issued_at}


def test_a_proposal_closes_on_its_last_day_and_silence_is_no_response(case):
    factory.issued(case)
    answer(0, **accepted(rows(Proposal)[0]))
    assert close_on("2026-07-01") == (ProposalState.ISSUED, [OfferState.ACCEPTED, OfferState.OPEN, OfferState.OPEN])
    assert close_on("2026-07-02") == (ProposalState.CLOSED, [OfferState.ACCEPTED, OfferState.NO_RESPONSE, OfferState.NO_RESPONSE])
    assert rows(Message, code="proposals.agreed") == []


def test_a_creditor_that_was_asked_again_keeps_its_own_term(case):
    factory.issued(case)
    answer(0, state=OfferState.ASKED_AGAIN, reconsider_by=date(2026, 7, 8))
    assert close_on("2026-07-02")[0] is ProposalState.ISSUED
    assert close_on("2026-07-08")[0] is ProposalState.CLOSED


def test_a_balance_that_an_officer_may_take_over_keeps_the_rest_standing(case):
    factory.issued(case)
    done = accepted(rows(Proposal)[0])
    for number, state in enumerate((OfferState.ACCEPTED, OfferState.ACCEPTED, OfferState.ACCEPTED_OTHER_BALANCE)):
        answer(number, **done | {"state": state})
    assert close_on("2026-07-02")[0] is ProposalState.ISSUED


def test_what_is_over_does_not_close_again(case):
    factory.issued(case)
    close_on("2026-07-02")
    with db.transaction() as session:
        assert not close_if_over(session, rows(Proposal)[0].id, date(2026, 7, 3))
