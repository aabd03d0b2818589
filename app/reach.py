"""How far a session of the database sees: whose rows, and of which areas those of everybody. The second wall beside the queries."""

from contextvars import ContextVar, Token
from dataclasses import dataclass
from enum import StrEnum


class Area(StrEnum):
    """A part of the database of which somebody may see the rows of every organisation."""

    EVERYTHING = "everything"  # the portal itself: its jobs, its command line, and the acts that a use case does for everybody
    OFFERS = "offers"  # offers, how they compared with a consent, their history and letters
    CASES = "cases"  # the debt files with their claims
    CONSENTS = "consents"  # standing consents with their documents and what they covered, but no drafts
    REGISTER = "register"  # contacts and mandates
    PEOPLE = "people"  # who works where
    DOOR = "door"  # who was asked to work where, and who came through a provider and waits to be admitted
    SIGNUPS = "signups"  # creditors that asked for their first account with the code of a letter
    PRACTICES = "practices"  # practice reports that were submitted, with their remarks and files, but nobody's drafts
    COMPLAINTS = "complaints"  # complaints of harsh collection with their history, but nobody's drafts
    RELATIONS = "relations"  # escalations, meetings with creditors and agents, and commitments
    AUDIT = "audit"  # the log
    WORK = "work"  # the progress of long work


@dataclass(frozen=True)
class Reach:
    """Whose rows a session sees: those of one organisation (an agent's with its mandates), of a team, and of whole areas."""

    organisation_id: int | None = None
    person_id: int | None = None
    team: str = ""  # the neighbourhood team whose cases are within reach
    areas: frozenset[Area] = frozenset()


NOBODY = Reach()
PORTAL = Reach(areas=frozenset({Area.EVERYTHING}))
_reach: ContextVar[Reach] = ContextVar("reach", default=NOBODY)


def act_within(reach: Reach) -> Token[Reach]:
    """Let the sessions of this thread see what `reach` says and no more; return what `act_as_before` takes."""
    return _reach.set(reach)


def act_as_before(token: Token[Reach]) -> None:
    """Undo `act_within`."""
    _reach.reset(token)


def reach_now() -> Reach:
    """Return how far this thread sees; nobody who was not named sees anything."""
    return _reach.get()
