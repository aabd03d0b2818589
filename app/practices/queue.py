"""The list of the relations team: which reports came in, which are late, about which something is asked. Drafts are not in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.clock import local, today
from app.creditors.models import Mandate, Organisation
from app.creditors.queries import in_force
from app.deadlines import years_before
from app.practices import rules
from app.practices.models import AnswerRemark, Report, Submission
from app.practices.rules import State

STATUSES = ("team", "new", "creditor", "submitted", "reopened", "missing", "all")


@dataclass(frozen=True)
class QueueQuery:
    """What the list was asked for, as it stands in the address."""

    year: str = ""
    status: str = ""
    q: str = ""
    branch: str = ""


@dataclass(frozen=True)
class QueueRow:
    """One creditor that takes part, with what came in from it; `asked` and `replied` count answers."""

    creditor: str
    code: int | None
    branch: str
    ref: str | None
    state: State | None  # None: nothing was submitted
    submitted_at: datetime | None
    asked: int
    replied: int
    is_late: bool  # nothing came in on time; a correction afterwards is not late
    is_new: bool = False  # nobody remarked on anything yet

    @property
    def status(self) -> str:
        """Return under which of STATUSES the row stands; what waits for the team comes first."""
        if self.state is None:
            return "missing"
        if self.replied:
            return "team"
        if self.asked:
            return "creditor"
        if self.state is State.REOPENED:
            return "reopened"
        return "new" if self.is_new else "submitted"


@dataclass(frozen=True)
class QueuePage:
    query: QueueQuery
    year: int
    years: tuple[int, ...]
    due_on: date
    is_due: bool
    rows: tuple[QueueRow, ...]
    counts: dict[str, int]
    branches: tuple[str, ...]
    may_check_costs: bool


def queue_page(session: Session, actor: Actor, query: QueueQuery) -> QueuePage:
    """Return the reports of one year, or the creditors that did not report, what waits for the team first."""
    actor.must(Permission.READ_ALL_PRACTICES)
    asked = int(query.year) if query.year.isascii() and query.year.isdigit() and len(query.year) == 4 else 0
    year = asked if rules.FIRST_YEAR - 1 <= asked <= today().year else today().year - 1
    rows = [row for row in _rows(session, year) if _fits(row, query)]
    counts = {status: sum(row.status == status for row in rows) for status in STATUSES} | {"all": len(rows)}
    shown = [row for row in rows if query.status in {"", "all", row.status}]
    branches = session.scalars(select(Organisation.branch).where(Organisation.branch != "").distinct().order_by(Organisation.branch))
    due = rules.due_on(year)
    return QueuePage(
        query, year, tuple(_years(session)), due, today() > due, tuple(sorted(shown, key=_order)), counts, tuple(branches),
        actor.may(Permission.CHECK_COSTS),
    )  # fmt: skip


def waiting(session: Session, actor: Actor) -> dict[str, int]:
    """Count in one statement the reports of last year to which a creditor replied, and those at which nobody looked yet."""
    if not actor.may(Permission.REVIEW_PRACTICES):
        return {}
    marked = select(AnswerRemark.report_id).where(AnswerRemark.report_id == Report.id)
    of_year = select(func.count()).select_from(Report).where(Report.year == today().year - 1)
    replied = of_year.where(Report.state != State.DRAFT, Report.replied > 0)
    unseen = of_year.where(Report.state == State.SUBMITTED, ~marked.exists())
    found = session.execute(select(replied.scalar_subquery(), unseen.scalar_subquery())).one()
    return {"practices replied": int(found[0]), "practices unseen": int(found[1])}


def _order(row: QueueRow) -> tuple[int, str, int]:
    return STATUSES.index(row.status), row.creditor, row.code or 0


def _fits(row: QueueRow, query: QueueQuery) -> bool:
    return query.q.casefold() in row.creditor.casefold() and query.branch in {"", row.branch}


def _years(session: Session) -> list[int]:
    submitted = select(Report.year).where(Report.state != State.DRAFT).distinct()
    return sorted({*session.scalars(submitted), today().year - 1}, reverse=True)


def _rows(session: Session, year: int) -> Iterator[QueueRow]:
    """Yield the creditors that take part or reported, each with its report of a year when it submitted one."""
    of_year = select(Report).where(Report.year == year, Report.state != State.DRAFT).order_by(Report.id)
    reports = {report.creditor_id: report for report in session.scalars(of_year)}
    takes_part = Organisation.joined_on.is_not(None) & Organisation.merged_into_id.is_(None)
    listed = select(Organisation).where(Organisation.kind == Kind.CREDITOR, or_(takes_part, Organisation.id.in_(list(reports))))
    of_reports = select(AnswerRemark.report_id).where(AnswerRemark.report_id.in_([report.id for report in reports.values()])).distinct()
    marked, due = set(session.scalars(of_reports)), rules.due_on(year)
    came_in = select(Submission.report_id, Submission.at).where(Submission.report_id.in_([one.id for one in reports.values()]))
    first = {row[0]: row[1] for row in session.execute(came_in.where(Submission.number == 1).order_by(Submission.report_id))}
    for creditor in session.scalars(listed.order_by(Organisation.name, Organisation.id)):
        report = reports.get(creditor.id)
        if report is None:
            yield QueueRow(creditor.name, creditor.code, creditor.branch, None, None, None, 0, 0, today() > due)
        else:
            on = local(first[report.id]).date() if report.id in first else due
            facts = (report.state, report.submitted_at, report.asked, report.replied, on > due, report.id not in marked)
            yield QueueRow(creditor.name, creditor.code, report.branch, report.ref, *facts)


# ── agents ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class WkiRow:
    """An agent with its number in the register of the Wki, and for how many creditors it acts today."""

    code: int
    name: str
    is_bailiff: bool
    wki_number: str
    wki_checked_on: date | None
    wki_checked_by: str | None
    creditors: int
    is_old: bool  # looked up more than a year ago, or never
    revision: int


@dataclass(frozen=True)
class AgentsPage:
    rows: tuple[WkiRow, ...]
    may_check: bool


def agents_page(session: Session, actor: Actor) -> AgentsPage:
    """Return every agent, those to look up first; a bailiff needs no number."""
    actor.must(Permission.READ_ALL_PRACTICES)
    acts = select(Mandate.agent_id, func.count(Mandate.creditor_id.distinct())).where(in_force(today())).group_by(Mandate.agent_id)
    numbers = {row[0]: row[1] for row in session.execute(acts.order_by(Mandate.agent_id))}
    found = select(Organisation).where(Organisation.kind == Kind.AGENT, Organisation.code.is_not(None)).order_by(Organisation.name)
    rows = [_wki(agent, numbers.get(agent.id, 0)) for agent in session.scalars(found)]
    rows.sort(key=lambda row: (row.is_bailiff, not row.is_old, row.name, row.code))
    return AgentsPage(tuple(rows), actor.may(Permission.REVIEW_PRACTICES))


def _wki(agent: Organisation, creditors: int) -> WkiRow:
    year_ago = years_before(today(), 1)
    is_old = not agent.is_bailiff and (agent.wki_checked_on is None or agent.wki_checked_on < year_ago)
    return WkiRow(
        agent.code or 0, agent.name, agent.is_bailiff, agent.wki_number, agent.wki_checked_on, agent.wki_checked_by, creditors, is_old,
        agent.revision,
    )  # fmt: skip
