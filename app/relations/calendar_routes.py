"""Calendars of meetings: the secret address of one's own for a program, making and ending it, and one meeting to take along."""

from collections.abc import Iterable

from flask import Blueprint, Response, current_app, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.access import Permission
from app.db import reading
from app.relations import calendar_feeds, meeting_queries
from app.relations.calendar_text import Event, calendar
from app.relations.meeting_queries import MeetingRow
from app.relations.meeting_rules import MeetingState
from app.web import actor, public, requires

bp = Blueprint("calendars", __name__, url_prefix="/relations")


@bp.get("/calendar/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """Give a calendar program the meetings of whose secret address it is."""
    with reading(as_portal=True) as opened:  # nobody is signed in: the token says whose calendar it is
        rows = calendar_feeds.feed_rows(opened, token)
    return _calendar(rows)


@bp.get("/meetings/<ref>/calendar.ics")
@requires(Permission.READ_RELATIONS)
def meeting(ref: str) -> ResponseReturnValue:
    """Give one meeting for a calendar."""
    with reading() as opened:
        row = meeting_queries.meeting_page(opened, actor(), ref).row
    return _calendar([row])


@bp.post("/meetings/calendar")
@requires(Permission.READ_RELATIONS)
def make() -> ResponseReturnValue:
    session["made_feed"] = calendar_feeds.make_feed(actor())
    return redirect(url_for("meetings.listed"))


@bp.post("/meetings/calendar/end")
@requires(Permission.READ_RELATIONS)
def end() -> ResponseReturnValue:
    calendar_feeds.end_feed(actor())
    flash(gettext("Het agenda-adres werkt niet meer."), "good")
    return redirect(url_for("meetings.listed"))


def _calendar(rows: Iterable[MeetingRow]) -> Response:
    """Return a calendar without people and points of an agenda: who may read those signs in."""
    base = current_app.config["PORTAL"].base_url
    events = [
        Event(
            uid=f"{row.ref}@schuldeisersportaal", begins=row.begins, ends=row.ends,
            summary=gettext("Overleg Relatiebeheer en %(organisation)s", organisation=row.organisation), place=row.place,
            url=f"{base}{url_for('meetings.one', ref=row.ref)}", sequence=row.revision, changed_at=row.changed_at,
            is_cancelled=row.state is MeetingState.CANCELLED,
        )
        for row in rows
    ]  # fmt: skip
    text = calendar(gettext("Overleggen in het Schuldeisersportaal"), events)
    return Response(text, content_type="text/calendar; charset=utf-8")
