"""Work of notifications that runs after the commit."""

from app.jobs.registry import Argument, job
from app.notifications.service import send


@job("notifications.send", attempts=3, patient=True)
def send_message(argument: Argument) -> None:
    send(int(argument["message"]))
