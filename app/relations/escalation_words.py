"""What the portal says about escalations: sentences and words. Dutch here, English in the catalogue."""

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.clock import today
from app.deadlines import working_days_between
from app.relations.complaint_words import KINDS
from app.relations.complaint_words import REFUSALS as COMPLAINT_REFUSALS
from app.relations.escalation_queries import EscalationRow, StepRow
from app.relations.escalation_rules import EscalationState, Level, Result, Way
from app.web import day_short

__all__ = ["KINDS", "LEVELS", "REFUSALS", "RESULTS", "RESULT_KINDS", "SHOW", "WAYS", "due", "due_kind", "rungs", "spent"]

REFUSALS = COMPLAINT_REFUSALS | {
    "escalations.start_too_high": _("Begin bij de contactpersoon. Alleen na een signaal of patroon kunt u bij de leiding beginnen."),
    "escalations.result_first": _("Schrijf eerst op wat de vorige stap opleverde. Daarna kunt u hogerop."),
    "escalations.settled_already": _("De vorige stap loste het op. Sluit de escalatie af."),
    "escalations.not_above": _("Deze stap volgt niet op de vorige. Kies een andere."),
    "escalations.closed_already": _("Deze escalatie is al afgesloten. Er is niets veranderd."),
    "escalations.due_in_past": _("Deze dag is voorbij. Kies een dag die nog komt."),
    "escalations.other_party": _("Dit gaat over een andere organisatie. Kies de organisatie van het signaal."),
}
LEVELS = {
    Level.CONTACT: _("Contactpersoon"),
    Level.MANAGEMENT: _("Leiding"),
    Level.BOARD: _("Bestuur"),
    Level.BODY: _("Koepel van het convenant"),
    Level.SUPERVISOR: _("Toezichthouder Wki"),
    Level.ALDERMAN: _("Wethouder"),
}
WAYS = {Way.LETTER: _("Brief"), Way.CALL: _("Telefoon")}
RESULTS = {
    Result.SETTLED: _("Opgelost"),
    Result.PARTLY: _("Deels opgelost"),
    Result.PROMISED: _("Toegezegd"),
    Result.REFUSED: _("Geweigerd"),
    Result.NO_ANSWER: _("Geen antwoord"),
}
RESULT_KINDS = {Result.SETTLED: "good", Result.PARTLY: "warn", Result.PROMISED: "warn", Result.REFUSED: "bad", Result.NO_ANSWER: "bad"}
SHOW = {"late": _("Te laat"), "week": _("Binnen 7 dagen"), "mine": _("Van mij"), "closed": _("Afgesloten"), "all": _("Alle")}


def due(row: EscalationRow) -> str:
    """Say how much time the step has on which an escalation stands."""
    if row.state is EscalationState.CLOSED:
        return str(RESULTS[row.result]) if row.result else ""
    left = working_days_between(today(), row.due_on)
    if row.due_on < today():
        return str(ngettext("%(num)s werkdag te laat", "%(num)s werkdagen te laat", max(-left, 1)))
    if row.due_on == today():
        return str(gettext("vandaag"))
    return str(ngettext("nog %(num)s werkdag", "nog %(num)s werkdagen", left))


def due_kind(row: EscalationRow) -> str:
    """Return how a term is shown: late, soon, done or empty."""
    if row.state is EscalationState.CLOSED:
        return "done"
    left = working_days_between(today(), row.due_on)
    return "late" if row.due_on < today() else "soon" if left <= 2 else ""


def spent(row: EscalationRow, begun: StepRow | None = None) -> int:
    """Return which part of its time the step has used, in per cent."""
    since = begun.begun_on if begun else row.opened_on
    if row.due_on <= today() or row.state is EscalationState.CLOSED:
        return 100
    whole = max(working_days_between(since, row.due_on), 1)
    return min(100, round(100 * working_days_between(since, today()) / whole))


def rungs(row: EscalationRow, steps: list[StepRow]) -> list[tuple[str, str, bool]]:
    """Return the rungs of the ladder: name, what was done there and when, and whether the escalation stands there."""
    taken = {step.level: step for step in steps}
    return [(str(name), _rung(taken.get(level)), level is row.level) for level, name in LEVELS.items()]


def _rung(step: StepRow | None) -> str:
    if step is None:
        return ""
    if step.result is None:
        return str(gettext("tot en met %(day)s", day=day_short(step.due_on)))
    return f"{RESULTS[step.result]}, {day_short(step.done_on)}"
