"""What the small world holds of complaints: one about each creditor with its history, drafts, links to report by, and patterns."""

from datetime import date, timedelta

from app.accounts.rules import hash_token
from app.cases.models import Case
from app.cases.rules import Visibility
from app.clock import now, today
from app.db import reading
from app.relations import addressing, complaint_links, complaints, triage
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import Answer, Audience, ComplaintKind, Outcome, What
from app.relations.complaints import Told
from app.relations.models import Complaint, ComplaintEvent, ComplaintLink, ComplaintPattern
from tests import factory

MISSING = {
    "complaint": "H-2222-2222", "begun": "H-2222-2223", "reporting": "99999999", "report": "a-report-link-of-nobody", "pattern": "99999999",
    "twin": "H-2222-2224",
}  # fmt: skip


def add(things, places, people):
    """Add complaints to what the world holds; ours was told to our agent too."""
    things["ours"] |= _about(places, people, "ours", "team", things["ours"]["case"], agent_id=places["agent"].id, agent_told=True)
    things["theirs"] |= _about(places, people, "theirs", "other team", things["theirs"]["case"], agent_id=places["stranger"].id)
    closed = {"state": State.CLOSED, "outcome": Outcome.UPHELD, "outcome_words": "Terugbetaald.", "closed_on": today(), "due_on": None}
    things["ended"] |= _about(places, people, "ours", "team", things["ended"]["case"], name="ended", **closed)
    for name, visibility in (("resting", Visibility.RESTRICTED), ("erased", Visibility.ERASED)):
        things[name] |= MISSING | {"complaint": _complaint(places, people, "ours", "team", things[name]["case"], visibility=visibility).ref}


def _about(places, people, creditor, team, case, name="", **over):
    """A complaint that was put before a creditor, another that may be the same, a draft, a link and a pattern."""
    name = name or creditor
    made = _complaint(places, people, creditor, team, case, **over)
    for audience, what in ((Audience.TEAM, What.NOTED), (Audience.REPORTER, What.REPORTED), (Audience.PARTY, What.ADDRESSED)):
        facts = {"creditor_id": made.creditor_id, "agent_id": made.agent_id, "at": now(), "who": "Joris", "organisation": "Relatiebeheer"}
        factory.save(
            ComplaintEvent(complaint_id=made.id, audience=audience, what=what, words=f"Regel {audience} {name}", facts={}, **facts)
        )
    who = _reporter(people, team)
    begun = factory.complaint(
        places[team], state=State.DRAFT, reporter_person_id=who.person_id, words=f"Concept {name}", reported_on=None, due_on=None
    )
    over = name == "ended"
    link = factory.save(
        ComplaintLink(
            token_hash=hash_token(f"a-report-link-for-{name}"), organisation_id=places[team].id, person_id=who.person_id, made_by="Ada",
            made_at=now(), given_to=f"Maatje {name}", ends_on=today() + timedelta(days=7), used=int(over),
        )
    )  # fmt: skip
    kinds = {"ours": ComplaintKind.COSTS, "theirs": ComplaintKind.COSTS, "ended": ComplaintKind.TONE}
    handled = {"handled_at": now(), "handled_by": "Ada"} if over else {}
    pattern = factory.save(
        ComplaintPattern(
            organisation_id=places[creditor].id, kind=kinds[name], number=3, first_on=date(2026, 5, 4), raised_at=now(), **handled
        )
    )
    return {
        "complaint": made.ref, "begun": begun.ref, "reporting": str(link.id), "report": f"a-report-link-for-{name}",
        "pattern": str(pattern.id), "twin": factory.complaint(places[team], places[creditor]).ref,
    }  # fmt: skip


def _reporter(people, team):
    return people["team" if team == "team" else "team2"]


def _complaint(places, people, creditor, team, case, **over):
    with reading() as session:
        case_id = session.query(Case.id).filter_by(ref=case).scalar()
    values = {
        "state": State.ADDRESSED, "case_id": case_id, "addressed_at": now(), "told_words": f"Voorgelegd {creditor}",
        "words": f"Gemeld {creditor}", "client_name": f"Cliënt {creditor}", "reporter_person_id": _reporter(people, team).person_id,
    }  # fmt: skip
    return factory.complaint(places[team], places[creditor], **values | over)


# ── for the pages in all their states ────────────────────────────────────────


def play(world):
    """A complaint that nobody read, one that De Linde has to answer, one that is closed, a draft, a link, and a pattern."""
    helper, joris, code = world.actor("counsellor"), world.actor("relations"), world.places["De Linde"].code
    kinds = ComplaintKind.COSTS, today(), "De kosten zijn te hoog.\nEn er was geen herinnering."
    refs = [
        complaints.report_complaint(helper, Told(*kinds[:2], f"{kinds[2]} {number}", party_code=code), is_another=True)
        for number in range(4)
    ]
    for ref in refs[1:]:
        addressing.address_complaint(joris, ref, _revision(ref), "De kosten zijn te hoog.", tell_agent=False)
    addressing.answer_complaint(world.actor("worker"), refs[2], _revision(refs[2]), Answer.MENDED, "Hersteld.")
    addressing.close_complaint(joris, refs[2], _revision(refs[2]), Outcome.UPHELD, "De kosten zijn terugbetaald.")
    addressing.ask_question(world.actor("worker"), refs[3], _revision(refs[3]), "Om welke brief gaat het?")
    triage.pause_clock(joris, refs[0], _revision(refs[0]), "Wij wachten op de brief.")
    triage.note_privately(joris, refs[0], "Bel eerst.")
    unknown = complaints.report_complaint(helper, Told(ComplaintKind.OTHER, today(), "Een bureau.", named="Snel Incasso"))
    world.sessions["thankful"] = {"reported_by_link": unknown}
    world.names |= {
        "complaint": refs[0], "told": refs[1], "closed": refs[2], "questioned": refs[3], "unknown": unknown,
        "begun": complaints.save_draft(helper, Told(words="Half")), "report": complaint_links.make_link(helper, "Maatje", uses=20),
    }  # fmt: skip


def _revision(ref):
    with reading() as session:
        return session.query(Complaint.revision).filter_by(ref=ref).scalar()
