"""Whether two signals are about the same person or the same household: names, birth dates and addresses with their spelling variants.

Pure. `keys` says in which heaps a signal lies: only what shares a heap is compared, so that a city's year of signals can be matched.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache

NAME_ALIKE, NAME_CLOSE, STREET_ALIKE = 0.7, 0.84, 0.75
BEFORE_NAMES = frozenset(
    {
        "van", "von", "de", "den", "der", "het", "t", "ten", "ter", "te", "el", "al", "ait", "ben", "bin", "la", "le", "du", "da", "dos",
        "di", "in", "op", "aan", "s", "d", "o",
    }
)  # fmt: skip
HOUSE = re.compile(r"\D*(\d+)\s*[-/ ]?\s*(.*)")
GROUND = {"hs", "huis", "h", "bg", "o", "begane grond"}
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
SOUNDS = (
    ("ij", "y"), ("ei", "y"), ("sch", "sg"), ("ch", "g"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("dt", "t"), ("ae", "a"), ("oe", "u"),
    ("ou", "u"), ("uu", "u"), ("c", "k"), ("q", "k"), ("x", "ks"), ("z", "s"), ("v", "f"), ("w", "f"), ("d", "t"), ("i", "y"), ("j", "y"),
)  # fmt: skip
PLAIN = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})


class Kinship(IntEnum):
    """How two signals belong together."""

    OTHERS = 0
    HOUSEHOLD = 1
    MOVED = 2  # the same person at another address
    PERSON = 3


@dataclass(frozen=True)
class Subject:
    """Whom a signal is about, as its reporter writes it."""

    surname: str
    given_name: str
    birth_date: date | None
    street: str
    house_number: str
    postcode: str


def keys(one: Subject) -> tuple[str, str, str]:
    """Return the three heaps of a signal: by name with birth date, by address, and by birth date with house number; empty for unknown."""
    number, _ = house(one.house_number)
    born = one.birth_date.isoformat() if one.birth_date else ""
    by_name = f"{sound(one.surname)}|{born}" if born else ""
    by_address = f"{bare(one.postcode)[:4]}|{number}" if one.postcode and number else ""  # the letters are where pens slip
    return by_name, by_address, f"{born}|{number}" if born and number else ""


def kinship(one: Subject, other: Subject) -> Kinship:
    """Say how two signals belong together."""
    near = _address(one, other)
    name, given = _surname(one.surname, other.surname), _given(one.given_name, other.given_name)
    if _is_same_person(name, _born(one.birth_date, other.birth_date), near, given=given):
        return Kinship.PERSON if near > Near.FAR else Kinship.MOVED
    if near is Near.SAME or (near is Near.PERHAPS and name >= NAME_CLOSE):
        return Kinship.HOUSEHOLD
    return Kinship.OTHERS


class Near(IntEnum):
    FAR = 0
    PERHAPS = 1  # one of them has no floor, or a sign of the address differs
    SAME = 2


class Born(IntEnum):
    OTHERWISE = 0
    UNKNOWN = 1
    ALMOST = 2  # day and month changed places, or one digit differs
    SAME = 3


def _is_same_person(name: float, born: Born, near: Near, *, given: bool | None) -> bool:
    """Weigh the facts: the less one of them says, the more the others must."""
    if given is False or born is Born.OTHERWISE:
        return False
    if born is Born.SAME:
        return name >= NAME_ALIKE and (given is True or near > Near.FAR or name == 1)
    if near is Near.FAR:
        return False
    if given is True and near is Near.SAME:
        return name >= NAME_ALIKE
    return name >= NAME_CLOSE and (given is True or near is Near.SAME)


# ── names ────────────────────────────────────────────────────────────────────


@lru_cache(65_536)
def bare(text: str) -> str:
    """Return the letters and digits of a text without accents, in small letters."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(PLAIN))
    return "".join(sign for sign in plain if sign.isalnum())


@lru_cache(65_536)
def _parts(surname: str) -> tuple[str, ...]:
    """Return the parts of a surname that tell people apart: without `van der` and the like."""
    words = [bare(word) for word in re.split(r"[\s\-'’`]+", surname)]
    telling = tuple(word for word in words if word and word not in BEFORE_NAMES)
    return telling or tuple(word for word in words if word)


@lru_cache(65_536)
def sound(surname: str) -> str:
    """Return how a surname sounds, roughly: its consonants as a Dutch ear takes them, of its first telling part."""
    parts = _parts(surname)
    text = parts[0] if parts else ""
    for written, heard in SOUNDS:
        text = text.replace(written, heard)
    kept = text[:1] + "".join(sign for sign in text[1:] if sign not in "aeiouyh")
    return re.sub(r"(.)\1+", r"\1", kept)


def _surname(one: str, other: str) -> float:
    """Return how alike two surnames are, from 0 to 1: whole, or by a part of a double name."""
    first, second = _parts(one), _parts(other)
    if not first or not second:
        return 0.0
    whole = likeness("".join(first), "".join(second))
    if len(first) == len(second) == 1:
        return whole
    return max(whole, *(likeness(a, b) if min(len(a), len(b)) > 3 else float(a == b) for a in first for b in second))


def _given(one: str, other: str) -> bool | None:
    """Tell whether two given names can be one person's; None when one of them tells nothing."""
    first, second = bare(one), bare(other)
    if not first or not second:
        return None
    if len(first) <= 2 or len(second) <= 2 or "." in one + other:  # initials
        return True if first[0] == second[0] else False  # noqa: SIM210 (of three answers)
    return first.startswith(second) or second.startswith(first) or likeness(first, second) >= 0.7


def _born(one: date | None, other: date | None) -> Born:
    if one is None or other is None:
        return Born.UNKNOWN
    if one == other:
        return Born.SAME
    changed = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    digits = sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True))
    return Born.ALMOST if changed or digits == 1 else Born.OTHERWISE


# ── addresses ────────────────────────────────────────────────────────────────


@lru_cache(65_536)
def house(number: str) -> tuple[str, str]:
    """Return the number of a house and its floor in one spelling: `12-H`, `12 hs` and `12 huis` are the same door."""
    found = HOUSE.match(number.strip())
    if not found:
        return "", ""
    floor = re.sub(r"[^a-z0-9 ]", "", unicodedata.normalize("NFKD", found[2].casefold())).strip()
    return found[1].lstrip("0"), "0" if floor in GROUND else ROMAN.get(floor, floor)


def _address(one: Subject, other: Subject) -> Near:
    (number, floor), (number_2, floor_2) = house(one.house_number), house(other.house_number)
    if not number or number != number_2 or (floor != floor_2 and floor and floor_2):
        return Near.FAR
    is_whole = floor == floor_2
    postcode, postcode_2 = bare(one.postcode), bare(other.postcode)
    if postcode and postcode == postcode_2:
        return Near.SAME if is_whole else Near.PERHAPS
    streets = likeness(_street(one.street), _street(other.street))
    if not (postcode and postcode_2):
        return Near.PERHAPS if streets >= STREET_ALIKE else Near.FAR
    is_slip = len(postcode) == len(postcode_2) and sum(a != b for a, b in zip(postcode, postcode_2, strict=True)) <= 2
    return Near.PERHAPS if is_slip and streets >= STREET_ALIKE else Near.FAR


@lru_cache(65_536)
def _street(street: str) -> str:
    text = re.sub(r"str\.?$", "straat", street.casefold().strip())
    text = re.sub(r"\b(1e|eerste)\b", "1", re.sub(r"\b(2e|tweede)\b", "2", text))
    return bare(re.sub(r"^(burg|burgemeester)\b\.?", "burg", text)).replace("ij", "y")


# ── likeness ─────────────────────────────────────────────────────────────────


@lru_cache(65_536)
def likeness(one: str, other: str) -> float:
    """Return how alike two texts are: 1 less the share of signs that were changed, left out, added or swapped."""
    if one == other:
        return 1.0
    longest = max(len(one), len(other))
    return 1 - _slips(one.replace("ij", "y"), other.replace("ij", "y")) / longest if longest else 1.0


def _slips(one: str, other: str) -> int:
    """Return the number of slips of the pen between two texts (Damerau's distance, with swaps of neighbours)."""
    last_but_one: list[int] = []
    last = list(range(len(other) + 1))
    for at, sign in enumerate(one):
        row = [at + 1]
        for to, sign_2 in enumerate(other):
            cost = min(last[to + 1] + 1, row[to] + 1, last[to] + (sign != sign_2))
            if at and to and sign == other[to - 1] and one[at - 1] == sign_2:
                cost = min(cost, last_but_one[to - 1] + 1)
            row.append(cost)
        last_but_one, last = last, row
    return last[-1]
