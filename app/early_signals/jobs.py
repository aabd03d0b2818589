"""Work of early signals that runs outside a request."""

from datetime import date

from app.early_signals import service, telling
from app.jobs import runs
from app.jobs.registry import Argument, daily, job


@job("early_signals.take_upload")
def take_upload(argument: Argument) -> None:
    """Bring a file in that somebody confirmed."""
    service.take_upload(argument["ref"])


@daily("07:50")
@job("early_signals.tell_feedback")
def tell_feedback(argument: Argument) -> None:
    """Mail reporters that there is feedback; a missed day is caught up with one mail."""
    day = date.fromisoformat(argument["day"])
    with runs.noted("early_signals.tell_feedback", day) as tally:
        runs.count(tally, reporters=telling.tell_feedback(day))
