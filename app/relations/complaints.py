"""Use cases of who reports harsh collection: a draft, the report, more about it, and whether it helped in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.cases.queries import visible_case
from app.clock import now, today
from app.creditors.models import Organisation
from app.creditors.queries import LISTED
from app.db import as_portal, new_ref, transaction
from app.documents.attachments import Added, Scanned, attach, forget_attachments, move_attachments, scanned
from app.errors import Conflict, NotFound, Refusal
from app.relations import complaint_terms
from app.relations.complaint_access import reported_by, visible_reported
from app.relations.complaint_lifecycle import OPEN, Move, State
from app.relations.complaint_rules import Audience, ComplaintKind, Helped, What, check_report, check_words, is_near
from app.relations.complaint_steps import (
    FILES,
    move,
    note,
    raise_pattern,
    relate,
    set_due,
    show_breach,
    tell,
    tell_reporter,
    tell_team,
    was_told,
)
from app.relations.models import Complaint

WORDS = 4000  # signs of what is written at once


@dataclass(frozen=True)
class Told:
    """What a reporter tells: about whom (a company of the register by its code, or by name), what, when, and what it wishes."""

    kind: ComplaintKind | None = None
    happened_on: date | None = None
    words: str = ""
    wish: str = ""
    is_urgent: bool = False
    party_code: int | None = None
    named: str = ""
    case_ref: str = ""
    claim_id: int | None = None
    client_agrees: bool = False
    client_name: str = ""
    client_reference: str = ""
    files: tuple[Added, ...] = ()


@dataclass(frozen=True)
class Similar:
    """An earlier complaint of the own team that may be about the same."""

    ref: str
    kind: ComplaintKind
    happened_on: date
    reporter: str


# ── drafts ───────────────────────────────────────────────────────────────────


def save_draft(actor: Actor, told: Told, ref: str = "") -> str:
    """Keep what was written so far, for whoever wrote it alone, and return its reference. Raises NotFound, Refusal for a file."""
    actor.must(Permission.REPORT_COMPLAINTS)
    files = scanned(told.files)
    with transaction() as session:
        complaint = _draft(session, actor, ref)
        _fill(session, actor, complaint, told)
        _attach(session, actor, complaint, files)
        note(session, actor, "complaints:save-draft", complaint)
        return complaint.ref


def discard_draft(actor: Actor, ref: str) -> None:
    """Throw a draft away. Raises NotFound."""
    with transaction() as session:
        complaint = visible_reported(session, actor, ref, lock=True)
        if complaint.state is not State.DRAFT:
            raise NotFound
        note(session, actor, "complaints:discard", complaint)
        _throw_away(session, complaint)


def _throw_away(session: Session, complaint: Complaint) -> None:
    with as_portal(session):
        forget_attachments(session, [complaint.ref])
        session.delete(complaint)


# ── the report ───────────────────────────────────────────────────────────────


def report_complaint(actor: Actor, told: Told, draft: str = "", *, is_another: bool = False) -> str:
    """Report harsh collection to the relations team and return its reference; the same again by the same person is the same one.

    `is_another`: the reporter looked at what its team reported before and says that it is something else. Raises Refusal for what
    is missing, with what may be the same (fact `similar`), or for a file; NotFound.
    """
    actor.must(Permission.REPORT_COMPLAINTS)
    files = scanned(told.files)
    with transaction() as session:
        return report_within(session, actor, told, files, draft, is_another=is_another)


def report_within(
    session: Session, actor: Actor, told: Told, files: Sequence[Scanned], draft: str = "", *, is_another: bool = True, address: str = "",
    link_id: int | None = None,
) -> str:  # fmt: skip
    """Report within a transaction, as `report_complaint` does; of who came by a link, with the address that it left."""
    complaint = _draft(session, actor, draft)
    _fill(session, actor, complaint, told)
    has_party = bool(complaint.creditor_id or complaint.agent_id or complaint.named)
    check_report(complaint.kind, complaint.happened_on, complaint.words, has_party, today())
    if (twin := _twin(session, complaint)) is not None:
        with as_portal(session):
            move_attachments(session, FILES, complaint.ref, twin.ref)
        _throw_away(session, complaint)
        _attach(session, actor, twin, files)
        return twin.ref  # the second click of a double one, or once more with the files that were forgotten
    if not is_another and (similar := _similar(session, actor, complaint)):
        raise Refusal("relations.similar", similar=similar)
    complaint.reporter_address, complaint.link_id = address, link_id
    _attach(session, actor, complaint, files)
    _send(session, actor, complaint)
    return complaint.ref


def _draft(session: Session, actor: Actor, ref: str) -> Complaint:
    """Return the draft with this reference, or a new one, also when it was sent meanwhile: what was typed is kept. Raises NotFound."""
    if ref and (complaint := visible_reported(session, actor, ref, lock=True)).state is State.DRAFT:
        return complaint
    complaint = Complaint(
        ref=new_ref("H"), state=State.DRAFT, reporter_organisation_id=actor.organisation_id, reporter_person_id=actor.person_id,
        reporter=actor.name[:200], created_at=now(),
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    return complaint


def _fill(session: Session, actor: Actor, complaint: Complaint, told: Told) -> None:
    values: dict[str, Any] = {
        "kind": told.kind, "happened_on": told.happened_on, "words": told.words.strip(), "wish": told.wish.strip(),
        "is_urgent": told.is_urgent, "named": told.named.strip()[:120], "client_agrees": told.client_agrees, "creditor_id": None,
        "agent_id": None, "case_id": None, "claim_id": None, "client_birth_date": None, "client_name": told.client_name.strip(),
        "client_reference": told.client_reference.strip(),
    }  # fmt: skip
    for name, value in values.items():
        setattr(complaint, name, value)
    if told.party_code is not None:
        set_party(complaint, party(session, told.party_code))
    if told.case_ref:
        relate(session, complaint, _case(session, actor, told.case_ref), told.claim_id)


def _case(session: Session, actor: Actor, ref: str) -> Any:
    try:
        actor.must(Permission.READ_CASES)
        return visible_case(session, actor, ref.upper())
    except NotFound as error:
        raise Refusal("relations.case_unknown", field="case") from error


def party(session: Session, code: int, *, lock: bool = False) -> Organisation:
    """Return the creditor or agent with a code, or whose it became; locked, nobody else begins something with it. Raises Refusal."""
    found = session.scalar(select(Organisation).where(Organisation.code == code, Organisation.kind.in_(LISTED)))
    if found is not None and found.merged_into_id is not None:
        found = session.get(Organisation, found.merged_into_id)
    if found is None:
        raise Refusal("relations.party_unknown", field="party")
    if lock:
        session.refresh(found, with_for_update={"key_share": True})
    return found


def set_party(complaint: Complaint, found: Organisation) -> None:
    """Let a complaint be about a company of the register."""
    complaint.named = ""
    if found.kind is Kind.AGENT:
        complaint.agent_id = found.id
    else:
        complaint.creditor_id = found.id


def _twin(session: Session, complaint: Complaint) -> Complaint | None:
    """Return what the same person reported today in the same words about the same company."""
    mine = (
        Complaint.id != complaint.id, Complaint.reported_on == today(), Complaint.reporter == complaint.reporter,
        Complaint.reporter_person_id.is_not_distinct_from(complaint.reporter_person_id),
        Complaint.reporter_organisation_id == complaint.reporter_organisation_id, Complaint.kind == complaint.kind,
        Complaint.creditor_id.is_not_distinct_from(complaint.creditor_id), Complaint.agent_id.is_not_distinct_from(complaint.agent_id),
        Complaint.happened_on == complaint.happened_on, Complaint.claim_id.is_not_distinct_from(complaint.claim_id),
    )  # fmt: skip
    found = session.scalars(select(Complaint).where(*mine, Complaint.state == State.NEW).order_by(Complaint.id))
    return next((one for one in found if (one.words, one.named) == (complaint.words, complaint.named)), None)


def _similar(session: Session, actor: Actor, complaint: Complaint) -> tuple[Similar, ...]:
    """Return open complaints of the own team about the same company and kind, near in time or about the same claim."""
    about = [
        column == id_ for column, id_ in ((Complaint.creditor_id, complaint.creditor_id), (Complaint.agent_id, complaint.agent_id)) if id_
    ]
    if not about:
        return ()
    same = (reported_by(actor), Complaint.state.in_(OPEN), Complaint.kind == complaint.kind, Complaint.id != complaint.id, or_(*about))
    found = session.scalars(select(Complaint).where(*same).order_by(Complaint.id.desc()).limit(20))
    return tuple(
        Similar(one.ref, one.kind, one.happened_on, one.reporter)
        for one in found
        if one.kind and one.happened_on and complaint.happened_on and _may_be_same(one, complaint)
    )[:5]


def _may_be_same(one: Complaint, other: Complaint) -> bool:
    if one.case_id and other.case_id and one.case_id != other.case_id:
        return False  # of two clients
    if one.claim_id and one.claim_id == other.claim_id:
        return True
    return bool(one.happened_on and other.happened_on and is_near(one.happened_on, other.happened_on))


def _send(session: Session, actor: Actor, complaint: Complaint) -> None:
    move(complaint, Move.REPORT)
    complaint.reported_at, complaint.reported_on = now(), today()
    clocks = complaint_terms.clocks(today(), is_urgent=complaint.is_urgent)
    complaint.receipt_by, complaint.answer_by = clocks.receipt_by, clocks.answer_by
    set_due(complaint)
    session.flush()
    tell(session, actor, complaint, What.REPORTED, Audience.REPORTER)
    breach = show_breach(session, actor, complaint)
    note(
        session, actor, "complaints:report", complaint, kind=(None, complaint.kind), happened_on=(None, complaint.happened_on),
        breach=(None, "yes" if breach else None),
    )  # fmt: skip
    session.flush()
    raise_pattern(session, complaint)
    tell_team(session, "complaints.urgent" if complaint.is_urgent else "complaints.reported", complaint)


def _attach(session: Session, actor: Actor, complaint: Complaint, files: Sequence[Scanned]) -> None:
    if files:
        session.flush()
        with as_portal(session):  # who came by a link sees no rows of the team whose link it was
            attach(session, actor, FILES, complaint.ref, complaint.reporter_organisation_id, files)


# ── afterwards ───────────────────────────────────────────────────────────────


def add_to_complaint(actor: Actor, ref: str, words: str, files: tuple[Added, ...] = ()) -> None:
    """Tell more about a complaint that is open, or add evidence. Raises Refusal for neither, NotFound."""
    if not files:
        check_words(words, "more")
    found = scanned(files)
    with transaction() as session:
        complaint = visible_reported(session, actor, ref, lock=True)
        if complaint.state not in OPEN:
            raise Refusal("relations.move_not_possible")
        if not files and was_told(session, actor, complaint, What.ADDED, words[:WORDS]):
            return
        _attach(session, actor, complaint, found)
        tell(session, actor, complaint, What.ADDED, Audience.REPORTER, words[:WORDS], files=len(files))
        note(session, actor, "complaints:add", complaint, files=(None, len(files)))
        tell_team(session, "complaints.added", complaint)


def say_helped(actor: Actor, ref: str, helped: Helped, words: str, revision: int, *, reopen: bool = False) -> None:
    """Say whether the outcome helped the client, and (when it did not) open it again with the reason.

    Raises Refusal without words where it did not help, Conflict when the complaint changed since, NotFound.
    """
    if reopen or helped is Helped.NO:
        check_words(words, "helped_words")
    with transaction() as session:
        complaint = visible_reported(session, actor, ref, lock=True)
        if complaint.revision != revision:
            raise Conflict
        if complaint.state is not State.CLOSED:
            raise Refusal("relations.move_not_possible")
        complaint.helped = helped
        tell(session, actor, complaint, What.HELPED, Audience.REPORTER, words[:WORDS], helped=helped.value)
        note(session, actor, "complaints:say-helped", complaint, helped=(None, helped))
        if reopen:
            reopen_within(session, actor, complaint, "")


def reopen_within(session: Session, actor: Actor, complaint: Complaint, words: str) -> None:
    """Open a closed complaint again within a transaction, and whatever was merged into it; its clock starts anew today."""
    move(complaint, Move.REOPEN)
    complaint.outcome, complaint.closed_on, complaint.answer, complaint.answered_at = None, None, None, None
    clocks = complaint_terms.clocks(today(), is_urgent=complaint.is_urgent)
    complaint.receipt_by, complaint.answer_by = clocks.receipt_by, clocks.answer_by
    set_due(complaint)
    merged = select(Complaint).where(Complaint.merged_into_id == complaint.id).order_by(Complaint.id)
    for one in session.scalars(merged.with_for_update()).all():
        one.closed_on = None  # its term begins with the end of the other one
    tell(session, actor, complaint, What.REOPENED, Audience.REPORTER, words[:WORDS])
    note(session, actor, "complaints:reopen", complaint, state=(State.CLOSED, complaint.state))
    if actor.may(Permission.TRIAGE_COMPLAINTS):
        tell_reporter(session, "complaints.reopened_for_you", complaint)
    else:
        tell_team(session, "complaints.reopened", complaint)
