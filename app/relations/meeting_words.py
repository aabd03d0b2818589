"""What the portal says about meetings: sentences and words. Dutch here, English in the catalogue."""

from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.clock import local, today
from app.relations.commitment_rules import CommitmentState
from app.relations.complaint_rules import ComplaintKind
from app.relations.complaint_words import KINDS
from app.relations.complaint_words import REFUSALS as COMPLAINT_REFUSALS
from app.relations.escalation_rules import Level
from app.relations.escalation_words import LEVELS
from app.relations.meeting_queries import MeetingRow, Point
from app.relations.meeting_rules import ItemKind, MeetingState
from app.speech import language
from app.web import day

REFUSALS = COMPLAINT_REFUSALS | {
    "meetings.in_past": _("Dit tijdstip is voorbij. Kies een tijd die nog komt. Was het overleg er al? Leg het vast met een verslag."),
    "meetings.not_yet": _("Dit overleg moet nog komen. Plan het zonder verslag."),
    "meetings.ends_wrong": _("Het einde komt na het begin, op dezelfde dag."),
    "meetings.same_time": _(
        "Op dit tijdstip staat al een overleg met deze organisatie. Open dat om het te wijzigen of het verslag te schrijven."
    ),
    "meetings.minutes_too_soon": _("Dit overleg is nog niet begonnen. Schrijf het verslag daarna."),
    "meetings.minutes_missing": _("Schrijf in een paar zinnen wat er is besproken."),
    "meetings.cancelled": _("Dit overleg is afgezegd. Er is niets veranderd."),
    "meetings.held_already": _("Dit overleg is al geweest. Er is niets veranderd."),
}
STATES = {MeetingState.PLANNED: _("Gepland"), MeetingState.HELD: _("Geweest"), MeetingState.CANCELLED: _("Afgezegd")}
STATE_KINDS = {MeetingState.HELD: "good", MeetingState.CANCELLED: "bad"}
SHOW = {"week": _("Binnen 7 dagen"), "unwritten": _("Zonder verslag"), "past": _("Geweest"), "cancelled": _("Afgezegd"), "all": _("Alle")}
POINTS = {
    ItemKind.COMMITMENT: _("Afspraak"),
    ItemKind.COMPLAINT: _("Signaal"),
    ItemKind.ESCALATION: _("Escalatie"),
    ItemKind.OWN: _("Ook"),
}
COMMITMENT_STATES = {
    CommitmentState.OPEN: _("Loopt"),
    CommitmentState.KEPT: _("Nagekomen"),
    CommitmentState.NOT_KEPT: _("Niet nagekomen"),
    CommitmentState.ENDED: _("Beëindigd"),
}
COMMITMENT_KINDS = {CommitmentState.KEPT: "good", CommitmentState.NOT_KEPT: "bad"}
WEEKDAYS = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def when(row: MeetingRow) -> str:
    """Say when a meeting is: `donderdag 25 juni 2026, 10.00 tot 11.00`."""
    here = local(row.begins)
    named = f"{WEEKDAYS[language()][here.weekday()]} {day(here.date())}"
    return str(gettext("%(day)s, %(begins)s tot %(ends)s", day=named, begins=clock(row.begins), ends=clock(row.ends)))


def clock(moment: datetime) -> str:
    """Write the time of day as people in Amsterdam read it."""
    here = local(moment)
    return f"{here:%H.%M}" if language() == "nl" else f"{here:%H:%M}"


def point(one: Point) -> str:
    """Say what a point of the agenda is about."""
    if one.kind is ItemKind.COMPLAINT:
        kind = one.facts.get("kind")
        return str(KINDS[ComplaintKind(kind)]) if kind else one.ref
    return one.words


def more(one: Point) -> str:
    """Say how it stands with a point of the agenda, or nothing."""
    if one.kind is ItemKind.COMMITMENT:
        return str(COMMITMENT_STATES[CommitmentState(one.facts["state"])])
    if one.kind is ItemKind.ESCALATION:
        return str(LEVELS[Level(one.facts["level"])])
    return ""


def due_kind(row: MeetingRow) -> str:
    """Return how a meeting's day is shown: late where its minutes are missing, today, or empty."""
    here = local(row.begins).date()
    if row.state is not MeetingState.PLANNED:
        return ""
    return "late" if here < today() else "today" if here == today() else ""
