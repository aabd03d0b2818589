"""Nothing that the law withholds from a reporter is in its page, file, mail or log, whatever came of a signal (Bgs 17).

Two ways: no word of a result, a rule, a team or another reporter stands there; and results that mean the same to the reporter
give the very same bytes.
"""

import io
import re
from collections import defaultdict
from datetime import date

import pytest
from python_calamine import load_workbook
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.early_signals import following, signal_words, telling
from app.early_signals.feedback import SAID
from app.early_signals.models import Signal
from app.early_signals.rules import WITH_CONTACT, WITHOUT_CONTACT, Attempt, AttemptKind, DayPart, Outcome, Sort
from app.notifications import catalogue
from app.notifications.models import Message
from tests import factory

TOLD = {str(signal_words.OUTCOMES[one]) for one in SAID}
WAYS = [(one, reached) for one in Outcome for reached in (True, False) if one not in (WITHOUT_CONTACT if reached else WITH_CONTACT)]
HOME = {"surname": "Huisgenoot", "street": "Zeilstraat", "house_number": "77"}


@pytest.fixture
def ground(client_of, clock, queue):
    """A reporter with one signal for each result, all of them about a household that another reported too; and its browser."""
    place = type("Ground", (), {})()
    water = factory.organisation(name="Waterbedrijf Westerdok")
    other = factory.organisation(name="Zilverreiger Energie", branch="energie")
    team = factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid"), name="Hanna Wouda", person_id=9)
    factory.signal(other, sort=Sort.EVICTION, **HOME)
    place.signals = {}
    for number, (outcome, reached) in enumerate(WAYS):
        told = {"reference": f"KL{number:04}", "surname": "Huisgenoot", "house_number": "77", "street": "Zeilstraat"}
        signal = factory.signal(water, **told)
        following.note_attempt(
            team, signal.ref, Attempt(AttemptKind.VISIT, reached, date(2026, 6, 4), DayPart.EVENING, outcome), revision(signal)
        )
        place.signals[outcome, reached] = signal
    telling.tell_feedback(date(2026, 6, 4))
    place.browser = client_of(factory.person(water, Role.CREDITOR_MANAGER))
    return place


def revision(signal):
    with db.reading() as session:
        return session.get(Signal, signal.id).revision


def mails():
    with db.reading() as session:
        found = session.scalars(select(Message).where(Message.code == "early_signals.feedback"))
        return "\n".join("\n".join(catalogue.write(message, "http://portaal.example")) for message in found)


def texts(ground):
    """Return all that the reporter can read, by where."""
    get = ground.browser.get
    with db.transaction() as session:
        session.query(Signal).update({"seen_at": None})
    workbook = load_workbook(io.BytesIO(get("/early-signals/download?format=xlsx").data))
    own = {f"page of {signal.ref}": get(f"/early-signals/{signal.ref}").text for signal in ground.signals.values()}
    return own | {
        "list": get("/early-signals?size=200").text, "csv": get("/early-signals/download").text,
        "xlsx": str(workbook.get_sheet_by_index(0).to_python()), "mail": mails(), "log": get("/audit/own").text,
    }  # fmt: skip


def withheld():
    """Return every word that the law withholds, in Dutch and as it is kept."""
    results = {str(words) for words in signal_words.OUTCOMES.values()} - TOLD
    rules = {str(words) for words in (*signal_words.RULES.values(), *signal_words.TEAMS.values())}
    kinds = {str(words) for words in signal_words.KINDS.values()} - {"anders", "brief", "e-mail", "telefoon"}
    return (
        results | {one.value for one in Outcome} | rules | kinds | {"Buurtteam", "WPI", "Hanna Wouda", "Zilverreiger", "uitkering", "avond"}
    )


def test_no_word_that_the_law_withholds_is_in_page_file_mail_or_log(ground):
    read = texts(ground)
    assert len(read) == len(WAYS) + 5
    assert [(place, word) for place, text in read.items() for word in withheld() if word in text] == []
    assert all(word in read["list"] for word in ("hulp aanvaard", "geen hulp aanvaard", *TOLD)), "what may be told is told"


def test_results_that_mean_the_same_to_the_reporter_give_the_same_bytes(ground):
    same = defaultdict(set)
    rows = {row.split(";")[1]: row for row in ground.browser.get("/early-signals/download").text.splitlines()}
    for signal in ground.signals.values():
        with db.reading() as session:
            heard = session.get(Signal, signal.id).feedback
        page = ground.browser.get(f"/early-signals/{signal.ref}").text
        same[heard].add(bare(page + rows[f'"{signal.reference}"'], signal))
    assert len(same) == 2 * 2 + 2 * 4, "reached or not, with help accepted or not, or one of four words"
    assert [heard for heard, found in same.items() if len(found) != 1] == []


LOOKS = ("/early-signals", "/early-signals?status=news", "/early-signals/download", "/search?q=Huisgenoot", "/messages")


def test_whatever_the_creditor_and_its_other_agent_report_an_agent_is_shown_the_same(client_of, clock, queue):
    water = factory.organisation(name="Waterbedrijf Westerdok")
    ours, other = (factory.organisation(Kind.AGENT) for _ in range(2))
    for agent in (ours, other):
        factory.mandate(agent, water)
    team = factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid"), name="Hanna Wouda", person_id=9)
    browser = client_of(factory.person(ours, Role.AGENT_MANAGER))
    sent = factory.signal(water, ours, **HOME)
    looks = [*LOOKS, f"/early-signals/{sent.ref}"]
    for path in looks:  # what is opened for the first time is noted
        browser.get(path)
    before = [re.sub(PASSING, "", browser.get(path).text) for path in looks]
    for one in (factory.signal(water, sort=Sort.CUT_OFF, **HOME), factory.signal(water, other, **HOME)):
        seen = Attempt(AttemptKind.VISIT, reached=True, on=date(2026, 6, 4), part=DayPart.EVENING, outcome=Outcome.WRONG)
        following.note_attempt(team, one.ref, seen, revision(one))
    telling.tell_feedback(date(2026, 6, 4))
    assert [re.sub(PASSING, "", browser.get(path).text) for path in looks] == before


PASSING = r'name="(csrf_token|until)" [^>]*>|[0-9a-f]{16,}'


def bare(text, signal):
    """Leave out what tells signals apart: number and reference."""
    return text.replace(signal.ref, "").replace(signal.reference, "")
