"""Work of standing consents that runs outside a request."""

from app.consents import service
from app.jobs.registry import Argument, daily, job


@job("consents.write_record")
def write_record(argument: Argument) -> None:
    """Write the document of a version that was signed."""
    service.write_record(int(argument["consent"]))


@daily("06:15")
@job("consents.mind_dates")
def mind_dates(_: Argument) -> None:
    """Move versions on their day and remind of last days that come near."""
    service.mind_dates()
