"""Work of notifications that runs after the commit, and the digests of each hour."""

from app.jobs.pieces import in_pieces
from app.jobs.registry import Argument, hourly, job
from app.notifications import personal
from app.notifications.service import send


@job("notifications.send", attempts=3, patient=True)
def send_messages(argument: Argument) -> None:
    """Queue copies for people first: a mailbox whose server is away keeps nobody else waiting."""
    messages = argument["messages"] if "messages" in argument else [int(argument["message"])]  # one: work of an older release
    try:
        in_pieces(messages, lambda piece: personal.copy_at_once(*piece), size=1)
    finally:  # a message of which no copy can be made holds up no mail either
        in_pieces(messages, lambda piece: send(*piece), size=1)


@job("notifications.send_personal", attempts=3, patient=True)
def send_personal(argument: Argument) -> None:
    """Mail a digest or a copy."""
    personal.send_personal(int(argument["mail"]))


@hourly("02")
@job("notifications.digests")
def write_digests(_: Argument) -> None:
    """Queue the digests of whoever chose an hour that passed."""
    personal.run_digests()
