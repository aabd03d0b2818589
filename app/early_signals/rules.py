"""Rules of early signals: what a report must hold, which attempt fits which result, and terms in hours or days. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from app.deadlines import add_working_days, age
from app.early_signals.parameters import value
from app.errors import Refusal
from app.money import Cents, amount


class Sort(StrEnum):
    """What is reported: arrears, or that something worse is near (a late signal)."""

    ARREARS = "arrears"
    EVICTION = "eviction announced"
    CUT_OFF = "cut-off announced"
    INSURANCE_END = "default scheme registration"


class Confirmation(StrEnum):
    """What a landlord did before it reports (Bgs 2)."""

    CONTACT = "personal contact tried"
    HELP = "pointed to debt help"
    REMINDER = "written reminder sent"
    OFFER = "offered to pass data on"


class State(StrEnum):
    """How far a signal is."""

    NEW = "new"
    TRIED = "tried"
    FOLLOWED = "followed"
    WITHDRAWN = "withdrawn"


class Withdrawal(StrEnum):
    """Why a reporter takes a signal back."""

    PAID = "paid"
    ARRANGED = "payment arranged"
    MISTAKE = "reported by mistake"


class AttemptKind(StrEnum):
    """How contact was tried; desk work reaches out to nobody and counts as no attempt."""

    EMAIL = "email"
    LETTER = "letter"
    MESSAGE = "text message"
    PHONE = "phone"
    VISIT = "home visit"
    CARD = "card"
    OTHER = "other way"
    DESK = "desk work"


class DayPart(StrEnum):
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Outcome(StrEnum):
    """What came of a signal, by the names of the data standard for debt help (DDAS)."""

    REPEATED = "repeated report"
    WRONG = "wrong report"
    NOT_TAKEN_UP = "other reason not taken up"
    DECEASED = "deceased"
    NO_RESIDENT = "no resident"
    IN_DEBT_HELP = "already known to debt help"
    OTHER_TRAJECTORY = "other trajectory running"
    NO_CONTACT = "definitely no contact"
    NO_REACTION = "no reaction after earlier contact"
    NO_NEED = "needs no help"
    SETTLED = "paid or arranged it"
    ADVICE = "budget advice"
    FINANCIAL = "follow-up financial"
    NOT_FINANCIAL = "follow-up not financial"
    REFERRED = "referred without contact"


class Urgency(IntEnum):
    """The order in which a team works: what is late first, then households with children or young people."""

    LATE = 0
    FIRST = 1
    NORMAL = 2
    DONE = 9  # followed up or withdrawn: behind everything that is open


LATE = frozenset({Sort.EVICTION, Sort.CUT_OFF, Sort.INSURANCE_END})
LANDLORD, HEALTH = "huur", "zorg"  # branches of the register
OPEN = frozenset({State.NEW, State.TRIED})
WITH_CONTACT = frozenset({Outcome.NO_REACTION, Outcome.NO_NEED, Outcome.ADVICE, Outcome.FINANCIAL, Outcome.NOT_FINANCIAL})
WITHOUT_CONTACT = frozenset({Outcome.NO_CONTACT, Outcome.REFERRED})
_HOURS = {Sort.EVICTION: "eviction_hours", Sort.CUT_OFF: "cut_off_hours", Sort.INSURANCE_END: "insurance_hours"}
_OLDEST = 120  # years


@dataclass(frozen=True)
class Told:
    """What the rules ask of a report; `days` is how old the oldest instalment is, when the reporter tells it."""

    branch: str
    sort: Sort
    reported_on: date
    birth_date: date | None
    arrears_cents: Cents
    instalments: int
    days: int | None
    confirmed: frozenset[Confirmation]
    confirms_later: bool = False  # the city brought the file in, which has no place for a landlord's steps


def check_report(told: Told, today: date) -> tuple[str, ...]:
    """Check a report and return codes of what is odd in it. Raises Refusal.

    What the reporter tells itself is refused when it is outside the law's limits; what is only reckoned from the number
    of instalments is odd.
    """
    _check_days(told, today)
    least = value("least_cents", today)
    if told.arrears_cents < least:
        raise Refusal("early_signals.too_small", field="arrears_cents", least=amount(least))
    unconfirmed = _check_confirmed(told)
    if told.sort is Sort.ARREARS:
        return unconfirmed + _check_age(told, today)
    is_odd = (told.sort, told.branch == LANDLORD) in _ODD or _is_no_health(told)
    return unconfirmed + (("early_signals.odd_sort",) if is_odd else ())


def _check_confirmed(told: Told) -> tuple[str, ...]:
    """Hold a landlord to the four steps before a report (Bgs 2); where the file has no place for them, the team asks first."""
    if told.branch != LANDLORD or told.confirmed == frozenset(Confirmation):
        return ()
    if told.confirms_later and not told.confirmed:
        return ("early_signals.confirms_later",)
    raise Refusal("early_signals.unconfirmed", field="confirmed")


_ODD = {(Sort.EVICTION, False)}


def _is_no_health(told: Told) -> bool:
    return told.sort is Sort.INSURANCE_END and told.branch != HEALTH


def _check_days(told: Told, today: date) -> None:
    if told.reported_on > today:
        raise Refusal("early_signals.reported_in_future", field="reported_on")
    if told.birth_date and told.birth_date > today:
        raise Refusal("early_signals.born_in_future", field="birth_date")
    if told.birth_date and age(told.birth_date, today) > _OLDEST:
        raise Refusal("early_signals.born_too_long_ago", field="birth_date")


def _check_age(told: Told, today: date) -> tuple[str, ...]:
    """Compare how old the arrears are with the limits of the law."""
    is_health = told.branch == HEALTH
    least = value("health_days_from" if is_health else "arrears_days", today)
    most = value("health_days_to", today) if is_health else None
    if told.days is not None:
        if told.days < least:
            raise Refusal("early_signals.too_early", field="days", least=least)
        if most and told.days > most:
            raise Refusal("early_signals.too_old_for_health", field="days", most=most)
        return ()
    reckoned = told.instalments * value("instalment_days", today)
    return ("early_signals.perhaps_cak",) if most and reckoned > most else ()


def is_outdated(reported_on: date, received_on: date) -> bool:
    """Tell whether a report was old when it came in."""
    return (received_on - reported_on).days > value("outdated_days", received_on)


def is_young(birth_date: date | None, on: date) -> bool:
    """Tell whether somebody is of the young people that come first; not known counts as no."""
    return birth_date is not None and value("young_from", on) <= age(birth_date, on) <= value("young_to", on)


# ── terms ────────────────────────────────────────────────────────────────────


def urgency(sort: Sort, *, children: bool | None, young: bool) -> Urgency:
    """Return how a signal stands in the queue of its team (policy plan 5.2)."""
    if sort in LATE:
        return Urgency.LATE
    return Urgency.FIRST if children or young else Urgency.NORMAL


def first_act_by(sort: Sort, place: Urgency, received_at: datetime) -> datetime:
    """Return until when the first attempt may wait: hours for a late signal, days for others."""
    on = received_at.date()
    if sort in LATE:
        return received_at + timedelta(hours=value(_HOURS[sort], on))
    return received_at + timedelta(days=value("first_days_first" if place is Urgency.FIRST else "first_days", on))


def next_act_by(sort: Sort, at: datetime) -> datetime:
    """Return until when the next attempt may wait after one at a moment."""
    on = at.date()
    return at + (timedelta(hours=value(_HOURS[sort], on)) if sort in LATE else timedelta(days=value("next_days", on)))


def feedback_by(received_on: date) -> date:
    """Return the last day on which the reporter hears of a signal."""
    return received_on + timedelta(days=value("feedback_days", received_on))


def talk_by(sort: Sort, received_on: date) -> date:
    """Return the last day of the first talk once somebody wants help (Wgs 4)."""
    if sort in LATE:
        return add_working_days(received_on, value("late_talk_days", received_on))
    return received_on + timedelta(days=value("talk_days", received_on))


# ── attempts and results ─────────────────────────────────────────────────────


@dataclass(frozen=True)
class Attempt:
    """One attempt at contact, or desk work; a result ends the signal."""

    kind: AttemptKind
    reached: bool
    on: date
    part: DayPart | None
    outcome: Outcome | None = None

    @property
    def counts(self) -> bool:
        return self.kind is not AttemptKind.DESK


def check_attempt(attempt: Attempt, today: date) -> None:
    """Check an attempt by itself. Raises Refusal."""
    if attempt.on > today:
        raise Refusal("early_signals.attempt_in_future", field="on")
    if attempt.counts and attempt.part is None:
        raise Refusal("early_signals.part_missing", field="part")
    if not attempt.counts and (attempt.outcome is None or attempt.reached):
        raise Refusal("early_signals.desk_needs_outcome", field="outcome")


def check_known(*facts: bool | None) -> None:
    """Check that of a household something is said, or was known before. Raises Refusal."""
    if all(fact is None for fact in facts):
        raise Refusal("early_signals.nothing_known", field="benefit")


def check_follow(state: State, attempt: Attempt, *, received_on: date, reached_before: bool) -> None:
    """Check that an attempt fits the signal that it is about; desk work may mend a result that was noted wrong. Raises Refusal."""
    if state is State.WITHDRAWN:
        raise Refusal("early_signals.withdrawn")
    if state is State.FOLLOWED and attempt.counts:
        raise Refusal("early_signals.followed")
    if attempt.on < received_on:
        raise Refusal("early_signals.attempt_too_early", field="on")
    reached = attempt.reached or reached_before
    if attempt.outcome in WITH_CONTACT and not reached:
        raise Refusal("early_signals.outcome_needs_contact", field="outcome")
    if attempt.outcome in WITHOUT_CONTACT and reached:
        raise Refusal("early_signals.outcome_without_contact", field="outcome")


def check_withdrawal(state: State) -> None:
    """Check that a signal can still be taken back. Raises Refusal."""
    if state is State.FOLLOWED:
        raise Refusal("early_signals.followed")
