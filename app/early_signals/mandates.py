"""In whose name somebody reports: a creditor in its own, an agent in that of a creditor whose mandate is in force, nobody else."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.clock import today
from app.creditors.models import Organisation
from app.creditors.queries import creditors_of
from app.early_signals.access import reports
from app.early_signals.filing import Reporter
from app.early_signals.rules import LANDLORD
from app.errors import NotFound, Refusal
from app.exchange import uploads
from app.exchange.models import Upload


@dataclass(frozen=True)
class CreditorChoice:
    """A creditor in whose name an agent may report today."""

    code: str
    name: str
    is_landlord: bool


def creditors_to_choose(session: Session, actor: Actor) -> tuple[CreditorChoice, ...]:
    """Return the creditors in whose name an agent may report today, by name; for everybody else none."""
    if actor.kind is not Kind.AGENT or not reports(actor):
        return ()
    found = session.scalars(_mandated(actor.organisation_id).order_by(Organisation.name, Organisation.id))
    return tuple(CreditorChoice(str(one.code), one.name, one.branch == LANDLORD) for one in found)


def is_landlord(session: Session, actor: Actor) -> bool:
    """Tell whether somebody reports in the name of a landlord, who confirms four steps with each report; an agent, whether it might."""
    if actor.kind is Kind.AGENT:
        return any(one.is_landlord for one in creditors_to_choose(session, actor))
    return session.scalar(select(Organisation.branch).where(Organisation.id == actor.organisation_id)) == LANDLORD


def reporter_of(session: Session, actor: Actor, code: int | None) -> Reporter:
    """Return in whose name a report comes: the actor's own organisation, or for an agent the creditor with a code.

    It is locked: of two reports of the same at once, the second sees the first. Raises Refusal without a mandate of today, NotFound.
    """
    actor.must(Permission.REPORT_SIGNALS)
    if not reports(actor):
        raise NotFound
    found = _mandated(actor.organisation_id).where(Organisation.code == code)
    if actor.kind is not Kind.AGENT:
        found = select(Organisation).where(Organisation.id == actor.organisation_id, Organisation.code.is_not(None))
    one = session.scalar(found.with_for_update())
    if one is None and actor.kind is Kind.AGENT:
        raise Refusal("early_signals.no_mandate", field="creditor")
    if one is None:
        raise NotFound
    return Reporter(one.id, one.code or 0, one.branch)


def mandated_reporters(session: Session, agent_id: int, codes: Collection[int]) -> dict[int, Reporter]:
    """Return by code the creditors with these codes (all: none given) in whose name an agent may report today."""
    some: list[ColumnElement[bool]] = [Organisation.code.in_(codes)] if codes else []
    found = session.scalars(_mandated(agent_id).where(*some).order_by(Organisation.id))
    return {one.code: Reporter(one.id, one.code, one.branch) for one in found if one.code}


def agent_with(session: Session, code: int) -> int:
    """Return the number of the agent with a code. Raises Refusal."""
    found = session.scalar(select(Organisation.id).where(Organisation.code == code, Organisation.kind == Kind.AGENT))
    if found is None:
        raise Refusal("early_signals.unknown_agent", agent=code)
    return found


# ── files that wait for a yes ────────────────────────────────────────────────

UPLOAD = "signals"
_FOR = f"{UPLOAD} for "  # and the code of the creditor: an agent's file tells in whose name it comes for as long as it is kept


def upload_kind(creditor: int | None) -> str:
    """Return the kind under which a file waits: that of a creditor, or of an agent in the name of the creditor with a code."""
    return UPLOAD if creditor is None else f"{_FOR}{creditor}"


def kind_of_upload(session: Session, ref: str) -> str | None:
    """Return the kind of an upload of early signals; None when there is none."""
    ours = or_(Upload.kind == UPLOAD, Upload.kind.startswith(_FOR))
    return session.scalar(select(Upload.kind).where(Upload.ref == ref, ours))


def own_upload(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> Upload:
    """Return an upload of the actor's organisation; an agent's as long as the mandate holds under which it came. Raises NotFound."""
    actor.must(Permission.REPORT_SIGNALS)
    kind = kind_of_upload(session, ref)
    if kind is None or (actor.kind is Kind.AGENT and not mandated_reporters(session, actor.organisation_id or 0, [_code_in(kind)])):
        raise NotFound
    return uploads.visible_upload(session, actor, kind, ref, lock=lock)


def creditor_of_upload(session: Session, upload: Upload) -> str:
    """Return the name of the creditor in whose name an agent sends a file; empty for a creditor's own."""
    return session.scalar(select(Organisation.name).where(Organisation.code == _code_in(upload.kind))) or ""


def of_upload(session: Session, upload: Upload) -> tuple[dict[int, Reporter], int | None]:
    """Return in whose name the rows of an upload come in, by code, and which agent sends them: none once its mandate has ended."""
    owner = session.get_one(Organisation, upload.organisation_id)
    if owner.kind is Kind.AGENT:
        return mandated_reporters(session, owner.id, [_code_in(upload.kind)]), owner.id
    return ({owner.code: Reporter(owner.id, owner.code, owner.branch)} if owner.code else {}), None


def _code_in(kind: str) -> int:
    """Return the code that stands in the kind of an agent's upload; 0, which nobody has, for any other."""
    return int(kind.removeprefix(_FOR)) if kind.startswith(_FOR) else 0


def _mandated(agent_id: int | None) -> Select[Organisation]:
    held = (Organisation.id.in_(creditors_of(agent_id, today())), Organisation.kind == Kind.CREDITOR, Organisation.code.is_not(None))
    return select(Organisation).where(*held)
