"""Play the practice reports of the demo: a dozen creditors report on the year behind them, the relations team reads and asks."""

from collections.abc import Mapping
from datetime import date, datetime, time
from random import Random

from sqlalchemy import select

from app import clock
from app.access import Actor, Kind, Role
from app.accounts.people import DEMO_PEOPLE
from app.accounts.queries import actor_by_email
from app.creditors.models import Organisation
from app.creditors.service import check_wki
from app.db import reading
from app.documents.attachments import Added
from app.errors import Refusal
from app.practices import comparing, reviewing, service
from app.practices.models import Report
from app.practices.queries import report_page
from app.practices.questions import SECTIONS
from app.practices.rules import Mark, due_on

SHOWN = 4100  # the creditor of the demo's sign-ins: it was asked something, and writes its next report
BRANCH = "zorg"  # large enough for a benchmark of its own
OTHERS = 9  # creditors of other branches that report
RELATIONS = DEMO_PEOPLE[5][0]
EVIDENCE = Added("testrapport-brieven.txt", b"Getest met vijf klanten; drie zinnen zijn herschreven.")
QUESTION = "In de signalen zien wij er meer. Telt u ook brieven van de incassopartij mee?"
REPLY = "Nee, die telden wij niet mee. Volgend jaar doen wij dat wel."
OFTEN = ("always", "mostly", "mostly", "sometimes")
AGENTS = ("all agents", "some agents", "no agent")


def reported_year(today: date) -> int:
    """Return the newest year on which reports are due."""
    return today.year - 1 if today > due_on(today.year - 1) else today.year - 2


def report_practices(today: date) -> None:
    """Let creditors report on the last two years, each in the March after it. Leaves the clock there."""
    chance = Random(20260331)  # noqa: S311 (a demo that is the same every time, no secret)
    year, creditors = reported_year(today), _creditors()
    for one, some in ((year - 1, creditors[:4]), (year, creditors)):
        for place, creditor in enumerate(some):
            _at(date(one + 1, 3, 2 + place))
            _report(chance, creditor, one)
    _at(date(year + 1, 4, 8))
    _review(creditors, year)
    _look_up_agents()


def write_on_and_compare(today: date) -> None:
    """Let some creditors begin the next report, and make the benchmark if reports have settled by now."""
    chance, year = Random(20260401), reported_year(today)  # noqa: S311 (as above)
    for creditor in _creditors()[:3]:
        ref = service.start_report(creditor, year + 1)
        for section in SECTIONS[: 3 + chance.randrange(5)]:
            service.save_section(creditor, ref, section.code, _answers(chance), 1)
    try:
        comparing.make_benchmark(_team(), year)
    except Refusal:  # too early
        return


def _at(day: date) -> None:
    clock.start_at(datetime.combine(day, time(10, 20), clock.AMSTERDAM))


def _creditors() -> list[Actor]:
    """Return a manager of each creditor that reports; the one of the demo's sign-ins comes first."""
    with reading() as session:
        found = list(session.scalars(select(Organisation).where(Organisation.kind == Kind.CREDITOR).order_by(Organisation.code)))
    large = [row for row in found if row.branch == BRANCH]
    some = [row for row in found if row.branch != BRANCH and row.joined_on is not None and row.code != SHOWN]
    chosen = [*(row for row in found if row.code == SHOWN), *large, *some[:OTHERS]]
    role = frozenset({Role.CREDITOR_MANAGER})
    return [Actor(f"Beheer {row.name}", role, row.kind, row.id, row.name, origin="demo") for row in chosen]


def _team() -> Actor:
    with reading() as session:
        return actor_by_email(session, RELATIONS, "demo")


def _report(chance: Random, creditor: Actor, year: int) -> None:
    ref = service.start_report(creditor, year)
    answers = _answers(chance)
    for section in SECTIONS:
        service.save_section(creditor, ref, section.code, answers, 1)
    if chance.random() < 0.4:
        service.add_evidence(creditor, ref, "language_tested", [EVIDENCE])
    with reading() as session:
        revision = report_page(session, creditor, ref).revision
    service.submit_report(creditor, ref, revision)


def _answers(chance: Random) -> Mapping[str, str]:
    """Make up a year of a creditor: most offer arrangements and keep pauses, some charge soon and dear."""
    customers = chance.randrange(8, 90) * 50
    offered = customers * chance.randrange(30, 80) // 100
    made, ended = offered * 8 // 10, offered * 6 // 10
    asked, staff, complaints = chance.randrange(10, 80), chance.randrange(6, 60), chance.randrange(4, 60)
    cases = customers * chance.randrange(10, 45) // 100
    return {
        "customers_in_arrears": str(customers), "looks_for_other_arrears": chance.choice(OFTEN), "language_tested": chance.choice(OFTEN),
        "language_how": "Elke nieuwe brief leggen wij voor aan vijf klanten.", "contact_before_costs": chance.choice(OFTEN),
        "contact_attempts": str(chance.randrange(1, 6)), "contact_how": "Bellen, daarna een bericht.", "arrangements_offered": str(offered),
        "arrangements_made": str(made), "arrangement_months": str(chance.choice((3, 6, 6, 10, 12))), "arrangement_months_longest": "24",
        "arrangements_ended": str(ended), "arrangements_kept": str(ended * chance.randrange(55, 92) // 100),
        "refers_to_help": chance.choice(OFTEN), "referrals": str(customers // 60), "pauses_asked": str(asked),
        "pauses_broken": str(asked * chance.randrange(2, 18) // 100), "reminders_before_costs": str(chance.randrange(1, 4)),
        "days_before_costs": str(chance.randrange(3, 13) * 5), "cost_cases": str(cases),
        "costs_cents": f"{cases * chance.randrange(40, 65)},00", "cases_to_agents": str(cases // 2),
        "agents_paid_regardless": chance.choice(AGENTS), "agents_spare_accounts": chance.choice(AGENTS), "summons": str(customers // 70),
        "attachments": str(customers // 110), "evictions": "0", "cutoffs": str(customers // 400), "staff": str(staff),
        "staff_trained": str(staff * chance.randrange(20, 90) // 100), "training": "Omgaan met schulden.", "complaints": str(complaints),
        "complaints_upheld": str(complaints // 3),
    }  # fmt: skip


def _review(creditors: list[Actor], year: int) -> None:
    """Read most reports: ask two creditors something, of whom one replied, and mark the rest of some as seen."""
    team, refs = _team(), _refs(year)
    shown, other = creditors[0].organisation_id or 0, creditors[1].organisation_id or 0
    for id_ in (shown, other):
        reviewing.mark_answer(team, refs[id_][0], "pauses_broken", Mark.QUESTIONED, QUESTION, 0)
    service.reply_to_remark(creditors[1], refs[other][0], "pauses_broken", REPLY, 1)
    reviewing.mark_answer(team, refs[shown][0], "language_tested", Mark.VERIFIED, "Brieven ingezien bij het overleg.", 0)
    for creditor in creditors[2:6]:
        ref, revision = refs[creditor.organisation_id or 0]
        reviewing.mark_rest_seen(team, ref, revision)


def _refs(year: int) -> dict[int, tuple[str, int]]:
    """Return reference and revision of the reports on a year, by creditor."""
    found = select(Report.creditor_id, Report.ref, Report.revision).where(Report.year == year).order_by(Report.id)
    with reading() as session:
        return {row[0]: (row[1], row[2]) for row in session.execute(found)}


def _look_up_agents() -> None:
    """Look two agencies up in the register of the Wki; the others are left to do."""
    found = select(Organisation.code, Organisation.revision).where(Organisation.kind == Kind.AGENT, Organisation.is_bailiff.is_(False))
    with reading() as session:
        agents = [(row[0] or 0, row[1]) for row in session.execute(found.order_by(Organisation.code).limit(2))]
    for place, (code, revision) in enumerate(agents):
        check_wki(_team(), code, f"WKI-2024-{117 + place}", revision)
