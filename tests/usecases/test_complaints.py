"""Complaints of harsh collection through their use cases: report, triage, addressing, answers, and what comes of them."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.access import Kind
from app.cases.models import PauseBreach
from app.documents.attachments import Added
from app.errors import Conflict, NotFound, Refusal
from app.relations import addressed_queries, addressing, complaint_links, complaint_queries, complaints, triage, triage_queries
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import Answer, ComplaintKind, Helped, Outcome, Severity
from app.relations.complaints import Told
from app.relations.models import Complaint, ComplaintLink, ComplaintPattern
from tests import factory


class Place:
    """A creditor, its agent, the team that reports, and the relations team."""

    def __init__(self):
        self.creditor, self.other = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(name="Zilverreiger")
        self.agent = factory.organisation(Kind.AGENT, name="Incassobureau Kade")
        self.team = factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Zuid")
        self.relations = factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
        self.helper = factory.actor(self.team, person_id=factory.person(self.team).id, name="Hanna Wouda")
        self.joris = factory.actor(self.relations, person_id=factory.person(self.relations).id, name="Joris Blaauw")
        self.worker = factory.actor(self.creditor, person_id=factory.person(self.creditor).id, name="Wout Water")

    def report(self, **over):
        told = {"kind": ComplaintKind.COSTS, "happened_on": date(2026, 6, 1), "words": "Te hoge kosten.", "party_code": self.creditor.code}
        return complaints.report_complaint(self.helper, Told(**told | over), is_another=True)

    def addressed(self, **over):
        ref = self.report(**over)
        addressing.address_complaint(self.joris, ref, revision(ref), "Er zijn te hoge kosten gerekend.", tell_agent=True)
        return ref


@pytest.fixture
def place(queue, clock):
    return Place()


def loaded(ref):
    with db.reading() as session:
        return session.scalar(select(Complaint).where(Complaint.ref == ref))


def revision(ref):
    return loaded(ref).revision


def test_a_report_stands_in_the_queue_with_its_days_and_the_second_click_is_the_same_one(place):
    ref = place.report()
    assert place.report() == ref
    with db.reading() as session:
        found = triage_queries.queue(session, place.joris, triage_queries.QueueQuery())
    assert [(name, [row.ref for row in rows]) for name, rows in found.groups] == [("later", [ref])]
    assert (loaded(ref).receipt_by, loaded(ref).answer_by) == (date(2026, 6, 11), date(2026, 6, 25))


def test_a_report_about_an_unknown_company_is_kept_until_the_register_knows_it(place):
    ref = place.report(party_code=None, named="Snelle Centen BV")
    with pytest.raises(Refusal, match=r"relations.party_not_registered"):
        addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=False)
    triage.pass_on(place.joris, ref, revision(ref), place.other.code, "Nu ingeschreven.")
    assert (loaded(ref).creditor_id, loaded(ref).named, loaded(ref).state) == (place.other.id, "", State.NEW)


def test_what_the_own_team_reported_before_is_shown_before_a_second_report(place):
    ref = place.report()
    told = Told(ComplaintKind.COSTS, date(2026, 6, 3), "Weer kosten.", party_code=place.creditor.code)
    with pytest.raises(Refusal, match=r"relations.similar") as refused:
        complaints.report_complaint(place.helper, told)
    assert [one.ref for one in refused.value.facts["similar"]] == [ref]
    assert complaints.report_complaint(place.helper, told, is_another=True) != ref


def test_a_creditor_learns_of_a_complaint_when_it_is_addressed_and_of_its_client_only_when_that_agreed(place):
    case = factory.case(surname="Hof", team="Buurtteam Zuid")
    claim = factory.claim(case, place.creditor, reference="KL-77")
    ref = place.report(case_ref=case.ref, claim_id=claim.id)
    with db.reading() as session, pytest.raises(NotFound):
        addressed_queries.addressed_page(session, place.worker, ref)
    with pytest.raises(Refusal, match=r"relations.names_client"):
        addressing.address_complaint(place.joris, ref, revision(ref), "Mevrouw Hof (KL-77) kreeg kosten.", tell_agent=False)
    addressing.address_complaint(place.joris, ref, revision(ref), "Een cliënt kreeg te hoge kosten.", tell_agent=False)
    with db.reading() as session:
        page = addressed_queries.addressed_page(session, place.worker, ref)
    assert (page.told_words, page.client_name, page.client_reference) == ("Een cliënt kreeg te hoge kosten.", "", "")


def test_who_agreed_is_named_with_the_reference(place):
    case = factory.case(surname="Hof", team="Buurtteam Zuid")
    claim = factory.claim(case, place.creditor, reference="KL-77")
    ref = place.addressed(case_ref=case.ref, claim_id=claim.id, client_agrees=True)
    with db.reading() as session:
        page = addressed_queries.addressed_page(session, place.worker, ref)
    assert (page.client_name, page.client_reference) == ("X. Hof", "KL-77")


def test_an_answer_goes_to_the_team_and_the_reporter_hears_the_outcome_alone(place, queue):
    ref = place.addressed()
    addressing.answer_complaint(place.worker, ref, revision(ref), Answer.MENDED, "De kosten zijn terugbetaald; intern 4711.")
    addressing.close_complaint(place.joris, ref, revision(ref), Outcome.UPHELD, "De kosten zijn terug.")
    with db.reading() as session:
        page = complaint_queries.reported_page(session, place.helper, ref)
    assert page.outcome_words == "De kosten zijn terug."
    assert "4711" not in repr(page)
    complaints.say_helped(place.helper, ref, Helped.NO, "Er kwam weer een brief.", page.revision, reopen=True)
    assert (loaded(ref).state, loaded(ref).helped, loaded(ref).outcome) == (State.TRIAGE, Helped.NO, None)


def test_a_question_is_answered_and_a_creditor_may_disagree(place):
    ref = place.addressed()
    addressing.ask_question(place.worker, ref, revision(ref), "Om welke brief gaat het?")
    addressing.reply(place.joris, ref, revision(ref), "Om die van 1 juni.")
    addressing.disagree(place.worker, ref, revision(ref), "De kosten kloppen.")
    assert loaded(ref).state is State.DISAGREED
    with pytest.raises(Refusal, match=r"relations.move_not_possible"):
        addressing.ask_question(place.worker, ref, revision(ref), "En nu?")
    with pytest.raises(Conflict):
        addressing.answer_complaint(place.worker, ref, 1, Answer.MENDED, "Toch hersteld.")


def test_what_is_passed_on_is_seen_by_the_right_company_alone_and_without_what_the_first_one_wrote(place):
    ref = place.addressed()
    addressing.answer_complaint(place.worker, ref, revision(ref), Answer.NOT_OURS, "Dit is van Zilverreiger.")
    triage.pass_on(place.joris, ref, revision(ref), place.other.code, "Niet van Westerdok.")
    addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=False)
    with db.reading() as session:
        page = addressed_queries.addressed_page(session, factory.actor(place.other), ref)
        with pytest.raises(NotFound):
            addressed_queries.addressed_page(session, place.worker, ref)
    assert "Zilverreiger" not in repr(page.lines)


def test_a_merged_complaint_hears_the_outcome_of_the_other_and_is_merged_once(place):
    first, second, third = place.report(), place.report(words="Weer kosten."), place.report(words="Nog eens.")
    triage.merge_into(place.joris, second, revision(second), first)
    for refused, into, code in ((second, third, "merged_already"), (third, second, "merge_into_merged"), (third, third, "merge_itself")):
        with pytest.raises(Refusal, match=f"relations.{code}"):
            triage.merge_into(place.joris, refused, revision(refused), into)
    addressing.close_complaint(place.joris, first, revision(first), Outcome.UPHELD, "Terugbetaald.")
    with db.reading() as session:
        lines = complaint_queries.reported_page(session, place.helper, second).lines
    assert [line.words for line in lines if line.what == "closed"] == ["Terugbetaald."]


def test_a_part_that_is_about_something_else_becomes_a_complaint_of_its_own(place):
    ref = place.report()
    part = triage.split_off(place.joris, ref, revision(ref), ComplaintKind.TONE, "Ook dreigden zij.")
    assert (loaded(part).kind, loaded(part).words, loaded(part).reporter) == (ComplaintKind.TONE, "Ook dreigden zij.", "Hanna Wouda")
    assert loaded(part).split_from_id == loaded(ref).id


def test_a_paused_clock_stands_still_with_its_reason_and_gives_the_days_back(place, clock):
    ref = place.report()
    triage.pause_clock(place.joris, ref, revision(ref), "Wij wachten op de brief.")
    assert loaded(ref).due_on is None
    with pytest.raises(Refusal, match=r"relations.paused_already"):
        triage.pause_clock(place.joris, ref, revision(ref), "Nog eens.")
    clock.shift(4 * 86400)  # to Monday: two working days
    triage.resume_clock(place.joris, ref, revision(ref))
    assert (loaded(ref).receipt_by, loaded(ref).answer_by) == (date(2026, 6, 15), date(2026, 6, 29))


def test_the_third_of_a_kind_raises_a_pattern_once_and_what_was_not_upheld_does_not_count(place):
    refs = [place.report(words=f"Kosten {number}.") for number in range(2)]
    addressing.close_complaint(place.joris, refs[0], revision(refs[0]), Outcome.NOT_UPHELD, "De kosten klopten.")
    place.report(words="Kosten 3.")
    assert patterns() == []
    place.report(words="Kosten 4.")
    place.report(words="Kosten 5.")
    assert [(one.organisation_id, one.kind, one.number) for one in patterns()] == [(place.creditor.id, ComplaintKind.COSTS, 4)]
    triage.handle_pattern(place.joris, patterns()[0].id, patterns()[0].revision, "Besproken met de directie.")
    place.report(words="Kosten 6.")
    assert [one.handled_by for one in patterns()] == ["Joris Blaauw"]


def patterns():
    with db.reading() as session:
        return list(session.scalars(select(ComplaintPattern).order_by(ComplaintPattern.id)))


def test_collecting_during_a_pause_shows_on_the_case(place):
    case = factory.case(team="Buurtteam Zuid")
    claim = factory.claim(case, place.creditor)
    factory.notice(claim)
    place.report(kind=ComplaintKind.DURING_PAUSE, happened_on=date(2026, 6, 2), case_ref=case.ref, claim_id=claim.id)
    with db.reading() as session:
        breaches = session.scalars(select(PauseBreach)).all()
    assert [(one.case_id, one.happened_on, one.words) for one in breaches] == [(case.id, date(2026, 6, 2), "Te hoge kosten.")]


def test_a_link_works_for_its_uses_and_days_and_its_token_is_kept_nowhere(place, clock):
    token = complaint_links.make_link(place.helper, "Schuldhulpmaatje", uses=1, days=2)
    told = Told(ComplaintKind.TONE, date(2026, 6, 1), "Zij dreigden.", party_code=place.creditor.code)
    ref = complaint_links.report_by_link(token, "Mia Kas", "mia@kas.example", told, "test")
    assert (loaded(ref).reporter, loaded(ref).reporter_organisation_id) == ("Mia Kas", place.team.id)
    with pytest.raises(NotFound):
        complaint_links.report_by_link(token, "Mia Kas", "", told, "test")
    second = complaint_links.make_link(place.helper, "", uses=5, days=2)
    clock.shift(3 * 86400)
    with db.reading() as session:
        assert not complaint_links.link_works(session, second)
        assert second.encode() not in [row.token_hash for row in session.scalars(select(ComplaintLink))]


def test_a_draft_is_of_who_wrote_it_and_becomes_the_report(place):
    ref = complaints.save_draft(place.helper, Told(words="Half"))
    colleague = factory.actor(place.team, person_id=factory.person(place.team).id)
    with db.reading() as session, pytest.raises(NotFound):
        complaint_queries.draft_of(session, colleague, ref)
    told = Told(ComplaintKind.TONE, date(2026, 6, 1), "Zij dreigden.", party_code=place.agent.code)
    assert complaints.report_complaint(place.helper, told, ref, is_another=True) == ref
    assert complaints.report_complaint(place.helper, told, ref, is_another=True) == ref, "the second click of a double one"
    assert (loaded(ref).agent_id, loaded(ref).creditor_id, loaded(ref).state) == (place.agent.id, None, State.NEW)


def test_evidence_that_can_run_is_refused_and_nothing_is_kept(place):
    with pytest.raises(Refusal, match=r"attachments.unknown"):
        place.report(files=(Added("bewijs.pdf", b"MZ\x90\x00 program"),))
    with db.reading() as session:
        assert session.scalars(select(Complaint)).all() == []


def test_a_note_is_read_by_the_relations_team_alone(place):
    ref = place.addressed()
    triage.note_privately(place.joris, ref, "Bel eerst met Noor 4711.")
    with db.reading() as session:
        pages = [complaint_queries.reported_page(session, place.helper, ref), addressed_queries.addressed_page(session, place.worker, ref)]
        own = triage_queries.triage_page(session, place.joris, ref)
    assert [line.words for line in own.notes] == ["Bel eerst met Noor 4711."]
    assert all("4711" not in repr(page) for page in pages)


def test_what_was_merged_twice_hears_the_outcome_and_nothing_is_merged_into_what_is_closed(place):
    first, second, third = place.report(), place.report(words="Weer kosten."), place.report(words="Nog eens.")
    triage.merge_into(place.joris, third, revision(third), second)
    triage.merge_into(place.joris, second, revision(second), first)
    addressing.close_complaint(place.joris, first, revision(first), Outcome.UPHELD, "Terugbetaald.")
    with db.reading() as session:
        pages = [complaint_queries.reported_page(session, place.helper, ref) for ref in (second, third)]
    assert [line.words for page in pages for line in page.lines if line.what == "closed"] == ["Terugbetaald."] * 2
    assert [loaded(ref).closed_on for ref in (second, third)] == [date(2026, 6, 4)] * 2
    late = place.report(words="Te laat.")
    with pytest.raises(Refusal, match=r"relations.merge_into_closed"):
        triage.merge_into(place.joris, late, revision(late), first)


def test_relating_a_case_afterwards_shows_a_complaint_to_nobody_that_it_was_not_put_before(place):
    case = factory.case(team="Buurtteam Zuid")
    factory.claim(case, place.creditor, agent_id=place.agent.id)
    ref = place.addressed(party_code=place.agent.code)
    triage.relate_to_case(place.joris, ref, revision(ref), case.ref)
    with db.reading() as session, pytest.raises(NotFound):
        addressed_queries.addressed_page(session, place.worker, ref)


@pytest.mark.parametrize("words", ["Fatima kreeg kosten.", "Dossier AG-9 kreeg kosten.", "Geboren 12-03-1980.", "Woont op 1099 ZZ."])
def test_no_text_for_a_creditor_holds_what_tells_who_the_client_is(place, words):
    case = factory.case(surname="Hof", given_name="Fatima", team="Buurtteam Zuid", birth_date=date(1980, 3, 12), postcode="1099ZZ")
    factory.claim(case, place.creditor, reference="KL-77", agent_reference="AG-9")
    ref = place.report(case_ref=case.ref)
    with pytest.raises(Refusal, match=r"relations.names_client"):
        addressing.address_complaint(place.joris, ref, revision(ref), words, tell_agent=False)


def test_a_paused_clock_runs_anew_once_a_complaint_is_passed_on(place, clock):
    ref = place.report()
    triage.pause_clock(place.joris, ref, revision(ref), "Wij zoeken de juiste schuldeiser.")
    clock.shift(4 * 86400)
    triage.pass_on(place.joris, ref, revision(ref), place.other.code, "Niet van Westerdok.")
    assert (loaded(ref).paused_on, loaded(ref).answer_by) == (None, date(2026, 6, 29))


def test_the_same_again_with_a_file_that_was_forgotten_keeps_the_file(place):
    ref = place.report()
    assert place.report(files=(Added("brief.pdf", b"%PDF-1.7 brief"),)) == ref
    with db.reading() as session:
        assert [file.name for file in complaint_queries.reported_page(session, place.helper, ref).files] == ["brief.pdf"]


def test_what_was_merged_ends_no_sooner_than_what_it_is_part_of(place):
    first, second = place.report(), place.report(words="Weer kosten.")
    triage.merge_into(place.joris, second, revision(second), first)
    addressing.close_complaint(place.joris, first, revision(first), Outcome.UPHELD, "Terugbetaald.")
    complaints.say_helped(place.helper, first, Helped.NO, "Er kwam weer een brief.", revision(first), reopen=True)
    assert [loaded(ref).closed_on for ref in (first, second)] == [None, None]


def test_an_urgent_one_that_is_no_longer_so_has_the_days_of_its_running_clock(place, clock):
    ref = place.report(is_urgent=True)
    clock.shift(60 * 86400)
    triage.pass_on(place.joris, ref, revision(ref), place.other.code, "Niet van Westerdok.")
    triage.sort_complaint(
        place.joris, ref, revision(ref), triage.Sorting(ComplaintKind.COSTS, Severity.NORMAL, None, is_urgent=False, owner_id=None)
    )
    assert loaded(ref).answer_by == date(2026, 8, 24)


def test_a_second_click_tells_no_more_twice(place):
    ref = place.report()
    for _ in range(2):
        complaints.add_to_complaint(place.helper, ref, "En dit nog.")
        triage.note_privately(place.joris, ref, "Bel eerst.")
    with db.reading() as session:
        page = triage_queries.triage_page(session, place.joris, ref)
    assert ([line.words for line in page.lines if line.what == "added"], len(page.notes)) == (["En dit nog."], 1)


def test_an_agent_that_is_told_later_reads_nothing_of_what_its_creditor_wrote_before(place):
    case = factory.case(team="Buurtteam Zuid")
    claim = factory.claim(case, place.creditor, agent_id=place.agent.id)
    ref = place.report(party_code=place.agent.code, case_ref=case.ref, claim_id=claim.id)
    addressing.address_complaint(place.joris, ref, revision(ref), "Te hoge kosten.", tell_agent=False)
    addressing.answer_complaint(place.worker, ref, revision(ref), Answer.MEASURES, "Wij zeggen Kade op.")
    addressing.close_complaint(place.joris, ref, revision(ref), Outcome.UPHELD, "Terugbetaald.")
    addressing.reopen_complaint(place.joris, ref, revision(ref), "Weer kosten.")
    addressing.address_complaint(place.joris, ref, revision(ref), "Weer te hoge kosten.", tell_agent=True)
    with db.reading() as session:
        page = addressed_queries.addressed_page(session, factory.actor(place.agent), ref)
    assert [line.words for line in page.lines] == ["Weer te hoge kosten."]
