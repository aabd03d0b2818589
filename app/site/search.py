"""Search in everything that one may see: each feature finds among what it shows the actor anyway, and gives what its list would show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask import current_app, url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.cases import listing as cases
from app.creditors import queries as creditors
from app.creditors import words as creditor_words
from app.early_signals import queries as team_signals
from app.early_signals import reporter_queries as own_signals
from app.early_signals.access import reports
from app.proposals import inbox_queries as offers
from app.proposals import offer_words
from app.relations import (
    addressed_queries,
    commitment_queries,
    commitment_words,
    complaint_queries,
    complaint_words,
    escalation_queries,
    escalation_words,
    meeting_queries,
    meeting_words,
    triage_queries,
)
from app.site.letters import letters, reads_letters
from app.web import day, moment

LEAST, MOST_SIGNS = 2, 80  # signs of what is looked for
SHOWN = 5  # of each subject; the list has the rest
COUNTED = 25  # counting stops here: the page then says '25+'


@dataclass(frozen=True)
class Hit:
    """One thing that was found: its name, its page, and what tells it from the next one."""

    title: str
    url: str
    detail: str


@dataclass(frozen=True)
class Found:
    """What was found of one subject, and the list that shows all of it, for who may open that list."""

    title: str
    hits: list[Hit]
    number: str
    url: str


@dataclass(frozen=True)
class SearchPage:
    q: str
    is_short: bool
    found: list[Found]
    log: str  # the address of the log's own search, for who reads the log


@dataclass(frozen=True)
class Subject:
    """A subject in which is looked: where its list stands, who looks in it, and how a row of it is shown."""

    title: Any  # a lazy sentence
    endpoint: str  # of its list; letters have none
    looks: Callable[[Actor], bool]
    rows: Callable[[Session, Actor, str], Iterable[Any]]
    hit: Callable[[Any], Hit]


def _may(permission: Permission) -> Callable[[Actor], bool]:
    return lambda actor: actor.may(permission)


def _hit(endpoint: str, row: Any, title: str, *details: object) -> Hit:
    return Hit(title, url_for(endpoint, ref=row.ref), " · ".join(str(one) for one in details if one))


def _complaint(endpoint: str) -> Callable[[Any], Hit]:
    def hit(row: complaint_queries.ComplaintRow) -> Hit:
        return _hit(endpoint, row, row.about, row.ref, complaint_words.kind(row), complaint_words.STATES[row.state])

    return hit


SUBJECTS = (
    Subject(
        _("Aanbiedingen"), "offers.offers", _may(Permission.READ_OFFERS),
        lambda session, actor, q: offers.all_rows(session, actor, offers.InboxQuery(q=q)),
        lambda row: _hit("offers.offer", row, row.client, row.creditor, row.reference, offer_words.STATES[row.state]),
    ),
    Subject(
        _("Dossiers"), "cases.cases", _may(Permission.READ_CASES),
        lambda session, actor, q: cases.all_rows(session, actor, cases.ListQuery(q=q)),
        lambda row: _hit("cases.case", row, row.name, row.ref, row.bank_key, row.team),
    ),
    Subject(
        _("Brieven"), "", reads_letters, letters,
        lambda row: Hit(row.title, row.url, f"{row.ref} · {row.kind} · {moment(row.created_at)}"),
    ),
    Subject(
        _("Schuldeisers"), "creditors.creditors", _may(Permission.READ_CREDITORS),
        lambda session, actor, q: creditors.all_rows(session, actor, creditors.ListQuery(q=q)),
        lambda row: Hit(
            row.name, url_for("creditors.creditor", code=row.code), f"{row.code} · {creditor_words.KINDS[row.kind]} · {row.city}"
        ),
    ),
    Subject(
        _("Signalen"), "relations.queue", _may(Permission.TRIAGE_COMPLAINTS),
        lambda session, actor, q: triage_queries.all_rows(session, actor, triage_queries.QueueQuery(q=q)),
        _complaint("relations.complaint"),
    ),
    Subject(
        _("Escalaties"), "escalations.listed", _may(Permission.READ_ALL_RELATIONS),
        lambda session, actor, q: escalation_queries.escalation_rows(session, actor, escalation_queries.EscalationQuery(q=q)),
        lambda row: _hit("escalations.one", row, row.organisation, row.ref, escalation_words.LEVELS[row.level], day(row.due_on)),
    ),
    Subject(
        _("Overleggen"), "meetings.listed", _may(Permission.READ_RELATIONS),
        lambda session, actor, q: meeting_queries.meeting_rows(session, actor, meeting_queries.MeetingQuery(q=q)),
        lambda row: _hit("meetings.one", row, row.organisation, row.ref, moment(row.begins), meeting_words.STATES[row.state]),
    ),
    Subject(
        _("Afspraken"), "commitments.listed", _may(Permission.READ_RELATIONS),
        lambda session, actor, q: commitment_queries.commitment_rows(session, actor, commitment_queries.CommitmentQuery(q=q)),
        lambda row: _hit("commitments.one", row, row.words, row.ref, row.organisation, commitment_words.COMMITMENT_STATES[row.state]),
    ),
    Subject(
        _("Gemelde signalen"), "complaints.reported", _may(Permission.REPORT_COMPLAINTS),
        lambda session, actor, q: complaint_queries.reported_rows(session, actor, complaint_queries.ListQuery(q=q)),
        _complaint("complaints.one"),
    ),
    Subject(
        _("Signalen over ons"), "about_us.complaints", _may(Permission.ANSWER_COMPLAINTS),
        lambda session, actor, q: addressed_queries.addressed_rows(session, actor, complaint_queries.ListQuery(q=q)),
        _complaint("about_us.complaint"),
    ),
    Subject(
        _("Vroegsignalen"), "signals.signals", lambda actor: actor.kind is Kind.NEIGHBOURHOOD_TEAM and actor.may(Permission.FOLLOW_SIGNALS),
        lambda session, actor, q: team_signals.all_rows(session, actor, team_signals.TeamQuery(q=q)),
        lambda row: _hit("signals.signal", row, row.name, row.ref, row.reporter, day(row.received_on)),
    ),
    Subject(
        _("Vroegsignalen"), "signals.signals", reports,
        lambda session, actor, q: own_signals.all_feedback(session, actor, own_signals.FeedbackQuery(q=q)),
        lambda row: _hit("signals.signal", row, row.name, row.ref, row.reference, day(row.reported_on)),
    ),
)  # fmt: skip


def search_page(session: Session, actor: Actor, q: str) -> SearchPage:
    """Return what an actor finds, by subject; one in which nothing is found is not there, and no number tells of what it cannot see."""
    is_short = len(q) < LEAST
    found = [] if is_short else [_found(subject, session, actor, q) for subject in SUBJECTS if subject.looks(actor)]
    log = url_for("audit.events", q=q) if actor.may(Permission.READ_AUDIT) and not is_short else ""
    return SearchPage(q, is_short, [one for one in found if one.hits], log)


def _found(subject: Subject, session: Session, actor: Actor, q: str) -> Found:
    rows = list(islice(subject.rows(session, actor, q), COUNTED + 1))
    number = f"{COUNTED}+" if len(rows) > COUNTED else str(len(rows))
    opens = bool(subject.endpoint) and actor.may(current_app.view_functions[subject.endpoint].__dict__["access"])
    return Found(
        str(subject.title), [subject.hit(row) for row in rows[:SHOWN]], number, url_for(subject.endpoint, q=q) if opens else ""
    )  # fmt: skip
