"""Long work in pieces: one row that breaks takes no other with it."""

import pytest
from sqlalchemy.exc import OperationalError

from app.jobs.pieces import in_pieces


class Work:
    """Does rows unless one of the piece is bad; remembers which pieces it did."""

    def __init__(self, bad=(), error=ValueError):
        self.bad, self.error, self.done = set(bad), error, []

    def __call__(self, piece):
        wrong = sorted(self.bad & set(piece))
        if wrong:
            raise self.error(wrong[0])
        self.done.append(list(piece))


def test_rows_are_done_in_pieces_and_told_after_each():
    work, told = Work(), []
    in_pieces(range(5), work, 2, told.append)
    assert (work.done, told) == ([[0, 1], [2, 3], [4]], [2, 4, 5])


def test_of_a_piece_that_breaks_every_other_row_is_done_and_the_first_error_comes_out_at_the_end():
    work = Work(bad={1, 4})
    with pytest.raises(ValueError, match="1"):
        in_pieces(range(6), work, 3)
    assert work.done == [[0], [2], [3], [5]]


def test_a_piece_that_breaks_as_a_whole_and_in_no_row_is_done():
    done = []

    def work(piece):
        if len(piece) > 1:
            raise ValueError
        done.extend(piece)

    in_pieces(range(4), work, 4)
    assert done == [0, 1, 2, 3]


def test_a_database_that_does_not_work_is_no_row_s_blame():
    work = Work(bad={0}, error=lambda _: OperationalError("", {}, Exception("locked")))
    with pytest.raises(OperationalError):
        in_pieces(range(4), work, 2)
    assert work.done == []


def test_a_process_that_ends_does_no_more():
    work = Work(bad={0}, error=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        in_pieces(range(4), work, 2)
    assert work.done == []
