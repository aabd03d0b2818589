"""What a simulated year came to, in figures: each way by itself, both beside each other, per month and per consent. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import mean, median, pstdev, quantiles
from typing import Any

from app.demo.rules import ASSUMPTIONS, Answer
from app.money import percentage

LAST_DAY = 50  # of the curve: after so many days every proposal has ended


@dataclass(frozen=True)
class PlayedCase:
    """A proposal that was issued: its offers, those that a consent answered or put ready, and the days until the agreement stood."""

    case: str
    issued_on: date
    offers: int
    saved: int
    prepared: int
    days: int | None  # None: it ended without an agreement

    @property
    def month(self) -> str:
        return f"{self.issued_on:%Y-%m}"


@dataclass(frozen=True)
class PlayedConsent:
    """A consent in force all year: the creditor's offers, those that it answered (saved) and those that it put ready."""

    code: int
    name: str
    offers: int
    saved: int
    prepared: int


@dataclass(frozen=True)
class Played:
    """One play of the year."""

    cases: tuple[PlayedCase, ...]
    consents: tuple[PlayedConsent, ...]
    creditors: int  # that had an offer
    drawn: Mapping[Answer, int]  # how every offer would be answered by hand
    late: int  # of those
    answers: int  # given by hand
    reminders: int
    left: int  # cases that could not be proposed


def document(seed: int, year: int, with_consents: Played, without: Played) -> dict[str, Any]:
    """Return everything that both plays tell, as one JSON document with stable keys; percentages are text, days are numbers."""
    return {
        "seed": seed,
        "year": year,
        "cases": len(without.cases) + without.left,
        "creditors": without.creditors,
        "with": _way(with_consents),
        "without": _way(without),
        "same_cases": _same_cases(with_consents.cases, without.cases),
        "answers_drawn": _drawn(without),
        "consents": [_consent(one) for one in with_consents.consents],
        "months": _months(with_consents.cases, without.cases),
        "curve": _curve(with_consents.cases, without.cases),
        "assumptions": list(ASSUMPTIONS),
    }


def _way(played: Played) -> dict[str, Any]:
    agreed = [case.days for case in played.cases if case.days is not None]
    offers, saved = sum(case.offers for case in played.cases), sum(case.saved for case in played.cases)
    return {
        "issued": len(played.cases), "left": played.left, "offers": offers, "saved": saved,
        "saved_share": percentage(saved, offers), "prepared": sum(case.prepared for case in played.cases),
        "answers_by_hand": played.answers, "reminders": played.reminders, "agreed": len(agreed),
        "share_agreed": percentage(len(agreed), len(played.cases)), "days": spread(agreed),
    }  # fmt: skip


def spread(days: Sequence[int]) -> dict[str, Any]:
    """Return how days lie: mean, median, the tenth and ninetieth percentile, and the standard deviation, to one decimal."""
    if not days:
        return {"cases": 0, "mean": None, "median": None, "p10": None, "p90": None, "deviation": None}
    tenths = quantiles(days, n=10, method="inclusive") if len(days) > 1 else [days[0]] * 9
    return {
        "cases": len(days), "mean": round(mean(days), 1), "median": round(median(days), 1), "p10": round(tenths[0], 1),
        "p90": round(tenths[8], 1), "deviation": round(pstdev(days), 1),
    }  # fmt: skip


def _same_cases(first: Iterable[PlayedCase], second: Iterable[PlayedCase]) -> dict[str, Any]:
    """Compare the cases that come to an agreement both ways: of them nothing differs but the consents."""
    without = {case.case: case.days for case in second if case.days is not None}
    pairs = [(case.days, without[case.case]) for case in first if case.days is not None and case.case in without]
    return {
        "with": spread([days for days, _ in pairs]), "without": spread([days for _, days in pairs]),
        "at_once": sum(days == 0 for days, _ in pairs), "slower": sum(days > then for days, then in pairs),
    }  # fmt: skip


def _drawn(played: Played) -> dict[str, Any]:
    total = sum(played.drawn.values())
    shares = {answer.value: percentage(played.drawn.get(answer, 0), total) for answer in Answer}
    return {"offers": total, **shares, "late": percentage(played.late, total)}


def _consent(one: PlayedConsent) -> dict[str, Any]:
    shown = {"creditor": one.code, "name": one.name, "offers": one.offers, "saved": one.saved, "prepared": one.prepared}
    return shown | {"saved_share": percentage(one.saved, one.offers)}


def _months(first: Sequence[PlayedCase], second: Sequence[PlayedCase]) -> list[dict[str, Any]]:
    with_consents, without = _by_month(first), _by_month(second)
    names = sorted(with_consents | without)
    return [{"month": name, "with": _month(with_consents.get(name, [])), "without": _month(without.get(name, []))} for name in names]


def _by_month(cases: Iterable[PlayedCase]) -> dict[str, list[PlayedCase]]:
    ordered = sorted(cases, key=lambda case: case.month)
    return {month: list(mine) for month, mine in groupby(ordered, key=lambda case: case.month)}


def _month(cases: Sequence[PlayedCase]) -> dict[str, Any]:
    agreed = [case.days for case in cases if case.days is not None]
    return {
        "issued": len(cases), "offers": sum(case.offers for case in cases), "saved": sum(case.saved for case in cases),
        "agreed": len(agreed), "share_agreed": percentage(len(agreed), len(cases)), "days_mean": round(mean(agreed), 1) if agreed else None,
    }  # fmt: skip


def _curve(first: Sequence[PlayedCase], second: Sequence[PlayedCase]) -> list[dict[str, Any]]:
    """Return for each day after issue which share of the issued proposals is agreed by then."""
    return [{"day": day, "with": _by_day(first, day), "without": _by_day(second, day)} for day in range(LAST_DAY + 1)]


def _by_day(cases: Sequence[PlayedCase], day: int) -> str:
    return percentage(sum(case.days is not None and case.days <= day for case in cases), len(cases))


def dutch(number: float | str | None) -> str:
    """Write a figure with a comma; a dash where there is none."""
    return "-" if number is None else str(number).replace(".", ",")
