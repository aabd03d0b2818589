"""Mail: sent once, by a channel that keeps nobody waiting and tells no password to a stranger."""

import smtplib
import ssl

import pytest
from sqlalchemy import select

from app import db
from app.notifications import channels
from app.notifications.channels import Smtp
from app.notifications.models import Message
from app.notifications.service import Recipient, Telling, notify, notify_all, send

pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture
def message(database):
    with db.transaction() as session:
        notify(session, "accounts.reset", Recipient("a@organisatie.example"), "/invitation/x", days=7)
    with db.reading() as session:
        return session.scalar(select(Message.id))


class Postbox:
    """A mail server that writes in the database while it takes a mail."""

    def __init__(self):
        self.mails = []

    def send(self, mail):
        with db.transaction():
            self.mails.append(mail)


def test_a_mail_leaves_once_and_holds_no_lock_meanwhile(message, monkeypatch):
    box = Postbox()
    monkeypatch.setattr(channels, "channel", lambda: box)
    for _ in range(2):
        send(message)
    assert [mail["To"] for mail in box.mails] == ["a@organisatie.example"]


def test_many_messages_leave_in_few_pieces_of_work_each_once_and_one_that_breaks_holds_up_no_other(queue, monkeypatch):
    to, box = [Recipient(f"{number}@organisatie.example") for number in range(30)], Postbox()
    with db.transaction() as session:
        notify_all(session, [Telling("accounts.reset", one, "/invitation/x", {"days": 7}) for one in to])
    assert [len(argument["messages"]) for _, argument in queue.waiting()] == [25, 5]
    monkeypatch.setattr(channels, "channel", lambda: box)
    with monkeypatch.context() as broken:
        broken.setattr("app.notifications.service._why_unsent", lambda _, message: 1 // (message.id != 3) and None)
        with pytest.raises(ZeroDivisionError):
            queue.run_all()
    assert len(box.mails) == 24
    queue.run_all()
    assert sorted(mail["To"] for mail in box.mails) == sorted(one.address for one in to)


def test_a_message_of_which_no_copy_can_be_made_holds_up_neither_copies_nor_mail(queue, monkeypatch):
    to, box, copied = [Recipient(f"{number}@organisatie.example") for number in range(3)], Postbox(), []
    with db.transaction() as session:
        notify_all(session, [Telling("accounts.reset", one, "/invitation/x", {"days": 7}) for one in to])
    monkeypatch.setattr(channels, "channel", lambda: box)
    monkeypatch.setattr("app.notifications.personal.copy_at_once", lambda id_: copied.append(id_ // (id_ != 2)))
    with pytest.raises(ZeroDivisionError):
        queue.run_all()
    assert (copied, len(box.mails)) == ([1, 3], 3)


class Server:
    """Stands in for a mail server and notes what it is asked."""

    asked: list

    def __init__(self, *_, **__):
        type(self).asked = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def ehlo(self):
        return None

    def has_extn(self, _):
        return self.offers_tls

    def starttls(self, context):
        self.asked.append(("starttls", context.verify_mode, context.check_hostname))

    def login(self, user, password):
        self.asked.append(("login", user))

    def send_message(self, mail):
        self.asked.append("mail")


def test_the_certificate_of_a_mail_server_is_checked_before_the_password_goes(monkeypatch):
    monkeypatch.setattr(smtplib, "SMTP", type("Safe", (Server,), {"offers_tls": True}))
    Smtp("smtp://ik:geheim@mail.example:587").send(None)
    assert smtplib.SMTP.asked == [("starttls", ssl.CERT_REQUIRED, True), ("login", "ik"), "mail"]


@pytest.mark.parametrize("url", ["smtp://ik:geheim@mail.example", "smtp://mail.example", "smtp://ik:geheim@localhost"])
def test_a_mail_server_without_tls_gets_neither_password_nor_mail(monkeypatch, url):
    monkeypatch.setattr(smtplib, "SMTP", type("Bare", (Server,), {"offers_tls": False}))
    with pytest.raises(smtplib.SMTPNotSupportedError):
        Smtp(url).send(None)
    assert smtplib.SMTP.asked == []


def test_a_relay_on_the_same_machine_needs_no_tls(monkeypatch):
    monkeypatch.setattr(smtplib, "SMTP", type("Bare", (Server,), {"offers_tls": False}))
    Smtp("smtp://localhost").send(None)
    assert smtplib.SMTP.asked == ["mail"]
