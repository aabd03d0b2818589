"""Web and worker die at random moments while creditors answer: each acknowledged answer is there once, and its mail leaves."""

import http.client
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.audit.models import Event
from app.audit.service import verify
from app.clock import today
from app.jobs import service as jobs
from app.notifications.models import Message
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, OfferEvent
from tests import factory
from tests.security.counting import count
from tests.security.mail_server import mail_server
from tests.security.served import Browser, cookie_of, environment, running
from tests.worker_ground import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks up processes in /proc")]
OFFERS, CLIENTS, KILLS, SEED = 60, 3, 6, 20261124
COMMANDS = {"web": ["web", "--workers", "2"], "worker": ["worker"]}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    return f"sqlite:///{tmp_path / 'portal.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def env(url, tmp_path, mail):
    """An installation with a creditor that has many offers to answer, each of them a proposal of its own."""
    ready = environment(url, tmp_path, PORTAL_MAIL_URL=mail.url)
    jobs.bind(None)
    factory.organisation(Kind.BANK)
    yield ready
    db.engine().dispose()


def _offer(creditor):
    """Return an offer of today (the daily work closes what is over), the only one of its proposal."""
    case = factory.case()
    claim = factory.claim(case, creditor)
    return factory.offer(factory.proposal(case, [claim], issued_on=today()), claim).ref


class Portal:
    """Web and worker as a supervisor runs them: what dies is started again."""

    def __init__(self, env, stack):
        self._env, self._stack, self.kills = env, stack, Counter()
        self.processes = {name: self._start(name) for name in COMMANDS}

    def _start(self, name):
        return self._stack.enter_context(running(self._env, *COMMANDS[name]))

    def kill_one(self, chance):
        """Kill the worker, the whole web side, or one of its processes."""
        what = chance.choice(["worker", "web", "one of web", "one of web"])
        process = self.processes[what.split()[-1]]
        found = _children(process.pid) if what == "one of web" else [process.pid]
        for pid in found[:1]:
            os.kill(pid, signal.SIGKILL)
            self.kills[what] += 1
        if what != "one of web":
            process.wait()

    def start_again(self):
        """Start what is dead, as a supervisor does: a web side whose processes die too soon after each other gives up by itself."""
        for name, one in self.processes.items():
            if one.poll() is not None:
                self.processes[name] = self._start(name)


def _children(pid):
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Client(threading.Thread):
    """Somebody who answers offer after offer, and writes down only what the portal acknowledged."""

    def __init__(self, browser, refs, deadline):
        super().__init__()
        self.browser, self.refs, self.deadline, self.ledger, self.unsure = browser, refs, deadline, [], 0

    def run(self):
        for ref in self.refs:
            while time.monotonic() < self.deadline and not self._answered(ref):
                time.sleep(0.05)

    def _answered(self, ref):
        """Answer an offer; True when the portal said so now, or turns out to have it from an attempt whose answer was lost."""
        path = f"/offers/{ref}"
        try:
            status, _, page = self.browser.get(path)
            revision = re.search(r'name="revision"[^>]*value="(\d+)"', page)
            if status != 200 or not revision:
                self.unsure += status == 200
                return status == 200  # no form any more: it was answered
            time.sleep(0.08)  # as somebody who reads, though fast
            status, headers, _ = self.browser.post(path, answer="accept", revision=revision[1])
        except (OSError, http.client.HTTPException):
            return False
        if status != 302 or headers["Location"].startswith(path):
            return False
        self.ledger.append(ref)
        return True


@pytest.fixture
def outcome(env):
    """The ledgers of three clients, after some kills at random moments, with everything up and done at the end."""
    creditor = factory.organisation()
    person, refs = factory.person(creditor), [_offer(creditor) for _ in range(OFFERS)]
    deadline, chance = time.monotonic() + 240, random.Random(SEED)  # noqa: S311 (not a secret)
    with ExitStack() as stack:
        portal = Portal(env, stack)
        wait_for(Browser(int(env["PORT"])).is_answered)
        shares = [refs[number::CLIENTS] for number in range(CLIENTS)]
        clients = [Client(Browser(int(env["PORT"]), cookie_of(person), 10), share, deadline) for share in shares]
        for client in clients:
            client.start()
        while any(client.is_alive() for client in clients):
            time.sleep(chance.uniform(0.2, 0.9))
            if portal.kills.total() < KILLS:
                portal.kill_one(chance)
            portal.start_again()
        wait_for(_nothing_waits)
    return refs, [ref for client in clients for ref in client.ledger], portal.kills


def _nothing_waits():
    with db.reading(as_portal=True) as session:
        return session.scalars(select(Message.id).where(Message.mailed_at.is_(None)).limit(1)).one_or_none() is None


def test_each_acknowledged_answer_is_there_once_and_its_mail_left(outcome, mail):
    refs, ledger, kills = outcome
    with db.reading(as_portal=True) as session:
        states = {row.ref: row.state for row in session.execute(select(Offer.ref, Offer.state))}
        answered = Counter(
            session.scalars(select(Offer.ref).join(OfferEvent, OfferEvent.offer_id == Offer.id).where(OfferEvent.what == "answered"))
        )
        noted = Counter(session.scalars(select(Event.subject).where(Event.action == "offers:answer")))
        told = Counter(
            ref
            for facts in session.scalars(select(Message.facts).where(Message.code == "proposals.agreed"))
            for ref in facts["offers"].split(", ")
        )
        messages = session.scalars(select(Message.id)).all()
        assert verify(session)[1] is None
    assert kills.total() > KILLS // 2  # a quick machine may be ready before the last
    assert len(ledger) == len(set(ledger)) > OFFERS // 2
    assert {states[ref] for ref in refs} == {OfferState.ACCEPTED}
    assert answered == told == dict.fromkeys(refs, 1)
    assert noted == {f"offer/{ref}": 1 for ref in refs}
    assert set(mail.ids()) == {f"<message-{number}@schuldeisersportaal>" for number in messages}
    count("7 kill -9", "kills of web and worker", kills.total())
    count("7 kill -9", "acknowledged answers", len(ledger))
    count("7 kill -9", "mails that left, each under one id", len(messages))
