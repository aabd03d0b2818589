"""Use cases of the relations team on one complaint: confirm, sort, note, relate, pass on, merge, split, pause and resume its clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.accounts.queries import colleagues_of
from app.audit.service import record
from app.cases.models import Case
from app.clock import now, today
from app.creditors.models import Organisation
from app.creditors.registering import NewOrganisation, take_organisation
from app.db import as_portal, new_ref, transaction
from app.errors import Conflict, NotFound, Refusal
from app.relations import complaint_terms
from app.relations.complaint_access import triaged_by, visible_triaged
from app.relations.complaint_lifecycle import OPEN, WITH_PARTY, Move, State
from app.relations.complaint_queries import ComplaintRow
from app.relations.complaint_rules import Audience, Category, ComplaintKind, Severity, What, check_words
from app.relations.complaint_steps import (
    clock_began_on,
    move,
    note,
    raise_pattern,
    relate,
    set_due,
    show_breach,
    tell,
    tell_parties_once_shown,
    tell_reporter,
    was_told,
)
from app.relations.complaints import WORDS, party, set_party
from app.relations.models import Complaint, ComplaintPattern
from app.relations.triage_queries import QueueQuery, all_rows

MOST_ID = 2**31 - 1  # of a row
COPIED = (
    "creditor_id", "agent_id", "named", "case_id", "claim_id", "client_agrees", "client_name", "client_birth_date", "client_reference",
    "visibility", "happened_on", "wish", "is_urgent", "reporter_organisation_id", "reporter_person_id", "reporter", "reporter_address",
    "link_id", "reported_at", "reported_on", "severity", "owner_id", "owner", "receipt_by", "answer_by", "received_at",
)  # fmt: skip


@dataclass(frozen=True)
class Sorting:
    """How the relations team sorts a complaint."""

    kind: ComplaintKind
    severity: Severity
    category: Category | None
    is_urgent: bool
    owner_id: int | None


@contextmanager
def working_on(actor: Actor, ref: str, revision: int, beside: str = "") -> Iterator[tuple[Session, Complaint]]:
    """Open the transaction of one act of the relations team on a complaint as it was seen. Raises NotFound, Conflict.

    `beside`: the reference of another one that the act is about too; both are locked, in one order.
    """
    actor.must(Permission.TRIAGE_COMPLAINTS)
    with transaction() as session:
        if beside.isprintable() and beside:
            both = select(Complaint.id).where(Complaint.ref.in_((ref, beside))).order_by(Complaint.id)
            session.execute(both.with_for_update())
        complaint = visible_triaged(session, actor, ref, lock=True)
        if complaint.revision != revision:
            raise Conflict
        yield session, complaint


def confirm_receipt(actor: Actor, ref: str, revision: int) -> None:
    """Confirm to the reporter that somebody read it, and take it on when nobody did. Raises Refusal, Conflict, NotFound."""
    with working_on(actor, ref, revision) as (session, complaint):
        move(complaint, Move.CONFIRM)
        confirm_within(session, actor, complaint)
        set_due(complaint)


def confirm_within(session: Session, actor: Actor, complaint: Complaint) -> None:
    """Tell the reporter within a transaction that the complaint was read; once."""
    if complaint.owner_id is None and actor.person_id is not None:
        complaint.owner_id, complaint.owner = actor.person_id, actor.name[:200]
    if complaint.received_at is not None:
        return
    complaint.received_at = now()
    tell(session, actor, complaint, What.CONFIRMED, Audience.REPORTER)
    note(session, actor, "complaints:confirm", complaint)
    tell_reporter(session, "complaints.received", complaint)


def sort_complaint(actor: Actor, ref: str, revision: int, sorting: Sorting) -> None:
    """Say what it is about, how grave, where it comes from and who looks after it. Raises Refusal, Conflict, NotFound."""
    with working_on(actor, ref, revision) as (session, complaint):
        if complaint.state not in OPEN:
            raise Refusal("relations.move_not_possible")
        owners = dict(colleagues_of(session, actor))
        if sorting.owner_id is not None and sorting.owner_id not in owners:
            raise Refusal("relations.owner_unknown", field="owner")
        before = {name: getattr(complaint, name) for name in ("kind", "severity", "category", "is_urgent", "owner")}
        complaint.kind, complaint.severity, complaint.category = sorting.kind, sorting.severity, sorting.category
        complaint.owner_id, complaint.owner = sorting.owner_id, owners.get(sorting.owner_id or 0, "")[:200]
        if sorting.is_urgent != complaint.is_urgent:
            _set_urgency(session, actor, complaint, is_urgent=sorting.is_urgent)
        changes: dict[str, Any] = {name: (old, getattr(complaint, name)) for name, old in before.items() if old != getattr(complaint, name)}
        if changes:
            tell(session, actor, complaint, What.SORTED, Audience.TEAM, fields=sorted(changes))
            note(session, actor, "complaints:sort", complaint, **changes)
        if "kind" in changes:
            session.flush()
            raise_pattern(session, complaint)
            show_breach(session, actor, complaint)


def _set_urgency(session: Session, actor: Actor, complaint: Complaint, *, is_urgent: bool) -> None:
    """Let the clock run as for an urgent one, or no longer: counted from today, for urgency that came later gives time too.

    What is urgent does not stand still: a clock that was paused runs on from then, and whoever has to answer hears of its new day.
    """
    complaint.is_urgent = is_urgent
    if is_urgent:
        resume_within(session, actor, complaint)
    before = complaint.answer_by
    since = today() if is_urgent else clock_began_on(session, complaint)
    clocks = complaint_terms.clocks(since, is_urgent=is_urgent)
    complaint.receipt_by, complaint.answer_by = clocks.receipt_by, clocks.answer_by
    set_due(complaint)
    if complaint.state in WITH_PARTY and complaint.answer_by != before:
        tell(session, actor, complaint, What.TERM, Audience.PARTY, by=f"{complaint.answer_by:%d-%m-%Y}")
        tell_parties_once_shown(session, "complaints.term", complaint)


def note_privately(actor: Actor, ref: str, words: str) -> None:
    """Write a note beside the record, which the relations team alone reads. Raises Refusal without words, NotFound."""
    check_words(words, "note")
    actor.must(Permission.TRIAGE_COMPLAINTS)
    with transaction() as session:
        complaint = visible_triaged(session, actor, ref, lock=True)
        if was_told(session, actor, complaint, What.NOTED, words[:WORDS]):
            return
        tell(session, actor, complaint, What.NOTED, Audience.TEAM, words[:WORDS])
        note(session, actor, "complaints:note", complaint)  # what it says stays out of the log


def relate_to_case(actor: Actor, ref: str, revision: int, case_ref: str) -> None:
    """Relate a complaint to a case by its number. Raises Refusal when there is no such case, Conflict, NotFound."""
    with working_on(actor, ref, revision) as (session, complaint):
        if complaint.state not in OPEN:
            raise Refusal("relations.move_not_possible")
        with as_portal(session):  # the team relates by number and sees no case
            asked = case_ref.strip().upper()
            found = select(Case).where(Case.ref == asked, Case.erased_on.is_(None))
            case = session.scalar(found) if asked.isprintable() else None
            if case is None:
                raise Refusal("relations.case_unknown", field="case")
            relate(session, complaint, case, None)
        tell(session, actor, complaint, What.RELATED, Audience.TEAM, case=case.ref)
        breach = show_breach(session, actor, complaint)
        note(session, actor, "complaints:relate", complaint, case=(None, case.ref), breach=(None, "yes" if breach else None))


def pass_on(actor: Actor, ref: str, revision: int, code: int, words: str) -> None:
    """Pass a complaint on to the company that it is about, or to the right one in place of another; its clock starts anew.

    Raises Refusal for a company that the register does not know or that it is about already, Conflict, NotFound.
    """
    with working_on(actor, ref, revision) as (session, complaint):
        found = party(session, code)
        if found.id in {complaint.creditor_id, complaint.agent_id}:
            raise Refusal("relations.party_same", field="party")
        _pass_on(session, actor, complaint, found, words)


def register_and_pass_on(actor: Actor, ref: str, revision: int, new: NewOrganisation) -> None:
    """Add the organisation that a complaint names and the register lacks, and let the complaint be about it: both or neither.

    Raises Refusal for a complaint about somebody in the register and for what the register does not take, Conflict, NotFound.
    """
    with working_on(actor, ref, revision) as (session, complaint):
        if not complaint.named or complaint.state not in OPEN:
            raise Refusal("relations.move_not_possible")
        _pass_on(session, actor, complaint, take_organisation(session, actor, new), "")


def _pass_on(session: Session, actor: Actor, complaint: Complaint, found: Organisation, words: str) -> None:
    before = complaint.named
    move(complaint, Move.PASS_ON)
    resume_within(session, actor, complaint)
    tell(session, actor, complaint, What.PASSED_ON, Audience.TEAM, words[:WORDS], to=found.name)
    complaint.creditor_id = complaint.agent_id = complaint.addressed_at = complaint.answer = complaint.answered_at = None
    complaint.agent_told, complaint.answerer, complaint.told_words, complaint.named_at = False, "", "", None
    set_party(complaint, found)
    _forget_claim(session, complaint)
    clocks = complaint_terms.clocks(today(), is_urgent=complaint.is_urgent)
    complaint.answer_by = clocks.answer_by
    set_due(complaint)
    note(session, actor, "complaints:pass-on", complaint, named=(before or None, found.name))
    session.flush()
    raise_pattern(session, complaint)


def _forget_claim(session: Session, complaint: Complaint) -> None:
    """Let go of a claim of the company before, and of its reference; the case stays."""
    if complaint.claim_id is None:
        return
    complaint.claim_id, complaint.client_reference = None, ""
    with as_portal(session):
        case = session.get(Case, complaint.case_id) if complaint.case_id else None
        if case is not None:
            relate(session, complaint, case, None)


def merge_into(actor: Actor, ref: str, revision: int, into: str) -> None:
    """Let a complaint, and what was merged into it, be part of another one about the same company that is open.

    Raises Refusal when either was merged already or the other one is closed: nobody would hear its outcome; Conflict, NotFound.
    """
    asked = into.strip().upper()
    with working_on(actor, ref, revision, asked) as (session, complaint):
        target = _target(session, actor, asked)
        if target.id == complaint.id:
            raise Refusal("relations.merge_itself", field="into")
        if target.state is State.MERGED:
            raise Refusal("relations.merge_into_merged", field="into")
        if target.state is State.CLOSED:
            raise Refusal("relations.merge_into_closed", field="into")
        if not {complaint.creditor_id, complaint.agent_id} & {target.creditor_id, target.agent_id} - {None}:
            raise Refusal("relations.merge_other_party", field="into")
        parts = select(Complaint).where(Complaint.merged_into_id == complaint.id).order_by(Complaint.id)
        for one in session.scalars(parts.with_for_update()).all():
            one.merged_into_id = target.id
        move(complaint, Move.MERGE)
        complaint.merged_into_id, complaint.paused_on = target.id, None
        set_due(complaint)
        tell(session, actor, complaint, What.MERGED, Audience.TEAM, into=target.ref)
        tell(session, actor, target, What.MERGED, Audience.TEAM, of=complaint.ref)
        note(session, actor, "complaints:merge", complaint, into=(None, target.ref))


def _target(session: Session, actor: Actor, asked: str) -> Complaint:
    target = session.scalar(select(Complaint).where(Complaint.ref == asked, triaged_by(actor))) if asked.isprintable() else None
    if target is None:
        raise Refusal("relations.complaint_unknown", field="into")
    return target


def split_off(actor: Actor, ref: str, revision: int, kind: ComplaintKind, words: str) -> str:
    """Make a complaint of its own of a part that is about something else, and return its reference. Raises Refusal, Conflict, NotFound."""
    check_words(words, "split_words")
    with working_on(actor, ref, revision) as (session, complaint):
        if complaint.state not in OPEN:
            raise Refusal("relations.move_not_possible")
        state = complaint.state if complaint.state is State.NEW else State.TRIAGE
        facts = {name: getattr(complaint, name) for name in COPIED}
        part = Complaint(
            ref=new_ref("H"), state=state, kind=kind, words=words.strip()[:WORDS], split_from_id=complaint.id, created_at=now(), **facts
        )
        set_due(part)
        session.add(part)
        session.flush()
        tell(session, actor, complaint, What.SPLIT, Audience.TEAM, off=part.ref)
        tell(session, actor, part, What.SPLIT, Audience.TEAM, of=complaint.ref)
        breach = show_breach(session, actor, part)
        note(session, actor, "complaints:split", complaint, new=(None, part.ref), breach=(None, "yes" if breach else None))
        raise_pattern(session, part)
        return part.ref


def pause_clock(actor: Actor, ref: str, revision: int, reason: str) -> None:
    """Let the clock stand still with a reason, which the reporter reads. Raises Refusal without one, Conflict, NotFound."""
    check_words(reason, "reason")
    with working_on(actor, ref, revision) as (session, complaint):
        if complaint.state not in OPEN:
            raise Refusal("relations.move_not_possible")
        if complaint.paused_on is not None:
            raise Refusal("relations.paused_already")
        complaint.paused_on, complaint.pause_reason = today(), reason.strip()[:WORDS]
        set_due(complaint)
        tell(session, actor, complaint, What.PAUSED, Audience.REPORTER, reason[:WORDS])
        note(session, actor, "complaints:pause", complaint, paused_on=(None, complaint.paused_on))


def resume_clock(actor: Actor, ref: str, revision: int) -> None:
    """Let the clock run on: the days that lay ahead move by as many working days as it stood still. Raises Refusal, Conflict, NotFound."""
    with working_on(actor, ref, revision) as (session, complaint):
        if complaint.paused_on is None:
            raise Refusal("relations.not_paused")
        resume_within(session, actor, complaint)


def resume_within(session: Session, actor: Actor, complaint: Complaint) -> None:
    """Let a clock that stands still run on within a transaction; one that runs stays as it is."""
    if complaint.paused_on is None or complaint.receipt_by is None or complaint.answer_by is None:
        return
    since = complaint.paused_on
    complaint.receipt_by = complaint_terms.moved(complaint.receipt_by, since, today())
    complaint.answer_by = complaint_terms.moved(complaint.answer_by, since, today())
    complaint.paused_on, complaint.pause_reason = None, ""
    set_due(complaint)
    tell(session, actor, complaint, What.RESUMED, Audience.REPORTER)
    note(session, actor, "complaints:resume", complaint, paused_on=(since, None), answer_by=(None, complaint.answer_by))


def handle_pattern(actor: Actor, number: int, revision: int, decision: str) -> None:
    """Note what the relations team does about a pattern. Raises Refusal without words, Conflict, NotFound."""
    check_words(decision, "decision")
    actor.must(Permission.TRIAGE_COMPLAINTS)
    with transaction() as session:
        pattern = session.scalar(select(ComplaintPattern).where(ComplaintPattern.id == min(number, MOST_ID)).with_for_update())
        if pattern is None:
            raise NotFound
        if pattern.revision != revision or pattern.handled_at is not None:
            raise Conflict
        pattern.handled_at, pattern.handled_by, pattern.decision = now(), actor.name[:200], decision.strip()[:WORDS]
        record(session, actor, "complaints:handle-pattern", f"pattern/{pattern.id}", kind=(None, pattern.kind))


def export_complaints(actor: Actor, query: QueueQuery) -> list[ComplaintRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    actor.must(Permission.TRIAGE_COMPLAINTS)
    with transaction() as session:
        rows = list(all_rows(session, actor, query))
        record(session, actor, "complaints:export", "complaints", rows=(None, len(rows)))
        return rows
