"""Let the demo's relations team escalate, meet and agree with creditors, in all states: what worked, what is late, what was not kept."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app import clock
from app.access import Actor, Kind
from app.accounts.queries import actor_by_email
from app.creditors.models import Organisation
from app.db import reading
from app.deadlines import on_working_day
from app.relations import commitments, escalations, meetings
from app.relations.commitment_rules import Measure, Norm, Party
from app.relations.commitments import Origin, Promise
from app.relations.escalation_rules import Level, Result, Way
from app.relations.escalations import Step
from app.relations.meetings import Plan
from app.relations.models import Commitment, Escalation, Meeting

TEAM, SHOWN = "relatiebeheer@stad.example", 4100  # of the demo's sign-ins
CONTACT, PLACE = "Noor Wisselink", "Stadhuis, kamer 3.12"


@dataclass
class Team:
    """The relations team at work on days before the demo's present."""

    joris: Actor
    until: datetime

    def at(self, days: int, hour: int = 9) -> date:
        """Set the clock to an hour so many days ago, on a working day."""
        day = on_working_day(self.until.astimezone(clock.AMSTERDAM).date() - timedelta(days=days))
        clock.start_at(min(datetime.combine(day, time(hour), clock.AMSTERDAM), self.until))
        return clock.today()

    def escalate(self, creditor: Organisation, subject: str, asked: str, way: Way = Way.CALL) -> str:
        return escalations.start_escalation(self.joris, creditor.code or 0, subject, Step(Level.CONTACT, way, asked))

    def settle(self, ref: str, result: Result, words: str) -> None:
        escalations.close_escalation(self.joris, ref, _seen(ref, Escalation), result, words)

    def climb(self, ref: str, to: Level, result: Result, words: str) -> None:
        escalations.note_result(self.joris, ref, _seen(ref, Escalation), result, words)
        escalations.climb(self.joris, ref, _seen(ref, Escalation), Step(to, Way.LETTER, "Graag uw besluit."))

    def plan(self, creditor: Organisation, day: date, *theirs: str) -> str:
        begins = datetime.combine(on_working_day(day), time(10), clock.AMSTERDAM)
        table = Plan(begins, begins + timedelta(hours=1), PLACE, (self.joris.person_id or 0,), theirs)
        return meetings.plan_meeting(self.joris, creditor.code or 0, table)


def relate(until: datetime) -> None:
    """Play what the relations team did in the last months; leaves the clock at `until`."""
    with reading() as session:
        team = Team(actor_by_email(session, TEAM, "demo"), until)
    shown, second, third = _creditors()
    _before(team, shown)
    held = _meet(team, shown)
    _promise(team, shown, held)
    team.at(25)
    letter = team.escalate(second, "Kosten boven de staffel in vier dossiers.", "Betaal de kosten terug.", Way.LETTER)
    team.at(12)
    team.climb(letter, Level.MANAGEMENT, Result.NO_ANSWER, "Geen antwoord op de brief, en teruggebeld wordt niet.")
    team.at(20)
    team.escalate(shown, "Incasso ging twee keer door in de pauze.", "Stop, en zeg hoe u dit voorkomt.")  # is late now
    team.at(2)
    team.escalate(third, "Betalen in delen wordt steeds geweigerd.", "Bied een regeling aan.")
    _to_come(team, shown, second)
    clock.start_at(until)
    commitments.check_by_figures()


def _before(team: Team, creditor: Organisation) -> None:
    """What worked with the creditor half a year ago, and what did not."""
    team.at(190)
    first = team.escalate(creditor, "De klantenservice belt niet terug.", "Wijs iemand aan voor hulpverleners.")
    second = team.escalate(creditor, "Aanmaningen met dreigende toon.", "Pas de brieven aan.", Way.LETTER)
    team.at(180)
    team.settle(first, Result.SETTLED, "Na een telefoontje was er een rechtstreeks nummer.")
    team.climb(second, Level.MANAGEMENT, Result.REFUSED, "De contactpersoon gaat er niet over.")
    team.at(170)
    team.settle(second, Result.PROMISED, "De leiding nodigde ons uit voor overleg over de brieven.")


def _meet(team: Team, creditor: Organisation) -> str:
    team.at(110)
    ref = team.plan(creditor, team.at(110) + timedelta(days=15), CONTACT, "Robert Quispel")
    meetings.add_item(team.joris, ref, "Brieven aan klanten", is_private=False)
    meetings.note_meeting(team.joris, ref, "Begin met wat goed gaat: de regelingen.")
    team.at(90, 12)
    words = "De brieven worden getest met klanten. Zij antwoorden voortaan op tijd op aanbiedingen."
    meetings.write_minutes(team.joris, ref, _seen(ref, Meeting), words)
    return ref


def _promise(team: Team, creditor: Organisation, meeting: str) -> None:
    today, code, origin = team.at(90, 13), creditor.code or 0, Origin(meeting=meeting)
    letters = Promise("Brieven testen met vijf klanten.", CONTACT, today + timedelta(days=30), "Zij sturen brieven en uitkomst.")
    answers = Promise(
        "Antwoord op aanbiedingen binnen 10 werkdagen.", CONTACT, today, "Cijfers van het portaal.",
        norm=Norm(Measure.ANSWERS_IN_TIME, 90, 10),
    )  # fmt: skip
    contact = Promise("Een vast nummer voor schuldeisers.", team.joris.name, today + timedelta(days=14), "Bel het.", Party.OURS)
    refs = [commitments.make_commitment(team.joris, code, promise, origin) for promise in (letters, answers, contact)]
    soon = team.at(50, 11) + timedelta(days=55)
    commitments.check_commitment(
        team.joris, refs[0], _seen(refs[0], Commitment), "Twee van de vijf brieven zijn getest.", soon, is_kept=False
    )
    commitments.check_commitment(team.joris, refs[2], _seen(refs[2], Commitment), "Het nummer werkt.", None, is_kept=True)


def _to_come(team: Team, shown: Organisation, second: Organisation) -> None:
    today = team.at(1, 15)
    ref = team.plan(shown, today + timedelta(days=8), CONTACT)
    meetings.add_item(team.joris, ref, "Akkoord vooraf: looptijd en grenzen", is_private=False)
    meetings.add_item(team.joris, ref, "Onze inzet: kosten terug in vier dossiers", is_private=True)
    team.plan(second, today + timedelta(days=21), "Robin de Wit")


def _creditors() -> list[Organisation]:
    mine = select(Organisation).where(Organisation.kind == Kind.CREDITOR, Organisation.merged_into_id.is_(None))
    with reading() as session:
        return list(session.scalars(mine.order_by(Organisation.code != SHOWN, Organisation.code).limit(3)))


def _seen(ref: str, table: type[Escalation | Meeting | Commitment]) -> int:
    with reading() as session:
        return session.scalar(select(table.revision).where(table.ref == ref)) or 0
