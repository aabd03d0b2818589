"""Addresses that refuse mail for good: noting one and asking for it, inside somebody's transaction."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Permission
from app.clock import now
from app.notifications.audience import Reader, people
from app.notifications.models import Bounce
from app.notifications.recording import record


def bounced(session: Session, addresses: Collection[str]) -> set[str]:
    """Return which of these addresses refuse mail, in lower case."""
    wanted = {address.lower() for address in addresses if address}
    return set(session.scalars(select(Bounce.address).where(Bounce.address.in_(wanted)))) if wanted else set()


def is_bounced(session: Session, address: str) -> bool:
    """Tell whether nothing is mailed to an address."""
    return bool(bounced(session, [address]))


def note(session: Session, address: str, status: str) -> list[Reader]:
    """Note that an address refused mail for good, and return the managers who should hear of it; none when it was known."""
    if is_bounced(session, address):
        return []
    session.add(Bounce(address=address.lower(), status=status, bounced_at=now()))
    session.flush()
    organisations = dict.fromkeys(holder.organisation_id for holder in people().holders(session, [address]))
    for organisation_id in organisations:
        record(session, SYSTEM, "messages:bounce", "mail/address", concerns_id=organisation_id, status=(None, status))
    found = [reader for one in organisations for reader in people().readers(session, organisation_id=one)]
    return [reader for reader in found if reader.actor.may(Permission.MANAGE_PEOPLE) and reader.address.lower() != address.lower()]


def forget(session: Session, address: str) -> None:
    """Let mail go to an address again."""
    session.execute(delete(Bounce).where(Bounce.address == address.lower()))
