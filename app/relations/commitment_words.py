"""What the portal says about commitments: sentences and words. Dutch here, English in the catalogue."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.clock import today
from app.relations.commitment_queries import CheckRow, CommitmentRow
from app.relations.commitment_rules import CommitmentState, Measure, Party
from app.relations.escalation_words import REFUSALS as ESCALATION_REFUSALS
from app.relations.meeting_words import COMMITMENT_KINDS, COMMITMENT_STATES
from app.web import MONTHS, day, language

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
    "commitments.days": _("Vul 1 tot en met 60 werkdagen in."),
    "commitments.norm_of_theirs": _(
        "Het portaal telt alleen wat de organisatie doet. Controleer wat de gemeente toezegt zelf, op een dag."
    ),
    "commitments.day_in_past": _("Deze dag is voorbij. Kies een dag die nog komt."),
    "commitments.other_party": _("Dit overleg of deze escalatie is met een andere organisatie."),
}
PARTIES = {Party.THEIRS: _("De organisatie"), Party.OURS: _("De gemeente")}
MEASURES = {Measure.ANSWERS_IN_TIME: _("Elke maand door het portaal: aanbiedingen op tijd beantwoord")}
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


def norm(row: CommitmentRow | CheckRow) -> str:
    """Say what a figure has to be, or nothing."""
    if row.threshold is None or row.days is None:
        return ""
    return str(gettext("ten minste %(share)s%% binnen %(days)s werkdagen", share=row.threshold, days=row.days))


def verdict(check: CheckRow) -> str:
    """Say what a check came to."""
    if check.is_kept is None:
        return str(gettext("Niets te tellen"))
    return str(COMMITMENT_STATES[CommitmentState.KEPT if check.is_kept else CommitmentState.NOT_KEPT])


def figure(check: CheckRow) -> str:
    """Say what the portal counted in which month, with one decimal rounded down: a share never looks better than it is."""
    if check.first_day is None:
        return check.words
    month = f"{MONTHS[language()][check.first_day.month - 1]} {check.first_day.year}"
    if not check.counted or check.met is None:
        return str(gettext("%(month)s: geen aanbiedingen waarvan de termijn afliep.", month=month))
    tenths = check.met * 1000 // check.counted
    share = f"{tenths // 10}{',' if language() == 'nl' else '.'}{tenths % 10}"
    return str(
        gettext(
            "%(month)s: %(met)s van %(of)s op tijd, %(share)s%%; afgesproken %(norm)s.",
            month=month, met=check.met, of=check.counted, share=share, norm=norm(check),
        )
    )  # fmt: skip
