"""Use cases of meetings: plan, change or cancel one, add to its agenda, note privately, and write its minutes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.access import Actor, Permission
from app.accounts.queries import colleagues_of
from app.audit.service import record
from app.clock import now
from app.creditors.models import Organisation
from app.db import new_ref, transaction
from app.errors import Conflict, Refusal
from app.notifications.service import Recipient, notify
from app.relations import meeting_rules as rules
from app.relations.complaint_rules import check_words
from app.relations.complaints import WORDS, party
from app.relations.meeting_queries import MeetingQuery, MeetingRow, drawn, meeting_rows, visible_meeting
from app.relations.meeting_rules import ItemKind, MeetingMove, MeetingState, Side
from app.relations.models import AgendaItem, Meeting, MeetingNote, MeetingParticipant

PATH = "/relations/meetings/"
MOST_PEOPLE = 30


@dataclass(frozen=True)
class Plan:
    """When and where a meeting is, and who sits on which side; moments are aware."""

    begins: datetime
    ends: datetime
    place: str = ""
    ours: tuple[int, ...] = ()
    theirs: tuple[str, ...] = ()


def plan_meeting(actor: Actor, code: int, plan: Plan, minutes: str | None = None) -> str:
    """Plan a meeting with a creditor or agent and return its reference; the same again is the one that is planned.

    With `minutes` it is one that was held already. Raises Refusal for a time that is over (or, with minutes, is still to come), and for
    another meeting with them at that time, NotFound.
    """
    actor.must(Permission.WORK_RELATIONS)
    rules.check_times(plan.begins, plan.ends, now(), was_held=minutes is not None)
    with transaction() as session:
        organisation = party(session, code, lock=True)  # of two clicks at once the second finds what the first planned
        twin = _twin(session, organisation.id, plan)
        if twin is not None:
            rules.check_twin((twin.ends, twin.place, twin.minutes), (plan.ends, plan.place.strip()[:200], (minutes or "").strip()[:WORDS]))
            return twin.ref
        meeting = Meeting(
            ref=new_ref("O"), organisation_id=organisation.id, begins=plan.begins, ends=plan.ends, place=plan.place.strip()[:200],
            planned_at=now(), planned_by=actor.name[:200], changed_at=now(),
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        _seat(session, actor, meeting, plan)
        record(
            session, actor, "meetings:plan", f"meeting/{meeting.ref}", concerns_id=organisation.id, begins=(None, meeting.begins),
            place=(None, meeting.place or None),
        )  # fmt: skip
        if minutes is None:
            _tell(session, "meetings.planned", meeting)
        else:
            _minute(session, actor, meeting, minutes)
        return meeting.ref


def _twin(session: Session, organisation_id: int, plan: Plan) -> Meeting | None:
    """Return the meeting with the same organisation that begins at the same moment."""
    same = (Meeting.organisation_id == organisation_id, Meeting.begins == plan.begins, Meeting.state != MeetingState.CANCELLED)
    return session.scalar(select(Meeting).where(*same).order_by(Meeting.id).limit(1))


def _seat(session: Session, actor: Actor, meeting: Meeting, plan: Plan) -> None:
    """Write down who sits at the table. Raises Refusal for a colleague who does not work here any more."""
    colleagues, kept = dict(colleagues_of(session, actor)), _seated(session, meeting)
    if unknown := [id_ for id_ in plan.ours if id_ not in colleagues and id_ not in kept]:
        raise Refusal("relations.owner_unknown", field="ours", number=len(unknown))
    session.execute(delete(MeetingParticipant).where(MeetingParticipant.meeting_id == meeting.id))
    whose = {"meeting_id": meeting.id, "organisation_id": meeting.organisation_id}
    for id_ in dict.fromkeys(plan.ours):
        session.add(MeetingParticipant(side=Side.OURS, person_id=id_, name=colleagues.get(id_) or kept[id_], **whose))
    names = [name.strip()[:120] for name in plan.theirs if name.strip()]
    for name in list(dict.fromkeys(names))[:MOST_PEOPLE]:
        session.add(MeetingParticipant(side=Side.THEIRS, name=name, **whose))


def _seated(session: Session, meeting: Meeting) -> dict[int, str]:
    mine = select(MeetingParticipant).where(MeetingParticipant.meeting_id == meeting.id, MeetingParticipant.person_id.is_not(None))
    return {one.person_id: one.name for one in session.scalars(mine) if one.person_id is not None}


def _tell(session: Session, code: str, meeting: Meeting) -> None:
    """Mail the organisation that there is something about a meeting: its number alone, no time, place or person."""
    other = session.get_one(Organisation, meeting.organisation_id)
    notify(session, code, Recipient(other.email, other.id), f"{PATH}{meeting.ref}", meeting=meeting.ref)


@contextmanager
def _working_on(actor: Actor, ref: str, revision: int | None = None) -> Iterator[tuple[Session, Meeting]]:
    """Open the transaction of an act on a meeting, as it was seen where that matters. Raises NotFound, Conflict."""
    actor.must(Permission.WORK_RELATIONS)
    with transaction() as session:
        meeting = visible_meeting(session, actor, ref, lock=True)
        if revision is not None and meeting.revision != revision:
            raise Conflict
        yield session, meeting


def change_meeting(actor: Actor, ref: str, revision: int, plan: Plan) -> None:
    """Move a meeting, or change its place or people. Raises Refusal for a time that is over or one that was held, Conflict, NotFound."""
    with _working_on(actor, ref, revision) as (session, meeting):
        meeting.state = rules.next_state(meeting.state, MeetingMove.CHANGE)
        is_moved = (plan.begins, plan.ends) != (meeting.begins, meeting.ends)
        if is_moved:
            rules.check_times(plan.begins, plan.ends, now(), was_held=False)
        before = meeting.begins, meeting.place
        meeting.begins, meeting.ends, meeting.place, meeting.changed_at = plan.begins, plan.ends, plan.place.strip()[:200], now()
        _seat(session, actor, meeting, plan)
        record(
            session, actor, "meetings:change", f"meeting/{ref}", concerns_id=meeting.organisation_id, begins=(before[0], meeting.begins),
            place=(before[1], meeting.place),
        )  # fmt: skip
        if is_moved or before[1] != meeting.place:
            _tell(session, "meetings.changed", meeting)


def add_item(actor: Actor, ref: str, words: str, *, is_private: bool) -> None:
    """Add a point to the agenda of a meeting to come; a private one the other side does not see. Raises Refusal, NotFound."""
    check_words(words, "item")
    with _working_on(actor, ref) as (session, meeting):
        rules.next_state(meeting.state, MeetingMove.ADD)
        same = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id, AgendaItem.kind == ItemKind.OWN)
        if any(one.words == words.strip()[:WORDS] for one in session.scalars(same)):
            return  # the second click
        session.add(
            AgendaItem(
                meeting_id=meeting.id, organisation_id=meeting.organisation_id, kind=ItemKind.OWN, words=words.strip()[:WORDS],
                is_private=is_private,
            )
        )  # fmt: skip
        record(session, actor, "meetings:add-item", f"meeting/{ref}")


def drop_item(actor: Actor, ref: str, number: int) -> None:
    """Take a point that somebody added off the agenda of a meeting to come; twice is once. Raises Refusal, NotFound for the meeting."""
    with _working_on(actor, ref) as (session, meeting):
        rules.next_state(meeting.state, MeetingMove.ADD)
        item = session.get(AgendaItem, min(number, 2**31 - 1))
        if item is None or item.meeting_id != meeting.id:
            return  # the second click
        session.delete(item)
        record(session, actor, "meetings:drop-item", f"meeting/{ref}")


def note_meeting(actor: Actor, ref: str, words: str) -> None:
    """Write a private note beside a meeting, which the city alone reads. Raises Refusal without words, NotFound."""
    check_words(words, "note")
    with _working_on(actor, ref) as (session, meeting):
        last = session.scalar(select(MeetingNote).where(MeetingNote.meeting_id == meeting.id).order_by(MeetingNote.id.desc()).limit(1))
        if last is not None and (last.who, last.words) == (actor.name[:200], words.strip()[:WORDS]):
            return  # the second click
        session.add(MeetingNote(meeting_id=meeting.id, at=now(), who=actor.name[:200], words=words.strip()[:WORDS]))
        record(session, actor, "meetings:note", f"meeting/{ref}")  # what it says stays out of the log


def write_minutes(actor: Actor, ref: str, revision: int, words: str) -> None:
    """Write the minutes of a meeting that began, or amend them; the agenda stays as it stands then, and the other side reads both.

    Raises Refusal before it began, without words or when it was cancelled, Conflict, NotFound.
    """
    with _working_on(actor, ref, revision) as (session, meeting):
        _minute(session, actor, meeting, words)


def _minute(session: Session, actor: Actor, meeting: Meeting, words: str) -> None:
    is_first = meeting.minuted_at is None
    state = rules.next_state(meeting.state, MeetingMove.MINUTE)
    rules.check_minutes(meeting.begins, now(), words)
    if is_first:
        _keep_agenda(session, actor, meeting)
    before, meeting.state = meeting.state, state
    meeting.minutes, meeting.minuted_at, meeting.minuted_by = words.strip()[:WORDS], now(), actor.name[:200]
    flag_modified(meeting, "minutes")
    record(
        session, actor, "meetings:minute", f"meeting/{meeting.ref}", concerns_id=meeting.organisation_id, state=(before, meeting.state)
    )  # fmt: skip
    if is_first:
        _tell(session, "meetings.minuted", meeting)


def _keep_agenda(session: Session, actor: Actor, meeting: Meeting) -> None:
    """Keep what was drawn as it stands now, so that the agenda of a meeting that was held changes no more."""
    for point in drawn(session, actor, meeting):
        session.add(
            AgendaItem(
                meeting_id=meeting.id, organisation_id=meeting.organisation_id, kind=point.kind, subject_ref=point.ref, words=point.words,
                facts=point.facts, is_private=point.is_private,
            )
        )  # fmt: skip


def cancel_meeting(actor: Actor, ref: str, revision: int, reason: str) -> None:
    """Cancel a meeting that was planned; the other side reads why.

    Raises Refusal without a reason or when it was held or cancelled already, Conflict, NotFound.
    """
    check_words(reason, "reason")
    with _working_on(actor, ref, revision) as (session, meeting):
        before, meeting.state = meeting.state, rules.next_state(meeting.state, MeetingMove.CANCEL)
        meeting.cancel_reason, meeting.changed_at = reason.strip()[:WORDS], now()
        record(
            session, actor, "meetings:cancel", f"meeting/{ref}", concerns_id=meeting.organisation_id, state=(before, meeting.state)
        )  # fmt: skip
        _tell(session, "meetings.cancelled", meeting)


def export_meetings(actor: Actor, query: MeetingQuery) -> list[MeetingRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    actor.must(Permission.READ_RELATIONS)
    with transaction() as session:
        rows = list(meeting_rows(session, actor, query))
        record(session, actor, "meetings:export", "meetings", rows=(None, len(rows)))
        return rows
