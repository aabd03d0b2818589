"""The benchmark of a year: made once by the relations team, read by everybody who reports, with the own figures beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import transaction
from app.practices import disclosure
from app.practices.disclosure import ALL, OTHER, Basis, Figure, Given
from app.practices.measures import MEASURES, Measure, shown, values
from app.practices.models import BenchmarkBasis, Report, Submission, YearBenchmark
from app.practices.queries import submitted
from app.practices.rules import State


@dataclass(frozen=True)
class Row:
    """One figure: of a group (None: withheld), the group's of the year before, and one's own; in whole units."""

    measure: Measure
    figure: Figure
    earlier: Figure
    own: int | None


@dataclass(frozen=True)
class BenchmarkPage:
    """The figures of one group of one year; without a benchmark `figures` is empty and `from_day` says when there can be one."""

    year: int
    years: tuple[int, ...]
    group: str
    groups: tuple[str, ...]
    at_least: int
    rows: tuple[Row, ...]
    made_at: datetime | None
    own_year: int | None  # that the own figures are of
    from_day: date
    may_make: bool
    reports: int  # of who may make it: how many were submitted

    @property
    def trend(self) -> bool:
        return any(row.earlier is not None for row in self.rows)


def make_benchmark(actor: Actor, year: int) -> None:
    """Make the benchmark of a year from what was submitted until now. It never changes afterwards.

    Raises Refusal for a year on which nobody reports, when there is one, or when reports have not settled yet; NotFound.
    """
    actor.must(Permission.REVIEW_PRACTICES)
    with transaction() as session:
        team = select(Organisation.id).where(Organisation.kind == Kind.RELATIONS_TEAM).order_by(Organisation.id)
        session.execute(team.with_for_update(key_share=True))  # of two colleagues at once the second is told that there is one
        known = session.scalar(select(YearBenchmark.id).where(YearBenchmark.year == year))
        disclosure.check_publication(year, today(), is_published=known is not None)
        given = _given(session, year)
        found = disclosure.benchmark(given, _others(session))
        made = YearBenchmark(year=year, figures=_told(found, given), made_at=now(), person_id=actor.person_id, person_name=actor.name[:200])
        session.add(made)
        session.flush()
        members = {name: {code: sorted(ids) for code, ids in measured.items()} for name, measured in found.basis.items()}
        session.add(BenchmarkBasis(benchmark_id=made.id, members=members))
        record(session, actor, "practices:publish", f"practices/{year}", year=(None, year), reports=(None, len(given)))


def _given(session: Session, year: int) -> list[Given]:
    """Return what each creditor submitted last on a year, each under the number of its firm."""
    firms = _firms(session)
    last = select(Submission.answers, Report.creditor_id, Report.branch).join(Report, Report.id == Submission.report_id)
    of_year = last.where(Report.year == year, Report.state != State.DRAFT, Submission.number == Report.submissions)
    return [
        Given(firms[row.creditor_id], row.branch, values(json.loads(row.answers))) for row in session.execute(of_year.order_by(Report.id))
    ]


def _firms(session: Session) -> dict[int, int]:
    """Return the number of the firm of each creditor: establishments of one KvK number, and doubles, know each other's figures."""
    columns = Organisation.id, Organisation.kvk, Organisation.merged_into_id
    creditors = session.execute(select(*columns).where(Organisation.kind == Kind.CREDITOR).order_by(Organisation.id)).all()
    first: dict[str, int] = {}
    for row in creditors:
        first.setdefault(row.kvk, row.id)
    firm = {row.id: first[row.kvk] if row.kvk else row.id for row in creditors}
    return {row.id: firm.get(row.merged_into_id, firm[row.id]) for row in creditors}


def _others(session: Session) -> list[Basis]:
    """Return over whom the figures of each year run for which there is a benchmark."""
    found = session.scalars(select(BenchmarkBasis.members).order_by(BenchmarkBasis.id))
    return [{name: {code: frozenset(ids) for code, ids in shown.items()} for name, shown in members.items()} for members in found]


def _told(found: disclosure.Benchmark, given: list[Given]) -> dict[str, Any]:
    firms = disclosure.by_firm(given)
    sizes = {name: len(members) for name, members in disclosure.groups(firms).items()} | {ALL: len(firms)}
    return {
        name: {"at_least": disclosure.at_least(sizes[name]), "figures": dict(figures)} for name, figures in sorted(found.figures.items())
    }


# ── the page ─────────────────────────────────────────────────────────────────


def benchmark_page(session: Session, actor: Actor, year: int | None, group: str) -> BenchmarkPage:
    """Return the benchmark of a year (None: the newest) for one group: one's own branch unless another is asked. Raises NotFound."""
    actor.must(Permission.READ_PRACTICES)
    made = {one.year: one for one in session.scalars(select(YearBenchmark).order_by(YearBenchmark.year.desc()))}
    may_make = actor.may(Permission.REVIEW_PRACTICES)
    chosen = year if year in made or (may_make and year == today().year - 1) else next(iter(made), today().year - 1)
    figures: Mapping[str, Any] = made[chosen].figures if chosen in made else {}
    earlier: Mapping[str, Any] = made[chosen - 1].figures if chosen - 1 in made else {}
    own_year, own, branch = _own(session, actor, chosen)
    name = group if group in figures else next((one for one in (branch, OTHER, ALL) if one in figures), "")
    return BenchmarkPage(
        chosen, tuple(sorted({*made, *([today().year - 1] if may_make else [])}, reverse=True)), name, tuple(figures),
        figures[name]["at_least"] if name else 0,
        tuple(_row(measure, figures.get(name, {}), earlier.get(name, {}), own) for measure in MEASURES) if name else (),
        made[chosen].made_at if chosen in made else None, own_year, disclosure.publishable_from(chosen),
        may_make and chosen not in made and today() >= disclosure.publishable_from(chosen), len(_given(session, chosen)) if may_make else 0,
    )  # fmt: skip


def _row(measure: Measure, group: Mapping[str, Any], earlier: Mapping[str, Any], own: Mapping[str, Fraction]) -> Row:
    code = measure.code
    return Row(measure, group.get("figures", {}).get(code), earlier.get("figures", {}).get(code), shown(own[code]) if code in own else None)


def _own(session: Session, actor: Actor, year: int) -> tuple[int | None, dict[str, Fraction], str]:
    """Return one's own figures of a year, and the branch under which one reported."""
    report = session.scalar(select(Report).where(Report.creditor_id == actor.organisation_id, Report.year == year))
    answers = submitted(session, report.id) if report is not None else None
    organisation = session.get(Organisation, actor.organisation_id) if actor.organisation_id else None
    branch = (report.branch if report else "") or (organisation.branch if organisation else "")
    return (year, values(answers), branch) if answers is not None else (None, {}, branch)
