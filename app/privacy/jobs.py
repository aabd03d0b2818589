"""Work of privacy that runs each day."""

from app.jobs.registry import Argument, daily, job
from app.privacy.retention import run_retention


@daily("03:00")
@job("privacy.retention")
def retention(_: Argument) -> None:
    """End what is over; a day that was missed needs no run of its own, for the next one finds it."""
    run_retention()
