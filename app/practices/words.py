"""What the portal says about practice reports: a sentence for each code, words for values. Dutch here, English in the catalogue."""

from collections.abc import Iterable

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.creditors.wki_words import wki
from app.documents.words import REFUSALS as FILES
from app.practices.disclosure import ALL, OTHER
from app.practices.measures import Measure
from app.practices.question_words import CHOICES, HINTS, MEASURES, QUESTIONS, SECTIONS
from app.practices.questions import QUESTION, Answer, Kind
from app.practices.rules import Fault, Mark, State
from app.speech import language
from app.web import euro

__all__ = ["CHOICES", "HINTS", "MEASURES", "QUESTIONS", "SECTIONS", "wki"]  # the templates know one module of words

REFUSALS = {
    **FILES,
    "money.negative": _("Een bedrag kan niet onder nul zijn."),
    "money.too_large": _("Dit bedrag is te groot. Klopt het?"),
    "money.too_many_decimals": _("Schrijf ten hoogste twee cijfers achter de komma."),
    "money.unreadable": _("Schrijf het bedrag als 1.234,56."),
    "practices.not_a_number": _("Schrijf een heel getal, bijvoorbeeld 120."),
    "practices.too_large": _("Dit getal is te groot. Ten hoogste kan %(most)s."),
    "practices.too_long": _("Houd het bij %(most)s tekens."),
    "practices.not_a_choice": _("Kies een van de antwoorden."),
    "practices.year_to_come": _("Over een jaar dat nog moet beginnen kunt u niets melden."),
    "practices.year_too_old": _("Over dit jaar kunt u geen rapport meer beginnen."),
    "practices.year_runs": _("Het jaar %(year)s is nog niet voorbij. Uw antwoorden blijven bewaard; dien het rapport in januari in."),
    "practices.submitted_already": _(
        "Dit rapport is al ingediend. Er is niets veranderd. Wilt u iets verbeteren, vraag dan Relatiebeheer."
    ),
    "practices.not_submitted": _("Dit rapport is al open. Er is niets veranderd."),
    "practices.incomplete": _("Het rapport is nog niet af. Er staan hieronder %(number)s punten open."),
    "practices.question_missing": _("Schrijf wat u wilt weten. De schuldeiser leest uw vraag."),
    "practices.verified_by_nothing": _("Bij dit antwoord staat geen bewijs. Schrijf waaraan u zag dat het klopt."),
    "practices.marked_already": _("Dit oordeel staat er al."),
    "practices.nothing_asked": _("Over dit antwoord is geen vraag open."),
    "practices.reply_missing": _("Schrijf uw antwoord op de vraag."),
    "practices.reason_missing": _("Schrijf waarom u het rapport heropent. De schuldeiser leest dit."),
    "practices.no_file": _("Kies eerst een bestand."),
    "practices.evidence_closed": _("Het rapport is ingediend. Bewijs toevoegen kan weer als Relatiebeheer iets vraagt."),
    "practices.evidence_stays": _("Dit bestand hoort bij wat u indiende en blijft staan."),
    "practices.published_already": _("De benchmark over %(year)s is al gemaakt en verandert niet meer."),
    "practices.publishes_later": _("Deze benchmark kan pas later worden gemaakt, als de rapporten zijn bekeken: vanaf %(day)s."),
    "practices.no_benchmark": _("Over %(year)s kan geen benchmark worden gemaakt."),
    "practices.stale_report": _(
        "Een collega heeft intussen iets in dit rapport bewaard. Lees het hieronder na en dien het dan opnieuw in."
    ),
    "practices.stale_section": _(
        "Een collega heeft dit onderdeel intussen bewaard. Wat u typte staat er nog. Vergelijk het met wat nu bewaard is en bewaar opnieuw."
    ),
    "practices.stale_remarks": _("Intussen is hier iets geschreven of verbeterd. Uw tekst staat er nog. Lees het en verstuur opnieuw."),
}

FAULTS = {
    "practices.missing": _("nog niet beantwoord"),
    "practices.part_larger": _("dit is meer dan bij ‘%(other)s’"),
    "practices.costs_without_cases": _("dit past niet bij ‘%(other)s’: er zijn kosten zonder zaken, of zaken zonder kosten"),
}

STATES = {State.DRAFT: _("concept"), State.SUBMITTED: _("ingediend"), State.REOPENED: _("heropend")}
STATE_KINDS = {State.DRAFT: "", State.SUBMITTED: "good", State.REOPENED: "warn"}
MARKS = {Mark.SEEN: _("gezien"), Mark.QUESTIONED: _("bevraagd"), Mark.VERIFIED: _("nagekeken"), Mark.REPLY: _("antwoord")}
JUDGEMENTS = {
    Mark.SEEN: _("gezien"),
    Mark.QUESTIONED: _("ik heb een vraag"),
    Mark.VERIFIED: _("nagekeken, het klopt"),
}
MARK_KINDS = {Mark.SEEN: "", Mark.QUESTIONED: "warn", Mark.VERIFIED: "good", Mark.REPLY: ""}
STATUSES = {
    "all": _("Alles"),
    "team": _("Antwoord gekregen"),
    "new": _("Nog niet bekeken"),
    "creditor": _("Vraag staat uit"),
    "submitted": _("Bekeken"),
    "reopened": _("Heropend"),
    "missing": _("Niet ingediend"),
}
STATUS_KINDS = {"team": "warn", "new": "warn", "creditor": "", "submitted": "good", "reopened": "", "missing": "bad"}
GROUPS = {ALL: _("alle branches samen"), OTHER: _("kleine branches samen")}


def answer(question: str, value: Answer | None) -> str:
    """Write an answer as people read it."""
    if value is None:
        return "–"
    kind = QUESTION[question].kind
    if kind is Kind.CENTS and isinstance(value, int):
        return euro(value)
    if kind is Kind.NUMBER and isinstance(value, int):
        return number(value)
    return str(CHOICES[str(value)]) if kind is Kind.CHOICE else str(value)


def number(value: int) -> str:
    """Write a whole number with the signs of the language between its thousands."""
    return f"{value:,}".replace(",", "." if language() == "nl" else ",")


def fault(found: Fault) -> str:
    """Say what is wrong with an answer."""
    other = str(QUESTIONS.get(found.other, ""))
    said = str(FAULTS[found.code])
    return said % {"other": other} if other else said


def figure(measure: Measure, value: int | None) -> str:
    """Write a figure of a measure with its unit; a group figure that is withheld is a dash."""
    if value is None:
        return "–"
    if measure.unit == "cents":
        return euro(value)
    if measure.unit == "per cent":
        return f"{value}%"
    if measure.unit == "per mille":
        return gettext("%(num)s per duizend", num=value)
    if measure.unit == "months":
        return ngettext("%(num)s maand", "%(num)s maanden", value)
    if measure.unit == "days":
        return ngettext("%(num)s dag", "%(num)s dagen", value)
    return ngettext("%(num)s keer", "%(num)s keer", value)


def group(name: str) -> str:
    """Return the words of a group: a branch is called as the register calls it."""
    return str(GROUPS.get(name, name))


def named(values: Iterable[object]) -> list[tuple[str, str]]:
    """Return the options of a filter whose values are their own words."""
    return [(str(value), str(value)) for value in values]


def grouped(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the options of a filter of groups."""
    return [(name, group(name)) for name in names]
