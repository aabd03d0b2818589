"""P9: letters a second on one core, one by one and in a batch of 4,600, against the same content with reportlab platypus.

The floor has no hyphenation, no window and no page total, so it does a little less than we do. "Single" forgets every laid-out block
before each letter; "batch" writes the letters of 400 cases behind each other, as the worker does.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape

from font_source_sans_pro import font_directory
from reportlab.lib.colors import HexColor, black
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Table

from app.consents.rules import Product
from app.documents import blocks, pages, strips, typeset
from app.documents.blocks import Letter
from app.documents.writer import write, write_all
from app.proposals.letter_facts import Group, OfferLetter
from app.proposals.letter_text import offer_letter
from benchmarks.report import Measure, finish

CASES, CLAIMS = 400, 12
SAMPLE, ROUNDS = 120, 3
BODY = ParagraphStyle("body", fontName="Plain", fontSize=10.5, leading=15, spaceBefore=6)
HEADING = ParagraphStyle("heading", parent=BODY, fontName="Strong", fontSize=12, leading=16, spaceBefore=14)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=9, leading=12)
RULED = [("FONT", (0, 0), (-1, -1), "Plain", 10), ("LINEBELOW", (0, 0), (-1, -1), 0.5, black), ("ALIGN", (1, 0), (-1, -1), "RIGHT")]
FRAMED = [("FONT", (0, 0), (-1, -1), "Plain", 10.5), ("BOX", (0, 0), (-1, -1), 1.5, HexColor("#0e4f56"))]


def offers(cases: int) -> list[OfferLetter]:
    """Make up the offers of so many cases: sums, names, addresses and codes all differ."""
    return [_offer(case, claim) for case in range(cases) for claim in range(CLAIMS if case % 2 else CLAIMS - 1)]


def _offer(case: int, claim: int) -> OfferLetter:
    capacity, balance = 5000 + 37 * case, 20000 + (7919 * case + 104729 * claim) % 900000
    payment = balance * 12 // 100
    return OfferLetter(
        ref=f"A-{case:04d}-{claim:04d}",
        case_ref=f"D-{case:04d}-7KQ4",
        written_on=date(2026, 6, 4),
        recipient=(f"Schuldeiser {claim} B.V.", "afdeling Schuldhulp", f"Korenkade {claim}", "1077 DN Amsterdam"),
        reference=f"TF-{case * CLAIMS + claim}",
        client_name=f"S. van ’t Hof-Yılmaz {case}",
        client_birth_date=date(1986, 3, 1 + case % 28),
        client_address=f"Lindenhof {case}, 1077 AB Amsterdam",
        product=Product.RESTRUCTURING_LOAN,
        months=18,
        preferential=False,
        balance_cents=balance,
        takes_part_cents=balance,
        payment_cents=payment,
        percentage="12.00",
        groups=(
            Group(preferential=True, count=2, claims_cents=343070 + case, percentage="24.00", payment_cents=82336),
            Group(preferential=False, count=9, claims_cents=1850984 - balance, percentage="12.00", payment_cents=222118 - payment),
        ),
        income_cents=165600 + capacity,
        vtlb_cents=165600,
        capacity_cents=capacity,
        available_cents=capacity * 17,
        answer_by=date(2026, 6, 18),
        remind_on=(date(2026, 6, 11), date(2026, 6, 19)),
        closes_on=date(2026, 7, 2),
        code=f"7KQ4-{case:04d}-{claim:04d}",
        portal="portaal.example",
        drafted_by="M. Haverkamp",
        approved_by="R. Oudkerk",
        guidance=True,
    )


# ── the floor: platypus ──────────────────────────────────────────────────────


def platypus(letter: Letter) -> bytes:
    """Write a letter's content the way reportlab's own layout does it."""
    written = BytesIO()
    template = SimpleDocTemplate(
        written, title=letter.title, subject=letter.subject, invariant=1, lang="nl-NL", leftMargin=71, rightMargin=62
    )
    foot = _foot(letter)
    template.build(list(_flowables(letter)), onFirstPage=foot, onLaterPages=foot)
    return written.getvalue()


def _foot(letter: Letter) -> Callable[..., None]:
    def draw(canvas: object, template: object) -> None:
        canvas.setFont("Plain", 8.5)
        canvas.drawString(71, 28, letter.foot[0])
        canvas.drawCentredString(300, 28, letter.foot[1])
        canvas.drawRightString(533, 28, f"Bladzijde {template.page}")

    return draw


def _flowables(letter: Letter) -> Iterator[Flowable]:
    sender = letter.sender
    yield Table([[sender.name, sender.contact[0]], [sender.department, sender.contact[1]]], style=FRAMED[:1])
    yield from _texts((sender.returned_to,), SMALL)
    yield Table([["\n".join(letter.recipient), "\n".join(f"{name} {value}" for name, value in letter.references)]], style=FRAMED[:1])
    for block in letter.blocks:
        yield from _drawn(block)


def _drawn(block: blocks.Block) -> Iterable[Flowable]:  # noqa: C901 (one case for each kind of block)
    match block:
        case blocks.Heading(text):
            return _texts((text,), HEADING)
        case blocks.Paragraph(text, small):
            return _texts((text,), SMALL if small else BODY)
        case blocks.Box(cells):
            return [Table([[f"{cell.label}\n{cell.value}\n{cell.note}" for cell in cells]], style=FRAMED)]
        case blocks.Bar(shares):
            return _texts((" ".join(share.label for share in shares),), SMALL)
        case blocks.Table(head, rows):
            return [Table([head, *(row.cells for row in rows)], style=RULED)]
        case blocks.Columns(columns):
            return [Table([[[*_texts((name,), HEADING), *_texts((text,), BODY)] for name, text in columns]])]
        case blocks.CodeBox(label, code, note):
            return [Table([[label], [code], [note]], style=FRAMED)]
        case blocks.Signatures(signers):
            return [Table([[f"{one.capacity}\n{one.proof}\n{one.name}\n{one.function}" for one in signers]], style=FRAMED[:1])]
        case blocks.Aside(title, text):
            return [*_texts((title,), HEADING), *_texts((text,), BODY)]
        case blocks.Slip(title, choices, fields):
            return [*_texts((title,), HEADING), Table([["\n".join(one.text for one in choices), "\n".join(fields)]], style=FRAMED[:1])]
        case _:
            return [PageBreak()]


def _texts(texts: Iterable[str], style: ParagraphStyle) -> list[Flowable]:
    return [Paragraph(escape(text), style) for text in texts]


# ── measuring ────────────────────────────────────────────────────────────────


def forget() -> None:
    """Forget every block and line laid out before; the fonts and the shell stay, as they do for the floor."""
    for kept in (strips.strips, typeset.lines, typeset._width, typeset._places, pages._address, pages._sender, pages._returned_to):
        kept.cache_clear()


def single(letter: Letter) -> bytes:
    forget()
    return write(letter)


def a_second(work: Iterable[object]) -> float:
    """Return how many things come out in a second of one core; what other programs take meanwhile does not count."""
    begin = time.process_time()
    count = sum(1 for _ in work)
    return count / (time.process_time() - begin)


def main() -> None:
    for name, file in (("Plain", "SourceSansPro-Regular.ttf"), ("Strong", "SourceSansPro-Semibold.ttf")):
        registerFont(TTFont(name, str(Path(font_directory) / file)))
    facts = offers(CASES)
    sample = [offer_letter(offer) for offer in facts[:SAMPLE]]
    works: tuple[Callable[[], Iterable[object]], ...] = (
        lambda: map(platypus, sample),
        lambda: map(single, sample),
        lambda: write_all(map(offer_letter, facts)),
    )
    platypus(sample[0])
    write(sample[0])
    gc.freeze()  # as the worker does after its start
    rounds = [[a_second(work()) for work in works] for _ in range(ROUNDS)]
    floor, alone, batch = (median(taken) for taken in zip(*rounds, strict=True))
    finish(
        "P9 letters a second",
        [
            Measure("one by one, nothing kept", floor, alone, 1.3, more_is_better=True),
            Measure("batch of 4,600, composing included", floor, batch, 15, more_is_better=True),
        ],
    )


if __name__ == "__main__":
    main()
