"""The sample cases spread over one year: each with its dates moved so that it can be proposed on a day of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count
from random import Random

from app.cases.rules import BALANCE_DAYS
from app.deadlines import add_working_days
from app.demo import samples
from app.exchange import cells

YEAR = 2026  # the newest one of which the law's holidays and rates are all known
COPIES_APART = 1_000_000  # what the bank's number of a case is higher by in each copy of the samples
APPLICATION, CLAIM = "aanvragen.csv", "eisers.csv"


@dataclass(frozen=True)
class SampleCase:
    """One case as the bank's two files tell it, and the working day on which it is issued."""

    key: str
    issue_on: date
    application: list[str]
    claims: list[list[str]]


def spread(number: int, days: list[date], seed: int) -> list[SampleCase]:
    """Spread so many sample cases evenly over the days, in an order that the seed draws; more than there are become copies."""
    head, applications = samples.rows_of(APPLICATION)
    claim_head, claim_rows = samples.rows_of(CLAIM)
    claims: dict[str, list[list[str]]] = {}
    for row in claim_rows:
        claims.setdefault(_key(row), []).append(row)
    applications.sort(key=_key)
    Random(seed).shuffle(applications)  # noqa: S311 (a play, no secret)
    cases = []
    for at in range(number):
        row, copy = applications[at % len(applications)], at // len(applications)
        day = days[at * len(days) // number]
        cases.append(_case((head, row), (claim_head, claims[_key(row)]), copy, day))
    return cases


def files(cases: Sequence[SampleCase]) -> tuple[bytes, bytes]:
    """Return the bank's two files with some cases in them."""
    applications, claims = _heads()
    rows = [claim for case in cases for claim in case.claims]
    return samples.as_file(applications, [case.application for case in cases]), samples.as_file(claims, rows)


@cache
def _heads() -> tuple[list[str], list[str]]:
    return samples.rows_of(APPLICATION)[0], samples.rows_of(CLAIM)[0]


def _key(row: list[str]) -> str:
    return f"{row[0]}-{row[1]}"  # RelatieCode and Volgnummer are the first columns of both files


def _case(application: tuple[list[str], list[str]], claims: tuple[list[str], list[list[str]]], copy: int, day: date) -> SampleCase:
    """Move the dates of a case so that its balance round is over, and all its days are past, on the day before `day`."""
    head, row = application
    known = [_day(row[head.index(name)]) for name in ("Startdatum", "DatumBerekening")]
    stated = claims[0].index("DatumTerugmelding")
    known += [_day(claim[stated]) for claim in claims[1] if claim[stated]]
    ready = max(*known, add_working_days(known[0], BALANCE_DAYS))
    for back in count(1):  # holidays lie elsewhere after the move: a day earlier until the round is over
        by = day - ready - timedelta(days=back)
        if add_working_days(known[0] + by, BALANCE_DAYS) < day:
            break
    number = str(int(row[0]) + copy * COPIES_APART)
    moved = _moved(head, row, number, by)
    return SampleCase(_key(moved), day, moved, [_moved(claims[0], claim, number, by) for claim in claims[1]])


def _moved(head: list[str], row: list[str], number: str, by: timedelta) -> list[str]:
    cells_moved = [cell if name in samples.FIXED else samples.moved(cell, by) for name, cell in zip(head, row, strict=True)]
    return [number, *cells_moved[1:]]


def _day(cell: str) -> date:
    found = cells.day(cell)
    assert found is not None  # noqa: S101 - the samples are our own
    return found
