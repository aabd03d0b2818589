"""Files of early signals: what goes in, what is turned down with its line, column and reason, and that twice is once."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app import db
from app.access import SYSTEM, Kind
from app.cli import portal
from app.clock import now, today
from app.early_signals import following
from app.early_signals.importing import import_signals
from app.early_signals.models import Signal
from app.early_signals.routing import Rule
from app.early_signals.rules import Attempt, AttemptKind, DayPart
from app.early_signals.words import REFUSALS
from app.errors import Refusal
from app.exchange.results import reason
from app.notifications.models import Message
from tests import factory

HEAD = (
    "CodeEiser;Kenmerk;Datum;Voornaam;Achternaam;Geboortedatum;Straat;Huisnummer;Postcode;Plaats;Telefoon;Email;Achterstand;"
    "AantalTermijnen;Soort"
)
ROW = {
    "CodeEiser": "4100", "Kenmerk": "KL1", "Datum": "01-06-2026", "Voornaam": "Ömer", "Achternaam": "Şahin", "Geboortedatum": "17-03-1973",
    "Straat": "Molenpad", "Huisnummer": "725", "Postcode": "1085AR", "Plaats": "Amsterdam", "Telefoon": "", "Email": "",
    "Achterstand": "352,76", "AantalTermijnen": "1", "Soort": "betalingsachterstand",
}  # fmt: skip


def file(*rows, extra=()):
    heads = [*HEAD.split(";"), *extra]
    lines = [";".join((ROW | row).get(head, "") for head in heads) for row in rows]
    return "\n".join([";".join(heads), *lines]).encode()


@pytest.fixture
def water(database, clock):
    return factory.organisation(code=4100, branch="water")


@pytest.fixture
def landlord(database, clock):
    return factory.organisation(code=4110, branch="huur")


def counts(outcome):
    return tuple(outcome.as_counts()["signals"].values())


def whys(outcome):
    return [(reject.line, reason(reject, REFUSALS)) for reject in outcome.tallies[0].rejects]


def signals():
    with db.reading() as session:
        return list(session.scalars(select(Signal).order_by(Signal.id)))


def test_the_same_file_twice_changes_nothing(water):
    content = file({}, {"Kenmerk": "KL2", "Achternaam": "de Wit"})
    assert counts(import_signals(SYSTEM, content, [4100])) == (2, 0, 0, 0)
    before = [(one.ref, one.revision) for one in signals()]
    assert counts(import_signals(SYSTEM, content, [4100])) == (0, 0, 2, 0)
    assert [(one.ref, one.revision) for one in signals()] == before


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(water):
    assert counts(import_signals(SYSTEM, file({}), [4100], dry_run=True)) == (1, 0, 0, 0)
    assert signals() == []


def test_what_a_reporter_tells_otherwise_later_is_taken_over(water):
    import_signals(SYSTEM, file({}), [4100])
    assert counts(import_signals(SYSTEM, file({"Achterstand": "1.352,76", "Soort": "dreigende afsluiting"}), [4100])) == (0, 1, 0, 0)
    assert [(one.arrears_cents, one.rule) for one in signals()] == [(135276, Rule.LATE)]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"Geboortedatum": "17-03-2027"}, "Geboortedatum: De geboortedatum ligt in de toekomst."),
        ({"Geboortedatum": "31-02-1973"}, "Geboortedatum: Deze datum bestaat niet."),
        ({"Datum": "05-06-2026"}, "Datum: De dag van de melding ligt in de toekomst."),
        ({"Achterstand": "24,99"}, "Achterstand: De achterstand is lager dan € 25,00."),
        ({"Achterstand": "veel"}, "Achterstand: Dit is geen bedrag."),
        ({"Achternaam": ""}, "Achternaam: Dit mag niet leeg zijn."),
        ({"Postcode": "10 85"}, "Postcode: Dit is geen postcode."),
        ({"Soort": "ruzie"}, "Soort: Kies uit: betalingsachterstand, dreigende ontruiming"),
        ({"CodeEiser": "4110"}, "CodeEiser: Deze code is niet van de melder."),
        ({"DagenAchterstand": "29"}, "DagenAchterstand: De achterstand is nog geen 30 dagen oud."),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_with_line_column_and_reason(water, row, says):
    outcome = import_signals(SYSTEM, file({"Kenmerk": "KL0"}, row, extra=["DagenAchterstand"]), [4100])
    assert counts(outcome) == (1, 0, 0, 1)
    ((line, why),) = whys(outcome)
    assert (line, why.startswith(says)) == (3, True), why


def test_a_landlord_confirms_four_steps_in_each_row_or_for_the_whole_file(landlord):
    steps = ["PersoonlijkContact", "GewezenOpHulp", "SchriftelijkeHerinnering", "AanbodGegevens"]
    three = {"CodeEiser": "4110", "Kenmerk": "A"} | dict.fromkeys(steps[:3], "J")
    four = {"CodeEiser": "4110", "Kenmerk": "B"} | dict.fromkeys(steps, "J")
    outcome = import_signals(SYSTEM, file(three, four, extra=steps), [4110])
    assert counts(outcome) == (1, 0, 0, 1)
    assert "Bevestig wat u deed voordat u meldde: vul J in bij PersoonlijkContact, GewezenOpHulp" in whys(outcome)[0][1]
    assert counts(import_signals(SYSTEM, file(three), [4110], confirmed=True)) == (1, 0, 0, 0)


def test_a_landlords_file_without_a_place_for_the_steps_is_taken_from_the_city_alone_and_the_team_asks_for_them(landlord):
    row = file({"CodeEiser": "4110"})
    assert counts(import_signals(factory.actor(landlord), row)) == (0, 0, 0, 1)
    outcome = import_signals(SYSTEM, row, [4110])
    assert (counts(outcome), [one.flaw.code for one in outcome.tallies[0].notices]) == ((1, 0, 0, 0), ["early_signals.confirms_later"])
    assert counts(import_signals(SYSTEM, row, [4110])) == (0, 0, 1, 0)
    assert counts(import_signals(SYSTEM, row, [4110], confirmed=True)) == (0, 1, 0, 0)
    assert len(signals()[0].confirmations) == 4


def test_a_team_gets_one_message_of_all_late_signals_in_a_file(water, queue):
    factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Oost")
    import_signals(SYSTEM, file({}), [4100])
    late = {"Soort": "dreigende afsluiting"}
    import_signals(SYSTEM, file(late, late | {"Kenmerk": "KL2", "Huisnummer": "9"}), [4100])
    with db.reading() as session:
        assert list(session.scalars(select(Message.facts).where(Message.code == "early_signals.late"))) == [{"number": "2"}]


@pytest.mark.parametrize("is_tried", [False, True])
def test_what_turns_late_gets_hours_from_now_and_its_team_hears_of_it(water, queue, clock, is_tried):
    team = factory.actor(factory.organisation(Kind.NEIGHBOURHOOD_TEAM, name="Buurtteam Oost"), person_id=8)
    import_signals(SYSTEM, file({}), [4100])
    clock.shift(10 * 24 * 3600)
    if is_tried:
        call = Attempt(AttemptKind.PHONE, reached=False, on=today(), part=DayPart.MORNING)
        following.note_attempt(team, signals()[0].ref, call, signals()[0].revision)
    for cents in ("352,76", "400,00"):
        import_signals(SYSTEM, file({"Soort": "dreigende ontruiming", "Achterstand": cents}), [4100])
    assert signals()[0].act_by == now() + timedelta(hours=24)
    with db.reading() as session:
        assert list(session.scalars(select(Message.facts).where(Message.code == "early_signals.late"))) == [{"number": "1"}]


def test_an_unknown_reporter_stops_the_file(water):
    with pytest.raises(Refusal, match=r"early_signals\.unknown_reporter"):
        import_signals(SYSTEM, file({}), [4999])


def test_an_organisation_learns_from_no_file_what_another_reported(water, landlord):
    import_signals(SYSTEM, file({"CodeEiser": "4110"}), [4110], confirmed=True)
    outcome = import_signals(factory.actor(water), file({"CodeEiser": "4110"}, {}))
    assert counts(outcome) == (1, 0, 0, 1)


def test_health_insurance_has_a_window_of_its_own(database, clock):
    factory.organisation(code=4104, branch="zorg")
    old, reckoned = {"CodeEiser": "4104", "DagenAchterstand": "101"}, {"CodeEiser": "4104", "Kenmerk": "B", "AantalTermijnen": "4"}
    outcome = import_signals(SYSTEM, file(old, reckoned, extra=["DagenAchterstand"]), [4104])
    assert next(why for _, why in whys(outcome)).startswith("DagenAchterstand: De achterstand is ouder dan 100 dagen.")
    assert [notice.flaw.code for notice in outcome.tallies[0].notices] == ["early_signals.perhaps_cak"]


def test_the_command_counts_as_the_contract_says_and_keeps_what_it_could_not_take(settings, water, monkeypatch, tmp_path):
    monkeypatch.setenv("PORTAL_DATABASE_URL", settings.database_url)
    path, left = tmp_path / "meldingen.csv", tmp_path / "afgewezen.csv"
    path.write_bytes(file({}, {"Kenmerk": "KL2", "Geboortedatum": "17-03-2090"}))
    command = ["import", "signals", str(path), "--reporter", "4100", "--rejects", str(left), "--json"]
    for words, expected in (([*command, "--dry-run"], 1), (command, 1), (command, 0)):
        counted = json.loads(CliRunner().invoke(portal, words).stdout)["signals"]
        assert counted == {"new": expected, "changed": 0, "unchanged": 1 - expected, "rejected": 1}
    assert left.read_text(encoding="utf-8-sig").splitlines()[1].endswith('"Geboortedatum: De geboortedatum ligt in de toekomst."')
    refused = CliRunner().invoke(portal, [*command[:4], "4999"])
    assert (refused.exit_code, "Er staat geen melder met code 4999 in het register." in refused.stderr) == (1, True)
