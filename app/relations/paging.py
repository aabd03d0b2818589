"""Read the lists of relations page by page: a list is one stretch or more, each in its own order, and a page begins after a row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_
from sqlalchemy.orm import Session

from app.counts import MOST
from app.errors import NotFound

SIZE = 50  # rows on a page


@dataclass(frozen=True)
class Stretch:
    """The part of a list in one order: the columns of which the last tells rows apart, never empty in it, and which rows those are."""

    keys: tuple[Any, ...]
    where: ColumnElement[bool]
    is_backwards: bool = False

    def ordered(self, found: Select[Any]) -> Select[Any]:
        """Return a statement over this stretch alone, in its order."""
        return found.where(self.where).order_by(*(key.desc() for key in self.keys) if self.is_backwards else self.keys)

    def beyond(self, place: Row[Any]) -> ColumnElement[bool]:
        """Return the condition of what comes after a row, by its keys; the first of them alone lets an index find the place."""
        here, first = tuple_(*self.keys), self.keys[0]
        if self.is_backwards:
            return and_(first <= place[0], here < tuple(place))
        return and_(first >= place[0], here > tuple(place))


def page_of(
    session: Session, found: Select[Any], stretches: Sequence[Stretch], after: ColumnElement[bool] | None, size: int
) -> tuple[list[Row[Any]], str]:
    """Return one page of `found` and the reference after which the next one begins, or nothing.

    `after` is the condition of one row that the reader sees, whether or not it fits the filters still. Raises NotFound without it.
    """
    rows: list[Row[Any]] = []
    for stretch in stretches:
        part = stretch.ordered(found)
        if after is not None:
            place = session.execute(select(*stretch.keys).where(after, stretch.where)).one_or_none()
            if place is None:
                continue
            part, after = part.where(stretch.beyond(place)), None
        rows += session.execute(part.limit(size + 1 - len(rows)))
        if len(rows) > size:
            return rows[:size], rows[size - 1].ref
    if after is not None:
        raise NotFound
    return rows, ""


def in_order(session: Session, found: Select[Any], stretches: Sequence[Stretch]) -> Iterator[Row[Any]]:
    """Yield every row of `found` in the order of the list."""
    for stretch in stretches:
        yield from session.execute(stretch.ordered(found))


def up_to_most(id_: Any, *where: ColumnElement[bool]) -> Select[Any]:
    """Give the statement that counts rows, up to the number from which a page says '999+'."""
    return select(func.count()).select_from(select(id_).where(*where).limit(MOST).subquery())
