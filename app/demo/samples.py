"""The sample files with their dates moved by whole weeks, so that a demo is always recent."""

import csv
import io
import re
from datetime import date, timedelta
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "demo"
NEWEST = date(2026, 11, 9)  # the newest day that stands in the samples
FIXED = {"Geboortedatum", "Toetreding"}  # facts of people and organisations do not move
_DAY = re.compile(r"(\d\d)-(\d\d)-(\d{4})")


def rows_of(name: str) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a sample file."""
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file, delimiter=";")
    return head, rows


def as_file(head: list[str], rows: list[list[str]]) -> bytes:
    """Return rows as a file that comes in."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([head, *rows])
    return text.getvalue().encode()


def shift(today: date) -> timedelta:
    """Return the whole weeks by which the samples move, so that their newest day lies in the week before `today`."""
    return timedelta(weeks=(today - NEWEST).days // 7)


def sample(name: str, by: timedelta) -> bytes:
    """Return a sample file with its dates moved."""
    head, rows = rows_of(name)
    moving = [index for index, column in enumerate(head) if column not in FIXED]
    for row in rows:
        for index in moving:
            row[index] = moved(row[index], by)
    return as_file(head, rows)


def moved(cell: str, by: timedelta) -> str:
    """Return a cell with its day moved; whatever is no day stays as it is."""
    found = _DAY.fullmatch(cell)
    if not found:
        return cell
    day, month, year = map(int, found.groups())
    return f"{date(year, month, day) + by:%d-%m-%Y}"


def pairs(name: str) -> set[tuple[int, int]]:
    """Return which agent collects for which creditor in the sample claims, as (agent's code, creditor's code)."""
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return {(int(row[agent]), int(row["CodeEiser"])) for row in rows for agent in ("CodeIncasso", "CodeDeurwaarder") if row[agent]}
