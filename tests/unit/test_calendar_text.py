"""The writer of calendars: what RFC 5545 asks of times, texts and lines."""

from datetime import UTC, datetime

import pytest

from app.clock import AMSTERDAM
from app.relations.calendar_text import Event, calendar, escaped, folded, stamp

EVENT = Event(
    uid="O-1@portal", begins=datetime(2026, 6, 18, 10, tzinfo=AMSTERDAM), ends=datetime(2026, 6, 18, 11, tzinfo=AMSTERDAM),
    summary="Overleg; Water, Westerdok", place="Stadhuis\nzaal 3", url="https://portal.example/relations/meetings/O-1", sequence=2,
    changed_at=datetime(2026, 6, 1, 8, tzinfo=UTC),
)  # fmt: skip


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def test_a_calendar_holds_its_events_in_the_order_of_the_standard():
    lines = unfolded(calendar("Overleggen", [EVENT]))
    assert lines[:2] + lines[-3:] == ["BEGIN:VCALENDAR", "VERSION:2.0", "END:VEVENT", "END:VCALENDAR", ""]
    assert {
        "UID:O-1@portal", "DTSTAMP:20260601T080000Z", "DTSTART:20260618T080000Z", "DTEND:20260618T090000Z", "SEQUENCE:2",
        r"SUMMARY:Overleg\; Water\, Westerdok", r"LOCATION:Stadhuis\nzaal 3", "STATUS:CONFIRMED",
    } <= set(lines)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a;b,c\\d", r"a\;b\,c\\d"),
        ("een\r\ntwee\rdrie\nvier", r"een\ntwee\ndrie\nvier"),
        ("vals\r\nEND:VEVENT", r"vals\nEND:VEVENT"),
        ("tab\ten bel\x07", "tab\ten bel".replace("\t", "")),
    ],
)
def test_no_text_ends_its_line(text, written):
    assert escaped(text) == written


@pytest.mark.parametrize("line", ["SUMMARY:" + "a" * 67, "SUMMARY:" + "a" * 68, "SUMMARY:" + "é" * 200, "SUMMARY:" + "🏛" * 60, ""])
def test_long_lines_fold_at_75_octets_and_never_in_a_letter(line):
    pieces = folded(line).split("\r\n")
    assert max(len(piece.encode()) for piece in pieces) <= 75
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line
    assert (len(pieces) > 1) == (len(line.encode()) > 75)


def test_times_are_written_in_utc_on_both_sides_of_the_summer_time():
    assert stamp(datetime(2026, 3, 28, 10, tzinfo=AMSTERDAM)) == "20260328T090000Z"
    assert stamp(datetime(2026, 3, 29, 10, tzinfo=AMSTERDAM)) == "20260329T080000Z"
