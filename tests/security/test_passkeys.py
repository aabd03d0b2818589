"""Passkeys: what is signed counts once, for one purpose, one browser and one person, at this portal only."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from app import db
from app.access import Role
from app.accounts import enrolling, passkeys, second_factor, service
from app.accounts.models import Passkey, PasskeyChallenge, RecoveryCode
from app.accounts.passkeys import CONFIRM, SIGN_IN, Signed, Site
from app.accounts.people import DEMO_SECRET
from app.accounts.queries import actor_of, open_sign_in
from app.accounts.second_factor import Proof
from app.accounts.totp import code_at
from app.audit.models import Event
from app.clock import now
from app.consents import service as consents
from app.consents.models import Consent
from app.consents.rules import Clauses, Effect, Product
from app.consents.service import Signing, Terms
from app.documents.models import Document
from app.documents.queries import read
from app.errors import NotFound, Refusal
from app.notifications.models import Message
from app.sealing import seal_with
from tests import factory
from tests.passkey_device import Device, text
from tests.security.counting import count

SITE = Site.of("https://portaal.example")
PASSWORD = "paard batterij nietje juist"
pytestmark = pytest.mark.usefixtures("queue", "clock")


@pytest.fixture(scope="module")
def password_hash():
    return service.hash_password(PASSWORD)


@pytest.fixture
def somebody(database, password_hash):
    return factory.person(factory.organisation(), Role.CREDITOR_MANAGER, password_hash=password_hash, totp_secret=DEMO_SECRET)


def acting(person):
    with db.reading(as_portal=True) as session:
        return actor_of(session, person.id, None, "test")


def with_passkey(person, **bent):
    """Add a passkey to a person and return the device that holds it."""
    device = Device(**bent)
    made = device.made(passkeys.ask_to_add(acting(person), "browser", SITE))
    passkeys.add_passkey(acting(person), Signed(made, "browser", SITE), "telefoon")
    return device


def begin(person):
    return service.sign_in(person.email, PASSWORD, "192.0.2.1", "test")


def is_open(token):
    with db.reading() as session:
        return open_sign_in(session, token) is not None


def rows(what, *where):
    with db.reading(as_portal=True) as session:
        return session.scalar(select(func.count()).select_from(what).where(*where))


# ── the ways in ──────────────────────────────────────────────────────────────


def test_a_passkey_is_the_second_factor_after_the_password(somebody):
    device = with_passkey(somebody)
    token = begin(somebody)
    answer = device.signed(service.ask_passkey(token, SITE))
    assert is_open(service.confirm_sign_in(token, Proof(signed=Signed(answer, token, SITE)), "test"))


def test_a_passkey_that_recognises_its_owner_is_both_factors(somebody):
    device = with_passkey(somebody)
    answer = device.signed(passkeys.ask_to_sign(None, SIGN_IN, "this browser", SITE))
    assert is_open(service.sign_in_with_passkey(Signed(answer, "this browser", SITE), "192.0.2.1", "test"))


def test_a_passkey_confirms_again(somebody):
    device, token = with_passkey(somebody), begin(somebody)
    whole = service.confirm_sign_in(token, Proof(code_at(DEMO_SECRET, now().timestamp())), "test")
    answer = device.signed(passkeys.ask_to_sign(somebody.id, CONFIRM, whole, SITE))
    second_factor.confirm_again(acting(somebody), whole, Proof(signed=Signed(answer, whole, SITE)))
    assert rows(Event, Event.action == "session:confirm") == 1


def test_a_consent_is_signed_with_a_passkey_and_its_record_says_so(somebody, queue):
    device, actor = with_passkey(somebody), acting(somebody)
    ref = consents.start_draft(actor)
    consents.save_draft(actor, ref, Terms(Clauses(products=frozenset({Product.RESTRUCTURING_LOAN}), zero_offers=False), Effect.ACCEPT), 1)
    answer = device.signed(passkeys.ask_to_sign(somebody.id, CONFIRM, "whole session", SITE))
    consents.sign_draft(actor, ref, Signing(None, "", 2, Signed(answer, "whole session", SITE)))
    queue.run_all()
    with db.reading(as_portal=True) as session:
        assert session.scalar(select(Consent.signed_with)) == "passkey"
        letter = PdfReader(BytesIO(read(session, session.scalars(select(Document.ref)).one())))
    assert "wachtwoord en passkey" in " ".join(" ".join(page.extract_text() for page in letter.pages).split())


def test_the_first_second_factor_can_be_a_passkey_and_comes_with_recovery_codes(database, password_hash):
    person = factory.person(factory.organisation(), password_hash=password_hash)
    token, device = begin(person), Device()
    made = device.made(enrolling.ask_first_passkey(token, SITE))
    whole, codes = enrolling.enrol_passkey(token, Signed(made, token, SITE), "sleutel", "test")
    assert is_open(whole)
    assert service.confirm_sign_in(begin(person), Proof(codes[0]), "test")


def test_a_password_alone_couples_nothing_beside_a_passkey(database, password_hash):
    """Else whoever knows a password would need no passkey."""
    person = factory.person(factory.organisation(), password_hash=password_hash)
    with_passkey(person)
    token = begin(person)
    assert enrolling.enrolment_secret(token) is None
    for enrol in (lambda: enrolling.ask_first_passkey(token, SITE), lambda: enrolling.enrol(token, DEMO_SECRET, "000000", "test")):
        with pytest.raises(NotFound):
            enrol()


# ── what opens nothing ───────────────────────────────────────────────────────

BENT = {
    "another challenge": {"challenge": "A" * 43},
    "another portal": {"rp_id": "evil.example"},
    "made instead of signed": {"kind": "webauthn.create"},
    "no signature": {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
    "somebody else's name": {"handle": b"somebody else"},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT)
def test_a_bent_answer_opens_nothing(somebody, bent):
    device = with_passkey(somebody)
    answer = device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE), **bent)
    refuse(answer)
    count("8 tokens", "forged passkey answers refused")


def refuse(answer, browser="browser", site=SITE):
    with pytest.raises(Refusal, match="passkey_wrong"):
        service.sign_in_with_passkey(Signed(answer, browser, site), "192.0.2.1", "test")
    assert rows(Event, Event.action == "session:fail") >= 1


@pytest.mark.parametrize("origin", ["https://portaal.example.evil", "http://portaal.example", "https://portaal.example:444"])
def test_a_signature_for_another_address_opens_nothing(somebody, origin):
    device = with_passkey(somebody)
    device.origin = origin
    refuse(device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)))
    count("8 tokens", "forged passkey answers refused")


def test_a_passkey_alone_must_recognise_its_owner(somebody):
    device = with_passkey(somebody)
    device.recognises = False
    refuse(device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)))


def test_what_was_signed_counts_once(somebody):
    device = with_passkey(somebody)
    answer = device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE))
    service.sign_in_with_passkey(Signed(answer, "browser", SITE), "192.0.2.1", "test")
    refuse(answer)


def test_what_was_refused_is_used_up_too(somebody):
    device = with_passkey(somebody)
    asked = passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)
    refuse(device.signed(asked, signature=b"\x30\x06\x02\x01\x01\x02\x01\x01"))
    refuse(device.signed(asked))


def test_what_was_refused_in_somebody_elses_transaction_is_used_up_too(somebody):
    device, begun = with_passkey(somebody), begin(somebody)
    token = service.confirm_sign_in(begun, Proof(code_at(DEMO_SECRET, now().timestamp())), "test")
    asked = passkeys.ask_to_sign(somebody.id, CONFIRM, token, SITE)
    for bent in ({"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"}, {}):
        with pytest.raises(Refusal, match="passkey_wrong"):
            second_factor.confirm_again(acting(somebody), token, Proof(signed=Signed(device.signed(asked, **bent), token, SITE)))


def test_it_counts_in_the_browser_that_was_asked_only(somebody):
    device = with_passkey(somebody)
    refuse(device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)), browser="another")


def test_what_was_signed_for_one_purpose_is_no_use_for_another(somebody):
    device = with_passkey(somebody)
    refuse(device.signed(passkeys.ask_to_sign(somebody.id, CONFIRM, "browser", SITE)))


def test_it_has_to_be_signed_within_some_minutes(somebody, clock):
    device = with_passkey(somebody)
    asked = passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)
    clock.shift(timedelta(minutes=5))
    refuse(device.signed(asked))


def test_a_counter_that_goes_back_betrays_a_copy(somebody):
    device = with_passkey(somebody)
    device.count = 7
    first = device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE))
    service.sign_in_with_passkey(Signed(first, "browser", SITE), "192.0.2.1", "test")
    device.count = 3
    refuse(device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)))


def test_the_passkey_of_a_colleague_is_no_second_factor(somebody, password_hash):
    other = with_passkey(factory.person(factory.organisation(), password_hash=password_hash, totp_secret=DEMO_SECRET))
    with_passkey(somebody)
    token = begin(somebody)
    answer = other.signed(service.ask_passkey(token, SITE))
    with pytest.raises(Refusal, match="passkey_wrong"):
        service.confirm_sign_in(token, Proof(signed=Signed(answer, token, SITE)), "test")


def test_a_closed_account_is_closed_to_its_passkey(somebody):
    from app.accounts.people import disable_person

    device = with_passkey(somebody)
    disable_person(somebody.email)
    refuse(device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)))


@pytest.mark.parametrize("answer", ["", "null", "[]", "{}", "[" * 9000, '{"id": 1}', '{"id": "é", "rawId": "é", "response": {}}', "\x00"])
def test_what_is_no_answer_opens_nothing_and_breaks_nothing(somebody, answer):
    refuse(answer)
    with pytest.raises(Refusal, match="passkey_wrong"):
        passkeys.add_passkey(acting(somebody), Signed(answer, "browser", SITE), "telefoon")
    count("8 tokens", "forged passkey answers refused")


@pytest.mark.parametrize("attestation", [b"", b"\xff", b"\x81" * 9000, b"\xbf" * 500, b"\x5b" + b"\xff" * 8, b"\xa0"])
def test_an_attestation_that_cannot_be_read_makes_no_passkey(somebody, attestation):
    asked = passkeys.ask_to_add(acting(somebody), "browser", SITE)
    answer = json.loads(Device().made(asked))
    answer["response"]["attestationObject"] = text(attestation)
    with pytest.raises(Refusal, match="passkey_wrong"):
        passkeys.add_passkey(acting(somebody), Signed(json.dumps(answer), "browser", SITE), "telefoon")
    assert rows(Passkey) == 0
    count("8 tokens", "forged passkey answers refused")


def test_whose_passkey_it_was_not_is_unknown_to_the_audit(somebody):
    refuse(Device().signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE), handle=b"nobody"))
    assert rows(Event, Event.action == "session:fail", Event.subject == "person/unknown") == 1


def test_a_passkey_of_before_signs_in_while_the_key_of_the_indexes_changes(somebody, settings):
    device = with_passkey(somebody)
    seal_with(settings.field_keys.with_fresh_index())
    answer = device.signed(passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE))
    assert is_open(service.sign_in_with_passkey(Signed(answer, "browser", SITE), "192.0.2.1", "test"))


def test_many_failures_make_the_network_address_wait(somebody):
    for _ in range(50):
        refuse("{}")
    with pytest.raises(Refusal, match="wait"):
        service.sign_in_with_passkey(Signed("{}", "browser", SITE), "192.0.2.1", "test")


# ── the own passkeys ─────────────────────────────────────────────────────────


def test_a_passkey_is_named_and_removed_and_its_owner_hears_of_it(somebody):
    with_passkey(somebody)
    with db.reading() as session:
        key = session.scalar(select(Passkey.id))
    passkeys.rename_passkey(acting(somebody), key, " laptop ")
    passkeys.remove_passkey(acting(somebody), key)
    told = [Event.action.in_(["person:add-passkey", "person:rename-passkey", "person:remove-passkey"])]
    assert (rows(Passkey), rows(Event, *told), rows(Message, Message.code == "accounts.changed")) == (0, 3, 2)


def test_the_last_second_factor_stays(somebody):
    with_passkey(somebody)
    with db.reading() as session:
        key = session.scalar(select(Passkey.id))
    enrolling.uncouple_app(acting(somebody))
    with pytest.raises(Refusal, match="last_factor"):
        passkeys.remove_passkey(acting(somebody), key)
    assert rows(Passkey) == 1


def test_an_app_alone_stays(somebody):
    with pytest.raises(Refusal, match="last_factor"):
        enrolling.uncouple_app(acting(somebody))


def test_the_passkeys_of_others_do_not_exist(somebody):
    with_passkey(somebody)
    other = factory.person(factory.organisation(), totp_secret=DEMO_SECRET)
    with db.reading() as session:
        key = session.scalar(select(Passkey.id))
    for act in (lambda: passkeys.remove_passkey(acting(other), key), lambda: passkeys.rename_passkey(acting(other), key, "x")):
        with pytest.raises(NotFound):
            act()


def test_a_passkey_is_kept_once_and_ten_are_enough(somebody):
    device = Device()
    for _ in range(2):
        made = device.made(passkeys.ask_to_add(acting(somebody), "browser", SITE))
        if rows(Passkey):
            with pytest.raises(Refusal, match="passkey_wrong"):
                passkeys.add_passkey(acting(somebody), Signed(made, "browser", SITE), "nog eens")
        else:
            passkeys.add_passkey(acting(somebody), Signed(made, "browser", SITE), "telefoon")
    for _ in range(9):
        with_passkey(somebody)
    with pytest.raises(Refusal, match="passkeys_many"):
        passkeys.ask_to_add(acting(somebody), "browser", SITE)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_passkey_has_a_name(somebody, name):
    made = Device().made(passkeys.ask_to_add(acting(somebody), "browser", SITE))
    with pytest.raises(Refusal, match="passkey_name"):
        passkeys.add_passkey(acting(somebody), Signed(made, "browser", SITE), name)


def test_a_reset_takes_passkeys_and_recovery_codes_away(somebody):
    from app.accounts.people import reset_person

    with_passkey(somebody)
    second_factor.renew_recovery_codes(acting(somebody))
    reset_person(somebody.email)
    assert (rows(Passkey), rows(RecoveryCode)) == (0, 0)


def test_challenges_do_not_heap_up(somebody, clock):
    for _ in range(5):
        passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)
    clock.shift(timedelta(minutes=6))
    passkeys.ask_to_sign(None, SIGN_IN, "browser", SITE)
    assert rows(PasskeyChallenge) == 1


@pytest.mark.parametrize(
    ("base_url", "can"),
    [
        ("https://portaal.example", True),
        ("http://localhost:8000", True),
        ("http://portaal.example", False),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.1", False),
        ("https://[2001:db8::1]", False),
    ],
)
def test_passkeys_are_for_a_name_over_tls(base_url, can):
    assert Site.of(base_url).can_have_passkeys is can
