"""Use cases of commitments: make one, plan and do its checks, end it; and the checks that the portal's own figures do each month."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.access import SYSTEM, Actor, Kind, Permission
from app.audit.service import record
from app.clock import now, today
from app.creditors.models import Organisation
from app.db import new_ref, reading, transaction
from app.errors import Conflict, Refusal
from app.notifications.service import Recipient, notify
from app.relations import commitment_rules as rules
from app.relations.commitment_queries import CommitmentQuery, CommitmentRow, commitment_rows, visible_commitment
from app.relations.commitment_rules import WATCHED, CommitmentMove, CommitmentState, Figure, Norm, Party
from app.relations.complaint_rules import check_words
from app.relations.complaints import WORDS, party
from app.relations.escalation_queries import visible_escalation
from app.relations.figures import figure_of
from app.relations.meeting_queries import visible_meeting
from app.relations.models import Commitment, CommitmentCheck

PATH = "/relations/commitments/"


@dataclass(frozen=True)
class Promise:
    """What was promised by whom until when, how it will be checked, and, with a norm, by which figure of the portal each month."""

    words: str
    by_whom: str
    due_on: date
    how: str
    party: Party = Party.THEIRS
    check_on: date | None = None
    norm: Norm | None = None


@dataclass(frozen=True)
class Origin:
    """The meeting or escalation, by its number, in which something was promised; often one of them."""

    meeting: str = ""
    escalation: str = ""


NOWHERE = Origin()


def make_commitment(actor: Actor, code: int, promise: Promise, origin: Origin = NOWHERE) -> str:
    """Keep a commitment and return its reference; the same again on one day is the one that is kept.

    Raises Refusal for missing words, a day that is over or an origin with another organisation, NotFound.
    """
    actor.must(Permission.WORK_RELATIONS)
    _check(promise)
    with transaction() as session:
        organisation = party(session, code, lock=True)  # of two clicks at once the second finds what the first made
        meeting_id, escalation_id = _origin(session, actor, organisation.id, origin)
        twin = _twin(session, organisation.id, promise)
        if twin is not None:
            return twin
        norm = promise.norm
        one = Commitment(
            ref=new_ref("N"), organisation_id=organisation.id, meeting_id=meeting_id, escalation_id=escalation_id, party=promise.party,
            by_whom=promise.by_whom.strip()[:200], words=promise.words.strip()[:WORDS], how=promise.how.strip()[:WORDS],
            due_on=promise.due_on, check_on=None if norm else promise.check_on or promise.due_on, measure=norm and norm.measure,
            threshold=norm and norm.threshold, days=norm and norm.days, made_on=today(), made_by=actor.name[:200],
        )  # fmt: skip
        session.add(one)
        session.flush()
        record(
            session, actor, "commitments:make", f"commitment/{one.ref}", concerns_id=organisation.id, due_on=(None, one.due_on),
            check_on=(None, one.check_on),
        )  # fmt: skip
        _tell(session, "commitments.made", one)
        return one.ref


def _check(promise: Promise) -> None:
    for words, field in ((promise.words, "words"), (promise.by_whom, "by_whom"), (promise.how, "how")):
        check_words(words, field)
    if promise.norm is not None:
        rules.check_norm(promise.party, promise.norm)
    for day, field in ((promise.due_on, "due_on"), (promise.check_on, "check_on")):
        _check_day(day, field)


def _check_day(day: date | None, field: str) -> None:
    if day is not None and day < today():
        raise Refusal("commitments.day_in_past", field=field)


def _origin(session: Session, actor: Actor, organisation_id: int, origin: Origin) -> tuple[int | None, int | None]:
    meeting = visible_meeting(session, actor, origin.meeting) if origin.meeting else None
    escalation = visible_escalation(session, actor, origin.escalation) if origin.escalation else None
    if any(one is not None and one.organisation_id != organisation_id for one in (meeting, escalation)):
        raise Refusal("commitments.other_party", field="party")
    return meeting.id if meeting else None, escalation.id if escalation else None


def _twin(session: Session, organisation_id: int, promise: Promise) -> str | None:
    made = (Commitment.organisation_id == organisation_id, Commitment.made_on == today(), Commitment.due_on == promise.due_on)
    found = session.scalars(select(Commitment).where(*made, Commitment.state.in_(WATCHED)).order_by(Commitment.id))
    return next((one.ref for one in found if one.words == promise.words.strip()[:WORDS]), None)


def _tell(session: Session, code: str, one: Commitment) -> None:
    """Mail the organisation that there is something about a commitment: its number alone."""
    other = session.get_one(Organisation, one.organisation_id)
    notify(session, code, Recipient(other.email, other.id), f"{PATH}{one.ref}", commitment=one.ref)


@contextmanager
def _working_on(actor: Actor, ref: str, revision: int) -> Iterator[tuple[Session, Commitment]]:
    """Open the transaction of an act on a commitment as it was seen. Raises NotFound, Conflict."""
    actor.must(Permission.WORK_RELATIONS)
    with transaction() as session:
        one = visible_commitment(session, actor, ref, lock=True)
        if one.revision != revision:
            raise Conflict
        yield session, one


def check_commitment(actor: Actor, ref: str, revision: int, words: str, next_on: date | None, *, is_kept: bool) -> None:
    """Write down that somebody checked whether a commitment is kept, and when the next check is (None: there is none).

    Raises Refusal without words, for a day that is over or one that has ended, Conflict, NotFound.
    """
    check_words(words, "check_words")
    _check_day(next_on, "next_on")
    with _working_on(actor, ref, revision) as (session, one):
        check = CommitmentCheck(planned_on=one.check_on, words=words.strip()[:WORDS], is_kept=is_kept)
        one.check_on = next_on
        _note(session, actor, one, check)


def _note(session: Session, actor: Actor, one: Commitment, check: CommitmentCheck) -> None:
    """Append a check to a commitment, which stands as the check says; without a verdict it stays as it was."""
    before = one.state
    if check.is_kept is not None:
        one.state = rules.next_state(one.state, CommitmentMove.KEEP if check.is_kept else CommitmentMove.BREAK)
    check.commitment_id, check.organisation_id, check.at, check.who = one.id, one.organisation_id, now(), actor.name[:200]
    session.add(check)
    flag_modified(one, "state")  # who saw it without this check decides anew
    verdict = "nothing to count" if check.is_kept is None else "kept" if check.is_kept else "not kept"
    record(
        session, actor, "commitments:check", f"commitment/{one.ref}", concerns_id=one.organisation_id, is_kept=(None, verdict),
        state=(before, one.state), met=(None, check.met), counted=(None, check.counted),
    )  # fmt: skip
    if one.state is CommitmentState.NOT_KEPT and before is not CommitmentState.NOT_KEPT:
        _tell(session, "commitments.not_kept", one)


def plan_check(actor: Actor, ref: str, revision: int, check_on: date) -> None:
    """Plan the next check by hand. Raises Refusal for a day that is over or a commitment that has ended, Conflict, NotFound."""
    _check_day(check_on, "check_on")
    with _working_on(actor, ref, revision) as (session, one):
        if one.state not in WATCHED:
            raise Refusal("commitments.ended_already")
        before, one.check_on = one.check_on, check_on
        record(session, actor, "commitments:plan-check", f"commitment/{ref}", check_on=(before, check_on))


def end_commitment(actor: Actor, ref: str, revision: int, reason: str) -> None:
    """End a commitment that is over or gave way to another; its checks stay, and the organisation reads why.

    Raises Refusal without a reason or when it has ended, Conflict, NotFound.
    """
    check_words(reason, "reason")
    with _working_on(actor, ref, revision) as (session, one):
        before, one.state = one.state, rules.next_state(one.state, CommitmentMove.END)
        one.check_on, one.end_reason = None, reason.strip()[:WORDS]
        record(
            session, actor, "commitments:end", f"commitment/{ref}", concerns_id=one.organisation_id, state=(before, one.state)
        )  # fmt: skip


def export_commitments(actor: Actor, query: CommitmentQuery) -> list[CommitmentRow]:
    """Return every row that the filters show, and note that somebody took them along. Raises NotFound."""
    actor.must(Permission.READ_RELATIONS)
    with transaction() as session:
        rows = list(commitment_rows(session, actor, query))
        record(session, actor, "commitments:export", "commitments", rows=(None, len(rows)))
        return rows


# ── by the portal's own figures ──────────────────────────────────────────────


def check_by_figures() -> int:
    """Check the commitments with a norm over each month that is over and was not checked, and return how many checks that were.

    A second run the same month finds nothing to do.
    """
    measured = (Commitment.measure.is_not(None), Commitment.state.in_(WATCHED))
    with reading(as_portal=True) as session:
        ids = session.scalars(select(Commitment.id).where(*measured).order_by(Commitment.id)).all()
    return sum(_check_months(id_) for id_ in ids)


def _check_months(id_: int) -> int:
    with transaction(as_portal=True) as session:
        one = session.scalar(select(Commitment).where(Commitment.id == id_, Commitment.state.in_(WATCHED)).with_for_update())
        if one is None or one.measure is None or one.threshold is None or one.days is None:
            return 0
        done = set(session.scalars(select(CommitmentCheck.first_day).where(CommitmentCheck.commitment_id == id_)))
        months = [month for month in rules.whole_months(max(one.due_on, one.made_on), today()) if month[0] not in done]
        norm = Norm(one.measure, one.threshold, one.days)
        for first, last in months:
            _check_month(session, one, norm, figure_of(session, one.organisation_id, norm, first, last))
        return len(months)


def _check_month(session: Session, one: Commitment, norm: Norm, figure: Figure) -> None:
    check = CommitmentCheck(
        first_day=figure.first, last_day=figure.last, met=figure.met, counted=figure.of, threshold=norm.threshold, days=norm.days,
        is_kept=figure.keeps(norm),
    )  # fmt: skip
    was = one.state
    _note(session, SYSTEM, one, check)
    if one.state is CommitmentState.NOT_KEPT and was is not CommitmentState.NOT_KEPT:
        _tell_team(session, one)


def _tell_team(session: Session, one: Commitment) -> None:
    team = session.scalar(select(Organisation).where(Organisation.kind == Kind.RELATIONS_TEAM).order_by(Organisation.id).limit(1))
    if team is not None:
        notify(session, "commitments.check_failed", Recipient(team.email, team.id), f"{PATH}{one.ref}", commitment=one.ref)
