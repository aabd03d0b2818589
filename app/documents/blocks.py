"""What a letter is made of, as frozen values that carry their meaning. Pure: nothing here knows how it is drawn or which feature asks."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the subject of the letter."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text, hyphenated where a line would be left half empty."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list whose items have no order."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Terms with what holds for them, below each other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """One answer that must be seen at a glance: its question above, a remark below."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Box:
    """The few figures the letter is about, framed."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Share:
    """One part of a bar; `own` marks the reader's."""

    label: str
    weight: int
    own: bool = False


@dataclass(frozen=True)
class Bar:
    """A picture of a division. The table that follows has its numbers, so it may be passed over when read aloud."""

    shares: tuple[Share, ...]


class RowKind(StrEnum):
    PLAIN = "plain"
    OWN = "own"
    TOTAL = "total"


@dataclass(frozen=True)
class Row:
    """A row of a table: its first cell names it."""

    cells: tuple[str, ...]
    kind: RowKind = RowKind.PLAIN


@dataclass(frozen=True)
class Table:
    """A table with one head row, repeated on each page; `widths` are parts of the measure. Amounts stand at the right."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]
    widths: tuple[float, ...]
    numeric: bool = True


@dataclass(frozen=True)
class Columns:
    """Two texts of equal weight beside each other, each under its own name."""

    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CodeBox:
    """A code that people type over, framed."""

    label: str
    code: str
    note: str


@dataclass(frozen=True)
class Signer:
    """Who signs, as what; `proof` says how when it was not by pen."""

    capacity: str
    name: str
    function: str
    proof: str = ""


@dataclass(frozen=True)
class Signatures:
    """The signature lines, beside each other."""

    signers: tuple[Signer, ...]


@dataclass(frozen=True)
class Aside:
    """A remark apart from the letter, under a rule."""

    title: str
    text: str


@dataclass(frozen=True)
class Choice:
    """A box to tick; `blank` leaves a line to write on behind it."""

    text: str
    blank: bool = False


@dataclass(frozen=True)
class Slip:
    """A strip to be cut off, filled in by pen and sent back."""

    title: str
    choices: tuple[Choice, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class NewPage:
    """What follows starts at the top of a page, unless the page has hardly begun."""


Block = Heading | Paragraph | Bullets | Facts | Box | Bar | Table | Columns | CodeBox | Signatures | Aside | Slip | NewPage


@dataclass(frozen=True)
class Sender:
    """Whose letter it is: the lines at the top left, those at the top right, and where the post brings it back."""

    name: str
    department: str
    contact: tuple[str, ...]
    returned_to: str


@dataclass(frozen=True)
class Letter:
    """A whole letter. Without a recipient it is a record: no window, the references run below each other."""

    title: str
    subject: str
    written_on: date
    sender: Sender
    references: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    foot: tuple[str, str]
    recipient: tuple[str, ...] = ()
