"""Use cases of whoever holds a letter but no account: open the one offer that a code stands for, and ask whether a letter is ours.

Wrong codes are counted in the database, for each network address and for the offer that they nearly name; nothing is kept in memory.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.accounts.throttle import count_failure, refuse_in_wait
from app.audit.service import record, record_refused
from app.cases.balance_code import count_near_balances, open_balance_by_code
from app.cases.models import BalanceRequest
from app.clock import local, now, today
from app.creditors.models import Organisation
from app.db import REF_ALPHABET, transaction
from app.errors import NotFound, Refusal
from app.proposals.lifecycle import CAN_BE_ANSWERED, AnsweredBy, ProposalState, Visibility
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.offer_queries import Letter, letter_of
from app.proposals.offer_rows import CODE_LENGTH
from app.sealing import blind_indexes

VALID = timedelta(days=60)
TRIES = 10  # wrong codes that differ in one sign from an offer's own: then it is locked


@dataclass(frozen=True)
class Opened:
    """What a code opened: the reference of an offer (`A-…`) or balance request (`S-…`), whose letter it was, and the code's index.

    The index tells later whether that code is the letter's still: a new one is sent by post, or doubles were merged.
    """

    ref: str
    organisation_id: int
    index: str


def open_by_code(code: str, address: str, origin: str) -> Opened:
    """Return the offer or balance request that a code opens.

    Raises Refusal: in the same words for a code that is unknown, used, too old or of a proposal that is over; that the offer
    is locked; or that this address has to wait.
    """
    signs = "".join(sign for sign in code.upper() if sign.isalnum())
    with transaction(as_portal=True) as session:  # nobody acts yet: the code says for whom
        _refuse_in_wait(session, address)
        offer = session.scalar(select(Offer).where(Offer.code_index.in_(blind_indexes(signs))))
        opened: Offer | BalanceRequest | None = offer if offer is not None and _opens(session, offer) else None
        if isinstance(opened, Offer):
            _note_opening(session, opened, origin)
        elif request := open_balance_by_code(session, signs, origin):
            opened = request
        else:
            count_failure(session, f"letter:{address}")
            _count_near(session, signs, origin)
        if opened is not None:
            return Opened(opened.ref, opened.agent_id or opened.creditor_id, opened.code_index.hex())
    raise Refusal("proposals.code_unknown", field="code")


def _opens(session: Session, offer: Offer) -> bool:
    """Tell whether an offer opens to its code: not older than 60 days, and to be answered still. Raises Refusal when locked.

    Once answered, a letter that lies about shows nothing any more of whom it is about.
    """
    if offer.code_tries >= TRIES:
        raise Refusal("proposals.code_locked", field="code")
    state = session.scalar(select(Proposal.state).where(Proposal.id == offer.proposal_id))
    if offer.visibility is not Visibility.VISIBLE:
        return False
    written_on = local(offer.recoded_at).date() if offer.recoded_at else offer.issued_on
    return today() <= written_on + VALID and state is ProposalState.ISSUED and offer.state in CAN_BE_ANSWERED


def _note_opening(session: Session, offer: Offer, origin: str) -> None:
    record(session, SYSTEM, "offers:open-by-code", f"offer/{offer.ref}", concerns_id=offer.creditor_id, origin=(None, origin))
    session.add(OfferEvent(offer_id=offer.id, creditor_id=offer.creditor_id, at=now(), what="opened by code", who=SYSTEM.name, facts={}))


def _count_near(session: Session, signs: str, origin: str) -> None:
    """Count a wrong code against the offers from whose code it differs in one sign: a slip of the pen, or somebody trying."""
    indexes = _neighbours(signs)
    near = list(session.scalars(select(Offer).where(Offer.code_index.in_(indexes)).order_by(Offer.id)))
    requests = count_near_balances(session, indexes, origin)
    for offer in near:
        offer.code_tries += 1
        record_refused(
            session,
            SYSTEM,
            "offers:code-fail",
            f"offer/{offer.ref}",
            concerns_id=offer.creditor_id,
            origin=(None, origin),
        )
    if not near and not requests:
        record_refused(session, SYSTEM, "offers:code-fail", "offer/unknown", origin=(None, origin))


def _neighbours(signs: str) -> list[bytes]:
    if len(signs) != CODE_LENGTH:
        return []
    places = range(CODE_LENGTH)
    near = [signs[:at] + other + signs[at + 1 :] for at in places for other in REF_ALPHABET if other != signs[at]]
    return [index for one in near for index in blind_indexes(one)]


@dataclass(frozen=True)
class Answered:
    """A letter that was answered with its code, and to whom it went."""

    ref: str
    organisation_id: int
    organisation: str


def answered_letter(session: Session, opened: Opened) -> Answered:
    """Return the letter that a code opened, when it was answered with that code. Raises NotFound.

    The answer to a balance request may name another who acts from then on: whoever holds the letter is of neither for that.
    """
    kind = BalanceRequest if opened.ref.startswith("S-") else Offer
    by_its_code = (kind.ref == opened.ref, kind.answered_by == AnsweredBy.CODE, kind.visibility == Visibility.VISIBLE)
    its_code = kind.code_index == bytes.fromhex(opened.index)
    party = select(Organisation.id, Organisation.name).join(kind, Organisation.id == opened.organisation_id)
    found = session.execute(party.where(*by_its_code, its_code)).one_or_none()
    if found is None:
        raise NotFound
    return Answered(opened.ref, *found)


def check_letter(code: str, address: str) -> Letter | None:
    """Return the letter with this check code (its offer's reference), or None; wrong ones are counted for the address. Raises Refusal."""
    with transaction(as_portal=True) as session:  # anybody may ask whether a letter is ours
        _refuse_in_wait(session, address)
        letter = letter_of(session, code.strip().upper())
        if letter is None:
            count_failure(session, f"letter:{address}")
        return letter


def _refuse_in_wait(session: Session, address: str) -> None:
    refuse_in_wait(session, f"letter:{address}", refusal="proposals.code_wait", field="code")
