"""What the portal says to officers who settle one offer, call creditors or look at daily work. Dutch here, English in the catalogue."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _

from app.clock import local
from app.jobs.runs import Run
from app.proposals.bank_words import OFFER_KINDS, OFFER_STATES, REASONS
from app.proposals.bank_words import REFUSALS as BANK_REFUSALS
from app.proposals.court_words import COURT, GUIDANCE, PAPERS

__all__ = ["COURT", "GUIDANCE", "OFFER_KINDS", "OFFER_STATES", "PAPERS", "REASONS"]

REFUSALS = BANK_REFUSALS | {
    "proposals.case_rests": _("De gegevens in dit dossier rusten op verzoek van de cliënt. Tot dat is opgeheven kan dit niet."),
    "proposals.question_missing": _("Schrijf waarom u het nog een keer vraagt; de schuldeiser leest het."),
    "proposals.no_clock_runs": _("Voor dit aanbod loopt geen termijn. Er is niets om stil te zetten."),
    "proposals.clock_stands": _("De klok van dit aanbod staat al stil."),
    "proposals.clock_runs": _("De klok van dit aanbod loopt al."),
    "proposals.clock_reason_missing": _("Schrijf waarom de klok stilstaat; de schuldeiser leest het."),
    "proposals.no_way_to_court": _("Naar de rechter kan pas als de schuldeiser na een heroverweging opnieuw weigert of niet antwoordt."),
    "proposals.court_reason_missing": _("Schrijf waarom u dit besluit."),
    "proposals.call_day": _("Vul een dag in van de afgelopen 30 dagen."),
    "proposals.call_empty": _("Vul in met wie u sprak, of wat er is besproken."),
}
KINDS = {"notice": _("kennisgeving niet bevestigd"), "balance": _("saldo niet opgegeven"), "offer": _("aanbod niet beantwoord")}
WHAT = {"notice": _("Kennisgevingen"), "balance": _("Saldo’s"), "offer": _("Aanbiedingen")}

# ── daily work ───────────────────────────────────────────────────────────────

WORKS = {
    "proposals.move_clocks": _("Stilstaande klokken bijgewerkt"),
    "proposals.remind": _("Herinneringen aan aanbiedingen"),
    "cases.remind_of_balances": _("Herinneringen aan saldoverzoeken"),
    "cases.remind_of_notices": _("Herinneringen aan kennisgevingen"),
    "proposals.close_over": _("Voorstellen gesloten"),
    "cases.close_balances": _("Saldoverzoeken gesloten"),
}


@dataclass(frozen=True)
class Day:
    """What daily work came to for one day: the sums, and its runs."""

    day: date
    sums: dict[str, int]
    runs: tuple[Run, ...]


def days(runs: list[Run]) -> list[Day]:
    """Put runs together by the day that they were for, newest first; a run that went twice counts twice what it did, which is once."""
    found: dict[date, list[Run]] = defaultdict(list)
    for run in runs:
        found[run.day].append(run)
    return [Day(day, _sums(some), tuple(some)) for day, some in sorted(found.items(), reverse=True)]


def _sums(runs: list[Run]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for run in runs:
        for name, number in run.counts.items():
            sums[f"{run.work} {name}"] += number
    return dict(sums)


def was_caught_up(run: Run) -> bool:
    """Tell whether a run came on a later day than the one it was for."""
    return local(run.started_at).date() > run.day


def how_it_ended(run: Run, now: datetime) -> str:
    """Say whether a run ended, is at it, or broke off."""
    if run.finished_at is not None:
        return str(_("klaar, ingehaald")) if was_caught_up(run) else str(_("klaar"))
    return str(_("bezig")) if (now - run.started_at).total_seconds() < 3600 else str(_("afgebroken; de volgende keer gaat het verder"))
