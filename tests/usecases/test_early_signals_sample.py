"""The 2,000 sample signals from file to feedback: read in, routed, attempted by every team, told to every reporter."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import cycle

import pytest
from sqlalchemy import func, select

from app import db
from app.access import SYSTEM, Kind
from app.creditors.importing import import_creditors
from app.creditors.models import Organisation
from app.demo.samples import FOLDER
from app.early_signals import following, reporter_queries, telling
from app.early_signals.importing import import_signals
from app.early_signals.models import ContactAttempt, Signal
from app.early_signals.queries import TeamQuery
from app.early_signals.reporter_queries import FeedbackQuery
from app.early_signals.routing import Rule
from app.early_signals.rules import LATE, WITH_CONTACT, Attempt, AttemptKind, DayPart, Outcome
from app.notifications.models import Message
from tests import factory

pytestmark = pytest.mark.slow
DAY = date(2026, 11, 26)


def attempt(outcome):
    return Attempt(AttemptKind.PHONE, outcome in WITH_CONTACT, DAY, DayPart.MORNING, outcome)


def follow(team, outcomes):
    """Let a team note an attempt about all that came to it, in pieces, each piece with the next result."""
    refs = [row.ref for row in following.export_signals(team, TeamQuery())]
    return sum(len(following.note_attempts(team, refs[at : at + 50], attempt(next(outcomes))).refs) for at in range(0, len(refs), 50))


def test_the_sample_goes_all_the_way_from_file_to_feedback(database, queue, clock):
    clock.move_to(datetime(2026, 11, 26, 9, tzinfo=UTC))
    import_creditors(SYSTEM, FOLDER / "creditors.csv")
    for expected in ((2000, 0, 0, 0), (0, 0, 2000, 0)):
        assert tuple(import_signals(SYSTEM, FOLDER / "meldingen.csv", confirmed=True).as_counts()["signals"].values()) == expected
    with db.reading() as session:
        rules = Counter(session.execute(select(Signal.sort, Signal.rule)).all())
        teams = list(session.scalars(select(Signal.team_name).distinct().order_by(Signal.team_name)))
    assert {rule for (sort, rule), _ in rules.items() if sort in LATE} == {Rule.LATE}
    assert sum(number for (_, rule), number in rules.items() if rule is Rule.SMALL_FIRST) > 300
    outcomes = cycle(Outcome)
    actors = [factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name=name)) for name in teams]
    assert sum(follow(team, outcomes) for team in actors) == 2000
    with db.reading() as session:
        reporters = list(session.scalars(select(Organisation).where(Organisation.id.in_(select(Signal.reporter_id)))))
        found = [list(reporter_queries.all_feedback(session, factory.actor(one), FeedbackQuery())) for one in reporters]
        by_outcome = Counter(session.scalars(select(ContactAttempt.outcome)))
    assert (telling.tell_feedback(DAY), telling.tell_feedback(DAY)) == (len(reporters), 0)
    heard = Counter((row.feedback.helped, row.feedback.said and row.feedback.said.value) for rows in found for row in rows)
    helped = sum(by_outcome[one] for one in (Outcome.IN_DEBT_HELP, Outcome.ADVICE, Outcome.FINANCIAL))
    assert (heard[True, None], heard[None, "wrong"], sum(heard.values())) == (helped, by_outcome[Outcome.WRONG], 2000)
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(Message.code == "early_signals.feedback")) == len(reporters)
