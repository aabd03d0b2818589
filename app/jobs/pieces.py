"""Do long work piece by piece, each piece in a transaction of its own, so that one row which breaks takes no other with it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import OperationalError

R = TypeVar("R")
PIECE = 500  # rows: what a piece costs beside its rows is shared by many, and nobody waits long for what it locks
Work = Callable[[Sequence[R]], object]


def in_pieces(rows: Sequence[R], work: Work[R], size: int = PIECE, tell: Callable[[int], object] | None = None) -> None:
    """Do rows in pieces of at most `size`, and `tell` after each how many are done.

    A piece that breaks leaves nothing and is done again row by row: only the row that is to blame stays undone, and what it raised
    is raised at the end, when all others are done. A database that does not work is nobody's blame: that is raised at once.
    """
    broken: Exception | None = None
    for start in range(0, len(rows), size):
        piece = rows[start : start + size]
        found = _broken(piece, work)
        broken = broken or found
        if tell:
            tell(start + len(piece))
    if broken:
        raise broken


def _broken(piece: Sequence[R], work: Work[R]) -> Exception | None:
    """Do a piece; return what its first row that does not work raised."""
    try:
        work(piece)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 # whatever it is, the other rows are done
        if len(piece) == 1:
            return error
        return next(filter(None, [_broken([row], work) for row in piece]), None)
    return None
