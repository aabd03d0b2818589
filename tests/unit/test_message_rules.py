"""The table of messages: every text has its kind, what is essential comes whatever one chooses, and hours are Amsterdam's."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.access import Actor, Role
from app.notifications import catalogue, words
from app.notifications.rules import (
    KINDS,
    MessageKind,
    Mode,
    Unsent,
    Wish,
    goes_at_once,
    last_hour,
    mailbox_codes,
    refuses_address,
    status_of,
    subjects_for,
    unseen_codes,
    why_not_now,
)  # fmt: skip

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ESSENTIAL, URGENT, BOTH = MessageKind(is_essential=True), MessageKind(is_urgent=True), MessageKind(is_urgent=True, is_essential=True)


def test_every_text_has_its_kind_and_every_kind_its_text():
    assert sorted(KINDS) == catalogue.codes()


@pytest.mark.parametrize(("mode", "at_once"), [
    (Mode.AT_ONCE, {"plain", "essential", "urgent", "both"}), (Mode.DIGEST, {"urgent", "both"}), (Mode.NONE, {"both"}),
])  # fmt: skip
def test_what_is_mailed_at_once_follows_the_choice(mode, at_once):
    kinds = {"plain": MessageKind(), "essential": ESSENTIAL, "urgent": URGENT, "both": BOTH}
    assert {name for name, kind in kinds.items() if goes_at_once(kind, Wish(mode))} == at_once


@pytest.mark.parametrize("mode", Mode)
def test_what_is_essential_to_a_person_never_waits(mode):
    assert why_not_now(ESSENTIAL, Wish(mode)) is None


def test_what_can_wait_waits_for_the_digest_or_stays_in_the_portal():
    assert why_not_now(MessageKind(), Wish(Mode.DIGEST)) is Unsent.IN_DIGEST
    assert why_not_now(URGENT, Wish(Mode.NONE)) is Unsent.MUTED


def test_a_mailbox_is_spared_nothing_that_is_essential():
    assert mailbox_codes()
    assert not [code for code in mailbox_codes() if KINDS[code].is_essential]
    assert set(mailbox_codes()) <= set(words.KINDS), "each has words on the page of the mailbox"


def test_each_subject_that_somebody_may_be_spared_has_words():
    everybody = Actor("Ada", frozenset(Role))
    assert set(subjects_for(everybody)) <= set(words.SUBJECTS)
    assert Wish(muted=frozenset({"offers"})).spares("offers.reminder")
    assert not Wish(muted=frozenset({"offers", "proposals"})).spares("proposals.agreed")


def test_who_may_not_see_a_subject_sees_no_message_about_it():
    counsellor = Actor("Hanna", frozenset({Role.COUNSELLOR}))
    assert {"offers.reminder", "consents.signed", "audit.head"} <= set(unseen_codes(counsellor))
    assert "accounts.changed" not in unseen_codes(counsellor)


@pytest.mark.parametrize(("here", "found"), [
    ("2026-06-04T08:59", "2026-06-03T09:00"), ("2026-06-04T09:00", "2026-06-04T09:00"), ("2026-06-04T23:10", "2026-06-04T09:00"),
    ("2026-03-29T10:00", "2026-03-29T09:00"), ("2026-10-25T08:00", "2026-10-24T09:00"),
])  # fmt: skip
def test_the_last_hour_is_that_of_a_clock_in_amsterdam(here, found):
    moments = [datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM) for text in (here, found)]
    assert last_hour(moments[0], 9) == moments[1]


@pytest.mark.parametrize("reply", ["550 5.1.1 unknown", "550 no such user", "552 5.2.2 full", "556 5.1.10 no mail", "550 5.4.4 no host"])
def test_a_refusal_for_good_is_about_the_address(reply):
    assert refuses_address(status_of(int(reply[:3]), reply[4:]))


@pytest.mark.parametrize("reply", ["550 5.7.1 relaying denied", "530 5.7.0 sign in first", "554 no", "450 4.2.1 later", "421 busy"])
def test_other_refusals_are_about_the_mail_or_the_moment(reply):
    assert not refuses_address(status_of(int(reply[:3]), reply[4:]))
