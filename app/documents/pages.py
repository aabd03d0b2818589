"""Strips into pages: the letter head, the window address, the page breaks and the numbered foot."""

from collections.abc import Iterable
from functools import lru_cache

from app.documents import pen
from app.documents.blocks import Facts, Letter, NewPage, Sender
from app.documents.pen import MM
from app.documents.strips import MEASURE, Strip, strips
from app.documents.typeset import BODY, FINE, FOOT, MUTED, REFERENCE, STRONG, Style, lines

WIDTH, HEIGHT = 595.28, 841.89
LEFT = 25 * MM
TOP = HEIGHT - 20 * MM
BELOW_WINDOW = HEIGHT - 99 * MM
BOTTOM = 20 * MM
FOOT_TOP = 10 * MM + FOOT.leading
HARDLY_BEGUN = TOP - (TOP - BOTTOM) / 4
WINDOW_TOP, WINDOW_WIDTH, WINDOW_HEIGHT = HEIGHT - 50 * MM, 85 * MM, 32 * MM  # left window of a C5/6 envelope
NUMBERED = "Bladzijde {number} van {total}"


def pages(letter: Letter) -> list[bytes]:
    """Lay a letter out: the marks of each page, in the order in which they are read."""
    sheets = _Sheets(BELOW_WINDOW if letter.recipient else TOP - 24 * MM)
    blocks = letter.blocks if letter.recipient else (Facts(letter.references), *letter.blocks)
    for block in blocks:
        if isinstance(block, NewPage):
            sheets.begin_page()
        else:
            sheets.add(strips(block))
    bodies = sheets.finished()
    bodies[0] = b"".join((_sender(letter.sender), _window(letter), bodies[0]))
    foot = _feet(letter.foot)
    return [b"%s%s\n%s" % (body, foot, number) for body, number in zip(bodies, _numbers(len(bodies)), strict=True)]


class _Sheets:
    """The pages so far. Strips that must stay together wait until the last of them is there."""

    def __init__(self, top: float) -> None:
        self._done: list[bytes] = []
        self._page: list[bytes] = []
        self._y = top
        self._waiting: list[Strip] = []

    def add(self, more: Iterable[Strip]) -> None:
        for strip in more:
            self._waiting.append(strip)
            if not strip.keep:
                self._place()

    def begin_page(self) -> None:
        """Go on at the top of a page, unless this one has hardly begun: what ran over from the last one needs no page of its own."""
        self._place()
        if self._y < HARDLY_BEGUN:
            self._turn()

    def _turn(self, head: Strip | None = None) -> None:
        self._done.append(b"".join(self._page))
        self._page, self._y = [], TOP
        if head:
            self._put(head)

    def finished(self) -> list[bytes]:
        self._place()
        return [*self._done, b"".join(self._page)]

    def _place(self) -> None:
        group, self._waiting = self._waiting, []
        whole = sum([strip.before + strip.height for strip in group])
        if group and self._page and self._y - whole < BOTTOM and whole <= TOP - BOTTOM:
            self._turn(group[0].head)
        for strip in group:
            if self._page and self._y - strip.before - strip.height < BOTTOM:
                self._turn(strip.head)
            self._put(strip)

    def _put(self, strip: Strip) -> None:
        self._y -= strip.before if self._page else 0.0
        self._page.append(_placed(strip.marks, LEFT, self._y))
        self._y -= strip.height


def _placed(marks: bytes, x: float, y: float) -> bytes:
    return b"q 1 0 0 1 %.2f %.2f cm\n%s\nQ\n" % (x, y, marks)


@lru_cache(16)
def _sender(sender: Sender) -> bytes:
    """Draw the letter head as text: no picture, so it is read aloud and searched like the rest."""
    marks = [pen.text(LEFT, TOP, STRONG, sender.name), pen.text(LEFT, TOP - 14, BODY, sender.department)]
    marks += [pen.text_right(LEFT + MEASURE, TOP - 1 - 13 * number, MUTED, line) for number, line in enumerate(sender.contact)]
    return b"\n".join(marks) + b"\n"


def _window(letter: Letter) -> bytes:
    """Draw what shows through the window of the envelope, and the references beside it."""
    if not letter.recipient:
        return b""
    returned = _returned_to(letter.sender.returned_to)
    return b"\n".join((returned, _address(letter.recipient), _references(letter.references), b""))


@lru_cache(16)
def _returned_to(place: str) -> bytes:
    line = pen.rule(LEFT, WINDOW_TOP - 12, WINDOW_WIDTH, colour=pen.STRONG_LINE)
    return pen.text(LEFT, WINDOW_TOP, FINE.shrunk(place, WINDOW_WIDTH), place) + b"\n" + line


@lru_cache(1_000)
def _address(recipient: tuple[str, ...]) -> bytes:
    """Draw the address; a long one is drawn smaller, for it must stay inside the window."""
    style = BODY
    address = _wrapped(recipient, style)
    while len(address) * style.leading > WINDOW_HEIGHT - 16 and style.size > 5:
        style = style.tightened()
        address = _wrapped(recipient, style)
    return pen.text_lines(LEFT, WINDOW_TOP - 16, style, address)


def _wrapped(recipient: tuple[str, ...], style: Style) -> list[str]:
    return [line for part in recipient for line in lines(part, style, WINDOW_WIDTH)]


def _references(references: tuple[tuple[str, str], ...]) -> bytes:
    x, y, marks = LEFT + 103 * MM, WINDOW_TOP, []
    for name, value in references:
        shown = lines(value, REFERENCE, MEASURE - 103 * MM)
        marks += [_text(x, y, FOOT, name), pen.text_lines(x, y - FOOT.leading - 1, REFERENCE, shown)]
        y -= FOOT.leading + 4 + len(shown) * REFERENCE.leading
    return b"\n".join(marks)


@lru_cache(1_000)
def _feet(foot: tuple[str, str]) -> bytes:
    left, middle = foot
    centre = LEFT + (MEASURE - FOOT.width(middle)) / 2
    return pen.text(LEFT, FOOT_TOP, FOOT.shrunk(left, MEASURE * 0.36), left) + b"\n" + pen.text(centre, FOOT_TOP, FOOT, middle)


@lru_cache(64)
def _numbers(total: int) -> list[bytes]:
    numbered = [NUMBERED.format(number=number, total=total) for number in range(1, total + 1)]
    return [pen.text_right(LEFT + MEASURE, FOOT_TOP, FOOT, words) for words in numbered]


_text = lru_cache(256)(pen.text)
