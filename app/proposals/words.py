"""What the portal says about drafting and issuing: a sentence for each code. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.errors import Refusal

REFUSALS = {
    "proposals.case_closed": _("Dit dossier is gesloten."),
    "proposals.case_rests": _("De gegevens in dit dossier rusten op verzoek van de cliënt. Tot dat is opgeheven kan dit niet."),
    "proposals.nothing_takes_part": _("Er is geen vordering die meedoet in een regeling."),
    "proposals.balances_open": _("De saldo’s zijn nog niet binnen: %(stated)s van %(claims)s. De ronde sluit na %(until)s."),
    "proposals.one_stands": _("Voor dit dossier loopt al een voorstel (%(proposal)s). Trek dat eerst in of vervang het."),
    "proposals.one_ended": _("Een eerder voorstel is geëindigd. Maak zelf een nieuw concept als dat nog zin heeft."),
    "proposals.no_such_case": _("Dossier %(case)s staat niet in het portaal."),
    "proposals.no_proposal": _("Voor dossier %(case)s is nog geen voorstel gemaakt."),
    "proposals.no_such_offer": _("Aanbod %(offer)s staat niet in het portaal."),
    "proposals.not_approved": _("Dit voorstel is nog niet door een tweede medewerker gecontroleerd."),
    "proposals.two_officers": _("Een concept wordt gecontroleerd door een andere medewerker dan wie het maakte."),
    "proposals.changed_since_approval": _(
        "Vorderingen of cijfers zijn gewijzigd. Het concept is opnieuw berekend; een tweede medewerker moet het weer controleren."
    ),
    "proposals.move_not_possible": _("Dat kan in deze stand niet meer. Er is niets veranderd."),
    "proposals.terms_outside": _("Kies 1 tot en met 60 maanden, een rente tot en met 30 procent en een vergoeding tot en met 9 procent."),
    "proposals.zero_offer_with_capacity": _("Een nul-aanbod kan alleen als er niets te betalen is."),
    "proposals.age_unknown": _("De geboortedatum is onbekend, en een jongerenkrediet is er van 18 tot en met 26 jaar."),
    "proposals.too_young": _("De cliënt is jonger dan 18 jaar: een jongerenkrediet kan nog niet."),
    "proposals.too_old": _("De cliënt is ouder dan 26 jaar: een jongerenkrediet kan niet meer."),
    "proposals.something_can_be_paid": _("Een nul-aanbod kan alleen als er niets te betalen is."),
    "proposals.nothing_can_be_paid": _("Er is geen afloscapaciteit en geen extra inleg, dus dit product kan niet."),
    "proposals.mediation_reason_missing": _("Schuldbemiddeling is de uitzondering: schrijf waarom."),
    "proposals.capacity_too_low_to_refinance": _("De capaciteit is te laag om alles in 60 maanden helemaal te betalen."),
    "proposals.figures_missing": _("Inkomen en vrij te laten bedrag ontbreken."),
    "proposals.figures_too_old": _("Inkomen en vrij te laten bedrag zijn ouder dan zes maanden."),
    "proposals.parameter_unknown": _("Voor deze dag zijn geen wettelijke bedragen bekend."),
    "proposals.no_letters": _("Er zijn geen aanbiedingen om een brief voor te schrijven."),
}

TITLES = {
    "draft": _("Concepten maken"),
    "issue": _("Voorstellen uitbrengen"),
    "answer many": _("Veel aanbiedingen beantwoorden"),
    "undo many": _("Veel antwoorden ongedaan maken"),
    "answer file": _("Aanbiedingen beantwoorden met een bestand"),
    "letter": _("Voorstel %(ref)s"),
}
SAME_SIGNUP = _("Dezelfde aanvraag wacht bij de organisatie waarin deze is samengevoegd.")

RESULTS = {
    "drafted": _("Concepten gemaakt"),
    "issued": _("Voorstellen uitgebracht"),
    "offers": _("Aanbiedingen"),
    "covered": _("Beantwoord door akkoord vooraf"),
    "left": _("Niet gedaan"),
}


def sentence(no: Refusal) -> str:
    """Return the words of a refusal about drafting or issuing."""
    return str(REFUSALS[no.code]) % no.facts if no.code in REFUSALS else no.code
