"""The audit: chained without gaps, in the same transaction, and every kind of tampering is found."""

import json
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError

from app import connect, db
from app.access import SYSTEM
from app.audit import anchors, commands
from app.audit.chain import Link, first_fault
from app.audit.models import Event, Head
from app.audit.service import record, record_same, verify
from app.config import Settings
from app.errors import Refusal
from app.jobs.registry import JOBS
from app.notifications.models import Message
from app.reach import PORTAL, act_within
from app.site.health import health
from tests.conftest import NOW


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


def test_the_same_done_to_many_leaves_what_it_leaves_of_each(database, clock):
    told = {"state": ("open", "accepted"), "reason": (None, None)}
    with db.transaction() as session:
        record_same(session, SYSTEM, "offers:answer", [("offer/A", 1), ("offer/B", 2)], **told)
        for subject, concerns in (("offer/A", 1), ("offer/B", 2)):
            record(session, SYSTEM, "offers:answer", subject, concerns_id=concerns, **told)
    found = [link._replace(sequence=0, hash=b"") for link in links()[0]]
    assert (found[:2], found[0].concerns_id, found[1].subject) == (found[2:], 1, "offer/B")


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


def test_a_subject_that_is_too_long_is_cut_and_kept_whole_beside_it(database, clock):
    subject = f"job/{'x' * 200}"
    with db.transaction() as session:
        record(session, SYSTEM, "jobs:replay", subject)
    with db.reading() as session:
        event = session.get(Event, 1)
        assert event.subject == subject[:80]
        assert json.loads(event.changes) == {"subject": [None, subject]}
        assert verify(session) == (1, None)


@pytest.mark.postgres
def test_the_very_first_events_of_several_at_once_form_one_chain(settings, migrated_url):
    connect(replace(settings, database_url=migrated_url))
    start = Barrier(6)

    def write():
        act_within(PORTAL)
        start.wait()
        with db.transaction() as session:
            record(session, SYSTEM, "offers:answer", "offer/A")

    threads = [Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading(as_portal=True) as session:
        assert verify(session) == (6, None)
    db.engine().dispose()


# ── anchors ──────────────────────────────────────────────────────────────────


def test_each_day_the_head_goes_into_the_file_and_by_mail(events, queue, settings, tmp_path):
    connect(replace(settings, anchors=tmp_path / "elsewhere", anchor_mail="auditor@stad.example"))
    job = JOBS["audit.anchor"]
    assert job.daily_at == "04:30"
    job.handler({"day": "2026-06-04"})
    anchor = anchors.last()
    assert anchor.sequence == 5
    with db.reading() as session:
        message = session.scalars(select(Message)).one()
    assert (message.address, message.facts["head"]) == ("auditor@stad.example", str(anchor))


def test_health_says_when_the_head_was_not_kept_lately(events, settings, tmp_path, clock):
    assert health(tmp_path).audit == "not anchored"
    connect(replace(settings, anchors=tmp_path))
    assert health(tmp_path).audit == "not anchored"
    JOBS["audit.anchor"].handler({})
    assert health(tmp_path).audit == "ok"
    clock.move_to(NOW + timedelta(days=3))
    assert health(tmp_path).audit == "not anchored"
    anchors.file().write_text("geknoeid")
    assert health(tmp_path).audit == "anchors unreadable"


def test_the_commands_anchor_the_head_and_compare_the_chain_with_it(events, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(Settings, "from_env", lambda: replace(settings, anchors=tmp_path / "elsewhere"))
    run = CliRunner().invoke
    anchored = json.loads(run(commands.anchor, ["--json"]).output)
    assert anchored["event"] == 5
    told = run(commands.verify, ["--json", "--head", f"5:{anchored['hash']}"])
    assert json.loads(told.output) == {"events": 5, "whole": True, "first_fault": None, "anchors": 2}
    other = run(commands.verify, ["--head", f"4:{anchored['hash']}"])
    assert (other.exit_code, "Gebeurtenis 4 klopt niet (herschreven" in other.output) == (1, True)
    later = run(commands.verify, ["--head", f"9:{anchored['hash']}"])
    assert (later.exit_code, "Gebeurtenis 6 klopt niet (afgeknipt" in later.output) == (1, True)
    assert run(commands.verify, ["--head", "vijf"]).exit_code == 2
    monkeypatch.setattr(Settings, "from_env", lambda: settings)
    assert "Er is geen plek" in run(commands.anchor).output


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"PORTAL_DATABASE_URL": "sqlite:////srv/ergens/portal.sqlite"}, "/srv/ergens/anchors"),
        ({"PORTAL_ANCHORS": "/mnt/anchors"}, "/mnt/anchors"),
    ],
)
def test_development_keeps_anchors_beside_its_database(environ, folder):
    assert str(Settings.from_env(environ).anchors) == folder
