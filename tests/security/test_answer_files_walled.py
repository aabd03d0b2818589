"""Files of answers behind row-level security: a creditor and its agent give what is theirs, and nothing else is there for them."""

import pytest

from app import db
from app.cases import balance_files, pause_files
from app.exchange.answer_words import REFUSALS
from app.exchange.answering import answers_page
from app.exchange.uploads import Incoming
from app.proposals import answer_files
from app.reach import act_as_before, act_within
from tests.security.world import actor

pytestmark = pytest.mark.postgres
KINDS = {
    "offer": ("offers", answer_files, b"Aanbod;Antwoord\n", b"akkoord"),
    "balance": ("balances", balance_files, b"Saldoverzoek;Hoofdsom\n", b"1.000,00"),
    "notice": ("notices", pause_files, b"Kennisgeving;Antwoord\n", b"bevestigd"),
}


@pytest.mark.parametrize("who", ["worker", "agent"])
@pytest.mark.parametrize("thing", KINDS)
def test_what_is_ours_is_answered_and_what_is_theirs_is_not_there(walled_world, walled, who, thing):
    world = walled_world[2]
    kind, files, head, answer = KINDS[thing]
    rows = [world.things[whose][thing].encode() + b";" + answer + b"\n" for whose in ("ours", "theirs")]
    person = actor(world.people, who)
    token = act_within(person.reach())
    try:
        ref = files.try_file(person, Incoming(kind, "lijst.csv", head + b"".join(rows)))
        files.confirm_file(person, ref)
        with db.reading() as session:
            page = answers_page(session, person, kind, ref, REFUSALS)
    finally:
        act_as_before(token)
    assert {fate.value: number for fate, number in page.counts.items()} == {"done": 1, "refused": 1}
    assert [row.ref for row in page.rows] == [world.things[whose][thing] for whose in ("theirs", "ours")]
