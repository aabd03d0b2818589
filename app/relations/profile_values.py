"""The values that a profile consists of, as its page and its paper show them. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.access import Kind, Role
from app.practices.questions import Answer
from app.practices.rules import Mark
from app.practices.rules import State as ReportState
from app.relations.commitment_rules import CommitmentState, Party
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import ComplaintKind, Outcome
from app.relations.escalation_rules import Level
from app.relations.meeting_rules import MeetingState
from app.relations.profile_rules import Plot, Quarter, Verdict, kept_share


@dataclass(frozen=True)
class Creditor:
    """Whose profile it is, as the register has it: a creditor, or an agent with how it stands in the register of the Wki."""

    id: int
    code: int
    name: str
    branch: str
    kvk: str
    joined_on: date | None
    kind: Kind = Kind.CREDITOR
    is_bailiff: bool = False
    wki_number: str = ""
    wki_checked_on: date | None = None

    @property
    def is_agent(self) -> bool:
        return self.kind is Kind.AGENT

    @property
    def subject(self) -> str:
        """Return how the log calls its profile."""
        return f"profile/{self.code}"


@dataclass(frozen=True)
class ContactLine:
    name: str
    task: str
    phone: str
    email: str


@dataclass(frozen=True)
class People:
    """Whom to call, who has an account, and which agents act for the creditor today."""

    contacts: list[ContactLine]
    accounts: list[tuple[str, Role]]
    agents: list[tuple[str, int | None]]


@dataclass(frozen=True)
class MandateLine:
    """A creditor in whose name an agent acts, from the first day that a mandate names to the last (None: until further notice)."""

    name: str
    code: int | None
    starts_on: date
    ends_on: date | None
    is_in_force: bool


@dataclass(frozen=True)
class Agent:
    """What only the profile of an agent shows: how it stands in the register of the Wki, and for whom it acts."""

    is_bailiff: bool
    wki_number: str
    wki_checked_on: date | None
    mandates: list[MandateLine]  # the newest of each creditor: what holds today on top
    in_force: int


@dataclass(frozen=True)
class Reported:
    """The report on practices that was submitted last, with how many of its answers carry which mark."""

    ref: str
    year: int
    state: ReportState
    submitted_at: datetime | None
    answers: Mapping[str, Answer]
    marks: Counter[Mark]
    asked: int


@dataclass(frozen=True)
class CommitmentLine:
    ref: str
    words: str
    by_whom: str
    party: Party
    state: CommitmentState
    due_on: date
    is_late: bool


@dataclass(frozen=True)
class Agreed:
    """What the creditor promised: the newest, how many checks said kept or not, and what figures it is held to."""

    lines: list[CommitmentLine]
    number: int
    kept: int
    broken: int
    targets: dict[str, int]

    @property
    def share(self) -> int | None:
        return kept_share(self.kept, self.broken)


@dataclass(frozen=True)
class MeetingLine:
    ref: str
    begins: datetime
    place: str
    state: MeetingState
    is_next: bool  # the first of those that come
    is_coming: bool
    on: date  # in Amsterdam


@dataclass(frozen=True)
class EscalationLine:
    ref: str
    subject: str
    level: Level
    owner: str
    due_on: date
    is_late: bool


@dataclass(frozen=True)
class NoteLine:
    at: datetime
    who: str
    words: str


@dataclass(frozen=True)
class ConsentLine:
    """The standing consent in force: `until` is its last day, None until further notice."""

    ref: str
    version: int
    until: date | None


@dataclass(frozen=True)
class Said:
    """One subject: what the creditor reported, agreed to and consented in beside what it did; None where there is nothing."""

    topic: str
    reported: int | None
    agreed: int | None
    did: int | None
    verdict: Verdict
    more: int = 0  # a second figure of what it did


@dataclass(frozen=True)
class ComplaintLine:
    """An open complaint."""

    ref: str
    kind: ComplaintKind | None
    state: State
    due_on: date | None
    is_late: bool


@dataclass(frozen=True)
class Complaints:
    """What was complained of in the months of the profile, by kind and by what came of it, and what is open now."""

    number: int
    by_kind: list[tuple[ComplaintKind, int, int]]  # how many, and how many of them were upheld, at least in part
    by_outcome: Counter[Outcome | None]  # None: still open
    open: list[ComplaintLine]
    open_number: int
    late: int


@dataclass(frozen=True)
class ProfilePage:
    """Everything that the profile of a creditor or agent shows."""

    code: int
    name: str
    branch: str
    kvk: str
    joined_on: date | None
    is_own: bool
    counted_at: datetime | None  # when the figures were counted; None: not yet
    people: People
    consent: ConsentLine | None
    year: Counter[str]
    now: Counter[str]
    quarters: list[tuple[Quarter, Counter[str]]]
    plots: list[Plot]
    said: list[Said]
    reasons: list[tuple[str, int]]
    complaints: Complaints
    report: Reported | None
    agreed: Agreed
    meetings: list[MeetingLine]
    escalations: list[EscalationLine]
    notes: list[NoteLine]
    was_opened_today: bool  # by this reader
    may_work: bool  # plan meetings and keep commitments
    agent: Agent | None = None  # of an agent; what is counted is then what it did in the name of creditors

    @property
    def differs(self) -> int:
        return sum(one.verdict in {Verdict.DIFFERS, Verdict.NEARLY} for one in self.said)
