"""How an agent stands in the register of the Wki, in words. Dutch here, English in the catalogue."""

from typing import Any

from flask_babel import gettext

from app.web import day


def wki(agent: Any) -> str:
    """Say how an agent stands in the register of the Wki."""
    if agent.is_bailiff:
        return gettext("gerechtsdeurwaarder, geen Wki-nummer nodig")
    if not agent.wki_checked_on:
        return gettext("nog niet nagekeken")
    if not agent.wki_number:
        return gettext("stond er op %(day)s niet in", day=day(agent.wki_checked_on))
    return gettext("Wki-nummer %(number)s, nagekeken op %(day)s", number=agent.wki_number, day=day(agent.wki_checked_on))
