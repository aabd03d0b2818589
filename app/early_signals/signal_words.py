"""What the portal says about values of early signals: sorts, teams, rules, attempts, terms. Dutch here, English in the catalogue."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.clock import now
from app.early_signals.feedback import Said
from app.early_signals.mandates import CreditorChoice
from app.early_signals.matching import Kinship
from app.early_signals.reporter_queries import FeedbackRow
from app.early_signals.routing import Rule, Team
from app.early_signals.rules import AttemptKind, Confirmation, DayPart, Outcome, Sort, State, Urgency, Withdrawal
from app.web import moment

SORTS = {
    Sort.ARREARS: _("betalingsachterstand"),
    Sort.EVICTION: _("dreigende ontruiming"),
    Sort.CUT_OFF: _("dreigende afsluiting"),
    Sort.INSURANCE_END: _("aanmelding wanbetalersregeling"),
}
CONFIRMATIONS = {
    Confirmation.CONTACT: _("Wij hebben persoonlijk contact gezocht"),
    Confirmation.HELP: _("Wij hebben gewezen op schuldhulp"),
    Confirmation.REMINDER: _("Wij hebben ten minste één keer schriftelijk herinnerd"),
    Confirmation.OFFER: _("Wij hebben aangeboden de gegevens door te geven, en daar kwam geen bezwaar op"),
}
STATES = {State.NEW: _("nieuw"), State.TRIED: _("contact gezocht"), State.FOLLOWED: _("afgerond"), State.WITHDRAWN: _("ingetrokken")}
STATE_KINDS = {State.NEW: "warn", State.TRIED: "", State.FOLLOWED: "good", State.WITHDRAWN: "bad"}
STATUSES = {
    "late": _("Laat: ontruiming, afsluiting, CAK"),
    "overdue": _("Te laat opgepakt"),
    "new": _("Nieuw"),
    "open": _("Open"),
    "done": _("Afgerond of ingetrokken"),
    "all": _("Alles"),
}
FEEDBACK_STATUSES = {
    "news": _("Nieuw voor u"),
    "waiting": _("Nog geen uitkomst"),
    "told": _("Met uitkomst"),
    "withdrawn": _("Ingetrokken"),
    "all": _("Alles"),
}
URGENCIES = {
    Urgency.LATE: _("laat signaal"),
    Urgency.FIRST: _("kinderen of jongere"),
    Urgency.NORMAL: _("gewoon"),
    Urgency.DONE: _("klaar"),
}
TEAMS = {
    Team.MESSAGE: _("Automatisch bericht of klantcontactcentrum"),
    Team.REGULATED: _("Geregelde Betaling WPI"),
    Team.WPI: _("Schuldhulpverlening WPI"),
    Team.EARLY: _("Vroeg Eropaf"),
    Team.ACUTE: _("Eropaf"),
    Team.DESK: _("Meldpunt"),
}
RULES = {
    Rule.LATE: _("Late signalen (ontruiming, afsluiting, wanbetalersregeling) gaan naar Eropaf van het buurtteam."),
    Rule.LATE_HOUSEHOLD: _("Over dit huishouden is ook een laat signaal. Daarom gaat alles over dit huishouden naar Eropaf."),
    Rule.SMALL_FIRST: _("Een eerste melding van een laag bedrag, niet van een verhuurder: eerst een bericht of een telefoontje."),
    Rule.BENEFIT_RENT: _("Een verhuurder meldt, en het huishouden heeft een uitkering: Geregelde Betaling van WPI."),
    Rule.BENEFIT: _("Een andere melder dan een verhuurder, en het huishouden heeft een uitkering: Schuldhulpverlening van WPI."),
    Rule.UNKNOWN: _("Het huishouden is niet bekend bij de gemeente: Vroeg Eropaf van het buurtteam."),
    Rule.NO_NEIGHBOURHOOD: _("De postcode ligt buiten de stad. Het meldpunt kijkt wat er moet gebeuren."),
}
KINDS = {
    AttemptKind.PHONE: _("telefoon"),
    AttemptKind.VISIT: _("huisbezoek"),
    AttemptKind.LETTER: _("brief"),
    AttemptKind.EMAIL: _("e-mail"),
    AttemptKind.MESSAGE: _("sms of WhatsApp"),
    AttemptKind.CARD: _("kaartje"),
    AttemptKind.OTHER: _("anders"),
    AttemptKind.DESK: _("geen poging, alleen een resultaat"),
}
PARTS = {DayPart.MORNING: _("ochtend"), DayPart.AFTERNOON: _("middag"), DayPart.EVENING: _("avond")}
OUTCOMES = {
    Outcome.REPEATED: _("herhaalde melding"),
    Outcome.WRONG: _("onjuiste melding"),
    Outcome.NOT_TAKEN_UP: _("andere reden, niet opgepakt"),
    Outcome.DECEASED: _("overleden"),
    Outcome.NO_RESIDENT: _("geen inwoner (meer)"),
    Outcome.IN_DEBT_HELP: _("al bekend bij schuldhulpverlening"),
    Outcome.OTHER_TRAJECTORY: _("ander traject loopt"),
    Outcome.NO_CONTACT: _("definitief geen contact"),
    Outcome.NO_REACTION: _("geen reactie na eerder contact"),
    Outcome.NO_NEED: _("heeft geen hulp nodig"),
    Outcome.SETTLED: _("heeft betaald of het zelf geregeld"),
    Outcome.ADVICE: _("budgetadvies of snelle oplossing"),
    Outcome.FINANCIAL: _("vervolg, financieel"),
    Outcome.NOT_FINANCIAL: _("vervolg, niet financieel"),
    Outcome.REFERRED: _("doorverwezen zonder contact"),
}
SAID = {
    Said.REPEATED: _("herhaalde melding"),
    Said.WRONG: _("onjuiste melding"),
    Said.DECEASED: _("overleden"),
    Said.NO_RESIDENT: _("geen inwoner (meer)"),
}
WITHDRAWALS = {
    Withdrawal.PAID: _("betaald"),
    Withdrawal.ARRANGED: _("er is een betalingsregeling"),
    Withdrawal.MISTAKE: _("per ongeluk gemeld"),
}
KIN = {Kinship.PERSON: _("zelfde persoon"), Kinship.MOVED: _("zelfde persoon, ander adres"), Kinship.HOUSEHOLD: _("zelfde huishouden")}
YES_NO = {True: _("ja"), False: _("nee"), None: _("nog niet bekend")}


def due(act_by: datetime) -> str:
    """Say until when a team may wait: in hours when that is near, else the day and hour."""
    left = act_by - now()
    hours = int(left.total_seconds() // 3600)
    if hours < 0:
        late = -hours
        return str(ngettext("%(num)s uur te laat", "%(num)s uur te laat", late)) if late <= 72 else moment(act_by)
    return str(ngettext("nog %(num)s uur", "nog %(num)s uur", hours)) if hours <= 72 else moment(act_by)


def attempted(row: FeedbackRow) -> str:
    """Say how often contact was tried."""
    heard = row.feedback
    if not heard.attempts:
        return str(gettext("nog niet gezocht"))
    return str(ngettext("%(num)s keer", "%(num)s keer", heard.attempts))


def outcome_of(row: FeedbackRow) -> Any:
    """Say in a few words what the reporter hears: what its report was, or whether help was accepted."""
    if row.withdrawn_on:
        return _("ingetrokken") if row.agent else _("door u ingetrokken")  # both may: the creditor and its agent
    if row.feedback.said:
        return SAID[row.feedback.said]
    return {True: _("hulp aanvaard"), False: _("geen hulp aanvaard"), None: _("nog geen uitkomst")}[row.feedback.helped]


def outcome_kind(row: FeedbackRow) -> str:
    """Return the colour of what the reporter hears."""
    if row.withdrawn_on or row.feedback.said:
        return "bad" if row.feedback.said else ""
    return {True: "good", False: "", None: "warn"}[row.feedback.helped]


def noted(count: int) -> str:
    """Say about how many signals an attempt was noted."""
    return str(ngettext("Genoteerd bij %(num)s signaal.", "Genoteerd bij %(num)s signalen.", count))


def creditors(choices: Iterable[CreditorChoice]) -> list[tuple[str, str]]:
    """Return the creditors of an agent as a list to choose from takes them."""
    return [(one.code, one.name) for one in choices]


def pairs(names: list[str]) -> list[tuple[str, str]]:
    """Return names as a list to choose from takes them."""
    return [(name, name) for name in names]
