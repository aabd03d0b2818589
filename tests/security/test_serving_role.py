"""An installation as docs/operations.md tells: the owner migrates, the processes serve under a role that owns nothing, and a day passes."""

import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
import requests
from sqlalchemy import select, update

from app import connect, db
from app.accounts.people import DEMO_PEOPLE
from app.audit.service import verify
from app.config import FieldKeys
from app.creditors.models import Organisation
from app.jobs import service as jobs
from app.notifications.models import Message
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, Proposal
from tests import factory
from tests.conftest import NOW
from tests.security.conftest import ROLE
from tests.worker_ground import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
PORTAL = [sys.executable, "-c", "from app.cli import main; main()"]
WORKER = DEMO_PEOPLE[0][0]


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path, postgres_server, postgres_url, port):
    """The variables of an installation; `PORTAL_DATABASE_URL` is still the owner's."""
    postgres_server.psql(f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    keys = "index:" + "A" * 43 + "=,1:" + "A" * 43 + "="
    own = {"PORTAL_DATABASE_URL": postgres_url, "PORTAL_DATABASE_ROLE": ROLE, "PORTAL_FIELD_KEYS": keys, "PORT": str(port)}
    own |= {"PORTAL_SECRET_KEY": "a secret of this test, and long enough", "PORTAL_FILES": str(tmp_path / "files")}
    own |= {"PORTAL_CLOCK": NOW.isoformat()}
    return {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | own


def run(environment, *words):
    subprocess.run([*PORTAL, *words], env=environment, check=True, capture_output=True, timeout=120)


@pytest.fixture
def served(environment, settings):
    """The environment of who serves, with the demo's people in place and this test connected in the same role."""
    run(environment, "migrate")
    own = environment | {"PORTAL_DATABASE_URL": environment["PORTAL_DATABASE_URL"].replace("postgres:@", f"{ROLE}:@")}
    run(own, "import", "creditors", "demo/creditors.csv")
    run(own, "seed", "--people-only")
    keys = FieldKeys.parse(environment["PORTAL_FIELD_KEYS"])
    connect(replace(settings, database_url=own["PORTAL_DATABASE_URL"], field_keys=keys))
    jobs.bind(None)
    assert db.is_walled()
    yield own
    db.engine().dispose()


@pytest.fixture
def portal(served, port):
    """The address of web, with a worker beside it."""
    process = subprocess.Popen([*PORTAL, "serve"], env=served, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    wait_for(lambda: _answers(f"{address}/health"))
    yield address
    process.terminate()
    process.wait(30)


def _answers(address):
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def offer(served):
    """An offer to the demo's creditor that its agreement waits for."""
    with db.reading() as session:
        creditor = session.scalars(select(Organisation).where(Organisation.name == DEMO_PEOPLE[0][2])).one()
    made = factory.offers(creditor)[0]
    with db.transaction(
        as_portal=True
    ) as session:  # a worker that starts catches up with the machine's own yesterday, and closes what was over
        session.execute(update(Proposal).values(closes_on=date(2099, 1, 1)))
    return made


def _send(session, address, **fields):
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', session.get(address, timeout=20).text).group(1)
    return session.post(address, data=fields | {"csrf_token": token}, timeout=20)


def _offer(ref):
    with db.reading() as session:
        return session.scalar(select(Offer).where(Offer.ref == ref))


def test_an_answer_is_kept_mailed_and_in_the_audit(portal, offer):
    with requests.Session() as browser:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(f"{portal}/sign-in", timeout=20).text).group(1)
        browser.post(f"{portal}/demo/sign-in", data={"email": WORKER, "csrf_token": token}, timeout=20)
        answer = _send(browser, f"{portal}/offers/{offer.ref}", answer="accept", revision="1")
    assert answer.ok, answer.text
    assert _offer(offer.ref).state is OfferState.ACCEPTED
    wait_for(_is_mailed)
    with db.reading() as session:
        assert verify(session)[1] is None


def _is_mailed():
    """Tell whether the worker mailed that the agreement stands, which the answer of the only creditor brought about."""
    with db.reading() as session:
        return session.scalar(select(Message.mailed_at).where(Message.code == "proposals.agreed"))
