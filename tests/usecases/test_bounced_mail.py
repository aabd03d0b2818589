"""Addresses that refuse mail: marked once, mailed no more until confirmed or changed, and shown to who looks after them."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from app import db
from app.access import Kind, Role
from app.accounts.queries import people_page
from app.cli import portal
from app.creditors.models import Organisation
from app.creditors.queries import organisation_page, own_organisation
from app.errors import NotFound, Refusal
from app.notifications import channels, choosing
from app.notifications.models import Bounce, Message
from app.notifications.queries import bounce_page
from app.notifications.reports import read_report
from app.notifications.returning import Outcome, take_report
from app.notifications.rules import Unsent
from app.notifications.service import Recipient, notify
from app.privacy.retention import run_retention
from tests import factory
from tests.conftest import NOW
from tests.security.mail_server import mail_server

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def server(queue, monkeypatch):
    monkeypatch.setattr(channels, "PAUSE", 0.0)
    with mail_server() as found:
        channels.send_by(found.url, "http://portaal.example")
        yield found
        channels.send_by("console:", "http://portaal.example")


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok", email="Post@water.example")


@pytest.fixture
def manager(water):
    return factory.person(water, Role.CREDITOR_MANAGER)


def tell(organisation, code="offers.clock_stopped", **facts):
    with db.transaction() as session:
        notify(session, code, Recipient(organisation.email, organisation.id), "/offers", **facts or {"offer": "A-1"})


def rows(model):
    with db.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def acting(water, manager):
    return factory.actor(water, Role.CREDITOR_MANAGER, person_id=manager.id)


def test_an_address_that_is_unknown_is_marked_and_its_managers_are_told_without_it(server, water, manager, queue):
    server.refuses = {"post@water.example": "550 5.1.1 unknown"}
    tell(water)
    queue.run_all()
    assert [(row.address, row.status) for row in rows(Bounce)] == [("post@water.example", "5.1.1")]
    assert [message.unsent for message in rows(Message)] == [Unsent.BOUNCED, None]
    assert len(server.taken) == 1
    assert "post@water.example" not in server.taken[0][1].lower()


def test_nothing_goes_to_a_marked_address_until_somebody_confirms_it(server, water, manager, queue):
    factory.save(Bounce(address="post@water.example", status="5.1.1", bounced_at=NOW))
    tell(water)
    queue.run_all()
    assert server.calls == 0
    assert choosing.confirm_address(acting(water, manager), rows(Bounce)[0].id) == "Post@water.example"
    tell(water)
    queue.run_all()
    assert len(server.taken) == 1


def test_a_changed_address_is_mailed_and_the_mark_of_the_old_one_goes(server, water, queue):
    factory.save(Bounce(address="post@water.example", status="5.1.1", bounced_at=NOW))
    with db.transaction() as session:
        session.execute(update(Organisation).where(Organisation.id == water.id).values(email="nieuw@water.example"))
    water.email = "nieuw@water.example"
    tell(water)
    queue.run_all()
    assert len(server.taken) == 1
    run_retention()
    assert rows(Bounce) == []


def test_a_mark_stays_as_long_as_the_address_is_somebodys(server, water, manager, clock):
    for address in ("post@water.example", manager.email):
        factory.save(Bounce(address=address, status="5.1.1", bounced_at=NOW))
    clock.shift(timedelta(days=100))
    run_retention()
    assert len(rows(Bounce)) == 2


@pytest.mark.parametrize("refusal", ["550 5.7.1 not allowed", "450 4.2.1 later", "452 full"])
def test_a_refusal_that_is_not_about_the_address_is_tried_again_and_marks_nothing(server, water, queue, refusal):
    server.refuses = {"post@water.example": refusal}
    tell(water)
    queue.run_as_the_worker()
    assert rows(Bounce) == []
    assert rows(Message)[0].unsent is rows(Message)[0].mailed_at is None


def test_when_the_mailbox_refuses_mail_a_manager_gets_what_is_urgent(server, water, manager, queue):
    factory.save(Bounce(address="post@water.example", status="5.1.1", bounced_at=NOW))
    tell(water, "offers.reminder", offers="2", first="4-6")
    queue.run_all()
    assert [manager.email in text for _, text in server.taken] == [True]


def test_who_looks_after_an_address_sees_it_and_others_see_nothing(water, manager, queue):
    worker = factory.person(water)
    for address in ("post@water.example", worker.email):
        factory.save(Bounce(address=address, status="5.1.1", bounced_at=NOW))
    me, stranger = acting(water, manager), factory.actor(factory.organisation(), Role.CREDITOR_MANAGER)
    officer, admin = (factory.actor(factory.organisation(kind)) for kind in (Kind.BANK, Kind.CITY))
    with db.reading() as session:
        assert [len(bounce_page(session, one)) for one in (me, stranger, officer, admin)] == [2, 0, 1, 2]
        assert [row.is_bounced for row in people_page(session, me).people if row.person_id == worker.id] == [True]
        assert organisation_page(session, me, own_organisation(session, me)).is_bounced
        with pytest.raises(NotFound):
            bounce_page(session, factory.actor(water))
    with pytest.raises(NotFound):
        choosing.confirm_address(stranger, rows(Bounce)[0].id)


# ── what mail servers send back ──────────────────────────────────────────────


def report(sent, status="5.1.1", action="failed", head="text/rfc822-headers"):
    """A delivery status notification (RFC 3464) as mail servers write it, about a mail that was sent."""
    returned = str(sent) if head == "message/rfc822" else str(sent).split("\n\n")[0] + "\n"
    return f"""From: MAILER-DAEMON@mail.example
To: portaal@stad.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="GRENS"

--GRENS
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--GRENS
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Thu, 4 Jun 2026 09:00:00 +0200

Final-Recipient: rfc822; elders@doorgestuurd.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--GRENS
Content-Type: {head}

{returned}
--GRENS--
""".encode()


@pytest.fixture
def sent(server, water, queue):
    """A mail as the mail server took it."""
    tell(water)
    queue.run_all()
    return server.taken[0][1].replace("\r\n", "\n")


@pytest.mark.parametrize("head", ["text/rfc822-headers", "message/rfc822"])
def test_a_mail_that_comes_back_marks_the_address_that_we_wrote_to(sent, head):
    assert [take_report(report(sent, head=head)) for _ in range(2)] == [Outcome.MARKED] * 2
    assert [row.address for row in rows(Bounce)] == ["post@water.example"]


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "5.7.1"), ("failed", "4.4.7"), ("relayed", "2.0.0")])
def test_a_delay_or_a_refusal_of_the_mail_marks_nothing(sent, action, status):
    assert take_report(report(sent, status, action)) is Outcome.NOT_FOR_GOOD
    assert rows(Bounce) == []


def test_who_did_not_get_our_mail_cannot_have_an_address_marked(sent):
    forged = "\n".join(line for line in sent.split("\n") if not line.startswith("Portal-Proof"))
    other = sent.replace("<message-1@", "<message-2@")
    assert [take_report(report(one)) for one in (forged, other)] == [Outcome.NOT_OURS] * 2
    assert rows(Bounce) == []


@pytest.mark.parametrize("broken", ["<", "<message-1@", "<message-1@[portaal.example>", "=?utf-8?q?=?=", ""])
def test_a_mail_that_comes_back_broken_names_no_mail_of_ours(broken):
    for head in ("text/rfc822-headers", "message/rfc822"):
        found = read_report(report(f"Message-ID: {broken}\nPortal-Proof: x\n\nGoedemorgen", head=head), "Portal-Proof")
        assert (found.name, found.statuses) == ("", ("5.1.1",))


EMPTY = b"Content-Type: multipart/report; report-type=delivery-status\n\n"


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"Subject: hallo\n\nik ben er niet", EMPTY])
def test_any_other_mail_is_refused_in_words(database, content):
    with pytest.raises(Refusal, match="no_report"):
        take_report(content)


def test_a_mail_server_can_hand_a_report_to_the_command(sent, settings, monkeypatch, tmp_path):
    monkeypatch.setattr("app.config.Settings.from_env", lambda: settings)
    (tmp_path / "bericht.eml").write_bytes(report(sent))
    done = CliRunner().invoke(portal, ["mail", "bounced", str(tmp_path / "bericht.eml")])
    assert (done.exit_code, "gemerkt" in done.output) == (0, True)
    refused = CliRunner().invoke(portal, ["mail", "bounced", "-"], input="Subject: hallo\n\nik ben er niet")
    assert (refused.exit_code, "er is niets veranderd" in refused.output) == (1, True)
