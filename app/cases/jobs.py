"""Work of the debt file that runs outside a request."""

from collections.abc import Callable, Mapping
from datetime import date

from app.access import Actor
from app.accounts.queries import actor_of
from app.cases import balance_asking, balance_files, balance_letters, noticing, pause_files, service
from app.cases.balance_words import SENT as REQUESTS_SENT
from app.cases.words import SENT
from app.db import reading, transaction
from app.errors import NotFound
from app.exchange.uploads import forget_old
from app.jobs import runs
from app.jobs import service as jobs
from app.jobs.registry import Argument, daily, job


@job("cases.take_upload")
def take_upload(argument: Argument) -> None:
    """Bring files in that somebody confirmed."""
    service.take_upload(argument["ref"])


@daily("05:30")
@job("cases.forget_uploads")
def forget_uploads(_: Argument) -> None:
    """Delete files that nobody said yes to within a day."""
    with transaction() as session:
        forget_old(session)


@job("cases.send_notices")
def send_notices(argument: Argument) -> None:
    """Send notices for many cases, for the officer who asked; what an interrupted run left goes on, and nothing goes out twice."""
    sent = noticing.send_for_cases(_asker(argument), argument["cases"], progress=_progress(argument["key"]))
    _finish(argument["key"], "/cases", {str(SENT[name]): number for name, number in vars(sent).items()})


@job("cases.send_balance_requests")
def send_balance_requests(argument: Argument) -> None:
    """Ask the creditors of many cases, for the officer who asked; what an interrupted run left goes on, and nobody is asked twice."""
    sent = balance_asking.send_to_cases(_asker(argument), argument["cases"], progress=_progress(argument["key"]))
    _finish(argument["key"], "/cases", {str(REQUESTS_SENT[name]): number for name, number in vars(sent).items()})


@job("cases.state_from_file")
def state_from_file(argument: Argument) -> None:
    """State what is left of a file of balances; none is stated twice."""
    balance_files.go_on(_asker(argument), argument["ref"], _progress(argument["key"]))
    _finish(argument["key"], f"/balances/file/{argument['ref']}")


@job("cases.answer_notices_from_file")
def answer_notices_from_file(argument: Argument) -> None:
    """Answer what is left of a file about notices; none is answered twice."""
    pause_files.go_on(_asker(argument), argument["ref"], _progress(argument["key"]))
    _finish(argument["key"], f"/pauses/file/{argument['ref']}")


def _progress(key: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        with transaction() as session:
            jobs.advance(session, key, done, total)

    return tell


def _finish(key: str, onward: str, counted: Mapping[str, int] | None = None) -> None:
    lines = tuple((words, str(number)) for words, number in (counted or {}).items())
    with transaction() as session:
        jobs.finish(session, key, jobs.Result(lines, onward))


def _asker(argument: Argument) -> Actor:
    """Return who asked for the work, as it stands now. Raises NotFound: whoever lost the role meanwhile does nothing any more."""
    with reading() as session:
        asker = actor_of(session, argument["person"], argument["organisation"], "job")
    if asker is None:
        raise NotFound
    return asker


@job("cases.write_balance_letters")
def write_balance_letters(argument: Argument) -> None:
    """Write the letters about some balance requests."""
    balance_letters.write_letters(argument["requests"])


@daily("06:40")
@job("cases.tell_asked")
def tell_asked(_: Argument) -> None:
    """Tell creditors of balance requests that a broken run left untold."""
    balance_asking.tell_asked()


@daily("08:10")
@job("cases.remind_of_balances")
def remind_of_balances(argument: Argument) -> None:
    """Remind creditors of the balances that they did not state yet; a missed day is caught up with one mail."""
    day = date.fromisoformat(argument["day"])
    with runs.noted("cases.remind_of_balances", day) as tally:
        runs.count(tally, requests=balance_asking.run_reminders(day))


@daily("08:15")
@job("cases.remind_of_notices")
def remind_of_notices(argument: Argument) -> None:
    """Remind of the notices that nobody answered; a missed day is caught up with one mail."""
    day = date.fromisoformat(argument["day"])
    with runs.noted("cases.remind_of_notices", day) as tally:
        runs.count(tally, notices=noticing.run_reminders(day))


@daily("22:10")
@job("cases.close_balances")
def close_balances(argument: Argument) -> None:
    """Close the requests whose last day this is; late in the evening, so that the day counts."""
    day = date.fromisoformat(argument["day"])
    with runs.noted("cases.close_balances", day) as tally:
        runs.count(tally, requests=balance_asking.close_over(day))
