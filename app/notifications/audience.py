"""Who reads what an organisation is told, and whose an address is: a port, for people and the register stand above this package."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.access import Actor


@dataclass(frozen=True)
class Reader:
    """A person as it acts for one organisation, and how it is written to."""

    person_id: int
    address: str
    language: str
    actor: Actor


@dataclass(frozen=True)
class Holder:
    """Whose an address is: a person of an organisation, or (without a person) the organisation itself."""

    address: str
    organisation_id: int
    organisation: str
    is_city: bool
    person_id: int | None = None
    name: str = ""


class People(Protocol):
    """What the portal's messages ask of accounts and the register."""

    def readers(self, session: Session, *, organisation_id: int | None = None, person_id: int | None = None) -> list[Reader]:
        """Return who works where today: everybody, those of one organisation, or one person for each of its organisations."""

    def holders(self, session: Session, addresses: Collection[str]) -> list[Holder]:
        """Return whose these addresses are, as far as the session sees."""

    def mailbox(self, session: Session, organisation_id: int) -> tuple[str, str]:
        """Return the address and the name of an organisation. Raises NotFound."""


class Sees(Protocol):
    """The condition that an actor may see what stands at a path of the portal."""

    def __call__(self, actor: Actor, path: ColumnElement[str]) -> ColumnElement[bool]: ...


_people: Any = None
_sees: Any = None


def hand_in(people: People, sees: Sees) -> None:
    """Set who knows people and who judges subjects; the edge does so at the start."""
    global _people, _sees
    _people, _sees = people, sees


def people() -> People:
    """Return who knows people."""
    assert _people is not None, "the edge hands this in"  # noqa: S101 (a start without it is a bug)
    return _people  # type: ignore[no-any-return]


def sees(actor: Actor, path: Any) -> ColumnElement[bool]:
    """Return the condition that an actor may see what a message is about."""
    return _sees(actor, path)  # type: ignore[no-any-return] # handed in as Sees
