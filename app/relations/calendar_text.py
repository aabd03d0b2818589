"""Write a calendar that others' programs read (RFC 5545, September 2009): events with escaped texts in folded lines. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

WIDEST = 75  # octets of a line without its end (3.1)
MAKER = "-//Schuldeisersportaal//Overleggen//NL"


@dataclass(frozen=True)
class Event:
    """One entry of a calendar; `sequence` grows with each change, so that a program knows the newest (3.8.7.4)."""

    uid: str
    begins: datetime
    ends: datetime
    summary: str
    place: str
    url: str
    sequence: int
    changed_at: datetime
    is_cancelled: bool = False


def calendar(name: str, events: Iterable[Event]) -> str:
    """Return a whole calendar with a name for the programs that show one."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{MAKER}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}"]
    for event in events:
        lines += _lines(event)
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _lines(event: Event) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{stamp(event.changed_at)}",
        f"LAST-MODIFIED:{stamp(event.changed_at)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART:{stamp(event.begins)}",
        f"DTEND:{stamp(event.ends)}",
        f"SUMMARY:{escaped(event.summary)}",
        f"LOCATION:{escaped(event.place)}",
        f"URL:{event.url}",
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        "END:VEVENT",
    ]


def stamp(moment: datetime) -> str:
    """Write an aware moment in UTC (3.3.5, form 2), which needs no description of a time zone beside it."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(text: str) -> str:
    """Write a text so that nothing in it ends the line or the value (3.3.11); other signs of control are left out."""
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\r", "\n"), ("\n", "\\n")):
        text = text.replace(sign, written)
    return "".join(sign for sign in text if sign >= " " and sign != "\x7f")


def folded(line: str) -> str:
    """Break a line into pieces of at most 75 octets, never inside a letter; the next piece begins with a space (3.1)."""
    pieces, piece, wide = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if wide + octets > WIDEST:
            pieces.append(piece)
            piece, wide = " ", 1
        piece, wide = piece + sign, wide + octets
    return "\r\n".join([*pieces, piece])
