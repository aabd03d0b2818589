"""Backup and restore: a copy made while answers come in is put back whole, and nothing else is ever taken for one."""

import json
import shutil
import threading
from dataclasses import replace

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import func, select

from app import connect, db
from app.access import SYSTEM
from app.accounts.models import SignIn
from app.audit.service import record, verify
from app.backups import archive
from app.backups.manifest import NAME, Manifest
from app.backups.service import back_up, restore
from app.cli import portal
from app.config import FieldKeys
from app.creditors.models import Organisation
from app.documents import files
from app.documents.service import store
from app.errors import Refusal
from app.jobs import service as jobs
from app.jobs.models import JobProgress
from app.jobs.service import enqueue, prepare
from app.proposals.models import Offer
from tests import factory
from tests.conftest import KEYS, NOW, settings_for
from tests.security.counting import count

RING = KEYS.ring
LETTER = b"%%PDF-1.7 a letter to %d"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def places(request, tmp_path, empty_database):
    """Settings of two installations on the same kind of database: one to be filled, one that is empty."""
    made = []
    for name in ("here", "there"):
        folder = tmp_path / name
        folder.mkdir()
        url = f"sqlite:///{folder / 'portal.sqlite'}"
        if request.param == "sqlite":
            shutil.copy(empty_database, folder / "portal.sqlite")
        else:
            url = _postgres_url(request)
        made.append(settings_for(folder, url))
    yield made
    db.engine().dispose()
    jobs.bind(None)


def _postgres_url(request):
    server = request.getfixturevalue("postgres_server")
    name = db.new_ref("p").lower().replace("-", "")
    server.psql(f"CREATE DATABASE {name}")
    return server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")


def _at(settings):
    """Work at an installation with the tables of portal and engine."""
    connect(settings)
    db.migrate()
    prepare(settings.database_url)
    jobs.bind(None)


@pytest.fixture
def here(places):
    """An installation with offers, letters, events and a job that waits."""
    _at(places[0])
    factory.offers(factory.organisation(), factory.organisation())
    for number in range(5):
        _answer(number)
    return places[0]


def _answer(number):
    """Do what an answer does: a row, an event, a letter and a job in one transaction."""
    with db.transaction(as_portal=True) as session:
        content = LETTER % number
        kept = store(session, kind="offer letter", title="Brief", subject_ref=f"A-{number}", organisation_id=None, content=content)
        jobs.start(session, SYSTEM, f"answer-{number}", "antwoord", 1)
        record(session, SYSTEM, "test:answer", f"document/{kept.ref}")
        enqueue(session, "test.note", {"key": number}, f"answer-{number}")


def _go_there(settings):
    db.engine().dispose()
    connect(settings)


def _whole():
    with db.reading(as_portal=True) as session:
        answers = session.scalars(select(JobProgress.key).order_by(JobProgress.key)).all()
        assert verify(session)[1] is None
        return answers, session.scalar(select(func.count()).select_from(Offer))


def test_what_was_written_while_the_copy_was_made_is_there_whole_or_not_at_all(here, places, tmp_path):
    stop, written = threading.Event(), []

    def keep_answering():
        while not stop.is_set():
            _answer(100 + len(written))
            written.append(100 + len(written))

    writer = threading.Thread(target=keep_answering)
    writer.start()
    try:
        while len(written) < 5:
            stop.wait(0.01)
        acknowledged = list(written)
        made = back_up(tmp_path / "copy", RING)
    finally:
        stop.set()
        writer.join()
    _go_there(places[1])
    done = restore(tmp_path / "copy", RING, replace=False)
    answers, offers = _whole()
    assert {f"answer-{number}" for number in [*range(5), *acknowledged]} <= set(answers)
    assert (offers, done.events, done.manifest) == (2, made.audit_sequence, made)
    assert len(acknowledged) < len(answers) - 4
    for number in acknowledged:
        assert files.get(files.digest(LETTER % number)) == LETTER % number
    count("faults", "restores that pass audit verify")


def test_after_a_restore_work_goes_on_where_it_was(here, places, tmp_path):
    back_up(tmp_path / "copy", RING)
    _go_there(places[1])
    restore(tmp_path / "copy", RING, replace=False)
    _answer(5)  # numbers go on after the last, and the log after its head
    answers, _ = _whole()
    assert answers == [f"answer-{number}" for number in range(6)]
    with db.engine().connect() as connection:
        table = "dbos.workflow_status" if connection.dialect.name == "postgresql" else "workflow_status"
        waits = connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE status = 'ENQUEUED'").scalar()  # noqa: S608 (two constants)
    assert waits == 6


def test_nobody_is_signed_in_any_more_after_a_restore(here, places, tmp_path):
    person = factory.person(factory.organisation())
    factory.save(SignIn(token_hash=b"t" * 32, person_id=person.id, created_at=NOW, seen_at=NOW))
    back_up(tmp_path / "copy", RING)
    _go_there(places[1])
    restore(tmp_path / "copy", RING, replace=False)
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(SignIn.ended_at)).one() is not None


def test_a_filled_installation_is_replaced_only_when_that_is_asked(here, places, tmp_path):
    back_up(tmp_path / "copy", RING)
    _go_there(places[1])
    _at(places[1])
    factory.offers(factory.organisation())
    strange = files.put(b"%PDF-1.7 of the installation that was here")
    before = _whole()
    with pytest.raises(Refusal, match=r"backups\.not_empty"):
        restore(tmp_path / "copy", RING, replace=False)
    assert _whole() == before
    restore(tmp_path / "copy", RING, replace=True)
    assert _whole() == ([f"answer-{number}" for number in range(5)], 2)
    assert strange not in set(files.names())


def _cut(data):
    return data[: len(data) // 2]


def _cut_at_the_last_piece(data):
    return data[:-30]


def _flip(data):
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]


def _longer(data):
    return data + b"x"


def _other(_):
    return b"SQLite format 3\0" * 20


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_cut, "backups.c"),
        (_cut_at_the_last_piece, "backups.cut_off"),
        (_flip, "backups.changed"),
        (_longer, "backups.changed"),
        (_other, "backups.no_archive"),
    ],
)
@pytest.mark.parametrize("places", ["sqlite"], indirect=True)  # the file is read to its end before any database is looked at
def test_a_spoilt_copy_is_refused_and_nothing_is_touched(here, places, tmp_path, spoil, code):
    back_up(tmp_path / "copy", RING)
    (tmp_path / "spoilt").write_bytes(spoil((tmp_path / "copy").read_bytes()))
    before = _whole()
    with pytest.raises(Refusal, match=code):
        restore(tmp_path / "spoilt", RING, replace=True)
    assert _whole() == before
    count("faults", "spoilt archives refused")


@pytest.mark.parametrize("ring", [{1: bytes(32)}, {2: RING[1]}])
@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_a_copy_of_another_key_is_refused(here, tmp_path, ring):
    back_up(tmp_path / "copy", RING)
    with pytest.raises(Refusal, match=r"backups\.other_key"):
        restore(tmp_path / "copy", ring, replace=True)
    count("faults", "spoilt archives refused")


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_a_copy_is_never_written_over_another_and_only_we_may_read_it(here, tmp_path):
    back_up(tmp_path / "copy", RING)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refusal, match=r"backups\.exists"):
        back_up(tmp_path / "copy", RING)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "here", "there"]


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_two_backups_at_once_under_one_name_do_not_mix(here, tmp_path):
    with archive.written(tmp_path / "copy", RING) as packer:
        packer.add(NAME, b"{}")
        with pytest.raises(Refusal, match=r"backups\.exists"):
            back_up(tmp_path / "copy", RING)
    assert [(name, content.read()) for name, content in archive.members(tmp_path / "copy", RING)] == [(NAME, b"{}")]


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_the_next_backup_clears_what_a_killed_one_left_and_nothing_else(here, tmp_path):
    (tmp_path / "yesterday.draft").write_bytes(archive.MARK + b"half")
    (tmp_path / "letter.draft").write_bytes(b"of somebody else")
    back_up(tmp_path / "copy", RING)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "here", "letter.draft", "there"]


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_no_copy_of_the_database_lies_about_under_a_name(here, tmp_path, monkeypatch):
    names, add = [], archive.Packer.add_from

    def look(packer, *member):
        names.extend(path.name for path in tmp_path.iterdir())
        add(packer, *member)

    monkeypatch.setattr(archive.Packer, "add_from", look)
    back_up(tmp_path / "copy", RING)
    assert set(names) == {"copy.draft", "here", "there"}


def test_a_document_that_retention_takes_away_meanwhile_is_no_fault(here, tmp_path, monkeypatch):
    there = [*files.names(), files.digest(b"gone")]
    monkeypatch.setattr(files, "names", lambda: iter(there))
    assert back_up(tmp_path / "copy", RING).documents == len(there) - 1


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_a_copy_that_cannot_be_written_or_read_is_said_in_words(here, tmp_path):
    with pytest.raises(Refusal, match=r"backups\.unwritable"):
        back_up(tmp_path / "nowhere" / "copy", RING)
    with pytest.raises(Refusal, match=r"backups\.not_ready"):
        restore(tmp_path / "nowhere", RING, replace=True)


def test_a_manifest_of_a_newer_portal_is_refused():
    with pytest.raises(Refusal, match=r"backups\.newer"):
        Manifest.parse(b'{"portal": "9", "of_later": 1}')


def test_a_document_keeps_its_newer_key(here, tmp_path):
    """A copy from before the keys were changed brings the old key back only where nothing else is left."""
    back_up(tmp_path / "copy", RING)
    two = FieldKeys({**RING, 2: bytes(range(64, 96))}, KEYS.index)
    _go_there(replace(here, field_keys=two))
    files.renew()
    lost = files.digest(LETTER % 0)
    files.remove(lost)
    restore(tmp_path / "copy", two.ring, replace=True)
    assert {files.key_of(name) for name in files.names() if name != lost} == {2}
    assert files.key_of(lost) == 1


@pytest.mark.parametrize("places", ["sqlite"], indirect=True)
def test_an_archive_tells_nothing_to_who_has_no_key(here, tmp_path):
    back_up(tmp_path / "copy", RING)
    data = (tmp_path / "copy").read_bytes()
    assert not [word for word in (b"Organisatie", b"manifest", b"audit", b"Vlinderhof", b"%PDF") if word in data]


def test_a_database_in_use_is_not_replaced(here, tmp_path):
    back_up(tmp_path / "copy", RING)
    other = db.create_engine(here.database_url)
    with other.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM organisation")
        lost = next(files.names())
        files.remove(lost)
        with pytest.raises(Refusal, match=r"backups\.in_use"):
            restore(tmp_path / "copy", RING, replace=True)
        assert lost not in set(files.names())  # nothing was changed, as it says
    other.dispose()
    assert _whole()[1] == 2


@pytest.mark.postgres
def test_a_database_that_is_served_under_another_role_is_in_use_until_it_is_left(tmp_path, postgres_server):
    """Who owns the tables and is no superuser, as docs/operations.md tells, hardly sees who else is connected."""
    for role in ("portal_keeper", "portal_server"):
        postgres_server.psql(f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    name = db.new_ref("p").lower().replace("-", "")
    postgres_server.psql(f"CREATE DATABASE {name} OWNER portal_keeper")
    address = postgres_server.get_uri(database=name).replace("postgresql://postgres:@", "postgresql+psycopg://{}:@")
    _at(settings_for(tmp_path, address.format("portal_keeper")))
    back_up(tmp_path / "copy", RING)
    serving = db.create_engine(address.format("portal_server"))
    with serving.connect(), pytest.raises(Refusal, match=r"backups\.in_use"):
        restore(tmp_path / "copy", RING, replace=True)
    assert serving.pool.checkedin() == 1  # a connection that its process is about to close
    leaving = threading.Timer(0.3, serving.dispose)
    leaving.start()
    restore(tmp_path / "copy", RING, replace=True)
    leaving.join()
    db.engine().dispose()
    jobs.bind(None)


def test_a_broken_chain_is_not_put_back(here, places, tmp_path):
    with db.engine().begin() as connection:
        guard = {"sqlite": "DROP TRIGGER audit_event_no_update", "postgresql": "ALTER TABLE audit_event DISABLE TRIGGER USER"}
        connection.exec_driver_sql(guard[connection.dialect.name])
        connection.exec_driver_sql("UPDATE audit_event SET actor = 'Een ander' WHERE sequence = 3")
    back_up(tmp_path / "copy", RING)
    _go_there(places[1])
    with pytest.raises(Refusal, match=r"backups\.chain_broken") as refused:
        restore(tmp_path / "copy", RING, replace=False)
    assert refused.value.facts["event"] == 3
    assert set(files.names()) == set()
    with pytest.raises(Refusal, match=r"backups\.chain_broken"):
        restore(tmp_path / "copy", RING, replace=True)


def test_the_command_line_tells_what_it_did(database, settings, tmp_path, monkeypatch):
    factory.offers(factory.organisation())
    monkeypatch.setattr("app.config.Settings.from_env", lambda: settings)
    run = CliRunner()
    made = run.invoke(portal, ["backup", str(tmp_path / "copy"), "--json"])
    assert (made.exit_code, json.loads(made.stdout)["audit"]["sequence"]) == (0, 0), made.stderr
    other = replace(settings, field_keys=FieldKeys({1: bytes(32)}, bytes(32)))
    monkeypatch.setattr("app.config.Settings.from_env", lambda: other)
    refused = run.invoke(portal, ["restore", str(tmp_path / "copy"), "--replace"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "andere sleutel" in refused.stderr


def test_a_copy_of_an_earlier_release_is_put_back_and_brought_to_today(places, tmp_path):
    """The tables are those of the copy's own moment until `portal migrate`; the log is as it was."""
    _at(places[0])
    factory.organisation(name="Van toen")
    head = migration()
    with db.engine().begin() as connection:
        command.downgrade(db.migrations(connection), "-1")
    back_up(tmp_path / "copy", RING)
    assert migration() != head
    _go_there(places[1])
    _at(places[1])
    factory.organisation(name="Van nu")
    restore(tmp_path / "copy", RING, replace=True)
    assert migration() != head
    db.migrate()
    assert migration() == head
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(Organisation.name)).all() == ["Van toen"]
        assert verify(session)[1] is None


def migration():
    """Return at which the database is."""
    with db.engine().connect() as connection:
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
