"""Rules of complaints of harsh collection: what they are about, what is answered, what may be told. Pure: no database, clock or words."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from app.errors import Refusal


class ComplaintKind(StrEnum):
    """What a helper complains of (Afsprakenkader Sociaal Incasseren, March 2025; the list is the relations team's)."""

    COSTS = "costs above the scale"
    DURING_PAUSE = "collecting during a pause"
    TONE = "threat or tone"
    NO_ARRANGEMENT = "no arrangement offered"
    ATTACHMENT = "attachment of benefit or bank account"
    UNREACHABLE = "unreachable"
    COVENANT = "agent disregards covenant"
    REFUSAL = "refuses without grounds"
    DATA = "data shared wrongly"
    OTHER = "other"


class Severity(StrEnum):
    """How grave the relations team finds it."""

    LIGHT = "light"
    NORMAL = "normal"
    GRAVE = "grave"


class Category(StrEnum):
    """Where it came from, as the relations team sees it."""

    MISTAKE = "single mistake"
    HABIT = "habit"
    POLICY = "policy"
    AGENT = "conduct of an agent"
    LAW = "law or covenant broken"


class Answer(StrEnum):
    """What the creditor or agent answers."""

    MENDED = "mended"
    EXPLAINED = "explained"
    RIGHT = "was right to collect"
    UNKNOWN = "client unknown"
    NOT_OURS = "not ours"
    MEASURES = "measures taken"


class Outcome(StrEnum):
    """What the relations team makes of it in the end."""

    UPHELD = "upheld"
    PARTLY = "partly upheld"
    NOT_UPHELD = "not upheld"
    NO_JUDGEMENT = "not to be judged"


class Helped(StrEnum):
    """Whether the outcome helped the client, as who reported it says."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Audience(StrEnum):
    """Who reads a line of the history beside the relations team."""

    TEAM = "team"  # nobody: a private note, an owner, a decision about the record
    REPORTER = "reporter"
    PARTY = "party"  # the creditor, and the agent when it was told


class What(StrEnum):
    """What happened to a complaint."""

    REPORTED = "reported"
    ADDED = "added"
    CONFIRMED = "receipt confirmed"
    SORTED = "sorted"
    NOTED = "noted"
    RELATED = "related to a case"
    PASSED_ON = "passed on"
    MERGED = "merged"
    SPLIT = "split"
    PAUSED = "clock paused"
    RESUMED = "clock resumed"
    ADDRESSED = "addressed"
    ASKED = "question asked"
    ANSWERED = "answered"
    DISAGREED = "disagreed"
    REPLIED = "replied"
    CLOSED = "closed"
    HELPED = "said whether it helped"
    REOPENED = "reopened"
    REMINDED = "reminded"
    MAY_NAME = "client may be named"
    MAY_NOT_NAME = "client may not be named"
    TERM = "term changed"


DUPLICATE_DAYS = 14  # two of a kind about one creditor so near in time may be one (set by the relations team)
SHORTEST_NAME = 3  # signs of a name or reference below which it is found in any text


def check_report(kind: ComplaintKind | None, happened_on: date | None, words: str, has_party: bool, today: date) -> None:  # noqa: FBT001
    """Raise Refusal when a complaint lacks about whom, of what kind, when or what happened, or lies in the future."""
    if not has_party:
        raise Refusal("relations.party_missing", field="party")
    if kind is None:
        raise Refusal("relations.kind_missing", field="kind")
    if happened_on is None:
        raise Refusal("relations.day_missing", field="happened_on")
    if happened_on > today:
        raise Refusal("relations.day_in_future", field="happened_on")
    check_words(words, "words")


def check_words(words: str, field: str) -> None:
    """Raise Refusal when nothing was written where words are asked."""
    if not words.strip():
        raise Refusal("relations.words_missing", field=field)


def names_client(text: str, known: Iterable[str]) -> str:
    """Return the first of some names and references that stands in a text, or nothing: case, accents and spaces do not count."""
    words = f" {_bare(text)} "
    tight = words.replace(" ", "")
    for name in known:
        bare = _bare(name)
        found = f" {bare} " in words or (any(sign.isdigit() for sign in bare) and bare.replace(" ", "") in tight)
        if len(bare.replace(" ", "")) >= SHORTEST_NAME and found:
            return name
    return ""


def check_anonymous(text: str, known: Iterable[str]) -> None:
    """Raise Refusal when a text for a creditor names a client that did not agree to it."""
    if name := names_client(text, known):
        raise Refusal("relations.names_client", field="told_words", name=name)


def is_near(first: date, second: date) -> bool:
    """Tell whether two days are so near that two complaints may be about the same."""
    return abs((first - second).days) <= DUPLICATE_DAYS


def _bare(text: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", " ", plain.casefold()).strip()
