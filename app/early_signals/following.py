"""Use cases of a team: note attempts at contact one by one or many in one go, say what is known of a household, take a list along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.clock import AMSTERDAM, now, today
from app.db import as_portal, transaction
from app.early_signals import feedback, rules
from app.early_signals.access import place_of, team_signal, visible_to
from app.early_signals.filing import lock_homes, of_homes, route_households, set_urgency
from app.early_signals.models import ContactAttempt, Signal
from app.early_signals.queries import SignalRow, TeamQuery, all_rows
from app.early_signals.rules import OPEN, Attempt, State, Urgency
from app.errors import Conflict, Refusal

MOST_AT_ONCE = 200
MOST_NAMED = 5000  # signals that an audit event of an export names


@dataclass(frozen=True)
class Noted:
    """What noting many at once came to: their references, and the others with the code of why not."""

    refs: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def note_attempt(actor: Actor, ref: str, attempt: Attempt, revision: int) -> None:
    """Note an attempt about one signal. The same by the same person again changes nothing. Raises Refusal, Conflict, NotFound."""
    rules.check_attempt(attempt, today())
    with transaction() as session:
        signal = team_signal(session, actor, ref, lock=True)
        if _is_there(session, actor, signal, attempt):
            return  # the second click of a double one
        if signal.revision != revision and signal.state is not State.WITHDRAWN:
            raise Conflict
        _note(session, actor, signal, attempt)


def note_attempts(actor: Actor, refs: Sequence[str], attempt: Attempt) -> Noted:
    """Note the same attempt about many signals, each that can still get it; name the others with the reason.

    Somebody else's counts as missing. Raises Refusal for none, for more than two hundred, and for an attempt that is none.
    """
    wanted = _wanted(actor, refs)
    rules.check_attempt(attempt, today())
    with transaction() as session:
        signals = _chosen(session, actor, wanted, lock=True)
        left = {ref: code for ref in wanted if (code := _try(session, actor, signals.get(ref), attempt))}
        return Noted(tuple(ref for ref in wanted if ref not in left), tuple(left.items()))


def _wanted(actor: Actor, refs: Sequence[str]) -> list[str]:
    """Return the chosen references, each once. Raises Refusal for none or too many, NotFound."""
    actor.must(Permission.FOLLOW_SIGNALS)
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        raise Refusal("early_signals.choose_rows")
    if len(wanted) > MOST_AT_ONCE:
        raise Refusal("early_signals.too_many_rows", most=MOST_AT_ONCE)
    return wanted


def _chosen(session: Session, actor: Actor, wanted: Sequence[str], *, lock: bool = False) -> dict[str, Signal]:
    """Return those of the chosen signals that came to the team, by their reference; locked, nobody else changes them meanwhile."""
    legible = [ref for ref in wanted if ref.isprintable()]
    found = select(Signal).where(Signal.ref.in_(legible), visible_to(actor)).order_by(Signal.id)
    return {signal.ref: signal for signal in session.scalars(found.with_for_update() if lock else found)}


def _try(session: Session, actor: Actor, signal: Signal | None, attempt: Attempt) -> str | None:
    """Note an attempt about a signal, or return the code of why not."""
    if signal is None:
        return "early_signals.row_missing"
    try:
        if not _is_there(session, actor, signal, attempt):
            _note(session, actor, signal, attempt)
    except Refusal as no:
        return no.code
    return None


def _is_there(session: Session, actor: Actor, signal: Signal, attempt: Attempt) -> bool:
    """Tell whether the actor noted this very attempt before; a result that was mended since is noted anew."""
    same = [
        ContactAttempt.signal_id == signal.id, ContactAttempt.kind == attempt.kind, ContactAttempt.on_day == attempt.on,
        ContactAttempt.part.is_not_distinct_from(attempt.part), ContactAttempt.noted_by == actor.name[:200],
        ContactAttempt.outcome.is_not_distinct_from(attempt.outcome), ContactAttempt.reached == attempt.reached,
    ]  # fmt: skip
    if attempt.outcome:
        mended = select(func.max(ContactAttempt.id)).where(ContactAttempt.signal_id == signal.id)
        same.append(ContactAttempt.id == mended.scalar_subquery())
    return session.scalar(select(ContactAttempt.id).where(*same).limit(1)) is not None


def _note(session: Session, actor: Actor, signal: Signal, attempt: Attempt) -> None:
    """Keep an attempt with what it changes: the term of the next one, or the end, and what the reporter hears. Raises Refusal."""
    received = signal.received_at.astimezone(AMSTERDAM).date()
    rules.check_follow(signal.state, attempt, received_on=received, reached_before=bool(signal.reached))
    session.add(
        ContactAttempt(
            signal_id=signal.id, kind=attempt.kind, reached=attempt.reached, on_day=attempt.on, part=attempt.part, outcome=attempt.outcome,
            noted_at=now(), noted_by=actor.name[:200], team_name=place_of(actor)[:80],
        )
    )  # fmt: skip
    session.flush()
    _tell(signal, attempt)
    signal.state = State.FOLLOWED if attempt.outcome else State.TRIED
    signal.followed_on = today() if attempt.outcome else None
    if attempt.outcome:
        signal.urgency = Urgency.DONE
    else:
        last = signal.last_attempt_on or attempt.on  # one of an earlier day, noted afterwards, moves no term back
        signal.act_by = rules.next_act_by(signal.sort, datetime.combine(last, time(17), AMSTERDAM))
    record(
        session, actor, "signals:attempt", f"signal/{signal.ref}",
        kind=(None, attempt.kind), reached=(None, attempt.reached), day=(None, attempt.on), outcome=(None, attempt.outcome),
    )  # fmt: skip


def _tell(signal: Signal, attempt: Attempt) -> None:
    """Set what the reporter hears now."""
    before = signal.feedback
    attempted_on = attempt.on if attempt.counts else None
    told = feedback.after(before, attempt.outcome, attempted_on=attempted_on, reached=attempt.reached)
    signal.attempts, signal.last_attempt_on, signal.reached = told.attempts, told.last_attempt_on, told.reached
    signal.helped, signal.said = told.helped, told.said
    if told != before:
        signal.told_anew_at, signal.has_news = now(), True
        signal.agent_has_news = signal.agent_id is not None


# ── what is known ────────────────────────────────────────────────────────────


def state_household(actor: Actor, ref: str, *, benefit: bool | None, children: bool | None, revision: int) -> str:
    """Say whether the household of a signal receives a benefit and has children; return the team that it goes to then.

    It holds for every open signal of the household. Raises Refusal when nothing was known and nothing is said, Conflict, NotFound.
    """
    with transaction() as session:
        signal = team_signal(session, actor, ref)
        lock_homes(session, {signal.household_no})
        if signal.revision != revision:
            raise Conflict
        rules.check_known(benefit, children, signal.benefit, signal.children)
        _state(session, actor, [signal], benefit=benefit, children=children)
        return signal.team_name


def state_households(actor: Actor, refs: Sequence[str], *, benefit: bool | None, children: bool | None) -> Noted:
    """Say the same of the households of many signals, as `state_household` does; somebody else's counts as missing.

    What is not looked up (None) stays as it was known of each: unlike on the page of one, nobody sees here what was known.
    Raises Refusal when nothing is said, for none and for more than two hundred.
    """
    wanted = _wanted(actor, refs)
    rules.check_known(benefit, children)
    with transaction() as session:
        signals = _chosen(session, actor, wanted)
        lock_homes(session, {signal.household_no for signal in signals.values()})
        _state(session, actor, list(signals.values()), benefit=benefit, children=children, is_partial=True)
        left = [(ref, "early_signals.row_missing") for ref in wanted if ref not in signals]
        return Noted(tuple(ref for ref in wanted if ref in signals), tuple(left))


def _state(
    session: Session, actor: Actor, signals: Sequence[Signal], *, benefit: bool | None, children: bool | None, is_partial: bool = False
) -> None:
    """Keep what is known of some households for all of their signals, and send the open ones anew."""
    numbers = {signal.household_no for signal in signals}
    for signal in signals:
        record(session, actor, "signals:household", f"signal/{signal.ref}", benefit=(None, benefit), children=(None, children))
    with as_portal(session):  # signals of the same household may be with another team, and one may go to another team
        for one in session.scalars(of_homes(numbers)):
            one.benefit = one.benefit if is_partial and benefit is None else benefit
            one.children = one.children if is_partial and children is None else children
            if one.state in OPEN:
                set_urgency(one)
        session.flush()
        route_households(session, numbers)


def export_signals(actor: Actor, query: TeamQuery) -> list[SignalRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    with transaction() as session:
        rows = list(all_rows(session, actor, query))
        refs = " ".join(row.ref for row in rows[:MOST_NAMED])
        record(session, actor, "signals:export", "signals", rows=(None, len(rows)), refs=(None, refs))
        return rows
