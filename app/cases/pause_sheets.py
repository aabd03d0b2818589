"""The file in which a creditor answers notices: the columns as they are read, and as they are written to fill in. All in Dutch."""

from typing import NamedTuple

from app.cases.pause_rules import NoticeState, Searched
from app.errors import Refusal
from app.exchange import cells, hub
from app.exchange.filling import Blank, Form
from app.exchange.sheets import Column, Sheet
from app.exchange.writing import DAY, TEXT, Field

ANSWERS = {
    "bevestigd": NoticeState.CONFIRMED,
    "andere incassopartij": NoticeState.OTHER_AGENT,
    "klant onbekend": NoticeState.CLIENT_UNKNOWN,
    "beletsel": NoticeState.OBSTACLE,
}
ALSO_ANSWERS = {"cliënt onbekend": NoticeState.CLIENT_UNKNOWN, "ja": NoticeState.CONFIRMED, "akkoord": NoticeState.CONFIRMED}
SEARCHED = {
    "naam": Searched.NAME, "geboortedatum": Searched.BIRTH_DATE, "adres": Searched.ADDRESS, "kenmerk": Searched.REFERENCE,
    "telefoon": Searched.PHONE, "e-mail": Searched.EMAIL,
}  # fmt: skip
YES = {"ja": True}
KEY, ANSWER, AGENT, FIELDS, WORDS = "Kennisgeving", "Antwoord", "Incassopartij", "Gezocht op", "Toelichting"


def searched(cell: str) -> frozenset[Searched]:
    """Take names of fields with commas between them: `naam, adres`. Raises Refusal for a name that is none."""
    names = [name.strip().casefold() for name in cell.split(",") if name.strip()]
    if unknown := [name for name in names if name not in SEARCHED]:
        raise Refusal("pauses.searched_unknown", name=unknown[0][:40], allowed=", ".join(SEARCHED))
    return frozenset(SEARCHED[name] for name in names)


class NoticeFilled(NamedTuple):
    """One row as it was filled in; all but the reference may be empty."""

    ref: str
    told: NoticeState | None
    agent: str
    searched: frozenset[Searched]
    is_unknown: bool
    words: str

    @property
    def answer(self) -> NoticeState | None:
        """Return the answer; the hub has a column of its own for an unknown client."""
        return self.told or (NoticeState.CLIENT_UNKNOWN if self.is_unknown else None)

    @property
    def is_empty(self) -> bool:
        return self.answer is None and not (self.agent or self.searched or self.words)


SHEET = Sheet(
    "notice answers",
    NoticeFilled,
    (
        Column(KEY, "ref", cells.code(), required=True, synonyms=(hub.REFERENCE,)),
        Column(ANSWER, "told", cells.choice(ANSWERS, ALSO_ANSWERS)),
        Column(AGENT, "agent", cells.text(120), default=""),
        Column(FIELDS, "searched", searched, default=frozenset()),
        Column("Klant onbekend", "is_unknown", cells.choice(YES | {"nee": False}, {"j": True, "n": False}), default=False),
        Column(WORDS, "words", cells.text(2000, lines=True), default=""),
    ),
    key=(KEY,),
)
STATES = {
    NoticeState.SENT: "wacht op antwoord", NoticeState.CONFIRMED: "bevestigd", NoticeState.OTHER_AGENT: "andere incassopartij genoemd",
    NoticeState.CLIENT_UNKNOWN: "klant onbekend", NoticeState.OBSTACLE: "beletsel gemeld",
}  # fmt: skip


def form(*, for_hub: bool) -> Form:
    """Return the file to fill in, with our own heads or those of the national hub."""
    known = (
        Field(hub.REFERENCE if for_hub else KEY, TEXT), Field("Klant" if for_hub else "Cliënt", TEXT, 28), Field("Schuldeiser", TEXT, 28),
        Field("Nu bij", TEXT, 28), Field(hub.OWN_REFERENCE if for_hub else "Uw kenmerk", TEXT), Field("Gestuurd", DAY),
        Field("Pauze tot en met", DAY), Field("Stand", TEXT, 28),
    )  # fmt: skip
    blanks = (
        Blank(ANSWER, tuple(ANSWERS), "Kies een antwoord. Laat leeg wat u later beantwoordt.", 24),
        Blank(AGENT, help="Alleen bij andere incassopartij: wie voor u incasseert.", width=28),
        Blank(FIELDS, help="Alleen bij klant onbekend: ten minste twee, met een komma ertussen, zoals naam, adres.", width=28),
        Blank(WORDS, help="Alleen bij een beletsel: waarom de incasso niet stil kan.", width=40),
    )
    return Form(hub.FILE_NAMES[hub.NOTICES] if for_hub else "Incassopauzes", known, blanks)


SHOWN = frozenset(field.head for for_hub in (True, False) for field in form(for_hub=for_hub).known)
