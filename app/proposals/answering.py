"""Give answers to offers within somebody's transaction: locked together, judged one by one, written together.

A person who answers one offer gives a list of one; a file or a choice of many gives some hundreds at a time. Each answer leaves its
history, its audit event and its mail; the last acceptance lets the agreement stand.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, bindparam, insert, null, select, update
from sqlalchemy.orm import Session

from app.access import Actor, Kind
from app.audit.service import record_same
from app.clock import now, today
from app.consents.models import Assessment
from app.creditors.models import Organisation
from app.db import as_portal
from app.errors import Conflict, NotFound, Refusal
from app.notifications.service import Recipient, Telling, notify_all
from app.proposals.agreement import settle_if_agreed
from app.proposals.answer_rules import Answer, Given, Standing, judge
from app.proposals.lifecycle import AnsweredBy, OfferState
from app.proposals.models import Offer, OfferEvent, Proposal
from app.proposals.offer_access import Scope, parameters, scope_of, seen_by

Outcome = int | Refusal | Conflict | NotFound  # the offer's revision after it, or why it was not given

_OFFERS: Table = Offer.__table__  # type: ignore[assignment]
_EVENTS: Table = OfferEvent.__table__  # type: ignore[assignment]
_O, _P = _OFFERS.c, Proposal.__table__.c
_STANDING = (
    _O.id, _O.ref, _O.creditor_id, _O.proposal_id, _O.revision, _O.state, _O.words, _O.reject_reason, _O.other_balance_cents,
    _O.answerer, _O.answer_by, _O.reconsider_by, _O.clock_on,
)  # fmt: skip
_WRITE = update(_OFFERS).where(_O.id.in_(bindparam("ids", expanding=True))).values(revision=_O.revision + 1, draft=null())


class _Kept(NamedTuple):
    """An answer that was judged good, and the offer as it stood before."""

    offer: Standing
    given: Given
    is_late: bool


def give_answer(session: Session, actor: Actor, given: Given) -> int:
    """Give one answer and return the offer's revision after it. Raises as `judge`, and NotFound."""
    outcome = give_answers(session, actor, [given])[0]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def give_answers(session: Session, actor: Actor, given: Sequence[Given]) -> list[Outcome]:
    """Give answers and return what became of each, in their order; the actor must have the permission already.

    One that is refused holds up no other. Giving the same answer twice changes nothing.
    """
    offers, on = _locked(session, actor, given), today()
    kept: list[_Kept] = []
    outcomes = [_judged(actor, offers, one, kept, on) for one in given]
    if kept:
        _write(session, actor, kept)
        _remember(session, actor, kept)
        _tell(session, kept)
        _settle(session, kept)
    return outcomes


# ── before ───────────────────────────────────────────────────────────────────


def _locked(session: Session, actor: Actor, given: Sequence[Given]) -> dict[str, Standing]:
    """Return the offers that the actor may see, locked in the order in which every use case locks them: see `db.transaction`."""
    refs = [one.seen.ref for one in given if one.seen.ref.isprintable()]
    proposals, offers = _statements(scope_of(actor))
    asked = parameters(actor) | {"refs": refs}
    states = {row[0]: row[1] for row in session.execute(proposals, asked)}
    covered = _covered(session, [one.seen.ref for one in given if not one.against_consent])
    found = session.execute(offers, asked).all()
    held = [row for row in found if row.proposal_id in states]  # one that came into sight between both is not there yet
    return {row.ref: Standing._make((*row, states[row.proposal_id], row.ref in covered)) for row in held}


@cache
def _statements(scope: Scope) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    mine = _O.ref.in_(bindparam("refs", expanding=True)), seen_by(scope)
    proposals = select(_P.id, _P.state).where(_P.id.in_(select(_O.proposal_id).where(*mine))).order_by(_P.id)
    return proposals.with_for_update(), select(*_STANDING).where(*mine).order_by(_O.proposal_id, _O.id).with_for_update()


def _covered(session: Session, refs: Sequence[str]) -> set[str]:
    """Return which of these offers the own consent covers."""
    if not refs:
        return set()
    return set(session.scalars(select(Assessment.offer_ref).where(Assessment.offer_ref.in_(refs), Assessment.covered)))


def _judged(actor: Actor, offers: dict[str, Standing], given: Given, kept: list[_Kept], on: date) -> Outcome:
    offer = offers.get(given.seen.ref)
    if offer is None:
        return NotFound()
    try:
        is_new = judge(offer, given, actor.name[:200], by_agent=actor.kind is Kind.AGENT)
    except (Refusal, Conflict) as no:
        return no
    if is_new:
        kept.append(_Kept(offer, given, offer.is_late(on)))
        offers[offer.ref] = offer.after(given.answer, actor.name[:200])  # a second answer to it in the same list finds this one
    return offers[offer.ref].revision


# ── after ────────────────────────────────────────────────────────────────────


def _write(session: Session, actor: Actor, kept: Sequence[_Kept]) -> None:
    """Write the answers; those that say the same are one statement."""
    agent = actor.organisation_id if actor.kind is Kind.AGENT else None  # in whose name shows for good
    who = {"answered_at": now(), "answerer": actor.name[:200], "answered_agent_id": agent}
    same: dict[tuple[Answer, AnsweredBy, bool], list[int]] = defaultdict(list)
    for offer, (seen, answer, _), is_late in kept:
        same[answer, seen.by, is_late].append(offer.id)
    for (answer, by, is_late), ids in same.items():
        told = {"state": answer.state, "words": answer.words, "reject_reason": answer.reason, "other_balance_cents": answer.balance_cents}
        session.execute(_WRITE, who | told | {"answered_by": by, "late": is_late, "ids": ids})


def _remember(session: Session, actor: Actor, kept: Sequence[_Kept]) -> None:
    at, who = now(), actor.name[:200]
    session.execute(insert(_EVENTS), [_event(one, at, who, actor.organisation_id) for one in kept])
    same: dict[tuple[OfferState, Answer, AnsweredBy], list[tuple[str, int]]] = defaultdict(list)
    for offer, (seen, answer, _), _ in kept:
        same[offer.state, answer, seen.by].append((f"offer/{offer.ref}", offer.creditor_id))
    for (before, answer, by), subjects in same.items():
        record_same(
            session, actor, "offers:answer", subjects, state=(before, answer.state), answered_by=(None, by),
            reason=(None, answer.reason), balance=(None, answer.balance_cents),
        )  # fmt: skip


def _event(one: _Kept, at: datetime, who: str, organisation_id: int | None) -> dict[str, Any]:
    offer, given, is_late = one
    facts: dict[str, Any] = {"state": given.answer.state.value, "late": is_late, "by": given.seen.by.value}
    facts |= {"before": offer.state.value, "organisation": organisation_id}  # who may take it back, and to what
    return {"offer_id": offer.id, "creditor_id": offer.creditor_id, "at": at, "what": "answered", "who": who, "facts": facts}


def _tell(session: Session, kept: Sequence[_Kept]) -> None:
    """Mail the bank what asks for its hand; and the creditor when its letter's code was used, so that misuse shows."""
    by_code = [one.offer for one in kept if one.given.seen.by is AnsweredBy.CODE]
    asks = [one.offer for one in kept if one.given.answer.state is not OfferState.ACCEPTED]
    told: list[Telling] = []
    if by_code:
        creditors = _recipients(session, (offer.creditor_id for offer in by_code))
        told += [Telling("offers.answered_by_code", creditors[one.creditor_id], "/answer", {"offer": one.ref}) for one in by_code]
    if asks and (bank := _bank(session)):
        told += [Telling("offers.asks_the_bank", bank, f"/offers/{offer.ref}", {"offer": offer.ref}) for offer in asks]
    notify_all(session, told)


def _recipients(session: Session, ids: Iterable[int]) -> dict[int, Recipient]:
    mine = select(Organisation.id, Organisation.email).where(Organisation.id.in_(set(ids))).order_by(Organisation.id)
    return {row.id: Recipient(row.email, row.id) for row in session.execute(mine)}


def _bank(session: Session) -> Recipient | None:
    first = select(Organisation.id, Organisation.email).where(Organisation.kind == Kind.BANK).order_by(Organisation.id).limit(1)
    row = session.execute(first).one_or_none()
    return Recipient(row.email, row.id) if row else None


def _settle(session: Session, kept: Sequence[_Kept]) -> None:
    accepted = {one.offer.proposal_id for one in kept if one.given.answer.state is OfferState.ACCEPTED}
    if accepted:
        with as_portal(session):  # it looks at every creditor's answer, and ends the proposal for all
            settle_if_agreed(session, accepted)
