"""Letters: what they say, that they can be read and found back, and that the same letter is the same bytes."""

import hashlib
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pikepdf
import pypdf
import pytest

from app.consents.record_text import ConsentRecord, Version, consent_record
from app.consents.rules import OPEN_END, Clauses, Effect, Product
from app.documents.blocks import Heading, Letter, Paragraph, Row, Table
from app.documents.letterhead import KREDIETBANK
from app.documents.shell import shell
from app.documents.strips import MEASURE
from app.documents.typeset import BODY, SOFT_HYPHEN, SUBJECT, lines
from app.documents.writer import write, write_all
from app.proposals.letter_facts import Group, OfferLetter
from app.proposals.letter_text import offer_letter

OFFER = OfferLetter(
    ref="A-7KQ4-MRT2",
    case_ref="D-4K7P-2QRS",
    written_on=date(2026, 6, 4),
    recipient=("Tandartsen Factoring", "afdeling Schuldhulp", "Korenkade 333", "1077 DN Amsterdam"),
    reference="TF-883120",
    client_name="S. van ’t Hof",
    client_birth_date=date(1986, 3, 14),
    client_address="Lindenhof 14, 1077 AB Amsterdam",
    product=Product.RESTRUCTURING_LOAN,
    months=18,
    preferential=False,
    balance_cents=41825,
    takes_part_cents=41825,
    payment_cents=5112,
    percentage="12.22",
    groups=(
        Group(preferential=True, count=2, claims_cents=343070, percentage="24.44", payment_cents=83856),
        Group(preferential=False, count=6, claims_cents=1850984, percentage="12.22", payment_cents=226217),
    ),
    income_cents=184200,
    vtlb_cents=165600,
    capacity_cents=18600,
    available_cents=315185,
    answer_by=date(2026, 6, 18),
    remind_on=(date(2026, 6, 11), date(2026, 6, 19)),
    closes_on=date(2026, 7, 2),
    code="7KQ4-MRT2-9XHD",
    portal="portaal.example",
    drafted_by="M. Haverkamp",
    approved_by="R. Oudkerk",
)
ZERO = replace(
    OFFER,
    product=Product.ZERO_OFFER,
    payment_cents=0,
    percentage="0.00",
    available_cents=0,
    capacity_cents=0,
    groups=tuple(replace(group, percentage="0.00", payment_cents=0) for group in OFFER.groups),
)
FACTS = (
    "Gemeente Amsterdam",
    "Retour: Kredietbank",
    "Tandartsen Factoring",
    "1077 DN Amsterdam",
    "4 juni 2026",
    "A-7KQ4-MRT2",
    "TF-883120",
    "D-4K7P-2QRS",
    "Voorstel voor uw vordering op S. van ’t Hof",
    "Geboren op 14 maart 1986",
    "Uw vordering € 418,25",
    "U ontvangt € 51,12",
    "12,22%, in één keer",
    "18 juni 2026",
    "€ 186,00 per maand",
    "Preferente 2 3.430,70 24,44% 838,56",
    "Uw vordering 1 418,25 12,22% 51,12",
    "Samen 9 22.358,79 3.151,85",
    "Bladzijde 1 van 2",
    "Zo antwoordt u",
    "portaal.example/answer",
    "7KQ4-MRT2-9XHD",
    "11 juni en 19 juni",
    "2 juli 2026 sluit",
    "Finale kwijting betekent",
    "M. Haverkamp",
    "R. Oudkerk",
    "020 555 01 00",
    "Bladzijde 2 van 2",
)
RECORD = ConsentRecord(
    ref="C-7K3M-9QX2",
    version=3,
    creditor="Waterbedrijf Westerdok",
    clauses=Clauses(
        products=frozenset({Product.RESTRUCTURING_LOAN, Product.ZERO_OFFER}),
        zero_offers=True,
        min_percentage=Decimal("3.00"),
        max_claim_cents=500000,
        valid_until=OPEN_END,
    ),
    effect=Effect.ACCEPT,
    starts_on=date(2026, 1, 1),
    signed_by="Łucja Öztürk-Nguyễn",
    signer_function="beheerder",
    signed_at=datetime(2025, 12, 20, 10, 31),  # noqa: DTZ001 (as people in Amsterdam read it)
    second_factor="eenmalige code uit een app",
    terms_hash=hashlib.sha256(b"terms").hexdigest(),
    versions=(Version(3, "ondertekend", date(2026, 1, 1), None),),
)

RECORD_FACTS = (
    "C-7K3M-9QX2, versie 3",
    "saneringskrediet en nul-aanbod",
    "minstens 3,00% van de vordering",
    "tot en met € 5.000,00",
    "tot nader bericht",
    "Łucja Öztürk-Nguyễn, beheerder",
    "20 december 2025 om 10.31 uur",
    "wachtwoord en eenmalige code uit een app",
)


def written(letter: Letter) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(write(letter)))


def page_texts(letter: Letter) -> list[str]:
    """Return what somebody copies from each page, broken words whole again."""
    return [" ".join(page.extract_text().replace(f"{SOFT_HYPHEN}\n", "").split()) for page in written(letter).pages]


def whole_text(offer: OfferLetter) -> str:
    return " ".join(page_texts(offer_letter(offer)))


def plain(text: str, *blocks: object) -> Letter:
    return Letter("T", "S", date(2026, 6, 4), KREDIETBANK, (), (Paragraph(text), *blocks), ("", ""), ("Naam",))  # type: ignore[arg-type]


# ── what the letter about an offer says ──────────────────────────────────────


def test_a_letter_tells_everything_in_the_order_of_reading():
    text = whole_text(OFFER)
    places = [text.find(fact) for fact in FACTS]
    assert [fact for fact, place in zip(FACTS, places, strict=True) if place < 0] == []
    assert text.index("Zo wordt het bedrag verdeeld") < text.index("Bladzijde 1 van 2") < text.index("Zo antwoordt u")


@pytest.mark.parametrize("product", list(Product))
def test_every_product_fits_two_pages_and_names_what_is_offered(product):
    pages = page_texts(offer_letter(replace(ZERO if product is Product.ZERO_OFFER else OFFER, product=product)))
    assert len(pages) == 2
    assert ("€ 0,00" if product is Product.ZERO_OFFER else "€ 51,12") in pages[0]


def test_a_zero_offer_asks_for_discharge_without_payment():
    text = whole_text(ZERO)
    assert "finale kwijting zonder betaling" in text
    assert "Vanaf die dag geldt de finale kwijting" in text
    assert "Wij betalen u" not in text


def test_mediation_is_a_forecast_with_its_reason():
    text = whole_text(replace(OFFER, product=Product.DEBT_MEDIATION, reason="het inkomen wisselt sterk", fee_cents=3000))
    assert "U ontvangt naar verwachting" in text
    assert "om deze reden: het inkomen wisselt sterk." in text
    assert "Na € 30,00 kosten" in text


def test_a_youth_loan_names_its_programme_and_the_contribution():
    text = whole_text(replace(OFFER, product=Product.YOUTH_LOAN, extra_cents=75000))
    assert "Jongeren Schuldenvrije Start" in text
    assert "€ 750,00 bij" in text


def test_refinancing_pays_in_full_and_asks_no_discharge():
    text = whole_text(replace(OFFER, product=Product.REFINANCING, payment_cents=41825, percentage="100.00"))
    assert "helemaal voldaan" in text
    assert "kwijting" not in text
    assert "dwangakkoord" not in text


def test_preferential_claims_that_are_paid_in_full_are_said_to_be():
    paid = replace(OFFER.groups[0], percentage="100.00", payment_cents=343070)
    assert "Preferente schuldeisers worden helemaal betaald" in whole_text(replace(OFFER, groups=(paid, OFFER.groups[1])))


def test_a_secured_claim_says_what_of_it_takes_part():
    text = whole_text(replace(OFFER, balance_cents=100000))
    assert "doet mee: € 418,25, want € 581,75 is gedekt door zekerheid" in text


def test_an_agent_reads_for_whom_it_collects():
    assert "U behandelt deze vordering voor Waterbedrijf Westerdok." in whole_text(replace(OFFER, agent_for="Waterbedrijf Westerdok"))


def test_what_a_consent_covered_asks_no_answer_and_shows_no_code():
    text = whole_text(replace(OFFER, covered_by=3))
    assert "U hoeft niet te antwoorden" in text
    assert OFFER.code not in text
    assert "strook" not in text


# ── the record of a consent ──────────────────────────────────────────────────


def test_a_consent_record_holds_limits_signer_and_hash():
    text = " ".join(page_texts(consent_record(RECORD)))
    for fact in RECORD_FACTS:
        assert fact in text
    assert RECORD.terms_hash in text.replace(" ", "")


def test_a_consent_record_leaves_out_clauses_that_it_does_not_have():
    assert "Looptijd" not in " ".join(page_texts(consent_record(RECORD)))


# ── the file ─────────────────────────────────────────────────────────────────


def test_the_same_letter_is_the_same_bytes_also_after_others_and_in_a_new_shell():
    first = write(offer_letter(OFFER))
    others = [offer_letter(replace(OFFER, reference=f"X{number}", client_name="Nguyễn")) for number in range(3)]
    batch = list(write_all([*others, offer_letter(OFFER)]))
    shell.cache_clear()
    assert first == batch[-1] == write(offer_letter(OFFER))


def test_another_letter_is_other_bytes_with_its_own_text_only():
    second = replace(OFFER, client_name="Y. Kaplan", reference="KP-1", payment_cents=5113)
    written_together = [pypdf.PdfReader(BytesIO(content)) for content in write_all(map(offer_letter, (OFFER, second)))]
    text = " ".join(page.extract_text() for page in written_together[1].pages)
    assert "Y. Kaplan" in text
    assert "Hof" not in text
    assert "TF-883120" not in text


def test_fonts_are_embedded_and_there_is_no_helvetica():
    with pikepdf.open(BytesIO(write(offer_letter(replace(OFFER, client_name="Nguyễn Ștefan"))))) as file:
        fonts = [font for page in file.pages for font in page.Resources.Font.values()]
        assert all("/FontFile2" in font.FontDescriptor for font in fonts)
        assert {str(font.BaseFont).split("+")[1].rsplit("-", 1)[0] for font in fonts} == {"SourceSansPro-Regular", "SourceSansPro-Semibold"}
        assert file.Root.Lang == "nl-NL"
        assert file.check_pdf_syntax() == []


def test_a_letter_says_what_it_is():
    info = written(offer_letter(OFFER)).metadata
    assert info.title == "Voorstel voor uw vordering op S. van ’t Hof (A-7KQ4-MRT2)"
    assert (info.author, info.creator) == ("Gemeente Amsterdam Kredietbank", "Schuldeisersportaal")
    assert info.subject == "Voorstel schuldregeling, dossier D-4K7P-2QRS"


@pytest.mark.parametrize(
    "name", ["Ağaoğlu", "Łukasz Żółć", "Nguyễn Thị Ánh", "Țepeș", "Şahin İnci ılık", "Þór Æsa", "Čapek Dvořák", "O’Neill “ß”"]
)
def test_names_of_all_europe_come_out_as_they_are(name):
    assert name in whole_text(replace(OFFER, client_name=name))


@pytest.mark.parametrize("text", ["<b>vet</b> & <img src='/etc/passwd'>", "(haakjes) \\ ) Tj ET", "/R1+0 12 Tf", "{{ 7*7 }}", "=1+1"])
def test_no_text_becomes_a_command(text):
    assert text in page_texts(plain(text))[0]


def test_what_the_font_lacks_is_marked_and_control_characters_vanish():
    assert "a?b? cd" in page_texts(plain("a😀b日 c\u202ed\x00"))[0]


def test_new_lines_and_tabs_in_a_text_are_spaces():
    assert "een twee drie vier" in page_texts(plain("een\ntwee\tdrie\r\nvier"))[0]


# ── lines and pages ──────────────────────────────────────────────────────────


def test_dutch_words_are_broken_where_dutch_breaks_them():
    assert lines("schuldhulpverlening", BODY, 60) == ("schuldhulp\xad", "verlening")
    assert lines("aansprakelijkheidsverzekering.", BODY, 60) == ("aansprake\xad", "lijkheidsver\xad", "zekering.")


def test_the_last_word_of_a_text_is_not_broken():
    assert lines("door een incassopartij.", BODY, 90) == ("door een", "incassopartij.")
    assert lines("door een incassopartij en meer", BODY, 90)[0].endswith(SOFT_HYPHEN)


def test_a_line_that_is_nearly_full_breaks_no_word():
    width = BODY.width("een twee drie vier vijf zes zeven")
    assert lines("een twee drie vier vijf zes zeven schuldhulpverlening", BODY, width + 20)[0] == "een twee drie vier vijf zes zeven"


def test_names_codes_and_amounts_are_never_broken():
    text = "Wolkenkrabbermaatschappij TF-883120-44 €\u00a01.234.567,89 " * 8
    assert not [line for line in lines(text, BODY, 180) if SOFT_HYPHEN in line or line.endswith("€")]


@pytest.mark.parametrize("style", [BODY, SUBJECT])
@pytest.mark.parametrize("word", ["W" * 300, "aansprakelijkheidsverzekering" * 9, "Ș" * 120])
def test_a_word_longer_than_the_line_stays_inside_it(style, word):
    broken = lines(f"van {word} tot", style, MEASURE)
    assert all(style.width(line) <= MEASURE for line in broken)
    assert "".join(broken).replace(SOFT_HYPHEN, "").replace(" ", "") == f"van{word}tot"


def test_a_word_of_a_hundred_thousand_letters_is_laid_out_in_no_time():
    assert "".join(lines("x" * 100_000, BODY, MEASURE)) == "x" * 100_000


def test_a_row_with_a_very_long_first_cell_stays_in_its_column():
    name = "Aansprakelijkheidsverzekeringsmaatschappij " * 4
    assert name.strip() in page_texts(plain("", Table(("Naam", "Bedrag"), (Row((name, "1.234.567.890,12")),), (3, 1))))[0]


def test_a_long_text_and_a_long_table_run_on_with_their_head_repeated():
    rows = tuple(Row((f"Vordering {number}", "1,00")) for number in range(90))
    pages = page_texts(plain("woord " * 1500, Heading("Lijst"), Table(("Naam", "Bedrag"), rows, (3, 1))))
    assert sum(page.count("Naam Bedrag") for page in pages) >= 2
    assert all(f"Vordering {number} 1,00" in " ".join(pages) for number in range(90))
    assert " ".join(pages).count("woord") == 1500


def test_a_very_long_address_and_name_stay_in_a_letter_that_can_be_read():
    name = "Stichting Gemeenschappelijke Incasso " * 5
    pages = page_texts(
        offer_letter(replace(OFFER, recipient=(name, name, "Postbus 1", "1000 AA Amsterdam"), client_name="Von " + "Wolken" * 20))
    )
    assert "1000 AA Amsterdam" in pages[0]
    assert "Zo antwoordt u" in pages[1]
