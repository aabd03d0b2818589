"""Holds a test's own sessions to what somebody reaches, as a request of theirs would be held."""

from contextlib import contextmanager

from app.reach import act_as_before, act_within


@contextmanager
def acting(actor):
    """Let the database see no further than this actor does."""
    token = act_within(actor.reach())
    try:
        yield actor
    finally:
        act_as_before(token)
