"""What the portal says about the audit: words for actions, fields and values. Dutch here, English in the catalogue."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _

from app.audit import feature_words
from app.audit.models import Result
from app.audit.queries import Change
from app.audit.value_words import VALUES
from app.web import day, euro

REFUSALS = {
    "audit.exported_often": _("U hebt binnen een uur %(most)s lijsten gedownload. Wacht even; er is niets verloren gegaan."),
    "audit.too_many_rows": _("Dit zijn meer dan %(most)s regels, te veel voor Excel. Kies een kortere periode, of neem het csv-bestand."),
}

GROUPS = {
    "offers": _("Aanbiedingen"),
    "consents": _("Akkoord vooraf"),
    "documents": _("Documenten"),
    "messages": _("Berichten"),
    "pauses": _("Incassopauzes"),
    "balances": _("Saldoverzoeken"),
    "proposals": _("Voorstellen"),
    "calls": _("Telefoongesprekken"),
    "letters": _("Brieven"),
    "cases": _("Dossiers"),
    "creditors": _("Schuldeisers"),
    "people": _("Collega’s"),
    "person": _("Eigen account"),
    "session": _("Inloggen"),
    "privacy": _("Privacy"),
    "keys": _("Sleutels"),
    "complaints": _("Signalen"),
    "escalations": _("Escalaties"),
    "meetings": _("Overleggen"),
    "commitments": _("Afspraken"),
    "profiles": _("Profielen"),
    "practices": _("Praktijkrapporten"),
    "costs": _("Incassokosten"),
    "signals": _("Vroegsignalen"),
    "jobs": _("Werk"),
    "backups": _("Reservekopieën"),
    "audit": _("Logboek"),
}
OWN_GROUPS = (
    "offers", "pauses", "balances", "complaints", "consents", "practices", "signals", "meetings", "commitments", "profiles", "documents",
    "creditors", "people", "messages", "session",
)  # fmt: skip

ACTIONS = feature_words.ACTIONS | {
    "cases:balance-stated": _("saldo opgegeven"),
    "cases:ask-balances": _("saldo’s gevraagd"),
    "balances:state": _("saldoverzoek beantwoord"),
    "balances:save-draft": _("antwoord bewaard"),
    "balances:renew-code": _("nieuwe code per post gevraagd"),
    "balances:remind": _("aan het saldo herinnerd"),
    "balances:open-by-code": _("saldoverzoek geopend met de code"),
    "balances:open": _("saldoverzoek geopend"),
    "balances:export": _("lijst gedownload"),
    "balances:decide": _("over een opgave besloten"),
    "balances:code-fail": _("verkeerde code"),
    "balances:close": _("saldoronde gesloten"),
    "balances:ask": _("saldo gevraagd"),
    "audit:export": _("logboek gedownload"),
    "backups:make": _("reservekopie gemaakt"),
    "backups:restore": _("reservekopie teruggezet"),
    "cases:close": _("dossier gesloten"),
    "cases:edit": _("gegevens gewijzigd"),
    "cases:export": _("lijst gedownload"),
    "cases:import": _("ingelezen"),
    "cases:lift-restriction": _("gegevens rusten niet meer"),
    "cases:open": _("dossier geopend"),
    "cases:reopen": _("dossier heropend"),
    "cases:restrict": _("gegevens rusten op verzoek van de cliënt"),
    "cases:upload": _("bestanden klaargezet"),
    "consents:discard": _("concept weggegooid"),
    "consents:draft": _("concept gemaakt"),
    "consents:end": _("akkoord geëindigd"),
    "consents:save-draft": _("concept bewaard"),
    "consents:sign": _("akkoord ondertekend"),
    "consents:withdraw": _("akkoord ingetrokken"),
    "creditors:add": _("organisatie toegevoegd"),
    "creditors:add-contact": _("contactpersoon toegevoegd"),
    "creditors:add-mandate": _("machtiging gegeven"),
    "creditors:change": _("organisatie gewijzigd"),
    "creditors:end-contact": _("contactpersoon beëindigd"),
    "creditors:end-mandate": _("machtiging beëindigd"),
    "creditors:merge": _("dubbele samengevoegd"),
    "creditors:import": _("register ingelezen"),
    "documents:infected": _("bestand met een virus geweigerd"),
    "documents:open": _("document geopend"),
    "jobs:replay": _("werk opnieuw gedaan"),
    "keys:rotate": _("sleutels van persoonsgegevens vervangen"),
    "letters:write": _("brieven geschreven"),
    "messages:bounce": _("mailadres geeft mail terug"),
    "messages:choose": _("gekozen wanneer mail komt"),
    "messages:choose-mailbox": _("gekozen wat naar de gedeelde mailbox gaat"),
    "messages:confirm-address": _("mailadres bevestigd"),
    "offers:accept": _("geaccepteerd door akkoord vooraf"),
    "offers:answer": _("beantwoord"),
    "offers:ask-again": _("opnieuw gevraagd"),
    "offers:decide-court": _("besluit over de rechter"),
    "offers:move-clock": _("laatste dag schoof op"),
    "offers:start-clock": _("klok loopt weer"),
    "offers:stop-clock": _("klok stilgezet"),
    "calls:export": _("bellijst gedownload"),
    "calls:note": _("gesprek genoteerd"),
    "calls:undo": _("gesprek ongedaan gemaakt"),
    "offers:close": _("gesloten zonder antwoord"),
    "offers:code-fail": _("verkeerde code ingevuld"),
    "offers:export": _("lijst gedownload"),
    "offers:open": _("aanbod geopend"),
    "offers:open-by-code": _("geopend met de code van de brief"),
    "offers:prepare": _("klaargezet door akkoord vooraf"),
    "offers:put-back": _("teruggezet naar open"),
    "offers:renew-code": _("nieuwe code per post gevraagd"),
    "offers:remind": _("herinnering gestuurd"),
    "offers:save-draft": _("antwoord bewaard, niet verstuurd"),
    "offers:take-over-balance": _("saldo overgenomen"),
    "offers:take-back": _("van de incassopartij teruggenomen"),
    "offers:undo": _("antwoord ongedaan gemaakt"),
    "offers:assign": _("aan een collega toegewezen"),
    "offers:free": _("van niemand meer: collega weg"),
    "offers:answer-many": _("veel in één keer beantwoord"),
    "offers:answer-file": _("beantwoord met een bestand"),
    "balances:answer-file": _("beantwoord met een bestand"),
    "pauses:answer-file": _("beantwoord met een bestand"),
    "offers:choose-many": _("veel tegelijk gekozen"),
    "offers:undo-many": _("veel antwoorden ongedaan gemaakt"),
    "pauses:answer": _("kennisgeving beantwoord"),
    "pauses:breach": _("incasso in de pauze gemeld"),
    "pauses:end": _("pauze beëindigd"),
    "pauses:export": _("lijst gedownload"),
    "pauses:extend": _("pauze verlengd na saldo-opgave"),
    "pauses:handle": _("melding van incasso afgehandeld"),
    "pauses:open": _("kennisgeving geopend"),
    "pauses:remind": _("herinnerd aan een kennisgeving"),
    "pauses:send": _("kennisgeving gestuurd"),
    "people:approve": _("account goedgekeurd"),
    "people:add": _("collega toegevoegd"),
    "people:ask": _("collega van elders gevraagd"),
    "people:ask-access": _("toegang gevraagd"),
    "people:change-role": _("rol veranderd"),
    "people:decline": _("uitnodiging afgeslagen"),
    "people:disable": _("account gesloten"),
    "people:end": _("collega afgemeld"),
    "people:join": _("uitnodiging aangenomen"),
    "people:link": _("inlog gekoppeld"),
    "people:reset": _("wachtwoord en inlog-app losgekoppeld"),
    "people:reset-second-factor": _("inlog-app losgekoppeld"),
    "people:take-back": _("uitnodiging ingetrokken"),
    "people:turn-away": _("aanvraag afgewezen"),
    "people:unlink": _("inlog losgekoppeld"),
    "person:add-passkey": _("passkey toegevoegd"),
    "person:ask-reset": _("nieuw wachtwoord gevraagd"),
    "person:change-password": _("wachtwoord veranderd"),
    "person:couple-app": _("inlog-app gekoppeld"),
    "person:remove-passkey": _("passkey verwijderd"),
    "person:rename": _("naam veranderd"),
    "person:rename-passkey": _("passkey anders genoemd"),
    "person:renew-recovery-codes": _("nieuwe herstelcodes gemaakt"),
    "person:set-password": _("wachtwoord gekozen"),
    "person:uncouple-app": _("inlog-app losgekoppeld"),
    "person:use-recovery-code": _("herstelcode gebruikt"),
    "privacy:export": _("inzage gemaakt"),
    "privacy:export-own": _("eigen gegevens gedownload"),
    "privacy:retention": _("bewaartermijnen toegepast"),
    "proposals:agree": _("regeling staat"),
    "proposals:approve": _("concept gecontroleerd"),
    "proposals:close": _("voorstel gesloten"),
    "proposals:draft": _("concept gemaakt"),
    "proposals:issue": _("voorstel uitgebracht"),
    "proposals:reopen": _("controle vervallen"),
    "proposals:superseded": _("voorstel vervangen"),
    "proposals:withdrawn": _("voorstel ingetrokken"),
    "session:begin": _("ingelogd"),
    "session:confirm": _("tweede stap herhaald"),
    "session:end": _("uitgelogd"),
    "session:end-one": _("één sessie beëindigd"),
    "session:end-others": _("andere sessies beëindigd"),
    "session:fail": _("inloggen mislukt"),
    "session:switch": _("van organisatie gewisseld"),
}

SUBJECTS = feature_words.SUBJECTS | {
    "attachment": _("bestand"),
    "signup": _("aanmelding"),
    "organisation": _("organisatie"),
    "balance": _("saldoverzoek"),
    "backup": _("reservekopie"),
    "case": _("dossier"),
    "consent": _("akkoord vooraf"),
    "creditor": _("organisatie"),
    "document": _("document"),
    "identity": _("aanvraag van toegang"),
    "import": _("bestand"),
    "job": _("werk"),
    "joining": _("uitnodiging"),
    "keys": _("sleutel"),
    "letters": _("brieven"),
    "notice": _("kennisgeving"),
    "offer": _("aanbod"),
    "person": _("persoon"),
    "proposal": _("voorstel"),
    "retention": _("bewaartermijnen op"),
}

UNKNOWN: dict[str, Any] = {"unknown": _("onbekend"), "cases": _("met dossiers"), "creditors": _("met schuldeisers")}

RESULTS = {Result.DONE: _("gedaan"), Result.REFUSED: _("geweigerd")}

FIELDS = feature_words.FIELDS | {
    "answer_by": _("laatste dag"),
    "called_on": _("gebeld op"),
    "virus": _("virus"),
    "chosen": _("naar de rechter"),
    "paused_on": _("klok staat stil sinds"),
    "happened_on": _("dag"),
    "notice": _("kennisgeving"),
    "pause_until": _("pauze tot en met"),
    "source": _("gemeld door"),
    "total_cents": _("saldo"),
    "requests": _("saldoverzoeken"),
    "obstacle": _("beletsel"),
    "late": _("te laat"),
    "ground": _("reden"),
    "costs_cents": _("incassokosten"),
    "correction": _("besluit"),
    "closes_on": _("sluit op"),
    "agent": _("incassopartij"),
    "agent_id": _("incassopartij"),
    "agent_reference": _("referentie incassopartij"),
    "answered_by": _("hoe"),
    "available_cents": _("beschikbaar bedrag"),
    "bailiff_id": _("deurwaarder"),
    "bailiff_reference": _("referentie deurwaarder"),
    "balance": _("saldo"),
    "begun": _("begonnen op"),
    "birth_date": _("geboortedatum"),
    "branch": _("branche"),
    "bsn": _("BSN"),
    "calculated_on": _("dag van de berekening"),
    "case": _("dossier"),
    "cases changed": _("dossiers gewijzigd"),
    "cases new": _("dossiers nieuw"),
    "cases rejected": _("dossiers afgewezen"),
    "cases unchanged": _("dossiers ongewijzigd"),
    "changed": _("gewijzigd"),
    "children": _("aantal kinderen"),
    "city": _("plaats"),
    "claims changed": _("vorderingen gewijzigd"),
    "claims new": _("vorderingen nieuw"),
    "claims rejected": _("vorderingen afgewezen"),
    "claims unchanged": _("vorderingen ongewijzigd"),
    "claims": _("vorderingen"),
    "closed_on": _("gesloten op"),
    "consent": _("akkoord vooraf"),
    "contact": _("contactpersoon"),
    "creditor_id": _("schuldeiser"),
    "email": _("e-mailadres"),
    "ends_on": _("laatste dag"),
    "entrepreneur": _("ondernemer"),
    "events": _("gebeurtenissen"),
    "extra_cents": _("extra inleg"),
    "filters": _("filters"),
    "form": _("vorm"),
    "fraud": _("fraude"),
    "given_name": _("roepnaam"),
    "house_number": _("huisnummer"),
    "household": _("leefsituatie"),
    "iban": _("rekeningnummer"),
    "identity": _("inlog"),
    "income_cents": _("inkomen"),
    "initials": _("voorletters"),
    "is_bailiff": _("is deurwaarder"),
    "issuer": _("inlogdienst"),
    "joined_on": _("doet mee sinds"),
    "kind": _("soort"),
    "kvk": _("KvK-nummer"),
    "last_settlement_on": _("einde eerdere regeling"),
    "made_at": _("gemaakt op"),
    "mode": _("hoe mail komt"),
    "muted": _("uitgezet"),
    "hour": _("uur"),
    "name": _("naam"),
    "new": _("nieuw"),
    "origin": _("herkomst"),
    "phone": _("telefoonnummer"),
    "postcode": _("postcode"),
    "product": _("product"),
    "programme": _("programma"),
    "provider": _("inlogdienst"),
    "rank": _("rang"),
    "reason": _("reden"),
    "reference": _("referentie"),
    "refs": _("welke"),
    "rejected": _("afgewezen"),
    "reminders": _("herinneringen"),
    "reminded_on": _("herinnerd op"),
    "reported_cents": _("aangemeld"),
    "rests": _("gegevens rusten"),
    "role": _("rol"),
    "rows": _("regels"),
    "second_factor": _("tweede stap"),
    "security_cents": _("zekerheid"),
    "settlement_known": _("eerdere regeling bekend"),
    "since": _("sinds"),
    "started_on": _("startdatum"),
    "starts_on": _("eerste dag"),
    "state": _("stand"),
    "stated_cents": _("opgegeven saldo"),
    "stated_on": _("opgegeven op"),
    "step": _("stap"),
    "street": _("straat"),
    "subject": _("onderwerp"),
    "surname": _("achternaam"),
    "team": _("buurtteam"),
    "terms_hash": _("kenmerk van de tekst"),
    "unchanged": _("ongewijzigd"),
    "version": _("versie"),
    "vtlb_cents": _("vtlb"),
}

AMOUNTS = frozenset({"balance"})  # fields in cents whose name does not say so
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SHOWN = 200  # signs of a value in a list; the page of the event shows all


def action(code: str) -> str:
    """Return the words of an action; one without words is shown as it was kept."""
    return str(ACTIONS.get(code, code))


def subject(text: str, name: str = "") -> str:
    """Write `offer/A-7K3M-9QX2` as people say it, a person by its name; without a part behind the slash the group says it."""
    kind, _slash, key = text.partition("/")
    name = name or UNKNOWN.get(key, key)
    return f"{SUBJECTS.get(kind, kind)} {name}" if name else str(GROUPS.get(kind, kind)).lower()


def field(change: Change) -> str:
    """Return the words of a field, with the claim that it is of."""
    words = str(FIELDS.get(change.field, change.field))
    return f"{_('vordering %(number)s', number=change.claim)}: {words}" if change.claim else words


def value(change: Change, text: str | None) -> str:
    """Write a value as people read it: an amount, a day, a word."""
    if text is None:
        return "–"
    if (change.field.endswith("_cents") or change.field in AMOUNTS) and text.lstrip("-").isdigit():
        return euro(int(text))
    if DAY.fullmatch(text):
        return day(date.fromisoformat(text))
    return str(VALUES[text]) if text in VALUES else text


def difference(change: Change) -> str:
    """Write a change in one line: `stand: open → geaccepteerd`, or what came new."""
    new = value(change, change.new)
    return f"{field(change)}: {new}" if change.old is None else f"{field(change)}: {value(change, change.old)} → {new}"


def differences(changes: Iterable[Change]) -> list[str]:
    """Write the changes of an event that say something, each at most SHOWN signs long."""
    told = [difference(change) for change in changes if change.old is not None or change.new is not None]
    return [text if len(text) <= SHOWN else f"{text[:SHOWN]}…" for text in told]


def choices(groups: Iterable[str]) -> list[tuple[str, str]]:
    """Return what a list can be narrowed to: each group as a whole, and the actions in it."""
    found: list[tuple[str, str]] = []
    for group in groups:
        words = str(GROUPS[group])
        found.append((f"{group}:", words))
        found += sorted((code, f"{words}: {text}") for code, text in ACTIONS.items() if code.startswith(f"{group}:"))
    return found


def result(text: str) -> str:
    """Return the words of a result."""
    return str(RESULTS[Result(text)]) if text in set(Result) else text
