"""Work of relations that runs outside a request."""

from datetime import date

from app.clock import today
from app.jobs import runs
from app.jobs.registry import Argument, daily, job
from app.relations import commitments, profile_counting, reminding


@daily("03:40")
@job("relations.count_profiles")
def count_profiles(_: Argument) -> None:
    """Count anew what every creditor did, for the profiles; a missed night is made up by the next one."""
    with runs.noted("relations.count_profiles", today()) as tally:
        runs.count(tally, months=profile_counting.count_months())


@daily("08:20")
@job("relations.remind_of_complaints")
def remind_of_complaints(argument: Argument) -> None:
    """Remind whom complaints are about and that did not answer yet; a missed day is caught up."""
    day = date.fromisoformat(argument["day"])
    with runs.noted("relations.remind_of_complaints", day) as tally:
        runs.count(tally, complaints=reminding.remind_of_complaints(day))


@daily("05:20")
@job("relations.check_commitments")
def check_commitments(_: Argument) -> None:
    """Check commitments by the portal's figures over each month that is over; a missed day is made up by the next one."""
    with runs.noted("relations.check_commitments", today()) as tally:
        runs.count(tally, checks=commitments.check_by_figures())
