"""Plain YAML read strictly, with every fault named at once. Knows no case: keys and meanings are read where they are known.

Anchors, tags, double keys and deep nesting are refused before anything is built, and numbers with decimals stay text, so that no
amount passes through a floating point number.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from app.errors import Refusal

Node: TypeAlias = "dict[str, Any] | list[Any] | str | int | bool | None"

MOST_BYTES = 1_000_000
MOST_DEPTH = 8
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}

SENTENCES = {
    "too_big": "het bestand is groter dan 1 MB",
    "not_text": "het bestand is geen tekst in UTF-8",
    "not_yaml": "het bestand is geen geldige YAML",
    "not_plain": "ankers, verwijzingen en tags zijn niet toegestaan",
    "too_deep": "de inhoud zit te diep genest",
    "double_key": "staat er twee keer",
    "not_a_mapping": "moet uit sleutels met waarden bestaan",
    "not_a_list": "moet een lijst zijn",
    "unknown_key": "is een onbekende sleutel",
    "missing": "ontbreekt",
    "empty": "er staat geen enkele vordering in",
    "not_whole": "moet een heel getal zijn",
    "not_cents": "moet een heel aantal centen van 0 of meer zijn",
    "not_a_date": "is geen bestaande datum (jjjj-mm-dd, van 1900 tot 2200)",
    "not_a_percentage": 'moet een percentage zijn, zoals "7.50"',
    "not_true_or_false": "moet true of false zijn",
    "not_a_name": "moet een korte tekst zijn",
    "out_of_bounds": "valt buiten de grenzen",
    "unknown_product": "is geen bekend product",
    "unknown_rank": "is geen bekende rang",
    "double_id": "komt twee keer voor",
    "double_version": "staat er twee keer met dezelfde schuldeiser en versie",
    "security_not_secured": "hoort alleen bij een vordering met rang secured",
    "months_outside": "moet van 1 tot en met 60 zijn",
    "rate_outside": "moet van 0 tot en met 30 zijn",
    "fee_outside": "is meer dan de wet toestaat",
    "born_later": "ligt na issued_on",
    "zero_offer_with_capacity": "kan niet: capacity_cents (income_cents min vtlb_cents) of extra_cents is meer dan 0",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where it stands (`claims[2].balance_cents`), what is wrong and what was read there."""

    where: str
    code: str
    seen: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.where, self.seen and f"({self.seen})", SENTENCES[self.code]) if part)


class CaseFaults(Refusal):
    """A worked case that cannot be calculated, with all its faults."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("proposals.case_faults", sentence="; ".join(map(str, self.faults)))


def plain(data: bytes) -> Node:
    """Read one YAML document into dicts, lists, text, whole numbers, true, false and None. Raises CaseFaults."""
    if len(data) > MOST_BYTES:
        raise CaseFaults([Fault("", "too_big")])
    try:
        text = data.decode("utf-8-sig")
        return _build(yaml.parse(text, Loader=_LOADER))
    except UnicodeDecodeError:
        raise CaseFaults([Fault("", "not_text")]) from None
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise CaseFaults([Fault("", "not_yaml", f"regel {mark.line + 1}" if mark else "")]) from None


class _Pile:
    """What is being built: the open lists and mappings from the outside in."""

    def __init__(self) -> None:
        self.open: list[tuple[dict[str, Any] | list[Any], list[str]]] = []
        self.documents: list[Node] = []
        self.faults: list[Fault] = []

    def start(self, node: dict[str, Any] | list[Any]) -> None:
        if len(self.open) >= MOST_DEPTH:
            raise CaseFaults([Fault("", "too_deep")])
        self.open.append((node, []))

    def end(self) -> None:
        self.add(self.open.pop()[0])

    def add(self, value: Node, text: str | None = None) -> None:
        """Put a value where it belongs; in a mapping, first the key (its text as it stands), then the value."""
        if not self.open:
            self.documents.append(value)
            return
        node, keys = self.open[-1]
        if isinstance(node, list):
            node.append(value)
        elif keys:
            node[keys.pop()] = value
        else:
            self._add_key(node, keys, text)

    def _add_key(self, node: dict[str, Any], keys: list[str], text: str | None) -> None:
        if text is None:
            raise CaseFaults([Fault("", "not_yaml")])
        if text in node:
            self.faults.append(Fault(text[:40], "double_key"))
        keys.append(text)


def _build(events: Iterable[Any]) -> Node:
    pile = _Pile()
    for event in events:
        if getattr(event, "anchor", None) or (getattr(event, "tag", None) or "!") != "!":
            raise CaseFaults([Fault("", "not_plain")])
        _take(event, pile)
    if pile.faults:
        raise CaseFaults(pile.faults)
    if len(pile.documents) > 1:
        raise CaseFaults([Fault("", "not_yaml")])
    return pile.documents[0] if pile.documents else None


def _take(event: Any, pile: _Pile) -> None:
    match event:
        case yaml.ScalarEvent():
            pile.add(_scalar(event.value) if event.implicit[0] else event.value, event.value)
        case yaml.MappingStartEvent():
            pile.start({})
        case yaml.SequenceStartEvent():
            pile.start([])
        case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
            pile.end()


def _scalar(text: str) -> Node:
    """Read text without quotes. Dates and numbers with decimals stay text: they are read where their meaning is known."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return _WORDS.get(text.lower() if text.isascii() else text, text)
