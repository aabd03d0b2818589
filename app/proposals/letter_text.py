"""What the letter about an offer says, in Dutch: from the facts of one offer to the blocks of its letter.

Pure. Creditors get their letters in Dutch, so the words stand here and in no catalogue. A letter tells of the other creditors what
the proposal must tell (how many, what they are owed together, what each rank gets) and never who they are. A claim outside the
settlement gets no letter: nothing is offered on it.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache

from app.consents.rules import Product
from app.documents.blocks import (
    Aside,
    Bar,
    Block,
    Box,
    Cell,
    Choice,
    CodeBox,
    Columns,
    Heading,
    Letter,
    NewPage,
    Paragraph,
    Row,
    RowKind,
    Sender,
    Share,
    Signatures,
    Signer,
    Slip,
    Table,
)
from app.documents.dutch import HARD, day, euro, listed, percent, short_day
from app.documents.letterhead import KREDIETBANK
from app.money import Cents, amount
from app.proposals.letter_facts import Group, OfferLetter

PHONE = f"020{HARD}555{HARD}01{HARD}00"


def offer_letter(offer: OfferLetter, sender: Sender = KREDIETBANK) -> Letter:
    """Compose the letter about one offer: the offer and why on the first page, how to answer on the second."""
    return Letter(
        title=f"{_subject(offer)} ({offer.ref})",
        subject=f"Voorstel schuldregeling, dossier {offer.case_ref}",
        written_on=offer.written_on,
        sender=sender,
        recipient=offer.recipient,
        references=(
            ("Datum", day(offer.written_on)),
            ("Ons kenmerk", offer.ref),
            ("Uw kenmerk", offer.reference or "niet bekend"),
            ("Dossier", offer.case_ref),
        ),
        blocks=(*_proposal(offer), NewPage(), *_answering(offer)),
        foot=(f"{sender.department}, dossier {offer.case_ref}", f"Controlecode {offer.ref}"),
    )


def _subject(offer: OfferLetter) -> str:
    kind = "Aflossing van" if offer.is_paid_in_full else "Voorstel voor"
    return f"{kind} uw vordering op {offer.client_name}"


# ── the first page: what is offered, and why ─────────────────────────────────


def _proposal(offer: OfferLetter) -> Iterator[Block]:
    yield Heading(_subject(offer), level=1)
    yield Paragraph(f"Geboren op {day(offer.client_birth_date)}, {offer.client_address}", small=True)
    yield Paragraph("Beste schuldeiser," if not offer.agent_for else "Geachte heer of mevrouw,")
    yield Paragraph(_opening(offer))
    yield Box((_claim_cell(offer), _payment_cell(offer), _answer_cell(offer)))
    yield from _division(offer)
    yield Heading("Waarom wij dit voorstel doen")
    yield Paragraph(" ".join(_reasons(offer)))


def _opening(offer: OfferLetter) -> str:
    for_whom = f"U behandelt deze vordering voor {offer.agent_for}. " if offer.agent_for else ""
    return for_whom + OPENINGS.get(offer.product, OPENINGS[Product.RESTRUCTURING_LOAN]).format(client=offer.client_name)


OPENINGS: dict[Product, str] = {
    Product.RESTRUCTURING_LOAN: (
        "Onze cliënt {client} kan de schulden niet helemaal betalen en vroeg ons om hulp. "
        "Namens onze cliënt doen wij u een voorstel tegen finale kwijting."
    ),
    Product.ZERO_OFFER: (
        "Onze cliënt {client} kan de schulden niet betalen en vroeg ons om hulp. Er is nu niets om af te lossen, en er is geen bezit. "
        "Daarom vragen wij u en alle andere schuldeisers om finale kwijting zonder betaling."
    ),
    Product.REFINANCING: (
        "Onze cliënt {client} wil alle schulden helemaal betalen en vroeg ons om hulp. Wij nemen de schulden over in één lening. "
        "Wij vragen u alleen het bedrag te bevestigen waarmee uw vordering is voldaan."
    ),
}


def _claim_cell(offer: OfferLetter) -> Cell:
    secured = offer.balance_cents - offer.takes_part_cents
    note = f"doet mee: {euro(offer.takes_part_cents)}, want {euro(secured)} is gedekt door zekerheid" if secured else ""
    return Cell("Uw vordering", euro(offer.balance_cents), note)


def _payment_cell(offer: OfferLetter) -> Cell:
    label = "U ontvangt naar verwachting" if offer.is_forecast else "U ontvangt"
    notes = {
        Product.ZERO_OFFER: "tegen finale kwijting",
        Product.DEBT_MEDIATION: f"{percent(offer.percentage)}, in {offer.months} maanden",
    }
    return Cell(label, euro(offer.payment_cents), notes.get(offer.product, f"{percent(offer.percentage)}, in één keer"))


def _answer_cell(offer: OfferLetter) -> Cell:
    if offer.covered_by is not None:
        return Cell("Uw antwoord", "Akkoord", f"gegeven door uw akkoord vooraf, versie {offer.covered_by}")
    return Cell("Antwoord uiterlijk op", day(offer.answer_by), "met uw account of uw code")


def _division(offer: OfferLetter) -> Iterator[Block]:
    yield Heading("Om welke schulden het gaat" if offer.is_zero else "Zo wordt het bedrag verdeeld")
    yield Paragraph(" ".join(_explained(offer)))
    rows = _rows(offer)
    if offer.payment_cents:
        own = Share("Uw vordering", offer.payment_cents, own=True)
        yield Bar((*(Share(_group_name(group, offer), group.payment_cents) for group in _others(offer)), own))
    yield Table(("Schuldeisers", "Aantal", "Schuld €", "Krijgt %", "Krijgt €"), rows, (3.2, 1, 2, 1.6, 1.8))


def _others(offer: OfferLetter) -> list[Group]:
    return [group for group in offer.groups if group.count]


def _rows(offer: OfferLetter) -> tuple[Row, ...]:
    others = _others(offer)
    rows = [
        _row(_group_name(group, offer), group.count, group.claims_cents, percent(group.percentage), group.payment_cents) for group in others
    ]
    rows.append(_row("Uw vordering", 1, offer.takes_part_cents, percent(offer.percentage), offer.payment_cents, RowKind.OWN))
    claims = offer.takes_part_cents + sum(group.claims_cents for group in others)
    paid = offer.payment_cents + sum(group.payment_cents for group in others)
    rows.append(_row("Samen", 1 + sum(group.count for group in others), claims, "", paid, RowKind.TOTAL))
    return tuple(rows)


def _row(name: str, count: int, claims: Cents, percentage: str, paid: Cents, kind: RowKind = RowKind.PLAIN) -> Row:
    return Row((name, str(count), amount(claims), percentage, amount(paid)), kind)


def _group_name(group: Group, offer: OfferLetter) -> str:
    rank = "preferente" if group.preferential else "concurrente"
    return f"Andere {rank}" if group.preferential == offer.preferential else rank.capitalize()


def _explained(offer: OfferLetter) -> Iterator[str]:
    """Explain the product: where the money comes from and how it is divided."""
    yield from _SOURCES[offer.product](offer)
    if not (offer.is_zero or offer.is_paid_in_full):
        yield _ranks(offer)
        yield "Iedereen met dezelfde rang krijgt hetzelfde percentage."


def _ranks(offer: OfferLetter) -> str:
    preferential = [group.percentage for group in _others(offer) if group.preferential]
    preferential += [offer.percentage] if offer.preferential else []
    if not preferential:
        return "Er zijn geen preferente schuldeisers."
    if preferential[0] == "100.00":
        return "Preferente schuldeisers worden helemaal betaald. De rest is voor de concurrente schuldeisers."
    return "Preferente schuldeisers krijgen het dubbele percentage."


def _from_loan(offer: OfferLetter) -> Iterator[str]:
    if not offer.capacity_cents:
        yield f"Onze cliënt kan elke maand niets missen. Wel is er eenmalig {euro(offer.available_cents)}."
        yield "Dat betalen wij in één keer uit."
        return
    yield f"Onze cliënt kan {offer.months} maanden lang {euro(offer.capacity_cents)} per maand missen."
    yield f"Wij lenen nu wat dat waard is en betalen u daaruit{_with_extra(offer)}: samen {euro(offer.available_cents)}."


def _with_extra(offer: OfferLetter) -> str:
    return f", met {euro(offer.extra_cents)} extra inleg erbij" if offer.extra_cents else ""


def _from_youth_loan(offer: OfferLetter) -> Iterator[str]:
    yield "Dit voorstel hoort bij de aanpak Jongeren Schuldenvrije Start, voor mensen van 18 tot en met 26 jaar."
    yield f"Onze cliënt kan {offer.months} maanden lang {euro(offer.capacity_cents)} per maand missen. Wij lenen nu wat dat waard is."
    if offer.extra_cents:
        yield f"Voor de schuldeisers komt daar {euro(offer.extra_cents)} bij: samen {euro(offer.available_cents)}."
    yield "Haalt onze cliënt de stappen die wij samen afspreken, dan schelden wij de laatste termijnen kwijt."
    yield "Uw bedrag verandert daardoor niet."


def _from_saving(offer: OfferLetter) -> Iterator[str]:
    yield f"Onze cliënt spaart {offer.months} maanden lang elke maand {euro(offer.capacity_cents)}."
    if offer.extra_cents:
        yield f"Daar komt {euro(offer.extra_cents)} bij."
    if offer.fee_cents:
        yield f"Na {euro(offer.fee_cents)} kosten is er voor de schuldeisers {euro(offer.available_cents)}."
    else:
        yield f"Voor de schuldeisers is er {euro(offer.available_cents)}."
    yield "Dit is een verwachting: verandert het inkomen, dan verandert ook het bedrag. Extra inkomsten gaan helemaal naar de schuldeisers."


def _from_nothing(offer: OfferLetter) -> Iterator[str]:
    claims = offer.takes_part_cents + sum(group.claims_cents for group in _others(offer))
    count = 1 + sum(group.count for group in _others(offer))
    yield f"Er is één vordering, van {euro(claims)}." if count == 1 else f"Er zijn {count} vorderingen, samen {euro(claims)}."
    yield "Onze cliënt kan nu niets missen en sluit geen lening af."
    yield "Alle schuldeisers krijgen dezelfde vraag. Niemand wordt buiten dit voorstel om betaald."


def _from_refinancing(offer: OfferLetter) -> Iterator[str]:
    yield f"Wij lenen onze cliënt {euro(offer.available_cents)} en betalen daarmee alle schulden in één keer."
    yield f"Onze cliënt betaalt ons in {offer.months} maanden terug."


_SOURCES: dict[Product, Callable[[OfferLetter], Iterator[str]]] = {
    Product.RESTRUCTURING_LOAN: _from_loan,
    Product.YOUTH_LOAN: _from_youth_loan,
    Product.DEBT_MEDIATION: _from_saving,
    Product.ZERO_OFFER: _from_nothing,
    Product.REFINANCING: _from_refinancing,
}


def _reasons(offer: OfferLetter) -> Iterator[str]:
    if offer.is_paid_in_full:
        yield f"Het inkomen is {euro(offer.income_cents)} per maand. Onze cliënt kan daarvan de lening terugbetalen."
    else:
        yield (
            f"Meer is niet haalbaar. Het inkomen is {euro(offer.income_cents)} per maand. "
            f"Volgens de landelijke rekenmethode (vtlb) moet onze cliënt daarvan {euro(offer.vtlb_cents)} kunnen houden."
        )
    if offer.is_forecast and offer.reason:
        yield f"Wij kiezen voor schuldbemiddeling in plaats van een lening om deze reden: {offer.reason.rstrip('.')}."
    if offer.is_forecast:
        yield "Minstens één keer per jaar kijken wij opnieuw naar het inkomen en de schulden."
    if offer.guidance:
        yield "Onze cliënt krijgt begeleiding bij geld en administratie, zodat er geen nieuwe schulden ontstaan."


# ── the second page: how to answer, and what follows ─────────────────────────

HOW_TO_ANSWER = Heading("Zo antwoordt u")
AFTER_AGREEMENT = Heading("Na akkoord van alle schuldeisers")
GREETING = Paragraph("Met vriendelijke groet,")
CHOICES = "U kunt kiezen: akkoord, akkoord met een ander saldo, niet akkoord met een reden, of heroverweging vragen."
OTHER_CHOICES = (
    Choice("Akkoord, maar ons saldo is €", blank=True),
    Choice("Niet akkoord, reden:", blank=True),
    Choice("Wij vragen heroverweging van:", blank=True),
)


def _answering(offer: OfferLetter) -> Iterator[Block]:
    if offer.covered_by is None:
        yield from _ways_to_answer(offer)
    else:
        yield from _answered_already(offer)
    yield AFTER_AGREEMENT
    yield Paragraph(" ".join(_afterwards(offer)))
    yield GREETING
    yield _signatures(offer.drafted_by, offer.approved_by)
    yield _questions(offer.portal)
    if offer.covered_by is None:
        yield _slip(offer)


def _ways_to_answer(offer: OfferLetter) -> Iterator[Block]:
    yield HOW_TO_ANSWER
    yield _ways(offer.portal, offer.closes_on)
    yield CodeBox("Uw code", offer.code, CHOICES)
    if offer.has_new_code:
        yield Paragraph("Dit is een nieuwe brief met een nieuwe code. De code op de brief hiervoor werkt niet meer.")
    yield Paragraph(_terms(offer.answer_by, offer.remind_on, offer.closes_on, discharge=not offer.is_paid_in_full))


@lru_cache(64)
def _ways(portal: str, closes_on: date) -> Columns:
    account = f"Log in op {portal} en zoek ons kenmerk. Daar ziet u de hele berekening."
    code = f"Ga naar {portal}/answer en vul de code in. De code werkt tot en met {day(closes_on)}."
    return Columns((("Met een account", account), ("Met de code, zonder account", code)))


@lru_cache(64)
def _terms(answer_by: date, remind_on: tuple[date, ...], closes_on: date, *, discharge: bool) -> str:
    said = [f"Wij ontvangen uw antwoord graag uiterlijk op {day(answer_by)}."]
    if remind_on:
        said.append(f"Wij sturen een herinnering op {listed([short_day(on) for on in remind_on])} als wij dan nog niets weten.")
    said.append(f"Op {day(closes_on)} sluit het voorstel. Geen antwoord geven telt niet als akkoord.")
    if discharge:
        said.append("De regeling gaat alleen door als alle schuldeisers akkoord zijn.")
        said.append("Weigert u, dan kan onze cliënt de rechter om een dwangakkoord vragen.")
    return " ".join(said)


@lru_cache(64)
def _signatures(drafted_by: str, approved_by: str) -> Signatures:
    drafter = Signer("Namens de Kredietbank", drafted_by, "medewerker schuldregelen", "digitaal vastgesteld")
    return Signatures((drafter, Signer("Gezien door", approved_by, "tweede medewerker", "digitaal goedgekeurd")))


@lru_cache(64)
def _questions(portal: str) -> Aside:
    return Aside(
        "Vragen, of twijfelt u of deze brief echt is?",
        f"Bel ons: {PHONE}, op werkdagen van 9.00 tot 17.00 uur. Of ga naar {portal}/verify: "
        "met de controlecode onder aan deze bladzijde ziet u de datum, het kenmerk en het bedrag van deze brief.",
    )


def _answered_already(offer: OfferLetter) -> Iterator[Block]:
    yield Heading("U hoeft niet te antwoorden")
    yield Paragraph(
        f"U gaf ons vooraf akkoord (versie {offer.covered_by}). Dit voorstel voldoet aan alle voorwaarden daarvan. "
        f"Daarom hebben wij uw akkoord op {day(offer.written_on)} genoteerd. "
        f"Op {offer.portal} ziet u bij {offer.ref} per voorwaarde waarom."
    )
    yield Paragraph(f"Klopt er iets niet, bel ons dan voor {day(offer.closes_on)}.")


def _afterwards(offer: OfferLetter) -> Iterator[str]:
    """Say when the money comes and what final discharge means for the creditor."""
    if offer.is_zero:
        yield "Zodra alle schuldeisers akkoord zijn, krijgt u van ons bericht. Vanaf die dag geldt de finale kwijting."
    elif offer.is_forecast:
        yield "U krijgt minstens één keer per jaar uw deel, op het rekeningnummer dat wij van u hebben. Ons kenmerk is het betaalkenmerk."
        yield f"Na {offer.months} maanden volgt de laatste betaling en geldt de finale kwijting."
        yield "Dat is ook zo als er minder gespaard is dan verwacht."
    else:
        yield "Wij betalen u in één keer, op het rekeningnummer dat wij van u hebben. Ons kenmerk is het betaalkenmerk."
    if offer.is_paid_in_full:
        yield "Met die betaling is uw vordering helemaal voldaan en stopt elke incasso, ook door een incassopartij."
        return
    if not offer.is_zero and not offer.is_forecast:
        yield "Met die betaling geldt de finale kwijting."
    yield "Finale kwijting betekent: u vraagt de rest van deze vordering niet meer, ook geen rente en kosten."
    yield "Elke incasso stopt, ook door een incassopartij."


def _slip(offer: OfferLetter) -> Slip:
    yes = "Akkoord met finale kwijting zonder betaling" if offer.is_zero else f"Akkoord met {euro(offer.payment_cents)}"
    return Slip("Lukt online niet? Stuur deze strook terug", (Choice(yes), *OTHER_CHOICES), ("Naam", "Datum", "Handtekening"))
