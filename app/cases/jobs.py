"""Work of the debt file that runs outside a request."""

from app.cases import service
from app.db import transaction
from app.exchange.uploads import forget_old
from app.jobs.registry import Argument, daily, job


@job("cases.take_upload")
def take_upload(argument: Argument) -> None:
    """Bring files in that somebody confirmed."""
    service.take_upload(argument["ref"])


@daily("05:30")
@job("cases.forget_uploads")
def forget_uploads(_: Argument) -> None:
    """Delete files that nobody said yes to within a day."""
    with transaction() as session:
        forget_old(session)
