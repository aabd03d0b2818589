"""What the text of one cell may be and which value it stands for; each parser raises Refusal with a code of `words`."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError
from stdnum.nl import bsn as citizen_number
from stdnum.nl import postcode as postal_code

from app.errors import Refusal
from app.money import Cents, parse_amount
from app.signs import IN_A_LINE, IN_LINES

Parser = Callable[[str], object]

_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/ -]*[A-Za-z0-9])?")
_EMAIL = re.compile(r"[^@\s<>\"(),:;\\]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
MEMORY = 1024  # cells that a parser remembers: the same codes come back row after row, and a hostile file gains nothing
HUNDRED_MILLION: Cents = 100_000_000_00
FIRST_YEAR, LAST_YEAR = 1900, 2199


def text(most: int, *, lines: bool = False) -> Parser:
    """Take text of at most so many characters, without signs that nobody sees; line ends and tabs only with `lines`."""
    control = IN_LINES if lines else IN_A_LINE

    def parse(cell: str) -> str:
        if len(cell) > most:
            raise Refusal("exchange.too_long", limit=most, length=len(cell))
        if not cell.isprintable() and control.search(cell):
            raise Refusal("exchange.control_character")
        return cell

    return parse


def code(most: int = 20) -> Parser:
    """Take a code of letters and digits, with . _ / - and spaces between them; kept as text, leading zeros too."""

    def parse(cell: str) -> str:
        if len(cell) > most:
            raise Refusal("exchange.too_long", limit=most, length=len(cell))
        if not (cell.isascii() and cell.isalnum()) and not _CODE.fullmatch(cell):
            raise Refusal("exchange.not_a_code")
        return cell

    return parse


def integer(least: int = 0, most: int = 2**31 - 1) -> Parser:
    """Take a whole number in digits alone, within bounds."""

    @lru_cache(MEMORY)
    def parse(cell: str) -> int:
        if not (cell.isascii() and cell.isdigit()):
            raise Refusal("exchange.not_a_whole_number")
        number = int(cell) if len(cell) < 19 else most + 1
        if not least <= number <= most:
            raise Refusal("exchange.out_of_bounds", least=least, most=most)
        return number

    return parse


def amount(most: Cents = HUNDRED_MILLION) -> Parser:
    """Take an amount in euros as people write it, 1.234,56 or 1234.56; give cents."""

    def parse(cell: str) -> Cents:
        euros, _, rest = cell.partition(",")
        if len(rest) == 2 and len(euros) < 12 and cell.isascii() and euros.isdigit() and rest.isdigit():
            cents = int(euros + rest)  # how systems write it; four times as fast as reading all that people may write
        else:
            cents = parse_amount(cell)
        if cents > most:
            raise Refusal("exchange.amount_too_large", millions=most // 100_000_000)
        return cents

    return parse


@lru_cache(4096)  # a file holds few different days; the cache is bounded, so a hostile file gains nothing
def day(cell: str) -> date:
    """Take a day that exists, written 24-11-2026 or 2026-11-24."""
    parts = cell.split("-")
    if len(parts) != 3 or not cell.isascii() or not all(part.isdigit() and len(part) <= 4 for part in parts):
        raise Refusal("exchange.not_a_day")
    if len(parts[2]) == 4:
        parts.reverse()
    if len(parts[0]) != 4 or len(parts[1]) > 2 or len(parts[2]) > 2:
        raise Refusal("exchange.not_a_day")
    year, month, number = map(int, parts)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refusal("exchange.day_too_far", first=FIRST_YEAR, last=LAST_YEAR)
    try:
        return date(year, month, number)
    except ValueError as wrong:
        raise Refusal("exchange.no_such_day") from wrong


def choice(meanings: Mapping[str, object], also: Mapping[str, object] | None = None) -> Parser:
    """Take one of the words given, in any letter case; give what it means. `also` holds other words that people write."""
    known = {word.casefold(): meaning for word, meaning in {**meanings, **(also or {})}.items()}
    allowed = ", ".join(meanings)

    @lru_cache(MEMORY)
    def parse(cell: str) -> object:
        found = known.get(cell.casefold(), known)
        if found is known:
            raise Refusal("exchange.not_a_choice", allowed=allowed)
        return found

    return parse


yes_no = choice({"J": True, "N": False, "ja": True, "nee": False})


def bsn(cell: str) -> str:
    """Take a citizen service number that passes the eleven test; give nine digits."""
    try:
        return str(citizen_number.validate(cell))
    except ValidationError as wrong:
        raise Refusal("exchange.not_a_bsn") from wrong


def iban(cell: str) -> str:
    """Take an account number whose check digits are right (ISO 13616); give it without spaces, in capitals."""
    try:
        return str(iban_number.validate(cell))
    except ValidationError as wrong:
        raise Refusal("exchange.not_an_iban") from wrong


def postcode(cell: str) -> str:
    """Take a Dutch postcode with or without its space; give it as `1098 HJ`."""
    try:
        return str(postal_code.validate(cell))
    except ValidationError as wrong:
        raise Refusal("exchange.not_a_postcode") from wrong


def email(cell: str) -> str:
    """Take one mail address; whether it works only a message can tell."""
    if len(cell) > 254 or not _EMAIL.fullmatch(cell) or IN_A_LINE.search(cell):
        raise Refusal("exchange.not_an_email")
    return cell
