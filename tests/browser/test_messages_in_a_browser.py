"""The pages of messages as a manager sees them, with script that notes what was opened; read by axe at every width."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from app import db
from app.access import Role
from app.notifications.mails import Stop, stop_path
from app.notifications.models import Bounce, MailboxChoice, MailChoice, MessageMark
from app.notifications.service import Recipient, notify
from app.web import act_as
from tests import factory
from tests.browser.conftest import serving
from tests.conftest import NOW

SHOTS = os.environ.get("PICTURES", "")  # a folder to keep pictures in, for whoever looks beside the mockups


@pytest.fixture
def linde(queue):
    """De Linde was told of a new proposal, of one that was asked again and of one that ended; two addresses refuse mail."""
    linde = factory.organisation(name="Zorgverzekeraar De Linde", email="schuldhulp@linde.example")
    factory.save(*(Bounce(address=one, status="5.1.1", bounced_at=NOW) for one in (linde.email, "els@linde.example")))
    factory.person(linde, email="els@linde.example", name="Els Vermaat")
    to = Recipient(linde.email, linde.id)
    with db.transaction() as session:
        notify(session, "proposals.issued", to, "/offers", offers=12, covered=7, waiting=5, answer_by="02-07-2026")
        notify(session, "proposals.withdrawn", to, "/offers", offers="A-2222-3333, A-4444-5555", number=2)
        facts = {"offer": "A-2222-3333", "total": 9, "agreed": 8, "by": "18-06-2026"}
        notify(session, "proposals.asked_again", to, "/offers", **facts)
    queue.run_all()
    return linde


@pytest.fixture
def place(app, linde):
    manager = factory.person(linde, Role.CREDITOR_MANAGER, name="Pieter Dros")
    actor = factory.actor(linde, Role.CREDITOR_MANAGER, person_id=manager.id)
    app.before_request_funcs.setdefault(None, []).append(lambda: act_as(actor))
    with serving(app) as address:
        yield address


def rows(model):
    with db.reading() as session:
        return list(session.scalars(select(model)))


@pytest.fixture
def look(page, place, check_page):
    """`look(path, name)` opens a page, checks it, and keeps a picture of it when somebody asked for pictures."""

    def opens(path, name):
        page.goto(f"{place}{path}")
        for width in (320, 1280) if SHOTS else ():
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        check_page(page)
        return page

    return opens


def test_what_is_opened_is_read_and_leads_to_its_work(look):
    page = look("/messages", "berichten")
    page.get_by_role("link", name="Wilt u aanbod A-2222-3333 heroverwegen?").click()
    page.locator("form[data-read]").wait_for(state="hidden")
    assert [mark.message_id for mark in rows(MessageMark) if mark.read_at] == [3]
    look("/messages/3", "bericht")
    page.get_by_role("button", name="Ga erheen").click()
    assert page.url.endswith("/offers")


def test_choosing_mail_and_sparing_the_mailbox(look):
    page = look("/messages/settings", "keuze")
    page.get_by_label("Alleen wat moet").check()
    page.get_by_label("Hoe laat?").select_option("16.00")
    page.get_by_label("Saldoverzoeken").uncheck()
    page.get_by_role("button", name="Bewaar").click()
    page.locator("main").get_by_text("Zo krijgt u voortaan mail").wait_for()
    assert [(choice.mode, choice.hour, choice.muted) for choice in rows(MailChoice)] == [("none", 16, ["balances"])]
    page = look("/messages/mailbox", "mailbox")
    page.get_by_label("Termijnen die stilstaan").uncheck()
    page.get_by_role("button", name="Bewaar").click()
    page.locator("main").get_by_text("Dit gaat voortaan naar de gedeelde mailbox").wait_for()
    assert [choice.muted for choice in rows(MailboxChoice)] == [["offers.clock_stopped"]]


def test_addresses_that_refuse_mail_and_the_link_of_a_mail(look, linde):
    look("/people", "collegas")
    look("/organisation", "organisatie")
    page = look("/messages/bounced", "terug")
    page.get_by_role("button", name="Het adres klopt, mail weer").first.click()
    page.locator("main").get_by_text("Er gaat weer mail naar").wait_for()
    page = look(stop_path(Stop(organisation_id=linde.id, code="offers.reminder")), "stop")
    page.get_by_role("button", name="Ja, zet deze mail uit").click()
    page.get_by_role("heading", name="U krijgt deze mail niet meer").wait_for()
