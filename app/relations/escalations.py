"""Use cases of escalations: begin one, note what a step came to, go up the ladder, move a term, close with a result."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.access import Actor, Permission
from app.accounts.queries import colleagues_of
from app.audit.service import record
from app.clock import today
from app.creditors.models import Organisation
from app.db import new_ref, transaction
from app.errors import Conflict, NotFound, Refusal
from app.relations import escalation_rules as rules
from app.relations.complaint_access import triaged_by
from app.relations.complaint_rules import check_words
from app.relations.complaints import WORDS, party
from app.relations.escalation_queries import EscalationQuery, EscalationRow, escalation_rows, visible_escalation
from app.relations.escalation_rules import EscalationState, Level, Result, Way
from app.relations.models import Complaint, ComplaintPattern, Escalation, EscalationStep


@dataclass(frozen=True)
class Step:
    """What is asked of whom on a rung, how, by whom and until when; without a day the usual term holds."""

    level: Level
    way: Way
    words: str
    owner_id: int | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Ground:
    """From what an escalation comes: a complaint by its number, or a pattern; often neither."""

    complaint: str = ""
    pattern_id: int | None = None


NO_GROUND = Ground()


def start_escalation(actor: Actor, code: int, subject: str, step: Step, ground: Ground = NO_GROUND) -> str:
    """Begin an escalation with a creditor or agent and return its reference; the same again is the one that is open.

    Raises Refusal for a ground that is about another organisation, a rung that is too high, a day that is over or missing words, NotFound.
    """
    check_words(subject, "subject")
    actor.must(Permission.WORK_RELATIONS)
    with transaction() as session:
        organisation = party(session, code, lock=True)  # of two clicks at once the second finds what the first began
        complaint, pattern = _ground(session, actor, organisation, ground)
        rules.check_start(step.level, has_ground=bool(complaint or pattern))
        twin = _twin(session, organisation.id, complaint, pattern, subject)
        if twin is not None:
            return twin
        one = Escalation(
            ref=new_ref("E"), organisation_id=organisation.id, complaint_id=complaint.id if complaint else None,
            pattern_id=pattern.id if pattern else None, subject=subject.strip()[:WORDS], opened_on=today(), level=step.level,
            due_on=today(), owner="",
        )  # fmt: skip
        _stand_on(session, actor, one, step)
        session.add(one)
        session.flush()
        _begin(session, one, step)
        record(session, actor, "escalations:start", f"escalation/{one.ref}", level=(None, step.level), due_on=(None, one.due_on))
        return one.ref


def _ground(session: Session, actor: Actor, organisation: Organisation, ground: Ground) -> tuple[Complaint | None, ComplaintPattern | None]:
    complaint = pattern = None
    if asked := ground.complaint.strip().upper():
        mine = select(Complaint).where(Complaint.ref == asked, triaged_by(actor)).with_for_update()
        complaint = session.scalar(mine) if asked.isprintable() else None
        if complaint is None:
            raise Refusal("relations.complaint_unknown", field="complaint")
        if organisation.id not in {complaint.creditor_id, complaint.agent_id}:
            raise Refusal("escalations.other_party", field="complaint")
    if ground.pattern_id is not None:
        pattern = session.get(ComplaintPattern, ground.pattern_id)
        if pattern is None or pattern.organisation_id != organisation.id:
            raise Refusal("escalations.other_party", field="party")
    return complaint, pattern


def _twin(
    session: Session, organisation_id: int, complaint: Complaint | None, pattern: ComplaintPattern | None, subject: str
) -> str | None:
    """Return the open escalation that this is: of the same complaint or pattern, or begun today about the same in the same words."""
    is_open = (Escalation.organisation_id == organisation_id, Escalation.state == EscalationState.OPEN)
    if complaint is not None or pattern is not None:
        same = Escalation.complaint_id == complaint.id if complaint else Escalation.pattern_id == (pattern.id if pattern else 0)
        return session.scalar(select(Escalation.ref).where(*is_open, same).order_by(Escalation.id).limit(1))
    begun = session.scalars(select(Escalation).where(*is_open, Escalation.opened_on == today()).order_by(Escalation.id))
    return next((one.ref for one in begun if one.subject == subject.strip()[:WORDS]), None)


def _stand_on(session: Session, actor: Actor, one: Escalation, step: Step) -> None:
    """Put an escalation on a rung."""
    due_on = step.due_on or rules.term(step.level, today())
    rules.check_due(due_on, today())
    check_words(step.words, "words")
    one.level, one.due_on = step.level, due_on
    _own(session, actor, one, step.owner_id)


def _begin(session: Session, one: Escalation, step: Step) -> None:
    session.add(
        EscalationStep(
            escalation_id=one.id, level=step.level, way=step.way, words=step.words.strip()[:WORDS], owner_id=one.owner_id, owner=one.owner,
            begun_on=today(), due_on=one.due_on,
        )
    )  # fmt: skip


def _own(session: Session, actor: Actor, one: Escalation, owner_id: int | None) -> None:
    """Let a colleague look after an escalation: who acts, where nobody was named. Raises Refusal for who works here no more."""
    owners = dict(colleagues_of(session, actor))
    one.owner_id = actor.person_id if owner_id is None else owner_id
    if owner_id is not None and owner_id not in owners:
        raise Refusal("relations.owner_unknown", field="owner")
    one.owner = owners.get(one.owner_id or 0, actor.name)[:200]


@contextmanager
def _working_on(actor: Actor, ref: str, revision: int) -> Iterator[tuple[Session, Escalation, EscalationStep]]:
    """Open the transaction of an act on an escalation as it was seen, with the step that it stands on. Raises NotFound, Conflict."""
    actor.must(Permission.WORK_RELATIONS)
    with transaction() as session:
        one = visible_escalation(session, actor, ref, lock=True)
        if one.revision != revision:
            raise Conflict
        here = (EscalationStep.escalation_id == one.id, EscalationStep.level == one.level)
        step = session.scalar(select(EscalationStep).where(*here))
        if step is None:
            raise NotFound
        yield session, one, step


def note_result(actor: Actor, ref: str, revision: int, result: Result, words: str) -> None:
    """Note what the step came to on which an escalation stands. Raises Refusal without words or when it was closed, Conflict, NotFound."""
    check_words(words, "result_words")
    with _working_on(actor, ref, revision) as (session, one, step):
        rules.check_open(one.state)
        before = step.result
        _finish(step, actor, result, words)
        flag_modified(one, "level")  # who saw the step without it decides anew
        record(session, actor, "escalations:note-result", f"escalation/{ref}", level=(None, one.level), result=(before, result))


def _finish(step: EscalationStep, actor: Actor, result: Result, words: str) -> None:
    step.result, step.result_words = result, words.strip()[:WORDS]
    step.done_on, step.done_by = today(), actor.name[:200]


def climb(actor: Actor, ref: str, revision: int, step: Step) -> None:
    """Take an escalation one rung up. Raises Refusal unless the step before has a result, the rung is the next and its day lies ahead.

    Raises Conflict when it changed since it was read, NotFound.
    """
    with _working_on(actor, ref, revision) as (session, one, last):
        rules.check_climb(one.state, one.level, step.level, last.result)
        before = one.level
        _stand_on(session, actor, one, step)
        _begin(session, one, step)
        record(session, actor, "escalations:climb", f"escalation/{ref}", level=(before, one.level), due_on=(last.due_on, one.due_on))


def change_step(actor: Actor, ref: str, revision: int, due_on: date, owner_id: int | None) -> None:
    """Give a step another last day or owner. Raises Refusal for a day that is over, a stranger or a closed one, Conflict, NotFound."""
    with _working_on(actor, ref, revision) as (session, one, step):
        rules.check_open(one.state)
        if due_on != one.due_on:
            rules.check_due(due_on, today())
        before = (one.due_on, one.owner)
        one.due_on = step.due_on = due_on
        _own(session, actor, one, owner_id)
        step.owner_id, step.owner = one.owner_id, one.owner
        record(
            session, actor, "escalations:change", f"escalation/{ref}", due_on=(before[0], due_on), owner=(before[1], one.owner)
        )  # fmt: skip


def close_escalation(actor: Actor, ref: str, revision: int, result: Result, words: str) -> None:
    """Close an escalation with its result, which the step has too that it stood on without one.

    Raises Refusal without words or when it was closed already, Conflict, NotFound.
    """
    check_words(words, "close_words")
    with _working_on(actor, ref, revision) as (session, one, step):
        rules.check_open(one.state)
        if step.result is None:
            _finish(step, actor, result, words)
        one.state, one.closed_on, one.result, one.result_words = EscalationState.CLOSED, today(), result, words.strip()[:WORDS]
        record(session, actor, "escalations:close", f"escalation/{ref}", level=(None, one.level), result=(None, result))


def export_escalations(actor: Actor, query: EscalationQuery) -> list[EscalationRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    actor.must(Permission.READ_ALL_RELATIONS)
    with transaction() as session:
        rows = list(escalation_rows(session, actor, query))
        record(session, actor, "escalations:export", "escalations", rows=(None, len(rows)))
        return rows
