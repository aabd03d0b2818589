"""The ways out: mail to the console (development) or to a mail server."""

import smtplib
import ssl
import sys
import time
from email.message import EmailMessage
from typing import NoReturn, Protocol
from urllib.parse import unquote, urlsplit

from app.notifications.rules import refuses_address, status_of

PATIENCE = 15  # seconds that a mail server gets for each answer
PAUSE = 30.0  # seconds without a try after it gave none
SENDER = "Schuldeisersportaal <portaal@stad.example>"


class AddressRefused(Exception):
    """The server says for good that there is no such address; `status` is its reason (RFC 3463)."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Channel(Protocol):
    """A way to send mail. Raises AddressRefused, or whatever may be over when it is tried again."""

    def send(self, mail: EmailMessage) -> None: ...


class Console:
    """Mail shown on standard output, so that a first run needs no mail server."""

    def send(self, mail: EmailMessage) -> None:
        sys.stdout.write(f"── mail to {mail['To']}: {mail['Subject']}\n{_plain(mail)}\n")
        sys.stdout.flush()


def _plain(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    return str(text.get_content()) if text else ""


LOCAL = {"localhost", "127.0.0.1", "::1"}  # what is said to a relay on the same machine crosses no line


class Smtp:
    """Mail through a server: `smtp://user:password@host:port`, with STARTTLS.

    Its certificate is checked, and without TLS no password is sent and nothing at all to another machine: whoever answers in
    its place gets neither. After a server did not answer, all mail fails at once for a while: a thousand of them must not keep
    every thread of the worker waiting in vain.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "localhost", parts.port or 25
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self._down_until = 0.0

    def send(self, mail: EmailMessage) -> None:
        if time.monotonic() < self._down_until:
            raise ConnectionError("the mail server did not answer a moment ago")
        try:
            self._send(mail)
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, TimeoutError, ConnectionError):
            self._down_until = time.monotonic() + PAUSE
            raise

    def _send(self, mail: EmailMessage) -> None:
        with smtplib.SMTP(self.host, self.port, timeout=PATIENCE) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            elif self.user or self.host not in LOCAL:
                raise smtplib.SMTPNotSupportedError("the mail server offers no STARTTLS, so it gets neither password nor mail")
            if self.user:
                server.login(self.user, self.password)
            _hand_over(server, mail)


def _hand_over(server: smtplib.SMTP, mail: EmailMessage) -> None:
    """Give the server a mail for one address. Raises AddressRefused for a refusal for good that is about the address."""
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        reply, words = next(iter(error.recipients.values()))
        _judge(status_of(reply, _text(words)), error)
    except smtplib.SMTPDataError as error:  # some servers look for the mailbox only now
        found = status_of(error.smtp_code, _text(error.smtp_error))
        _judge(found if found.startswith("5.1.") else "", error)


def _text(words: bytes | str) -> str:
    return words if isinstance(words, str) else words.decode(errors="replace")


def _judge(status: str, error: smtplib.SMTPException) -> NoReturn:
    if refuses_address(status):
        raise AddressRefused(status) from error
    raise error


_channel: Channel = Console()
_base_url = "http://127.0.0.1:8000"


def send_by(mail_url: str, base_url: str) -> None:
    """Set the channel of this process and the address at which people find the portal."""
    global _channel, _base_url
    _channel = Smtp(mail_url) if mail_url.startswith("smtp://") else Console()
    _base_url = base_url


def channel() -> Channel:
    """Return by which channel this process sends mail."""
    return _channel


def base_url() -> str:
    """Return the address of the portal, without a slash at its end: what links in mail and at providers begin with."""
    return _base_url
