"""What the portal says about files of answers: a sentence for each code, words for fates. Dutch here, English in the catalogue."""

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.errors import Refusal
from app.exchange.answering import AnswersPage
from app.exchange.hub import BALANCES, NOTICES, OFFERS
from app.exchange.rules import Fate
from app.exchange.words import REFUSALS as FILES

PLACES = {OFFERS: _("Aanbiedingen"), BALANCES: _("Saldoverzoeken"), NOTICES: _("Incassopauzes")}

REFUSALS = {
    **FILES,
    "answers.no_rows": _("In dit bestand staan geen regels. Er is niets beantwoord."),
    "answers.other_kind": _("Dit bestand hoort bij %(kind)s. Lees het daar in. Er is niets beantwoord."),
    "answers.no_answers": _("Dit is een bericht van de Kredietbank. Daarop is geen antwoord nodig. Er is niets beantwoord."),
    "answers.missing": _("Dit nummer bestaat niet of is niet van u."),
    "answers.changed": _("Een collega of de Kredietbank was u voor. Deze regel is niet beantwoord."),
    "answers.answer_missing": _("Vul een antwoord in, of maak de hele regel leeg."),
    "answers.reason_missing": _("Kies waarom u afwijst."),
    "answers.reason_for_nothing": _("Een reden hoort alleen bij afgewezen."),
    "answers.words_missing": _("Schrijf in een paar woorden wat er is."),
    "answers.balance_missing": _("Vul in wat uw vordering nu is."),
    "answers.balance_for_nothing": _("Een bedrag hoort alleen bij akkoord met ander saldo."),
    "answers.covered": _("Uw akkoord vooraf dekt dit aanbod. Vul ja in als u het toch afwijst."),
}

FATES = {
    Fate.WAITS: _("wordt verstuurd"),
    Fate.DONE: _("verstuurd"),
    Fate.UNCHANGED: _("niets veranderd"),
    Fate.EMPTY: _("leeg gelaten"),
    Fate.REFUSED: _("kan niet"),
}
COLOURS = {Fate.WAITS: "", Fate.DONE: "good", Fate.UNCHANGED: "", Fate.EMPTY: "", Fate.REFUSED: "bad"}


def refusal(no: Refusal) -> str:
    """Say why a whole file is refused; another kind of answers by the place where it is read."""
    facts = dict(no.facts)
    if no.code == "answers.other_kind":
        facts["kind"] = str(PLACES[str(facts["kind"])])
    return str(REFUSALS[no.code]) % facts if facts else str(REFUSALS[no.code])


def counted(page: AnswersPage) -> list[tuple[str, int, None]]:
    """Return each fate with how many rows have it, the most telling first."""
    asked = (Fate.DONE, Fate.REFUSED, Fate.UNCHANGED, Fate.EMPTY) if page.is_done else (Fate.WAITS, *_AFTER)
    return [(str(FATES[one]).capitalize(), page.counts.get(one, 0), None) for one in asked]


_AFTER = (Fate.REFUSED, Fate.UNCHANGED, Fate.EMPTY)


def heading(page: AnswersPage) -> str:
    """Say what this page is about."""
    if not page.is_confirmed:
        return str(gettext("Dit zou er gebeuren"))
    if page.waiting:
        return str(gettext("Uw bestand wordt verwerkt"))
    done = page.counts.get(Fate.DONE, 0)
    return str(ngettext("%(num)s antwoord verstuurd", "%(num)s antwoorden verstuurd", done)) if done else str(gettext("Niets veranderd"))
