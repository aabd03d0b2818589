"""A random walk of a creditor's managers around its standing consent, beside a model of which version counts on which day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.accounts import totp
from app.audit.service import verify
from app.clock import now
from app.consents import service
from app.consents.assessing import consents_in_force
from app.consents.models import Consent
from app.consents.rules import Clauses, Effect
from app.consents.service import Signing, Terms
from tests import factory
from tests.security.walk import SELDOM, Walk
from tests.security.whole import dump

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DAYS = st.sampled_from([-1, 0, *range(1, 13)])


@dataclass(frozen=True)
class Version:
    """A version that was signed: the days on which it counts by itself, and whether it was called back before it began."""

    number: int
    starts_on: date
    last_day: date | None
    ends_on: date | None = None
    called_back: bool = False


class ConsentMachine(Walk):
    """Drafting, signing, withdrawing, and days that pass."""

    def __init__(self):
        super().__init__()
        self.signed, self.draft, self.last, self.number = [], False, None, 0

    @initialize(firsts=st.lists(st.integers(1, 12), max_size=3))
    def a_creditor_with_two_managers(self, firsts):
        self.creditor = factory.organisation()
        factory.organisation(Kind.BANK)
        people = [factory.person(self.creditor, Role.CREDITOR_MANAGER, totp_secret=SECRET) for _ in range(2)]
        self.managers = [factory.actor(self.creditor, Role.CREDITOR_MANAGER, name=one.name, person_id=one.id) for one in people]
        for days in firsts:
            self.begin(0)
            self.save(None, stale=False)
            self.sign(0, days, wrong_code=False)

    def row(self, number):
        with db.reading() as session:
            return session.scalar(select(Consent).where(Consent.version == number))

    # ── drafts ───────────────────────────────────────────────────────────────

    @rule(who=st.integers(0, 1))
    def begin(self, who):
        self.step(True, service.start_draft, self.managers[who])
        if not self.draft:
            self.draft, self.number, self.last = True, self.number + 1, self.carried()

    def carried(self):
        """A new draft begins with the terms of the newest signed version, but for a last day that is over."""
        last = self.signed[-1].last_day if self.signed else None
        return last if last and last >= self.today else None

    @rule(days=st.one_of(st.none(), DAYS), stale=SELDOM)
    @precondition(lambda self: self.number)
    def save(self, days, stale):
        last = None if days is None else self.today + timedelta(days=days)
        draft = self.row(self.number)
        terms = Terms(Clauses(zero_offers=True, max_months=12 + self.steps % 40, valid_until=last), Effect.ACCEPT)
        if self.step(self.draft and not stale, service.save_draft, self.managers[0], draft.ref, terms, draft.revision - stale):
            self.last = last

    @rule(meant=SELDOM)
    @precondition(lambda self: self.number)
    def throw_away(self, meant):
        draft = self.row(self.number)
        if self.step(self.draft and meant, service.discard_draft, self.managers[0], draft.ref, draft.revision - (not meant)):
            self.draft = False

    # ── signatures ───────────────────────────────────────────────────────────

    @rule(who=st.integers(0, 1), days=DAYS, wrong_code=SELDOM)
    @precondition(lambda self: self.number)
    def sign(self, who, days, wrong_code):
        self.clock.shift(timedelta(seconds=61))  # a code is used once
        draft, starts_on = self.row(self.number), self.today + timedelta(days=days)
        code = totp.code_at(SECRET, now().timestamp()) if not wrong_code else "12"
        says_something = bool(draft.clauses)
        fits = starts_on > self.today and (self.last is None or starts_on <= self.last)
        right = self.draft and says_something and fits and not wrong_code
        counted = ("sign_in_throttle", "audit_event", "audit_head") if wrong_code else ()  # wrong codes leave a trace
        signing = Signing(starts_on, code, draft.revision)
        if self.step(right, service.sign_draft, self.managers[who], draft.ref, signing, but=counted):
            self.draft = False
            self.signed.append(Version(self.number, starts_on, self.last))

    @rule(at=st.integers(0, 5), days=DAYS, reasonless=SELDOM, stale=SELDOM)
    @precondition(lambda self: self.signed)
    def withdraw(self, at, days, reasonless, stale):
        version = self.signed[at % len(self.signed)]
        row, ends_on = self.row(version.number), self.today + timedelta(days=days)
        # what was withdrawn, or has ended and was put away as ended, is final
        right = row.state == "signed" and days >= 0 and not reasonless and not stale
        args = (row.ref, version.number, ends_on, "" if reasonless else "Nieuw beleid.", row.revision - stale)
        if self.step(right, service.withdraw_consent, self.managers[0], *args):
            before = ends_on <= version.starts_on and version.starts_on > self.today
            self.signed[at % len(self.signed)] = replace(version, ends_on=ends_on, called_back=before)

    # ── days that pass ───────────────────────────────────────────────────────

    @rule(days=st.integers(1, 9))
    def days_pass(self, days):
        """The night job runs every day."""
        for _ in range(days):
            self.pass_days(1)
            service.mind_dates()

    @rule()
    def the_night_job_comes_twice(self):
        service.mind_dates()
        before = dump()
        service.mind_dates()
        assert dump() == before

    # ── what always holds ────────────────────────────────────────────────────

    def expected(self, day):
        """The newest version that has begun counts, until it is withdrawn; one that was called back never was."""
        begun = [version for version in self.signed if version.starts_on <= day and not version.called_back]
        newest = max(begun, key=lambda version: version.number, default=None)
        if newest is None or (newest.ends_on and newest.ends_on <= day):
            return None
        return newest.number

    @invariant()
    def on_each_day_the_right_version_counts(self):
        with db.reading() as session:
            for ahead in range(-3, 15):
                day = self.today + timedelta(days=ahead)
                found = consents_in_force(session, [self.creditor.id], day).get(self.creditor.id)
                lapsed = found and found.clauses.valid_until and found.clauses.valid_until < day
                said = None if found is None or lapsed else found.version
                wanted = self.expected(day)
                last = next((version.last_day for version in self.signed if version.number == wanted), None)
                assert said == (None if last and last < day else wanted), day
            assert verify(session)[1] is None

    @invariant()
    def there_is_one_draft_at_most_and_what_was_signed_is_never_edited(self):
        with db.reading() as session:
            versions = list(session.scalars(select(Consent).order_by(Consent.version)))
        assert sum(version.state == "draft" for version in versions) == self.draft
        for version in versions:
            if version.signed_at:
                assert version.terms_hash == service.terms_hash(version)
