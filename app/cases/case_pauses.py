"""Read the pauses of one case, for whoever may see the case: who was asked, who did not answer, and what was collected all the same."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.cases.models import Claim, Notice, PauseBreach
from app.cases.pause_rules import BreachSource, NoticeState, is_pausing
from app.clock import today
from app.creditors.models import Organisation
from app.deadlines import working_days_between


@dataclass(frozen=True)
class Breach:
    """Somebody collected during a pause."""

    id: int
    source: BreachSource
    happened_on: date
    words: str
    reported_at: datetime
    reported_by: str
    handled_at: datetime | None
    handled_by: str | None
    revision: int
    creditor: str = ""


def breaches(session: Session, of: ColumnElement[bool], *, seen_by_bank: bool) -> list[Breach]:
    """Return what was reported, newest first; of a client's complaint the creditor hears from the bank, not here."""
    found = select(PauseBreach, Organisation.name).join(Organisation, Organisation.id == PauseBreach.creditor_id).where(of)
    if not seen_by_bank:
        found = found.where(PauseBreach.source == BreachSource.CREDITOR)
    rows = session.execute(found.order_by(PauseBreach.happened_on.desc(), PauseBreach.id.desc()))
    return [
        Breach(b.id, b.source, b.happened_on, b.words, b.reported_at, b.reported_by, b.handled_at, b.handled_by, b.revision, name)
        for b, name in rows
    ]


@dataclass(frozen=True)
class CaseNotice:
    """The newest notice of one claim, or (without a reference) that none was sent."""

    claim: int
    creditor: str
    phone: str
    ref: str
    agent: str
    state: NoticeState | None
    named_agent: str
    words: str
    sent_on: date | None
    pause_until: date | None
    ended_on: date | None
    days_waited: int
    runs: bool
    is_pausing: bool
    reminded_on: date | None = None


@dataclass(frozen=True)
class CasePauses:
    """How the pauses of a case stand."""

    notices: list[CaseNotice]
    breaches: list[Breach]

    def of_claim(self, number: int) -> CaseNotice | None:
        """Return the newest notice of the claim with this number."""
        return next((notice for notice in self.notices if notice.claim == number), None)

    @property
    def open_breaches(self) -> list[Breach]:
        return [breach for breach in self.breaches if breach.handled_at is None]

    @property
    def sent(self) -> int:
        return sum(notice.state is not None for notice in self.notices)

    @property
    def unsent(self) -> int:
        """Return how many claims have no pause that runs, and could be asked one."""
        return sum(not notice.runs for notice in self.notices)

    @property
    def silent(self) -> list[CaseNotice]:
        """Return the notices that nobody confirmed or answered yet."""
        return [notice for notice in self.notices if notice.runs and notice.state in (NoticeState.SENT, NoticeState.OTHER_AGENT)]

    @property
    def running(self) -> list[CaseNotice]:
        return [notice for notice in self.notices if notice.is_pausing]


def pauses_of(session: Session, case_id: int) -> CasePauses:
    """Return the newest notice of each claim of a case, and what was reported. The caller looked whether the actor sees the case."""
    newest = select(func.max(Notice.id)).where(Notice.case_id == case_id).group_by(Notice.claim_id)
    agent, creditor = aliased(Organisation), aliased(Organisation)
    found = (
        select(Claim.number, creditor.name, creditor.phone, agent.name, agent.phone, Notice)
        .join(creditor, creditor.id == Claim.creditor_id)
        .outerjoin(Notice, and_(Notice.claim_id == Claim.id, Notice.id.in_(newest)))
        .outerjoin(agent, agent.id == Notice.agent_id)
        .where(Claim.case_id == case_id)
        .order_by(creditor.name, Claim.number)
    )
    notices = [_case_notice(*row) for row in session.execute(found)]
    return CasePauses(notices, breaches(session, PauseBreach.case_id == case_id, seen_by_bank=True))


def _case_notice(number: int, creditor: str, phone: str, agent: str | None, agent_phone: str | None, notice: Notice | None) -> CaseNotice:
    if notice is None:
        return CaseNotice(number, creditor, phone, "", "", None, "", "", None, None, None, 0, runs=False, is_pausing=False)
    now = today()
    return CaseNotice(
        number, creditor, agent_phone or phone, notice.ref, agent or "", notice.state, notice.named_agent, notice.words, notice.sent_on,
        notice.pause_until, notice.ended_on, working_days_between(notice.sent_on, now),
        notice.ended_on is None and now <= notice.pause_until, is_pausing(notice.state, notice.pause_until, notice.ended_on, now),
        notice.reminded_on,
    )  # fmt: skip
