"""The profile of a creditor with two years of figures, as the relations team sees it; read by axe at every width."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.access import Kind
from app.deadlines import months_before
from app.relations.commitment_rules import CommitmentState, Measure
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import ComplaintKind, Outcome
from app.relations.models import CreditorMonth, MeetingNote
from app.web import act_as
from tests import factory
from tests.browser.conftest import serving
from tests.conftest import NOW

SHOTS = os.environ.get("PICTURES", "")  # a folder to keep pictures in, for whoever looks beside the mockups


def month(creditor, back):
    """What a creditor did so many months ago: better each month."""
    figures = {
        "offers": 60, "due": 50, "in_time": 46 - back, "settled": 48, "accepted": 44 - back // 2, "by_consent": 30, "assessed": 60,
        "covered": 48 - back, "rejected": 3, "against_consent": back // 9, "days": 180 + back, "days_of": 30, "balances": 20,
        "balances_in_time": 18 - back // 3, "balances_late": 1, "balances_not_stated": 1, "pauses": 20, "pauses_confirmed": 17,
        "pauses_broken": int(back == 4), "signals": 90, "signals_sound": 80 - back, "signals_wrong": 4, "signals_repeated": 5,
        "signals_outdated": 1, "reason:percentage too low": 2, "reason:policy": 1, "waiting": 34 if back == 0 else 0,
        "waiting_late": 2 if back == 0 else 0,
    }  # fmt: skip
    on = months_before(NOW.date().replace(day=1), back)
    return CreditorMonth(creditor_id=creditor.id, month=on, figures=figures, counted_at=NOW)


@pytest.fixture
def place(app, queue):
    water, team = factory.organisation(name="Waterbedrijf Westerdok"), factory.organisation(Kind.RELATIONS_TEAM, name="Relatiebeheer")
    factory.save(*(month(water, back) for back in range(22)))
    done = {"state": State.CLOSED, "outcome": Outcome.UPHELD, "due_on": None, "closed_on": NOW.date()}
    for over in (done, done | {"kind": ComplaintKind.TONE, "outcome": Outcome.NOT_UPHELD}, {}):
        factory.complaint(team, water, **over)
    measured = {"measure": Measure.ANSWERS_IN_TIME, "threshold": 90, "days": 10, "words": "90% antwoord binnen 10 werkdagen"}
    factory.commitment(water, state=CommitmentState.KEPT, **measured)
    factory.commitment(water)
    factory.escalation(water)
    meeting, at = factory.meeting(water), datetime(2026, 6, 2, 9, tzinfo=UTC)
    factory.save(MeetingNote(meeting_id=meeting.id, at=at, who="Joris Blaauw", words="Directie schuift aan."))
    joris = factory.person(team, name="Joris Blaauw")
    app.before_request_funcs.setdefault(None, []).append(lambda: act_as(factory.actor(team, person_id=joris.id, name=joris.name)))
    with serving(app) as address:
        yield f"{address}/relations/creditors/{water.code}"


def test_two_years_of_a_creditor_can_be_read_by_everybody_and_taken_along(page, place, check_page):
    page.goto(place)
    for width in (320, 1280) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=Path(SHOTS) / f"profiel-{width}.png", full_page=True)
    check_page(page)
    assert page.locator(".smalls figure").count() == 6
    assert page.get_by_text("afgesproken 90%").count() == 1
    paper = page.context.request.get(f"{place}/pdf")
    assert paper.body().startswith(b"%PDF")
    if SHOTS:
        (Path(SHOTS) / "profiel.pdf").write_bytes(paper.body())
