"""Use cases of the debt file: open a case, change the facts that a proposal rests on, bring files in through a page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.queries import did_today
from app.audit.service import record
from app.cases import rules
from app.cases.importing import take_cases
from app.cases.listing import CaseRow, ListQuery, all_rows
from app.cases.models import Case, Claim
from app.cases.queries import CasePage, case_page, visible_case, visible_ref
from app.cases.words import COUNTED, KINDS, REFUSALS
from app.clock import now, today
from app.db import reading, transaction
from app.errors import Conflict, NotFound, Refusal
from app.exchange import uploads
from app.exchange.imports import Outcome
from app.exchange.models import Upload
from app.exchange.uploads import Incoming
from app.jobs import service as jobs
from app.money import Cents

UPLOAD = "cases"


@dataclass(frozen=True)
class Facts:
    """What people may change in a case, as far as a proposal rests on it."""

    team: str
    programme: str
    entrepreneur: bool | None
    settlement_known: bool
    last_settlement_on: date | None
    income_cents: Cents
    vtlb_cents: Cents
    extra_cents: Cents
    calculated_on: date


def open_case(actor: Actor, ref: str) -> CasePage:
    """Return the page of a case and note who opened it: a file holds the finances of a person in debt. Raises NotFound."""
    with transaction() as session:
        page = case_page(session, actor, ref)
        record(session, actor, "cases:open", f"case/{page.case.ref}")
        return page


def note_opened(actor: Actor, ref: str) -> None:
    """Note that somebody reads about a case on a page beside its own, such as its proposal: once a day for each person. Raises NotFound."""
    with reading() as session:
        ref = visible_ref(session, actor, ref)
        if actor.person_id is not None and did_today(session, actor, "cases:open", f"case/{ref}"):
            return
    with transaction() as session:
        record(session, actor, "cases:open", f"case/{ref}")


def export_cases(actor: Actor, query: ListQuery) -> list[CaseRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound without the permission."""
    with transaction() as session:
        rows = list(all_rows(session, actor, query))
        record(session, actor, "cases:export", "cases", rows=(None, len(rows)), refs=(None, " ".join(row.ref for row in rows)))
        return rows


def change_facts(actor: Actor, ref: str, facts: Facts, revision: int) -> None:
    """Change the facts of a case; proposals that were issued keep their sums. Raises Refusal, Conflict, NotFound."""
    actor.must(Permission.EDIT_CASES)
    with transaction() as session:
        case = visible_case(session, actor, ref)
        _must_be(case, revision)
        known, last_on = rules.settlement(facts.settlement_known, facts.last_settlement_on, today())
        if facts.calculated_on > today():
            raise Refusal("cases.figures_in_future", field="calculated_on")
        values = vars(facts) | {"settlement_known": known, "last_settlement_on": last_on}
        changes = _set(case, values)
        if changes:
            record(session, actor, "cases:edit", f"case/{case.ref}", **changes)


def change_claim(actor: Actor, ref: str, number: int, *, fraud: bool, security_cents: Cents, revision: int) -> None:
    """Mark a claim as fraud or not, and set its security. Raises Refusal for security without rank, Conflict, NotFound."""
    actor.must(Permission.EDIT_CASES)
    with transaction() as session:
        case = visible_case(session, actor, ref)
        claim = next((claim for claim in case.claims if claim.number == number), None)
        if claim is None:
            raise NotFound
        _must_be(claim, revision)
        changes = _set(claim, {"fraud": fraud, "security_cents": rules.security(claim.rank, security_cents)})
        if changes:
            named: dict[str, Any] = {f"claim {number} {name}": change for name, change in changes.items()}
            record(session, actor, "cases:edit", f"case/{case.ref}", **named)


def note_stage(session: Session, case_ids: Collection[int], stage: rules.Stage) -> None:
    """Note how far cases are, inside somebody's transaction; beside their versions, for no fact of a case changes."""
    session.execute(select(Case.id).where(Case.id.in_(case_ids)).order_by(Case.id).with_for_update(key_share=True))  # see `db.transaction`
    session.execute(update(Case).where(Case.id.in_(case_ids)).values(stage=stage))


def _must_be(row: Case | Claim, revision: int) -> None:
    if row.revision != revision:
        raise Conflict


def _set(row: Case | Claim, values: dict[str, Any]) -> dict[str, Any]:
    changes = {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    return changes


# ── files through a page ─────────────────────────────────────────────────────


def keep_upload(actor: Actor, files: list[Incoming], outcome: Outcome) -> str:
    """Keep files whose trial was run until somebody says yes, and return the reference. Raises NotFound without the permission."""
    actor.must(Permission.IMPORT_CASES)
    with transaction() as session:
        ref = uploads.keep(session, actor, UPLOAD, files, outcome, REFUSALS)
        record(session, actor, "cases:upload", f"import/{ref}")
        return ref


def confirm_upload(actor: Actor, ref: str) -> bool:
    """Bring the files of an upload in: at once, or (many rows) as a job; return whether a job does it.

    A second yes, from a double click or another tab, does nothing. Raises NotFound for another's, or one that is kept no longer.
    """
    actor.must(Permission.IMPORT_CASES)
    with transaction() as session:
        upload = uploads.visible_upload(session, actor, UPLOAD, ref, lock=True)
        large = upload.rows > uploads.LARGE
        if upload.confirmed_at is not None:
            return large
        upload.confirmed_at = now()
        if large:
            jobs.start(session, actor, ref, str(REFUSALS["cases.upload_title"]), upload.rows)
            jobs.enqueue(session, "cases.take_upload", {"ref": ref}, key=ref)
        else:
            _bring_in(session, actor, upload)
        return large


def take_upload(ref: str) -> None:
    """Bring a confirmed upload in, as a job. Running again after that does nothing."""
    with transaction() as session:
        upload = uploads.waiting(session, UPLOAD, ref)
        if upload is None:
            return
        outcome = _bring_in(session, uploads.uploader(upload), upload)
        lines = tuple((str(KINDS[kind]), str(COUNTED) % counts) for kind, counts in outcome.as_counts().items())
        jobs.finish(session, ref, jobs.Result(lines, f"/cases/import/{ref}"))


def _bring_in(session: Session, actor: Actor, upload: Upload) -> Outcome:
    files = uploads.contents(session, upload)
    outcome = take_cases(session, actor, files["cases"], files["claims"])
    uploads.complete(session, upload, outcome, REFUSALS)
    return outcome
