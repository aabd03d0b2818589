"""The only reader of the time. `PORTAL_CLOCK` (never in production) shifts it, so that a demo can play other days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_shift = timedelta()


def start_at(moment: datetime | None) -> None:
    """Let the clock read `moment` now and run on from there; None sets it right again."""
    global _shift
    _shift = moment - datetime.now(UTC) if moment else timedelta()


def now() -> datetime:
    """Return the moment in UTC, aware."""
    return datetime.now(UTC) + _shift


def machine_now() -> datetime:
    """Return the machine's own moment, which `PORTAL_CLOCK` does not shift: the job engine dates its work by it."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date in Amsterdam: terms are counted in local days."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """Return the same moment as people in Amsterdam read it."""
    return moment.astimezone(AMSTERDAM)
