"""What the portal says about complaints of harsh collection: sentences and words. Dutch here, English in the catalogue."""

from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.clock import today
from app.counts import number
from app.deadlines import working_days_between
from app.documents.words import REFUSALS as FILE_REFUSALS
from app.relations.complaint_lifecycle import State
from app.relations.complaint_queries import ComplaintRow, Line
from app.relations.complaint_rules import Answer, Category, ComplaintKind, Helped, Outcome, Severity, What
from app.web import day_short

REFUSALS = FILE_REFUSALS | {
    "relations.party_missing": _("Zeg over welke schuldeiser of incassopartij het gaat."),
    "relations.party_unknown": _("Deze schuldeiser of incassopartij staat niet in het register. Zoek op de naam."),
    "relations.party_choose": _("Kies hieronder wie u bedoelt."),
    "relations.party_same": _("Het signaal gaat al over deze organisatie. Kies een andere."),
    "relations.party_not_registered": _(
        "Deze schuldeiser staat nog niet in het register. Zet het signaal eerst door naar de juiste organisatie."
    ),
    "relations.kind_missing": _("Kies waar het signaal over gaat."),
    "relations.day_missing": _("Vul de dag in waarop het gebeurde."),
    "relations.day_in_future": _("Deze dag ligt in de toekomst."),
    "relations.words_missing": _("Schrijf in een paar woorden wat er is."),
    "relations.answer_missing": _("Kies uw antwoord."),
    "relations.name_missing": _("Vul uw naam in."),
    "relations.case_unknown": _("Dit dossier vinden wij niet. Controleer het nummer."),
    "relations.claim_unknown": _("Deze vordering hoort niet bij het dossier. Kies een andere."),
    "relations.similar": _("Uw team meldde dit misschien al. Kijk hieronder. Is het iets anders? Zet dan het vinkje."),
    "relations.names_client": _(
        "In deze tekst staat “%(name)s”. De cliënt wil niet dat de schuldeiser weet om wie het gaat. Haal het weg."
    ),
    "relations.client_unknown": _("Vul in om wie het gaat, of verbind het signaal met een dossier."),
    "relations.owner_unknown": _("Deze collega werkt niet meer bij Relatiebeheer."),
    "relations.move_not_possible": _("Dit kan nu niet meer. Er is niets veranderd."),
    "relations.merged_already": _("Dit signaal is al samengevoegd met een ander. Er is niets veranderd."),
    "relations.merge_itself": _("Een signaal past niet in zichzelf. Vul het nummer van een ander in."),
    "relations.merge_into_merged": _("Dat signaal is zelf al samengevoegd. Kies het signaal waar het in zit."),
    "relations.merge_into_closed": _("Dat signaal is al afgesloten. Heropen het eerst, of kies een ander."),
    "relations.merge_other_party": _("Dat signaal gaat over een andere organisatie. Samenvoegen kan alleen bij dezelfde."),
    "relations.complaint_unknown": _("Dit signaal vinden wij niet. Controleer het nummer."),
    "relations.paused_already": _("De klok staat al stil."),
    "relations.not_paused": _("De klok loopt al."),
    "relations.link_days": _("Kies 1 tot en met %(most)s dagen."),
    "relations.link_uses": _("Kies 1 tot en met %(most)s keer."),
}

KINDS = {
    ComplaintKind.COSTS: _("Kosten boven de staffel"),
    ComplaintKind.DURING_PAUSE: _("Incasso tijdens pauze"),
    ComplaintKind.TONE: _("Dreiging of toon"),
    ComplaintKind.NO_ARRANGEMENT: _("Geen regeling aangeboden"),
    ComplaintKind.ATTACHMENT: _("Beslag op uitkering of rekening"),
    ComplaintKind.UNREACHABLE: _("Onbereikbaar"),
    ComplaintKind.COVENANT: _("Incassopartij houdt zich niet aan het convenant"),
    ComplaintKind.REFUSAL: _("Weigert zonder reden"),
    ComplaintKind.DATA: _("Gegevens verkeerd gedeeld"),
    ComplaintKind.OTHER: _("Anders"),
}
STATES = {
    State.DRAFT: _("concept"),
    State.NEW: _("nieuw"),
    State.TRIAGE: _("in behandeling"),
    State.ADDRESSED: _("bij de schuldeiser"),
    State.QUESTION: _("vraag van de schuldeiser"),
    State.ANSWERED: _("beantwoord"),
    State.DISAGREED: _("schuldeiser is het niet eens"),
    State.CLOSED: _("afgesloten"),
    State.MERGED: _("samengevoegd"),
}
PARTY_STATES = STATES | {
    State.TRIAGE: _("bij Relatiebeheer"),
    State.ADDRESSED: _("wacht op uw antwoord"),
    State.QUESTION: _("uw vraag ligt bij Relatiebeheer"),
    State.ANSWERED: _("u hebt geantwoord"),
    State.DISAGREED: _("u bent het niet eens"),
}
STATE_KINDS = {
    State.NEW: "warn", State.ADDRESSED: "warn", State.QUESTION: "bad", State.ANSWERED: "good", State.DISAGREED: "bad",
}  # fmt: skip
SEVERITIES = {Severity.LIGHT: _("Licht"), Severity.NORMAL: _("Gewoon"), Severity.GRAVE: _("Ernstig")}
CATEGORIES = {
    Category.MISTAKE: _("Eenmalige fout"),
    Category.HABIT: _("Vaste gewoonte"),
    Category.POLICY: _("Beleid"),
    Category.AGENT: _("Handelwijze van een incassopartij"),
    Category.LAW: _("Wet of convenant geschonden"),
}
ANSWERS = {
    Answer.MENDED: _("Hersteld"),
    Answer.EXPLAINED: _("Uitgelegd"),
    Answer.RIGHT: _("De incasso was terecht"),
    Answer.UNKNOWN: _("Wij kennen de cliënt niet"),
    Answer.NOT_OURS: _("Dit is niet van ons"),
    Answer.MEASURES: _("Maatregelen genomen"),
}
OUTCOMES = {
    Outcome.UPHELD: _("Gegrond"),
    Outcome.PARTLY: _("Deels gegrond"),
    Outcome.NOT_UPHELD: _("Ongegrond"),
    Outcome.NO_JUDGEMENT: _("Geen oordeel mogelijk"),
}
OUTCOME_KINDS = {Outcome.UPHELD: "good", Outcome.PARTLY: "good", Outcome.NOT_UPHELD: "", Outcome.NO_JUDGEMENT: ""}
HELPED = {Helped.YES: _("Ja"), Helped.PARTLY: _("Deels"), Helped.NO: _("Nee")}
SHOW = {
    "confirm": _("Ontvangst bevestigen"),
    "late": _("Te laat"),
    "today": _("Vandaag"),
    "week": _("Later deze week"),
    "mine": _("Van mij"),
    "nobody": _("Niet toegewezen"),
    "creditor": _("Bij de schuldeiser"),
    "silent": _("Schuldeiser antwoordt niet"),
    "unknown": _("Onbekende schuldeiser"),
    "paused": _("Klok staat stil"),
    "closed": _("Afgesloten"),
    "all": _("Alles"),
}
GROUPS = {
    "late": _("Te laat"),
    "today": _("Vandaag"),
    "week": _("Deze week"),
    "later": _("Later"),
    "paused": _("Klok staat stil"),
    "done": _("Afgesloten"),
}
NAMED = {
    True: _("Vastgelegd: de schuldeiser mag horen om wie het gaat."),
    False: _("Vastgelegd: de schuldeiser hoort niet langer om wie het gaat."),
}
CLOCKS = {"receipt": _("Bevestiging"), "answer": _("Antwoord schuldeiser"), "feedback": _("Terugkoppeling melder")}
REPORTED_STATUSES = {
    "open": _("Open"), "mine": _("Door mij gemeld"), "draft": _("Mijn concepten"), "news": _("Nieuwe uitkomst"),
    "closed": _("Afgesloten"), "all": _("Alles"),
}  # fmt: skip
ADDRESSED_STATUSES = {"waiting": _("Wacht op u"), "open": _("Open"), "closed": _("Afgesloten"), "all": _("Alles")}
LINES = {
    What.REPORTED: _("Signaal gemeld"),
    What.ADDED: _("Aangevuld door de melder"),
    What.CONFIRMED: _("Ontvangst bevestigd"),
    What.SORTED: _("Gesorteerd"),
    What.NOTED: _("Notitie"),
    What.RELATED: _("Aan een dossier verbonden"),
    What.PASSED_ON: _("Doorgezet naar een andere organisatie"),
    What.MERGED: _("Samengevoegd"),
    What.SPLIT: _("Gesplitst"),
    What.PAUSED: _("Klok stilgezet"),
    What.RESUMED: _("Klok loopt weer"),
    What.ADDRESSED: _("Voorgelegd"),
    What.ASKED: _("Vraag gesteld"),
    What.ANSWERED: _("Beantwoord"),
    What.DISAGREED: _("Niet eens met het signaal"),
    What.REPLIED: _("Bericht van Relatiebeheer"),
    What.CLOSED: _("Afgesloten"),
    What.HELPED: _("De melder zei of het hielp"),
    What.REOPENED: _("Heropend"),
    What.REMINDED: _("Herinnerd"),
    What.MAY_NAME: _("De cliënt mag genoemd worden"),
    What.MAY_NOT_NAME: _("De cliënt mag niet meer genoemd worden"),
    What.TERM: _("Nieuwe laatste dag voor het antwoord"),
}


def kind(row: ComplaintRow) -> str:
    """Return what a complaint is about, in the words of a list."""
    return str(KINDS[row.kind]) if row.kind else str(gettext("nog geen onderwerp"))


def line(one: Line) -> str:
    """Say in a few words what happened, with the answer, outcome or number that belongs to it."""
    said = str(LINES[one.what])
    facts = one.facts
    for name, words in (("answer", ANSWERS), ("outcome", OUTCOMES), ("helped", HELPED)):
        if value := facts.get(name):
            return f"{said}: {str(next(text for code, text in words.items() if code.value == value)).lower()}"
    for name in ("to", "into", "of", "off", "case", "by"):
        if facts.get(name):
            return f"{said}: {facts[name]}"
    return said


def due(row: ComplaintRow) -> str:
    """Say how much time is left, as a queue shows it."""
    if row.state in {State.CLOSED, State.MERGED}:
        return str(STATES[row.state])
    if row.is_paused or row.due_on is None:
        return str(gettext("klok staat stil"))
    left = working_days_between(today(), row.due_on)
    if row.due_on < today():
        return str(ngettext("%(num)s werkdag te laat", "%(num)s werkdagen te laat", max(-left, 1)))
    if row.due_on == today():
        return str(gettext("bevestig vandaag") if row.state is State.NEW else gettext("vandaag"))
    return str(ngettext("nog %(num)s werkdag", "nog %(num)s werkdagen", left))


def due_kind(row: ComplaintRow) -> str:
    """Return how a term is shown: late, soon, done or empty."""
    if row.state in {State.CLOSED, State.MERGED}:
        return "done"
    if row.is_paused or row.due_on is None:
        return ""
    left = working_days_between(today(), row.due_on)
    return "late" if row.due_on < today() else "soon" if left <= 2 else ""


def is_silent(row: ComplaintRow) -> bool:
    """Tell whether whom it is about let the term for its answer go by."""
    return row.state is State.ADDRESSED and row.due_on is not None and row.due_on < today()


def spent(row: ComplaintRow) -> int:
    """Return which part of its time a complaint has used, in per cent."""
    if row.due_on is None or row.reported_on is None or row.due_on <= today():
        return 100
    whole = max(working_days_between(row.reported_on, row.due_on), 1)
    return min(100, round(100 * working_days_between(row.reported_on, today()) / whole))


def clock(one: Any) -> str:
    """Say how a term of a complaint stands."""
    if one.state == "waits":
        return str(gettext("start na het antwoord"))
    if one.state == "paused":
        return str(gettext("staat stil"))
    if one.state == "done":
        return str(gettext("klaar op %(day)s", day=day_short(one.done_on)))
    if one.by is None:
        return "–"
    if one.state == "late":
        return str(gettext("te laat sinds %(day)s", day=day_short(one.by)))
    return str(gettext("dag %(day)s van %(of)s, tot %(by)s", day=one.day, of=one.of, by=day_short(one.by)))


def clock_kind(one: Any) -> str:
    """Return how a term is shown: late, soon, done or empty."""
    return one.state if one.state in {"late", "soon", "done"} else ""


def clock_spent(one: Any) -> int:
    """Return which part of a term was used, in per cent."""
    return 100 if one.state in {"done", "late"} else 0 if one.state == "waits" else max(0, min(100, round(100 * one.day / one.of)))


def summary(counts: dict[str, int]) -> str:
    """Say over the queue how many are open and what has to happen soon."""
    return str(
        gettext(
            "%(open)s open: %(late)s te laat, %(today)s vandaag, %(week)s deze week.",
            open=number(counts["open"]), late=number(counts["late"]), today=number(counts["today"]), week=number(counts["week"]),
        )
    )  # fmt: skip
