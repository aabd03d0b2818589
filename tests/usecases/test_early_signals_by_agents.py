"""Use cases of agents that report early signals in a creditor's name: for whom, what they see and hear, and what of others they do not."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from app import db
from app.access import SYSTEM, Kind
from app.audit.models import Event
from app.cli import portal
from app.clock import today
from app.counts import counted
from app.creditors.models import Mandate
from app.early_signals import following, mandates, queries, reporter_queries, service, telling
from app.early_signals.feedback import Said
from app.early_signals.importing import import_signals
from app.early_signals.models import Signal
from app.early_signals.reporter_queries import FeedbackQuery
from app.early_signals.rules import Attempt, AttemptKind, DayPart, Outcome, State, Withdrawal
from app.errors import NotFound, Refusal
from app.exchange.uploads import LARGE, Incoming
from app.notifications.models import Message
from tests import factory
from tests.usecases.test_early_signals_import import counts, file, whys

DAY = date(2026, 6, 4)
STEPS = ("personal contact tried", "pointed to debt help", "written reminder sent", "offered to pass data on")
HOME = {"surname": "van den Berg", "given_name": "Sanne", "birth_date": date(1980, 3, 1), "street": "Zeilstraat", "house_number": "5"}


class Ground:
    """A water company with two agents, a landlord with one of them, and a team; each as somebody who acts for it."""

    def __init__(self):
        self.water = factory.organisation(name="Waterbedrijf Westerdok", code=4100)
        self.landlord = factory.organisation(name="Woningstichting", code=4110, branch="huur")
        kade, dijk = (factory.organisation(Kind.AGENT, name=name, code=code) for name, code in (("Kade", 4700), ("Dijk", 4701)))
        for agent, creditor in ((kade, self.water), (kade, self.landlord), (dijk, self.water)):
            factory.mandate(agent, creditor)
        self.creditor, self.kade, self.dijk = (factory.actor(one, person_id=70 + n) for n, one in enumerate((self.water, kade, dijk)))
        self.team = factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid"), person_id=80)

    def report(self, agent=None, **over):
        return service.report_signal(agent or self.kade, factory.signal_report(**over), 4100)

    def try_contact(self, ref, outcome=Outcome.FINANCIAL):
        call = Attempt(AttemptKind.PHONE, reached=True, on=DAY, part=DayPart.MORNING, outcome=outcome)
        following.note_attempt(self.team, ref, call, kept(ref).revision)

    def end_mandates(self):
        """Let no mandate hold any more."""
        with db.transaction() as session:
            session.execute(update(Mandate).where(Mandate.starts_on < today()).values(ends_on=today() - timedelta(days=1)))


@pytest.fixture
def ground(database, queue, clock):
    return Ground()


def kept(ref):
    with db.reading() as session:
        return session.scalar(select(Signal).where(Signal.ref == ref))


def seen(actor, **over):
    with db.reading() as session:
        return [row.ref for row in reporter_queries.all_feedback(session, actor, FeedbackQuery(**over))]


def page(actor, ref):
    with db.reading() as session:
        return reporter_queries.own_page(session, actor, ref)


def quality(actor):
    with db.reading() as session:
        return reporter_queries.feedback_list(session, actor, FeedbackQuery()).quality


def refusal(act, *args, **named):
    with pytest.raises(Refusal) as refused:
        act(*args, **named)
    return refused.value.code, refused.value.field, refused.value.facts


# ── in whose name ────────────────────────────────────────────────────────────


def test_an_agent_reports_in_the_name_of_a_creditor_and_it_goes_where_the_creditors_own_would_go(ground):
    told = {"postcode": "1071 AR", "arrears_cents": 9_900}
    by_agent, own = kept(ground.report(**told)), kept(service.report_signal(ground.creditor, factory.signal_report(**told)))
    assert (by_agent.reporter_id, by_agent.agent_id) == (ground.water.id, ground.kade.organisation_id)
    assert (own.reporter_id, own.agent_id) == (ground.water.id, None)
    where = ("team_kind", "rule", "team_name", "urgency", "act_by", "feedback_by")
    assert [getattr(by_agent, name) for name in where] == [getattr(own, name) for name in where]
    with db.reading() as session:
        events = session.scalars(select(Event).where(Event.action == "signals:report").order_by(Event.sequence))
        assert [(one.organisation, one.concerns_id) for one in events] == [("Kade", ground.water.id), (ground.water.name, ground.water.id)]


def test_no_agent_reports_without_a_mandate_of_today_and_hears_the_same_whoever_is_named(ground):
    stranger = factory.organisation(code=4120)
    factory.mandate(factory.organisation(Kind.AGENT), stranger)
    later = factory.organisation(code=4121)
    factory.mandate(db_organisation(ground.kade), later, starts_on=today() + timedelta(days=1))
    said = {refusal(service.report_signal, ground.kade, factory.signal_report(), code)[0] for code in (4120, 4121, 4999, None)}
    said |= {refusal(import_signals, ground.kade, file({}), codes)[0] for codes in ([4120], [4100, 4120], [])}
    ground.end_mandates()
    said |= {refusal(ground.report)[0], refusal(import_signals, ground.kade, file({}), [4100])[0]}
    assert said == {"early_signals.no_mandate"}
    assert seen(ground.creditor) == []


def db_organisation(actor):
    return type("Place", (), {"id": actor.organisation_id})


def test_the_four_steps_are_those_of_the_creditors_branch_whatever_the_agents_is(ground):
    with db.transaction() as session:
        session.get(type(ground.water), ground.kade.organisation_id).branch = "huur"
    assert ground.report()
    assert refusal(service.report_signal, ground.kade, factory.signal_report(), 4110)[0] == "early_signals.unconfirmed"
    assert service.report_signal(ground.kade, factory.signal_report(confirmations=STEPS), 4110)


# ── who sees what ────────────────────────────────────────────────────────────


def test_an_agent_sees_what_it_sent_alone_and_the_creditor_everything_with_who_sent_it(ground):
    own, by_kade, by_dijk = service.report_signal(ground.creditor, factory.signal_report()), ground.report(), ground.report(ground.dijk)
    assert [seen(one) for one in (ground.kade, ground.dijk)] == [[by_kade], [by_dijk]]
    assert seen(ground.creditor) == [by_dijk, by_kade, own]
    assert [(page(ground.creditor, ref).row.agent, page(ground.creditor, ref).row.creditor) for ref in (own, by_kade)] == [
        ("", ground.water.name), ("Kade", ground.water.name),
    ]  # fmt: skip
    for ref in (own, by_dijk):
        for act in (page, service.note_opened, lambda who, one: service.withdraw_signal(who, one, Withdrawal.PAID)):
            with pytest.raises(NotFound):
                act(ground.kade, ref)
    assert seen(ground.kade, creditor="4110") == []


def test_once_the_mandate_has_ended_an_agent_sees_nothing_and_takes_nothing_back(ground):
    ref = ground.report()
    ground.try_contact(ref)
    assert menu(ground.kade) == 1
    ground.end_mandates()
    assert (seen(ground.kade), menu(ground.kade), quality(ground.kade).reported) == ([], 0, 0)
    assert telling.tell_feedback(DAY) == 1, "the creditor alone hears of it"
    for act in (page, service.note_opened, lambda who, one: service.withdraw_signal(who, one, Withdrawal.PAID)):
        with pytest.raises(NotFound):
            act(ground.kade, ref)
    assert seen(ground.creditor) == [ref]
    factory.mandate(db_organisation(ground.kade), ground.water, starts_on=today())
    assert seen(ground.kade) == [ref], "a new mandate opens what it sent under the old one"


def menu(actor):
    with db.reading() as session:
        return counted(session, actor, (queries.waiting_count,))[0]


def test_creditor_and_agent_each_take_back_what_the_agent_reported(ground):
    first, second = ground.report(), ground.report()
    service.withdraw_signal(ground.creditor, first, Withdrawal.PAID)
    service.withdraw_signal(ground.kade, second, Withdrawal.MISTAKE)
    service.withdraw_signal(ground.kade, first, Withdrawal.MISTAKE)  # too late: it stays as the creditor said
    assert [(kept(ref).state, kept(ref).withdrawal) for ref in (first, second)] == [
        (State.WITHDRAWN, Withdrawal.PAID), (State.WITHDRAWN, Withdrawal.MISTAKE),
    ]  # fmt: skip
    assert seen(ground.kade, status="withdrawn") == [second, first]


# ── what of others it does not hear ──────────────────────────────────────────


def test_what_others_reported_under_the_same_key_is_refused_in_the_same_words_whatever_stands_in_it(ground):
    told = [factory.signal_report() for _ in range(4)]
    refs = [service.report_signal(ground.creditor, one) for one in told[:3]]
    service.withdraw_signal(ground.creditor, refs[1], Withdrawal.PAID)
    ground.try_contact(refs[2], Outcome.DECEASED)
    service.report_signal(ground.dijk, told[3], 4100)
    other = [vars(one) | {"arrears_cents": 77_700, "surname": "Anders"} for one in told]
    said = {str(refusal(service.report_signal, ground.kade, one, 4100)) for one in told}
    said |= {str(refusal(ground.report, **one)) for one in other}
    assert said == {"('early_signals.reported_by_other', 'reference', {})"}
    assert refusal(ground.report, **other[0] | {"arrears_cents": 1})[0] == "early_signals.too_small", "a bad report asks nothing of others"


def test_a_trial_tells_nothing_of_what_others_reported_and_the_file_no_more_than_that_it_cannot(ground):
    rows = [{}, {"Kenmerk": "KL2"}, {"Kenmerk": "KL3"}]
    content = file(*rows)
    assert counts(import_signals(ground.kade, content, [4100], dry_run=True)) == (3, 0, 0, 0)
    import_signals(ground.creditor, file({}, {"Kenmerk": "KL2", "Achterstand": "99,00"}))
    trial = import_signals(ground.kade, content, [4100], dry_run=True)
    assert (counts(trial), trial.tallies[0].changes[0].name) == ((3, 0, 0, 0), "KL1")
    outcome = import_signals(ground.kade, content, [4100])
    assert counts(outcome) == (1, 0, 0, 2)
    assert {why for _, why in whys(outcome)} == {
        "Kenmerk: Met dit kenmerk en deze dag is namens deze schuldeiser al gemeld. Kies een ander kenmerk of een andere dag."
    }
    assert [kept(ref).reference for ref in seen(ground.kade)] == ["KL3"]


def test_an_agent_hears_of_repetition_only_by_what_it_sent_itself(ground):
    service.report_signal(ground.creditor, factory.signal_report(**HOME))
    first = ground.report(**HOME)
    assert [(quality(one).repeated, page(one, first).repeated) for one in (ground.creditor, ground.kade)] == [(1, True), (0, False)]
    assert not page(ground.creditor, first).repeated_by_self
    second = ground.report(**HOME)
    ground.report(ground.dijk, **HOME)
    assert [quality(one).repeated for one in (ground.creditor, ground.kade, ground.dijk)] == [3, 1, 0]
    assert page(ground.kade, second).repeated


def test_an_agent_is_not_told_that_it_repeated_what_a_team_found_repeated_of_others(ground):
    service.report_signal(ground.creditor, factory.signal_report(**HOME))
    ref = ground.report(**HOME)
    ground.try_contact(ref, Outcome.REPEATED)
    assert [(page(one, ref).row.feedback.said, page(one, ref).repeated) for one in (ground.creditor, ground.kade)] == [
        (Said.REPEATED, True), (Said.REPEATED, False),
    ]  # fmt: skip


def test_what_the_creditor_tells_anew_of_an_agents_report_is_its_own_from_then_on(ground):
    import_signals(ground.kade, file({}), [4100])
    (ref,) = seen(ground.kade)
    assert counts(import_signals(ground.creditor, file({}))) == (0, 0, 1, 0)
    assert seen(ground.kade) == [ref], "the same once more changes nothing"
    assert counts(import_signals(ground.creditor, file({"Telefoon": "0612345678"}))) == (0, 1, 0, 0)
    assert (seen(ground.kade), page(ground.creditor, ref).row.agent) == ([], "")
    assert counts(import_signals(ground.kade, file({}), [4100])) == (0, 0, 0, 1)
    with db.reading() as session:
        changes = session.scalar(select(Event.changes).where(Event.action == "signals:change"))
    assert json.loads(changes)["agent"] == ["Kade", None]


# ── feedback ─────────────────────────────────────────────────────────────────


def test_agent_and_creditor_each_hear_of_it_and_each_read_it_for_themselves(ground, clock):
    by_agent, own = ground.report(), service.report_signal(ground.creditor, factory.signal_report())
    for ref in (by_agent, own):
        ground.try_contact(ref)
    assert page(ground.kade, by_agent).row.feedback == page(ground.creditor, by_agent).row.feedback
    assert [telling.tell_feedback(DAY), telling.tell_feedback(DAY)] == [2, 0]
    assert mails() == {ground.water.id: ["2"], ground.kade.organisation_id: ["1"]}
    clock.shift(60)
    assert service.read_feedback(ground.kade, kept(by_agent).told_anew_at) == 1
    assert [seen(one, status="news") for one in (ground.kade, ground.creditor)] == [[], [own, by_agent]]
    assert [service.read_feedback(one, kept(own).told_anew_at) for one in (ground.creditor, ground.kade)] == [2, 0]


def test_both_hear_on_the_last_day_that_nothing_is_known_and_neither_twice(ground, clock):
    ground.report()
    ground.end_mandates()
    for days, told in ((28, 1), (1, 1), (1, 0)):  # the creditor; the agent, once it has a mandate again; nobody
        clock.shift(days * 24 * 3600)
        assert telling.tell_feedback(today()) == told
        if days == 28:
            factory.mandate(db_organisation(ground.kade), ground.water, starts_on=today() + timedelta(days=1))
    assert mails() == {ground.water.id: ["1"], ground.kade.organisation_id: ["1"]}
    assert [len(seen(one, status="news")) for one in (ground.kade, ground.creditor)] == [1, 1]


def mails():
    """Return what the mails of feedback counted, by whom they went to."""
    found = {}
    with db.reading() as session:
        for one in session.scalars(select(Message).where(Message.code == "early_signals.feedback").order_by(Message.id)):
            found.setdefault(one.organisation_id, []).append(one.facts["number"])
    return found


# ── files ────────────────────────────────────────────────────────────────────


def test_an_agents_file_holds_rows_of_the_creditor_that_it_chose_and_of_nobody_else(ground):
    outcome = import_signals(ground.kade, file({}, {"CodeEiser": "4110"}, {"CodeEiser": "4700"}), [4100], confirmed=True)
    assert counts(outcome) == (1, 0, 0, 2)
    assert {why for _, why in whys(outcome)} == {"CodeEiser: Deze code is niet van de schuldeiser die u koos."}
    assert counts(import_signals(ground.kade, file({}), [4100])) == (0, 0, 1, 0)
    assert counts(import_signals(ground.kade, file({"Achterstand": "99,00"}), [4100])) == (0, 1, 0, 0)
    with db.reading() as session:
        whose = session.scalars(select(Event.concerns_id).where(Event.action == "signals:import"))
        assert set(whose) == {ground.water.id}, "the creditor reads in its log what is brought in in its name"


@pytest.mark.parametrize("ends", [False, True])
def test_a_large_file_that_waits_comes_in_as_far_as_the_mandate_still_goes(ground, queue, ends):
    content = file({})
    outcome = import_signals(ground.kade, content, [4100], dry_run=True)
    outcome.tallies[0].unchanged = LARGE
    ref = service.keep_upload(ground.kade, Incoming("signals", "meldingen.csv", content), outcome, confirmed=False, creditor=4100)
    assert service.confirm_upload(ground.kade, ref)
    if ends:
        ground.end_mandates()
    queue.run_all()
    assert len(seen(ground.creditor)) == (not ends)
    with db.reading() as session:
        if ends:
            with pytest.raises(NotFound):
                mandates.own_upload(session, ground.kade, ref)
        else:
            assert mandates.creditor_of_upload(session, mandates.own_upload(session, ground.kade, ref)) == ground.water.name


def test_the_command_takes_a_file_that_an_agent_sent_in_its_reporters_name(ground, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("PORTAL_DATABASE_URL", settings.database_url)
    path = tmp_path / "meldingen.csv"
    path.write_bytes(file({}))
    command = ["import", "signals", str(path), "--reporter", "4100", "--json"]
    for agent, says in (("4999", "Er staat geen incassopartij met code 4999"), ("4101", "Er staat geen incassopartij")):
        assert says in CliRunner().invoke(portal, [*command, "--sent-by", agent]).stderr
    done = CliRunner().invoke(portal, [*command, "--sent-by", "4700"])
    assert json.loads(done.stdout)["signals"] == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 0}
    assert len(seen(ground.kade)) == 1
    assert "heeft geen lopende volmacht van schuldeiser 4110" in str(
        CliRunner().invoke(portal, [*command[:4], "4110", "--sent-by", "4701"]).stderr
    )


def test_the_citys_collected_file_says_it_is_the_creditors(ground):
    import_signals(SYSTEM, file({}), [4100])
    assert (seen(ground.kade), page(ground.creditor, seen(ground.creditor)[0]).row.agent) == ([], "")
