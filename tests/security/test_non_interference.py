"""Whatever another creditor does, or leaves, a creditor and its agent are answered the very same."""

import re
import shutil
from itertools import zip_longest

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import db
from app.accounts import totp
from app.clock import now
from app.creditors.models import Organisation
from app.jobs import service as jobs
from tests import factory, portals
from tests.security import crawl, grounds, matrix
from tests.security.counting import count
from tests.security.world import SECRET

pytest_plugins = ["tests.security.copies"]


class Stage:
    """A portal in which both creditors also share a case with two more; what is done in it can be undone."""

    def __init__(self, world, folder, copy):
        self.world, self.folder, self.copy = world, folder, copy
        self.app = grounds.portal_on(folder, copy)
        self.shared = self._share()
        grounds.close()
        shutil.copy(portals.DATABASE, copy / "begin.sqlite")

    def _share(self):
        with db.reading() as session:
            ours, theirs = (session.get(Organisation, self.world.organisations[name]) for name in ("ours", "theirs"))
        offers = factory.offers(ours, theirs, factory.organisation(), factory.organisation())  # so many that a number is told
        return {"ours": offers[0].ref, "theirs": offers[1].ref}

    def begin(self):
        """Let everything be as it was, with nobody having done anything."""
        portals.fill_from(self.copy / "begin.sqlite")
        people = ("manager", "agent", "manager2", "worker2", "team2", "officer", "nobody")
        return {name: self.world.browser(self.app, name) for name in people}


@pytest.fixture
def stage(world_and_folder, tmp_path, clock):
    yield Stage(*world_and_folder, tmp_path / "copy")
    jobs.bind(None)
    grounds.close()


# ── what is done ─────────────────────────────────────────────────────────────


def answer(who, whose, **form):
    """Answer an offer: the own one, or (`shared`) that in the case of both."""
    return lambda stage, browsers: browsers[who].post(f"/offers/{_offer(stage, whose)}", data={"revision": "1"} | form)


def _offer(stage, whose):
    name, _, kind = whose.partition(" ")
    return stage.shared[name] if kind else stage.world.things[name]["offer"]


def send(who, path, things, **form):
    """Send a form about the things of a creditor; `code` is that of the app."""

    def act(stage, browsers):
        found = matrix.values(stage.world, things)
        code = {"code": totp.code_at(SECRET, now().timestamp())} if form.get("code") else {}
        return browsers[who].post(path.format(**found), data={k: v.format(**found) for k, v in form.items()} | code)

    return act


REJECT = {"answer": "reject", "reason": "policy", "explanation": "Wij doen dit niet.", "confirmed": "y"}
WITHDRAWN = {"ends_on": "2026-06-05", "reason": "Beleid", "version": "1", "revision": "1"}
HOME = {
    "sort": "eviction announced", "reference": "KL-1", "reported_on": "2026-06-03", "surname": "Gemeld ours", "street": "Molenpad",
    "house_number": "881", "postcode": "1071 AR", "arrears_cents": "100,00", "instalments": "1",
}  # fmt: skip
TRIED = {"kind": "phone", "on": "2026-06-04", "part": "evening", "reached": "no", "outcome": "definitely no contact", "revision": "1"}
THEIRS = {
    "accepts": answer("manager2", "theirs", answer="accept"),
    "rejects": answer("worker2", "theirs", **REJECT),
    "asks to look again": answer("worker2", "theirs", answer="reconsider", question="Klopt dit wel?"),
    "keeps an answer for later": answer("worker2", "theirs", answer="other", remark="Nog even", keep="yes"),
    "accepts in the shared case": answer("manager2", "theirs shared", answer="accept"),
    "rejects in the shared case": answer("manager2", "theirs shared", **REJECT),
    "asks to look again in the shared case": answer("manager2", "theirs shared", answer="reconsider", question="Klopt dit wel?"),
    "keeps an answer in the shared case": answer("manager2", "theirs shared", answer="other", remark="Nog even", keep="yes"),
    "throws its draft away": send("manager2", "/consents/{consent}", "theirs", action="discard", revision="1"),
    "signs": send("manager2", "/consents/{consent}", "theirs", action="sign", revision="1", agreed="y", effect="accept", code="yes",
                  zero_offers="no",
        max_months="36", entrepreneurs="open", requires_guidance="open"),
    "withdraws": send("manager2", "/consents/{consent}/withdraw", "theirs", **WITHDRAWN),
    "adds a contact": send("manager2", "/organisation/contacts", "theirs", name="Nieuw Contact", email="nieuw@contact.example"),
    "gives a mandate": send("manager2", "/organisation/mandates", "theirs", other="{stranger}", starts_on="2026-07-01"),
    "asks a colleague": send("manager2", "/people", "theirs", name="Nieuw", email="nieuw@elders.example", role="creditor worker"),
    "sends a colleague away": send("manager2", "/people/{membership}/end", "theirs"),
    "is imported anew": send("officer", "/creditors/import/{creditors_upload}", "ours"),
    "gets cases imported": send("officer", "/cases/import/{cases_upload}", "ours"),
    "has its proposal withdrawn": send("officer", "/cases/{case}/proposal/withdraw", "theirs", reason="De cliënt stopt.", revision="1"),
    "has a case that rests": send("officer", "/cases/{case}/privacy/restrict", "theirs", reason="De cliënt vraagt het.", revision="1"),
    "looks around": lambda _stage, browsers: [browsers["manager2"].get(path) for path in ("/offers", "/audit/own", "/offers/download")],
    "confirms a pause": send("manager2", "/pauses", "theirs", chosen="{notice}"),
    "tells an obstacle": send("worker2", "/pauses/{notice}", "theirs", answer="obstacle", words="Er loopt een beslag.", revision="1"),
    "reports that it collected": send("manager2", "/pauses/{notice}/collected", "theirs", happened_on="2026-06-03", breach_words="Brief."),
    "has its pauses ended": send("officer", "/cases/{case}/pauses/end", "theirs", reason="client stopped"),
    "states a balance": send("worker2", "/balances/{balance}", "theirs", answer="state", principal="5", rank="concurrent", revision="1"),
    "has its balance taken over": send("officer", "/cases/{case}/balances/{statement}/take-over", "theirs"),
    "reports arrears of a household that we reported": send("worker2", "/early-signals/new", "theirs", **HOME),
    "has a signal followed up": send("team2", "/early-signals/{signal}/attempts", "theirs", **TRIED),
    "mistypes the code of a letter": send("nobody", "/answer", "theirs", code="ABCDEFGHJK"),
}  # fmt: skip
OURS = {
    "accepts": answer("manager", "ours", answer="accept"),
    "has its agent accept": answer("agent", "ours", answer="accept"),
    "rejects in the shared case": answer("manager", "ours shared", **REJECT),
    "accepts in the shared case": answer("manager", "ours shared", answer="accept"),
    "keeps an answer": answer("manager", "ours shared", answer="other", remark="Straks", keep="yes"),
    "throws its draft away": send("manager", "/consents/{consent}", "ours", action="discard", revision="1"),
    "withdraws": send("manager", "/consents/{consent}/withdraw", "ours", **WITHDRAWN),
    "confirms a pause": send("manager", "/pauses/{notice}", "ours", answer="confirmed", revision="1"),
    "states a balance": send("manager", "/balances/{balance}", "ours", answer="state", principal="5", rank="concurrent", revision="1"),
    "adds a contact": send("manager", "/organisation/contacts", "ours", name="Ons Contact", email="ons@contact.example"),
    "asks a colleague": send("manager", "/people", "ours", name="Nieuw", email="nieuw@ons.example", role="creditor worker"),
}  # fmt: skip
LOOKS = (
    "/offers?status=all", "/offers?q=Visser", "/offers/download?status=all", "/consents/{consent}?version=1",
    "/consents/{consent}/withdraw", "/organisation", "/people", "/jobs", "/audit/own", "/audit/own/download", "/account",
    "/documents/{document}", "/offers/{offer}", "/pauses?status=all", "/pauses/{notice}", "/pauses/download?status=all",
    "/balances?status=all", "/balances/{balance}", "/balances/download?status=all",
    "/early-signals", "/early-signals/{signal}", "/early-signals/download",
)  # fmt: skip


def transcript(stage, steps, *, theirs):
    """Play the steps, those of the other creditor too or not; return everything that our own people were told."""
    browsers, told = stage.begin(), []
    for who, name in steps:
        if who == "ours":
            told.append((name, plain(OURS[name](stage, browsers))))
        elif theirs:
            THEIRS[name](stage, browsers)
    found = matrix.values(stage.world, "ours")
    paths = [path.format(**found) for path in LOOKS] + [f"/offers/{stage.shared['ours']}"]
    return told + [(f"{who} {path}", plain(browsers[who].get(path, buffered=True))) for who in ("manager", "agent") for path in paths]


# The number of a row in the address of its button. It counts the contacts, mandates, colleagues and sessions of everybody, so who adds
# two of its own learns how many others added in between; that much is known and borne: it tells nothing of a client, an offer or an answer.
ROW = r'(?<=action="/)([a-z/]+)/\d+/'


def plain(answered):
    """Return the lines of what an answer says, without what differs between any two requests."""
    text = crawl.words(answered).replace(answered.headers["X-Request-Id"], "")
    return re.sub(ROW, r"\1/#/", re.sub(r'Set-Cookie: .*|name="csrf_token" [^>]*>', "", text)).split("\n")


STEPS = st.lists(
    st.tuples(st.just("ours"), st.sampled_from(sorted(OURS))) | st.tuples(st.just("theirs"), st.sampled_from(sorted(THEIRS))),
    min_size=1, max_size=8,
)  # fmt: skip


def same(stage, steps):
    beside, alone = (transcript(stage, steps, theirs=theirs) for theirs in (True, False))
    for (name, one), (_, other) in zip(beside, alone, strict=True):
        different = [pair for pair in zip_longest(one, other) if pair[0] != pair[1]][:3]
        assert not different, f"{name} tells what the other creditor did: {[what for who, what in steps if who == 'theirs']}"
    count("3 non-interference", "answers that are the same", len(beside))


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_nothing_that_another_does_is_seen(stage, steps):
    same(stage, steps)


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_no_act_of_another_is_seen(stage, name):
    same(stage, [("theirs", name), ("ours", "adds a contact")])
    assert leaves_something(stage, THEIRS[name]), "what is not done cannot be seen"


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_own_acts_are_done(stage, name):
    assert leaves_something(stage, OURS[name])


def leaves_something(stage, act):
    browsers = stage.begin()
    before = grounds.dump()
    act(stage, browsers)
    return grounds.dump() != before
