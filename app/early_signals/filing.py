"""Put reports into the file of early signals: rows with their keys, their household, and the team that the plan's rules choose.

Everything here works inside somebody's transaction. Who else reported about a household is looked up as the portal, for no
reporter may see it; what follows from it (team, rule, household) stands in no word that a reporter reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import as_portal, new_ref
from app.early_signals import rules
from app.early_signals.matching import Kinship, Subject, keys, kinship
from app.early_signals.models import Signal
from app.early_signals.parameters import value
from app.early_signals.routing import Facts, Routed, route
from app.early_signals.rules import LATE, OPEN, Confirmation, Sort, State, Told, Urgency
from app.money import Cents
from app.sealing import blind_index, blind_indexes

PIECE = 5_000  # keys in one question
PERSONAL = frozenset({"given_name", "surname", "birth_date", "street", "house_number", "postcode", "city", "phone", "email"})
KEYS = (Signal.name_key, Signal.address_key, Signal.birth_key)


@dataclass(frozen=True)
class Reporter:
    """Who reports, as far as the rules ask."""

    id: int
    code: int
    branch: str


@dataclass(frozen=True)
class Report:
    """What a reporter tells of somebody's arrears; `days` is the age of the oldest instalment, when it is told."""

    reference: str
    reported_on: date
    given_name: str
    surname: str
    birth_date: date | None
    street: str
    house_number: str
    postcode: str
    city: str
    phone: str
    email: str
    sort: Sort
    arrears_cents: Cents
    instalments: int
    days: int | None
    confirmations: tuple[str, ...]

    @property
    def subject(self) -> Subject:
        return Subject(self.surname, self.given_name, self.birth_date, self.street, self.house_number, self.postcode)


FIELDS = tuple(field.name for field in fields(Report))


def check(reporter: Reporter, report: Report, *, later: bool = False) -> tuple[str, ...]:
    """Check a report of a reporter and return the codes of what is odd; `later`: a landlord may yet confirm its steps. Raises Refusal."""
    confirmed = frozenset(Confirmation(one) for one in report.confirmations)
    told = Told(
        branch=reporter.branch, sort=report.sort, reported_on=report.reported_on, birth_date=report.birth_date,
        arrears_cents=report.arrears_cents, instalments=report.instalments, days=report.days, confirmed=confirmed,
        confirms_later=later,
    )  # fmt: skip
    return rules.check_report(told, today())


def under_keys(session: Session, *keys: ColumnElement[bool]) -> list[Signal]:
    """Return the signals under some keys, locked, whoever sent them: an agent that sees nothing of one may not report it again."""
    with as_portal(session):
        return list(session.scalars(select(Signal).where(*keys).order_by(Signal.id).with_for_update()))


def keep_reports(session: Session, actor: Actor, reports: Sequence[tuple[Reporter, Report]], agent_id: int | None = None) -> list[Signal]:
    """Keep new reports, each with its event; households are found for all of them together. Whoever calls tells teams of the late ones.

    `agent_id` is the agent that sends them in the name of their reporters; where they go never depends on it.
    """
    made = [_signal(actor, reporter, report, agent_id) for reporter, report in reports]
    session.add_all(made)
    session.flush()
    for signal in made:
        record(session, actor, "signals:report", f"signal/{signal.ref}", concerns_id=signal.reporter_id, sort=(None, signal.sort))
    find_households(session, made)
    return made


def change(session: Session, actor: Actor, signal: Signal, report: Report, agent_id: int | None = None) -> None:
    """Take over what a reporter tells otherwise now, with an event that holds nothing personal.

    What a creditor tells anew of a report of its agent is its own from then on: the agent would read what it did not send.
    """
    old = {name: getattr(signal, name) for name in FIELDS}
    told: dict[str, Any] = vars(report) | {"confirmations": list(report.confirmations)}
    changes = {name: (old[name], told[name]) for name in FIELDS if old[name] != told[name]}
    for name, (_, new) in changes.items():
        setattr(signal, name, new)
    before = signal.act_by
    _derive(signal)
    if "sort" in changes and signal.sort in LATE:  # its hours run from now, whatever was tried before
        signal.act_by = min(before, rules.first_act_by(signal.sort, Urgency.LATE, now()))
    shown = {name: (None, "changed") if name in PERSONAL else pair for name, pair in changes.items()}
    if signal.agent_id is not None and agent_id is None:
        shown["agent"] = (session.scalar(select(Organisation.name).where(Organisation.id == signal.agent_id)), None)
        signal.agent_id, signal.received_by = None, actor.name[:200]
        signal.repeated_by_agent = signal.agent_has_news = False
    record(session, actor, "signals:change", f"signal/{signal.ref}", concerns_id=signal.reporter_id, **shown)


def _signal(actor: Actor, reporter: Reporter, report: Report, agent_id: int | None) -> Signal:
    told = vars(report) | {"confirmations": list(report.confirmations)}
    whose = {"reporter_id": reporter.id, "agent_id": agent_id, "received_by": actor.name[:200]}
    signal = Signal(ref=new_ref("E"), received_at=now(), state=State.NEW, **whose, **told)
    signal.attempts, signal.household_no = 0, 0
    signal.feedback_by = rules.feedback_by(today())
    signal.outdated = rules.is_outdated(report.reported_on, today())
    _derive(signal)
    _send(signal, route(_facts(signal, reporter.branch), today()))
    return signal


def _derive(signal: Signal) -> None:
    """Set what follows from what was told: keys, youth, urgency and term."""
    signal.surname_index = blind_index(signal.surname)
    signal.name_key, signal.address_key, signal.birth_key = _heap_keys(signal.subject).values()
    signal.young = rules.is_young(signal.birth_date, today())
    set_urgency(signal)


def set_urgency(signal: Signal) -> None:
    """Set how a signal stands in the queue, and until when its first attempt may wait; a term that runs is not moved.

    The hours of what is late already run, perhaps not from its receipt.
    """
    place = rules.urgency(signal.sort, children=signal.children, young=signal.young)
    runs = bool(signal.attempts) or signal.urgency == place == Urgency.LATE
    signal.urgency = place
    if not runs:
        signal.act_by = rules.first_act_by(signal.sort, place, signal.received_at)


# ── households ───────────────────────────────────────────────────────────────


class _Known(NamedTuple):
    """A signal as far as matching asks."""

    id: int
    reporter_id: int
    agent_id: int | None
    household_no: int
    received_on: date
    subject: Subject
    heaps: tuple[bytes | None, ...]


def find_households(session: Session, signals: Sequence[Signal]) -> None:
    """Join signals with the households that they belong to, say which repeat another, and send anew what that changes."""
    if not signals:
        return
    session.flush()
    with as_portal(session):
        heaps = _heaps(_candidates(session, signals))
        homes = _Homes()
        repeated = {signal.id: _join(homes, signal, heaps) for signal in signals}
        found = [_put(one, homes.root(one.household_no or one.id), repeated[one.id]) for one in signals]
        session.connection().execute(_PUT, found)  # beside the version: nobody changed these signals
        for old, new in homes.moves():
            session.execute(update(Signal).where(Signal.household_no == old).values(household_no=new), execution_options=_UNSEEN)
        route_households(session, {row["home"] for row in found})


def _put(signal: Signal, home: int, repeated: "_Repeated") -> dict[str, Any]:
    again, by_agent = signal.repeated or repeated.at_all, signal.repeated_by_agent or repeated.by_agent
    return {"row": signal.id, "home": home, "again": again, "by_agent": by_agent}


_PUT = (
    update(Signal.__table__)  # type: ignore[arg-type]
    .where(Signal.id == bindparam("row"))
    .values(household_no=bindparam("home"), repeated=bindparam("again"), repeated_by_agent=bindparam("by_agent"))
)
_UNSEEN = {"synchronize_session": False}


class _Homes:
    """Which households turned out to be one: each has the lowest number of its parts."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def root(self, number: int) -> int:
        while number in self._above:
            number = self._above[number]
        return number

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        if low != high:
            self._above[high] = low

    def moves(self) -> list[tuple[int, int]]:
        return [(old, self.root(old)) for old in self._above]


class _Repeated(NamedTuple):
    """Whether the same person was told of in the same name shortly before, and whether the agent that sends this one sent that too."""

    at_all: bool
    by_agent: bool


def _join(homes: _Homes, signal: Signal, heaps: dict[bytes, list[_Known]]) -> _Repeated:
    """Compare a signal with what lies in its heaps; return whether its reporter told of the same person shortly before."""
    mine = (signal.name_key, signal.address_key, signal.birth_key)
    beside = {one.id: one for key in mine if key for one in heaps.get(key, ()) if one.id != signal.id}
    subject, received, at_all, by_agent = signal.subject, signal.received_at.date(), False, False
    for one in beside.values():
        kin = kinship(subject, one.subject)
        if kin in {Kinship.PERSON, Kinship.HOUSEHOLD}:
            homes.join(signal.household_no or signal.id, one.household_no or one.id)
        is_earlier = one.id < signal.id and (received - one.received_on).days <= value("repeated_days", received)
        if kin >= Kinship.MOVED and one.reporter_id == signal.reporter_id and is_earlier:
            at_all, by_agent = True, by_agent or (signal.agent_id is not None and one.agent_id == signal.agent_id)
    return _Repeated(at_all, by_agent)


def _heaps(known: Iterable[_Known]) -> dict[bytes, list[_Known]]:
    found: defaultdict[bytes, list[_Known]] = defaultdict(list)
    for one in known:
        for key in one.heaps:
            if key:
                found[key].append(one)
    return found


def _candidates(session: Session, signals: Sequence[Signal]) -> list[_Known]:
    """Return every signal of late that shares a heap with one of these, themselves included."""
    found: dict[int, _Known] = {}
    for column in KEYS:
        wanted = sorted({key for one in signals if (key := getattr(one, column.key))})
        for start in range(0, len(wanted), PIECE):
            for one in _known(session, column.in_(wanted[start : start + PIECE])):
                found[one.id] = one
    return list(found.values())


def _known(session: Session, where: Any) -> list[_Known]:
    since = now() - timedelta(days=value("household_days", today()))
    lately = (Signal.received_at >= since, Signal.erased_on.is_(None), Signal.state != State.WITHDRAWN)
    columns = (
        Signal.id, Signal.reporter_id, Signal.agent_id, Signal.household_no, Signal.received_at, Signal.surname, Signal.given_name,
        Signal.birth_date, Signal.street, Signal.house_number, Signal.postcode, *KEYS,
    )  # fmt: skip
    rows: Iterable[Any] = session.execute(select(*columns).where(where, *lately).order_by(Signal.id))
    return [
        _Known(id_, reporter, agent, home, at.date(), Subject(*rest[:6]), tuple(rest[6:])) for id_, reporter, agent, home, at, *rest in rows
    ]


def kin_of(session: Session, signal: Signal, *visible: Any) -> list[tuple[int, Kinship]]:
    """Return the signals within reach that are about the same person or household, each with how; the newest first."""
    heaps = [column.in_(blind_indexes(key)) for column, key in zip(KEYS, keys(signal.subject), strict=True) if key]
    if not heaps:
        return []
    known = [one for one in _known(session, or_(*heaps)) if one.id != signal.id]
    seen = set(session.scalars(select(Signal.id).where(Signal.id.in_([one.id for one in known]), *visible).order_by(Signal.id)))
    found = [(one.id, kinship(signal.subject, one.subject)) for one in known if one.id in seen]
    return sorted(((id_, kin) for id_, kin in found if kin), reverse=True)


def rekey(session: Session, ids: Sequence[int]) -> int:
    """Compute anew, when the key of blind indexes changed, what some signals are found and matched by; return how many there were."""
    found = select(Signal).where(Signal.id.in_(ids), Signal.erased_on.is_(None)).order_by(Signal.id).with_for_update()
    signals = list(session.scalars(found))
    values = [{"row": one.id, "found_by": blind_index(one.surname), **_heap_keys(one.subject)} for one in signals]
    if values:
        session.connection().execute(_REKEY, values)
    return len(values)


def _heap_keys(subject: Subject) -> dict[str, bytes | None]:
    names = ("named", "placed", "born")
    return {name: blind_index(key) if key else None for name, key in zip(names, keys(subject), strict=True)}


_REKEY = (
    update(Signal.__table__)  # type: ignore[arg-type]
    .where(Signal.id == bindparam("row"))
    .values(surname_index=bindparam("found_by"), name_key=bindparam("named"), address_key=bindparam("placed"), birth_key=bindparam("born"))
)


# ── routing ──────────────────────────────────────────────────────────────────


def of_homes(numbers: Iterable[int]) -> Select[Signal]:
    """Select the signals of some households."""
    return select(Signal).where(Signal.household_no.in_(sorted(numbers)), Signal.erased_on.is_(None)).order_by(Signal.id)


def lock_homes(session: Session, numbers: Iterable[int]) -> None:
    """Lock all signals of some households in one order: who changes the same household from another of them waits."""
    with as_portal(session):
        session.scalars(of_homes(numbers).with_for_update(), execution_options={"populate_existing": True}).all()


def route_households(session: Session, numbers: Iterable[int]) -> None:
    """Send the open signals of some households where the rules say, as things stand now; the portal itself does so."""
    since = now() - timedelta(days=value("household_days", today()))
    wanted = sorted(numbers)
    branches = dict(session.execute(select(Organisation.id, Organisation.branch).order_by(Organisation.id)).all())
    for start in range(0, len(wanted), PIECE):
        some = Signal.household_no.in_(wanted[start : start + PIECE])
        lately = (Signal.received_at >= since, Signal.erased_on.is_(None), Signal.state != State.WITHDRAWN)
        homes: defaultdict[int, list[Signal]] = defaultdict(list)
        found = select(Signal).where(some, *lately).order_by(Signal.id)
        for signal in session.scalars(found, execution_options={"populate_existing": True}):
            homes[signal.household_no].append(signal)
        _move(session, {one: found for home in homes.values() for one, found in _moves(home, branches)})


def leave_household(session: Session, signal: Signal) -> None:
    """Send the others of a household where the rules say once a signal about it was taken back: what was late holds them no longer."""
    session.flush()
    with as_portal(session):
        route_households(session, [signal.household_no])


def _moves(home: Sequence[Signal], branches: dict[int, str]) -> Iterator[tuple[Signal, Routed]]:
    """Yield the open signals of a household that belong with another team, or by another rule, than where they are."""
    late = any(one.sort in LATE and one.state in OPEN for one in home)
    known = [one.benefit for one in home if one.benefit is not None]
    for one in home:
        if one.state in OPEN:
            facts = _facts(one, branches[one.reporter_id], others=len(home) - 1, late=late, benefit=known[-1] if known else None)
            found = route(facts, today())
            if (found.team, found.rule, found.place) != (one.team_kind, one.rule, one.team_name):
                yield one, found


def _move(session: Session, moves: dict[Signal, Routed]) -> None:
    """Send signals elsewhere, each as it stands once it is locked: an attempt that a team notes meanwhile makes nobody's report fail."""
    ids = sorted(one.id for one in moves)
    session.flush()
    for start in range(0, len(ids), PIECE):
        locked = select(Signal).where(Signal.id.in_(ids[start : start + PIECE])).order_by(Signal.id).with_for_update()
        session.scalars(locked, execution_options={"populate_existing": True}).all()
    for one, found in moves.items():
        if one.state in OPEN:
            changes: dict[str, Any] = {"team": (one.team_name, found.place), "rule": (one.rule, found.rule)}
            _send(one, found)
            record(session, SYSTEM, "signals:route", f"signal/{one.ref}", **changes)


def _facts(signal: Signal, branch: str, *, others: int = 0, late: bool = False, benefit: bool | None = None) -> Facts:
    return Facts(signal.sort, branch, signal.arrears_cents, signal.postcode, others, late, signal.benefit if benefit is None else benefit)


def _send(signal: Signal, found: Routed) -> None:
    signal.team_kind, signal.rule, signal.team_name = found.team, found.rule, found.place
