"""The profile on paper: two pages whatever stands in it, and nothing that the city keeps to itself."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

from app.documents.blocks import Cell, Facts, Heading, Table
from app.documents.pages import pages
from app.relations.commitment_rules import CommitmentState, Party
from app.relations.complaint_rules import ComplaintKind, Outcome
from app.relations.escalation_rules import Level
from app.relations.meeting_rules import MeetingState
from app.relations.profile_rules import Verdict, by_quarter
from app.relations.profile_text import profile_letter
from app.relations.profile_values import (
    Agent,
    Agreed,
    CommitmentLine,
    Complaints,
    ConsentLine,
    ContactLine,
    EscalationLine,
    MandateLine,
    MeetingLine,
    NoteLine,
    People,
    ProfilePage,
    Said,
)  # fmt: skip

TODAY = date(2026, 6, 4)
AT = datetime(2026, 6, 4, 7, tzinfo=UTC)
LONG = "Coöperatieve Woningstichting voor Huisvesting en Beheer van Amstelland en Omstreken "


def page(name="Waterbedrijf Westerdok", times=1):
    """A profile; `times` makes everything in it longer."""
    words = LONG * times
    commitments = [CommitmentLine("N-1", words, words, Party.THEIRS, CommitmentState.KEPT, TODAY, is_late=False)] * min(times * 2, 5)
    year = Counter({"offers": 720, "settled": 500, "accepted": 480, "reason:percentage too low": 20, "reason:policy": 4})
    said = [Said(topic, 18, 90, 81, Verdict.NEARLY, 3) for topic in ("answer_term", "consent", "costs", "pause", "arrangement")]
    found = Complaints(4, [(kind, 2, 1) for kind in ComplaintKind], Counter({Outcome.UPHELD: 3, None: 1}), [], 1, 0)
    people = People([ContactLine(words[:80], "", "020 555 01 21", "")] * times * 2, [], [(words[:80], 4200)] * times * 2)
    meeting = MeetingLine("O-1", AT, "Stadhuis", MeetingState.PLANNED, is_next=True, is_coming=True, on=TODAY)
    escalation = EscalationLine("E-1", "Naar de directie", Level.BOARD, "Joris", TODAY, is_late=False)
    return ProfilePage(
        code=4100, name=name, branch="water", kvk="90000000", joined_on=TODAY, is_own=False, counted_at=AT, people=people,
        consent=ConsentLine("C-1", 3, TODAY), year=year, now=Counter(waiting=34), quarters=by_quarter({}, TODAY), plots=[], said=said,
        reasons=[("percentage too low", 20), ("policy", 4)], complaints=found, report=None, agreed=Agreed(commitments, 3, 2, 1, {}),
        meetings=[meeting], escalations=[escalation], notes=[NoteLine(AT, "Joris", "Niet zeggen")], was_opened_today=False, may_work=True,
    )  # fmt: skip


def test_it_takes_two_pages_also_with_long_names_and_many_lines():
    assert len(pages(profile_letter(page(), TODAY))) == 2
    assert len(pages(profile_letter(page(LONG + "Noord-Holland Zuid en Midden", 6), TODAY))) == 2


def test_the_paper_of_an_agent_says_for_whom_it_acts_and_how_it_stands_in_the_register():
    mandates = [MandateLine(LONG, 4100 + number, TODAY, None, is_in_force=number < 8) for number in range(9)]
    letter = profile_letter(replace(page(LONG, 6), agent=Agent(False, "W-100", TODAY, mandates, 8)), TODAY)
    text = repr(letter)
    assert len(pages(letter)) == 2
    assert "en 5 meer" in text
    assert "W-100, nagekeken op" in text
    assert ("Gedekt vooraf" in text, "Gedekt vooraf" in repr(profile_letter(page(), TODAY))) == (False, True)


def test_the_paper_says_neither_notes_nor_escalations():
    text = repr(profile_letter(page(), TODAY))
    assert "Niet zeggen" not in text
    assert "Naar de directie" not in text
    assert "Waterbedrijf Westerdok" in text


def test_every_heading_has_something_below_it():
    blocks = profile_letter(page(), TODAY).blocks
    below = {one.text: type(after) for one, after in pairwise(blocks) if isinstance(one, Heading) and one.level == 2}
    assert below["Afspraken"] is Table
    assert below["Overleg en contact"] is Facts
    assert Cell("Open aanbiedingen", "34", "0 te laat") in blocks[1].cells


def test_the_last_meeting_is_one_that_was_held_and_not_the_second_that_comes():
    coming = page().meetings[0]
    second, last = replace(coming, is_next=False, on=date(2026, 7, 2)), replace(coming, is_next=False, is_coming=False, on=date(2026, 5, 7))
    text = repr(profile_letter(replace(page(), meetings=[coming, second, last]), TODAY))
    assert "('Vorig overleg', '7\\xa0mei\\xa02026')" in text
