"""Read standing consents. Loading a row is the access check: what the actor may not see is NotFound."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, cast, false, func, select, true
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission, Role
from app.accounts.models import Membership, Person
from app.accounts.queries import in_force as membership_in_force
from app.clock import today
from app.consents import rules
from app.consents.assessing import counts_on
from app.consents.models import Assessment, Consent
from app.consents.rules import OPEN_END, ClauseRow, Clauses, Effect, State
from app.consents.simulation import CONDITIONS, PastOffer, Simulation, covered_by, missing_offers, simulate
from app.creditors.models import Organisation
from app.deadlines import months_before
from app.documents.queries import documents_about
from app.errors import NotFound, Refusal
from app.notifications.service import Recipient


def last_day(clauses: Clauses, ends_on: date | None) -> date | None:
    """Return the last day on which a version counts; None: until further notice."""
    days = [clauses.valid_until or OPEN_END, ends_on - timedelta(days=1) if ends_on else OPEN_END]
    return min(days) if min(days) != OPEN_END else None


@dataclass(frozen=True)
class VersionRow:
    """One version in the list of versions; `before` is what the version before it said."""

    version: int
    state: State
    is_in_force: bool
    clauses: Clauses
    effect: Effect
    before: Clauses | None
    before_effect: Effect | None
    before_version: int | None
    starts_on: date | None
    ends_on: date | None
    end_reason: str | None
    signed_by: str | None
    signed_at: datetime | None
    terms_hash: str | None
    used: int
    revision: int
    record_ref: str | None

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it counts, as far as known."""
        return last_day(self.clauses, self.ends_on)


@dataclass(frozen=True)
class ConsentPage:
    """A consent as its page shows it: the version looked at, what it would have covered, and all versions."""

    ref: str
    creditor: str
    shown: VersionRow
    saved_at: datetime
    drafted_by: str
    contradictions: tuple[Refusal, ...]
    simulation: Simulation
    now_covered: int | None  # how many of the same offers the version in force covers
    now_version: int | None
    now_cents: int
    more_covered: dict[str, int]  # for each clause that a draft changes: how many more offers are covered by that change alone
    versions: list[VersionRow]
    signers: list[str]
    may_draft: bool

    @property
    def draft(self) -> VersionRow | None:
        return next((version for version in self.versions if version.state is State.DRAFT), None)


@dataclass(frozen=True)
class OwnPage:
    """Where a creditor's people begin: their consent, if any, and which version of it (None: the draft or the newest)."""

    ref: str | None
    begin: int | None
    may_draft: bool


@dataclass(frozen=True)
class WithdrawalPage:
    ref: str
    shown: VersionRow
    in_force: VersionRow | None
    coming: tuple[VersionRow, ...]  # newer ones that are signed: they begin all the same
    covered_30_days: int  # offers that it answered in the last 30 days
    covered_12_months: int
    covered: int  # and in all
    covered_cents: int


@dataclass(frozen=True)
class AssessmentPage:
    """How an issued offer compared with the consent of that day; no version: none was in force."""

    offer_ref: str
    consent_ref: str | None
    version: int | None
    covered: bool
    rows: tuple[ClauseRow, ...]


# ── one consent ──────────────────────────────────────────────────────────────


def sees_records(actor: Actor, subject: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a document is that of a signed version which the actor sees, as `visible_consent` does."""
    if not actor.may(Permission.READ_CONSENTS):
        return false()
    own = true() if actor.may(Permission.READ_ALL_CONSENTS) else Consent.creditor_id == actor.organisation_id
    version = Consent.ref.concat(".").concat(cast(Consent.version, String))
    return select(Consent.id).where(version == subject, Consent.signed_at.is_not(None), _not_thrown_away(), own).exists()


def visible_consent(session: Session, actor: Actor, ref: str, version: int | None = None) -> Consent:
    """Return a version of a consent: the one asked for, else the draft, else the newest. Raises NotFound."""
    actor.must(Permission.READ_CONSENTS)
    found = select(Consent).where(Consent.ref == ref, _not_thrown_away())
    if not actor.may(Permission.READ_ALL_CONSENTS):
        found = found.where(Consent.creditor_id == actor.organisation_id)
    else:
        found = found.where(Consent.state != State.DRAFT)  # what a creditor still thinks about is its own
    if version is not None:
        found = found.where(Consent.version == version)
    consent = session.scalar(found.order_by(Consent.version.desc()).limit(1))
    if consent is None:
        raise NotFound
    return consent


def own_version(session: Session, actor: Actor, ref: str, version: int) -> Consent:
    """Return a version of the actor's own organisation. Raises NotFound."""
    consent = visible_consent(session, actor, ref, version)
    if consent.creditor_id != actor.organisation_id:
        raise NotFound
    return consent


def versions_of(session: Session, creditor_id: int) -> list[Consent]:
    """Return every version of a creditor, newest first, drafts thrown away too."""
    return list(session.scalars(select(Consent).where(Consent.creditor_id == creditor_id).order_by(Consent.version.desc())))


def _not_thrown_away() -> ColumnElement[bool]:
    return (Consent.state == State.DRAFT) | Consent.signed_at.is_not(None)


def record_subject(ref: str, version: int) -> str:
    """Return the subject under which the document of a signed version is kept."""
    return f"{ref}.{version}"


def sees_record(session: Session, actor: Actor, subject: str) -> bool:
    """Tell whether an actor may see the document of a signed version: whoever may see that version."""
    ref, _, version = subject.rpartition(".")
    try:
        return visible_consent(session, actor, ref, int(version)).signed_at is not None
    except NotFound:
        return False


def consent_page(session: Session, actor: Actor, ref: str, version: int | None = None) -> ConsentPage:
    """Return what the page of a consent shows of one version. Raises NotFound."""
    consent = visible_consent(session, actor, ref, version)
    versions = _version_rows(session, actor, consent.creditor_id)
    shown = next(row for row in versions if row.version == consent.version)
    current = next((row for row in versions if row.is_in_force), None)
    of_now = simulate(session, consent.creditor_id, current.clauses, today()) if current else None
    simulation = of_now if of_now and shown is current else simulate(session, consent.creditor_id, shown.clauses, today())
    return ConsentPage(
        ref, session.get_one(Organisation, consent.creditor_id).name, shown, consent.saved_at, consent.drafted_by,
        rules.contradictions(shown.clauses), simulation, of_now.covered if of_now else None, current.version if current else None,
        of_now.covered_cents if of_now else 0, _more_covered(session, consent.creditor_id, shown, simulation), versions,
        _signers(session, consent.creditor_id),
        actor.may(Permission.DRAFT_CONSENTS) and consent.creditor_id == actor.organisation_id,
    )  # fmt: skip


def _more_covered(session: Session, creditor_id: int, shown: VersionRow, simulation: Simulation) -> dict[str, int]:
    """Count for each clause that a draft changes what that change alone does to the offers of twelve months."""
    if shown.state is not State.DRAFT or shown.before is None or not simulation.total:
        return {}
    names = [name for name in CONDITIONS if getattr(shown.clauses, name) != getattr(shown.before, name)]
    unchanged = {name: replace(shown.clauses, **{name: getattr(shown.before, name)}) for name in names}
    counts = covered_by(session, creditor_id, unchanged, today())
    return {name: simulation.covered - count for name, count in counts.items()}


def _version_rows(session: Session, actor: Actor, creditor_id: int) -> list[VersionRow]:
    """Return the versions that the actor may see, newest first, each with the one before it."""
    own = creditor_id == actor.organisation_id
    found = [v for v in versions_of(session, creditor_id) if v.signed_at or (own and v.state is State.DRAFT)]
    current = session.scalar(
        select(Consent.version).where(Consent.creditor_id == creditor_id, counts_on(today())).order_by(Consent.version.desc()).limit(1)
    )
    used = {row[0]: row[1] for row in session.execute(_uses(creditor_id))}
    before: list[Consent | None] = [*found[1:], None]
    records = _records(session, found) if actor.may(Permission.READ_DOCUMENTS) else {}
    return [_version_row(v, b, v.version == current, used.get(v.id, 0), records.get(v.version)) for v, b in zip(found, before, strict=True)]


def _uses(creditor_id: int) -> Select[int | None, int]:
    counted = select(Assessment.consent_id, func.count()).where(Assessment.creditor_id == creditor_id, Assessment.covered)
    return counted.group_by(Assessment.consent_id)


def _records(session: Session, versions: list[Consent]) -> dict[int, str]:
    """Return the document of each signed version that was written by now."""
    documents = {v.version: documents_about(session, record_subject(v.ref, v.version)) for v in versions if v.signed_at}
    return {version: found[0].ref for version, found in documents.items() if found}


def _version_row(v: Consent, before: Consent | None, is_in_force: bool, used: int, record_ref: str | None) -> VersionRow:  # noqa: FBT001
    return VersionRow(
        v.version, v.state, is_in_force, rules.from_json(v.clauses), v.effect, rules.from_json(before.clauses) if before else None,
        before.effect if before else None, before.version if before else None, v.starts_on, v.ends_on, v.end_reason, v.signed_by,
        v.signed_at, v.terms_hash, used, v.revision, record_ref,
    )  # fmt: skip


def missed_page(session: Session, actor: Actor, ref: str, version: int, clause: str) -> list[PastOffer]:
    """List the offers of the last twelve months that miss a clause of a version first. Raises NotFound."""
    consent = visible_consent(session, actor, ref, version)
    if clause not in {*rules.RULES, *rules.NEVER}:
        raise NotFound
    return missing_offers(session, consent.creditor_id, rules.from_json(consent.clauses), clause, today())


def own_page(session: Session, actor: Actor) -> OwnPage:
    """Return what a creditor's people see first. Raises NotFound for who has no consents of its own."""
    actor.must(Permission.READ_CONSENTS)
    if actor.kind is not Kind.CREDITOR or actor.organisation_id is None:
        raise NotFound
    mine = Consent.creditor_id == actor.organisation_id
    ref = session.scalar(select(Consent.ref).where(mine, _not_thrown_away()).limit(1))
    may_draft = actor.may(Permission.DRAFT_CONSENTS)
    current = session.scalar(select(Consent.version).where(mine, counts_on(today())).order_by(Consent.version.desc()).limit(1))
    return OwnPage(ref, None if may_draft else current, may_draft)


def withdrawal_page(session: Session, actor: Actor, ref: str, version: int | None = None) -> WithdrawalPage:
    """Return what withdrawing a signed version would touch; without a version the one in force. Raises NotFound."""
    consent = visible_consent(session, actor, ref, version)
    versions = _version_rows(session, actor, consent.creditor_id)
    in_force = next((row for row in versions if row.is_in_force), None)
    signed = [row for row in versions if row.state is State.SIGNED]
    wanted = [row for row in signed if row.version == version] if version else [in_force] if in_force in signed else signed
    if not wanted or wanted[0] is None or consent.creditor_id != actor.organisation_id:
        raise NotFound
    coming = tuple(row for row in signed if row.version > wanted[0].version and row.starts_on and row.starts_on > today())
    return WithdrawalPage(ref, wanted[0], in_force, coming, *_answered(session, consent.creditor_id, wanted[0].version))


def _answered(session: Session, creditor_id: int, version: int) -> tuple[int, int, int, int]:
    """Count the offers that a version answered: in the last 30 days, in twelve months, in all, and the sum of all in cents."""
    consent_id = select(Consent.id).where(Consent.creditor_id == creditor_id, Consent.version == version).scalar_subquery()
    recent, year = (func.count().filter(Assessment.issued_on > day) for day in (today() - timedelta(days=30), months_before(today(), 12)))
    counted = select(recent, year, func.count(), func.coalesce(func.sum(Assessment.payment_cents), 0))
    found = session.execute(counted.where(Assessment.creditor_id == creditor_id, Assessment.consent_id == consent_id, Assessment.covered))
    last_month, twelve_months, number, cents = found.one()
    return int(last_month), int(twelve_months), int(number), int(cents)


# ── for offers and mail ──────────────────────────────────────────────────────


def assessment_of(session: Session, offer_ref: str) -> AssessmentPage | None:
    """Return how an offer compared when it was issued. Whoever calls has loaded the offer for its actor."""
    row = session.connection().execute(_assessment(), {"offer": offer_ref}).one_or_none()
    if row is None:
        return None
    return AssessmentPage(offer_ref, row.ref, row.version, row.covered, tuple(ClauseRow(**one) for one in row.rows))


@cache
def _assessment() -> Select[Any]:
    """Make the statement once: the page of an offer asks it each time."""
    compared: Any = Assessment.__table__.c  # columns of tables, not of classes: no objects are made
    consents: Any = Consent.__table__.c
    found = select(compared.covered, compared.rows, consents.ref, consents.version)
    with_consent = found.select_from(Assessment.__table__).outerjoin(Consent.__table__, consents.id == compared.consent_id)
    return with_consent.where(compared.offer_ref == bindparam("offer", type_=String))


def _signers(session: Session, creditor_id: int) -> list[str]:
    """Name who may sign for a creditor."""
    return [person.name for person in _managers(session, creditor_id)]


def _managers(session: Session, creditor_id: int) -> list[Person]:
    of_creditor = (Membership.organisation_id == creditor_id) & (Membership.role == Role.CREDITOR_MANAGER) & membership_in_force()
    found = select(Person).join(Membership, Membership.person_id == Person.id).where(of_creditor, Person.disabled_at.is_(None))
    return list(session.scalars(found.order_by(Person.name, Person.id)).unique())


def recipients(session: Session, creditor_id: int, *, but: int | None) -> list[Recipient]:
    """Return whom to write to about a creditor's consent: the bank, and its managers but the one who acts."""
    banks = session.execute(select(Organisation.id, Organisation.email).where(Organisation.kind == Kind.BANK).order_by(Organisation.id))
    to_bank = [Recipient(row.email, row.id) for row in banks if row.email]
    return to_bank + [Recipient(p.email, creditor_id, p.language, p.id) for p in _managers(session, creditor_id) if p.id != but]
