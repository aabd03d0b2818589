"""What waits, counted in one statement: each list gives its part, made once for everybody who stands alike."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Role
from app.clock import today

MOST = 1000  # counting stops here: pages then say `999+`
Part = Callable[[Actor], Select[Any] | None]  # gives the statement that counts, or None for who counts nothing there
ORGANISATION: Any = bindparam("organisation", type_=Integer)
PERSON: Any = bindparam("person", type_=Integer)


def number(count: int) -> str:
    """Write a count; beyond what is counted it reads `999+`."""
    return f"{MOST - 1}+" if count >= MOST else str(count)


def counted(session: Session, actor: Actor, parts: tuple[Part, ...]) -> list[int | None]:
    """Return what each part counts for an actor; None where it counts nothing."""
    standing = (actor.roles, actor.kind, actor.organisation_id is not None, actor.person_id is not None)
    statement, counts = _statement(parts, standing, today())
    values = {"organisation": actor.organisation_id, "person": actor.person_id, "today": today()}
    found = iter(session.connection().execute(statement, values).one() if any(counts) else ())
    return [int(next(found)) if is_counted else None for is_counted in counts]


@lru_cache(maxsize=256)
def _statement(
    parts: tuple[Part, ...],
    standing: tuple[frozenset[Role], Kind, bool, bool],
    day: date,  # noqa: ARG001 (mandates are those of a day)
) -> tuple[Select[Any], tuple[bool, ...]]:
    """Put the parts together for everybody with these roles: whose rows they count is filled in at every use."""
    roles, kind, has_organisation, has_person = standing
    alike = Actor("", roles, kind, ORGANISATION if has_organisation else None, person_id=PERSON if has_person else None)
    made = [part(alike) for part in parts]
    return select(*(one.scalar_subquery() for one in made if one is not None)), tuple(one is not None for one in made)
