"""Letters about offers: read what each must tell, and write them. The words stand in `letter_text`, the PDF in `documents`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from app.access import SYSTEM, Actor
from app.audit.service import record
from app.cases.models import Case, Claim
from app.cases.rules import Rank
from app.clock import AMSTERDAM, local
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.documents import service as documents
from app.documents.models import Document
from app.documents.queries import read
from app.documents.writer import write_all
from app.errors import Refusal
from app.money import percentage
from app.notifications.channels import base_url
from app.proposals.drafting import Progress, in_chunks, named_case
from app.proposals.letter_facts import Group, OfferLetter
from app.proposals.letter_text import offer_letter
from app.proposals.lifecycle import AnsweredBy, Visibility
from app.proposals.models import Offer, Proposal
from app.proposals.words import TITLES

KIND = "offer letter"
GROUP = 100  # letters whose facts are read at once
_SEEN = Offer.visibility == Visibility.VISIBLE  # about what rests or was erased no letter is written or handed out


@dataclass(frozen=True)
class Written:
    """A letter as a file: the offer that it is about with the index of its code then, whose it is, and the bytes."""

    offer_id: int
    code_index: bytes
    ref: str
    creditor_id: int
    content: bytes


def write_letters(offer_ids: Sequence[int]) -> None:
    """Write and keep the letters about some offers. Those that are kept already stay as they are; with a new code another comes beside.

    Drawing happens outside the transaction: nobody waits for a letter to be able to write. What was written meanwhile by another run,
    or got another code, is left to that.
    """
    with reading() as session:
        ready = list(written(session, _without_letter(session, offer_ids)))
    with transaction() as session:
        _lock(session, [letter.offer_id for letter in ready])
        still = _without_letter(session, offer_ids)
        for letter in [one for one in ready if still.get(one.offer_id) == one.code_index]:
            documents.store(
                session, kind=KIND, title=str(TITLES["letter"] % {"ref": letter.ref}), subject_ref=letter.ref,
                organisation_id=letter.creditor_id, content=letter.content,
            )  # fmt: skip


def _lock(session: Session, offer_ids: Sequence[int]) -> None:
    """Let nobody change a code meanwhile, and a run at the same moment, such as one of the command line, find what this one keeps."""
    mine = select(Offer.id).where(Offer.id.in_(offer_ids)).order_by(Offer.proposal_id, Offer.id)
    session.execute(mine.with_for_update(key_share=True))


def written(session: Session, offer_ids: Iterable[int]) -> Iterator[Written]:
    """Yield the letters about some offers, in the order of their offers."""
    query = (
        select(Offer)
        .where(Offer.id.in_(list(offer_ids)))
        .options(joinedload(Offer.claim), joinedload(Offer.proposal).joinedload(Proposal.case))
        .order_by(Offer.id)
    )
    offers = list(session.scalars(query))
    parties = parties_of(session, offers)
    pages = write_all(offer_letter(facts_of(offer, parties)) for offer in offers)
    for offer, content in zip(offers, pages, strict=True):
        yield Written(offer.id, offer.code_index, offer.ref, offer.creditor_id, content)


def offers_of_case(session: Session, actor: Actor, case_ref: str) -> list[int]:
    """Return the ids of all offers in a case. Raises Refusal when there is no such case."""
    _, case_id = named_case(session, actor, case_ref)
    return list(session.scalars(select(Offer.id).where(Offer.case_id == case_id).order_by(Offer.id)))


def offers_since(session: Session, day: date) -> list[int]:
    """Return the ids of the offers that were issued, or got a new code, on a day or later."""
    since = or_(Offer.issued_on >= day, Offer.recoded_at >= datetime.combine(day, time(), AMSTERDAM))
    return list(session.scalars(select(Offer.id).where(since).order_by(Offer.id)))


def offers_named(session: Session, refs: Sequence[str]) -> list[int]:
    """Return the ids of the offers with these references. Raises Refusal for the first that does not exist."""
    found = session.execute(select(Offer.ref, Offer.id).where(Offer.ref.in_(refs)).order_by(Offer.id))
    known = {row.ref: row.id for row in found}
    for ref in refs:
        if ref not in known:
            raise Refusal("proposals.no_such_offer", offer=ref)
    return list(known.values())


def export(offer_ids: Sequence[int], folder: Path, progress: Progress | None = None) -> int:
    """Write the letters about some offers as files, each named after its offer, and return how many; the audit tells it.

    The files are the kept letters, byte for byte; a letter that is still to be written is kept first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for done, group in in_chunks(offer_ids, GROUP):
        write_letters(group)
        with reading() as session:
            for offer_ref, document_ref in session.execute(_kept(group)):
                (folder / f"{offer_ref}.pdf").write_bytes(read(session, document_ref))
        if progress:
            progress(done, len(offer_ids))
    with transaction() as session:
        record(session, SYSTEM, "letters:write", f"letters/{len(offer_ids)}")
    return len(offer_ids)


def _kept(offer_ids: Sequence[int]) -> Select[str, str]:
    letters = select(Offer.ref, Document.ref).join(Document, (Document.subject_ref == Offer.ref) & (Document.kind == KIND))
    return letters.where(Offer.id.in_(offer_ids), _SEEN).order_by(Offer.id, Document.id)  # the newest is written last


def _without_letter(session: Session, offer_ids: Sequence[int]) -> dict[int, bytes]:
    """Return which of some offers have no letter with their code of now yet, each with that code's index."""
    is_its = or_(Offer.recoded_at.is_(None), Document.created_at >= Offer.recoded_at)
    kept = select(Document.id).where(Document.kind == KIND, Document.subject_ref == Offer.ref, is_its).exists()
    query = select(Offer.id, Offer.code_index).where(Offer.id.in_(offer_ids), ~kept, _SEEN).order_by(Offer.id)
    return {row[0]: row[1] for row in session.execute(query)}


def parties_of(session: Session, offers: Iterable[Offer]) -> dict[int, Organisation]:
    """Return the creditors and agents of some offers by id."""
    ids = {id_ for offer in offers for id_ in (offer.creditor_id, offer.agent_id) if id_ is not None}
    return {one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id))}


# ── what a letter tells ──────────────────────────────────────────────────────


def facts_of(offer: Offer, parties: dict[int, Organisation]) -> OfferLetter:
    """Return what the letter about an offer tells; its claim, proposal and case are loaded."""
    proposal, case = offer.proposal, offer.proposal.case
    given, result = proposal.worked["input"], proposal.worked["result"]
    own = next(at for at, claim in enumerate(given["claims"]) if claim["id"] == str(offer.claim.number))
    by_consent = offer.answered_by is AnsweredBy.CONSENT
    return OfferLetter(
        ref=offer.ref, case_ref=case.ref, written_on=local(offer.recoded_at).date() if offer.recoded_at else offer.issued_on,
        **_address(offer, parties), **_client(case),
        product=offer.product, months=proposal.months, preferential=offer.rank is Rank.PREFERENTIAL,
        balance_cents=offer.balance_cents, takes_part_cents=offer.takes_part_cents, payment_cents=offer.payment_cents,
        percentage=offer.percentage, groups=_groups(given["claims"], result["claims"], own),
        income_cents=given["income_cents"], vtlb_cents=given["vtlb_cents"], extra_cents=given["extra_cents"],
        capacity_cents=result["capacity_cents"], available_cents=result["available_cents"], fee_cents=result["fee_cents"],
        answer_by=offer.answer_by, remind_on=tuple(date.fromisoformat(day) for day in result["remind_on"]), closes_on=offer.closes_on,
        code=f"{offer.code[:5]}-{offer.code[5:]}", portal=base_url().partition("://")[2],
        drafted_by=proposal.drafted_by, approved_by=proposal.approved_by or "", reason=proposal.reason,
        guidance=bool(given["debtor"]["guidance"]),
        covered_by=result["claims"][own]["coverage"]["consent"] if by_consent else None, has_new_code=offer.recoded_at is not None,
    )  # fmt: skip


def _address(offer: Offer, parties: dict[int, Organisation]) -> dict[str, Any]:
    """Return to whom a letter goes: the agent that acts, else the creditor, with the reference that it uses itself."""
    creditor, claim = parties[offer.creditor_id], offer.claim
    to = parties[offer.agent_id] if offer.agent_id else creditor
    return {
        "recipient": (to.name, f"{to.street} {to.house_number}".strip(), f"{to.postcode} {to.city}".strip()),
        "reference": (_agent_reference(offer, claim) if offer.agent_id else "") or offer.reference,
        "agent_for": creditor.name if offer.agent_id else "",
    }


def _agent_reference(offer: Offer, claim: Claim) -> str:
    return claim.bailiff_reference if offer.agent_id == claim.bailiff_id else claim.agent_reference


def _client(case: Case) -> dict[str, Any]:
    return {
        "client_name": f"{case.initials} {case.surname}".strip(),
        "client_birth_date": case.birth_date,
        "client_address": f"{case.street} {case.house_number}, {case.postcode} {case.city}",
    }


def _groups(given: list[dict[str, Any]], outcomes: list[dict[str, Any]], own: int) -> tuple[Group, ...]:
    """Return the other claims that take part, per rank together: never who they are."""
    groups = []
    for preferential in (True, False):
        others = [
            outcome
            for at, (claim, outcome) in enumerate(zip(given, outcomes, strict=True))
            if at != own and outcome["takes_part_cents"] and (claim["rank"] == Rank.PREFERENTIAL) is preferential
        ]
        claims, paid = (sum(outcome[name] for outcome in others) for name in ("takes_part_cents", "payment_cents"))
        if others:
            groups.append(Group(preferential, len(others), claims, percentage(paid, claims), paid))
    return tuple(groups)
