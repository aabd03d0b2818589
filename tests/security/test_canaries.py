"""Every text of another organisation carries a marker; whatever is opened, searched, downloaded, mailed or logged, none of them sings."""

import json
import logging
import re
from base64 import b64encode
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from app import db
from app.cases.models import Case, Claim
from app.clock import now
from app.exchange.models import Upload
from app.jobs import service as jobs
from app.logs import JsonLines
from app.proposals.issuing import issue_proposal
from app.proposals.lifecycle import RejectReason
from app.proposals.models import Proposal
from app.proposals.responding import Seen, reject_offer
from app.sealing import unsealed_words
from tests import factory
from tests.conftest import KEYS
from tests.security import canary, crawl, matrix
from tests.security.counting import count
from tests.security.world import PASSWORD, SECRET, TEAM, actor

pytest_plugins = ["tests.security.copies"]
PERSONAL = {"case_file"}  # the tables of what is known of a client
REGISTER = {"organisation", "organisation_contact", "mandate"}  # which everybody who works for the city may read
BY_LINK = {"meeting.ref", "meeting.place", "organisation.name"}  # of a calendar, whose link is its own key, whoever holds it
SHOWN = {
    "organisation.name", "organisation.street", "organisation.iban", "organisation_contact.name", "person.name", "person.email",
    "case_file.surname", "case_file.street", "offer.reference", "offer.words", "offer_event.who", "job_progress.title", "passkey.name",
    "joining.name", "offer.ref", "document.ref", "consent.ref", "consent.signed_by", "case_file.city",
}  # fmt: skip


@pytest.fixture
def theirs(portal, world):
    """What belongs to the other creditor: its number, its people, and the case in which nobody else has a claim."""
    with db.reading() as session:
        case = session.scalar(sa.select(Case.id).where(Case.ref == world.things["theirs"]["case"]))
    return world.organisations["theirs"], [world.people[name].person_id for name in ("worker2", "manager2")], [case]


@pytest.fixture
def told(portal, world, theirs, capsys, caplog):
    """Seed the other creditor, let a shared case be issued, answered and mailed, and return all markers with the mails and the work."""
    caplog.set_level(logging.DEBUG)
    upload = {"ref": db.new_ref("I"), "kind": "cases", "person_name": "x", "organisation_name": "x", "rows": 1, "outcome": "[]"}
    factory.save(Upload(organisation_id=theirs[0], created_at=now(), **upload))
    numbers = _give_numbers()
    markers = canary.plant(*theirs)
    with db.reading() as session:
        shared = sa.select(Case.id).where(Case.ref == world.things["approved"]["case"])
        proposal = session.scalar(sa.select(Proposal.ref).where(Proposal.case_id.in_(shared)))
    issue_proposal(actor(world.people, "officer"), proposal)
    reject_offer(actor(world.people, "manager2"), Seen(world.things["theirs"]["offer"], 1), RejectReason.POLICY, "woorden", confirmed=True)
    work = jobs.queue().waiting()
    jobs.queue().run_all()
    markers |= canary.plant(*theirs)
    return markers | canary.own_secrets(*theirs), numbers, capsys.readouterr().out, work


def _give_numbers():
    """Give every client a BSN that is valid, and return them."""
    numbers = {}
    with db.transaction() as session:
        for case in session.scalars(sa.select(Case).order_by(Case.id)):
            case.bsn = canary.bsn(900_000_000 + case.id * 100_000)
            numbers[case.bsn] = case.ref
    return numbers


def secrets():
    """Return what never leaves the server: keys, passwords and their hashes, the secrets of apps, tokens of sessions."""
    keys = [*KEYS.ring.values(), KEYS.index]
    found = ["a secret of the tests", PASSWORD, SECRET, "$argon2"]
    return found + [text for key in keys for text in (b64encode(key).decode(), key.hex())]


def singing(said, markers):
    """Return which markers sing where; what was asked for is left out of the answer, for a page may repeat it."""
    pattern = re.compile("|".join(sorted(map(re.escape, markers), key=len, reverse=True)))
    found = {}
    for path, text in said.items():
        asked = [part for part in re.split(r"[/?&=.:]", path) if len(part) > 4]
        for part in asked:
            text = text.replace(part, "")
        for marker in set(pattern.findall(text)):
            found.setdefault(str(markers[marker]), set()).add(path)
    return found


def forbidden_to(name, markers):
    """Return the markers that somebody may see nowhere: all of the other creditor's; for a team, those of the other team's case.

    A team reads the register, and names the creditors of its own clients; an agent remembers for whom it once acted.
    """
    with db.reading() as session:
        of_team = set(session.scalars(sa.select(Claim.id).join(Case).where(Case.team == TEAM)))
    allowed = {
        "team": lambda place: place.table in REGISTER or (place.table == "claim" and place.id in of_team),
        "agent2": lambda place: str(place) == "organisation.name",
    }.get(name, lambda _: False)
    return {text: place for text, place in markers.items() if not allowed(place)}


@pytest.mark.parametrize("name", ["manager", "agent", "agent2", "team", "nobody", "code"])
def test_nothing_of_another_organisation_sings(portal, world, told, caplog, name):
    markers, numbers, _, _ = told
    said = crawl.crawl(world.browser(portal, name), crawl.addresses(world))
    said |= {path: crawl.words(answer) for answer, path in _posts(portal, world, name)}
    calendars = {path: said.pop(path) for path in list(said) if path.startswith("/relations/calendar/")}
    assert set(singing(calendars, forbidden_to(name, markers))) <= BY_LINK
    assert singing(said, forbidden_to(name, markers)) == {}
    assert singing(said, numbers | dict.fromkeys(secrets(), "secret")) == {}
    assert singing(_logged(caplog), markers | numbers | dict.fromkeys(secrets(), "secret")) == {}
    count("2 canaries", "pages and files without one", len(said))


def _posts(portal, world, name):
    """Send every form about what is somebody else's or missing."""
    for line in matrix.lines():
        if line.method == "POST" and line.things in {"theirs", "missing"}:
            yield matrix.ask(world.browser(portal, name), world, line)


def _logged(caplog):
    """Return every line that was logged, with all that its record holds."""
    lines = [f"{JsonLines().format(record)} {vars(record)}" for record in caplog.records if record.name.startswith("portal")]
    return {"log": "\n".join(lines)}


@pytest.mark.parametrize("name", ["manager", "agent"])
def test_no_search_finds_it(portal, world, told, name):
    """Looking for a marker gives the very page that looking for nonsense gives."""
    browser, nonsense = world.browser(portal, name), "zq9999y"
    for address in crawl.searches([nonsense]):
        nothing = _page(browser, address, nonsense)
        for marker in {str(place): text for text, place in told[0].items()}.values():  # one of each column
            assert _page(browser, address.replace(nonsense, marker), marker) == nothing, (address, marker)
            count("2 canaries", "searches that find none")


SOUGHT = re.compile(r'\bq=([^"&]+)')


def _page(browser, address, text):
    answer = browser.get(address, buffered=True)
    page = SOUGHT.sub(lambda found: f"q={unsealed_words(unquote(found[1]))}", answer.text)  # sealed anew each time
    return answer.status_code, page.replace(text, "").replace(answer.headers["X-Request-Id"], "")


def test_mail_and_work_carry_none(told, world):
    """A mail names references of its own receiver; work is queued with numbers alone."""
    markers, numbers, mails, work = told
    planted = {text: place for text, place in markers.items() if text.startswith("zq")}
    assert singing({"": json.dumps(work)}, planted | numbers) == {}
    written = re.split(r"(?m)^── mail to ", mails)[1:]
    assert len(written) > 2
    personal = {text: place for text, place in planted.items() if place.table in PERSONAL}
    for mail in written:
        assert singing({"": mail}, personal | numbers | dict.fromkeys(secrets(), "secret")) == {}
        to = mail.partition(":")[0]
        if "zq" not in to and "kredietbank" not in mail.lower()[:80]:
            assert singing({"": mail}, planted) == {}
        count("2 canaries", "mails without one")


def test_the_owner_itself_hears_them_sing(portal, world, told):
    """The control: the same reading by whom they belong to finds them, so that the silence of the others is no deafness."""
    markers, _, mails, _ = told
    heard = set()
    for name in ("manager2", "worker2"):
        heard |= set(singing(crawl.crawl(world.browser(portal, name), crawl.addresses(world)), markers))
    assert heard >= SHOWN
    assert len(heard) > 30
    assert any(marker in mails for marker in markers)
    count("2 canaries", "canaries", len(markers))
    count("2 canaries", "columns heard by their owner", len(heard))
