"""What the portal says about consents: clauses, limits, what an offer showed, outcomes, and a sentence for each refusal."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import flask_babel
from flask_babel import lazy_gettext as _

from app.accounts.words import REFUSALS as ACCOUNTS
from app.consents.overview_queries import Standing
from app.consents.rules import NEVER, ClauseRow, Clauses, Effect, Product, State, shown
from app.web import day, euro, pct

REFUSALS = {
    "consents.no_clauses": _("Kies ten minste één voorwaarde. Zonder voorwaarden zou u elk aanbod accepteren."),
    "consents.no_products": _("Kies ten minste één soort regeling."),
    "consents.zero_offer_listed_but_refused": _(
        "U noemt het nul-aanbod bij de soorten regeling, maar hier accepteert u het niet. Verander een van de twee."
    ),
    "consents.zero_offers_welcome_but_not_listed": _(
        "U accepteert een nul-aanbod bij bepaling 2. Kies het dan ook bij de soorten regeling."
    ),
    "consents.zero_offers_left_open": _(
        "Kies of u een nul-aanbod accepteert. Anders zou u ook akkoord gaan met een aanbod waarbij u niets krijgt."
    ),
    "consents.percentage_above_100": _("Kies een percentage van 0 tot en met 100."),
    "consents.share_outside_0_to_100": _("Kies een percentage boven 0, tot en met 100."),
    "consents.nothing_small_enough": _("Kies een bedrag boven € 0, anders is geen vordering klein genoeg."),
    "consents.months_outside_1_to_60": _("Kies een looptijd van 1 tot en met 60 maanden."),
    "consents.ends_before_it_begins": _("De laatste dag ligt vóór de eerste. Kies een latere laatste dag."),
    "consents.starts_too_early": _("Kies morgen of een latere dag. Voor aanbiedingen van vandaag geldt de versie van nu."),
    "consents.not_signed": _("Deze versie is niet ondertekend. Er valt niets in te trekken."),
    "consents.ended": _("Deze versie is al beëindigd. Er is niets veranderd."),
    "consents.ends_in_past": _("Kies vandaag of een latere dag. Antwoorden die al gegeven zijn, blijven staan."),
    "consents.reason_missing": _("Schrijf kort waarom u het akkoord intrekt."),
    "accounts.wait": ACCOUNTS["accounts.wait"],
    "accounts.passkey_wrong": ACCOUNTS["accounts.passkey_wrong"],
    "accounts.code_wrong": _("Deze code klopt niet of is al gebruikt. Wacht op de volgende code in uw inlog-app en vul die in."),
    "money.negative": _("Vul een getal van 0 of meer in."),
    "money.too_many_decimals": _("Vul een bedrag met ten hoogste twee cijfers achter de komma in."),
    "money.unreadable": _("Dit is geen bedrag. Schrijf het als 1.234,56."),
    "money.too_large": _("Dit bedrag is te hoog."),
    "money.percentage_unreadable": _("Dit is geen percentage. Schrijf het als 7,50."),
    "consents.not_whole": _("Dit is geen heel getal. Gebruik alleen cijfers."),
}

PRODUCTS = {
    Product.RESTRUCTURING_LOAN: _("saneringskrediet"),
    Product.DEBT_MEDIATION: _("schuldbemiddeling"),
    Product.ZERO_OFFER: _("nul-aanbod"),
    Product.YOUTH_LOAN: _("jongerenkrediet (JSS)"),
    Product.REFINANCING: _("herfinanciering"),
}
STATES = {
    State.DRAFT: _("concept"),
    State.SIGNED: _("ondertekend"),
    State.WITHDRAWN: _("ingetrokken"),
    State.REPLACED: _("vervangen"),
    State.EXPIRED: _("verlopen"),
}
STANDINGS = {
    Standing.EXPIRING: _("loopt af"),
    Standing.IN_FORCE: _("geldt"),
    Standing.COMING: _("gaat nog in"),
    Standing.ENDED: _("geëindigd"),
    Standing.NONE: _("geen akkoord"),
}
EFFECTS = {
    Effect.ACCEPT: _("accepteren wij meteen"),
    Effect.PREPARE: _("zetten wij klaar, een collega bevestigt"),
}
CLAUSES = {
    "products": _("Soort regeling"),
    "zero_offers": _("Nul-aanbod"),
    "min_percentage": _("Laagste percentage"),
    "max_claim_cents": _("Hoogste vordering"),
    "max_share": _("Deel van alle schulden"),
    "max_months": _("Looptijd"),
    "entrepreneurs": _("Ondernemer"),
    "requires_guidance": _("Begeleiding"),
    "years_since_settlement": _("Eerdere regeling"),
    "balance_tolerance": _("Verschil in saldo"),
    "fraud": _("Fraude of boete"),
    "valid_from": _("Eerste dag"),
    "valid_until": _("Laatste dag"),
    "obstacle": _("Beletsel bij het saldo"),
}
NUMBERS = {name: number for number, name in enumerate(CLAUSES, 1)}  # the number under which the page shows a clause
MISSED = {
    "products": _("andere soort regeling"),
    "zero_offers": _("nul-aanbod"),
    "min_percentage": _("percentage te laag"),
    "max_claim_cents": _("vordering te hoog"),
    "max_share": _("deel van de schulden te groot"),
    "max_months": _("looptijd te lang"),
    "entrepreneurs": _("ondernemer, of niet bekend"),
    "requires_guidance": _("begeleiding niet geregeld of niet bekend"),
    "years_since_settlement": _("eerdere regeling te kort geleden of niet bekend"),
    "balance_tolerance": _("saldo verschilt te veel of is niet opgegeven"),
    "fraud": _("fraude of boete"),
    "valid_from": _("vóór de eerste dag"),
    "valid_until": _("na de laatste dag"),
    "obstacle": _("beletsel genoemd bij het saldo"),
}


def gettext(sentence: str, **facts: object) -> str:
    """Return a sentence in the reader's language as plain text."""
    return str(flask_babel.gettext(sentence, **facts))


def ngettext(one: str, many: str, number: int) -> str:
    """Return a sentence for one or for many."""
    return str(flask_babel.ngettext(one, many, number))


# ── one offer beside the consent ─────────────────────────────────────────────


def clause_rows(rows: Iterable[ClauseRow]) -> list[tuple[int, str, str, str, bool, str]]:
    """Put the rows of an assessment in words: number, clause, limit, what the offer showed, whether it fits, and how it came out."""
    return [
        (
            NUMBERS[row.clause],
            str(CLAUSES[row.clause]),
            limit(row.clause, row.required),
            value(row.clause, row.actual),
            row.met,
            outcome(row),
        )
        for row in rows
    ]


def limit(clause: str, required: Any) -> str:
    """Say what a clause asks, as its value stands in JSON."""
    return _LIMITS[clause](required)


def value(clause: str, actual: Any) -> str:
    """Say what an offer showed beside a clause."""
    if actual is None:
        return gettext("niet bekend")
    return _VALUES[clause](actual)


def outcome(row: ClauseRow) -> str:
    """Say how an offer came out at one clause: it fits, by how much not, or why not."""
    if row.met:
        return gettext("past")
    if row.actual is None:
        return gettext("niet bekend, dus niet gedekt")
    gap = _GAPS.get(row.clause)
    return gap(row.required, row.actual) if gap else str(MISSED[row.clause])


def _listed(products: Iterable[str]) -> str:
    words = [str(PRODUCTS[Product(product)]) for product in products]
    if len(words) < 2:
        return "".join(words) or gettext("geen")
    return gettext("%(first)s of %(last)s", first=", ".join(words[:-1]), last=words[-1])


def _months(number: int) -> str:
    return ngettext("%(num)s maand", "%(num)s maanden", number)


def _years(number: int) -> str:
    return ngettext("ten minste %(num)s jaar geleden", "ten minste %(num)s jaar geleden", number) if number else gettext("geen bezwaar")


def _choice(yes: Any, no: Any) -> Callable[[Any], str]:
    return lambda value: str(yes if value else no)


def _day(text: str | None) -> str:
    return day(date.fromisoformat(text)) if text else gettext("tot nader bericht")


def _points(sentence: Any) -> Callable[[Any, Any], str]:
    return lambda required, actual: str(sentence) % {"points": _comma(abs(Decimal(actual) - Decimal(required)))}


def _comma(points: Decimal) -> str:
    return pct(f"{points:.2f}").removesuffix("%")


_LIMITS: dict[str, Callable[[Any], str]] = {
    "products": _listed,
    "zero_offers": _choice(_("accepteren wij ook"), _("accepteren wij niet")),
    "min_percentage": lambda least: gettext("ten minste %(limit)s", limit=pct(least)),
    "max_claim_cents": lambda most: gettext("ten hoogste %(limit)s", limit=euro(most)),
    "max_share": lambda most: gettext("ten hoogste %(limit)s", limit=pct(most)),
    "max_months": lambda most: gettext("ten hoogste %(limit)s", limit=_months(most)),
    "entrepreneurs": _choice(_("ook ondernemers"), _("geen ondernemers")),
    "requires_guidance": _choice(_("is geregeld"), _("hoeft niet, wel bekend")),
    "years_since_settlement": _years,
    "balance_tolerance": lambda most: gettext("ten hoogste %(limit)s", limit=pct(most)),
    "fraud": lambda _: gettext("beantwoorden wij zelf"),
    "obstacle": lambda _: gettext("beantwoorden wij zelf"),
    "valid_from": lambda first: gettext("vanaf %(day)s", day=_day(first)),
    "valid_until": lambda last: gettext("tot en met %(day)s", day=_day(last)) if last else gettext("tot nader bericht"),
}
_VALUES: dict[str, Callable[[Any], str]] = {
    "products": lambda product: str(PRODUCTS[Product(product)]),
    "zero_offers": _choice(_("is een nul-aanbod"), _("geen nul-aanbod")),
    "min_percentage": pct,
    "max_claim_cents": euro,
    "max_share": pct,
    "max_months": _months,
    "entrepreneurs": _choice(_("ondernemer"), _("geen ondernemer")),
    "requires_guidance": _choice(_("geregeld"), _("niet geregeld")),
    "years_since_settlement": lambda last: gettext("laatste op %(day)s", day=_day(last)),
    "balance_tolerance": pct,
    "fraud": _choice(_("gemeld"), _("niet gemeld")),
    "obstacle": _choice(_("genoemd"), _("niet genoemd")),
    "valid_from": _day,
    "valid_until": _day,
}
_GAPS: dict[str, Callable[[Any, Any], str]] = {
    "min_percentage": _points(_("%(points)s punt te laag")),
    "max_share": _points(_("%(points)s punt te hoog")),
    "balance_tolerance": _points(_("%(points)s punt te veel")),
    "max_claim_cents": lambda required, actual: gettext("%(amount)s te hoog", amount=euro(actual - required)),
    "max_months": lambda required, actual: gettext("%(months)s te lang", months=_months(actual - required)),
    "years_since_settlement": lambda _required, _actual: gettext("te kort geleden"),
    "entrepreneurs": lambda _required, _actual: gettext("ondernemer"),
    "requires_guidance": lambda _required, _actual: gettext("begeleiding niet geregeld"),
}


# ── a version in words ───────────────────────────────────────────────────────


def terms(clauses: Clauses, effect: Effect) -> list[tuple[int, str, str]]:
    """Say each clause that a version has, with its number, and what an offer gets that it covers."""
    said = {name: limit(name, shown(asked)) for name in CLAUSES if (asked := getattr(clauses, name, None)) is not None}
    said |= {name: limit(name, None) for name in NEVER}  # stands in every consent
    rows = [(NUMBERS[name], str(CLAUSES[name]), said[name]) for name in CLAUSES if name in said]
    return [*rows, (len(NUMBERS) + 1, gettext("Een gedekt aanbod"), str(EFFECTS[effect]))]


def was(clauses: Clauses, before: Clauses | None, version: int | None, more: Mapping[str, int]) -> dict[str, str]:
    """Say for each clause that differs what it was in the version before, and what the change does to the offers of a year."""
    return {name: " ".join(_was(name, before, version, more)) for name in changed(clauses, before)} if before else {}


def _was(name: str, before: Clauses, version: int | None, more: Mapping[str, int]) -> Iterable[str]:
    old = getattr(before, name)
    if old is None:
        yield gettext("Stond niet in versie %(version)s.", version=version)
    else:
        yield gettext("Was %(limit)s in versie %(version)s.", limit=limit(name, shown(old)), version=version)
    if (number := more.get(name, 0)) > 0:
        yield ngettext("Daardoor is er %(num)s aanbod meer gedekt.", "Daardoor zijn er %(num)s aanbiedingen meer gedekt.", number)
    elif number < 0:
        yield ngettext("Daardoor is er %(num)s aanbod minder gedekt.", "Daardoor zijn er %(num)s aanbiedingen minder gedekt.", -number)


def changed(clauses: Clauses, before: Clauses) -> list[str]:
    """Name the clauses that differ."""
    return [name for name in CLAUSES if name not in NEVER and getattr(clauses, name) != getattr(before, name)]


def changes(clauses: Clauses, before: Clauses | None, effects: tuple[Effect, Effect | None]) -> str:
    """Say in one sentence what changed from the version before."""
    if before is None:
        return gettext("eerste versie")
    said = [_change(name, getattr(clauses, name), getattr(before, name)) for name in changed(clauses, before)]
    if effects[0] is not effects[1]:
        said.append(gettext("een gedekt aanbod %(effect)s", effect=EFFECTS[effects[0]]))
    return "; ".join(said) or gettext("niets")


def _change(name: str, new: Any, old: Any) -> str:
    clause = str(CLAUSES[name]).lower()
    if old is None:
        return gettext("%(clause)s toegevoegd: %(new)s", clause=clause, new=limit(name, shown(new)))
    if new is None:
        return gettext("%(clause)s vervallen", clause=clause)
    return gettext("%(clause)s van %(old)s naar %(new)s", clause=clause, old=limit(name, shown(old)), new=limit(name, shown(new)))


def month(first_day: date) -> str:
    """Write a month as `juni 2025`."""
    return day(first_day).partition(" ")[2]


def share(part: int, whole: int) -> str:
    """Write part of whole as a whole percentage."""
    return f"{round(part * 100 / whole)}%" if whole else "–"


def missed_words(missed: Iterable[tuple[str, int]]) -> list[tuple[str, str, int]]:
    """Say why offers were not covered: the clause's name, its number and words, and how many."""
    return [(name, f"{NUMBERS[name]}. {MISSED[name]}", number) for name, number in missed]


FORM_ERRORS: Mapping[str, Any] = {
    "day": _("Dit is geen dag. Kies een dag in de kalender."),
    "out_of_bounds": _("Deze waarde is te groot om af te spreken."),
    "not_a_date": _("Kies een dag van 1900 tot en met 2199."),
    "agreed": _("Zet hier een vinkje voordat u tekent."),
    "code": _("Vul de code van 6 cijfers uit uw inlog-app in."),
}
