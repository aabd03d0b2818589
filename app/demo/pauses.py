"""Play the pauses of some young cases of the demo: the bank sends notices, most creditors confirm, one collects all the same."""

from datetime import date, timedelta
from random import Random

from sqlalchemy import exists, select

from app import clock
from app.access import Actor
from app.cases import noticing, pausing
from app.cases.models import Case, Claim, Notice
from app.cases.pause_rules import NoticeState, Searched
from app.cases.pausing import SeenNotice
from app.cases.rules import Stage
from app.db import reading

CASES_A_DAY = 2
YOUNG = timedelta(days=60)


class Pauses:
    """The pauses of one demo, with chances of their own, so that the rest of the demo plays as it did."""

    def __init__(self, send_days: set[date], parties: dict[int, tuple[Actor, int | None]], shown: int) -> None:
        self.send_days, self.parties, self.shown = send_days, parties, shown
        self.chance = Random(20260301)  # noqa: S311 (a demo that is the same every time, no secret)
        self.reported = False

    def begin(self, day: date, officer: Actor) -> None:
        """Remind of the notices before, and send notices for a few cases on some days."""
        noticing.run_reminders(day)
        ids = _young(day) if day in self.send_days else []
        if ids:
            noticing.send_for_cases(officer, ids)

    def answer(self) -> None:
        """Let creditors answer; the one of the demo's sign-ins is slow, so that its list has work in it."""
        for notice in _waiting():
            actor, code = self.parties[notice.agent_id or notice.creditor_id]
            if self.chance.random() < (0.02 if code == self.shown else 0.3):
                self._answer(actor, notice)

    def _answer(self, actor: Actor, notice: Notice) -> None:
        seen, luck = SeenNotice(notice.ref, notice.revision), self.chance.random()
        if luck < 0.05:
            pausing.say_unknown(actor, seen, frozenset({Searched.NAME, Searched.BIRTH_DATE, Searched.ADDRESS}))
        elif luck < 0.1:
            pausing.report_obstacle(actor, seen, "Er loopt een beslag op het loon. De deurwaarder heft dat volgende maand op.")
        else:
            pausing.confirm_notice(actor, seen)
            self._collect(actor, notice)

    def _collect(self, actor: Actor, notice: Notice) -> None:
        """Let one creditor tell that it collected after it had been asked to stop."""
        if not self.reported and notice.sent_on < clock.today():
            pausing.report_collecting(actor, notice.ref, clock.today(), "Er ging vanochtend nog een automatische aanmaning uit.")
            self.reported = True


def _young(day: date) -> list[int]:
    """Return some young cases of which nobody was sent a notice yet, the youngest first."""
    claimed, noticed = exists().where(Claim.case_id == Case.id), exists().where(Notice.case_id == Case.id)
    young = (Case.started_on > day - YOUNG, Case.started_on <= day, Case.stage == Stage.INTAKE, Case.closed_on.is_(None))
    found = select(Case.id).where(*young, claimed, ~noticed).order_by(Case.started_on.desc(), Case.id).limit(CASES_A_DAY)
    with reading() as session:
        return list(session.scalars(found))


def _waiting() -> list[Notice]:
    with reading() as session:
        return list(session.scalars(select(Notice).where(Notice.state == NoticeState.SENT).order_by(Notice.id)))
