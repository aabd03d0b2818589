"""Use cases of a new code by post: whoever holds a letter asks one, the old code stops, and a letter goes to the register's address."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.accounts.throttle import count_failure, refuse_in_wait
from app.audit.service import record
from app.cases import balance_letters
from app.cases.balance_rules import BalanceAnswer
from app.cases.models import BalanceRequest
from app.clock import now
from app.creditors.models import Organisation
from app.db import REF_ALPHABET, reading, transaction
from app.jobs.service import enqueue
from app.notifications.service import Recipient, notify
from app.proposals import letters
from app.proposals.lifecycle import CAN_BE_ANSWERED, ProposalState, Visibility
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.offer_rows import CODE_LENGTH
from app.sealing import blind_index

AGAIN_AFTER = timedelta(days=5)  # a letter is on its way: asking again before then sends no other


def ask_new_code(letter_ref: str, address: str) -> None:
    """Take down that somebody asks a new code for a letter, named by its reference in capitals.

    Whether there is such a letter is found out by a job: the answer and the work are the same for a known and an unknown one.
    Raises Refusal when asked too often from this address.
    """
    key = f"new code:{address}"
    with transaction(as_portal=True) as session:
        refuse_in_wait(session, key, refusal="proposals.new_code_wait", field="ref")
        count_failure(session, key)
        enqueue(session, "proposals.renew_code", {"ref": letter_ref}, key=secrets.token_hex(8))


def renew_code(letter_ref: str) -> None:
    """Replace the code of an offer (`A-…`) or balance request (`S-…`) that waits for its answer, and queue the letter with it.

    What is unknown, answered, over or at rest stays as it is, and so does what got a new code in the last five days.
    """
    with transaction() as session:
        found = _request(session, letter_ref) if letter_ref.startswith("S-") else _offer(session, letter_ref)
        if found is None or not _is_time(found.recoded_at):
            return
        stop_code(found)
        found.recoded_at = now()
        group, kind = ("offers", "offer") if isinstance(found, Offer) else ("balances", "balance")
        record(session, SYSTEM, f"{group}:renew-code", f"{kind}/{found.ref}", concerns_id=found.creditor_id)
        if isinstance(found, Offer):
            event = {"what": "code renewed", "who": SYSTEM.name, "facts": {}}
            session.add(OfferEvent(offer_id=found.id, creditor_id=found.creditor_id, at=now(), **event))
        _tell(session, found)
        enqueue(session, "proposals.write_new_letter", {"ref": found.ref}, key=f"{found.ref}.{now():%Y%m%d%H%M%S}")


def write_new_letter(letter_ref: str) -> None:
    """Write the letter with the new code and keep it beside the one before; running again after that does nothing."""
    with reading() as session:
        kind, column = (BalanceRequest, BalanceRequest.id) if letter_ref.startswith("S-") else (Offer, Offer.id)
        number = session.scalar(select(column).where(kind.ref == letter_ref))
    if number is not None:
        write = balance_letters.write_letters if kind is BalanceRequest else letters.write_letters
        write([number])


def stop_code(found: Offer | BalanceRequest) -> None:
    """Let the code of a letter open nothing any more, within somebody's transaction; no other is sent until somebody asks one."""
    found.code = "".join(secrets.choice(REF_ALPHABET) for _ in range(CODE_LENGTH))
    found.code_index, found.code_tries = blind_index(found.code), 0


def _offer(session: Session, ref: str) -> Offer | None:
    joined = select(Proposal, Offer).select_from(Proposal).join(Offer, Offer.proposal_id == Proposal.id)
    waits = (Proposal.state == ProposalState.ISSUED, Offer.state.in_(CAN_BE_ANSWERED), Offer.visibility == Visibility.VISIBLE)
    row = session.execute(joined.where(Offer.ref == ref, *waits).with_for_update()).one_or_none()
    return row[1] if row else None


def _request(session: Session, ref: str) -> BalanceRequest | None:
    waits = (BalanceRequest.state == BalanceAnswer.OPEN, BalanceRequest.visibility == Visibility.VISIBLE)
    return session.scalar(select(BalanceRequest).where(BalanceRequest.ref == ref, *waits).with_for_update())


def _is_time(recoded_at: datetime | None) -> bool:
    return recoded_at is None or now() - recoded_at >= AGAIN_AFTER


def _tell(session: Session, found: Offer | BalanceRequest) -> None:
    """Mail whom the letter goes to, so that it shows when somebody else asked."""
    party = session.get_one(Organisation, found.agent_id or found.creditor_id)
    notify(session, "offers.new_code", Recipient(party.email, party.id), "/answer", letter=found.ref)
