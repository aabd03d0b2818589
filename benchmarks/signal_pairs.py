"""A labelled set for the matching of early signals: invented people with spelling variants, and neighbours who only look like them.

The same seed gives the same set. Each signal carries who it is about and the household, so that every pair has its true answer.
"""

import random
import string
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.early_signals.matching import Kinship, Subject

SURNAMES = (
    "de Vries", "van den Berg", "Jansen", "Bakker", "Janssen", "van Dijk", "Visser", "Smit", "Meijer", "Mulder", "de Boer", "Dekker",
    "Bos", "van 't Hof", "El Idrissi", "Ait Haddou", "Yılmaz", "Yıldız", "Öztürk", "Şahin", "Çelik", "Kaya", "Bouzid", "Ben Ali",
    "Haile", "Dąbrowska", "Kowalczyk", "Lăcătuș", "Müller", "Schröder", "Martínez", "García", "O'Brien", "d'Ancona", "ten Have",
    "Ramdin", "Kartosen", "Pinas", "Wijngaarde", "Vrolijk", "Zijlstra", "Hoekstra", "Jansen-de Groot", "Nguyen", "Tran", "Wong", "Li",
    "Singh", "Ali", "Abdi", "Okafor", "Mensah", "Kuipers", "Kuijpers", "van der Heijden", "van der Heyden", "Willems", "Peeters",
    "Schouten", "Scholten", "Brouwer",
)  # fmt: skip
GIVEN = (
    "Dariusz", "Ömer", "Yağmur", "Gökhan", "Hüseyin", "Mohammed", "Muhammed", "Zoë", "Ruben", "Umut", "Saïda", "Kofi", "Kwame",
    "Łucja", "Věra", "Jesús", "Imane", "Bram", "Fatima", "Şeyma", "Quincy", "Xander", "Sanne", "Anna", "Anne", "Maria", "Johan", "Jan",
    "Piet", "Noor", "Thijs", "Daan", "Emma", "Julia", "Lucas", "Levi", "Sem", "Mila", "Tess", "Sara",
)  # fmt: skip
STREETS = (
    "Zeilstraat", "Molenpad", "Lindenhof", "Houtweg", "Dijkgracht", "Kraanplein", "Tuinlaan", "Meerzicht", "Korenkade", "Vlinderhof",
    "Eerste Oosterparkstraat", "Burgemeester Röellstraat", "Jan van Galenstraat", "Wijttenbachstraat",
)  # fmt: skip
FLOORS = ("", "", "", "", "-1", "-2", "-3", "-H", "A", "B")
SPELLED = {"-H": ("-H", " hs", " huis", "H"), "-1": ("-1", " I", "-I"), "-2": ("-2", " II"), "-3": ("-3", " III"), "A": ("A", " a", "-A")}
ASCII = str.maketrans("ıłøßđ", "ilosd")


@dataclass(frozen=True)
class Labelled:
    """A signal with the person and the household that it is truly about."""

    subject: Subject
    person: int
    household: int


def truth(one: Labelled, other: Labelled) -> Kinship:
    """Return how two signals truly belong together."""
    if one.person == other.person:
        return Kinship.PERSON
    return Kinship.HOUSEHOLD if one.household == other.household else Kinship.OTHERS


def labelled(households: int, seed: int = 20260604) -> list[Labelled]:
    """Return signals about so many households: one to four for each person, the later ones as another reporter writes them."""
    chance = random.Random(seed)
    made: list[Labelled] = []
    person = 0
    for household in range(households):
        for subject in _household(chance):
            made.append(Labelled(subject, person, household))
            made += [Labelled(_as_written(chance, subject), person, household) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
            person += 1
        if made and chance.random() < 0.25:  # a neighbour who looks like it, but is somebody else
            made.append(Labelled(_lookalike(chance, made[-1].subject), person, households + person))
            person += 1
    return made


def _household(chance: random.Random) -> list[Subject]:
    """Return one to three people at one door; half of the time with one surname."""
    first = Subject(
        chance.choice(SURNAMES), chance.choice(GIVEN), _born(chance), chance.choice(STREETS),
        f"{chance.randrange(1, 900)}{chance.choice(FLOORS)}", _postcode(chance),
    )  # fmt: skip
    others = [given for given in GIVEN if given[0] != first.given_name[0]]
    names = [first.surname if chance.random() < 0.5 else chance.choice(SURNAMES) for _ in range(chance.choice((0, 0, 0, 1, 2)))]
    return [first, *(replace(first, surname=name, given_name=chance.choice(others), birth_date=_born(chance)) for name in names)]


def _born(chance: random.Random) -> date:
    return date(1945, 1, 1) + timedelta(days=chance.randrange(22_000))


def _postcode(chance: random.Random) -> str:
    letters = "".join(chance.choice("ABCDEGHJKLMNPRSTVWXZ") for _ in range(2))
    return f"{chance.choice((*range(1011, 1109),))} {letters}"


# ── spelling variants ────────────────────────────────────────────────────────


def _as_written(chance: random.Random, subject: Subject) -> Subject:
    """Return the same person as another reporter writes it: one to three things differ."""
    for change in chance.sample(CHANGES, chance.choice((1, 1, 2, 2, 3))):
        subject = change(chance, subject)
    return subject


def _without_accents(_: random.Random, subject: Subject) -> Subject:
    def plain(text: str) -> str:
        text = unicodedata.normalize("NFKD", text.translate(ASCII))
        return "".join(sign for sign in text if not unicodedata.combining(sign))

    return replace(subject, surname=plain(subject.surname), given_name=plain(subject.given_name), street=plain(subject.street))


def _slip(chance: random.Random, text: str) -> str:
    at = chance.randrange(1, max(2, len(text)))
    how = chance.randrange(4)
    if how == 0:
        return text[:at] + text[at + 1 :]
    if how == 1:
        return text[:at] + chance.choice(string.ascii_lowercase) + text[at:]
    if how == 2:
        return text[:at] + chance.choice(string.ascii_lowercase) + text[at + 1 :]
    return text[: at - 1] + text[at : at + 1] + text[at - 1 : at] + text[at + 1 :]


def _name_slip(chance: random.Random, subject: Subject) -> Subject:
    return replace(subject, surname=_slip(chance, subject.surname)) if len(subject.surname) > 4 else subject


def _given_slip(chance: random.Random, subject: Subject) -> Subject:
    return replace(subject, given_name=_slip(chance, subject.given_name)) if len(subject.given_name) > 4 else subject


def _initials(_: random.Random, subject: Subject) -> Subject:
    return replace(subject, given_name=f"{subject.given_name[:1]}.") if subject.given_name else subject


def _no_given(_: random.Random, subject: Subject) -> Subject:
    return replace(subject, given_name="")


def _no_prefix(_: random.Random, subject: Subject) -> Subject:
    return replace(subject, surname=subject.surname.split(" ")[-1])


def _as_heard(chance: random.Random, subject: Subject) -> Subject:
    told = chance.choice((("ij", "y"), ("ss", "s"), ("c", "k"), ("z", "s"), ("sch", "sg"), ("ui", "uy"), ("dt", "t"), ("v", "f")))
    return replace(subject, surname=subject.surname.replace(*told))


def _married(chance: random.Random, subject: Subject) -> Subject:
    return replace(subject, surname=f"{chance.choice(SURNAMES)}-{subject.surname}")


def _no_birth_date(_: random.Random, subject: Subject) -> Subject:
    return replace(subject, birth_date=None)


def _other_birth_date(chance: random.Random, subject: Subject) -> Subject:
    born = subject.birth_date
    if born is None:
        return subject
    if born.day <= 12 and chance.random() < 0.5:
        return replace(subject, birth_date=date(born.year, born.day, born.month))
    return replace(subject, birth_date=born.replace(year=born.year // 10 * 10 + chance.randrange(10), day=min(born.day, 28)))


def _other_floor(chance: random.Random, subject: Subject) -> Subject:
    for floor, spelled in SPELLED.items():
        if subject.house_number.endswith(floor):
            return replace(subject, house_number=subject.house_number.removesuffix(floor) + chance.choice(spelled))
    return subject


def _no_floor(_: random.Random, subject: Subject) -> Subject:
    return replace(subject, house_number="".join(sign for sign in subject.house_number.split("-")[0] if sign.isdigit()))


def _short_street(_: random.Random, subject: Subject) -> Subject:
    street = subject.street.replace("straat", "str.").replace("Burgemeester", "Burg.").replace("Eerste", "1e")
    return replace(subject, street=street)


def _street_slip(chance: random.Random, subject: Subject) -> Subject:
    return replace(subject, street=_slip(chance, subject.street))


def _postcode_slip(chance: random.Random, subject: Subject) -> Subject:
    return replace(subject, postcode=subject.postcode[:-1] + chance.choice("ABCDEGHJK"))


def _tight_postcode(_: random.Random, subject: Subject) -> Subject:
    return replace(subject, postcode=subject.postcode.replace(" ", "").lower())


def _moved(chance: random.Random, subject: Subject) -> Subject:
    """The reporter still has an old address: the household cannot be known, the person can."""
    return replace(subject, street=chance.choice(STREETS), house_number=str(chance.randrange(1, 900)), postcode=_postcode(chance))


CHANGES: tuple[Callable[[random.Random, Subject], Subject], ...] = (
    _without_accents, _without_accents, _name_slip, _name_slip, _given_slip, _initials, _initials, _no_given, _no_prefix, _no_prefix,
    _as_heard, _as_heard, _married, _no_birth_date, _no_birth_date, _other_birth_date, _other_floor, _other_floor, _no_floor, _short_street,
    _short_street, _street_slip, _postcode_slip, _tight_postcode, _tight_postcode, _moved,
)  # fmt: skip


# ── who only looks like it ───────────────────────────────────────────────────


def _lookalike(chance: random.Random, subject: Subject) -> Subject:
    """Return somebody else: a namesake elsewhere, a neighbour with the same name, or another floor."""
    other_given = chance.choice([given for given in GIVEN if given[0] != (subject.given_name or "?")[0]])
    number = subject.house_number
    ways = (
        replace(subject, birth_date=_born(chance), street=chance.choice(STREETS), house_number="7", postcode=_postcode(chance)),
        replace(subject, birth_date=_born(chance), house_number=f"{number}9", given_name=other_given),
        replace(subject, birth_date=_born(chance), house_number=f"{''.join(c for c in number if c.isdigit())}-4", given_name=other_given),
        replace(subject, surname=chance.choice(SURNAMES), given_name=other_given, house_number="8", postcode=_postcode(chance)),
    )
    return chance.choice(ways)
