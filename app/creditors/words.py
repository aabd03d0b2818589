"""What the portal says about the register: a sentence for each code, and the words of its values. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.access import Kind
from app.exchange.words import REFUSALS as FILES

REFUSALS = {
    "creditors.wki_exempt": _("Een gerechtsdeurwaarder hoeft niet in het Wki-register te staan."),
    "creditors.wki_unreadable": _("Vul het nummer in zoals het in het Wki-register staat: letters, cijfers, punten en streepjes."),
    **FILES,
    "creditors.not_a_kvk": _("Dit is geen KvK-nummer. Een KvK-nummer heeft acht cijfers."),
    "creditors.not_an_establishment": _("Dit is geen vestigingsnummer. Een vestigingsnummer heeft twaalf cijfers."),
    "creditors.code_unreadable": _("Vul de code in als een getal van 1 of hoger."),
    "creditors.code_taken": _("Deze code heeft %(name)s al. Kies een andere code, of zoek die organisatie op."),
    "creditors.kvk_taken": _(
        "Dit KvK-nummer heeft %(name)s al (code %(number)s). Is dit een andere vestiging? Vul het vestigingsnummer in."
    ),
    "creditors.sort_missing": _("Kies de soort organisatie."),
    "creditors.name_missing": _("Vul de naam in."),
    "creditors.contact_nameless": _("Vul de naam van de contactpersoon in."),
    "creditors.sort_changed": _("In het register is dit een andere soort organisatie. Geef de organisatie een eigen code."),
    "creditors.not_an_agent": _("Kies een incassobureau of een deurwaarder die in het register staat."),
    "creditors.not_a_creditor": _("Kies een schuldeiser die in het register staat."),
    "creditors.mandate_overlaps": _("Voor deze twee organisaties is er in deze tijd al een machtiging. Kies een latere begindatum."),
    "creditors.mandate_ends_before_start": _("De laatste dag ligt voor de eerste dag. Kies een latere laatste dag."),
    "creditors.mandate_ended": _("Deze machtiging is al beëindigd. Er is niets veranderd."),
    "creditors.mandate_ends_sooner": _("De machtiging eindigt al eerder. Langer kan alleen met een nieuwe machtiging."),
    "creditors.ends_in_past": _("Kies vandaag of een latere dag als laatste dag."),
    "creditors.contact_ended": _("Deze contactpersoon is al beëindigd. Er is niets veranderd."),
    "creditors.contact_unreachable": _("Vul een telefoonnummer of een e-mailadres in."),
}

SORTS = {"schuldeiser": _("Schuldeiser"), "incasso": _("Incassobureau"), "deurwaarder": _("Deurwaarder")}

KINDS = {Kind.CREDITOR: _("schuldeiser"), Kind.AGENT: _("incassopartij")}

RANKS = {"P": _("preferent"), "C": _("concurrent"), "S": _("met zekerheid"), "U": _("valt buiten de regeling"), "": "–"}

FIELDS = {
    "code": _("Code"),
    "name": _("Naam"),
    "kind": _("Soort"),
    "is_bailiff": _("Deurwaarder"),
    "branch": _("Branche"),
    "rank": _("Preferentie"),
    "kvk": _("KvK"),
    "establishment": _("Vestigingsnummer"),
    "street": _("Straat"),
    "house_number": _("Huisnummer"),
    "postcode": _("Postcode"),
    "city": _("Plaats"),
    "iban": _("IBAN"),
    "email": _("E-mailadres"),
    "joined_on": _("Toetreding"),
}
