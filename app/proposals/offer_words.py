"""What the portal says to creditors about their offers: a sentence for each code. Dutch here, English in the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.consents.rules import Product
from app.counts import number
from app.money import amount
from app.proposals.inbox_parties import CreditorChoice
from app.proposals.inbox_queries import Counts, InboxRow
from app.proposals.lifecycle import AnsweredBy, OfferState, RejectReason
from app.speech import language
from app.web import MONTHS, day, escaped

REFUSALS = {
    "proposals.proposal_over": _("Dit voorstel is afgelopen. Uw antwoord is niet bewaard."),
    "proposals.answered_already": _("Dit aanbod heeft al een antwoord. Een antwoord dat gegeven is, blijft staan."),
    "proposals.answer_not_possible": _("Dit antwoord kan nu niet. Kies een ander antwoord."),
    "proposals.move_not_possible": _("Dit kan nu niet meer. Er is niets veranderd."),
    "proposals.words_missing": _("Schrijf hier in een paar woorden wat de Kredietbank moet weten."),
    "proposals.second_no_unexplained": _("U wijst voor de tweede keer af. Leg uit waarom; de Kredietbank en de rechter lezen dit."),
    "proposals.reason_unknown": _("Kies een reden uit de lijst."),
    "proposals.balance_missing": _("Vul uw saldo in, als een bedrag van 0 euro of meer."),
    "proposals.covered_by_consent": _(
        "Uw eigen akkoord vooraf dekt dit aanbod: het voldoet aan alle voorwaarden. Wilt u het toch afwijzen, zet dan een vinkje bij "
        "“Ik wijs toch af” en verstuur opnieuw."
    ),
    "proposals.covered_by_creditor": _(
        "Het akkoord vooraf van de schuldeiser dekt dit aanbod: het voldoet aan alle voorwaarden. Wilt u het toch afwijzen, zet dan een "
        "vinkje bij “Ik wijs toch af” en verstuur opnieuw."
    ),
    "proposals.name_missing": _("Vul uw naam in."),
    "proposals.code_unknown": _(
        "Met deze code kunt u niet antwoorden. Kijk of u hem goed overtypt. Is er al mee geantwoord, is hij ouder dan 60 dagen "
        "of is het voorstel gesloten, dan werkt hij niet meer. Vraag dan een nieuwe code aan per post."
    ),
    "proposals.code_locked": _(
        "Deze code is na tien verkeerde pogingen op slot. Vraag hieronder een nieuwe code aan per post, "
        "of bel de Kredietbank op 020 555 01 00."
    ),
    "proposals.nothing_to_verify": _("Kies het bestand van de brief, of vul de controlecode in."),
    "proposals.file_too_large": _("Dit bestand is groter dan %(megabytes)s MB. Onze brieven zijn veel kleiner."),
    "proposals.file_no_pdf": _("Dit is geen pdf-bestand. Kies de pdf zoals u die kreeg; een foto of scan kunnen wij niet vergelijken."),
    "proposals.new_code_wait": _("Er is te vaak een nieuwe code gevraagd. Probeer het over %(minutes)s minuten opnieuw."),
    "proposals.double_has_people": _("Bij %(name)s werken mensen in het portaal. Meld hen eerst af; er is niets samengevoegd."),
    "proposals.double_has_consent": _("Van %(name)s geldt een akkoord vooraf. Laat dat eerst intrekken; er is niets samengevoegd."),
    "proposals.not_with_agent": _(
        "Dit aanbod ligt niet (meer) bij een incassopartij, of er wordt niet meer op gewacht. Er is niets veranderd."
    ),
    "proposals.code_wait": _("Er zijn te veel verkeerde codes ingevuld. Probeer het over %(minutes)s minuten opnieuw."),
}

PRODUCTS = {
    Product.RESTRUCTURING_LOAN: _("Saneringskrediet"),
    Product.DEBT_MEDIATION: _("Schuldbemiddeling"),
    Product.ZERO_OFFER: _("Nul-aanbod"),
    Product.YOUTH_LOAN: _("Jongeren (JSS)"),
    Product.REFINANCING: _("Herfinanciering"),
}

STATES = {
    OfferState.OPEN: _("wacht op uw antwoord"),
    OfferState.PREPARED: _("klaargezet door uw akkoord vooraf"),
    OfferState.ACCEPTED: _("geaccepteerd"),
    OfferState.ACCEPTED_OTHER_BALANCE: _("geaccepteerd met ander saldo"),
    OfferState.REJECTED: _("afgewezen"),
    OfferState.RECONSIDERATION_ASKED: _("heroverweging gevraagd"),
    OfferState.ASKED_AGAIN: _("opnieuw aan u gevraagd"),
    OfferState.NO_RESPONSE: _("gesloten als ‘geen antwoord’"),
    OfferState.WITHDRAWN: _("ingetrokken"),
}
KINDS = {
    OfferState.PREPARED: "good",
    OfferState.ACCEPTED: "good",
    OfferState.ACCEPTED_OTHER_BALANCE: "good",
    OfferState.REJECTED: "bad",
    OfferState.NO_RESPONSE: "bad",
    OfferState.ASKED_AGAIN: "warn",
    OfferState.RECONSIDERATION_ASKED: "warn",
}

ANSWERED_BY = {
    AnsweredBy.CONSENT: _("door uw akkoord vooraf"),
    AnsweredBy.HAND: _("met de hand"),
    AnsweredBy.CODE: _("met de code van de brief"),
    AnsweredBy.FILE: _("met een bestand"),
    AnsweredBy.API: _("via een koppeling"),
}

REASONS = {
    RejectReason.PERCENTAGE_TOO_LOW: _("Het percentage is te laag"),
    RejectReason.NOT_THE_MAXIMUM: _("Dit is niet het hoogst haalbare"),
    RejectReason.RELAPSE_FEARED: _("Wij vrezen terugval"),
    RejectReason.FRAUD_OR_FINE: _("Fraude of boete"),
    RejectReason.UNEQUAL_TREATMENT: _("Niet alle schuldeisers zijn gelijk behandeld"),
    RejectReason.CLAIM_DISPUTED: _("De vordering wordt betwist"),
    RejectReason.POLICY: _("Ons beleid"),
    RejectReason.OTHER: _("Anders, leg uit"),
}

LETTERS = {
    "balance letter": _("brief met een saldoverzoek"),
    "offer letter": _("brief met een betaalvoorstel"),
    "standing consent": _("vastlegging van een akkoord vooraf"),
}

# Which clause kept an offer from being covered, in the few words that fit in a list.
NOT_COVERED = {
    "products": _("Product past niet"),
    "zero_offers": _("Nul-aanbod"),
    "min_percentage": _("Percentage onder %(limit)s"),
    "max_claim_cents": _("Vordering te hoog"),
    "max_share": _("Deel boven %(limit)s"),
    "max_months": _("Looptijd te lang"),
    "entrepreneurs": _("Ondernemer"),
    "requires_guidance": _("Begeleiding onbekend"),
    "years_since_settlement": _("Eerdere regeling"),
    "balance_tolerance": _("Saldo verschilt"),
    "valid_from": _("Voor de begindag"),
    "valid_until": _("Na de einddag"),
    "fraud": _("Fraude of boete"),
    "obstacle": _("Beletsel genoemd"),
}

LONG_WEEKDAYS = (_("Maandag"), _("Dinsdag"), _("Woensdag"), _("Donderdag"), _("Vrijdag"), _("Zaterdag"), _("Zondag"))
WEEKDAYS = (_("ma"), _("di"), _("wo"), _("do"), _("vr"), _("za"), _("zo"))

STATUSES = {
    "open": _("Wacht op antwoord"),
    "accepted": _("Geaccepteerd"),
    "rejected": _("Afgewezen of heroverweging"),
    "closed": _("Gesloten of ingetrokken"),
    "all": _("Alles"),
}
BY = {"agent": _("Onze incassopartij"), "own": _("Wij zelf")}
SORTS = {"last": _("laatste dag"), "claim": _("hoogste vordering"), "payment": _("hoogste aanbod")}


@dataclass(frozen=True)
class Shown:
    """The words and figures of a list in one language, looked up once for all rows of all lists."""

    language: str
    products: dict[Product, str]
    states: dict[OfferState, str]
    weekdays: tuple[str, ...]
    covered: str
    without: str
    today: str
    one_late: str
    late: str
    stands: str
    not_covered: dict[str, str]
    elsewhere: str
    reasons: tuple[tuple[str, str], ...]
    choices: dict[str, tuple[tuple[str, str], ...]]  # of the filters

    def cover(self, row: InboxRow) -> str:
        """Say whether the own consent covers an offer, or in a few words why not."""
        if row.is_covered:
            return self.covered
        if row.missed is None:
            return self.without if not row.has_consent else ""
        clause, limit = row.missed
        words = self.not_covered[clause]
        return words % {"limit": self.percentage(_short(limit))} if "%(" in words else words

    def due(self, row: InboxRow) -> tuple[str, str]:
        """Say by when an offer is to be answered, or its state, and how urgent that looks."""
        if not row.waits:
            return "", self.states[row.state]
        if row.clock_stands:
            return "", self.stands
        if row.days_left < 0:
            return "late", self.one_late if row.days_left == -1 else self.late % {"days": -row.days_left}
        return ("", self.weekday(row.answer_by)) if row.days_left else ("today", self.today)

    def lines(self, rows: list[InboxRow], names: dict[int, str]) -> list[tuple[str, ...]]:
        """Return the words of every row, escaped: their template escapes nothing. `names` are those of the colleagues."""
        return escaped([self.line(row, names) for row in rows])

    def line(self, row: InboxRow, names: dict[int, str]) -> tuple[str, ...]:
        """Return the words of one row in the order of the columns; before them what choosing the row needs, after them what is covered."""
        urgency, by = self.due(row)
        whose = names.get(row.assigned_id, self.elsewhere) if row.assigned_id else ""
        return (
            str(row.revision) if row.waits else "", str(row.payment_cents), str(row.claim_cents), row.ref, row.client,
            row.reference or row.ref, row.agent or row.creditor, self.products[row.product], self.money(row.claim_cents),
            self.money(row.payment_cents), self.percentage(row.percentage), self.cover(row), whose, urgency, by,
            "yes" if row.is_covered else "",
        )  # fmt: skip

    def weekday(self, value: date) -> str:
        """Write a day as `wo 17 juni`."""
        return f"{self.weekdays[value.weekday()]} {value.day} {MONTHS[self.language][value.month - 1]}"

    def money(self, cents: int) -> str:
        """Write cents as `1.234,56` (English: `1,234.56`)."""
        return amount(cents) if self.language == "nl" else f"{cents // 100:,}.{cents % 100:02d}"

    def percentage(self, text: str) -> str:
        """Write a percentage kept as `12.22` as people read it."""
        return f"{text.replace('.', ',') if self.language == 'nl' else text}%"


def shown() -> Shown:
    """Return the words of this request's language."""
    return _shown(language())


@cache
def _shown(language: str) -> Shown:
    """Look the words up once for each language: they do not change while the portal runs."""
    return Shown(
        language,
        {product: str(words) for product, words in PRODUCTS.items()},
        {state: str(words) for state, words in STATES.items()},
        tuple(str(words) for words in WEEKDAYS),
        str(gettext("Gedekt")),
        str(gettext("Geen akkoord vooraf")),
        str(gettext("vandaag")),
        str(gettext("1 dag te laat")),
        str(_("%(days)s dagen te laat")),
        str(gettext("klok staat stil")),
        {clause: str(words) for clause, words in NOT_COVERED.items()},
        str(gettext("elders")),
        _said(REASONS),
        {"product": _said(PRODUCTS), "status": _said(STATUSES), "sort": _said(SORTS), "by": _said(BY)},
    )


def _said(words: Mapping[Any, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), str(text)) for value, text in words.items())


def _short(limit: Any) -> str:
    """Leave out needless decimals: `10.00` is `10`."""
    text = str(limit)
    return text.rstrip("0").rstrip(".") if "." in text else text


def creditors(choices: Iterable[CreditorChoice]) -> list[tuple[str, str]]:
    """Return the creditors of an agent to choose from, each with how much waits there."""
    return [(one.code, one.name if one.waiting is None else f"{one.name} ({one.waiting})") for one in choices]


def waiting(today: date, counts: Counts) -> str:
    """Say what the day is, how much waits, and how much of it only needs confirming."""
    said = gettext(
        "%(day)s. Aanbiedingen die op uw antwoord wachten: %(open)s.", day=f"{LONG_WEEKDAYS[today.weekday()]} {day(today)}",
        open=number(counts.open),
    )  # fmt: skip
    if counts.prepared:
        said += " " + gettext("Klaargezet door uw akkoord vooraf: %(prepared)s.", prepared=number(counts.prepared))
    return str(said)
