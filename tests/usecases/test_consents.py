from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, select

from app import db
from app.access import Kind, Role
from app.accounts import totp
from app.audit.models import Event
from app.clock import now
from app.consents import queries, service
from app.consents.assessing import assessment_row, consents_in_force
from app.consents.models import Assessment, Consent
from app.consents.rules import Clauses, Effect, Facts, Product, State, evaluate
from app.consents.service import Signing, Terms
from app.documents.models import Document
from app.errors import Conflict, NotFound, Refusal
from app.notifications.models import Message
from tests import factory

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TODAY = date(2026, 6, 4)
CLAUSES = Clauses(zero_offers=False, min_percentage=Decimal("10.00"))
FACTS = Facts(Product.RESTRUCTURING_LOAN, 3000, 20000, 90000, 20000, 20000, 36, False, True, None, True, TODAY, False)


def code():
    return totp.code_at(SECRET, now().timestamp())


@pytest.fixture
def creditor(queue, clock):
    return factory.organisation()


@pytest.fixture
def manager(creditor):
    person = factory.person(creditor, Role.CREDITOR_MANAGER, totp_secret=SECRET)
    return factory.actor(creditor, Role.CREDITOR_MANAGER, person_id=person.id)


def draft(actor, clauses=CLAUSES, effect=Effect.ACCEPT):
    ref = service.start_draft(actor)
    service.save_draft(actor, ref, Terms(clauses, effect), revision(ref))
    return ref


def revision(ref, version=None):
    with db.reading() as session:
        found = select(Consent.revision).where(Consent.ref == ref).order_by(Consent.version.desc())
        return session.scalars(found if version is None else found.where(Consent.version == version)).first()


def sign(actor, ref, **over):
    service.sign_draft(actor, ref, Signing(**{"starts_on": None, "code": code(), "revision": revision(ref)} | over))


def signed(actor, clock, clauses=CLAUSES, **over):
    """Sign a version and let the clock pass its first day."""
    ref = draft(actor, clauses)
    sign(actor, ref, **over)
    clock.shift(timedelta(days=1))
    return ref


def versions(creditor):
    with db.reading() as session:
        found = session.execute(
            select(Consent.version, Consent.state, Consent.starts_on, Consent.ends_on)
            .where(Consent.creditor_id == creditor.id).order_by(Consent.version)
        )  # fmt: skip
        return [tuple(row) for row in found]


def in_force(creditor, day):
    with db.reading() as session:
        found = consents_in_force(session, [creditor.id], day).get(creditor.id)
        return found and found.version


def answer(creditor, day=TODAY):
    """Let the portal compare an offer as issuing does; return how it stands then."""
    with db.transaction() as session:
        consent = consents_in_force(session, [creditor.id], day).get(creditor.id)
        facts = FACTS._replace(issued_on=day)
        row = assessment_row("A-1", creditor.id, consent, facts, evaluate(consent.clauses, facts) if consent else None)
        session.execute(insert(Assessment), [row])
    return given()


def given():
    with db.reading() as session:
        return queries.assessment_of(session, "A-1")


# ── signing ──────────────────────────────────────────────────────────────────


def test_a_signed_version_counts_from_the_next_day(creditor, manager):
    sign(manager, draft(manager))
    assert (in_force(creditor, TODAY), in_force(creditor, TODAY + timedelta(days=1))) == (None, 1)


def test_a_newer_version_counts_from_its_day_and_the_older_until_then(creditor, manager, clock):
    signed(manager, clock)
    sign(manager, draft(manager, replace(CLAUSES, max_months=36)), starts_on=date(2026, 7, 1))
    assert (in_force(creditor, date(2026, 6, 30)), in_force(creditor, date(2026, 7, 1))) == (1, 2)


def test_of_two_managers_who_sign_at_once_one_learns_that_it_changed(creditor, manager):
    other = factory.person(creditor, Role.CREDITOR_MANAGER, totp_secret=SECRET)
    both = (manager, replace(manager, person_id=other.id, name="Ilse Terpstra"))
    ref = draft(manager)
    signing = Signing(None, code(), revision(ref))
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(service.sign_draft, one, ref, signing) for one in both]
    assert sorted(type(future.exception()).__name__ for future in done) == ["Conflict", "NoneType"]
    assert versions(creditor) == [(1, State.SIGNED, TODAY + timedelta(days=1), None)]


@pytest.mark.parametrize(
    ("clauses", "field"),
    [
        (Clauses(), "products"),
        (Clauses(min_percentage=Decimal(10)), "zero_offers"),
        (replace(CLAUSES, max_months=0), "max_months"),
        (replace(CLAUSES, valid_until=TODAY), "valid_until"),
    ],
)
def test_a_contradiction_is_not_signed(creditor, manager, clauses, field):
    ref = draft(manager, clauses)
    with pytest.raises(Refusal) as refused:
        sign(manager, ref)
    assert refused.value.field == field
    assert versions(creditor)[0][1] is State.DRAFT


def test_a_wrong_code_signs_nothing(creditor, manager):
    ref = draft(manager)
    with pytest.raises(Refusal, match=r"accounts\.code_wrong"):
        sign(manager, ref, code="000000")
    assert versions(creditor)[0][1] is State.DRAFT


def test_a_code_signs_once(creditor, manager):
    once = code()
    sign(manager, draft(manager), code=once)
    with pytest.raises(Refusal, match=r"accounts\.code_wrong"):
        sign(manager, draft(manager, replace(CLAUSES, max_months=36)), code=once)


def test_today_is_too_early_to_begin(manager):
    with pytest.raises(Refusal, match=r"consents\.starts_too_early"):
        sign(manager, draft(manager), starts_on=TODAY)


def test_a_worker_neither_drafts_nor_signs(creditor, manager):
    worker = factory.actor(creditor)
    ref = draft(manager)
    with pytest.raises(NotFound):
        service.start_draft(worker)
    with pytest.raises(NotFound):
        sign(worker, ref)


def test_nobody_signs_for_another_creditor(manager):
    ref = draft(manager)
    stranger = factory.actor(factory.organisation(), Role.CREDITOR_MANAGER, person_id=manager.person_id)
    with pytest.raises(NotFound):
        sign(stranger, ref)


def test_the_signed_record_is_kept_once(creditor, manager, queue):
    sign(manager, draft(manager))
    queue.run_all()
    with db.reading() as session:
        consent_id = session.scalar(select(Consent.id))
    service.write_record(consent_id)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 1
        assert session.scalar(select(Document.organisation_id)) == creditor.id


def test_the_bank_and_the_other_managers_are_told(creditor, manager):
    bank = factory.organisation(Kind.BANK)
    colleague = factory.person(creditor, Role.CREDITOR_MANAGER)
    sign(manager, draft(manager))
    with db.reading() as session:
        assert set(session.scalars(select(Message.address))) == {bank.email, colleague.email}


# ── drafts ───────────────────────────────────────────────────────────────────


def test_a_draft_begins_with_the_terms_of_the_version_before(manager, clock):
    ref = signed(manager, clock)
    service.start_draft(manager)
    with db.reading() as session:
        page = queries.consent_page(session, manager, ref)
    assert (page.shown.version, page.shown.clauses) == (2, CLAUSES)


def test_there_is_one_draft_however_often_it_is_begun(creditor, manager):
    assert service.start_draft(manager) == service.start_draft(manager)
    assert len(versions(creditor)) == 1


def test_a_draft_that_changed_meanwhile_is_not_overwritten(manager):
    ref = draft(manager)
    with pytest.raises(Conflict):
        service.save_draft(manager, ref, Terms(Clauses(), Effect.PREPARE), revision(ref) - 1)


def test_a_draft_thrown_away_is_gone_and_its_number_too(manager, clock):
    ref = signed(manager, clock)
    service.start_draft(manager)
    service.discard_draft(manager, ref, revision(ref))
    service.start_draft(manager)
    with db.reading() as session:
        assert [row.version for row in queries.consent_page(session, manager, ref).versions] == [3, 1]


def test_the_bank_does_not_see_a_draft(manager):
    ref = draft(manager)
    with db.reading() as session, pytest.raises(NotFound):
        queries.visible_consent(session, factory.actor(factory.organisation(Kind.BANK)), ref)


# ── withdrawing ──────────────────────────────────────────────────────────────


def test_withdrawing_never_changes_an_answer_given(creditor, manager, clock):
    ref = signed(manager, clock)
    before = answer(creditor, date(2026, 6, 5))
    service.withdraw_consent(manager, ref, 1, date(2026, 6, 5), "te laag", revision(ref))
    assert before.covered
    assert given() == before


def test_a_withdrawn_version_counts_until_its_day(creditor, manager, clock):
    ref = signed(manager, clock)
    service.withdraw_consent(manager, ref, 1, date(2026, 6, 10), "te laag", revision(ref))
    assert (in_force(creditor, date(2026, 6, 9)), in_force(creditor, date(2026, 6, 10))) == (1, None)


def test_withdrawing_a_version_that_had_not_begun_lets_the_older_go_on(creditor, manager, clock):
    ref = signed(manager, clock)
    sign(manager, draft(manager, replace(CLAUSES, max_months=36)), starts_on=date(2026, 7, 1))
    service.withdraw_consent(manager, ref, 2, date(2026, 6, 5), "toch niet", revision(ref))
    assert in_force(creditor, date(2026, 7, 2)) == 1


def test_a_version_that_gets_its_place_back_ends_again_when_the_next_begins(creditor, manager, clock):
    """Otherwise withdrawing the next one would bring the oldest back to life."""
    ref = signed(manager, clock)
    sign(manager, draft(manager, replace(CLAUSES, max_months=36)), starts_on=date(2026, 7, 1))
    clock.shift(timedelta(minutes=1))
    sign(manager, draft(manager, replace(CLAUSES, max_months=24)), starts_on=date(2026, 7, 1))
    service.withdraw_consent(manager, ref, 3, date(2026, 6, 5), "toch niet", revision(ref, 3))
    clock.move_to("2026-07-10T08:00:00+00:00")
    service.withdraw_consent(manager, ref, 2, date(2026, 7, 10), "te laag", revision(ref, 2))
    days = (date(2026, 6, 30), date(2026, 7, 9), date(2026, 7, 10))
    assert [in_force(creditor, day) for day in days] == [1, 2, None]


@pytest.mark.parametrize(
    ("over", "why"), [({"reason": " "}, "consents.reason_missing"), ({"ends_on": date(2026, 6, 4)}, "consents.ends_in_past")]
)
def test_a_withdrawal_needs_a_reason_and_a_day_to_come(creditor, manager, clock, over, why):
    ref = signed(manager, clock)
    with pytest.raises(Refusal, match=why):
        service.withdraw_consent(
            **{"actor": manager, "ref": ref, "version": 1, "ends_on": date(2026, 6, 5), "reason": "te laag", "revision": revision(ref)}
            | over
        )
    assert versions(creditor)[0][1] is State.SIGNED


def test_the_impact_of_a_withdrawal_counts_what_it_answered(creditor, manager, clock):
    ref = signed(manager, clock)
    answer(creditor, date(2026, 6, 5))
    with db.reading() as session:
        page = queries.withdrawal_page(session, manager, ref)
    assert (page.covered, page.covered_30_days, page.covered_cents) == (1, 1, 3000)


def test_every_step_leaves_one_audit_event(creditor, manager, clock):
    ref = signed(manager, clock)
    service.withdraw_consent(manager, ref, 1, date(2026, 6, 5), "te laag", revision(ref))
    with db.reading() as session:
        found = session.execute(select(Event.action, Event.concerns_id).order_by(Event.sequence)).all()
    assert [tuple(row) for row in found] == [(f"consents:{verb}", creditor.id) for verb in ("draft", "save-draft", "sign", "withdraw")]


# ── every day ────────────────────────────────────────────────────────────────


def reminders(clock, *days):
    for day in days:
        clock.move_to(f"{day}T08:00:00+00:00")
        service.mind_dates()
        service.mind_dates()
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Message).where(Message.code == "consents.expiring"))


def test_a_last_day_is_told_60_30_and_7_days_ahead_and_each_once(manager, clock):
    signed(manager, clock, replace(CLAUSES, valid_until=date(2026, 9, 1)))
    assert reminders(clock, "2026-07-02") == 0
    assert reminders(clock, "2026-07-03", "2026-07-20", "2026-08-02", "2026-08-25", "2026-08-31") == 3


def test_a_version_expires_on_the_day_after_its_last(creditor, manager, clock):
    signed(manager, clock, replace(CLAUSES, valid_until=date(2026, 9, 1)))
    clock.move_to("2026-09-02T08:00:00+00:00")
    service.mind_dates()
    assert versions(creditor)[0][1:] == (State.EXPIRED, date(2026, 6, 5), date(2026, 9, 2))


def test_a_version_is_replaced_on_the_day_when_the_next_begins(creditor, manager, clock):
    signed(manager, clock)
    sign(manager, draft(manager, replace(CLAUSES, max_months=36)))
    service.mind_dates()
    assert versions(creditor)[0][1] is State.SIGNED
    clock.shift(timedelta(days=1))
    service.mind_dates()
    assert [row[1] for row in versions(creditor)] == [State.REPLACED, State.SIGNED]
