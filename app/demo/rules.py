"""How creditors of a simulated year answer by hand: chances after research, drawn for each offer by itself. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

ASKED_AGAIN_AFTER = 1  # working days between a refusal and the bank's question


class Answer(StrEnum):
    """What becomes of an offer that a creditor answers by hand."""

    AT_ONCE = "agrees at once"
    WHEN_ASKED_AGAIN = "agrees when asked again"
    REFUSES = "refuses, also when asked again"
    FORGETS = "never answers"


@dataclass(frozen=True)
class Habit:
    """How a creditor answers one offer: so many working days after issue, and so many after it is asked again."""

    answer: Answer
    after: int
    again_after: int

    @property
    def is_late(self) -> bool:
        """Tell whether the first answer comes after its term of ten working days."""
        return self.answer is not Answer.FORGETS and self.after > ANSWER_DAYS


# ── the chances ──────────────────────────────────────────────────────────────

ANSWER_DAYS, CLOSING_DAYS = 10, 20
DOUBTED = 0.4  # of the cases: there creditors doubt, elsewhere hardly ever
ANSWERS = tuple(Answer)
CHANCES = {True: (0.56, 0.14, 0.20, 0.10), False: (0.95, 0.04, 0.005, 0.005)}  # by whether a case is doubted, in the order of ANSWERS
LOCAL_GOVERNMENT = "gemeente"  # always agrees (NVVK covenant, January 2023)
SMALL = frozenset({"particulier", "overig"})  # branches of private persons and small firms, who do not know the process
LATE = {True: 0.40, False: 0.085}  # by whether the creditor is small
IN_TIME = (6, 10, 12, 12, 10, 14, 13, 10, 8, 5)  # weights of working day 1 to 10; the first reminder goes out on the fifth
AFTER_TERM = (5, 18, 16, 14, 12, 11, 9, 8, 7)  # weights of working day 11 to 19; the second reminder goes out on the eleventh

# What the figures rest on, in words for whoever reads them; each with its source.
ASSUMPTIONS = (
    "82 % van de aanbiedingen wordt meteen aanvaard, 7 % na een heroverweging, de rest niet "
    "(onderzoek naar antwoorden van schuldeisers, 2020).",
    "Een op de tien antwoorden komt na de termijn, vooral van kleine bedrijven en particulieren (hetzelfde onderzoek): "
    "40 % bij hen, 8,5 % bij de anderen.",
    "Gemeentelijke schuldeisers zeggen altijd ja (NVVK-convenant Lokale Overheid, januari 2023).",
    "Weigeren en vergeten komt vooral voor in vier van de tien dossiers (aanname; zo komt zonder akkoorden ongeveer 56 % tot een "
    "regeling, het aandeel dat de stad nu haalt).",
    "Op welke werkdag een antwoord komt, is een aanname: de meeste rond de herinneringen op werkdag 5 en 11; wie na een weigering "
    "opnieuw wordt gevraagd, antwoordt binnen tien werkdagen.",
    "De Kredietbank vraagt op de eerste werkdag na een weigering om heroverweging, en sluit op werkdag 20 wat dan niet is beantwoord.",
    "Akkoorden vooraf: ongeveer twee derde van de aangesloten schuldeisers (of met --share een deel van allen), elk met eigen grenzen "
    "zoals in de demo. Wat zo'n akkoord klaarzet, bevestigt een collega op de dag waarop anders was geantwoord.",
    "Zonder akkoord vooraf antwoordt een schuldeiser zoals iedere andere. Wie vooraf ja zei, zou met de hand misschien minder vaak "
    "weigeren: kijk voor het verschil in dagen dus naar de dossiers die op beide manieren tot een regeling komen.",
    "Niet nagespeeld: een ander saldo, een vraag van de schuldeiser, een beter voorstel daarna, en de rechter.",
)


def is_doubted(seed: int, case: str) -> bool:
    """Tell whether creditors doubt the proposals of a case."""
    return Random(f"{seed}/{case}").random() < DOUBTED  # noqa: S311 (a play, no secret)


def habit(seed: int, case: str, claim: int, branch: str) -> Habit:
    """Draw how the creditor of a claim answers by hand.

    The draw hangs on the claim alone: with and without consents, and in whatever order, the same creditor answers the same.
    """
    chance = Random(f"{seed}/{case}/{claim}")  # noqa: S311 (a play, no secret)
    again_after = chance.randint(1, ANSWER_DAYS)
    is_late = chance.random() < LATE[branch in SMALL]
    after = _day(chance, AFTER_TERM, ANSWER_DAYS + 1) if is_late else _day(chance, IN_TIME, 1)
    answer = chance.choices(ANSWERS, CHANCES[is_doubted(seed, case)])[0]
    return Habit(Answer.AT_ONCE if branch == LOCAL_GOVERNMENT else answer, after, again_after)


def _day(chance: Random, weights: tuple[int, ...], first: int) -> int:
    return chance.choices(range(first, first + len(weights)), weights)[0]
