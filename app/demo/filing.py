"""Let somebody of the demo's creditor answer a few offers with a file, one of them with a slip, so that its page has something to show."""

import csv
import io

from app.access import Actor
from app.exchange import hub
from app.exchange.uploads import Incoming
from app.proposals.answer_files import confirm_file, try_file
from app.proposals.answer_sheets import ANSWER, KEY, WHY

YES, NO = "akkoord", "afgewezen"


def answer_with_a_file(worker: Actor, refs: list[str]) -> str:
    """Accept the offers of these references with a file, and forget the reason of the last one; return the file's reference."""
    out = io.StringIO()
    rows = [(ref, YES, "") for ref in refs[:-1]] + [(ref, NO, "") for ref in refs[-1:]]
    csv.writer(out, delimiter=";").writerows([(KEY, ANSWER, WHY), *rows])
    file = try_file(worker, Incoming(hub.OFFERS, f"{hub.FILE_NAMES[hub.OFFERS]}.csv", out.getvalue().encode()))
    confirm_file(worker, file)
    return file
