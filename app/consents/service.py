"""Use cases of standing consents: each opens one transaction and does everything or nothing."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Kind, Permission
from app.accounts.passkeys import Signed
from app.accounts.second_factor import APP, PASSKEY, RECOVERY, Proof, check_second_factor
from app.audit.service import record
from app.clock import local, now, today
from app.consents import moves, queries, rules
from app.consents.models import Consent
from app.consents.record_text import ConsentRecord, Version, consent_record
from app.consents.rules import Clauses, Effect, State
from app.creditors.models import Organisation
from app.db import new_ref, reading, transaction
from app.documents.queries import documents_about
from app.documents.service import store
from app.documents.writer import write
from app.errors import Conflict, NotFound
from app.jobs.service import enqueue
from app.notifications.service import notify

RECORD = "standing consent"  # the kind of document that a signed version is kept in


@dataclass(frozen=True)
class Terms:
    """What a draft says: its clauses, and what an offer gets that they cover."""

    clauses: Clauses
    effect: Effect


@dataclass(frozen=True)
class Signing:
    """What a signature goes with: the first day (None: tomorrow), a code or a passkey as second factor, the revision that was read."""

    starts_on: date | None
    code: str
    revision: int
    passkey: Signed | None = None


# ── drafts ───────────────────────────────────────────────────────────────────


def start_draft(actor: Actor) -> str:
    """Begin a version from the newest one that was signed, or from nothing; return the consent's ref.

    A draft that stands already is the draft. Raises NotFound for everybody but a creditor's manager.
    """
    actor.must(Permission.DRAFT_CONSENTS)
    with transaction() as session:
        creditor_id = _creditor_of(actor)
        session.get_one(Organisation, creditor_id, with_for_update=True)  # two colleagues at once begin one draft
        versions = queries.versions_of(session, creditor_id)
        if draft := next((version for version in versions if version.state is State.DRAFT), None):
            return draft.ref
        return _new_draft(session, actor, creditor_id, versions)


def _creditor_of(actor: Actor) -> int:
    if actor.kind is not Kind.CREDITOR or actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id


def _new_draft(session: Session, actor: Actor, creditor_id: int, versions: list[Consent]) -> str:
    """Add a draft with the terms of the newest signed version; a last day that has passed is left out."""
    signed = next((version for version in versions if version.signed_at), None)
    terms = dict(signed.clauses) if signed else {}
    for name in ("valid_from", "valid_until"):
        if (last := rules.date_of(terms.get(name))) and last < today():
            del terms[name]
    draft = Consent(
        ref=versions[0].ref if versions else new_ref("C"), creditor_id=creditor_id,
        version=versions[0].version + 1 if versions else 1, clauses=terms, effect=signed.effect if signed else Effect.ACCEPT,
        drafted_by=actor.name, created_at=now(), saved_at=now(),
    )  # fmt: skip
    session.add(draft)
    record(session, actor, "consents:draft", f"consent/{draft.ref}", concerns_id=creditor_id, version=(None, draft.version))
    return draft.ref


def save_draft(actor: Actor, ref: str, terms: Terms, revision: int) -> None:
    """Keep what somebody wrote in a draft. Raises NotFound, or Conflict when it changed since `revision`."""
    actor.must(Permission.DRAFT_CONSENTS)
    with transaction() as session:
        draft = _own_draft(session, actor, ref, revision)
        clauses = rules.to_json(terms.clauses)
        if (draft.clauses, draft.effect) != (clauses, terms.effect):
            draft.clauses, draft.effect, draft.saved_at, draft.drafted_by = clauses, terms.effect, now(), actor.name
            record(session, actor, "consents:save-draft", f"consent/{ref}", concerns_id=draft.creditor_id)


def _own_draft(session: Session, actor: Actor, ref: str, revision: int) -> Consent:
    """Return the draft that somebody read. Raises Conflict when it was changed, signed or thrown away since; NotFound."""
    draft = queries.visible_consent(session, actor, ref)
    if draft.creditor_id != actor.organisation_id:
        raise NotFound
    if draft.state is not State.DRAFT or draft.revision != revision:
        raise Conflict
    return draft


def discard_draft(actor: Actor, ref: str, revision: int) -> None:
    """Throw a draft away; its number is not used again. Raises NotFound, Conflict."""
    actor.must(Permission.DRAFT_CONSENTS)
    with transaction() as session:
        draft = _own_draft(session, actor, ref, revision)
        draft.state = State.WITHDRAWN
        changes = {"version": (draft.version, None)}
        record(session, actor, "consents:discard", f"consent/{ref}", concerns_id=draft.creditor_id, **changes)


# ── signing ──────────────────────────────────────────────────────────────────


def sign_draft(actor: Actor, ref: str, signing: Signing) -> None:
    """Sign a draft: from its first day it counts instead of the version before it.

    Raises Refusal for a contradiction, a first day that is over, or a wrong or used code; Conflict when the draft changed
    or somebody else signed it first; NotFound.
    """
    actor.must(Permission.SIGN_CONSENTS)
    with transaction() as session:
        draft = _own_draft(session, actor, ref, signing.revision)
        clauses = rules.from_json(draft.clauses)
        rules.check(clauses)
        starts_on = signing.starts_on or today() + timedelta(days=1)
        moves.check_start(clauses, starts_on, today())
        draft.signed_with = check_second_factor(session, actor, Proof(signing.code, signing.passkey))
        _end_older(session, draft, starts_on)
        _sign(draft, actor, starts_on)
        changes = {"version": (None, draft.version), "starts_on": (None, starts_on), "terms_hash": (None, draft.terms_hash)}
        record(session, actor, "consents:sign", f"consent/{ref}", concerns_id=draft.creditor_id, **changes)
        enqueue(session, "consents.write_record", {"consent": draft.id}, key=f"{ref}.{draft.version}")
        _tell(session, actor, draft, "consents.signed", day=starts_on)


def _end_older(session: Session, draft: Consent, starts_on: date) -> None:
    """Let every older version end on the day when this one begins, unless it ends before."""
    older = select(Consent).where(
        Consent.creditor_id == draft.creditor_id, Consent.id != draft.id, Consent.signed_at.is_not(None),
        or_(Consent.ends_on.is_(None), Consent.ends_on > starts_on),
    )  # fmt: skip
    for version in session.scalars(older.order_by(Consent.version).with_for_update()):
        version.ends_on = starts_on


def _sign(draft: Consent, actor: Actor, starts_on: date) -> None:
    draft.state, draft.starts_on = State.SIGNED, starts_on
    draft.signed_by, draft.signed_person_id, draft.signed_at = actor.name, actor.person_id, now()
    draft.terms_hash = terms_hash(draft)


def terms_hash(consent: Consent) -> str:
    """Return the SHA-256 of the clauses and the effect, in one fixed way of writing."""
    terms = {"clauses": consent.clauses, "effect": consent.effect}
    return hashlib.sha256(json.dumps(terms, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _tell(session: Session, actor: Actor, consent: Consent, code: str, *, day: date) -> None:
    """Write to the bank and to the other managers of the creditor."""
    creditor = session.get_one(Organisation, consent.creditor_id).name
    facts = {"ref": consent.ref, "version": consent.version, "creditor": creditor, "day": f"{day:%d-%m-%Y}"}
    for to in queries.recipients(session, consent.creditor_id, but=actor.person_id):
        notify(session, code, to, f"/consents/{consent.ref}", **facts)


def write_record(consent_id: int) -> None:
    """Write the document of a signed version and keep it; the same again changes nothing."""
    with reading() as session:
        consent = session.get_one(Consent, consent_id)
        subject = queries.record_subject(consent.ref, consent.version)
        if documents_about(session, subject):
            return
        letter = consent_record(_record_of(session, consent))
    content = write(letter)
    with transaction() as session:
        store(session, kind=RECORD, title=letter.title, subject_ref=subject, organisation_id=consent.creditor_id, content=content)


def _record_of(session: Session, consent: Consent) -> ConsentRecord:
    """Return a version as it was signed, with the versions that there were then."""
    signed_at = consent.signed_at or now()
    versions = [v for v in queries.versions_of(session, consent.creditor_id) if v.signed_at and v.version <= consent.version]
    return ConsentRecord(
        ref=consent.ref, version=consent.version, creditor=session.get_one(Organisation, consent.creditor_id).name,
        clauses=rules.from_json(consent.clauses), effect=consent.effect, starts_on=consent.starts_on or date.max,
        signed_by=consent.signed_by or "", signer_function="beheerder", signed_at=local(signed_at),
        second_factor=SECOND_FACTORS[consent.signed_with or APP],
        terms_hash=consent.terms_hash or "",
        versions=tuple(Version(v.version, RECORD_STATES[v.state], v.starts_on, v.ends_on) for v in reversed(versions)),
    )  # fmt: skip


SECOND_FACTORS = {APP: "code uit de inlog-app", RECOVERY: "herstelcode", PASSKEY: "passkey"}
RECORD_STATES = {State.SIGNED: "ondertekend", State.WITHDRAWN: "ingetrokken", State.REPLACED: "vervangen", State.EXPIRED: "verlopen"}


# ── withdrawing ──────────────────────────────────────────────────────────────


def withdraw_consent(actor: Actor, ref: str, version: int, ends_on: date, reason: str, revision: int) -> None:
    """Withdraw a signed version for proposals issued on `ends_on` or later; answers that it gave stand.

    A version that had not begun gives its place back to the one that it would have replaced. `revision` is the one the
    person looked at. Raises NotFound, Refusal, or Conflict when it changed since.
    """
    actor.must(Permission.WITHDRAW_CONSENTS)
    with transaction() as session:
        consent = queries.own_version(session, actor, ref, version)
        if consent.revision != revision:
            raise Conflict
        moves.check_withdrawal(consent.state, ends_on, reason, today())
        starts_on = consent.starts_on or today()
        if ends_on <= starts_on and starts_on > today():
            _give_back(session, consent, starts_on)
        changes = {"version": (version, None), "ends_on": (consent.ends_on, ends_on)}
        record(session, actor, "consents:withdraw", f"consent/{ref}", concerns_id=consent.creditor_id, **changes)
        consent.state, consent.end_reason = State.WITHDRAWN, reason.strip()[:1000]
        consent.ends_on = min(ends_on, consent.ends_on or ends_on)
        _tell(session, actor, consent, "consents.withdrawn", day=consent.ends_on)


def _give_back(session: Session, consent: Consent, starts_on: date) -> None:
    """Let the versions go on that would have ended when this one began, each until the next one that is still to begin."""
    others = select(Consent).where(Consent.creditor_id == consent.creditor_id, Consent.id != consent.id, Consent.state == State.SIGNED)
    left = list(session.scalars(others.order_by(Consent.version).with_for_update()))
    for version in left:
        if version.ends_on == starts_on:
            version.ends_on = min((newer.starts_on for newer in left if newer.version > version.version and newer.starts_on), default=None)


# ── every day ────────────────────────────────────────────────────────────────


def mind_dates() -> None:
    """Move versions that were replaced or ran out, and remind 60, 30 and 7 days before a last day. Idempotent."""
    with transaction() as session:
        for consent in session.scalars(select(Consent).where(Consent.state == State.SIGNED).order_by(Consent.id).with_for_update()):
            clauses = rules.from_json(consent.clauses)
            _move(session, consent, clauses)
            if consent.state is State.SIGNED:
                _remind(session, consent, clauses)


def _move(session: Session, consent: Consent, clauses: Clauses) -> None:
    state = moves.state_on(consent.state, clauses, consent.ends_on, today())
    if state is consent.state:
        return
    changes = {"version": (consent.version, consent.version), "state": (consent.state, state)}
    record(session, SYSTEM, "consents:end", f"consent/{consent.ref}", concerns_id=consent.creditor_id, **changes)
    if state is State.EXPIRED and clauses.valid_until:
        consent.ends_on = clauses.valid_until + timedelta(days=1)
    consent.state = state


def _remind(session: Session, consent: Consent, clauses: Clauses) -> None:
    due = moves.reminders_due(clauses, today())
    if due <= consent.reminded or consent.ends_on is not None:
        return
    consent.reminded = due
    _tell(session, SYSTEM, consent, "consents.expiring", day=clauses.valid_until or date.max)
