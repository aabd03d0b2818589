"""Use cases on the clock of one offer: let it stand still with a reason, let it go on; and move the days of those that stand.

While a clock stands, the last day for an answer, the days of reminding and of closing move along with the calendar, a working day
for each that passes: every list is right without asking. Nothing is reminded of and nothing becomes 'no response' meanwhile.
"""

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor, Permission
from app.audit.service import record
from app.clock import today
from app.db import reading, transaction
from app.errors import Refusal
from app.jobs import runs
from app.proposals.lifecycle import CLOCK_RUNS, Visibility
from app.proposals.models import Offer, Proposal
from app.proposals.running import go_on, locked_offer, moved_days, note, tell_party

WORK = "proposals.move_clocks"


def stop_clock(actor: Actor, offer_ref: str, reason: str, revision: int) -> None:
    """Let the terms of one offer stand still; its creditor reads why. Raises Refusal (answered, no reason, stands), Conflict, NotFound."""
    actor.must(Permission.SETTLE_PROPOSALS)
    with transaction() as session:
        offer = locked_offer(session, offer_ref, revision)
        if offer.state not in CLOCK_RUNS:
            raise Refusal("proposals.no_clock_runs", state=offer.state)
        if offer.paused_on is not None:
            raise Refusal("proposals.clock_stands")
        if not reason.strip():
            raise Refusal("proposals.clock_reason_missing", field="why")
        offer.paused_on = offer.clock_on = today()
        if offer.remind_on is None:
            offer.remind_on = session.scalar(select(Proposal.remind_on).where(Proposal.id == offer.proposal_id)) or []
        note(session, actor, offer, "clock stopped", reason=reason.strip())
        record(session, actor, "offers:stop-clock", f"offer/{offer.ref}", concerns_id=offer.creditor_id, paused_on=(None, offer.paused_on))
        tell_party(session, offer, "offers.clock_stopped")


def start_clock(actor: Actor, offer_ref: str, revision: int) -> None:
    """Let the terms of one offer go on from where they stood. Raises Refusal when they run, Conflict, NotFound."""
    actor.must(Permission.SETTLE_PROPOSALS)
    with transaction() as session:
        offer = locked_offer(session, offer_ref, revision)
        if offer.paused_on is None:
            raise Refusal("proposals.clock_runs")
        go_on(session, actor, offer)
        if offer.state in CLOCK_RUNS:
            by = offer.reconsider_by or offer.answer_by
            tell_party(session, offer, "offers.clock_started", by=f"{by:%d-%m-%Y}")


def move_clocks(day: date, actor: Actor = SYSTEM) -> int:
    """Move the days of every offer whose clock stands along to a day; return how many moved. A second run on a day moves nothing.

    What rests (art. 18 GDPR) is moved when the rest ends.
    """
    with runs.noted(WORK, day) as tally:
        with reading() as session:
            stands = select(Offer.id).where(Offer.clock_on < day, *_STANDS).order_by(Offer.id)
            ids = list(session.scalars(stands))
        done = 0
        for offer_id in ids:
            with transaction() as session:
                moved = _move(session, actor, offer_id, day)
                tally.add(session, offers=moved)
                done += moved
    return done


_STANDS = (Offer.clock_on.is_not(None), Offer.state.in_(CLOCK_RUNS), Offer.visibility == Visibility.VISIBLE)


def _move(session: Session, actor: Actor, offer_id: int, day: date) -> int:
    offer = session.scalar(select(Offer).where(Offer.id == offer_id, Offer.clock_on < day, *_STANDS).with_for_update())
    values = moved_days(offer, day) if offer else {}
    if offer is None or not values:
        return 0
    record(
        session, actor, "offers:move-clock", f"offer/{offer.ref}", concerns_id=offer.creditor_id,
        answer_by=(offer.answer_by, values["answer_by"]),
    )  # fmt: skip
    # beside the version column: nobody's answer is overtaken by the calendar
    session.execute(update(Offer).where(Offer.id == offer.id).values(**values), execution_options={"synchronize_session": False})
    return 1
