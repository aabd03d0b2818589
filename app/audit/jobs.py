"""Work of the audit that runs outside a request."""

from app.audit import service
from app.jobs.registry import Argument, daily, job


@daily("04:30")
@job("audit.anchor", attempts=8)
def anchor(_: Argument) -> None:
    """Keep the head of the chain outside the database."""
    service.anchor_head()
