"""Use cases of whoever calls creditors for the bank: note that somebody was called, and take that back. Appended, never edited."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import transaction
from app.errors import Conflict, NotFound, Refusal
from app.proposals.call_queries import CallQuery, PartyRow, all_parties
from app.proposals.models import CreditorCall

PARTIES = (Kind.CREDITOR, Kind.AGENT)


def note_call(actor: Actor, organisation_id: int, called_on: date, spoken_to: str, words: str) -> None:
    """Note that a creditor or agent was called, with whom was spoken and what came of it. The same twice in a day is one call.

    Raises Refusal for a day that is not there yet or too long ago, and without a word; NotFound.
    """
    actor.must(Permission.SETTLE_PROPOSALS)
    if not 0 <= (today() - called_on).days <= 30:
        raise Refusal("proposals.call_day", field="called_on")
    if not (spoken_to.strip() or words.strip()):
        raise Refusal("proposals.call_empty", field="spoken_to")
    with transaction() as session:
        _locked(session, organisation_id)
        told = (called_on, actor.name[:200], spoken_to.strip(), words.strip())
        last = _newest(session, organisation_id)
        if last is not None and told == (last.called_on, last.called_by, last.spoken_to, last.note):
            return  # the second click of a double one
        call = CreditorCall(
            organisation_id=organisation_id, at=now(), called_on=called_on, person_id=actor.person_id, called_by=told[1],
            spoken_to=told[2], note=told[3],
        )  # fmt: skip
        session.add(call)
        session.flush()
        record(
            session, actor, "calls:note", f"organisation/{organisation_id}", called_on=(None, called_on)
        )  # no words: they may name a client


def undo_call(actor: Actor, organisation_id: int, call_id: int) -> None:
    """Take a call back that was noted by mistake. Raises Conflict when somebody did already, NotFound."""
    actor.must(Permission.SETTLE_PROPOSALS)
    with transaction() as session:
        _locked(session, organisation_id)
        call = session.get(CreditorCall, call_id)
        if call is None or call.organisation_id != organisation_id or call.undoes_id is not None:
            raise NotFound
        if session.scalar(select(CreditorCall.id).where(CreditorCall.undoes_id == call.id)) is not None:
            raise Conflict
        session.add(
            CreditorCall(
                organisation_id=organisation_id, at=now(), called_on=today(), person_id=actor.person_id, called_by=actor.name[:200],
                undoes_id=call.id,
            )
        )  # fmt: skip
        record(session, actor, "calls:undo", f"organisation/{organisation_id}", called_on=(call.called_on, None))


def export_calls(actor: Actor, query: CallQuery) -> list[PartyRow]:
    """Return every row of the call list that the filters show, and note that somebody took them along. Raises NotFound."""
    with transaction() as session:
        rows = all_parties(session, actor, query)
        record(session, actor, "calls:export", "calls", rows=(None, len(rows)))
        return rows


def _locked(session: Session, organisation_id: int) -> None:
    found = select(Organisation.id).where(Organisation.id == organisation_id, Organisation.kind.in_(PARTIES))
    if session.scalar(found.with_for_update()) is None:
        raise NotFound


def _newest(session: Session, organisation_id: int) -> CreditorCall | None:
    """Return the last thing noted of an organisation, unless that was a taking back."""
    mine = select(CreditorCall).where(CreditorCall.organisation_id == organisation_id).order_by(CreditorCall.id.desc()).limit(1)
    last = session.scalar(mine)
    return last if last is not None and last.undoes_id is None else None
