"""Letters that ask for a balance: read what each must tell, and write them. The words stand in `balance_letter_text`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.cases.balance_letter_text import BalanceLetter, balance_letter
from app.cases.balance_rules import BalanceAnswer
from app.cases.balance_words import TITLES
from app.cases.models import BalanceRequest
from app.cases.rules import Visibility
from app.clock import local
from app.creditors.models import Organisation
from app.db import reading, transaction
from app.documents import service as documents
from app.documents.models import Document
from app.documents.writer import write_all
from app.notifications.channels import base_url

KIND = "balance letter"


def write_letters(request_ids: Sequence[int]) -> None:
    """Write and keep the letters about some requests that wait. Those that are kept already stay, and about what rests none is written.

    With a new code another comes beside. Drawing happens outside the transaction: nobody waits for a letter to be able to write. What
    was written meanwhile by another run, or got another code, is left to that.
    """
    with reading() as session:
        requests = _without_letter(session, request_ids)
        parties = _parties(session, requests)
        pages = write_all(balance_letter(facts_of(request, parties)) for request in requests)
        ready = [(one.code_index, one.ref, one.creditor_id, content) for one, content in zip(requests, pages, strict=True)]
    with transaction() as session:
        # nobody changes a code meanwhile, and a run at the same moment finds what this one keeps
        mine = select(BalanceRequest.id).where(BalanceRequest.id.in_(list(request_ids))).order_by(BalanceRequest.id)
        session.execute(mine.with_for_update(key_share=True))
        still = {request.code_index for request in _without_letter(session, request_ids)}
        for _, ref, creditor_id, content in [one for one in ready if one[0] in still]:
            title = str(TITLES["letter"] % {"ref": ref})
            documents.store(session, kind=KIND, title=title, subject_ref=ref, organisation_id=creditor_id, content=content)


def _without_letter(session: Session, ids: Sequence[int]) -> list[BalanceRequest]:
    """Return which of some requests have no letter with their code of now yet."""
    is_its = or_(BalanceRequest.recoded_at.is_(None), Document.created_at >= BalanceRequest.recoded_at)
    kept = select(Document.id).where(Document.kind == KIND, Document.subject_ref == BalanceRequest.ref, is_its).exists()
    waits = (BalanceRequest.visibility == Visibility.VISIBLE, BalanceRequest.state == BalanceAnswer.OPEN)
    wanted = select(BalanceRequest).where(BalanceRequest.id.in_(list(ids)), ~kept, *waits)
    loaded = wanted.options(joinedload(BalanceRequest.case), joinedload(BalanceRequest.claim))
    return list(session.scalars(loaded.order_by(BalanceRequest.id)))


def _parties(session: Session, requests: Sequence[BalanceRequest]) -> dict[int, Organisation]:
    ids = {id_ for request in requests for id_ in (request.creditor_id, request.agent_id) if id_ is not None}
    return {one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id))}


def facts_of(request: BalanceRequest, parties: dict[int, Organisation]) -> BalanceLetter:
    """Return what the letter about a request tells; its claim and case are loaded."""
    case = request.case
    return BalanceLetter(
        ref=request.ref, case_ref=case.ref,
        written_on=local(request.recoded_at).date() if request.recoded_at else request.sent_on, **_address(request, parties),
        client_name=f"{case.initials} {case.surname}".strip(), client_birth_date=case.birth_date,
        client_address=f"{case.street} {case.house_number}, {case.postcode} {case.city}", reported_cents=request.claim.reported_cents,
        answer_by=request.answer_by, remind_on=tuple(date.fromisoformat(day) for day in request.remind_on), closes_on=request.closes_on,
        code=f"{request.code[:5]}-{request.code[5:]}", portal=base_url().partition("://")[2], has_new_code=request.recoded_at is not None,
    )  # fmt: skip


def _address(request: BalanceRequest, parties: dict[int, Organisation]) -> dict[str, Any]:
    """Return to whom a letter goes: the agent that acts, else the creditor, with the reference that it uses itself."""
    creditor, claim = parties[request.creditor_id], request.claim
    to = parties[request.agent_id] if request.agent_id else creditor
    theirs = claim.bailiff_reference if request.agent_id == claim.bailiff_id else claim.agent_reference
    return {
        "recipient": (to.name, f"{to.street} {to.house_number}".strip(), f"{to.postcode} {to.city}".strip()),
        "reference": (theirs if request.agent_id else "") or request.reference,
        "agent_for": creditor.name if request.agent_id else "",
    }
