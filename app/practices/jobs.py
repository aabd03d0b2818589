"""Work on practice reports that runs outside a request."""

from app.clock import today
from app.jobs.registry import Argument, daily, job
from app.jobs.runs import count, noted
from app.practices import service


@daily("07:40")
@job("practices.remind")
def remind(_: Argument) -> None:
    """Remind creditors of the report that is due or late."""
    with noted("practices.remind", today()) as tally:
        count(tally, reminders=service.remind_of_reports())
