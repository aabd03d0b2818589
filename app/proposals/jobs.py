"""Work of proposals that runs outside a request: letters, issuing many at once, and the end of terms."""

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy import select

from app.access import Actor
from app.accounts.queries import actor_of
from app.db import reading, transaction
from app.errors import NotFound
from app.jobs import runs
from app.jobs import service as jobs
from app.jobs.registry import Argument, daily, job
from app.proposals import answer_files, answering_many, clocks, drafting, issuing, letters, new_codes, reminding
from app.proposals.agreement import close_if_over
from app.proposals.lifecycle import ProposalState
from app.proposals.models import Proposal
from app.proposals.words import RESULTS


@job("proposals.write_letters")
def write_letters(argument: Argument) -> None:
    """Write the letters about some offers."""
    letters.write_letters(argument["offers"])


@job("proposals.renew_code")
def renew_code(argument: Argument) -> None:
    """Replace the code on a letter whose holder asked that, when there is such a letter."""
    new_codes.renew_code(argument["ref"])


@job("proposals.write_new_letter")
def write_new_letter(argument: Argument) -> None:
    """Write the letter with a new code."""
    new_codes.write_new_letter(argument["ref"])


@job("proposals.draft_ready")
def draft_ready(argument: Argument) -> None:
    """Draft every case that is ready, for the officer who asked."""
    done = drafting.draft_ready(_actor(argument), progress=_progress(argument["key"]))
    _finish(argument["key"], {"drafted": len(done.refs), "left": len(done.left)})


@job("proposals.issue_approved")
def issue_approved(argument: Argument) -> None:
    """Issue everything that was approved, for the officer who asked; what an interrupted run left goes on."""
    done = issuing.issue_approved(_actor(argument), progress=_progress(argument["key"]))
    _finish(argument["key"], {"issued": done.issued, "offers": done.offers, "covered": done.covered, "left": len(done.left)})


@job("proposals.answer_many")
def answer_many(argument: Argument) -> None:
    """Answer what is left of many offers that somebody chose; none is answered twice."""
    answering_many.go_on_answering(_actor(argument), argument["ref"], _progress(argument["key"]))
    _finish_many(argument)


@job("proposals.undo_many")
def undo_many(argument: Argument) -> None:
    """Take back what is left of many answers."""
    answering_many.go_on_undoing(_actor(argument), argument["ref"], _progress(argument["key"]))
    _finish_many(argument)


@job("proposals.answer_file")
def answer_file(argument: Argument) -> None:
    """Give what is left of a file of answers; none is given twice."""
    answer_files.go_on(_actor(argument), argument["ref"], _progress(argument["key"]))
    with transaction() as session:
        jobs.finish(session, argument["key"], jobs.Result((), f"/offers/file/{argument['ref']}"))


@daily("06:30")
@job("proposals.tell_creditors")
def tell_creditors(_: Argument) -> None:
    """Tell creditors of offers that a broken run left untold."""
    issuing.tell_creditors()


@daily("00:20")
@job("proposals.move_clocks")
def move_clocks(argument: Argument) -> None:
    """Move the days of the offers whose clock stands still along with the calendar."""
    clocks.move_clocks(date.fromisoformat(argument["day"]))


@daily("08:00")
@job("proposals.remind")
def remind(argument: Argument) -> None:
    """Remind creditors of what waits for them; a missed day is caught up with one mail."""
    reminding.run_reminders(date.fromisoformat(argument["day"]))


@daily("22:00")
@job("proposals.close_over")
def close_over(argument: Argument) -> None:
    """Close the proposals whose last day this is, each in a transaction of its own; late in the evening, so that the day counts."""
    day = date.fromisoformat(argument["day"])
    over = select(Proposal.id).where(Proposal.state == ProposalState.ISSUED, Proposal.closes_on <= day).order_by(Proposal.id)
    with reading() as session:
        ids = list(session.scalars(over))
    with runs.noted("proposals.close_over", day) as tally:
        for proposal_id in ids:
            with transaction() as session:
                tally.add(session, proposals=int(close_if_over(session, proposal_id, day)))


def _actor(argument: Argument) -> Actor:
    """Return who asked for the work, as it stands now: whoever lost the role meanwhile does nothing any more."""
    with reading() as session:
        found = actor_of(session, argument["person"], argument["organisation"], "job")
    if found is None:
        raise NotFound
    return found


def _progress(key: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        with transaction() as session:
            jobs.advance(session, key, done, total)

    return tell


def _finish(key: str, counts: Mapping[str, int]) -> None:
    lines = tuple((str(RESULTS[name]), str(number)) for name, number in counts.items())
    with transaction() as session:
        jobs.finish(session, key, jobs.Result(lines, "/proposals"))


def _finish_many(argument: Argument) -> None:
    with transaction() as session:
        jobs.finish(session, argument["key"], jobs.Result((), f"/offers/many/{argument['ref']}"))
