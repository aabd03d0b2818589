"""What the portal says about a check of collection costs. Dutch here, English in the catalogue."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.cases.collection_costs import Step
from app.exchange.results import sentence
from app.exchange.words import REFUSALS as CELLS
from app.practices.checking import CheckedCase
from app.web import euro, pct

REFUSALS = {
    **CELLS,
    "cases.costs_amount": _("Vul een bedrag boven nul in, zoals 1.234,56."),
    "cases.costs_before_the_decree": _("Het tarief geldt voor aanmaningen vanaf 1 juli 2012."),
    "cases.costs_day_too_late": _("Deze dag ligt te ver in de toekomst."),
    "money.negative": _("Een bedrag kan niet onder nul zijn."),
    "money.too_large": _("Dit bedrag is te groot. Klopt het?"),
    "money.too_many_decimals": _("Schrijf ten hoogste twee cijfers achter de komma."),
    "money.unreadable": _("Schrijf het bedrag als 1.234,56."),
    "practices.no_notice": _(
        "Zonder de dag van de aanmaning kunnen wij deze zaak niet toetsen. Een consument is pas kosten verschuldigd na een aanmaning met "
        "14 dagen de tijd. Vul de dag in waarop de consument de aanmaning kreeg; zonder aanmaning zijn er geen kosten verschuldigd."
    ),
    "practices.notice_to_come": _("Deze dag ligt in de toekomst. Vul de dag in waarop de consument de aanmaning kreeg."),
    "practices.no_principal": _("Vul ten minste één vordering in, elk op een regel, en ten hoogste %(most)s."),
    "practices.earlier_costs_alone": _("Vul ook in over welke eerdere termijnen die kosten gingen."),
    "practices.instalments_too_early": _("Eerdere termijnen tellen pas mee bij een aanmaning vanaf 1 oktober 2024."),
}


def why_not(case: CheckedCase) -> str:
    """Say why a case could not be checked."""
    return " ".join(sentence(flaw, REFUSALS) for flaw in case.flaws)


def verdict(case: CheckedCase) -> str:
    """Say in a file what became of a case."""
    if not case.is_checked:
        return gettext("niet te toetsen")
    return gettext("te veel gerekend") if case.excess_cents else gettext("binnen het tarief")


def band(step: Step) -> str:
    """Say which part of the principal a band of the scale is about."""
    if step.ends is None:
        return gettext("%(percentage)s over alles boven %(begins)s", percentage=pct(step.percentage), begins=euro(step.begins))
    return gettext(
        "%(percentage)s van %(begins)s tot %(ends)s", percentage=pct(step.percentage), begins=euro(step.begins), ends=euro(step.ends)
    )
