"""Issuing that is killed half-way loses nothing: the next run sends the rest, each offer once, and every letter is ordered once."""

import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dbos import DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import func, select

from app import clock, connect, db
from app.access import Kind
from app.audit.service import verify
from app.cases.importing import import_cases
from app.config import Settings
from app.consents.models import Assessment
from app.creditors.importing import import_creditors
from app.jobs import service as jobs
from app.jobs.engine import APPLICATION
from app.notifications.models import Message
from app.proposals.lifecycle import ProposalState
from app.proposals.models import Offer, Proposal
from tests import factory
from tests.worker_ground import wait_for

pytestmark = pytest.mark.slow
PORTAL = [sys.executable, "-c", "from app.cli import main; main()"]
DEMO = Path(__file__).parent.parent.parent / "demo"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)  # the balances of the samples are in
OFFICERS = ("mila@stad.example", "ruben@stad.example")
ISSUE = [*PORTAL, "proposals", "issue", "--ready", "--as", OFFICERS[0], "--approved-by", OFFICERS[1], "--json"]


def _url(request, folder):
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'portal.sqlite'}"
    server = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE portal_killed")
    return server.get_uri(database="portal_killed").replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def environment(request, tmp_path_factory):
    """A portal with the sample cases and two officers, and the environment in which its commands run."""
    folder, key = tmp_path_factory.mktemp("killed"), b64encode(bytes(32)).decode()
    ours = {"PORTAL_DATABASE_URL": _url(request, folder), "PORTAL_FIELD_KEYS": f"index:{key},1:{key}"}
    ready = os.environ | ours | {"PORTAL_FILES": str(folder / "files"), "PORTAL_CLOCK": NOW.isoformat()}
    subprocess.run([*PORTAL, "migrate"], env=ready, check=True, timeout=120)
    connect(Settings.from_env(ready))
    jobs.bind(None)
    bank = factory.organisation(Kind.BANK)
    for email in OFFICERS:
        factory.person(bank, email=email)
    import_creditors(factory.actor(bank), DEMO / "creditors.csv")
    import_cases(factory.actor(bank), DEMO / "aanvragen.csv", DEMO / "eisers.csv")
    yield ready
    clock.start_at(None)
    db.engine().dispose()


@pytest.fixture(scope="module")
def after_the_kill(environment):
    """What was there when the process was killed, and what the two runs after it tell."""
    with subprocess.Popen(ISSUE, env=environment, stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: _count(Offer) > 1000)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return _count(Offer), *(_issue(environment) for _ in range(2))


def test_the_next_run_sends_the_rest_and_the_one_after_it_nothing(after_the_kill):
    before, second, third = after_the_kill
    assert 1000 < before < before + second["offers"] == _count(Offer)
    assert (third["issued"], third["offers"]) == (0, 0)


def test_each_case_and_each_claim_is_proposed_once(after_the_kill):
    running = (ProposalState.ISSUED, ProposalState.AGREED)
    with db.reading() as session:
        cases = session.scalars(select(Proposal.case_id).where(Proposal.state.in_(running))).all()
        claims = session.scalars(select(Offer.claim_id)).all()
        assert verify(session)[1] is None
    assert len(cases) == len(set(cases))
    assert len(claims) == len(set(claims)) == _count(Assessment)


def test_every_letter_is_ordered_once_and_nobody_is_told_twice(after_the_kill):
    with db.reading() as session:
        offers = session.scalars(select(Offer.id).order_by(Offer.id)).all()
        told = session.scalars(select(Message.organisation_id).where(Message.code == "proposals.issued")).all()
    assert sorted(_ordered()) == offers
    assert len(told) == len(set(told))


def _issue(environment):
    return json.loads(subprocess.run(ISSUE, env=environment, check=True, capture_output=True, timeout=120).stdout)


def _count(table):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def _ordered():
    """Return the offers of every job of letters that waits in the engine's queue."""
    client = DBOSClient(system_database_engine=db.engine(), serializer=DBOSPortableJSONSerializer(), application_name=APPLICATION)
    waiting = client.list_workflows(name="proposals.write_letters", limit=1000)
    return [offer for work in waiting for offer in work.input["args"][0]["offers"]]
