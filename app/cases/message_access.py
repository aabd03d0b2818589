"""Whose messages about notices and balance requests an actor may see: of those that it sees itself, as one condition on a path."""

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.access import Actor
from app.cases import balance_access, pause_queries
from app.cases.models import BalanceRequest, Notice

_BALANCE, _PAUSE = "/balances/", "/pauses/"


def sees_path(actor: Actor, path: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that what a path leads to is no notice or balance request, or one that the actor sees."""
    request = select(BalanceRequest.id).where(BalanceRequest.ref == func.substr(path, len(_BALANCE) + 1), balance_access.visible_to(actor))
    notice = select(Notice.id).where(Notice.ref == func.substr(path, len(_PAUSE) + 1), pause_queries.visible_to(actor))
    return and_(or_(path.not_like(f"{_BALANCE}%"), request.exists()), or_(path.not_like(f"{_PAUSE}%"), notice.exists()))
