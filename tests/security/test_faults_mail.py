"""The mail server is away for an hour, in every way: no mail is lost, none goes under two ids, and people see what waits."""

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.jobs import registry
from app.jobs.models import JobFailure
from app.jobs.service import replay_patient
from app.notifications import channels
from app.notifications.models import Message
from app.notifications.service import Recipient, notify
from tests import factory
from tests.security import mail_server as moods
from tests.security.counting import count
from tests.security.mail_server import mail_server

MESSAGES = 4


@pytest.fixture
def mail(app, queue, clock, monkeypatch):
    """A mail server that the portal uses, and messages that wait to be sent; a server that says nothing is not waited for long."""
    monkeypatch.setattr(channels, "PATIENCE", 0.2)
    monkeypatch.setattr(channels, "PAUSE", 0.0)
    with mail_server() as server:
        channels.send_by(server.url, "http://portaal.example")
        with db.transaction(as_portal=True) as session:
            for number in range(MESSAGES):
                facts = {"offers": f"A-{number}", "number": 1}
                notify(session, "proposals.withdrawn", Recipient(f"post{number}@water.example"), "/offers", **facts)
        yield server
        channels.send_by("console:", "http://portaal.example")


def _unsent():
    with db.reading(as_portal=True) as session:
        return session.scalars(select(Message.id).where(Message.mailed_at.is_(None))).all()


@pytest.mark.parametrize("mood", [moods.LATER, moods.NEVER, moods.SILENT])
def test_after_an_hour_without_a_mail_server_each_message_leaves_once(mail, queue, clock, mood):
    mail.mood = mood
    queue.run_as_the_worker()
    assert (len(_unsent()), mail.taken) == (MESSAGES, [])
    tried = 0
    for _ in range(30):  # minutes pass, two at a time; the worker looks each minute
        clock.shift(120)
        tried += replay_patient(registry.patient())
        queue.run_as_the_worker()
    assert MESSAGES < tried < 8 * MESSAGES  # again and again, but less and less often
    mail.mood = moods.ACCEPT
    clock.shift(2 * 3600)
    assert replay_patient(registry.patient()) == MESSAGES
    queue.run_as_the_worker()
    assert (_unsent(), replay_patient(registry.patient())) == ([], 0)
    assert len(mail.ids()) == len(set(mail.ids())) == MESSAGES
    count("faults", "mails kept through an hour of refusals", MESSAGES)


def test_what_waits_for_the_mail_server_is_shown_with_the_reason(mail, queue, clock, client_of):
    mail.mood = moods.LATER
    queue.run_as_the_worker()
    page = client_of(factory.person(factory.organisation(Kind.CITY), Role.ADMINISTRATOR)).get("/jobs").text
    assert page.count("Doe opnieuw") == MESSAGES
    assert "SMTPConnectError" in page


def test_a_mail_that_left_while_nobody_noted_it_keeps_its_id(mail, queue, monkeypatch):
    """The worker dies between sending and noting: it is sent again, and whoever receives it sees that it is the same."""
    monkeypatch.setattr("app.notifications.service.transaction", _dies)
    with pytest.raises(SystemExit):
        queue.run_all()
    monkeypatch.undo()
    channels.send_by(mail.url, "http://portaal.example")
    with db.reading(as_portal=True) as session:
        ids = session.scalars(select(Message.id).order_by(Message.id)).all()
    for number in ids:
        registry.JOBS["notifications.send"].handler({"message": number})
    assert len(mail.ids()) == MESSAGES + 1
    assert set(mail.ids()) == {f"<message-{number}@schuldeisersportaal>" for number in ids}


def _dies(**_):
    raise SystemExit


def test_after_a_server_did_not_answer_the_others_do_not_wait_for_it(mail, queue, monkeypatch):
    monkeypatch.setattr(channels, "PAUSE", 60.0)
    mail.mood = moods.SILENT
    queue.run_as_the_worker()
    assert mail.calls == 1
    with db.reading(as_portal=True) as session:
        assert len(session.scalars(select(JobFailure.key)).all()) == MESSAGES
