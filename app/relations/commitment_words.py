"""What the portal says about commitments: sentences and words. Dutch here, English in the catalogue."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.clock import today
from app.relations.commitment_queries import CheckRow, CommitmentRow
from app.relations.commitment_rules import AT_MOST, WITHIN_DAYS, CommitmentState, Measure, Party
from app.relations.escalation_words import REFUSALS as ESCALATION_REFUSALS
from app.relations.meeting_words import COMMITMENT_KINDS, COMMITMENT_STATES
from app.speech import language
from app.web import MONTHS, day

__all__ = [
    "COMMITMENT_KINDS",
    "COMMITMENT_STATES",
    "MEASURES",
    "PARTIES",
    "REFUSALS",
    "SHOW",
    "due",
    "due_kind",
    "figure",
    "norm",
    "verdict",
]

REFUSALS = ESCALATION_REFUSALS | {
    "commitments.ended_already": _("Deze afspraak is al beëindigd. Er is niets veranderd."),
    "commitments.threshold": _("Vul een percentage in van 1 tot en met 100."),
    "commitments.at_most": _("Vul in hoe vaak het per maand mag gebeuren, van 0 tot en met 100."),
    "commitments.days": _("Vul 1 tot en met 60 werkdagen in."),
    "commitments.norm_of_theirs": _(
        "Het portaal telt alleen wat de organisatie doet. Controleer wat de gemeente toezegt zelf, op een dag."
    ),
    "commitments.day_in_past": _("Deze dag is voorbij. Kies een dag die nog komt."),
    "commitments.other_party": _("Dit overleg of deze escalatie is met een andere organisatie."),
}
PARTIES = {Party.THEIRS: _("De organisatie"), Party.OURS: _("De gemeente")}
MEASURES = {
    Measure.ANSWERS_IN_TIME: _("Aanbiedingen op tijd beantwoord"),
    Measure.BALANCES_IN_TIME: _("Saldo's op tijd opgegeven"),
    Measure.NOTICES_CONFIRMED: _("Kennisgevingen op tijd bevestigd"),
    Measure.ZERO_OFFERS_ACCEPTED: _("Nul-aanbiedingen binnen het eigen akkoord aangenomen"),
    Measure.PAUSE_COMPLAINTS: _("Signalen van incasso tijdens een pauze"),
    Measure.AGAINST_CONSENT: _("Afwijzingen tegen het eigen akkoord"),
}
COUNTED: dict[Measure, Any] = {
    Measure.ANSWERS_IN_TIME: _("%(month)s: %(met)s van %(of)s op tijd, %(share)s%%; afgesproken %(norm)s."),
    Measure.BALANCES_IN_TIME: _("%(month)s: %(met)s van %(of)s saldo's op tijd, %(share)s%%; afgesproken %(norm)s."),
    Measure.NOTICES_CONFIRMED: _("%(month)s: %(met)s van %(of)s kennisgevingen op tijd bevestigd, %(share)s%%; afgesproken %(norm)s."),
    Measure.ZERO_OFFERS_ACCEPTED: _("%(month)s: %(met)s van %(of)s nul-aanbiedingen aangenomen, %(share)s%%; afgesproken %(norm)s."),
    Measure.PAUSE_COMPLAINTS: _("%(month)s: voorgelegde signalen %(met)s, lopende pauzes %(of)s; afgesproken %(norm)s."),
    Measure.AGAINST_CONSENT: _("%(month)s: afwijzingen %(met)s, antwoorden binnen het eigen akkoord %(of)s; afgesproken %(norm)s."),
}
NOTHING: dict[Measure, Any] = {
    Measure.ANSWERS_IN_TIME: _("%(month)s: geen aanbiedingen waarvan de termijn afliep."),
    Measure.BALANCES_IN_TIME: _("%(month)s: geen saldoverzoeken waarvan de termijn afliep."),
    Measure.NOTICES_CONFIRMED: _("%(month)s: geen kennisgevingen waarvan de termijn afliep."),
    Measure.ZERO_OFFERS_ACCEPTED: _("%(month)s: geen nul-aanbiedingen binnen het eigen akkoord."),
    Measure.PAUSE_COMPLAINTS: _("%(month)s: er liep geen pauze."),
    Measure.AGAINST_CONSENT: _("%(month)s: geen antwoorden op aanbiedingen binnen het eigen akkoord."),
}
SHOW = {
    "check": _("Nu te controleren"),
    "late": _("Te laat"),
    "broken": _("Niet nagekomen"),
    "kept": _("Nagekomen"),
    "ended": _("Beëindigd"),
    "all": _("Alle"),
}


def due(row: CommitmentRow) -> str:
    """Say what happens next with a commitment: its check, or its last day."""
    if row.state is CommitmentState.ENDED:
        return "–"
    if row.check_on is not None:
        return str(gettext("controle %(day)s", day=day(row.check_on)))
    if row.measure is not None:
        return str(gettext("elke maand"))
    return day(row.due_on)


def due_kind(row: CommitmentRow) -> str:
    """Return how a day is shown: late, today or empty."""
    if row.state is CommitmentState.ENDED or row.measure is not None:
        return ""
    next_day = row.check_on or (row.due_on if row.state is CommitmentState.OPEN else None)
    if next_day is None or next_day > today():
        return ""
    return "late" if next_day < today() else "today"


def norm(row: CommitmentRow) -> str:
    """Say what a figure has to be, or nothing."""
    if row.measure is None or row.threshold is None or row.days is None:
        return ""
    return _norm(row.measure, row.threshold, row.days)


def _norm(measure: Measure, threshold: int, days: int) -> str:
    if measure in AT_MOST:
        return str(gettext("ten hoogste %(times)s keer per maand", times=threshold))
    if measure in WITHIN_DAYS:
        return str(gettext("ten minste %(share)s%% binnen %(days)s werkdagen", share=threshold, days=days))
    return str(gettext("ten minste %(share)s%%", share=threshold))


def verdict(check: CheckRow) -> str:
    """Say what a check came to."""
    if check.is_kept is None:
        return str(gettext("Niets te tellen"))
    return str(COMMITMENT_STATES[CommitmentState.KEPT if check.is_kept else CommitmentState.NOT_KEPT])


def figure(check: CheckRow, measure: Measure | None) -> str:
    """Say what the portal counted in which month, with one decimal rounded down: a share never looks better than it is."""
    if measure is None or check.first_day is None or check.met is None:
        return check.words
    told = {"month": f"{MONTHS[language()][check.first_day.month - 1]} {check.first_day.year}"}
    if not check.counted and not check.met:
        return str(NOTHING[measure] % told)
    tenths = check.met * 1000 // check.counted if check.counted else 0
    told |= {"met": str(check.met), "of": str(check.counted), "norm": _norm(measure, check.threshold or 0, check.days or 0)}
    told |= {"share": f"{tenths // 10}{',' if language() == 'nl' else '.'}{tenths % 10}"}
    return str(COUNTED[measure] % told)
