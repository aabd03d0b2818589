"""What the portal says about answering many offers, dividing them and taking answers back. Dutch here, English in the catalogue."""

from datetime import datetime
from urllib.parse import parse_qsl

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.clock import local
from app.proposals.inbox_queries import Team
from app.proposals.inbox_statements import DUES
from app.proposals.lifecycle import OfferState, RowOutcome
from app.proposals.many_queries import ManyPage, ManyRow
from app.proposals.offer_words import BY, PRODUCTS, SORTS, STATUSES
from app.proposals.offer_words import REFUSALS as OFFER_REFUSALS
from app.speech import language

UNDO_REFUSALS = {
    "proposals.undo_agreed": _("De regeling staat: alle schuldeisers zijn akkoord. Dit antwoord kan niet meer ongedaan worden gemaakt."),
    "proposals.undo_over": _("Dit voorstel is afgelopen. Uw antwoord kan niet meer ongedaan worden gemaakt."),
    "proposals.undo_too_late": _("Uw antwoord is langer dan tien minuten geleden gegeven. Bel de Kredietbank als het niet klopt."),
    "proposals.undo_taken_over": _("De Kredietbank heeft uw saldo al overgenomen. Bel de Kredietbank als het niet klopt."),
    "proposals.undo_changed": _("Dit aanbod is intussen opnieuw beantwoord of veranderd. Er is niets ongedaan gemaakt."),
    "proposals.nothing_to_undo": _("Hier is geen antwoord dat u ongedaan kunt maken."),
}
REFUSALS = OFFER_REFUSALS | UNDO_REFUSALS | {
    "proposals.answered_already": _("Dit aanbod had al een antwoord."),
    "proposals.proposal_over": _("Dit voorstel is afgelopen."),
    "proposals.covered_by_consent": _("Uw akkoord vooraf dekt dit aanbod. Zonder uw vinkje is het niet afgewezen."),
    "proposals.covered_by_creditor": _("Het akkoord vooraf van de schuldeiser dekt dit aanbod. Zonder uw vinkje is het niet afgewezen."),
    "proposals.none_chosen": _("Kies eerst een of meer aanbiedingen die op een antwoord wachten."),
    "proposals.too_many_chosen": _("U kunt hoogstens %(most)s aanbiedingen tegelijk kiezen."),
    "proposals.too_many_shown": _("Deze filters tonen meer dan %(most)s aanbiedingen. Kies een smaller filter."),
    "proposals.no_colleague": _("Kies een collega van uw eigen organisatie."),
    "proposals.filter_name_missing": _("Geef het filter een naam."),
    "proposals.filter_empty": _("Kies eerst een filter in de lijst. Bewaar het daarna."),
    "proposals.too_many_filters": _("U hebt al %(most)s filters. Verwijder er eerst een."),
}  # fmt: skip
OUTCOMES = {
    RowOutcome.ANSWERED: _("gelukt"),
    RowOutcome.REFUSED: _("kan niet"),
    RowOutcome.CHANGED: _("intussen veranderd"),
    RowOutcome.MISSING: _("niet gevonden"),
    RowOutcome.UNDONE: _("ongedaan gemaakt"),
}
KINDS = {RowOutcome.ANSWERED: "good", RowOutcome.REFUSED: "bad", RowOutcome.CHANGED: "warn", RowOutcome.MISSING: "bad"}
WHY = {
    RowOutcome.CHANGED: _("Een collega of de Kredietbank was u voor. Uw antwoord is niet gegeven."),
    RowOutcome.MISSING: _("Dit aanbod bestaat niet of is niet van u."),
}
FILTERED_DUE = dict(zip(DUES, (_("te laat"), _("vandaag"), _("later deze week"), _("daarna")), strict=True))
COVERS = {"yes": _("gedekt"), "no": _("niet gedekt")}


def outcome(page: ManyPage, row: ManyRow) -> tuple[str, str]:
    """Return the word for what became of a row, and its colour; of what was answered the answer."""
    if row.outcome is None:
        return str(_("nog niet")), ""
    if row.outcome is RowOutcome.ANSWERED:
        rejected = page.answer is OfferState.REJECTED
        return str(_("afgewezen") if rejected else _("geaccepteerd")), "bad" if rejected else "good"
    return str(OUTCOMES[row.outcome]), KINDS.get(row.outcome, "")


def why(row: ManyRow) -> str:
    """Say why a row was not answered, or not taken back."""
    if row.code:
        return str(REFUSALS.get(row.code, REFUSALS["proposals.answer_not_possible"]))
    return str(WHY[row.outcome]) if row.outcome in WHY else ""


def heading(page: ManyPage) -> str:
    """Say what this page is about."""
    if page.given_at is None:
        return str(ngettext("%(num)s aanbod beantwoorden", "%(num)s aanbiedingen beantwoorden", page.total))
    if page.left or page.undone_at:
        return str(ngettext("Antwoord op %(num)s aanbod", "Antwoord op %(num)s aanbiedingen", page.total))
    done = page.counts.get(RowOutcome.ANSWERED, 0)
    if page.answer is OfferState.REJECTED:
        return str(ngettext("%(num)s aanbod afgewezen", "%(num)s aanbiedingen afgewezen", done))
    return str(ngettext("%(num)s aanbod geaccepteerd", "%(num)s aanbiedingen geaccepteerd", done))


def counted(page: ManyPage) -> list[tuple[str, str, int]]:
    """Return each outcome that occurred, with its colour and how often."""
    return [(str(OUTCOMES[one]), KINDS.get(one, ""), page.counts[one]) for one in RowOutcome if page.counts.get(one)]


def until(moment: datetime) -> str:
    """Say until when an answer can be taken back, as the clock in Amsterdam reads: `09.10`."""
    return f"{local(moment):%H.%M}" if language() == "nl" else f"{local(moment):%H:%M}"


def described(query: str) -> str:
    """Say a kept filter in words: `te laat, gedekt, “visser”`."""
    said = {
        "due": FILTERED_DUE, "product": {product.value: words for product, words in PRODUCTS.items()}, "cover": COVERS,
        "status": STATUSES, "who": {"mine": _("van mij"), "unassigned": _("van niemand")}, "sort": SORTS, "by": BY,
    }  # fmt: skip
    free = {"q": "“%s”", "creditor": str(_("schuldeiser")) + " %s"}
    parts = [
        free[name] % value if name in free else str(said.get(name, {}).get(value, _("van een collega"))) for name, value in parse_qsl(query)
    ]
    return ", ".join(parts) or str(_("alles wat wacht"))


def handlers(team: Team, me: int | None) -> list[tuple[str, str]]:
    """Return the choices of whose work the list shows, each with how much waits."""
    mine = next((one for one in team.colleagues if one.id == me), None)
    own = [("mine", gettext("Van mij (%(count)s)", count=mine.waiting))] if mine else []
    nobody = gettext("Van niemand") if team.unassigned is None else gettext("Van niemand (%(count)s)", count=team.unassigned)
    others = [(str(one.id), f"{one.name} ({one.waiting})") for one in team.colleagues if one.id != me]
    return [*own, ("unassigned", nobody), *others]
