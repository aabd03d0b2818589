"""Play what officers do about single offers in the demo: let a clock stand still, call some creditors, decide about the court."""

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.access import Actor
from app.creditors.service import NewContact, add_contact
from app.db import reading
from app.errors import Refusal
from app.proposals import call_queries, calling, clocks, settling
from app.proposals.call_queries import CallQuery
from app.proposals.court_rules import DECIDED_IN, CourtPoint, Guidance
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.models import Offer, Proposal
from app.proposals.running import RUNNING
from app.proposals.settling import Grounds

GROUNDS = Grounds(
    (CourtPoint.COMPLETE_OFFER, CourtPoint.MAXIMUM, CourtPoint.WSNP_YIELDS_LESS, CourtPoint.EQUAL_TREATMENT),
    (Guidance.BUDGET_MANAGEMENT, Guidance.NEIGHBOURHOOD_TEAM),
)
STAND_STILL, CALLED, REACHED = 2, 3, 12
REASON = "Alle anderen zijn akkoord en het aanbod is het hoogst haalbare."
CONTACTS = ("Noor Verhoeven", "Bilal Aydin", "Ruth Samson", "Koen de Wit")
WORDS = ("Gaat er vandaag naar kijken.", "De behandelaar is er donderdag weer.", "Krijgt de brieven niet; nieuw adres gevraagd.")


def settle_some(officer: Actor) -> None:
    """Leave two clocks that stand, some calls, and a decision about the court where the way is open."""
    for ref, revision in _offers(OfferState.OPEN)[-STAND_STILL:]:
        clocks.stop_clock(officer, ref, "Wij zoeken uit of de vordering al is betaald.", revision)
    _call_some(officer)
    for ref, revision in _offers(OfferState.REJECTED, DECIDED_IN):
        try:
            settling.decide_court(officer, ref, revision, chosen=True, reason=REASON)
            return
        except Refusal:  # asked once only
            continue


def _call_some(officer: Actor) -> None:
    with reading() as session:
        parties = call_queries.all_parties(session, officer, CallQuery())
    for place, party in enumerate(parties[:REACHED]):
        name = CONTACTS[place % len(CONTACTS)]
        add_contact(officer, party.id, NewContact(name, "schuldhulpverlening", "", f"020 555 01 {20 + place}"))
    with reading() as session:
        parties = call_queries.all_parties(session, officer, CallQuery())
    for place, party in enumerate(parties[:CALLED]):
        day = clock.today() - timedelta(days=place + 1)
        calling.note_call(officer, party.id, day, party.contact or "de balie", WORDS[place])


def _offers(state: OfferState, among: frozenset[ProposalState] = RUNNING) -> list[tuple[str, int]]:
    """Return the offers in a state of proposals in some states, the oldest first."""
    found = select(Offer.ref, Offer.revision).join(Proposal).where(Offer.state == state, Proposal.state.in_(among))
    with reading() as session:
        return [(row[0], row[1]) for row in session.execute(found.order_by(Offer.id))]
