"""What the portal says about notices and pauses: a sentence for each code, words for values. Dutch here, English in the catalogue."""

from datetime import date
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.cases.case_pauses import CaseNotice
from app.cases.pause_queries import NoticePage, PauseRow
from app.cases.pause_rules import BreachSource, EndReason, NoticeState, Searched
from app.cases.rules import AnsweredBy
from app.web import day

REFUSALS = {
    "pauses.over": _("Deze pauze is afgelopen. U hoeft niet meer te antwoorden."),
    "pauses.move_not_possible": _("Dit antwoord kan nu niet meer. Er is niets veranderd."),
    "pauses.answered_already": _("Hierop is al geantwoord."),
    "pauses.row_missing": _("Deze kennisgeving staat niet in uw lijst."),
    "pauses.words_missing": _("Schrijf in een paar woorden wat er is."),
    "pauses.agent_missing": _("Kies wie voor u incasseert, of vul de naam in."),
    "pauses.agent_without_mandate": _("Deze partij heeft vandaag geen machtiging van deze schuldeiser."),
    "pauses.searched_too_little": _("Zoek op ten minste %(least)s gegevens voordat u zegt dat u de cliënt niet kent."),
    "pauses.day_in_future": _("Deze dag ligt in de toekomst."),
    "pauses.day_outside": _("Deze dag valt niet in de pauze. Die loopt van %(first)s tot en met %(last)s."),
    "pauses.choose_rows": _("Kies eerst een of meer kennisgevingen."),
    "pauses.too_many_rows": _("Dit zijn er te veel. Kies ten hoogste %(most)s kennisgevingen tegelijk."),
    "pauses.too_many_cases": _("Dit zijn er te veel. Kies filters waarmee er ten hoogste %(most)s dossiers overblijven."),
    "pauses.choose_creditor": _("Kies om welke schuldeiser het gaat."),
    "pauses.case_closed": _("Dit dossier is gesloten. Er gaat geen kennisgeving uit."),
    "pauses.case_rests": _("De gegevens in dit dossier rusten. Er gaat geen kennisgeving uit."),
    "pauses.nothing_to_send": _("Voor elke vordering loopt al een pauze. Er is niets gestuurd."),
    "pauses.agent_name_missing": _("Vul in wie voor u incasseert."),
    "pauses.agent_for_nothing": _("Een naam hoort alleen bij andere incassopartij."),
    "pauses.words_for_nothing": _("Een toelichting hoort alleen bij een beletsel."),
    "pauses.searched_unknown": _("%(name)s kennen we niet. Kies uit: %(allowed)s."),
    "pauses.nothing_to_end": _("In dit dossier loopt geen pauze. Er is niets veranderd."),
}

STATES = {
    NoticeState.SENT: _("wacht op antwoord"),
    NoticeState.CONFIRMED: _("bevestigd"),
    NoticeState.OTHER_AGENT: _("andere incassopartij genoemd"),
    NoticeState.CLIENT_UNKNOWN: _("cliënt onbekend"),
    NoticeState.OBSTACLE: _("beletsel gemeld"),
}
WHATS = {state.value: words for state, words in STATES.items()}
KINDS = {
    NoticeState.SENT: "warn",
    NoticeState.CONFIRMED: "good",
    NoticeState.OTHER_AGENT: "warn",
    NoticeState.CLIENT_UNKNOWN: "bad",
    NoticeState.OBSTACLE: "bad",
}
STATUSES = {
    "waiting": _("Wacht op antwoord"),
    "pausing": _("Pauze loopt"),
    "problem": _("Onbekend of beletsel"),
    "over": _("Afgelopen"),
    "all": _("Alles"),
}
SORTS = {"newest": _("nieuwste"), "until": _("pauze eindigt het eerst")}
SEARCHED = {
    Searched.NAME: _("Naam"),
    Searched.BIRTH_DATE: _("Geboortedatum"),
    Searched.ADDRESS: _("Adres"),
    Searched.REFERENCE: _("Kenmerk"),
    Searched.PHONE: _("Telefoonnummer"),
    Searched.EMAIL: _("E-mailadres"),
}
ENDS = {
    EndReason.RAN_OUT: _("de laatste dag ging voorbij"),
    EndReason.CASE_CLOSED: _("het dossier is gesloten"),
    EndReason.CLIENT_STOPPED: _("de cliënt is gestopt"),
    EndReason.SENT_BY_MISTAKE: _("de kennisgeving was niet terecht"),
}
SOURCES = {BreachSource.CREDITOR: _("gemeld door de schuldeiser zelf"), BreachSource.COMPLAINT: _("klacht van de cliënt")}
ANSWERED_BY = {
    AnsweredBy.HAND: _("met de hand"),
    AnsweredBy.CODE: _("met de code van de brief"),
    AnsweredBy.FILE: _("met een bestand"),
    AnsweredBy.API: _("via een koppeling"),
}


def state(row: PauseRow | CaseNotice) -> Any:
    """Return the words of where one notice stands, its end before its answer."""
    if row.state is None:
        return _("niet gestuurd")
    return _("afgelopen") if row.ended_on is not None else STATES[row.state]


def until(last: date | None, ended_on: date | None) -> str:
    """Say until when a pause lasts, or when it ended."""
    if ended_on is not None:
        return str(gettext("geëindigd op %(day)s", day=day(ended_on)))
    return day(last)


def pause_in_short(page: NoticePage) -> str:
    """Say in one line whether collecting must stand still now."""
    if page.ended_on:
        return str(gettext("geëindigd op %(day)s", day=day(page.ended_on)))
    if page.state is NoticeState.CLIENT_UNKNOWN:
        return str(gettext("geen pauze: cliënt onbekend"))
    if not page.is_pausing:
        return str(gettext("de laatste dag is voorbij"))
    if page.extended_on:
        return str(gettext("verlengd na de saldo-opgave van %(day)s", day=day(page.extended_on)))
    return str(gettext("de incasso staat stil"))


def answer(page: NoticePage) -> str:
    """Say in a sentence what the creditor answered."""
    match page.state:
        case NoticeState.OTHER_AGENT:
            return str(gettext("%(agent)s incasseert voor deze vordering.", agent=page.named_agent))
        case NoticeState.CLIENT_UNKNOWN:
            fields = ", ".join(str(SEARCHED[field]).lower() for field in page.searched)
            return str(gettext("De cliënt is niet bekend. Gezocht op: %(fields)s.", fields=fields))
        case NoticeState.OBSTACLE:
            return str(gettext("Er is een beletsel:"))
        case NoticeState.CONFIRMED:
            return str(gettext("De incasso staat stil."))
    return str(gettext("Er is nog niet geantwoord."))


def confirmed(count: int) -> str:
    """Say how many notices were confirmed together."""
    return str(ngettext("%(num)s kennisgeving is bevestigd.", "%(num)s kennisgevingen zijn bevestigd.", count))


def ended(count: int) -> str:
    """Say how many pauses ended, and who hears of it."""
    said = ngettext(
        "%(num)s pauze is beëindigd. De schuldeiser krijgt bericht.",
        "%(num)s pauzes zijn beëindigd. De schuldeisers krijgen bericht.",
        count,
    )
    return str(said)
