"""Documents: kept once, read whole or not at all, known again by their bytes, and nobody else's."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import g
from sqlalchemy import func, select

from app.access import Actor, Kind, Role
from app.audit.models import Event
from app.cli import portal
from app.config import Settings
from app.db import reading, transaction
from app.documents import files
from app.documents.models import Document
from app.documents.queries import documents_about, genuine, read, visible_document
from app.documents.service import open_document, store
from app.errors import NotFound

CREDITOR = Actor("Mia", frozenset({Role.CREDITOR_WORKER}), kind=Kind.CREDITOR, organisation_id=1)
OFFICER = Actor("Otto", frozenset({Role.OFFICER}), kind=Kind.BANK, organisation_id=9)
LETTER = b"%PDF-1.7 a letter"


def kept(content=LETTER, organisation_id=1, kind="consent record"):
    with transaction() as session:
        title = "Voorstel voor uw vordering"
        return store(session, kind=kind, title=title, subject_ref="A-1", organisation_id=organisation_id, content=content).ref


def test_what_was_kept_is_read_back_and_known(database, clock):
    ref = kept()
    with reading() as session:
        assert read(session, ref) == LETTER
        assert genuine(session, LETTER).ref == ref
        assert [row.ref for row in documents_about(session, "A-1")] == [ref]


def test_keeping_the_same_document_again_changes_nothing(database, clock):
    assert kept() == kept()
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 1


def test_another_content_is_another_document(database, clock):
    assert kept() != kept(LETTER + b" and more")


def test_one_changed_byte_makes_a_letter_unknown(database, clock):
    kept()
    with reading() as session:
        assert genuine(session, LETTER.replace(b"letter", b"Letter")) is None


def test_a_file_that_was_changed_on_disk_is_not_handed_out(database, clock):
    ref = kept()
    files._place(files.digest(LETTER)).write_bytes(b"%PDF-1.7 forged")
    with reading() as session, pytest.raises(NotFound):
        read(session, ref)


def keep_and_stop():
    with transaction() as session:
        store(session, kind="offer letter", title="T", subject_ref="A-1", organisation_id=1, content=LETTER)
        raise RuntimeError("stop")


def test_a_rolled_back_transaction_leaves_no_document(database, clock):
    with pytest.raises(RuntimeError, match="stop"):
        keep_and_stop()
    with reading() as session:
        assert genuine(session, LETTER) is None


def test_no_draft_stays_behind_beside_the_file(database, clock, settings):
    kept()
    assert [path.name for path in settings.files.rglob("*") if path.is_file()] == [f"{files.digest(LETTER)}.pdf"]


@pytest.mark.parametrize("actor", [CREDITOR, OFFICER])
def test_a_document_is_seen_by_whom_it_is_for_and_by_the_bank(database, clock, actor):
    ref = kept()
    with reading() as session:
        assert visible_document(session, actor, ref).ref == ref


@pytest.mark.parametrize("organisation_id", [1, None])
def test_a_document_of_somebody_else_or_of_the_city_alone_does_not_exist(database, clock, organisation_id):
    ref = kept(organisation_id=organisation_id)
    with reading() as session, pytest.raises(NotFound):
        visible_document(session, replace(CREDITOR, organisation_id=2), ref)


def test_somebody_without_organisation_sees_nothing_of_the_city_alone(database, clock):
    ref = kept(organisation_id=None)
    with reading() as session, pytest.raises(NotFound):
        visible_document(session, replace(CREDITOR, organisation_id=None), ref)


def test_nobody_sees_documents_without_the_permission(database, clock):
    ref = kept()
    with reading() as session, pytest.raises(NotFound):
        visible_document(session, Actor("Ada", frozenset({Role.ADMINISTRATOR}), kind=Kind.CITY), ref)


def test_opening_a_document_is_noted_and_a_foreign_one_is_not_opened(database, clock):
    ref = kept()
    assert open_document(CREDITOR, ref) == LETTER
    with pytest.raises(NotFound):
        open_document(replace(CREDITOR, organisation_id=2), ref)
    with reading() as session:
        assert session.execute(select(Event.action, Event.subject, Event.concerns_id)).all() == [("documents:open", f"document/{ref}", 1)]


def test_the_address_of_a_document_gives_its_file(app, database, clock):
    ref = kept()
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "actor", CREDITOR))
    answer = app.test_client().get(f"/documents/{ref}")
    assert (answer.data, answer.mimetype) == (LETTER, "application/pdf")
    assert app.test_client().get("/documents/B-2222-2222").status_code == 404


def test_the_command_knows_a_genuine_letter_and_a_changed_one(database, clock, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(Settings, "from_env", lambda: settings)
    ref = kept()
    (tmp_path / "letter.pdf").write_bytes(LETTER)
    (tmp_path / "forged.pdf").write_bytes(LETTER + b" ")
    genuine_one, forged = (CliRunner().invoke(portal, ["letters", "verify", str(tmp_path / name)]) for name in ("letter.pdf", "forged.pdf"))
    assert (genuine_one.exit_code, forged.exit_code) == (0, 1)
    assert ref in genuine_one.output
    assert "Niet echt" in forged.output
