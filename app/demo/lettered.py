"""Let two creditors of the demo that answered with a code ask an account, and the holder of a letter a new code."""

from sqlalchemy import exists, select

from app.access import Kind
from app.accounts.models import Membership
from app.accounts.signups import Asker, Newcomer, ask_account
from app.creditors.models import Organisation
from app.db import reading
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.models import Offer, Proposal
from app.proposals.new_codes import ask_new_code

ASKERS = (("Mia Kas", "mia.kas"), ("Joris Wals", "joris.wals"))
OTHER_NUMBER = "87654321"  # of somebody who mistook its own
NETWORK = "192.0.2.7"  # of documentation, RFC 5737


def write_for_those_without_account() -> None:
    """Ask two first accounts, one with another number than the register's, and one new code."""
    with reading() as session:
        without = Organisation.kind == Kind.CREDITOR, ~exists().where(Membership.organisation_id == Organisation.id)
        answered = select(Organisation.id, Organisation.kvk, Offer.ref).join(Offer, Offer.creditor_id == Organisation.id)
        yes = (Offer.state == OfferState.ACCEPTED, Offer.agent_id.is_(None), Organisation.kvk != "")
        found = session.execute(answered.where(*without, *yes).order_by(Organisation.id, Offer.id)).all()
        waits = select(Offer.ref).join(Proposal, Proposal.id == Offer.proposal_id).where(Proposal.state == ProposalState.ISSUED)
        letter = session.scalar(waits.where(Offer.state == OfferState.OPEN).order_by(Offer.id).limit(1))
    first = {row.id: row for row in reversed(found)}
    for at, (row, (name, address)) in enumerate(zip(sorted(first.values()), ASKERS, strict=False)):
        number = row.kvk if at == 0 else OTHER_NUMBER
        asker = Asker(row.id, row.ref, "nl", NETWORK, "demo")
        ask_account(asker, Newcomer(name, f"{address}@schuldeiser.example", number))
    if letter:
        ask_new_code(letter, NETWORK)
