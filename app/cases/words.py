"""What the portal says about cases: a sentence for each code, and the words of its values. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

from app.cases.balance_words import REFUSALS as BALANCES_REFUSED
from app.cases.rules import Balances, Rank, Status
from app.exchange.words import REFUSALS as FILES

REFUSALS = {
    **FILES,
    **BALANCES_REFUSED,
    "cases.no_such_case": _("Dit dossier staat niet in het portaal."),
    "cases.not_in_register": _("Deze code staat niet in het register."),
    "cases.not_a_creditor": _("Deze organisatie is in het register geen schuldeiser."),
    "cases.not_an_agency": _("Deze organisatie is in het register geen incassobureau."),
    "cases.not_a_bailiff": _("Deze organisatie is in het register geen deurwaarder."),
    "cases.two_agents": _("Een vordering heeft een incassobureau of een deurwaarder, niet allebei."),
    "cases.security_without_secured_rank": _("Alleen een vordering met zekerheid (S) kan een bedrag aan zekerheid hebben."),
    "cases.name_differs": _("In het register heet deze organisatie %(register)s. Die naam blijft staan."),
    "cases.programme_unknown": _("Dit programma kennen we niet. De berekening houdt er geen rekening mee."),
    "cases.total_differs": _("Hier staat %(expected)s, de vorderingen in het portaal zijn samen %(found)s."),
    "cases.count_differs": _("Hier staan %(expected)s vorderingen, in het portaal zijn het er %(found)s."),
    "cases.settlement_unknown_with_day": _("Kies dat er een eerdere regeling was als u een datum invult."),
    "cases.settlement_day_missing": _("Vul in wanneer de eerdere regeling eindigde."),
    "cases.settlement_in_future": _("Deze dag ligt in de toekomst."),
    "cases.figures_in_future": _("De dag van de berekening ligt in de toekomst."),
    "cases.upload_title": _("Dossiers en vorderingen inlezen"),
}

RANKS = {
    Rank.PREFERENTIAL: _("Preferent"),
    Rank.CONCURRENT: _("Concurrent"),
    Rank.SECURED: _("Met zekerheid"),
    Rank.EXCLUDED: _("Valt buiten de regeling"),
}

STATUS = {
    Status.BALANCES_OPEN: _("Saldo’s open"),
    Status.READY: _("Klaar voor berekening"),
    Status.FIGURES_OLD: _("Cijfers te oud"),
    Status.PROPOSED: _("Voorstel"),
    Status.AGREED: _("Regeling staat"),
    Status.CLOSED: _("Gesloten"),
}

BALANCES = {Balances.OPEN: _("Saldo’s open"), Balances.COMPLETE: _("Alle saldo’s binnen"), Balances.CLOSED: _("Saldo’s gesloten")}

ACTIONS = {
    "cases:import": _("Ingelezen uit het systeem van de Kredietbank"),
    "cases:edit": _("Gegevens gewijzigd"),
    "cases:ask-balances": _("Saldoverzoeken gestuurd"),
    "cases:balance-stated": _("Saldo opgegeven door de schuldeiser"),
    "cases:close": _("Dossier gesloten"),
    "cases:reopen": _("Dossier weer geopend"),
    "cases:restrict": _("Gegevens in rust gezet"),
    "pauses:send": _("Kennisgevingen gestuurd"),
    "pauses:end": _("Incassopauzes beëindigd"),
    "pauses:breach": _("Klacht over incasso in de pauze genoteerd"),
    "pauses:handle": _("Melding van incasso in de pauze afgehandeld"),
    "cases:lift-restriction": _("Rust opgeheven"),
    "privacy:export": _("Inzage gemaakt"),
    "case": _("nieuw dossier"),
}

SENDING = _("Kennisgevingen sturen")
ANSWERING = _("Kennisgevingen beantwoorden met een bestand")
SENT = {"cases": _("Dossiers"), "notices": _("Kennisgevingen"), "left": _("Dossiers zonder nieuwe kennisgeving")}

KINDS = {"cases": _("Dossiers"), "claims": _("Vorderingen")}
COUNTED = _("%(new)s nieuw, %(changed)s gewijzigd, %(unchanged)s ongewijzigd, %(rejected)s afgewezen")

FIELDS = {
    "closed_on": _("Gesloten op"),
    "form": _("Bestand"),
    "rests": _("In rust"),
    "since": _("In rust sinds"),
    "relation_code": _("RelatieCode"),
    "sequence": _("Volgnummer"),
    "bsn": _("BSN"),
    "initials": _("Voorletters"),
    "given_name": _("Roepnaam"),
    "surname": _("Achternaam"),
    "birth_date": _("Geboortedatum"),
    "street": _("Straat"),
    "house_number": _("Huisnummer"),
    "postcode": _("Postcode"),
    "city": _("Plaats"),
    "household": _("Leefsituatie"),
    "children": _("Aantal kinderen"),
    "entrepreneur": _("Ondernemer"),
    "programme": _("Programma"),
    "started_on": _("Startdatum"),
    "calculated_on": _("Dag van de berekening"),
    "income_cents": _("Inkomen"),
    "vtlb_cents": _("Vtlb"),
    "extra_cents": _("Extra inleg"),
    "team": _("Hulpverlener"),
    "settlement_known": _("Eerdere regeling bekend"),
    "last_settlement_on": _("Einde eerdere regeling"),
    "creditor_id": _("Schuldeiser"),
    "reference": _("Referentie"),
    "rank": _("Rang"),
    "reported_cents": _("Aangemeld"),
    "stated_cents": _("Teruggemeld"),
    "stated_on": _("Teruggemeld op"),
    "agent_id": _("Incassobureau"),
    "agent_reference": _("Referentie incassobureau"),
    "bailiff_id": _("Deurwaarder"),
    "bailiff_reference": _("Referentie deurwaarder"),
    "security_cents": _("Zekerheid"),
    "obstacle": _("Beletsel voor akkoord vooraf"),
    "requests": _("Aantal"),
    "fraud": _("Fraude"),
    "claims": _("Vorderingen"),
    "rows": _("Aantal"),
    "reason": _("Reden"),
    "notice": _("Kennisgeving"),
    "happened_on": _("Dag"),
}
