"""Play the early signals of the demo: reporters, and the agent of one, send files, teams try to reach people, who reported hears of it."""

from datetime import date, timedelta
from random import Random

from app.access import SYSTEM, Actor, Role
from app.accounts.people import DEMO_PEOPLE, DESK, ensure_demo_people
from app.accounts.queries import actor_by_email
from app.db import reading
from app.demo import samples
from app.early_signals import following, telling
from app.early_signals.importing import import_signals
from app.early_signals.queries import SignalRow, TeamQuery, team_list
from app.early_signals.rules import WITH_CONTACT, Attempt, AttemptKind, DayPart, Outcome

AT_DESK = ("meldpunt@stad.example", "Noor Brandsma", DESK, Role.COUNSELLOR)
FILES_ON, CALLS_ON = 0, 3  # Monday and Thursday
AGENT = DEMO_PEOPLE[2][0]
BY_AGENT, AGENT_A_WEEK = 4100, 2  # the creditor of the demo's sign-ins lets its agent report so many a week
A_WEEK = 45  # signals that each of the two teams works on
ECHO_OF = 20  # of so many signals one is reported again
OTHERS = ("4100", "4101")  # by one of these
FRESH = timedelta(days=2)  # what came in so lately waits
WAYS = (AttemptKind.PHONE, AttemptKind.VISIT, AttemptKind.LETTER, AttemptKind.MESSAGE, AttemptKind.CARD)
RESULTS = (
    Outcome.NO_NEED, Outcome.SETTLED, Outcome.ADVICE, Outcome.FINANCIAL, Outcome.NOT_FINANCIAL, Outcome.IN_DEBT_HELP, Outcome.WRONG,
    Outcome.NO_RESIDENT, Outcome.NO_CONTACT, Outcome.REPEATED,
)  # fmt: skip


class Signals:
    """The early signals of one demo, with chances of their own, so that the rest of the demo plays as it did."""

    def __init__(self, first: date, today: date) -> None:
        self.chance = Random(20260501)  # noqa: S311 (a demo that is the same every time, no secret)
        self.head, self.rows = _recent(first, today)
        self.today = today
        ensure_demo_people((AT_DESK,))
        with reading() as session:
            self.agent = actor_by_email(session, AGENT, "demo")

    def begin(self, day: date) -> None:
        """Let reporters send on Mondays what they have, and on the last day the rest."""
        if day.weekday() != FILES_ON and day != self.today:
            return
        due = [row for row in self.rows if row[0] <= day]
        self.rows = [row for row in self.rows if row[0] > day]
        if due:
            by_agent, own = self._divided([cells for _, cells in due])
            import_signals(SYSTEM, samples.as_file(self.head, own), confirmed=True)
            if by_agent:
                import_signals(self.agent, samples.as_file(self.head, by_agent), [BY_AGENT], confirmed=True)

    def _divided(self, rows: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
        """Return of one week what the agent reports in the name of its creditor, and what everybody reports itself."""
        at = self.head.index("CodeEiser")
        sent = [cells for cells in rows if cells[at] == str(BY_AGENT)][:AGENT_A_WEEK]
        return sent, [cells for cells in rows if cells not in sent]

    def end(self, day: date) -> None:
        """Let two teams note what they tried on Thursdays, and tell reporters of it."""
        if day.weekday() != CALLS_ON:
            return
        for email in (DEMO_PEOPLE[6][0], AT_DESK[0]):
            with reading() as session:
                team = actor_by_email(session, email, "demo")
                rows = team_list(session, team, TeamQuery(), 200).rows
            self._try(team, [row for row in rows if row.received_on + FRESH < day][:A_WEEK], day)
        telling.tell_feedback(day)

    def _try(self, team: Actor, rows: list[SignalRow], day: date) -> None:
        """Note a few kinds of attempts, each about many signals in one go."""
        self.chance.shuffle(rows)
        size = max(1, len(rows) // 9)
        for at in range(0, len(rows), size):
            following.note_attempts(team, [row.ref for row in rows[at : at + size]], self._attempt(day))

    def _attempt(self, day: date) -> Attempt:
        outcome = self.chance.choice(RESULTS) if self.chance.random() < 0.5 else None
        reached = outcome in WITH_CONTACT or (outcome is None and self.chance.random() < 0.4)
        return Attempt(self.chance.choice(WAYS), reached, day, self.chance.choice(list(DayPart)), outcome)


def _recent(first: date, today: date) -> tuple[list[str], list[tuple[date, list[str]]]]:
    """Return the sample's rows with their days moved by whole weeks into the weeks of the demo."""
    head, rows = samples.rows_of("meldingen.csv")
    at = head.index("Datum")
    by, window = samples.shift(today), timedelta(weeks=(today - first).days // 7)
    found = []
    for row in rows:
        day = date(*map(int, reversed(row[at].split("-")))) + by
        while day < first:
            day += window
        day = min(day, today)
        row[at] = f"{day:%d-%m-%Y}"
        found.append((day, row))
    return head, sorted([*found, *_echoes(head, found)], key=lambda one: one[0])


def _echoes(head: list[str], rows: list[tuple[date, list[str]]]) -> list[tuple[date, list[str]]]:
    """Let some people be reported once more: by another, who spells them otherwise, or by the same reporter a little later."""
    at = {name: head.index(name) for name in ("CodeEiser", "Kenmerk", "Voornaam", "Achternaam")}
    found = []
    for number, (day, row) in enumerate(rows[::ECHO_OF]):
        again = list(row)
        again[at["Kenmerk"]] = f"{row[at['Kenmerk']]}-2"
        if number % 4:
            again[at["CodeEiser"]] = OTHERS[row[at["CodeEiser"]] == OTHERS[0]]
            again[at["Voornaam"]] = f"{row[at['Voornaam']][:1]}."
            again[at["Achternaam"]] = row[at["Achternaam"]].split()[-1].replace("ij", "y")
        found.append((day, again))
    return found
