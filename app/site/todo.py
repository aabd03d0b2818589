"""The to-do page of those who have no single list: what waits in each feature, in words, with the list that shows exactly that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.access import Actor
from app.consents import overview_queries
from app.early_signals import queries as signal_queries
from app.early_signals import signal_words
from app.early_signals.queries import SignalRow
from app.practices import queue as practice_queue
from app.relations import complaint_words, triage_queries
from app.relations import waiting as relations_waiting
from app.relations.complaint_queries import ComplaintRow
from app.web import moment

SOURCES = (relations_waiting.waiting, signal_queries.waiting, practice_queue.waiting, overview_queries.waiting)  # a statement each
MOST_FIRST = 5


@dataclass(frozen=True)
class Task:
    """Something that may wait: how it is called, where it is done, how pressing it is, and whether the head of the page counts it."""

    label: Any  # a lazy sentence
    endpoint: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""  # late, today or empty, as the counts over a list
    short: Any = ""  # in the head of the page


@dataclass(frozen=True)
class Waiting:
    """One line of the page."""

    label: str
    url: str
    number: int
    kind: str


@dataclass(frozen=True)
class First:
    """One thing that comes first: its page, what it is, and how pressing."""

    title: str
    url: str
    detail: str
    due: str
    kind: str


@dataclass(frozen=True)
class TodoPage:
    head: list[Waiting]  # always shown, also when nothing waits there
    first: list[First]
    parts: list[tuple[str, list[Waiting]]]  # only what waits
    late: int
    total: int
    begin: str  # where one begins: the most pressing that waits


_QUEUE, _REPORTED, _ESCALATIONS, _SIGNALS = "relations.queue", "complaints.reported", "escalations.listed", "signals.signals"
_MEETINGS, _COMMITMENTS = "meetings.listed", "commitments.listed"
TASKS: dict[Any, dict[str, Task]] = {
    _("Signalen over harde incasso"): {
        "complaints late": Task(_("Te laat"), _QUEUE, {"show": "late"}, "late", _("signalen te laat")),
        "complaints today": Task(_("Vandaag"), _QUEUE, {"show": "today"}, "today", _("vandaag")),
        "complaints week": Task(_("Later deze week"), _QUEUE, {"show": "week"}, "", _("later deze week")),
        "complaints confirm": Task(_("Ontvangst bevestigen"), _QUEUE, {"show": "confirm"}),
        "complaints nobody": Task(_("Nog aan niemand toegewezen"), _QUEUE, {"show": "nobody"}),
        "complaints silent": Task(_("De schuldeiser antwoordt niet"), _QUEUE, {"show": "silent"}),
        "complaints unknown": Task(_("Over een onbekende schuldeiser"), _QUEUE, {"show": "unknown"}),
        "patterns": Task(_("Patronen: drie of meer van één soort"), _QUEUE, {"_anchor": "h-patronen"}, "today"),
    },
    _("Escalaties"): {
        "escalations late": Task(_("Termijn van de stap voorbij"), _ESCALATIONS, {"show": "late"}, "late", _("escalaties te laat")),
        "escalations week": Task(_("Stap binnen 7 dagen"), _ESCALATIONS, {"show": "week"}),
    },
    _("Overleggen en afspraken"): {
        "commitments check": Task(_("Afspraken controleren"), _COMMITMENTS, {"show": "check"}, "today", _("afspraken controleren")),
        "commitments late": Task(_("Afspraken over de laatste dag"), _COMMITMENTS, {"show": "late"}, "late"),
        "commitments broken": Task(_("Afspraken die niet zijn nagekomen"), _COMMITMENTS, {"show": "broken"}),
        "meetings week": Task(_("Overleggen binnen 7 dagen"), _MEETINGS, {"show": "week"}),
        "meetings unwritten": Task(_("Overleggen zonder verslag"), _MEETINGS, {"show": "unwritten"}, "late"),
    },
    _("Vroegsignalen"): {
        "signals late": Task(_("Ontruiming of afsluiting dreigt"), _SIGNALS, {"status": "late"}, "today", _("ontruiming of afsluiting")),
        "signals overdue": Task(_("Termijn voorbij"), _SIGNALS, {"status": "overdue"}, "late", _("termijn voorbij")),
        "signals new": Task(_("Nog niet opgepakt"), _SIGNALS, {"status": "new"}, "today", _("nog niet opgepakt")),
        "signals open": Task(_("Alles wat open is"), _SIGNALS, {"status": "open"}, "", _("open")),
    },
    _("Wat uw team meldde over harde incasso"): {
        "reported news": Task(_("Er is een uitkomst: zeg of het hielp"), _REPORTED, {"status": "news"}, "today"),
        "reported draft": Task(_("Uw concepten, nog niet gemeld"), _REPORTED, {"status": "draft"}),
    },
    _("Rapporten en akkoorden"): {
        "practices replied": Task(_("Praktijkrapporten met een antwoord op uw vraag"), "practices.practices", {"status": "team"}, "today"),
        "practices unseen": Task(_("Praktijkrapporten die nog niemand bekeek"), "practices.practices", {"status": "new"}),
        "consents expiring": Task(_("Akkoorden vooraf die aflopen"), "consents.consents", {"status": "expiring"}),
    },
}  # fmt: skip


def todo_page(session: Session, actor: Actor) -> TodoPage:
    """Return what waits for an actor, asked of each feature that has to do with its role."""
    numbers: dict[str, int] = {}
    for source in SOURCES:
        numbers |= source(session, actor)
    lines = {name: (task, _line(task, numbers[name])) for part in TASKS.values() for name, task in part.items() if name in numbers}
    parts = [(str(title), [lines[name][1] for name in part if numbers.get(name)]) for title, part in TASKS.items()]
    waits = [line for _title, part in parts for line in part]
    head = [_line(task, numbers[name], task.short) for name, (task, _) in lines.items() if task.short]
    return TodoPage(
        head, _first(session, actor), [(title, part) for title, part in parts if part],
        sum(line.number for line in waits if line.kind == "late"), len(waits),
        next((line.url for line in sorted(waits, key=_pressing)), ""),
    )  # fmt: skip


def _first(session: Session, actor: Actor) -> list[First]:
    return [_complaint(row) for row in triage_queries.first_rows(session, actor, MOST_FIRST)] + [
        _signal(row) for row in signal_queries.first_rows(session, actor, MOST_FIRST)
    ]


def _complaint(row: ComplaintRow) -> First:
    url, detail = url_for("relations.complaint", ref=row.ref), f"{row.ref} · {complaint_words.kind(row)}"
    due = complaint_words.due_kind(row)
    return First(row.about, url, detail, complaint_words.due(row), "today" if due == "soon" else due)


def _signal(row: SignalRow) -> First:
    detail = " · ".join((row.ref, row.reporter, str(signal_words.SORTS[row.sort])))
    return First(row.name, url_for("signals.signal", ref=row.ref), detail, moment(row.act_by), "late" if row.is_overdue else "")


def _line(task: Task, number: int, label: Any = "") -> Waiting:
    return Waiting(str(label or task.label), url_for(task.endpoint, **task.filters), number, task.kind if number else "")


def _pressing(line: Waiting) -> int:
    return ("late", "today", "").index(line.kind)
