"""What the portal says about messages and mail. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.notifications.rules import Mode, Unsent

REFUSALS = {
    "notifications.hour": _("Kies een uur van 6.00 tot en met 20.00."),
    "notifications.essential": _("Deze mail kan niet worden uitgezet."),
    "notifications.language": _("Kies Nederlands of Engels."),
    "notifications.no_report": _("Dit is geen bericht van een mailserver over mail die niet aankwam; er is niets veranderd."),
    "notifications.too_large": _("Dit bericht is te groot voor een melding van een mailserver; er is niets veranderd."),
}
MODES = {
    Mode.DIGEST: _("Eén mail per dag; wat haast heeft meteen"),
    Mode.AT_ONCE: _("Alles meteen"),
    Mode.NONE: _("Alleen wat moet"),
}
UNSENT = {
    Unsent.NO_ADDRESS: _("niet gemaild: er is geen mailadres"),
    Unsent.BOUNCED: _("niet gemaild: het adres neemt geen mail aan"),
    Unsent.MUTED: _("niet gemaild: zo is het gekozen"),
    Unsent.IN_DIGEST: _("komt in de mail van de dag"),
}
# What a shared mailbox may be spared, and whom or what a link ends.
KINDS = {
    "balances.reminder": _("Herinneringen aan saldoverzoeken"),
    "pauses.reminder": _("Herinneringen aan kennisgevingen"),
    "consents.expiring": _("Akkoord vooraf dat bijna afloopt"),
    "early_signals.feedback": _("Terugkoppeling op vroegsignalen"),
    "offers.clock_started": _("Termijnen die weer lopen"),
    "offers.clock_stopped": _("Termijnen die stilstaan"),
    "offers.reminder": _("Herinneringen aan wat wacht"),
    "offers.taken_back": _("Werk dat een schuldeiser terugneemt"),
    "practices.due": _("Praktijkrapport dat bijna af moet zijn"),
    "practices.late": _("Praktijkrapport dat te laat is"),
    "practices.questioned": _("Vragen over uw praktijkrapport"),
    "practices.reopened": _("Praktijkrapport dat u kunt verbeteren"),
}
OTHER = _("Andere berichten")
# What a person may be spared, subject by subject.
SUBJECTS = {
    "early_signals": _("Vroegsignalen"),
    "accounts": _("Collega’s en toegang"),
    "balances": _("Saldoverzoeken"),
    "commitments": _("Afspraken"),
    "complaints": _("Signalen over incasso"),
    "consents": _("Akkoord vooraf"),
    "meetings": _("Overleg"),
    "offers": _("Voorstellen"),
    "pauses": _("Incassopauzes"),
    "practices": _("Praktijkrapporten"),
}
