"""Files that people add are scanned where a scanner is configured: a scanner of the test's own answers as clamd does."""

import socket
import threading
import time
from contextlib import closing, contextmanager, suppress
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.audit.models import Event
from app.documents import attachments, scanning
from app.documents.attachments import Added
from app.errors import Refusal
from app.relations.complaint_rules import ComplaintKind
from app.relations.complaints import Told, report_complaint
from tests import factory

CLEAN, VIRUS = Added("brief.pdf", b"%PDF-1.7 " + bytes(200_000)), Added("brief van Visser.pdf", b"%PDF-1.7 EICAR")
OK, FOUND = b"stream: OK\0", b"stream: Eicar-Test-Signature FOUND\0"


def _read(connection):
    """Read what a client of clamd streams: a word, parts with their length, and an empty part."""
    with connection.makefile("rb") as asked:
        assert asked.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(asked.read(4), "big"):
            content += asked.read(size)
    return content


def _serve(listener, answers, heard):
    for answer in answers:
        connection, _ = listener.accept()
        with connection:
            heard.append(_read(connection))
            connection.sendall(answer() if callable(answer) else answer)


@contextmanager
def scanner(*answers, path=""):
    """A clamd that gives these answers, one for each file; yields what it heard."""
    with closing(socket.socket(socket.AF_UNIX if path else socket.AF_INET)) as listener:
        listener.bind(path or ("127.0.0.1", 0))
        listener.listen()
        heard = []
        thread = threading.Thread(target=_serve, args=(listener, answers, heard), daemon=True)
        thread.start()
        scanning.scan_by(path or f"127.0.0.1:{listener.getsockname()[1]}")
        yield heard
        thread.join(5)


@pytest.fixture
def water(database, clock):
    yield factory.organisation()
    scanning.scan_by("")


def attach(water, *added):
    found = attachments.scanned(added)
    with db.transaction() as session:
        attachments.attach(session, factory.actor(water), "test evidence", "T-1", water.id, found)
    return kept()


def kept():
    with db.reading() as session:
        return [row.name for row in attachments.attachments_about(session, "test evidence", ["T-1"])]


def infected():
    with db.reading() as session:
        return [
            (one.result, one.concerns_id, one.changes) for one in session.scalars(select(Event).where(Event.action == "documents:infected"))
        ]


def test_a_file_is_kept_when_the_scanner_read_all_of_it_and_found_nothing(water, tmp_path):
    with scanner(OK, path=str(tmp_path / "clamd")) as heard:
        assert attach(water, CLEAN) == ["brief.pdf"]
    assert heard == [CLEAN.content]


def test_a_file_with_a_virus_is_refused_with_its_name_and_stands_in_the_log(water):
    with scanner(OK, FOUND), pytest.raises(Refusal, match=r"attachments.infected") as refused:
        attach(water, CLEAN, VIRUS)
    assert (refused.value.facts["name"], kept()) == ("brief van Visser.pdf", [])
    assert [(result, concerns) for result, concerns, _ in infected()] == [("refused", water.id)]
    assert "Eicar-Test-Signature" in str(infected())
    assert "Visser" not in str(infected())


def test_a_virus_without_a_name_is_a_virus(water):
    with scanner(b"stream:  FOUND\0"), pytest.raises(Refusal, match=r"attachments.infected"):
        attach(water, VIRUS)
    assert (kept(), len(infected())) == ([], 1)


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OKAY\0", b"stream: OK FOUND ERROR\0"])
def test_no_file_passes_a_scanner_that_gives_no_answer(water, answer):
    with scanner(answer), pytest.raises(Refusal, match=r"attachments.scanner_away"):
        attach(water, CLEAN)
    with pytest.raises(Refusal, match=r"attachments.scanner_away"):
        attach(water, CLEAN)  # it went away
    assert (kept(), infected()) == ([], [])


def test_a_scanner_that_says_nothing_is_waited_for_no_longer_than_the_patience(water, monkeypatch):
    monkeypatch.setattr(scanning, "PATIENCE", 0.1)
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        scanning.scan_by(f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(Refusal, match=r"attachments.scanner_away"):
            attach(water, CLEAN)
    assert kept() == []


def test_a_scanner_that_answers_sign_by_sign_is_waited_for_no_longer_either(monkeypatch):
    monkeypatch.setattr(scanning, "PATIENCE", 0.2)
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(scanning, "_connected", lambda _: ours)
    monkeypatch.setattr(scanning, "_address", "/clamd")

    dripped = []

    def drip():
        with suppress(BrokenPipeError):
            for number in range(200):  # ten seconds, unless nobody listens any more
                theirs.sendall(b"s")
                dripped.append(number)
                time.sleep(0.05)

    dripping = threading.Thread(target=drip)
    with closing(theirs):
        dripping.start()
        with pytest.raises(Refusal, match=r"attachments.scanner_away"):
            scanning.viruses_in([b"%PDF"])
        dripping.join()
    assert len(dripped) < 200


def test_while_a_scanner_takes_its_time_others_write(water, queue):
    helper = factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM))
    told = Told(ComplaintKind.TONE, date(2026, 6, 1), "Gedreigd.", named="Onbekend", files=(CLEAN,))

    def slowly():
        factory.organisation(name="Zilverreiger")
        return OK

    with scanner(slowly):
        assert report_complaint(helper, told)


def test_without_a_scanner_nothing_is_scanned(water):
    assert attach(water, VIRUS) == ["brief van Visser.pdf"]
