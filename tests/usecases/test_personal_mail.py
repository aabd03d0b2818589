"""Mail to people: a digest once a day, what is urgent at once, what is essential always, nothing twice, and links that end it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import db
from app.access import Kind, Role
from app.audit.models import Event
from app.errors import Conflict, NotFound, Refusal
from app.jobs import registry
from app.notifications import channels, choosing, personal
from app.notifications.choosing import MailboxWish
from app.notifications.mails import Stop, stop_path
from app.notifications.models import MailboxChoice, MailChoice, Message, PersonalMail
from app.notifications.rules import Mode, Wish
from app.notifications.service import Recipient, notify
from tests import factory

STOPPED = {"offer": "A-2222-3333"}  # can wait, and can be done without
ASKED = {"offer": "A-2222-3333", "total": "3", "agreed": "1", "by": "11-06-2026"}
pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture
def box(queue, monkeypatch):
    """Every mail that leaves, in its order."""
    sent = []
    monkeypatch.setattr(channels, "channel", lambda: type("Box", (), {"send": staticmethod(sent.append)}))
    return sent


@pytest.fixture
def water(database):
    return factory.organisation(name="Waterbedrijf Westerdok", email="post@water.example")


@pytest.fixture
def els(water):
    return factory.person(water, email="els@water.example")


def tell(organisation, code="offers.clock_stopped", **facts):
    with db.transaction() as session:
        notify(session, code, Recipient(organisation.email, organisation.id), "/offers", **facts or STOPPED)


def choose(person, mode, hour=9):
    factory.save(MailChoice(person_id=person.id, mode=mode, hour=hour))


def digests(queue, box):
    """Run the digests and return the subjects of what left."""
    personal.run_digests()
    queue.run_all()
    left = [(mail["To"], mail["Subject"]) for mail in box]
    box.clear()
    return left


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def test_what_can_wait_comes_once_in_the_digest_of_the_next_morning(water, els, queue, box, clock):
    clock.shift(60)
    for _ in range(2):
        tell(water)
    queue.run_all()
    assert [mail["To"] for mail in box] == ["post@water.example"] * 2
    box.clear()
    assert digests(queue, box) == []  # today's hour is over
    clock.shift(timedelta(days=1))
    assert digests(queue, box) == [("els@water.example", "2 nieuwe berichten in het Schuldeisersportaal")]
    assert digests(queue, box) == []


def test_a_digest_waits_for_the_hour_that_its_reader_chose(water, els, queue, box, clock):
    choose(els, Mode.DIGEST, hour=16)
    clock.shift(60)
    tell(water)
    queue.run_all()
    box.clear()
    clock.shift(timedelta(hours=6, minutes=58))
    assert digests(queue, box) == []
    clock.shift(60)
    assert len(digests(queue, box)) == 1


def test_what_came_after_the_hour_waits_for_the_next_day_though_no_digest_went(water, els, queue, box, clock):
    clock.shift(timedelta(hours=2))
    tell(water)
    queue.run_all()
    box.clear()
    clock.shift(timedelta(hours=3))
    assert digests(queue, box) == []
    clock.shift(timedelta(hours=19))
    assert len(digests(queue, box)) == 1


def test_after_days_without_a_worker_one_mail_tells_everything(water, els, queue, box, clock):
    for _ in range(3):
        tell(water)
        clock.shift(timedelta(days=1))
    queue.run_all()
    box.clear()
    assert digests(queue, box) == [("els@water.example", "3 nieuwe berichten in het Schuldeisersportaal")]
    assert digests(queue, box) == []


def test_of_two_workers_that_write_the_same_digest_one_does(water, els, queue, box, clock, monkeypatch):
    tell(water)
    clock.shift(timedelta(days=1))
    personal.run_digests()
    news = [message.id for message in everything(Message)]
    monkeypatch.setattr(personal, "_news", lambda *_: news)  # the second looked before the first wrote
    assert personal._write_digest(els.id) is False
    assert len(everything(PersonalMail)) == 1


def everything(model):
    with db.reading() as session:
        return list(session.scalars(select(model)))


def test_what_was_read_in_the_portal_is_told_no_more(water, els, queue, box, clock):
    tell(water)
    queue.run_all()
    box.clear()
    choosing.read_message(factory.actor(water, person_id=els.id), everything(Message)[0].id)
    clock.shift(timedelta(days=1))
    assert digests(queue, box) == []


@pytest.mark.parametrize(("mode", "mailed"), [(Mode.DIGEST, 1), (Mode.AT_ONCE, 1), (Mode.NONE, 1)])
def test_what_is_urgent_and_essential_comes_at_once_and_never_again(water, els, queue, box, clock, mode, mailed):
    choose(els, mode)
    tell(water, "proposals.asked_again", **ASKED)
    queue.run_all()
    assert [mail["To"] for mail in box].count("els@water.example") == mailed
    box.clear()
    clock.shift(timedelta(days=1))
    assert digests(queue, box) == []


@pytest.mark.parametrize(("code", "facts", "told"), [
    ("offers.clock_stopped", STOPPED, 0), ("offers.reminder", {"offers": "2", "first": "4-6"}, 0),
    ("proposals.agreed", {"offers": "A-1"}, 1), ("proposals.withdrawn", {"offers": "A-1", "number": "1"}, 1),
    ("proposals.issued", {"offers": "1", "covered": "0", "waiting": "1", "answer_by": "x"}, 1),
])  # fmt: skip
def test_who_wants_no_mail_still_gets_what_is_essential_once_a_day(water, els, queue, box, clock, code, facts, told):
    choose(els, Mode.NONE)
    tell(water, code, **facts)
    queue.run_all()
    assert [mail["To"] for mail in box] == ["post@water.example"]
    box.clear()
    clock.shift(timedelta(days=1))
    assert len(digests(queue, box)) == told


@pytest.mark.parametrize("mode", [Mode.DIGEST, Mode.AT_ONCE])
def test_of_a_subject_that_somebody_is_spared_only_what_is_essential_comes(water, els, queue, box, clock, mode):
    choosing.choose_mail(factory.actor(water, person_id=els.id), Wish(mode, 9, frozenset({"offers"})), 0)
    tell(water)
    tell(water, "offers.reminder", offers="2", first="4-6")
    tell(water, "offers.new_code", letter="A-2222-3333")
    tell(water, "balances.reminder", number="1", first="4-6")
    queue.run_all()
    clock.shift(timedelta(days=1))
    personal.run_digests()
    queue.run_all()
    told = [mail["Subject"] for mail in box if mail["To"] == els.email]
    assert [one.partition(" ")[0] for one in told] == ["Nieuwe", "1"], told


def test_what_somebody_is_spared_elsewhere_stays_and_what_it_cannot_see_is_no_choice(water, els):
    factory.save(MailChoice(person_id=els.id, muted=["accounts", "offers"]))
    me = factory.actor(water, person_id=els.id)
    choosing.choose_mail(me, Wish(muted=frozenset({"balances"})), 1)
    assert [choice.muted for choice in everything(MailChoice)] == [["accounts", "balances"]]
    with pytest.raises(Refusal, match="essential"):
        choosing.choose_mail(me, Wish(muted=frozenset({"accounts"})), 2)


def test_who_may_not_see_a_subject_is_not_mailed_it(queue, box, clock):
    team = factory.organisation(Kind.NEIGHBOURHOOD_TEAM)
    choose(factory.person(team, Role.COUNSELLOR), Mode.AT_ONCE)
    tell(team)
    queue.run_all()
    assert [mail["To"] for mail in box] == [team.email]


def test_a_message_to_one_person_waits_for_its_digest_too(water, els, queue, box, clock):
    facts = {"creditor": "Water", "version": "1", "ref": "C-2222-3333", "day": "1-7-2026"}
    with db.transaction() as session:
        notify(session, "consents.expiring", Recipient(els.email, water.id, "nl", els.id), "/consents/C-2222-3333", **facts)
    queue.run_all()
    assert box == []
    clock.shift(timedelta(days=1))
    assert len(digests(queue, box)) == 1


def test_a_crash_after_sending_repeats_the_same_mail_id(water, els, queue, box, clock, monkeypatch):
    tell(water)
    queue.run_all()
    box.clear()
    clock.shift(timedelta(days=1))
    personal.run_digests()
    with monkeypatch.context() as patched:
        patched.setattr(personal, "transaction", _dies)
        with pytest.raises(SystemExit):
            queue.run_all()
    queue.run_all()
    queue.run_all()
    assert len({mail["Message-ID"] for mail in box}) == 1
    assert len(box) == 2


def _dies(**_):
    raise SystemExit


def test_a_mail_is_text_and_html_in_the_language_of_its_reader_and_names_nothing_elsewhere(water, queue, box):
    english = factory.person(water, language="en")
    choose(english, Mode.AT_ONCE)
    tell(water, offer="<b>A-1</b>")
    queue.run_all()
    mail = next(mail for mail in box if mail["To"] == english.email)
    html = mail.get_body(("html",)).get_content()
    assert mail.get_content_type() == "multipart/alternative"
    assert '<html lang="en">' in html
    assert "&lt;b&gt;A-1&lt;/b&gt;" in html
    assert "<b>A-1</b>" in text_of(mail)
    assert all(url.startswith("http://portaal.example/") for url in re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"'\s>)]+)""", html))
    assert not re.search(r"<(img|script|link|iframe|style)\b", html)


# ── being rid of it ──────────────────────────────────────────────────────────


def test_what_is_essential_carries_no_link_to_be_rid_of_it(water, els, queue, box):
    for code, facts in (("proposals.asked_again", ASKED), ("offers.clock_stopped", STOPPED)):
        tell(water, code, **facts)
    queue.run_all()
    mails = {mail["Message-ID"]: mail for mail in box if mail["To"] == water.email}
    essential, other = mails["<message-1@schuldeisersportaal>"], mails["<message-2@schuldeisersportaal>"]
    assert "List-Unsubscribe" not in essential
    assert "/mail/stop/" not in essential.as_string()
    assert other["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def stop(mail):
    return mail["List-Unsubscribe"].strip("<>").rpartition("/")[2]


def test_the_link_of_a_mailbox_mutes_that_kind_alone(water, queue, box):
    tell(water)
    queue.run_all()
    choosing.stop_mail(stop(box[0]), "test")
    box.clear()
    tell(water)
    tell(water, "proposals.withdrawn", offers="A-1", number="1")
    queue.run_all()
    assert [mail["Subject"] for mail in box] == ["Aanbod A-1 is vervallen"]


def test_the_link_of_a_person_leaves_what_is_essential_and_is_kept_in_the_log(water, els, queue, box):
    choose(els, Mode.AT_ONCE, hour=7)
    tell(water)
    queue.run_all()
    link = stop(next(mail for mail in box if mail["To"] == els.email))
    for _ in range(2):
        choosing.stop_mail(link, "POST /mail/stop 10.0.0.1")
    assert [(choice.mode, choice.hour) for choice in everything(MailChoice)] == [(Mode.NONE, 7)]
    assert [event.actor for event in everything(Event) if event.action == "messages:choose"] == ["link in een mail"]


@pytest.mark.parametrize("token", ["", "x", "x.y", "é.é", f"{'a' * 5000}.b"])
def test_a_link_that_we_did_not_sign_ends_nothing(database, token):
    with pytest.raises(NotFound):
        choosing.stop_mail(token, "test")


def test_a_link_that_was_changed_or_is_about_something_essential_ends_nothing(water, els):
    good = stop_path(Stop(els.id)).rpartition("/")[2]
    essential = stop_path(Stop(organisation_id=water.id, code="proposals.issued")).rpartition("/")[2]
    for token in (good[:-1] + ("A" if good[-1] != "A" else "B"), good.partition(".")[0], essential, f"{good}.x"):
        with pytest.raises(NotFound):
            choosing.stop_mail(token, "test")
    assert everything(MailChoice) == everything(MailboxChoice) == []


# ── choosing ─────────────────────────────────────────────────────────────────


def test_a_choice_on_a_page_that_is_old_is_not_kept(water, els):
    me = factory.actor(water, person_id=els.id)
    choosing.choose_mail(me, Wish(Mode.AT_ONCE, 7), 0)
    with pytest.raises(Conflict):
        choosing.choose_mail(me, Wish(Mode.NONE, 7), 0)
    with pytest.raises(Refusal, match="hour"):
        choosing.choose_mail(me, Wish(Mode.NONE, 3), 2)


def test_a_mailbox_cannot_be_spared_what_is_essential(water):
    manager = factory.actor(water, Role.CREDITOR_MANAGER)
    with pytest.raises(Refusal, match="essential"):
        choosing.choose_mailbox(manager, water.id, MailboxWish(["proposals.issued"], "nl", 0))
    with pytest.raises(NotFound):
        choosing.choose_mailbox(manager, factory.organisation().id, MailboxWish([], "nl", 0))


def test_a_mailbox_is_written_to_in_the_language_of_its_choice(water, queue, box):
    choosing.choose_mailbox(factory.actor(water, Role.CREDITOR_MANAGER), water.id, MailboxWish([], "en", 0))
    tell(water)
    queue.run_all()
    assert box[0].get_body(("html",)).get_content().startswith('<!doctype html>\n<html lang="en">')


def test_an_organisation_without_an_address_is_told_in_the_portal_and_its_managers_of_what_is_urgent(queue, box):
    agent = factory.organisation(Kind.AGENT, email="")
    manager, worker = factory.person(agent, Role.AGENT_MANAGER), factory.person(agent)
    choose(worker, Mode.NONE)
    choose(manager, Mode.NONE)
    tell(agent, "offers.reminder", offers="2", first="4-6")
    queue.run_all()
    assert [mail["To"] for mail in box] == [manager.email]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_digests_are_written_each_hour_and_an_hour_is_no_day():
    assert registry.JOBS["notifications.digests"].cron == "2 * * * *"
    with pytest.raises(ValueError, match="not a minute"):
        registry.hourly("60")
