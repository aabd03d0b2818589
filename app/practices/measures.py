"""What is compared between creditors: rates and figures that follow from the answers of one report. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from app.practices.questions import Answers


@dataclass(frozen=True)
class Measure:
    """One figure: how it follows from answers (None where there is nothing to divide by), its unit, and to what it is rounded.

    `limits` are values beyond which no answer can lie: a group figure at one of them would tell what everybody answered.
    """

    code: str
    value: Callable[[Answers], Fraction | None]
    unit: str  # per cent, per mille, cents, days, months, times
    step: int
    limits: tuple[int, ...] = (0,)


def _ratio(part: str, whole: str, times: int) -> Callable[[Answers], Fraction | None]:
    def value(answers: Answers) -> Fraction | None:
        top, bottom = answers.get(part), answers.get(whole)
        if not isinstance(top, int) or not isinstance(bottom, int) or not bottom:
            return None
        return Fraction(top * times, bottom)

    return value


def _plain(code: str) -> Callable[[Answers], Fraction | None]:
    def value(answers: Answers) -> Fraction | None:
        found = answers.get(code)
        return Fraction(found) if isinstance(found, int) else None

    return value


def _rate(code: str, part: str, whole: str) -> Measure:
    return Measure(code, _ratio(part, whole, 100), "per cent", 10, (0, 100))


def _per_mille(code: str, part: str) -> Measure:
    return Measure(code, _ratio(part, "customers_in_arrears", 1000), "per mille", 5)


MEASURES: tuple[Measure, ...] = (
    _rate("arrangements_offered_rate", "arrangements_offered", "customers_in_arrears"),
    _rate("arrangements_kept_rate", "arrangements_kept", "arrangements_ended"),
    Measure("arrangement_months", _plain("arrangement_months"), "months", 1),
    Measure("contact_attempts", _plain("contact_attempts"), "times", 1),
    Measure("reminders_before_costs", _plain("reminders_before_costs"), "times", 1),
    Measure("days_before_costs", _plain("days_before_costs"), "days", 5),
    _rate("cost_rate", "cost_cases", "customers_in_arrears"),
    Measure("costs_per_case", _ratio("costs_cents", "cost_cases", 1), "cents", 500),
    _rate("agents_rate", "cases_to_agents", "customers_in_arrears"),
    _rate("pauses_broken_rate", "pauses_broken", "pauses_asked"),
    _per_mille("summons_rate", "summons"),
    _per_mille("attachments_rate", "attachments"),
    _rate("staff_trained_rate", "staff_trained", "staff"),
    _per_mille("complaints_rate", "complaints"),
)
MEASURE = {measure.code: measure for measure in MEASURES}


def values(answers: Answers) -> dict[str, Fraction]:
    """Return every figure that follows from the answers of a report."""
    found = ((measure.code, measure.value(answers)) for measure in MEASURES)
    return {code: value for code, value in found if value is not None}


def shown(value: Fraction) -> int:
    """Return one's own figure rounded to a whole number of its unit, half up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
