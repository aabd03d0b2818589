"""Files that people add: kept encrypted, opened by whom the feature says, gone with what they belong to."""

import pytest

from app import db
from app.access import Kind
from app.documents import attachments, files
from app.documents.attachments import Added
from app.documents.media import MOST_FILES
from app.documents.queries import genuine
from app.errors import NotFound, Refusal
from app.privacy.retention import run_retention
from tests import factory

PDF = Added("brief van Visser.pdf", b"%PDF-1.7 evidence")


@pytest.fixture
def water(database, clock, monkeypatch):
    """A creditor that sees its own files of the kind `test evidence`."""
    creditor = factory.organisation()

    def sees(_, actor, subject, _at):
        return actor.organisation_id == creditor.id and subject == "T-1"

    monkeypatch.setitem(attachments._judges, "test evidence", sees)
    return creditor


def attach(water, *added):
    with db.transaction() as session:
        return attachments.attach(session, factory.actor(water), "test evidence", "T-1", water.id, attachments.scanned(added))


def rows():
    with db.reading() as session:
        return attachments.attachments_about(session, "test evidence", ["T-1", "T-2"])


def test_a_file_comes_back_as_it_was_and_lies_encrypted(water):
    (ref,) = attach(water, PDF)
    opened = attachments.open_attachment(factory.actor(water), ref)
    assert (opened.name, opened.type, opened.content) == ("brief van Visser.pdf", "application/pdf", PDF.content)
    assert b"evidence" not in files.kept(files.digest(PDF.content)).read_bytes()


def test_the_same_file_again_is_the_same_one(water):
    assert attach(water, PDF, PDF) == attach(water, Added("ander.pdf", PDF.content)) * 2
    assert len(rows()) == 1


def test_somebody_elses_file_does_not_exist_and_neither_does_one_without_a_judge(water, monkeypatch):
    (ref,) = attach(water, PDF)
    with pytest.raises(NotFound):
        attachments.open_attachment(factory.actor(factory.organisation(Kind.AGENT)), ref)
    monkeypatch.delitem(attachments._judges, "test evidence")
    with pytest.raises(NotFound):
        attachments.open_attachment(factory.actor(water), ref)


def test_one_wrong_file_keeps_all_outside(water):
    with pytest.raises(Refusal, match="unknown"):
        attach(water, PDF, Added("doe.exe", b"MZ"))
    with pytest.raises(Refusal, match="too_many"):
        attach(water, *(Added("a.pdf", b"%PDF-" + bytes([n])) for n in range(MOST_FILES + 1)))
    assert rows() == []


def test_a_file_that_was_added_is_no_letter_of_the_portal(water):
    attach(water, PDF)
    with db.reading() as session:
        assert genuine(session, PDF.content) is None


def test_files_move_with_what_is_merged_and_doubles_stay_once(water):
    attach(water, PDF)
    with db.transaction() as session:
        attachments.attach(session, factory.actor(water), "test evidence", "T-2", None, attachments.scanned([PDF, Added("b.txt", b"b")]))
        attachments.move_attachments(session, "test evidence", "T-2", "T-1")
    assert [(row.subject_ref, row.name) for row in rows()] == [("T-1", "brief van Visser.pdf"), ("T-1", "b.txt")]


def test_the_bytes_stay_as_long_as_a_row_names_them(water, monkeypatch):
    monkeypatch.setattr("app.privacy.retention._is_old", lambda _: True)
    (ref,) = attach(water, PDF)
    run_retention()
    assert attachments.open_attachment(factory.actor(water), ref).content == PDF.content
    with db.transaction() as session:
        attachments.remove_attachment(session, "test evidence", "T-1", ref)
    run_retention()
    assert not files.opens(files.digest(PDF.content))
