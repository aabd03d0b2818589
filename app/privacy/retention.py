"""Use case of retention: delete what passed by, and leave stubs without the person where only figures may stay.

A dry run is the very same run whose transactions are rolled back one by one. The work is cut into pieces of which each is
whole: a run that broke off is finished by the next. Nothing here names a column that stays: `classes` does.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Integer,
    LargeBinary,
    String,
    Table,
    and_,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.accounts.models import FederatedIdentity, Invitation, Membership, Person, SignIn
from app.audit import service as audit
from app.cases.models import BalanceRequest, Case
from app.clock import machine_now, now, today
from app.creditors.models import Contact, Organisation
from app.db import Base, EncryptedDate, EncryptedText, reading, transaction
from app.documents import files
from app.documents.attachments import forget_attachments
from app.documents.models import Attachment, Document
from app.early_signals.models import ContactAttempt, Signal
from app.notifications.models import Bounce
from app.privacy.classes import CLASSES
from app.privacy.leaving import evidence_of, reports_of_who_left
from app.privacy.left import LEFT
from app.privacy.rules import Ends, Terms, terms_on
from app.proposals.lifecycle import Visibility
from app.proposals.models import Offer, Proposal
from app.relations.complaint_rest import is_over as complaint_is_over
from app.relations.models import Complaint

TABLES = Base.metadata.tables
CASES = 100  # in one transaction: with all that hangs on them some 20,000 rows
PEOPLE = 500
ROWS = 5_000
YOUNG = timedelta(days=1)  # a file that nothing names may be one whose row is being written
# what a column holds that must hold something and was emptied
NOTHING: dict[type, Any] = {EncryptedDate: date.min, EncryptedText: "", Boolean: False, Integer: 0, String: "", LargeBinary: b"", JSON: {}}

# Of what passes by: since when it passed. Some take their parts along; live workers leave by themselves.
PARTS = {"upload": {"upload_file": "upload_id", "upload_row": "upload_id"}, "bulk_answer": {"bulk_answer_row": "bulk_answer_id"}}
PARTS |= {"practice_report": dict.fromkeys(("practice_section", "practice_submission", "practice_remark"), "report_id")}
PARTS |= {"message": {"message_mark": "message_id", "personal_mail": "message_id"}}
PASSED: dict[str, str] = {
    "sign_in_throttle": "failed_at",
    "federated_attempt": "used_at",
    "passkey_challenge": "expires_at",
    "invitation": "expires_at",
    "sign_in": "created_at",
    "message": "created_at",
    "personal_mail": "created_at",  # the digests that are left: no mark of an older message names them any more
    "job_failure": "failed_at",
    "job_progress": "updated_at",
    "creditor_call": "at",
    "complaint_link": "made_at",
    "signup": "asked_at",
    "daily_run": "started_at",
    "upload": "created_at",
    "bulk_answer": "created_at",
}
# what ends with its case, in the order in which everybody locks it (see `db.transaction`)
OF_CASE = ("proposal", "offer", "court_decision", "balance_request", "balance_statement", "claim", "notice", "pause_breach")
Progress = Callable[[int, int], object]


@dataclass
class Count:
    """How many rows of a table became stubs, and how many went."""

    stubbed: int = 0
    deleted: int = 0


@dataclass
class Report:
    """What a run came to, or would come to."""

    day: date
    is_dry: bool
    tables: dict[str, Count]
    files: int = 0
    gone_documents: dict[int, str] = field(default_factory=dict)  # id and hash, so that their files can go after the commit


@dataclass(frozen=True)
class _Step:
    """One kind of row that ends: which are over, how many at once, and what is done with them."""

    keys: Callable[[Session], Sequence[Any]]
    size: int
    end: Callable[[Session, Report, Sequence[Any]], None]


def run_retention(*, actor: Actor = SYSTEM, dry_run: bool = False, progress: Progress | None = None) -> Report:
    """End everything whose term is over, and return what that was; the audit tells it. A dry run changes nothing."""
    report = Report(today(), dry_run, {name: Count() for name in CLASSES if name not in LEFT})
    for step in _steps(terms_on(report.day)):
        with reading(as_portal=True) as session:
            keys = step.keys(session)
        for start in range(0, len(keys), step.size):
            with _act(dry_run=dry_run) as session:
                step.end(session, report, keys[start : start + step.size])
            if progress:
                progress(min(start + step.size, len(keys)), len(keys))
    _end_files(report)
    with _act(dry_run=dry_run) as session:
        audit.record(session, actor, "privacy:retention", f"retention/{report.day}", **_told(report))
    return report


class _UndoneError(Exception):
    """Leaves a transaction, so that it is rolled back."""


@contextmanager
def _act(*, dry_run: bool) -> Iterator[Session]:
    try:
        with transaction(as_portal=True) as session:
            yield session
            if dry_run:
                raise _UndoneError
    except _UndoneError:
        return


def _told(report: Report) -> dict[str, Any]:
    counts = {f"{name} {what}": number for name, count in report.tables.items() for what, number in vars(count).items() if number}
    return {what: (None, number) for what, number in (counts | {"files": report.files}).items()}


def _steps(terms: Terms) -> Iterator[_Step]:
    passed = _moment(terms.passing)
    for name, column in PASSED.items():
        yield _Step(_keys_before(TABLES[name], column, passed), ROWS, _deleting(TABLES[name]))
    closed = select(Case.id).where(_case_is_over(terms)).order_by(Case.id)
    yield _Step(lambda session: session.scalars(closed).all(), CASES, _erasing(terms))
    old = select(ContactAttempt.id).where(ContactAttempt.on_day <= terms.attempts).order_by(ContactAttempt.id)
    yield _Step(lambda session: session.scalars(old).all(), ROWS, _deleting(TABLES["contact_attempt"]))
    told = select(Signal.id).where(_signal_is_over(terms)).order_by(Signal.id)
    yield _Step(lambda session: session.scalars(told).all(), ROWS, _erasing_signals)
    settled = select(Complaint.id).where(complaint_is_over(terms.cases, passed)).order_by(Complaint.id)
    yield _Step(lambda session: session.scalars(settled).all(), ROWS, _erasing_complaints)
    over = select(Person.id).where(_account_is_over(terms)).order_by(Person.id)
    yield _Step(lambda session: session.scalars(over).all(), PEOPLE, _forgetting(terms, passed))
    left = reports_of_who_left(terms.accounts, _moment(terms.accounts))
    yield _Step(lambda session: session.scalars(left).all(), PEOPLE, _deleting_reports)
    waiting = FederatedIdentity.person_id.is_(None), func.coalesce(FederatedIdentity.used_at, FederatedIdentity.created_at)
    unknown = select(FederatedIdentity.id).where(waiting[0], waiting[1] < _moment(terms.accounts)).order_by(FederatedIdentity.id)
    yield _Step(lambda session: session.scalars(unknown).all(), PEOPLE, _forgetting_identities)
    yield _Step(lambda session: audit.over(session, _moment(terms.audit)), ROWS, _forgetting_events)
    nobodys = select(Bounce.id).where(_is_nobodys(Bounce.address)).order_by(Bounce.id)
    yield _Step(lambda session: session.scalars(nobodys).all(), ROWS, _deleting(TABLES["mail_bounce"]))
    ended = select(Contact.id).where(Contact.ended_on <= terms.contacts).order_by(Contact.id)
    yield _Step(lambda session: session.scalars(ended).all(), ROWS, _deleting(TABLES["organisation_contact"]))


def _is_nobodys(address: Any) -> ColumnElement[bool]:
    """Tell of which address that refused mail nobody is the holder any more: it was changed, or its account is a stub."""
    of_person = exists().where(Person.email == address)
    return and_(~of_person, ~exists().where(func.lower(Organisation.email) == address))


def _moment(day: date) -> datetime:
    """Return this time of the day on an earlier day."""
    return now() - (today() - day)


# ── what passed by ───────────────────────────────────────────────────────────


def _keys_before(table: Table, column: str, moment: datetime) -> Callable[[Session], Sequence[Any]]:
    key = _key(table)
    return lambda session: session.scalars(select(key).where(table.c[column] < moment).order_by(key)).all()


def _deleting(table: Table) -> Callable[[Session, Report, Sequence[Any]], None]:
    def end(session: Session, report: Report, keys: Sequence[Any]) -> None:
        for name, column in PARTS.get(table.name, {}).items():
            _delete(session, report, TABLES[name], TABLES[name].c[column].in_(keys))
        _delete(session, report, table, _key(table).in_(keys))

    return end


def _key(table: Table) -> ColumnElement[Any]:
    (key,) = table.primary_key.columns
    return key


# ── cases ────────────────────────────────────────────────────────────────────


def _case_is_over(terms: Terms) -> ColumnElement[bool]:
    """Tell which cases end. One that rests does not: erasing is processing too, and its client may need the data (art. 18 (1) GDPR)."""
    return and_(Case.closed_on <= terms.cases, Case.erased_on.is_(None), Case.restricted_at.is_(None))


def _erasing(terms: Terms) -> Callable[[Session, Report, Sequence[int]], None]:
    """Leave of each case what statistics need: no name, no day of birth, no address, no words, no letters."""

    def end(session: Session, report: Report, keys: Sequence[int]) -> None:
        theirs = select(Proposal.id).where(Proposal.case_id.in_(keys)).order_by(Proposal.id)
        session.execute(theirs.with_for_update())  # before their cases, as everywhere (see `db.transaction`)
        locked = select(Case.id).where(Case.id.in_(keys), _case_is_over(terms)).order_by(Case.id).with_for_update()
        ids = list(session.scalars(locked))  # one that was opened again or came to rest meanwhile stays
        offers = dict(session.execute(select(Offer.id, Offer.ref).where(Offer.case_id.in_(ids))).all())
        refs = [*offers.values(), *session.scalars(select(Proposal.ref).where(Proposal.case_id.in_(ids)))]
        refs += session.scalars(select(Case.ref).where(Case.id.in_(ids)))
        refs += session.scalars(select(BalanceRequest.ref).where(BalanceRequest.case_id.in_(ids)))
        for some in _pieces(refs):
            _delete_documents(session, report, some)
            _stub(session, report, "consent_assessment", TABLES["consent_assessment"].c.offer_ref.in_(some))
        for offer_ids in _pieces(list(offers)):
            _stub(session, report, "offer_event", TABLES["offer_event"].c.offer_id.in_(offer_ids))
        requests = select(BalanceRequest.id).where(BalanceRequest.case_id.in_(ids))
        for name in OF_CASE:
            columns = TABLES[name].c
            mine = columns.request_id.in_(requests) if name == "balance_statement" else columns.case_id.in_(ids)
            _stub(session, report, name, mine, **({"visibility": Visibility.ERASED} if "visibility" in columns else {}))
        complaints = session.scalars(select(Complaint.id).where(Complaint.case_id.in_(ids), Complaint.erased_on.is_(None)))
        _erasing_complaints(session, report, complaints.all())
        cases = TABLES["case_file"]
        _stub(session, report, "case_file", cases.c.id.in_(ids), relation_code=-cases.c.id, erased_on=report.day)

    return end


def _signal_is_over(terms: Terms) -> ColumnElement[bool]:
    """Tell which early signals end: those that nobody followed, and others so long after what was done last."""
    done_on = func.coalesce(Signal.last_attempt_on, Signal.followed_on)
    not_followed = and_(done_on.is_(None), Signal.received_at < _moment(terms.signals))
    return and_(Signal.erased_on.is_(None), or_(not_followed, done_on <= terms.attempts))


def _erasing_signals(session: Session, report: Report, keys: Sequence[int]) -> None:
    """Leave of each early signal what figures need: no person, no reference of the reporter, no attempts."""
    signals, attempts = TABLES["early_signal"], TABLES["contact_attempt"]
    _delete(session, report, attempts, attempts.c.signal_id.in_(keys))
    nameless = literal("gewist-") + cast(signals.c.id, String)
    _stub(session, report, "early_signal", signals.c.id.in_(keys), reference=nameless, erased_on=report.day)


def _erasing_complaints(session: Session, report: Report, keys: Sequence[int]) -> None:
    """Leave of each complaint its kind, days and outcome: no client, no reporter, no words, no files."""
    _delete_documents(session, report, list(session.scalars(select(Complaint.ref).where(Complaint.id.in_(keys)))))
    _stub(session, report, "complaint_event", TABLES["complaint_event"].c.complaint_id.in_(keys))
    _stub(session, report, "complaint", TABLES["complaint"].c.id.in_(keys), visibility=Visibility.ERASED, erased_on=report.day)


def _deleting_reports(session: Session, report: Report, keys: Sequence[int]) -> None:
    """Delete the practice reports of who takes part no more, with the evidence beside their answers."""
    report.tables["attachment"].deleted += forget_attachments(session, evidence_of(session, keys))
    _deleting(TABLES["practice_report"])(session, report, keys)


def _pieces(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), ROWS):
        yield values[start : start + ROWS]


def _delete_documents(session: Session, report: Report, subjects: list[str]) -> None:
    about = Document.subject_ref.in_(subjects)
    report.gone_documents |= dict(session.execute(select(Document.id, Document.sha256).where(about)).all())
    _delete(session, report, TABLES["document"], about)
    report.tables["attachment"].deleted += forget_attachments(session, subjects)


def _forgetting_events(session: Session, report: Report, numbers: Sequence[int]) -> None:
    audit.forget(session, numbers)
    report.tables["audit_event"].deleted += len(numbers)


# ── accounts ─────────────────────────────────────────────────────────────────


def _account_is_over(terms: Terms) -> ColumnElement[bool]:
    """Tell who left so long ago: closed, or without any work since. A stub has no name any more."""
    works = exists().where(Membership.person_id == Person.id, or_(Membership.ends_on.is_(None), Membership.ends_on > terms.accounts))
    moment = _moment(terms.accounts)
    return and_(Person.name != "", or_(Person.disabled_at < moment, and_(~works, Person.created_at < moment)))


def _forgetting(terms: Terms, passed: datetime) -> Callable[[Session, Report, Sequence[int]], None]:
    """Leave of an account its number and where it worked; the audit keeps the name as it was."""

    def end(session: Session, report: Report, keys: Sequence[int]) -> None:
        locked = select(Person.id).where(Person.id.in_(keys), _account_is_over(terms)).order_by(Person.id).with_for_update()
        ids = list(session.scalars(locked))
        for name in ("sign_in", "invitation"):  # what is older goes by itself: nothing is counted twice
            table = TABLES[name]
            _delete(session, report, table, table.c.person_id.in_(ids) & (table.c[PASSED[name]] >= passed))
        session.execute(update(Invitation).where(Invitation.person_id.in_(ids)).values(joining_id=None))
        for name in ("recovery_code", "passkey", "joining", "saved_filter", "mail_choice", "calendar_feed"):
            _delete(session, report, TABLES[name], TABLES[name].c.person_id.in_(ids))
        identities = list(session.scalars(select(FederatedIdentity.id).where(FederatedIdentity.person_id.in_(ids))))
        _forgetting_identities(session, report, identities)
        people = TABLES["person"]
        nobody = literal("gewist-") + cast(people.c.id, String) + "@gewist.invalid"
        _stub(session, report, "person", people.c.id.in_(ids), email=nobody, language="nl", disabled_at=now())

    return end


def _forgetting_identities(session: Session, report: Report, ids: Sequence[int]) -> None:
    session.execute(update(SignIn).where(SignIn.identity_id.in_(ids)).values(identity_id=None))
    _delete(session, report, TABLES["federated_identity"], TABLES["federated_identity"].c.id.in_(ids))


# ── the steps they share ─────────────────────────────────────────────────────


def _delete(session: Session, report: Report, table: Table, where: ColumnElement[bool]) -> None:
    report.tables[table.name].deleted += session.execute(delete(table).where(where)).rowcount  # type: ignore[attr-defined]


def _stub(session: Session, report: Report, name: str, where: ColumnElement[bool], **values: Any) -> None:
    """Empty the columns of some rows that the rules want empty; `values` are for those that must hold something."""
    done = session.execute(update(TABLES[name]).where(where).values(empty(name) | values))
    report.tables[name].stubbed += done.rowcount  # type: ignore[attr-defined]


def empty(name: str) -> dict[str, Any]:
    """Return what an emptied row of a table holds in the columns that are emptied."""
    columns = TABLES[name].c
    return {one: _nothing(columns[one]) for one, rule in CLASSES[name].columns.items() if rule.ends is Ends.BLANKED}


def _nothing(column: Any) -> Any:
    if column.nullable:
        return None
    return next(value for kind, value in NOTHING.items() if isinstance(column.type, kind))


def _end_files(report: Report) -> None:
    """Delete the files of documents that went, and those that no row names: a run that broke off, or a keeping that did.

    What a process left that was killed while it wrote goes too.
    """
    for names in _pieces(list(files.names())):
        with reading(as_portal=True) as session:
            found = session.execute(select(Document.sha256, Document.id).where(Document.sha256.in_(names)))
            named = {sha256 for sha256, id_ in found if id_ not in report.gone_documents}
            named |= set(session.scalars(select(Attachment.sha256).where(Attachment.sha256.in_(names))))
        gone = set(report.gone_documents.values())
        for name in names:
            if name not in named and (name in gone or _is_old(files.kept(name))):
                _end_file(report, files.kept(name))
    for draft in list(files.drafts()):
        if _is_old(draft):
            _end_file(report, draft)


def _end_file(report: Report, place: Path) -> None:
    report.files += 1
    if not report.is_dry:
        place.unlink(missing_ok=True)


def _is_old(place: Path) -> bool:
    written = datetime.fromtimestamp(place.stat().st_mtime, machine_now().tzinfo)
    return machine_now() - written > YOUNG
