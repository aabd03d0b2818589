"""What the letter that asks for a balance says, in Dutch: from the facts of one request to the blocks of its letter. Pure.

Creditors get their letters in Dutch, so the words stand here and in no catalogue.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.documents.blocks import Aside, Block, Box, Cell, Choice, CodeBox, Columns, Heading, Letter, Paragraph, Sender, Slip
from app.documents.dutch import HARD, day, euro, listed, short_day
from app.documents.letterhead import KREDIETBANK
from app.money import Cents

PHONE = f"020{HARD}555{HARD}01{HARD}00"


@dataclass(frozen=True)
class BalanceLetter:
    """Everything that the letter tells; `portal` is the address without its scheme, `agent_for` the creditor of whoever collects."""

    ref: str
    case_ref: str
    written_on: date
    recipient: tuple[str, ...]
    reference: str
    client_name: str
    client_birth_date: date
    client_address: str
    reported_cents: Cents
    answer_by: date
    remind_on: tuple[date, ...]
    closes_on: date
    code: str
    portal: str
    agent_for: str = ""
    has_new_code: bool = False


def balance_letter(asked: BalanceLetter, sender: Sender = KREDIETBANK) -> Letter:
    """Compose the letter about one request, on one page with the strip to send back."""
    return Letter(
        title=f"Wij vragen uw saldo op {asked.client_name} ({asked.ref})",
        subject=f"Saldoverzoek, dossier {asked.case_ref}",
        written_on=asked.written_on,
        sender=sender,
        recipient=asked.recipient,
        references=(
            ("Datum", day(asked.written_on)),
            ("Ons kenmerk", asked.ref),
            ("Uw kenmerk", asked.reference or "niet bekend"),
            ("Dossier", asked.case_ref),
        ),
        blocks=tuple(_blocks(asked)),
        foot=(f"{sender.department}, dossier {asked.case_ref}", f"Controlecode {asked.ref}"),
    )


def _blocks(asked: BalanceLetter) -> Iterator[Block]:
    yield Heading(f"Wij vragen uw saldo op {asked.client_name}", level=1)
    yield Paragraph(_opening(asked))
    yield Box(
        (
            Cell("Bij ons aangemeld", euro(asked.reported_cents)),
            Cell("Antwoord uiterlijk op", day(asked.answer_by), "met uw account of uw code"),
            Cell("De ronde sluit op", day(asked.closes_on), "daarna telt het aangemelde bedrag"),
        )
    )
    yield Heading("Zo antwoordt u")
    account = f"Log in op {asked.portal} en zoek ons kenmerk."
    code = f"Ga naar {asked.portal}/answer en vul de code in. De code werkt tot en met {day(asked.closes_on)}."
    yield Columns((("Met een account", account), ("Met de code, zonder account", code)))
    yield CodeBox("Uw code", asked.code, "Noem hoofdsom, rente en incassokosten, of waarom u niet meewerkt.")
    if asked.has_new_code:
        yield Paragraph("Dit is een nieuwe brief met een nieuwe code. De code op de brief hiervoor werkt niet meer.")
    yield Paragraph(_terms(asked))
    yield Aside(
        "Vragen, of twijfelt u of deze brief echt is?",
        f"Bel ons: {PHONE}, op werkdagen van 9.00 tot 17.00 uur. Of ga naar {asked.portal}/verify met de controlecode onder aan deze "
        "bladzijde.",
    )
    yield _slip()


def _opening(asked: BalanceLetter) -> str:
    whose = f" Wij schrijven u omdat u incasseert voor {asked.agent_for}." if asked.agent_for else ""
    return (
        f"Onze cliënt {asked.client_name}, geboren op {day(asked.client_birth_date)}, {asked.client_address}, heeft schulden "
        f"en vroeg ons om hulp. Wij maken een schuldregeling en vragen u wat er vandaag openstaat.{whose}"
    )


def _terms(asked: BalanceLetter) -> str:
    reminders = listed([short_day(on) for on in asked.remind_on])
    return (
        f"Wij sturen een herinnering op {reminders} als wij dan nog niets weten. Wat na {day(asked.closes_on)} komt, telt niet meer mee: "
        "dan geldt het bedrag dat bij ons is aangemeld. Gaf u ons vooraf akkoord en staat bij deze vordering iets in de weg, zoals "
        "fraude of een geschil? Noem het nu, bij uw saldo: later kan dat niet meer."
    )


def _slip() -> Slip:
    choices = (
        Choice("Hoofdsom, rente en incassokosten in €", blank=True),
        Choice("Wij werken niet mee, want", blank=True),
        Choice("Beletsel voor ons akkoord vooraf", blank=True),
    )
    return Slip("Lukt online niet? Stuur deze strook terug", choices, ("Naam", "Datum", "Handtekening"))
