"""Use cases of whoever holds the letter of a balance request but no account. Wrong codes are counted by who asks for a code.

`open_balance_by_code` and `count_near_balances` work inside the transaction of the one page that takes codes of every kind of letter.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Kind, Role
from app.audit.service import record, record_refused
from app.cases.balance_rules import CODE_TRIES, opens_by_code
from app.cases.models import BalanceRequest
from app.cases.rules import Visibility
from app.clock import local, today
from app.creditors.models import Organisation
from app.errors import NotFound, Refusal
from app.sealing import blind_indexes


def open_balance_by_code(session: Session, code: str, origin: str) -> BalanceRequest | None:
    """Return the balance request that a code opens, noted in the log; None when it opens none.

    Raises Refusal when that request is locked after ten wrong codes.
    """
    request = session.scalar(select(BalanceRequest).where(BalanceRequest.code_index.in_(blind_indexes(code))))
    if request is None or request.visibility is not Visibility.VISIBLE:
        return None
    if request.code_tries >= CODE_TRIES:
        raise Refusal("cases.balance_code_locked", field="code")
    written_on = local(request.recoded_at).date() if request.recoded_at else request.sent_on
    if not opens_by_code(written_on, request.state, request.closes_on, today()):
        return None
    record(session, SYSTEM, "balances:open-by-code", f"balance/{request.ref}", concerns_id=request.creditor_id, origin=(None, origin))
    return request


def count_near_balances(session: Session, near: Sequence[bytes], origin: str) -> int:
    """Count a wrong code against the requests whose codes are among `near` (blind indexes), and return how many those are."""
    requests = list(session.scalars(select(BalanceRequest).where(BalanceRequest.code_index.in_(near)).order_by(BalanceRequest.id)))
    for request in requests:
        request.code_tries += 1
        record_refused(
            session, SYSTEM, "balances:code-fail", f"balance/{request.ref}", concerns_id=request.creditor_id, origin=(None, origin)
        )  # fmt: skip
    return len(requests)


def code_holder(session: Session, ref: str, index: str, name: str, origin: str) -> Actor:
    """Return who acts with the code of a request: by the name it gives, for the creditor that was asked.

    Raises NotFound, also when the code with this index is the request's no longer.
    """
    asked = select(Organisation).join(BalanceRequest, BalanceRequest.creditor_id == Organisation.id)
    creditor = session.scalar(asked.where(BalanceRequest.ref == ref, BalanceRequest.code_index == bytes.fromhex(index)))
    if creditor is None:
        raise NotFound
    roles = frozenset({Role.CREDITOR_WORKER})
    return Actor(name.strip()[:200], roles, Kind.CREDITOR, creditor.id, creditor.name, None, f"by code {origin}"[:200])
