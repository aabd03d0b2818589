"""What the profile of a creditor or agent says on paper, in Dutch: two pages to take to a meeting. Pure.

Private notes and escalations are never in it: the paper lies on the table.
"""

from collections.abc import Iterator
from datetime import date

from app.documents.blocks import Block, Box, Cell, Facts, Heading, Letter, NewPage, Paragraph, Row, Sender, Table
from app.documents.dutch import day
from app.relations.commitment_rules import CommitmentState
from app.relations.complaint_rules import ComplaintKind, Outcome
from app.relations.profile_rules import Measure, Quarter, Unit, Verdict, measures
from app.relations.profile_values import ProfilePage, Said

SENDER = Sender(
    name="Gemeente Amsterdam",
    department="Relatiebeheer schuldeisers",
    contact=("Postbus 100, 1000 ZZ Amsterdam", "020 555 01 00, werkdagen 9.00 tot 17.00 uur"),
    returned_to="Retour: Relatiebeheer, Postbus 100, 1000 ZZ Amsterdam",
)
MOST = 5  # rows of a list on paper, so that two pages are enough
LONGEST, LONGEST_NAME = 60, 30  # signs of a commitment, and of a name in a list
MOST_NAMES = 3
NONE = "–"

TITLES = {
    "in_time": "Antwoord op tijd", "days": "Werkdagen tot antwoord", "accepted": "Akkoord", "covered": "Gedekt vooraf",
    "against_consent": "Tegen akkoord vooraf", "balances_in_time": "Saldo op tijd", "balances_not_stated": "Saldo niet opgegeven",
    "pauses_broken": "Pauze gebroken", "complaints": "Signalen", "upheld": "Waarvan gegrond", "kept": "Afspraken nagekomen",
    "signals": "Gemelde achterstanden", "signals_sound": "Meldingen zonder fout",
}  # fmt: skip
TOPICS = {
    "answer_term": "Antwoordtermijn", "consent": "Akkoord zonder vraag", "costs": "Incassokosten", "pause": "Incassopauze",
    "arrangement": "Betalingsregeling",
}  # fmt: skip
VERDICTS = {Verdict.FITS: "klopt", Verdict.NEARLY: "wijkt licht af", Verdict.DIFFERS: "wijkt af", Verdict.UNKNOWN: "niet te zeggen"}
KINDS = {
    ComplaintKind.COSTS: "Kosten boven de staffel", ComplaintKind.DURING_PAUSE: "Incasso tijdens pauze",
    ComplaintKind.TONE: "Dreiging of toon", ComplaintKind.NO_ARRANGEMENT: "Geen regeling aangeboden",
    ComplaintKind.ATTACHMENT: "Beslag op uitkering of rekening", ComplaintKind.UNREACHABLE: "Onbereikbaar",
    ComplaintKind.COVENANT: "Incassopartij buiten het convenant", ComplaintKind.REFUSAL: "Weigert zonder reden",
    ComplaintKind.DATA: "Gegevens verkeerd gedeeld", ComplaintKind.OTHER: "Anders",
}  # fmt: skip
OUTCOMES = {
    Outcome.UPHELD: "gegrond", Outcome.PARTLY: "deels gegrond", Outcome.NOT_UPHELD: "ongegrond",
    Outcome.NO_JUDGEMENT: "niet te beoordelen",
}  # fmt: skip
STATES = {
    CommitmentState.OPEN: "loopt", CommitmentState.KEPT: "nagekomen", CommitmentState.NOT_KEPT: "niet nagekomen",
    CommitmentState.ENDED: "beëindigd",
}  # fmt: skip
REASONS = {
    "percentage too low": "percentage te laag", "not the maximum attainable": "niet het hoogst haalbare",
    "relapse feared": "vrees voor terugval", "fraud or fine": "fraude of boete",
    "not all creditors treated equally": "niet iedereen gelijk behandeld", "claim disputed": "vordering betwist",
    "policy": "eigen beleid", "other": "anders",
}  # fmt: skip


def profile_letter(page: ProfilePage, on: date) -> Letter:
    """Compose the profile as it stands on a day."""
    counted = day(page.counted_at.date()) if page.counted_at else "nog niet geteld"
    return Letter(
        title=f"Profiel van {page.name}", subject=f"Profiel van {page.name}", written_on=on, sender=SENDER,
        references=((_sort(page), f"code {page.code}, {page.branch}".rstrip(", ")), ("Op", f"{day(on)}, cijfers geteld op {counted}")),
        blocks=tuple(_blocks(page)), foot=(f"{SENDER.department}, profiel {page.code}", ""),
    )  # fmt: skip


def _sort(page: ProfilePage) -> str:
    if page.agent is None:
        return "Schuldeiser"
    return "Deurwaarder" if page.agent.is_bailiff else "Incassobureau"


def _blocks(page: ProfilePage) -> Iterator[Block]:
    yield Heading(f"Profiel van {page.name}", level=1)
    yield _box(page)
    yield Heading("Wat de schuldeiser zegt naast wat hij doet" if page.agent is None else "Wat is afgesproken naast wat is gedaan")
    head = ("Onderwerp", "Meldt zelf", "Afgesproken", "Deed in 12 maanden", "Oordeel")
    yield Table(head, tuple(map(_said, page.said)), (1.3, 1.1, 1, 1.5, 1), numeric=False)
    yield Heading("Acht kwartalen")
    yield Table(("Meting", *(_quarter(one) for one, _ in page.quarters)), tuple(_figures(page)), (2.6, *[1.0] * len(page.quarters)))
    yield NewPage()
    yield Heading("Antwoorden en saldi, 12 maanden")
    yield Facts(_answers(page))
    yield from _complaints(page)
    yield from _commitments(page)
    yield Heading("Overleg en contact")
    yield Facts(_meeting(page))


def _box(page: ProfilePage) -> Box:
    found = page.complaints
    coming = next((one for one in page.meetings if one.is_next), None)
    return Box(
        (
            Cell("Open aanbiedingen", str(page.now["waiting"]), f"{page.now['waiting_late']} te laat"),
            Cell("In 12 maanden", str(page.year["offers"]), f"{page.year['accepted']} akkoord"),
            Cell("Open signalen", str(found.open_number), f"{found.late} over de termijn"),
            Cell("Volgend overleg", day(coming.on) if coming else NONE, coming.place if coming else ""),
        )
    )


def _said(one: Said) -> Row:
    reported = NONE if one.reported is None else f"{one.reported} keer" if one.topic == "pause" else f"{one.reported}%"
    agreed = NONE if one.agreed is None else f"{one.agreed}% op tijd"
    return Row((TOPICS[one.topic], reported, agreed, _did(one), VERDICTS[one.verdict]))


def _did(one: Said) -> str:
    if one.did is None:
        return NONE
    if one.topic == "answer_term":
        return f"{one.did}% op tijd"
    if one.topic == "consent":
        return f"{one.did}% gedekt, {one.more} tegen eigen akkoord"
    return f"{one.did} keer gebroken" if one.topic == "pause" else f"{one.did} gegrond"


def _quarter(one: Quarter) -> str:
    return f"{one.number}e {one.first:%y}"


def _figures(page: ProfilePage) -> Iterator[Row]:
    for measure in measures(is_agent=page.agent is not None):
        yield Row((TITLES[measure.code], *(_figure(measure, measure.value(figures)) for _, figures in page.quarters)))


def _figure(measure: Measure, value: int | None) -> str:
    if value is None:
        return NONE
    return f"{value}%" if measure.unit is Unit.PERCENT else str(value)


def _answers(page: ProfilePage) -> tuple[tuple[str, str], ...]:
    year = page.year
    beforehand = "" if page.agent else f", {year['by_consent']} door akkoord vooraf"
    reasons = ", ".join(f"{REASONS[reason]} {number}" for reason, number in page.reasons[:MOST])
    return (
        ("Akkoord", f"{year['accepted']} van {year['settled']} met een uitkomst" + beforehand),
        ("Afgewezen", f"{year['rejected']}{f' ({reasons})' if reasons else ''}"),
        ("Geen antwoord", str(year["no_response"])),
        _whose(page),
        ("Saldi", f"{year['balances_late']} te laat, {year['balances_not_stated']} niet opgegeven van {year['balances']}"),
        ("Pauzes", f"{year['pauses']} gevraagd, {year['pauses_confirmed']} bevestigd, {year['pauses_broken']} gebroken"),
        ("Vroegsignalen", f"{year['signals']} gemeld: {year['signals_wrong']} fout, {year['signals_repeated']} herhaald"),
    )


def _whose(page: ProfilePage) -> tuple[str, str]:
    """Say what a creditor agreed to beforehand, or for whom an agent acts."""
    if page.agent is not None:
        names = ", ".join(_short(one.name, LONGEST_NAME) for one in page.agent.mandates[:MOST_NAMES] if one.is_in_force) or NONE
        rest = page.agent.in_force - MOST_NAMES
        return "Werkt voor", names + (f" en {rest} meer" if rest > 0 else "")
    if page.consent is None:
        return "Akkoord vooraf", "geen"
    until = f", tot en met {day(page.consent.until)}" if page.consent.until else ""
    return "Akkoord vooraf", f"versie {page.consent.version}{until}"


def _complaints(page: ProfilePage) -> Iterator[Block]:
    yield Heading("Signalen van harde incasso, acht kwartalen")
    found = page.complaints
    if not found.by_kind:
        yield Paragraph("Er is geen signaal gemeld.")
        return
    rows = tuple(Row((KINDS[kind], str(number), str(upheld))) for kind, number, upheld in found.by_kind[:MOST])
    yield Table(("Onderwerp", "Gemeld", "Gegrond"), rows, (3, 1, 1))
    yield Paragraph("; ".join(f"{OUTCOMES[one] if one else 'nog open'}: {number}" for one, number in found.by_outcome.items()) + ".")


def _commitments(page: ProfilePage) -> Iterator[Block]:
    yield Heading("Afspraken")
    if not page.agreed.lines:
        yield Paragraph("Er is nog niets afgesproken.")
        return
    rows = tuple(
        Row((_short(one.words), _short(one.by_whom, LONGEST_NAME), day(one.due_on), "te laat" if one.is_late else STATES[one.state]))
        for one in page.agreed.lines
    )
    yield Table(("Afspraak", "Wie", "Uiterlijk", "Uitkomst"), rows, (2.6, 1.7, 1.2, 1.2), numeric=False)


def _short(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _meeting(page: ProfilePage) -> tuple[tuple[str, str], ...]:
    contacts = ", ".join(f"{_short(one.name, LONGEST_NAME)} {one.phone}".strip() for one in page.people.contacts[:MOST_NAMES]) or NONE
    report = f"over {page.report.year}" if page.report else "niet ingediend"
    last = next((day(one.on) for one in page.meetings if not one.is_coming), NONE)
    return (("Contact", contacts), _register(page), ("Praktijkrapport", report), ("Vorig overleg", last))


def _register(page: ProfilePage) -> tuple[str, str]:
    """Say which agents act for a creditor, or how an agent stands in the register of collection agencies (Wki 4)."""
    if page.agent is None:
        return "Incassopartijen", ", ".join(_short(name, LONGEST_NAME) for name, _ in page.people.agents[:MOST_NAMES]) or NONE
    if page.agent.is_bailiff:
        return "Wki-register", "gerechtsdeurwaarder, geen nummer nodig"
    if page.agent.wki_checked_on is None:
        return "Wki-register", "nog niet nagekeken"
    return "Wki-register", f"{page.agent.wki_number or 'stond er niet in'}, nagekeken op {day(page.agent.wki_checked_on)}"
