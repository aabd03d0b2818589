"""The whole way on both databases: imported, consented, drafted, checked, issued, covered, answered, agreed; the audit whole after it."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import HANDLERS, connect, db
from app.access import SYSTEM, Actor, Kind, Role
from app.accounts.people import DEMO_SECRET, ensure_demo_people
from app.accounts.queries import actor_by_email
from app.accounts.totp import code_at
from app.audit.service import verify
from app.cases.importing import import_cases
from app.cases.models import Case
from app.clock import now, today
from app.consents import service as consents
from app.consents.rules import OPEN_END, Clauses, Effect, Product
from app.consents.service import Signing, Terms
from app.creditors.importing import import_creditors
from app.creditors.models import Organisation
from app.documents.models import Document
from app.errors import Conflict
from app.jobs import registry
from app.jobs import service as jobs
from app.proposals import drafting, issuing, responding
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState
from app.proposals.models import Offer, Proposal
from app.proposals.responding import Seen
from tests.conftest import settings_for
from tests.fake_jobs import FakeQueue

DEMO = Path(__file__).parent.parent.parent / "demo"
NOVEMBER = "2026-11-24T09:00:00+00:00"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def portal(request, tmp_path, clock):
    """A migrated portal with jobs that run when told, on each kind of database."""
    clock.move_to(NOVEMBER)
    url = f"sqlite:///{tmp_path / 'way.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("migrated_url")
    connect(settings_for(tmp_path, url))
    db.migrate()
    registry.load(HANDLERS)
    queue = FakeQueue()
    jobs.bind(queue)
    yield queue
    jobs.bind(None)
    db.engine().dispose()


def part(name, cases):
    """The first rows of a sample file: those of so many cases."""
    head, *rows = (DEMO / name).read_text(encoding="utf-8-sig").splitlines()
    first = list(dict.fromkeys(row.split(";")[0] for row in rows))[:cases]
    return "\n".join([head, *(row for row in rows if row.split(";")[0] in first)]).encode()


def person(email):
    with db.reading() as session:
        return actor_by_email(session, email)


def sign_for_water():
    """Sign a consent that takes everything of at least nothing, from tomorrow."""
    manager = person("beheerder@waterbedrijfwesterdok.example")
    ref = consents.start_draft(manager)
    terms = Terms(Clauses(products=frozenset(Product), zero_offers=True, min_percentage=Decimal(0), valid_until=OPEN_END), Effect.ACCEPT)
    consents.save_draft(manager, ref, terms, 1)
    consents.sign_draft(manager, ref, Signing(None, code_at(DEMO_SECRET, now().timestamp()), 2))


def rows(model):
    with db.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def for_creditor(offer):
    with db.reading() as session:
        row = session.get(Organisation, offer.creditor_id)
    return Actor("Balie", frozenset({Role.CREDITOR_WORKER}), Kind.CREDITOR, row.id, row.name, origin="test")


def test_from_consent_to_agreement(portal, clock):
    import_creditors(SYSTEM, (DEMO / "creditors.csv").read_bytes())
    import_cases(SYSTEM, part("aanvragen.csv", 12), part("eisers.csv", 12))
    ensure_demo_people()
    sign_for_water()
    clock.move_to("2026-11-26T09:00:00+00:00")
    first, second = person("kredietbank@stad.example"), person("kredietbank2@stad.example")
    assert len(drafting.draft_ready(first).refs) == len(rows(Case)) == 12
    issued = issuing.issue_ready(first, second)
    portal.run_all()
    offers = rows(Offer)
    covered = [offer for offer in offers if offer.answered_by is AnsweredBy.CONSENT]
    assert issued.issued == 12
    assert covered
    assert {for_creditor(offer).organisation_name for offer in covered} == {"Waterbedrijf Westerdok"}
    assert sum(document.kind == "offer letter" for document in rows(Document)) == len(offers)
    for offer in offers:
        if offer.state is OfferState.OPEN:
            responding.accept_offer(for_creditor(offer), Seen(offer.ref, offer.revision))
    assert {proposal.state for proposal in rows(Proposal)} == {ProposalState.AGREED}
    with db.reading() as session:
        count, fault = verify(session)
        assert (count > len(offers), fault) == (True, None)


def test_the_second_of_two_who_answer_at_once_gets_a_conflict(portal, clock):
    import_creditors(SYSTEM, (DEMO / "creditors.csv").read_bytes())
    import_cases(SYSTEM, part("aanvragen.csv", 1), part("eisers.csv", 1))
    ensure_demo_people()
    first, second = person("kredietbank@stad.example"), person("kredietbank2@stad.example")
    drafting.draft_ready(first)
    issuing.issue_ready(first, second)
    offer = rows(Offer)[0]
    responding.accept_offer(for_creditor(offer), Seen(offer.ref, offer.revision))
    with pytest.raises(Conflict):
        responding.ask_reconsideration(for_creditor(offer), Seen(offer.ref, offer.revision), "Waarom zo weinig?")
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(Offer.state == OfferState.ACCEPTED)) == 1
    assert today().isoformat() == "2026-11-24"
