"""What several use cases on complaints share, inside their transaction: the history, the next day, who is told, and patterns."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Kind
from app.audit.service import record
from app.cases.models import Case, Claim, Notice
from app.cases.pause_rules import BreachSource
from app.cases.pauses import report_breach
from app.cases.rules import Visibility
from app.clock import local, now, today
from app.creditors.models import Organisation
from app.db import as_portal
from app.errors import Refusal
from app.notifications.service import Recipient, notify
from app.relations import complaint_terms
from app.relations.complaint_lifecycle import OPEN, Move, State, next_state
from app.relations.complaint_rules import Audience, ComplaintKind, Outcome, What
from app.relations.complaint_terms import Clocks
from app.relations.message_access import ABOUT_US, REPORTED, TRIAGE
from app.relations.models import Complaint, ComplaintEvent, ComplaintPattern

FILES = "complaint"  # the kind of the attachments


# ── the row and its history ──────────────────────────────────────────────────


def move(complaint: Complaint, by: Move) -> None:
    """Bring a complaint to where a move leads. Raises Refusal when it cannot be made now."""
    complaint.state = next_state(complaint.state, by)


def set_due(complaint: Complaint) -> None:
    """Write down by when something has to happen next."""
    if complaint.receipt_by is None or complaint.answer_by is None:
        return
    answered_on = local(complaint.answered_at).date() if complaint.answered_at else None
    clocks = Clocks(complaint.receipt_by, complaint.answer_by)
    complaint.due_on = complaint_terms.due_on(complaint.state, clocks, answered_on, is_paused=complaint.paused_on is not None)


def tell(session: Session, actor: Actor, complaint: Complaint, what: What, audience: Audience, words: str = "", **facts: Any) -> None:
    """Append a line to the history, for whoever reads it beside the relations team; an agent that was not told then never does."""
    agent_id = complaint.agent_id if complaint.agent_told or audience is not Audience.PARTY else None
    session.add(
        ComplaintEvent(
            complaint_id=complaint.id, creditor_id=complaint.creditor_id, agent_id=agent_id, audience=audience, what=what,
            at=now(), who=actor.name[:200], organisation=actor.organisation_name[:200], words=words.strip(), facts=facts,
        )
    )  # fmt: skip


def was_told(session: Session, actor: Actor, complaint: Complaint, what: What, words: str) -> bool:
    """Tell whether somebody's newest line of this sort says the same today: the second click of a double one."""
    mine = (ComplaintEvent.complaint_id == complaint.id, ComplaintEvent.what == what, ComplaintEvent.who == actor.name[:200])
    newest = session.scalar(select(ComplaintEvent).where(*mine).order_by(ComplaintEvent.id.desc()).limit(1))
    return newest is not None and newest.words == words.strip() and local(newest.at).date() == today()


def clock_began_on(session: Session, complaint: Complaint) -> date:
    """Return when the clock of a complaint began: at its report, or when it was last passed on or opened again."""
    begins = (ComplaintEvent.complaint_id == complaint.id, ComplaintEvent.what.in_((What.PASSED_ON, What.REOPENED)))
    newest = session.scalar(select(ComplaintEvent.at).where(*begins).order_by(ComplaintEvent.id.desc()).limit(1))
    return local(newest).date() if newest else complaint.reported_on or today()


def note(session: Session, actor: Actor, action: str, complaint: Complaint, **changes: tuple[object, object]) -> None:
    """Record what somebody did with a complaint; its creditor reads what was done once it was addressed."""
    told = (complaint.creditor_id or complaint.agent_id) if complaint.addressed_at and action in TOLD else None
    record(session, actor, action, f"complaint/{complaint.ref}", concerns_id=told, **changes)


TOLD = {
    "complaints:address", "complaints:answer", "complaints:ask", "complaints:disagree", "complaints:reply", "complaints:remind",
}  # fmt: skip


# ── who hears of it ──────────────────────────────────────────────────────────


def tell_team(session: Session, code: str, complaint: Complaint, **facts: object) -> None:
    """Mail the relations team about a complaint."""
    team = session.scalar(select(Organisation).where(Organisation.kind == Kind.RELATIONS_TEAM).order_by(Organisation.id).limit(1))
    if team:
        notify(session, code, Recipient(team.email, team.id), f"{TRIAGE}{complaint.ref}", complaint=complaint.ref, **facts)


def tell_parties(session: Session, code: str, complaint: Complaint, **facts: object) -> None:
    """Mail the creditor, and the agent when it was told, about a complaint."""
    ids = [complaint.creditor_id, complaint.agent_id if complaint.agent_told else None]
    for party in session.scalars(select(Organisation).where(Organisation.id.in_([one for one in ids if one])).order_by(Organisation.id)):
        notify(session, code, Recipient(party.email, party.id), f"{ABOUT_US}{complaint.ref}", complaint=complaint.ref, **facts)


WAITS = ("complaints.addressed", "complaints.replied", "complaints.term", "complaints.named")  # what comes first says the rest


def tell_parties_once_shown(session: Session, code: str, complaint: Complaint) -> None:
    """Mail whom a complaint is about; while its case rests (art. 18 GDPR) one message waits until it is shown."""
    waiting = {complaint.untold, code} - {""}
    complaint.untold = min(waiting, key=WAITS.index)
    tell_what_waits(session, complaint)


def tell_what_waits(session: Session, complaint: Complaint) -> None:
    """Mail whom a complaint is about what waited for it to be shown; nothing when it was taken from them or is over meanwhile."""
    if not complaint.untold or complaint.visibility is not Visibility.VISIBLE:
        return
    code, complaint.untold = complaint.untold, ""
    if complaint.addressed_at is not None and complaint.state in OPEN and complaint.answer_by is not None:
        tell_parties(session, code, complaint, answer_by=f"{complaint.answer_by:%d-%m-%Y}")


def tell_reporter(session: Session, code: str, complaint: Complaint, **facts: object) -> None:
    """Mail who reported a complaint: its team in the portal, and who came by a link at the address that was left."""
    team = session.get(Organisation, complaint.reporter_organisation_id)
    if team and team.kind is not Kind.RELATIONS_TEAM:
        notify(session, code, Recipient(team.email, team.id), f"{REPORTED}{complaint.ref}", complaint=complaint.ref, **facts)
    if complaint.reporter_address:
        notify(session, f"{code}_by_link", Recipient(complaint.reporter_address), "/help/signalen", complaint=complaint.ref, **facts)


# ── collecting during a pause, and patterns ──────────────────────────────────


def show_breach(session: Session, actor: Actor, complaint: Complaint) -> bool:
    """Note on the case that was collected during its pause, as a complaint of it says; tell whether a pause ran on that day."""
    if complaint.kind is not ComplaintKind.DURING_PAUSE or complaint.claim_id is None or complaint.happened_on is None:
        return False
    with as_portal(session):  # who helps the client sees its case, but not what creditors are sent
        notice = session.scalar(select(Notice).where(Notice.claim_id == complaint.claim_id).order_by(Notice.id.desc()).limit(1))
        if notice is None or notice.visibility != complaint.visibility:
            return False
        try:
            report_breach(session, actor, notice, BreachSource.COMPLAINT, complaint.happened_on, complaint.words)
        except Refusal:  # no pause ran on that day: the complaint itself stays
            return False
    return True


def raise_pattern(session: Session, complaint: Complaint) -> None:
    """Let a pattern raise itself when this complaint makes enough of a kind about one creditor or agent."""
    kind, since = complaint.kind, complaint_terms.pattern_since(today())
    if kind is None or complaint.reported_on is None or complaint.reported_on < since:
        return
    with as_portal(session):  # of whatever team they come
        for organisation_id in sorted({id_ for id_ in (complaint.creditor_id, complaint.agent_id) if id_}):
            number, first_on = _counted(session, organisation_id, kind, since)
            if first_on is not None and complaint_terms.is_pattern(number, today()):
                _keep_pattern(session, complaint, organisation_id, number, first_on)


def _counted(session: Session, organisation_id: int, kind: ComplaintKind, since: date) -> tuple[int, date | None]:
    about = or_(Complaint.creditor_id == organisation_id, Complaint.agent_id == organisation_id)
    counts = (
        Complaint.kind == kind, Complaint.reported_on >= since, Complaint.state.not_in((State.DRAFT, State.MERGED)),
        or_(Complaint.outcome.is_(None), Complaint.outcome != Outcome.NOT_UPHELD),
    )  # fmt: skip
    number, first_on = session.execute(select(func.count(), func.min(Complaint.reported_on)).where(about, *counts)).one()
    return number, first_on


def _keep_pattern(session: Session, complaint: Complaint, organisation_id: int, number: int, first_on: date) -> None:
    of_kind = (ComplaintPattern.organisation_id == organisation_id, ComplaintPattern.kind == complaint.kind)
    newest = session.scalar(select(ComplaintPattern).where(*of_kind).order_by(ComplaintPattern.id.desc()).limit(1).with_for_update())
    if newest and newest.handled_at is None:
        newest.number, newest.first_on = number, min(first_on, newest.first_on)
        return
    if (
        newest
        and newest.handled_at
        and not complaint_terms.is_pattern(_since(session, organisation_id, complaint, newest.handled_at), today())
    ):
        return  # dealt with: it raises itself again once as many came after that
    session.add(ComplaintPattern(organisation_id=organisation_id, kind=complaint.kind, number=number, first_on=first_on, raised_at=now()))
    session.flush()
    record(session, SYSTEM, "complaints:raise-pattern", f"complaint/{complaint.ref}", kind=(None, complaint.kind), rows=(None, number))
    tell_team(session, "complaints.pattern", complaint, number=number)


def _since(session: Session, organisation_id: int, complaint: Complaint, moment: datetime) -> int:
    about = or_(Complaint.creditor_id == organisation_id, Complaint.agent_id == organisation_id)
    after = (Complaint.kind == complaint.kind, Complaint.reported_at > moment, Complaint.state.not_in((State.DRAFT, State.MERGED)))
    return session.scalar(select(func.count()).select_from(Complaint).where(about, *after)) or 0


# ── the case ─────────────────────────────────────────────────────────────────


def relate(session: Session, complaint: Complaint, case: Case, claim_id: int | None) -> None:
    """Relate a complaint to a case, and to its one claim of that creditor where none is chosen; take over who the client is."""
    with as_portal(session):
        claims = list(session.scalars(select(Claim).where(Claim.case_id == case.id).order_by(Claim.number, Claim.id)))
    claim = _chosen(claims, claim_id, complaint)
    complaint.case_id, complaint.claim_id = case.id, claim.id if claim else None
    complaint.client_name, complaint.client_birth_date = f"{case.initials} {case.surname}".strip(), case.birth_date
    complaint.visibility = case_visibility(case)
    tell_what_waits(session, complaint)
    if claim is None:
        return
    complaint.client_reference = claim.reference
    if complaint.addressed_at is not None:
        return  # it would lie at once before a company that nobody chose to tell
    if complaint.creditor_id is None and complaint.agent_id is None:
        complaint.creditor_id, complaint.agent_id = claim.creditor_id, claim.agent_id or claim.bailiff_id
    elif complaint.creditor_id is None:
        complaint.creditor_id = claim.creditor_id


def _chosen(claims: Sequence[Claim], claim_id: int | None, complaint: Complaint) -> Claim | None:
    if claim_id is not None:
        found = next((one for one in claims if one.id == claim_id), None)
        if found is None:
            raise Refusal("relations.claim_unknown", field="claim")
        return found
    about = {complaint.creditor_id, complaint.agent_id} - {None}
    mine = [one for one in claims if about & {one.creditor_id, one.agent_id, one.bailiff_id}]
    return mine[0] if len(mine) == 1 else None


def known_names(session: Session, complaint: Complaint) -> list[str]:
    """Return by what a text would name the client of a complaint."""
    known = [complaint.client_name, complaint.client_reference]
    with as_portal(session):
        case = session.scalar(select(Case).where(Case.id == complaint.case_id)) if complaint.case_id else None
        if case is not None:
            known += [case.surname, case.given_name, case.ref, case.bsn or "", case.postcode, f"{case.street} {case.house_number}"]
            known += [f"{case.birth_date:{form}}" for form in ("%d-%m-%Y", "%Y-%m-%d")]
            references = select(Claim.reference, Claim.agent_reference, Claim.bailiff_reference).where(Claim.case_id == case.id)
            known += [name for row in session.execute(references.order_by(Claim.id)) for name in row]
    return [*known, complaint.client_name.rpartition(" ")[2]]


def case_visibility(case: Case) -> Visibility:
    """Return whether a creditor may see what is about a case: not while its data rest."""
    return Visibility.RESTRICTED if case.restricted_at is not None else Visibility.VISIBLE
