"""Family 10: texts made to hurt, in every field of every form: each comes out equal and escaped, or is refused with a sentence."""

import re
import shutil
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask_wtf import FlaskForm
from sqlalchemy import select, update
from wtforms import HiddenField, StringField

from app import db
from app.accounts.people import DEMO_PASSWORD
from app.accounts.service import open_whole
from app.clock import now
from app.config import Federation, Provider
from app.jobs import service as jobs
from app.notifications import service as notifications
from app.notifications.models import Message
from app.proposals.lifecycle import AnsweredBy
from app.proposals.models import Offer
from app.sealing import blind_index
from tests import factory, portals
from tests.fake_jobs import FakeQueue
from tests.security import page_list
from tests.security.counting import count
from tests.security.hostile_text import MARK, TEXTS, UNSEEN, Page, bare, filled
from tests.security.page_world import CODE, ISSUER, full_world

LOCAL = re.compile(r"/(?![/\\])|[?#]|mailto:|tel:")
WHOLE = {name: bare(text) for name, text in TEXTS.items()}


@pytest.fixture
def portal(settings, queue, clock):
    """A portal with something on every page, who may look at it, and how to make it as it was."""
    away = Provider(ISSUER, "portaal", "geheim")
    world = full_world(queue)
    with db.transaction() as session:
        tokens = {who: open_whole(session, person.id, "127.0.0.1", "test") for who, person in world.people.items()}
        session.execute(
            update(Offer).where(Offer.ref == world.names["refused"]).values(answered_by=AnsweredBy.CODE)
        )  # asks an account next
    db.engine().dispose()
    whole = settings.files.parent / "whole.sqlite"
    shutil.copy(portals.DATABASE, whole)
    app = portals.portal(replace(settings, federation=Federation(away, away)))
    app.config["WTF_CSRF_ENABLED"] = False
    jobs.bind(FakeQueue(make=False))

    return app, world, tokens, lambda: portals.fill_from(whole)


def cookie(world, tokens, look):
    if look.endpoint == "answering_beside.account":
        return {"letter": factory.held(world.names["refused"])}
    if look.endpoint.startswith("answering."):
        return {"letter": factory.held(world.letter)}
    return world.sessions.get(look.who) or ({"token": tokens[look.who], "seen": int(now().timestamp())} if look.who else {})


def browser_of(app, kept, path):
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update(kept)
    if path == "/sign-in/code":
        browser.post("/sign-in", data={"email": "worker@organisatie.example", "password": DEMO_PASSWORD})
    return browser


def shown(text):
    """What a search field shows of a text again: no sign that has no shape, and so no spaces here."""
    return "".join(sign for sign in text if sign.isprintable() and sign != " ")


def check(markup, name, of=bare):
    """Where the mark of a text shows, the whole text shows: as text, never as markup, and addresses stay within the portal."""
    if MARK not in markup:
        return
    page = Page(markup)
    for said in page.said:
        if MARK in said:
            assert of(TEXTS[name]) in of(said), f"{name} shows as {said[:200]!r}"
    for address in page.addresses:
        assert MARK not in address or LOCAL.match(address), f"{name} leads to {address[:200]!r}"
    assert not page.tags & {"onload", "onmouseover", "para", "iframe"}


def looks(world):
    """Every page by its address and who looks at it, each once; some are reached by a step before them."""
    with db.reading() as session:
        world.letter = session.scalar(select(Offer.ref).where(Offer.code_index == blind_index(CODE)))
    steps = {"accounts.code": "/sign-in/code", "answering.offer": "/answer/offer", "answering_beside.account": "/answer/account"}
    found = {}
    for look in [*page_list.FILLED, *page_list.ERRORS]:
        found.setdefault((steps.get(look.endpoint) or look.path.format(**world.names), look.who), look)
    return [(path, look) for (path, _), look in found.items()]


def texts_for(form, kind, place):
    """Return the texts for one field: of each kind some, others each time; fewer where no people write freely but only a shape is taken.

    Texts of a kind stand beside each other in TEXTS, so that every third has all kinds in it.
    """
    step = 6 if kind not in {"text", "textarea"} or form.method == "get" else 3
    return list(TEXTS)[place % step :: step]


def test_every_kind_of_text_in_every_field_of_every_form(portal):
    app, world, tokens, restore = portal
    seen, sent = set(), 0
    for path, look in looks(world):
        kept = cookie(world, tokens, look)
        opened = browser_of(app, kept, path).get(path, follow_redirects=True)
        for form in (form for form in Page(opened.text).forms if form.texts and form.method != "dialog"):  # which sends nothing itself
            target = urlsplit(form.action).path or urlsplit(path).path
            endpoint, _ = app.url_map.bind("portal").match(target, form.method.upper())
            for name, kind in form.texts.items():
                if (endpoint, name, form.method) in seen:
                    continue
                for text in texts_for(form, kind, len(seen)):
                    sent += 1
                    send(app, kept, path, form, target, name, text, restore)
                seen.add((endpoint, name, form.method))
    assert sorted(set(text_fields(FlaskForm)) - {name.rpartition("-")[2] for _, name, _ in seen}) == []
    count("10 hostile text", "strings × fields of forms", sent)


def send(app, kept, path, form, target, name, text, restore):
    """Send one text in one field: it is kept whole and shown as it is, or refused."""
    browser, data = browser_of(app, kept, path), filled(form, name, TEXTS[text])
    of = shown if form.method == "get" or target == "/search" else bare  # a search is posted so that its address says no names
    answer = browser.get(target, query_string=data) if form.method == "get" else browser.post(target, data=data)
    assert answer.status_code in {200, 302, 303, 400, 404, 409, 413, 422, 429}, f"{target} {name} {text}: {answer.status_code}"
    if answer.status_code in {302, 303}:
        assert "\n" not in answer.headers["Location"]
        for place in {answer.headers["Location"], path}:
            check(browser.get(place).text, text, of)
        check_kept(target, name, text)
        restore()
    else:
        check(answer.text, text, of)


HEADERS = {"From", "To", "Subject", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
HEADERS |= {"Portal-Proof", "List-Unsubscribe", "List-Unsubscribe-Post"}


A_LINE_EACH = {"theirs"}  # who sits at the table for them: a name on each line, and each is kept whole


def check_kept(target, name, text):
    """What was kept is the whole text, and mails about it leave without a header too many."""
    is_list = name.rpartition("-")[2] in A_LINE_EACH
    wanted = {bare(line) for line in re.split(r"[\r\n]+", TEXTS[text])} if is_list else {WHOLE[text]}
    with db.reading() as session:
        for table in db.Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for column, value in row.items():
                    if isinstance(value, str) and MARK in value and column not in {"changes", "facts", "answers"}:
                        place = f"{target} {name}: {table}.{column} holds {value[:200]!r}"
                        assert bare(value) in wanted, place
                        assert not UNSEEN & set(map(ord, value)), place
        for message in session.scalars(select(Message)):
            assert set(notifications._mail(message).keys()) <= HEADERS


def text_fields(above):
    """Yield the name of every field into which people write, of every form of the portal."""
    for form in above.__subclasses__():
        yield from text_fields(form)
        for name, made in vars(form).items() if form.__module__.startswith("app.") else ():
            kind = getattr(made, "field_class", object)
            if issubclass(kind, StringField) and not issubclass(kind, HiddenField):
                yield name
