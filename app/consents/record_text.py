"""What the signed record of a standing consent says, in Dutch: from the version as signed to the blocks of its document.

Pure. Every clause stands in it with its limit in words, so that the record can be read without the portal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.consents.rules import OPEN_END, Clauses, Effect, Product
from app.documents.blocks import Aside, Block, Facts, Heading, Letter, Paragraph, Row, Sender, Signatures, Signer, Table
from app.documents.dutch import day, euro, listed, percent
from app.documents.letterhead import KREDIETBANK

PRODUCTS: dict[Product, str] = {
    Product.RESTRUCTURING_LOAN: "saneringskrediet",
    Product.DEBT_MEDIATION: "schuldbemiddeling",
    Product.ZERO_OFFER: "nul-aanbod",
    Product.YOUTH_LOAN: "jongerenkrediet",
    Product.REFINANCING: "herfinanciering",
}
EFFECTS: dict[Effect, str] = {
    Effect.ACCEPT: "Een voorstel dat aan alle voorwaarden voldoet, is meteen aanvaard.",
    Effect.PREPARE: "Een voorstel dat aan alle voorwaarden voldoet, staat klaar. Een medewerker van de schuldeiser bevestigt het.",
}


@dataclass(frozen=True)
class Version:
    """One of the versions there are, as the list of versions shows it."""

    number: int
    state: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class ConsentRecord:
    """A version of a standing consent as it was signed, and all versions there are. `signed_at` is the time in Amsterdam."""

    ref: str
    version: int
    creditor: str
    clauses: Clauses
    effect: Effect
    starts_on: date
    signed_by: str
    signer_function: str
    signed_at: datetime
    second_factor: str
    terms_hash: str
    versions: tuple[Version, ...]


def consent_record(record: ConsentRecord, sender: Sender = KREDIETBANK) -> Letter:
    """Compose the record of a signed version."""
    return Letter(
        title=f"Akkoord vooraf {record.ref}, versie {record.version}",
        subject=f"Akkoord vooraf van {record.creditor}",
        written_on=record.signed_at.date(),
        sender=sender,
        references=(
            ("Schuldeiser", record.creditor),
            ("Kenmerk", f"{record.ref}, versie {record.version}"),
            ("Geldt voor voorstellen vanaf", day(record.starts_on)),
        ),
        blocks=tuple(_blocks(record)),
        foot=(f"{sender.department}, {record.ref}, versie {record.version}", ""),
    )


def _blocks(record: ConsentRecord) -> Iterator[Block]:
    yield Heading(f"Akkoord vooraf van {record.creditor}", level=1)
    yield Paragraph(
        "Met dit akkoord stemt de schuldeiser vooraf in met voorstellen van de Kredietbank die aan alle voorwaarden hieronder voldoen. "
        "Een voorstel dat aan één voorwaarde niet voldoet, of waarvan een gegeven niet bekend is, beantwoordt de schuldeiser zelf. "
        "Vorderingen door fraude vallen nooit onder dit akkoord, en vorderingen met een beletsel dat bij het saldo is genoemd ook niet."
    )
    yield Paragraph(EFFECTS[record.effect])
    yield Heading("Voorwaarden")
    yield Table(("Voorwaarde", "Grens"), tuple(Row(row) for row in _terms(record.clauses)), (1, 1.6), numeric=False)
    yield Paragraph(
        "De schuldeiser kan dit akkoord intrekken voor voorstellen die daarna komen. Antwoorden die al gegeven zijn, blijven staan."
    )
    yield Heading("Ondertekening")
    yield Facts(_signing(record))
    yield Signatures((Signer(f"Namens {record.creditor}", record.signed_by, record.signer_function, "digitaal ondertekend"),))
    yield Heading("Versies")
    yield Table(("Versie", "Stand", "Vanaf", "Tot"), tuple(map(_version, record.versions)), (1, 1.6, 1.6, 1.6), numeric=False)
    yield Aside(
        "Vaststellen dat de tekst niet is veranderd",
        f"De voorwaarden hebben deze controlesom (SHA-256): {record.terms_hash}. "
        f"Het portaal toont bij versie {record.version} dezelfde som.",
    )


def _signing(record: ConsentRecord) -> tuple[tuple[str, str], ...]:
    at = record.signed_at
    return (
        ("Ondertekend door", f"{record.signed_by}, {record.signer_function}"),
        ("Op", f"{day(at.date())} om {at:%H.%M} uur"),
        ("Vastgesteld met", f"wachtwoord en {record.second_factor}"),
    )


def _version(version: Version) -> Row:
    first = day(version.starts_on) if version.starts_on else "–"
    last = day(version.ends_on) if version.ends_on else "–"
    return Row((str(version.number), version.state, first, last))


# ── the clauses in words ─────────────────────────────────────────────────────


def _terms(clauses: Clauses) -> Iterator[tuple[str, str]]:
    """Say each clause that the consent has, in the order of the contract."""
    for name, (title, limit) in WORDS.items():
        if (value := getattr(clauses, name)) is not None:
            yield title, limit(value)


def _either(yes: str, no: str) -> Callable[[bool], str]:
    return lambda value: yes if value else no


def _products(chosen: frozenset[Product]) -> str:
    return listed([word for product, word in PRODUCTS.items() if product in chosen]) or "geen"


def _years(years: int) -> str:
    if not years:
        return "een eerdere regeling is geen bezwaar"
    return f"een eerdere regeling is minstens {years} jaar geleden, of er was er geen"


def _until(last: date) -> str:
    return "tot nader bericht" if last == OPEN_END else f"tot en met {day(last)}"


WORDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "products": ("Soorten regeling", _products),
    "zero_offers": ("Nul-aanbod", _either("ja, ook zonder betaling", "nee, een nul-aanbod beantwoordt de schuldeiser zelf")),
    "min_percentage": ("Laagste percentage", lambda least: f"minstens {percent(str(least))} van de vordering (niet bij een nul-aanbod)"),
    "max_claim_cents": ("Hoogste vordering", lambda most: f"tot en met {euro(most)}"),
    "max_share": ("Deel van alle schulden", lambda most: f"ten hoogste {percent(str(most))} van de schulden die meedoen"),
    "max_months": ("Looptijd", lambda most: f"ten hoogste {most} maanden"),
    "entrepreneurs": ("Ondernemers", _either("ja, ook ondernemers", "nee, alleen mensen zonder onderneming")),
    "requires_guidance": ("Begeleiding", _either("is nodig", "is niet nodig")),
    "years_since_settlement": ("Eerdere regeling", _years),
    "balance_tolerance": ("Verschil in saldo", lambda most: f"ten hoogste {percent(str(most))} tussen het saldo en de eigen opgave"),
    "valid_from": ("Begindatum", lambda first: f"voorstellen vanaf {day(first)}"),
    "valid_until": ("Einddatum", _until),
}
