"""Work of accounts that runs after the commit."""

from app.accounts.passwords import mail_reset
from app.jobs.registry import Argument, job


@job("accounts.mail_reset")
def mail_link(argument: Argument) -> None:
    """Mail the link for a new password that somebody asked for."""
    mail_reset(int(argument["person"]))
