"""The audit: chained without gaps, in the same transaction, and every kind of tampering is found."""

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError

from app import db
from app.access import SYSTEM
from app.audit.chain import Link, first_fault
from app.audit.models import Event, Head
from app.audit.service import record, verify
from app.errors import Refusal


@pytest.fixture
def events(database, clock):
    """Five events in two transactions."""
    for subjects in (("offer/A", "offer/B", "offer/C"), ("offer/D", "offer/E")):
        with db.transaction() as session:
            for subject in subjects:
                record(session, SYSTEM, "offers:answer", subject, state=("open", "accepted"))


def links():
    with db.reading() as session:
        head = session.execute(select(Head.sequence, Head.hash)).one()
        rows = session.execute(select(*(getattr(Event, name) for name in Link._fields)).order_by(Event.sequence))
        return [Link(*row) for row in rows], (head.sequence, head.hash)


def test_events_are_numbered_without_gaps_and_verify(events):
    with db.reading() as session:
        assert verify(session) == (5, None)
        assert list(session.scalars(select(Event.sequence).order_by(Event.sequence))) == [1, 2, 3, 4, 5]


def refuse_after(_):
    raise Refusal("proposals.answered_already")


def test_a_refusal_takes_its_events_with_it(events):
    with pytest.raises(Refusal), db.transaction() as session:
        refuse_after(record(session, SYSTEM, "offers:answer", "offer/F"))
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 5


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'x' WHERE sequence = 2", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_or_delete_events(events, statement):
    with pytest.raises(DBAPIError, match="never changed"), db.transaction() as session:
        session.execute(text(statement))


def flipped(rows):
    return [*rows[:2], rows[2]._replace(actor="Somebody else"), *rows[3:]]


def removed(rows):
    return rows[:2] + rows[3:]


def swapped(rows):
    return [rows[0], rows[2]._replace(sequence=2), rows[1]._replace(sequence=3), *rows[3:]]


def moved_between_columns(rows):
    return [*rows[:2], rows[2]._replace(action=rows[2].action + "o", subject=rows[2].subject[1:]), *rows[3:]]


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (flipped, (3, "changed")),
        (removed, (3, "missing")),
        (swapped, (2, "changed")),
        (moved_between_columns, (3, "changed")),
        (lambda rows: rows[:-1], (5, "cut off")),
        (lambda rows: rows[:0], (1, "cut off")),
    ],
)
def test_the_first_event_that_was_tampered_with_is_named(events, tamper, fault):
    rows, head = links()
    assert first_fault(tamper(rows), head) == fault


def test_the_head_cannot_be_forgotten(events):
    with db.transaction() as session:
        session.execute(delete(Head))
    with db.reading() as session:
        assert verify(session)[1] is not None


def test_an_event_behind_the_head_is_found(events):
    with db.transaction() as session:
        last = session.get(Event, 5)
        values = {name: getattr(last, name) for name in Link._fields}
        session.add(Event(**values | {"sequence": 6}))
    with db.reading() as session:
        assert verify(session) == (5, (6, "added"))
