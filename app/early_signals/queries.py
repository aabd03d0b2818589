"""Read the early signals of a team: its queue, the late ones first, and one signal with its attempts and its household."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.access import Actor, Kind, Permission
from app.clock import AMSTERDAM, now
from app.counts import MOST
from app.creditors.models import Organisation
from app.early_signals import rules
from app.early_signals.access import PLACES, is_desk, is_news, reports, team_signal, visible_to
from app.early_signals.filing import kin_of
from app.early_signals.matching import Kinship
from app.early_signals.models import ContactAttempt, Signal
from app.early_signals.routing import DESK, Rule, Team
from app.early_signals.rules import OPEN, AttemptKind, Confirmation, DayPart, Outcome, Sort, State, Urgency, Withdrawal
from app.errors import NotFound
from app.money import Cents
from app.sealing import blind_indexes

STATUSES = ("late", "overdue", "new", "open", "done", "all")
QUEUE = (Signal.urgency, Signal.act_by, Signal.id)
NEWEST = (Signal.received_at, Signal.id)
IS_OPEN = Signal.urgency < Urgency.DONE


@dataclass(frozen=True)
class TeamQuery:
    """What the list was asked for, as it stands in the address."""

    q: str = ""
    status: str = ""
    sort: str = ""
    team: str = ""  # of the desk's list: the name of one team
    after: str = ""

    @property
    def shown(self) -> str:
        """Return the status that is shown: the chosen one; a search looks in all of them, else what is open."""
        return self.status if self.status in STATUSES else "all" if self.q else "open"


@dataclass(frozen=True)
class SignalRow:
    """One signal as the queue shows it."""

    ref: str
    name: str
    address: str
    reporter: str
    sort: Sort
    arrears_cents: Cents
    urgency: Urgency
    act_by: datetime
    is_overdue: bool
    state: State
    attempts: int
    last_attempt_on: date | None
    reached: bool | None
    household: int  # how many signals there are about it, this one included
    team: str
    rule: Rule
    received_on: date
    outcome: Outcome | None  # what was said last, when it was followed up

    @property
    def may_follow(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True)
class TeamList:
    rows: list[SignalRow]
    query: TeamQuery
    counts: dict[str, int]
    next_after: str
    teams: list[str]  # to choose one from, at the desk


@dataclass(frozen=True)
class AttemptRow:
    on: date
    kind: AttemptKind
    part: DayPart | None
    reached: bool
    outcome: Outcome | None
    noted_by: str
    team: str


@dataclass(frozen=True)
class KinRow:
    """Another signal about the same person or household, as far as the team sees it."""

    ref: str
    kin: Kinship
    reporter: str
    sort: Sort
    arrears_cents: Cents
    received_on: date
    state: State


@dataclass(frozen=True)
class SignalPage:
    """Everything that the page of one signal shows its team."""

    ref: str
    name: str
    birth_date: date | None
    address: str
    phone: str
    email: str
    reporter: str
    agent: str  # that reported it in the name of the reporter; empty when it did so itself
    branch: str
    reference: str
    reported_on: date
    received_on: date
    sort: Sort
    arrears_cents: Cents
    instalments: int
    days: int | None
    confirmations: list[Confirmation]
    is_landlord: bool
    team: str
    team_kind: Team
    rule: Rule
    urgency: Urgency
    young: bool
    benefit: bool | None
    children: bool | None
    act_by: datetime
    is_overdue: bool
    talk_by: date
    feedback_by: date
    state: State
    withdrawn_on: date | None
    withdrawal: Withdrawal | None
    followed_on: date | None
    repeated: bool
    outdated: bool
    attempts: list[AttemptRow]
    kin: list[KinRow]
    may_follow: bool
    may_mend: bool  # its result
    revision: int


# ── the queue ────────────────────────────────────────────────────────────────


def team_list(session: Session, actor: Actor, query: TeamQuery, size: int = 50) -> TeamList:
    """Return one page of the queue with the counts of all that fit. Raises NotFound, also after a signal that is not the team's."""
    actor.must(Permission.FOLLOW_SIGNALS)
    found = _shown(actor, query)
    if query.after:
        found = found.where(_beyond(session, actor, query))
    rows = [_row(row) for row in session.execute(_ordered(found, query).limit(size + 1))]
    next_after = rows[size - 1].ref if len(rows) > size else ""
    counts = {status: _count(session, actor, status, query.team) for status in STATUSES}
    return TeamList(rows[:size], query, counts, next_after, sorted(PLACES.values()) if is_desk(actor) else [])


def all_rows(session: Session, actor: Actor, query: TeamQuery) -> Iterator[SignalRow]:
    """Yield every row that the filters show, for a file. Raises NotFound."""
    actor.must(Permission.FOLLOW_SIGNALS)
    for row in session.execute(_ordered(_shown(actor, query), query), execution_options={"yield_per": 500}):
        yield _row(row)


def chosen_rows(session: Session, actor: Actor, refs: list[str]) -> list[SignalRow]:
    """Return the chosen signals that can still be followed, in the order of the queue."""
    actor.must(Permission.FOLLOW_SIGNALS)
    legible = [ref for ref in refs if ref.isprintable()]
    found = _columns(actor).where(Signal.ref.in_(legible), IS_OPEN).order_by(*QUEUE)
    return [_row(row) for row in session.execute(found)]


def waiting_count(actor: Actor) -> Select[Any] | None:
    """Give the statement that counts what waits, for the menu: of a team what is open, of a reporter what is news; else None."""
    if reports(actor):
        return _up_to(visible_to(actor), is_news(actor))
    if actor.kind is not Kind.NEIGHBOURHOOD_TEAM or not actor.may(Permission.FOLLOW_SIGNALS):
        return None
    place = _place_of(actor)
    return _up_to(Signal.erased_on.is_(None), IS_OPEN, or_(Signal.team_name == place, place == DESK))


def waiting(session: Session, actor: Actor) -> dict[str, int]:
    """Count in one statement what waits for the own team, by its status in the list; nothing for anybody else."""
    if actor.kind is not Kind.NEIGHBOURHOOD_TEAM or not actor.may(Permission.FOLLOW_SIGNALS):
        return {}
    parts = {name: _up_to(visible_to(actor), _in(name)) for name in ("late", "overdue", "new", "open")}
    found = session.execute(select(*(part.scalar_subquery() for part in parts.values()))).one()
    return {f"signals {name}": int(number) for name, number in zip(parts, found, strict=True)}


def first_rows(session: Session, actor: Actor, most: int) -> list[SignalRow]:
    """Return the open signals that the own team takes up first; nothing for anybody else."""
    if actor.kind is not Kind.NEIGHBOURHOOD_TEAM or not actor.may(Permission.FOLLOW_SIGNALS):
        return []
    query = TeamQuery()
    return [_row(row) for row in session.execute(_ordered(_shown(actor, query), query).limit(most))]


def _place_of(actor: Actor) -> Any:
    """Return in SQL the name of a team as signals carry it: the menu's statement is made for all teams alike."""
    spelled = [(func.lower(Organisation.name) == low, name) for low, name in PLACES.items()]
    return select(case(*spelled, else_=Organisation.name)).where(Organisation.id == actor.organisation_id).scalar_subquery()


def _up_to(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(select(Signal.id).where(*conditions).limit(MOST).subquery())


def _columns(actor: Actor) -> Select[Any]:
    others = select(func.count()).where(_of_same_home()).correlate(Signal).scalar_subquery()
    columns = (
        Signal.ref, Signal.surname, Signal.given_name, Signal.street, Signal.house_number, Signal.postcode, Organisation.name, Signal.sort,
        Signal.arrears_cents, Signal.urgency, Signal.act_by, Signal.state, Signal.attempts, Signal.last_attempt_on, Signal.reached,
        others, Signal.team_name, Signal.rule, Signal.received_at, _last_outcome(),
    )  # fmt: skip
    return cast(Select[Any], select(*columns)).join(Organisation, Organisation.id == Signal.reporter_id).where(visible_to(actor))


def _last_outcome() -> Any:
    said = (ContactAttempt.signal_id == Signal.id, ContactAttempt.outcome.is_not(None))
    return select(ContactAttempt.outcome).where(*said).order_by(ContactAttempt.id.desc()).limit(1).correlate(Signal).scalar_subquery()


def _of_same_home() -> ColumnElement[bool]:
    beside = Signal.__table__.alias("beside")
    return and_(beside.c.household_no == Signal.household_no, beside.c.erased_on.is_(None), beside.c.state != State.WITHDRAWN)


def _shown(actor: Actor, query: TeamQuery) -> Select[Any]:
    found = _columns(actor).where(_in(query.shown), *([Signal.team_name == query.team] if query.team else []))
    return found.where(_matches(query.q)) if query.q else found


def _in(status: str) -> ColumnElement[bool]:
    return {
        "late": Signal.urgency == Urgency.LATE,
        "overdue": and_(IS_OPEN, Signal.act_by < now()),
        "new": and_(IS_OPEN, Signal.state == State.NEW),
        "open": IS_OPEN,
        "done": Signal.urgency == Urgency.DONE,
        "all": Signal.id.is_not(None),
    }[status]


def _matches(q: str) -> ColumnElement[bool]:
    """Find a signal by the whole surname (blind index), by its own number or by the reporter's reference."""
    return or_(Signal.surname_index.in_(blind_indexes(q.partition(",")[0])), Signal.ref == q.upper(), Signal.reference.in_({q, q.upper()}))


def _ordered(found: Select[Any], query: TeamQuery) -> Select[Any]:
    return found.order_by(*(column.desc() for column in NEWEST)) if query.sort == "newest" else found.order_by(*QUEUE)


def _beyond(session: Session, actor: Actor, query: TeamQuery) -> ColumnElement[bool]:
    columns = NEWEST if query.sort == "newest" else QUEUE
    place = session.execute(select(*columns).where(Signal.ref == query.after, visible_to(actor))).one_or_none()
    if place is None:
        raise NotFound
    here = tuple_(*columns)
    return here < tuple(place) if query.sort == "newest" else here > tuple(place)


def _count(session: Session, actor: Actor, status: str, team: str = "") -> int:
    return session.scalar(_up_to(visible_to(actor), _in(status), *([Signal.team_name == team] if team else []))) or 0


def _row(row: Row[Any]) -> SignalRow:
    (
        ref, surname, given, street, number, postcode, reporter, sort, arrears, urgency, act_by, state, attempts, last_on, reached,
        household, team, rule, received_at, outcome,
    ) = tuple(row)  # fmt: skip
    return SignalRow(
        ref, f"{surname}, {given}" if given else surname, _address(street, number, postcode), reporter, sort, arrears, Urgency(urgency),
        act_by, state in OPEN and act_by < now(), state, attempts, last_on, reached, household, team, rule, _day(received_at), outcome,
    )  # fmt: skip


def _address(street: str, number: str, postcode: str, city: str = "") -> str:
    return ", ".join(filter(None, (f"{street} {number}".strip(), f"{postcode} {city}".strip())))


def _day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()


# ── one signal ───────────────────────────────────────────────────────────────


def signal_page(session: Session, actor: Actor, ref: str) -> SignalPage:
    """Return everything that the page of a signal shows its team. Raises NotFound."""
    one = team_signal(session, actor, ref)
    reporter, branch = session.execute(select(Organisation.name, Organisation.branch).where(Organisation.id == one.reporter_id)).one()
    agent = session.scalar(select(Organisation.name).where(Organisation.id == one.agent_id)) or ""
    received_on = _day(one.received_at)
    urgency = rules.urgency(one.sort, children=one.children, young=one.young)
    return SignalPage(
        ref=one.ref, name=f"{one.given_name} {one.surname}".strip(), birth_date=one.birth_date,
        address=_address(one.street, one.house_number, one.postcode, one.city), phone=one.phone, email=one.email, reporter=reporter,
        agent=agent, branch=branch, reference=one.reference, reported_on=one.reported_on, received_on=received_on, sort=one.sort,
        arrears_cents=one.arrears_cents, instalments=one.instalments, days=one.days,
        confirmations=[Confirmation(name) for name in one.confirmations], is_landlord=branch == rules.LANDLORD, team=one.team_name,
        team_kind=one.team_kind, rule=one.rule, urgency=urgency, young=one.young, benefit=one.benefit, children=one.children,
        act_by=one.act_by, is_overdue=one.state in OPEN and one.act_by < now(), talk_by=rules.talk_by(one.sort, received_on),
        feedback_by=one.feedback_by, state=one.state, withdrawn_on=one.withdrawn_on, withdrawal=one.withdrawal,
        followed_on=one.followed_on, repeated=one.repeated, outdated=one.outdated, attempts=_attempts(session, one.id),
        kin=_kin(session, actor, one), may_follow=one.state in OPEN, may_mend=one.state is State.FOLLOWED, revision=one.revision,
    )  # fmt: skip


def _attempts(session: Session, signal_id: int) -> list[AttemptRow]:
    found = (
        select(ContactAttempt).where(ContactAttempt.signal_id == signal_id).order_by(ContactAttempt.on_day.desc(), ContactAttempt.id.desc())
    )
    return [
        AttemptRow(one.on_day, one.kind, one.part, one.reached, one.outcome, one.noted_by, one.team_name) for one in session.scalars(found)
    ]


def _kin(session: Session, actor: Actor, signal: Signal) -> list[KinRow]:
    kin = dict(kin_of(session, signal, visible_to(actor)))
    columns = (Signal.id, Signal.ref, Organisation.name, Signal.sort, Signal.arrears_cents, Signal.received_at, Signal.state)
    found = select(*columns).join(Organisation, Organisation.id == Signal.reporter_id).where(Signal.id.in_(kin))
    rows = session.execute(found.order_by(Signal.id.desc()))
    return [KinRow(ref, kin[id_], name, sort, cents, _day(at), state) for id_, ref, name, sort, cents, at, state in rows]
