"""What the portal says on the profile of a creditor or agent: sentences and words. Dutch here, English in the catalogue."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.access import Role
from app.creditors.wki_words import wki
from app.practices.rules import Mark
from app.relations.commitment_rules import CommitmentState
from app.relations.escalation_words import LEVELS
from app.relations.profile_rules import Figures, Measure, Quarter, Unit, Verdict, drawing, measures
from app.relations.profile_values import Said

__all__ = [
    "COMMITMENTS", "EXPLAINED", "LEVELS", "MARKS", "MEASURES", "REASONS", "ROLES", "TOPICS", "VERDICTS", "agreed", "did", "drawing",
    "figure", "quarter", "reported", "rows", "title", "wki",
]  # fmt: skip

MEASURES: dict[str, Any] = {
    "in_time": _("Antwoord binnen de termijn"),
    "days": _("Werkdagen tot een antwoord"),
    "accepted": _("Akkoord"),
    "covered": _("Gedekt door akkoord vooraf"),
    "against_consent": _("Afgewezen tegen het eigen akkoord"),
    "balances_in_time": _("Saldo op tijd opgegeven"),
    "balances_not_stated": _("Saldo niet opgegeven"),
    "pauses_broken": _("Pauze gebroken"),
    "complaints": _("Signalen van harde incasso"),
    "upheld": _("Waarvan gegrond"),
    "kept": _("Afspraken nagekomen"),
    "signals": _("Gemelde achterstanden"),
    "signals_sound": _("Meldingen zonder fout"),
}
OF_AGENTS: dict[str, Any] = {"against_consent": _("Afgewezen tegen akkoord vooraf")}
EXPLAINED: dict[str, Any] = {
    "in_time": _("Van de aanbiedingen waarvan de termijn om is"),
    "accepted": _("Van de aanbiedingen met een uitkomst"),
    "covered": _("Van de aanbiedingen die naast een akkoord lagen"),
    "balances_in_time": _("Van de saldoverzoeken waarvan de termijn om is"),
    "complaints": _("Gemeld door hulpverleners"),
    "signals_sound": _("Niet fout, herhaald of verouderd"),
}
TOPICS: dict[str, Any] = {
    "answer_term": _("Antwoordtermijn"),
    "consent": _("Akkoord zonder vraag"),
    "costs": _("Incassokosten"),
    "pause": _("Incassopauze"),
    "arrangement": _("Betalingsregeling"),
}
VERDICTS: dict[Verdict, tuple[Any, str]] = {
    Verdict.FITS: (_("klopt"), "good"),
    Verdict.NEARLY: (_("wijkt licht af"), "warn"),
    Verdict.DIFFERS: (_("wijkt af"), "bad"),
    Verdict.UNKNOWN: (_("niet te zeggen"), ""),
}
REASONS: dict[str, Any] = {
    "percentage too low": _("Percentage te laag"),
    "not the maximum attainable": _("Niet het hoogst haalbare"),
    "relapse feared": _("Vrees voor terugval"),
    "fraud or fine": _("Fraude of boete"),
    "not all creditors treated equally": _("Niet iedereen gelijk behandeld"),
    "claim disputed": _("Vordering betwist"),
    "policy": _("Eigen beleid"),
    "other": _("Anders"),
}
ROLES: dict[Role, Any] = {Role.CREDITOR_WORKER: _("medewerker"), Role.CREDITOR_MANAGER: _("beheerder")}
MARKS: dict[Mark, Any] = {Mark.SEEN: _("gezien"), Mark.QUESTIONED: _("bevraagd"), Mark.VERIFIED: _("nagegaan")}
COMMITMENTS: dict[CommitmentState, tuple[Any, str]] = {
    CommitmentState.OPEN: (_("loopt"), ""),
    CommitmentState.KEPT: (_("nagekomen"), "good"),
    CommitmentState.NOT_KEPT: (_("niet nagekomen"), "bad"),
    CommitmentState.ENDED: (_("beëindigd"), ""),
}
_ORDINALS = {1: _("1e kw"), 2: _("2e kw"), 3: _("3e kw"), 4: _("4e kw")}


def quarter(one: Quarter) -> str:
    """Name a quarter, such as `3e kw 2026`."""
    return f"{_ORDINALS[one.number]} {one.first.year}"


def figure(measure: Measure, value: int | None) -> str:
    """Write a figure with its unit; a dash where there was nothing to count."""
    if value is None:
        return "–"
    return f"{value}%" if measure.unit is Unit.PERCENT else str(value)


def title(code: str, *, is_agent: bool) -> str:
    """Name a figure: an agent has no consent of its own."""
    return str(OF_AGENTS[code] if is_agent and code in OF_AGENTS else MEASURES[code])


def rows(found: Sequence[tuple[Quarter, Figures]], *, is_agent: bool = False) -> list[tuple[str, list[str]]]:
    """Write every figure of every quarter, by measure."""
    shown = measures(is_agent=is_agent)
    return [(title(one.code, is_agent=is_agent), [figure(one, one.value(figures)) for _, figures in found]) for one in shown]


def reported(one: Said) -> str:
    """Say what the creditor reported itself about a subject."""
    if one.reported is None:
        return ""
    if one.topic == "pause":
        return ngettext("%(num)s keer gebroken", "%(num)s keer gebroken", one.reported)
    if one.topic == "costs":
        return gettext("kosten bij %(share)s%% van wie achterloopt", share=one.reported)
    return gettext("%(share)s%% krijgt een voorstel", share=one.reported)


def agreed(one: Said) -> str:
    """Say what was agreed about a subject."""
    return "" if one.agreed is None else gettext("%(share)s%% op tijd", share=one.agreed)


def did(one: Said) -> str:
    """Say what the creditor did about a subject in twelve months."""
    if one.did is None:
        return gettext("nog niets te tellen")
    if one.topic == "answer_term":
        return gettext("%(share)s%% op tijd", share=one.did)
    if one.topic == "consent":
        return gettext("%(share)s%% gedekt, %(number)s tegen het eigen akkoord afgewezen", share=one.did, number=one.more)
    if one.topic == "pause":
        return ngettext("%(num)s keer gebroken", "%(num)s keer gebroken", one.did)
    return ngettext("%(num)s gegrond signaal", "%(num)s gegronde signalen", one.did)
