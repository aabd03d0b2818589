"""Tampering with the audit: every column, place and kind of it is done in the database itself, and verify names the first bad event."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app import connect, db
from app.access import SYSTEM, Actor, Role
from app.audit import anchors
from app.audit.chain import GENESIS, Link, first_fault, link_hash
from app.audit.models import Event, Head
from app.audit.service import anchor_head, record, record_refused, verify
from tests.security.counting import count

EVENTS = 14
ELS = Actor(
    "Els Vermaat", frozenset({Role.CREDITOR_WORKER}), organisation_id=7, organisation_name="Waterbedrijf", person_id=31, origin="test"
)
OTHER = {
    "at": datetime(2031, 1, 1, tzinfo=UTC), "actor": "Iemand anders", "person_id": 99, "organisation": "Elders", "organisation_id": 99,
    "action": "offers:look", "subject": "offer/X", "concerns_id": 99, "result": "other", "origin": "elders",
    "changes": '{"state": ["a", "b"]}', "hash": b"x" * 32,
}  # fmt: skip


def write(events):
    """Write events in transactions of one to three, by different people, with and without changes."""
    left = list(range(events))
    while left:
        with db.transaction() as session:
            for number in [left.pop(0) for _ in range(min(len(left), 1 + len(left) % 3))]:
                changes = {"state": ("open", "accepted"), "words": (None, 'é "1:2~" €')} if number % 2 else {}
                append = record if number % 5 else record_refused
                append(session, ELS if number % 3 else SYSTEM, "offers:answer", f"offer/A-{number}", concerns_id=7, **changes)


@pytest.fixture
def chain(database, clock):
    """A chain whose guards against change were taken away, as somebody with the owner's rights can."""
    write(EVENTS)
    unguard("audit_event_no_update", "audit_event_no_delete")
    return "sqlite"


def unguard(*triggers):
    with db.engine().begin() as connection:
        for trigger in triggers:
            connection.execute(text(f"DROP TRIGGER {trigger}"))


class Undone(Exception):
    """Takes a tampering back, so that the next one finds the chain whole."""


def verified_after(*statements, anchored=()):
    """Return what verify says when these statements were run; afterwards nothing has happened."""
    found = []
    with pytest.raises(Undone), db.transaction(as_portal=True) as session:  # noqa: PT012 - every statement of it is one tampering
        for statement in statements:
            assert session.execute(statement).rowcount != 0, "the tampering did nothing"
        found.append(verify(session, anchored)[1])
        raise Undone
    return found[0]


def places(kind):
    return range(1, EVENTS + 1) if kind == "sqlite" else (1, 2, 9, EVENTS)


def links():
    with db.reading(as_portal=True) as session:
        rows = session.execute(select(*(getattr(Event, name) for name in Link._fields)).order_by(Event.sequence))
        return [Link(*row) for row in rows]


def whole():
    with db.reading(as_portal=True) as session:
        return verify(session)


def test_the_chain_is_whole_before_anybody_touches_it(chain):
    assert whole() == (EVENTS, None)


def test_a_flipped_value_in_any_column_of_any_event_is_named(chain):
    tampered = 0
    assert set(OTHER) == set(Link._fields) - {"sequence"}
    for place in places(chain):
        for column, value in OTHER.items():
            assert verified_after(update(Event).where(Event.sequence == place).values({column: value})) == (place, "changed"), column
            tampered += 1
    count("faults", "audit tamperings found", tampered)


def test_a_value_that_is_emptied_or_filled_is_named(chain):
    nothing = {"person_id": None, "organisation_id": None, "concerns_id": None}
    for event in links():
        for column, value in nothing.items():
            if getattr(event, column) is not value:
                assert verified_after(update(Event).where(Event.sequence == event.sequence).values({column: value}))[0] == event.sequence
            elif chain == "sqlite":  # which keeps an empty text in a column of numbers
                emptied = text(f"UPDATE audit_event SET {column} = '' WHERE sequence = {event.sequence}")  # noqa: S608 - names of our own
                assert verified_after(emptied)[0] == event.sequence


def test_a_deleted_event_is_named_wherever_it_stood(chain):
    for place in places(chain):
        expected = (place, "missing") if place < EVENTS else (EVENTS, "cut off")
        assert verified_after(delete(Event).where(Event.sequence == place)) == expected
    count("faults", "audit tamperings found", len(places(chain)))


def test_a_deleted_event_whose_gap_is_closed_is_named(chain):
    for place in places(chain)[:-1]:
        closed = [update(Event).where(Event.sequence == n).values(sequence=n - 1) for n in range(place + 1, EVENTS + 1)]
        assert verified_after(delete(Event).where(Event.sequence == place), *closed) == (place, "changed")
    count("faults", "audit tamperings found", len(places(chain)) - 1)


def test_two_swapped_events_are_named_by_the_first(chain):
    pairs = list(combinations(places(chain), 2))
    for first, second in pairs:
        swap = [(first, -1), (second, first), (-1, second)]
        moved = [update(Event).where(Event.sequence == old).values(sequence=new) for old, new in swap]
        assert verified_after(*moved) == (first, "changed")
    count("faults", "audit tamperings found", len(pairs))


def test_a_cut_tail_shows_against_the_head(chain):
    for place in places(chain):
        assert verified_after(delete(Event).where(Event.sequence >= place)) == (place, "cut off")
    count("faults", "audit tamperings found", len(places(chain)))


def test_an_added_event_is_named_before_between_and_behind(chain):
    last = links()[-1]._asdict()
    behind = insert(Event).values(last | {"sequence": EVENTS + 1})
    chained = insert(Event).values(
        last | {"sequence": EVENTS + 1, "hash": link_hash(last["hash"], (EVENTS + 1, *list(last.values())[1:-1]))}
    )
    before = insert(Event).values(last | {"sequence": 0})
    assert verified_after(behind) == (EVENTS + 1, "added")
    assert verified_after(chained) == (EVENTS + 1, "added")
    assert verified_after(before)[1] == "added"
    between = [update(Event).where(Event.sequence == n).values(sequence=n + 1) for n in range(EVENTS, 4, -1)]
    head = update(Head).values(sequence=EVENTS + 1)
    assert verified_after(*between, insert(Event).values(last | {"sequence": 5}), head) == (5, "changed")
    count("faults", "audit tamperings found", 4)


def test_a_head_that_is_changed_or_gone_is_found(chain):
    tampered = [
        update(Head).values(sequence=EVENTS - 1), update(Head).values(sequence=EVENTS + 1), update(Head).values(sequence=0),
        update(Head).values(hash=GENESIS), update(Head).values(sequence=0, hash=GENESIS), delete(Head),
    ]  # fmt: skip
    for statement in tampered:
        assert verified_after(statement) is not None
    count("faults", "audit tamperings found", len(tampered))


def test_a_log_that_is_made_to_begin_later_is_found(chain):
    """Only what is older than seven years may go; what is left of younger events must not begin the chain."""
    events = links()
    for place in places(chain)[:-1]:
        begun = update(Head).values(begins_after=place, begins_hash=events[place - 1].hash)
        forgotten = delete(Event).where(Event.sequence <= place)
        assert verified_after(forgotten, begun) == (place, "missing")
        assert verified_after(forgotten) is not None
    count("faults", "audit tamperings found", 2 * (len(places(chain)) - 1))


# ── who rewrites everything ──────────────────────────────────────────────────


def rewritten(place, change):
    """Return statements that change an event and recompute every hash after it, and the head: nothing inside the database shows."""
    events = links()
    previous = events[place - 2].hash if place > 1 else GENESIS
    statements = []
    for event in [change(events[place - 1]), *events[place:]]:
        previous = link_hash(previous, event[:-1])
        statements.append(update(Event).where(Event.sequence == event.sequence).values(event._replace(hash=previous)._asdict()))
    return [*statements, update(Head).values(hash=previous)]


def shortened(length):
    """Return statements that cut the tail and set the head back to what is left."""
    events = links()
    left = events[length - 1].hash if length else GENESIS
    return [delete(Event).where(Event.sequence > length), update(Head).values(sequence=length, hash=left)]


def test_a_rewritten_tail_or_chain_is_found_by_the_anchors_alone(chain):
    events = links()
    anchored = [(event.sequence, event.hash) for event in events if event.sequence in {4, 9, EVENTS}]
    for place in places(chain):
        forged = rewritten(place, lambda event: event._replace(actor="Iemand anders"))
        assert verified_after(*forged) is None, "this is what anchors are for"
        first_anchor = next(sequence for sequence, _ in anchored if sequence >= place)
        assert verified_after(*forged, anchored=anchored) == (first_anchor, "rewritten")
    for length in range(EVENTS):
        forged = shortened(length)
        assert verified_after(*forged) is None
        assert verified_after(*forged, anchored=anchored) == (length + 1, "cut off")
    count("faults", "audit tamperings found", len(places(chain)) + EVENTS)


def test_anchors_of_a_chain_that_grew_are_no_fault(chain):
    anchored = [(event.sequence, event.hash) for event in links()] + [(0, GENESIS)]
    write(3)
    with db.reading(as_portal=True) as session:
        assert verify(session, anchored) == (EVENTS + 3, None)


# ── the chain on its own ─────────────────────────────────────────────────────

values = st.one_of(st.none(), st.integers(), st.text(max_size=8), st.sampled_from(["1:a", "~", "", "2:~~"]))


@given(st.lists(values, max_size=5), st.lists(values, max_size=5))
def test_no_two_rows_of_values_hash_alike(ours, theirs):
    alike = [None if v is None else str(v) for v in ours] == [None if v is None else str(v) for v in theirs]
    assert (link_hash(GENESIS, ours) == link_hash(GENESIS, theirs)) is alike


def test_a_moment_hashes_alike_in_every_zone_a_server_is_set_to():
    from zoneinfo import ZoneInfo

    moment = datetime(2026, 6, 4, 7, 0, tzinfo=UTC)
    assert link_hash(GENESIS, [moment]) == link_hash(GENESIS, [moment.astimezone(ZoneInfo("Europe/Amsterdam"))])


def test_an_empty_chain_is_whole_and_an_anchor_says_what_it_held():
    assert first_fault([], (0, GENESIS)) is None
    assert first_fault([], (0, GENESIS), [(3, b"x" * 32)]) == (1, "cut off")


# ── the guards, and where anchors are kept ───────────────────────────────────


REFUSED = ("UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event")
TAMPERINGS = (
    test_a_flipped_value_in_any_column_of_any_event_is_named, test_a_value_that_is_emptied_or_filled_is_named,
    test_a_deleted_event_is_named_wherever_it_stood, test_a_deleted_event_whose_gap_is_closed_is_named,
    test_two_swapped_events_are_named_by_the_first, test_a_cut_tail_shows_against_the_head,
    test_an_added_event_is_named_before_between_and_behind, test_a_head_that_is_changed_or_gone_is_found,
    test_a_log_that_is_made_to_begin_later_is_found,
    test_a_rewritten_tail_or_chain_is_found_by_the_anchors_alone, test_anchors_of_a_chain_that_grew_are_no_fault,
)  # fmt: skip


@pytest.mark.postgres
def test_postgresql_refuses_to_change_events_and_verify_finds_it_when_its_owner_does(settings, migrated_url, clock):
    in_another_zone = f"{migrated_url}{'&' if '?' in migrated_url else '?'}options=-c%20timezone%3DEurope/Amsterdam"
    connect(replace(settings, database_url=in_another_zone))
    write(EVENTS)
    for statement in REFUSED:
        with pytest.raises(DBAPIError, match="never changed"), db.transaction(as_portal=True) as session:
            session.execute(text(statement))
    assert whole() == (EVENTS, None), "although the server gives moments in another zone"
    unguard("audit_event_append_only ON audit_event", "audit_event_forget ON audit_event")
    for tampering in TAMPERINGS:
        tampering("postgresql")
    db.engine().dispose()


def test_each_day_adds_a_line_to_the_file_and_the_file_finds_a_rewritten_chain(settings, tmp_path, database, clock):
    connect(replace(settings, anchors=tmp_path / "elsewhere"))
    write(4)
    first = anchor_head()
    write(2)
    second = anchor_head()
    assert list(anchors.every()) == [first, second]
    assert (anchors.last(), first.sequence, second.sequence) == (second, 4, 6)
    with db.reading() as session:
        assert verify(session, [anchor[:2] for anchor in anchors.every()]) == (6, None)
        assert verify(session, [anchor[:2] for anchor in anchors.every()] + [(4, b"x" * 32)])[1] == (4, "rewritten")


def test_a_line_that_is_no_anchor_is_not_passed_over(settings, tmp_path, database):
    connect(replace(settings, anchors=tmp_path))
    anchors.file().write_text('{"sequence": "een"}\n')
    with pytest.raises(anchors.Unreadable):
        list(anchors.every())
