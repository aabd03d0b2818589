"""What the small world holds of the relations team's work: an escalation, a meeting and a commitment of each creditor, and ended ones."""

from datetime import UTC, date, datetime

from app.accounts.rules import hash_token
from app.clock import now, today
from app.relations.commitment_rules import CommitmentState
from app.relations.escalation_rules import EscalationState, Level, Result, Way
from app.relations.meeting_rules import ItemKind, MeetingState, Side
from app.relations.models import AgendaItem, CalendarFeed, CommitmentCheck, CreditorMonth, EscalationStep, MeetingNote, MeetingParticipant
from tests import factory

MISSING = {
    "escalation": "E-2222-2222", "meeting": "O-2222-2222", "item": "99999999", "commitment": "N-2222-2222", "feed": "a-calendar-of-nobody",
}  # fmt: skip


def add(things, places, people):
    """Add what the relations team does to the world; our manager and the second one have a calendar each."""
    for owner, manager in (("ours", "manager"), ("theirs", "manager2")):
        things[owner] |= _with(places[owner], owner) | {"feed": f"calendar-of-{owner}"}
        factory.save(CreditorMonth(creditor_id=places[owner].id, month=date(2026, 5, 1), figures={"offers": 7}, counted_at=now()))
        who = people[manager]
        factory.save(
            CalendarFeed(
                token_hash=hash_token(f"calendar-of-{owner}"), person_id=who.person_id, organisation_id=who.organisation_id, made_at=now()
            )
        )
    closed = {"state": EscalationState.CLOSED, "result": Result.SETTLED, "result_words": "Betaald.", "closed_on": today()}
    held = {"state": MeetingState.HELD, "minutes": "Zij betalen.", "minuted_at": now(), "begins": datetime(2026, 6, 2, 8, tzinfo=UTC)}
    over = {"commitment": {"state": CommitmentState.ENDED}, "meeting": held | {"ends": datetime(2026, 6, 2, 9, tzinfo=UTC)}}
    things["ended"] |= _with(places["ours"], "ended", escalation=closed, **over) | {"feed": MISSING["feed"]}
    for name in ("resting", "erased"):
        things[name] |= MISSING


def _with(organisation, name, **over):
    escalation = factory.escalation(organisation, subject=f"Kosten {name}", **over.get("escalation", {}))
    done = {"result": Result.SETTLED, "result_words": "Ja.", "done_on": today()} if escalation.result else {}
    factory.save(
        EscalationStep(
            escalation_id=escalation.id, level=Level.CONTACT, way=Way.CALL, words=f"Vraag {name}", owner="Joris", begun_on=date(2026, 6, 1),
            due_on=escalation.due_on, **done,
        )
    )  # fmt: skip
    meeting = factory.meeting(organisation, **over.get("meeting", {}))
    whose = {"meeting_id": meeting.id, "organisation_id": organisation.id}
    factory.save(
        MeetingParticipant(side=Side.THEIRS, name=f"Noor {name}", **whose),
        MeetingNote(meeting_id=meeting.id, at=now(), who="Joris", words=f"Notitie {name}"),
        AgendaItem(kind=ItemKind.OWN, words=f"Verborgen {name}", is_private=True, **whose),
    )
    item = factory.save(AgendaItem(kind=ItemKind.OWN, words=f"Punt {name}", **whose))
    commitment = factory.commitment(organisation, **over.get("commitment", {}))
    factory.save(
        CommitmentCheck(
            commitment_id=commitment.id, organisation_id=organisation.id, at=now(), who="Joris", is_kept=True, words=f"Gezien {name}"
        )
    )
    return {"escalation": escalation.ref, "meeting": meeting.ref, "item": str(item.id), "commitment": commitment.ref}
