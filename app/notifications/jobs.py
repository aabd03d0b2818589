"""Work of notifications that runs after the commit, and the digests of each hour."""

from app.jobs.registry import Argument, hourly, job
from app.notifications import personal
from app.notifications.service import send


@job("notifications.send", attempts=3, patient=True)
def send_message(argument: Argument) -> None:
    """Queue copies for people first: a mailbox whose server is away keeps nobody else waiting."""
    personal.copy_at_once(int(argument["message"]))
    send(int(argument["message"]))


@job("notifications.send_personal", attempts=3, patient=True)
def send_personal(argument: Argument) -> None:
    """Mail a digest or a copy."""
    personal.send_personal(int(argument["mail"]))


@hourly("02")
@job("notifications.digests")
def write_digests(_: Argument) -> None:
    """Queue the digests of whoever chose an hour that passed."""
    personal.run_digests()
