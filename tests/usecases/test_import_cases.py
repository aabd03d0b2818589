"""Bringing the bank's files in: what becomes of each row, and what the register and the audit hold afterwards."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from app import connect, db
from app.access import SYSTEM, Kind
from app.audit.models import Event
from app.cases.importing import import_cases
from app.cases.listing import ListQuery, case_list
from app.cases.models import Case, Claim
from app.cases.rules import Status
from app.cases.words import REFUSALS
from app.cli import portal
from app.creditors.importing import import_creditors
from app.creditors.queries import ListQuery as CreditorQuery
from app.creditors.queries import creditor_list
from app.errors import NotFound, Refusal
from app.exchange.results import reason, sentence
from app.sealing import blind_index
from tests import factory
from tests.conftest import settings_for

ROOT = Path(__file__).parent.parent.parent
DEMO, MESSY = ROOT / "demo", ROOT / "tests" / "files" / "messy"
HEAD = "RelatieCode;Volgnummer;UniekVolgnummer;CodeEiser;Preferentie;AangemeldBedrag;TeruggemeldBedrag;Zekerheid;Fraude"
APPLICATIONS = b"RelatieCode;Volgnummer;Achternaam;Geboortedatum;Startdatum;DatumBerekening;Inkomen;VTLB;TotaalAangemeldeSchuld"
ONE = APPLICATIONS + b"\n7;1;Visser;02-05-1987;01-03-2026;01-04-2026;1500,00;1400,00;100,00"


@pytest.fixture
def register(database, clock):
    import_creditors(SYSTEM, DEMO / "creditors.csv")


def claims(*rows):
    return "\n".join([HEAD, *rows]).encode()


def rows_of(model, *where):
    with db.reading() as session:
        return list(session.scalars(select(model).where(*where).order_by(model.id)))


def events(action, subject=None):
    with db.reading() as session:
        found = session.scalars(select(Event).where(Event.action == action).order_by(Event.sequence))
        return [event for event in found if subject is None or event.subject == subject]


def counts(outcome, kind="claims"):
    return tuple(outcome.as_counts()[kind].values())


def test_the_samples_have_no_rejects_and_a_second_time_nothing_changes(register):
    first = import_cases(SYSTEM, DEMO / "aanvragen.csv", DEMO / "eisers.csv")
    again = import_cases(SYSTEM, DEMO / "aanvragen.csv", DEMO / "eisers.csv")
    assert (counts(first, "cases"), counts(first)) == ((400, 0, 0, 0), (4691, 0, 0, 0))
    assert (counts(again, "cases"), counts(again)) == ((0, 0, 400, 0), (0, 0, 4691, 0))
    assert [tally.notices for tally in first.tallies] == [[], []]


def test_a_dry_run_counts_the_same_and_keeps_nothing(register):
    outcome = import_cases(SYSTEM, DEMO / "aanvragen.csv", DEMO / "eisers.csv", dry_run=True)
    assert counts(outcome) == (4691, 0, 0, 0)
    assert (rows_of(Case), rows_of(Claim), events("cases:import")) == ([], [], [])


def test_each_line_of_the_messy_file_becomes_what_its_readme_says(register):
    import_cases(SYSTEM, DEMO / "aanvragen.csv", claims())
    outcome = import_cases(SYSTEM, DEMO / "aanvragen.csv", MESSY / "eisers.csv")
    tally = outcome.tallies[1]
    assert counts(outcome) == (9, 0, 0, 15)
    assert {reject.line: (reject.flaws[0].column, reject.flaws[0].code) for reject in tally.rejects} == {
        5: ("AangemeldBedrag", "money.unreadable"),
        6: ("AangemeldBedrag", "money.negative"),
        7: ("AangemeldBedrag", "money.too_many_decimals"),
        8: ("CodeEiser", "cases.not_in_register"),
        9: ("Preferentie", "exchange.not_a_choice"),
        10: ("RelatieCode", "exchange.empty"),
        11: ("RelatieCode", "cases.no_such_case"),
        13: (None, "exchange.duplicate"),
        14: ("DatumTerugmelding", "exchange.no_such_day"),
        19: ("AangemeldBedrag", "exchange.amount_too_large"),
        20: ("Referentie", "exchange.too_long"),
        21: ("Referentie", "exchange.control_character"),
        22: ("CodeDeurwaarder", "cases.two_agents"),
        23: ("CodeIncasso", "cases.not_an_agency"),
        25: ("UniekVolgnummer", "exchange.not_a_whole_number"),
    }
    assert [(notice.line, notice.flaw.code) for notice in tally.notices] == [(18, "cases.name_differs")]
    assert tally.unknown == ("Extra kolom",)
    assert all(reason(reject, REFUSALS) for reject in tally.rejects)
    assert "Achteraf Nu" in sentence(tally.notices[0].flaw, REFUSALS)


def test_the_other_messy_files_are_taken_whole_or_refused_whole(register):
    taken = import_cases(SYSTEM, DEMO / "aanvragen.csv", MESSY / "eisers-windows-1252-comma.csv")
    assert counts(taken) == (6, 0, 0, 0)
    with pytest.raises(Refusal, match=r"exchange\.column_missing"):
        import_cases(SYSTEM, ONE, MESSY / "eisers-without-amount-column.csv")
    assert rows_of(Case, Case.relation_code == 7) == []  # its application was good, and went back too


def test_a_changed_claim_is_audited_with_old_and_new_and_others_stay_untouched(register):
    import_cases(SYSTEM, ONE, claims("7;1;1;4100;C;60;;;", "7;1;2;4101;C;40;;;"))
    outcome = import_cases(SYSTEM, ONE, claims("7;1;1;4100;C;60;55,50;;", "7;1;2;4101;C;40;;;"))
    changed, untouched = rows_of(Claim)
    assert counts(outcome) == (0, 1, 1, 0)
    assert (changed.stated_cents, changed.revision, untouched.revision) == (5550, 2, 1)
    assert outcome.tallies[1].changes[0].fields == (("stated_cents", None, 5550),)
    (case,) = rows_of(Case)
    assert json.loads(events("cases:import", f"case/{case.ref}")[-1].changes) == {"claim 1 stated_cents": [None, "5550"]}


def test_a_changed_name_is_found_again_and_stands_in_no_audit_event(register):
    import_cases(SYSTEM, ONE, claims())
    outcome = import_cases(SYSTEM, ONE.replace(b"Visser", b"de Boer"), claims())
    (case,) = rows_of(Case, Case.surname_index == blind_index("De Boer"))
    assert counts(outcome, "cases") == (0, 1, 0, 0)
    event = events("cases:import", f"case/{case.ref}")[-1]
    assert json.loads(event.changes) == {"surname": [None, "changed"]}


def test_claims_that_a_later_file_leaves_out_stay(register):
    import_cases(SYSTEM, ONE, claims("7;1;1;4100;C;100;;;"))
    import_cases(SYSTEM, ONE, claims())
    assert len(rows_of(Claim)) == 1


def test_security_and_fraud_written_in_the_portal_stand_when_the_file_is_silent(register):
    import_cases(SYSTEM, ONE, claims("7;1;1;4100;S;100;;50;J"))
    again = import_cases(SYSTEM, ONE, claims("7;1;1;4100;S;100;;;"))
    (claim,) = rows_of(Claim)
    assert (counts(again), claim.security_cents, claim.fraud) == ((0, 0, 1, 0), 5000, True)
    import_cases(SYSTEM, ONE, claims("7;1;1;4100;C;100;;;"))  # no longer secured: the security goes
    assert rows_of(Claim)[0].security_cents == 0


def test_a_balance_that_a_creditor_stated_in_the_portal_is_taken_back_by_no_file(register):
    row = "7;1;1;4100;C;100,00;{};;"
    import_cases(SYSTEM, ONE, claims(row.format("90,00")))
    with db.transaction() as session:
        session.execute(update(Claim).values(stated_cents=8_000, stated_by="Wout Water, Waterbedrijf"))
    outcome = import_cases(SYSTEM, ONE, claims(row.format("")))
    (claim,) = rows_of(Claim)
    assert (counts(outcome), claim.stated_cents, claim.reported_cents) == ((0, 0, 1, 0), 8_000, 10_000)


def test_security_on_a_claim_that_is_not_secured_is_turned_down(register):
    outcome = import_cases(SYSTEM, ONE, claims("7;1;1;4100;C;100;;50;"))
    assert outcome.tallies[1].rejects[0].flaws[0].code == "cases.security_without_secured_rank"


def test_a_total_that_differs_is_told_and_both_go_in(register):
    outcome = import_cases(SYSTEM, ONE, claims("7;1;1;4100;C;60;;;"))
    (notice,) = outcome.tallies[0].notices
    assert (notice.line, notice.flaw.facts) == (2, {"expected": "100,00", "found": "60,00"})
    assert len(rows_of(Claim)) == 1


def test_a_date_without_an_amount_states_no_balance(register):
    head = "RelatieCode;Volgnummer;UniekVolgnummer;CodeEiser;Preferentie;AangemeldBedrag;DatumTerugmelding"
    import_cases(SYSTEM, ONE, f"{head}\n7;1;1;4100;C;100;01-04-2026".encode())
    (claim,) = rows_of(Claim)
    assert (claim.stated_cents, claim.stated_on) == (None, None)


def test_who_may_not_import_finds_nothing(register):
    with pytest.raises(NotFound):
        import_cases(factory.actor(factory.organisation(Kind.CREDITOR)), ONE, claims())


def test_the_command_prints_counts_and_writes_rejects_that_can_be_mended(register, settings, monkeypatch, tmp_path):
    monkeypatch.setattr("app.config.Settings.from_env", lambda: settings)
    rejects = tmp_path / "rejects.csv"
    run = ["import", "cases", str(DEMO / "aanvragen.csv"), str(MESSY / "eisers.csv"), "--json", "--rejects", str(rejects)]
    said = CliRunner().invoke(portal, run)
    assert json.loads(said.stdout)["claims"] == {"new": 9, "changed": 0, "unchanged": 0, "rejected": 15}
    mended = tmp_path / "mended.csv"
    mended.write_bytes(rejects.read_bytes().replace(b"twaalf", b"12,00"))
    again = CliRunner().invoke(portal, ["import", "cases", str(DEMO / "aanvragen.csv"), str(mended), "--json"])
    assert json.loads(again.stdout)["claims"] == {"new": 1, "changed": 1, "unchanged": 0, "rejected": 13}  # the duplicate now stands alone


def test_a_file_that_cannot_be_read_is_one_sentence_and_status_1(register, settings, monkeypatch):
    monkeypatch.setattr("app.config.Settings.from_env", lambda: settings)
    said = CliRunner().invoke(portal, ["import", "cases", str(DEMO / "aanvragen.csv"), str(MESSY / "eisers-without-amount-column.csv")])
    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr.strip() == "De kolom AangemeldBedrag ontbreekt. Er is niets ingelezen."


def test_columns_that_a_later_file_does_not_have_keep_what_the_register_holds(register):
    import_cases(SYSTEM, ONE, claims("7;1;1;4100;S;100;90;50;J"))
    head = "RelatieCode;Volgnummer;UniekVolgnummer;CodeEiser;Preferentie;AangemeldBedrag"
    outcome = import_cases(SYSTEM, ONE, f"{head}\n7;1;1;4100;S;100".encode())
    assert (counts(outcome), rows_of(Claim)[0].stated_cents) == ((0, 0, 1, 0), 9000)


def test_the_register_comes_in_with_kinds_and_the_second_time_nothing_changes(database, clock):
    first = import_creditors(SYSTEM, DEMO / "creditors.csv")
    again = import_creditors(SYSTEM, DEMO / "creditors.csv")
    assert (counts(first, "creditors"), counts(again, "creditors")) == ((45, 0, 0, 0), (0, 0, 45, 0))


def test_a_changed_organisation_is_audited_and_a_changed_kind_turned_down(register):
    head = "CodeEiser;Naam;Soort;KvK"
    outcome = import_creditors(SYSTEM, f"{head}\n4100;Waterbedrijf Westerdok BV;schuldeiser;90000000\n4101;Amstelstroom;incasso;1".encode())
    again = import_creditors(SYSTEM, f"{head}\n4101;Amstelstroom;incasso;90000037".encode())
    assert (counts(outcome, "creditors"), counts(again, "creditors")) == ((0, 1, 0, 1), (0, 0, 0, 1))
    changed = json.loads(events("creditors:change", "creditor/4100")[0].changes)
    assert changed == {"name": ["Waterbedrijf Westerdok", "Waterbedrijf Westerdok BV"]}  # what the file does not tell, stands
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 45 + 1 + 1 + 1 + 1


def test_the_command_acts_for_the_person_that_is_named(register, settings, monkeypatch):
    monkeypatch.setattr("app.config.Settings.from_env", lambda: settings)
    factory.person(factory.organisation(Kind.BANK), email="kredietbank@stad.example", name="Marit Haverkamp")
    run = ["import", "cases", str(DEMO / "aanvragen.csv"), str(DEMO / "eisers.csv"), "--dry-run", "--as"]
    said = CliRunner().invoke(portal, [*run[:-2], "--as", "kredietbank@stad.example"])
    assert (said.exit_code, {event.actor for event in events("cases:import")}) == (0, {"Marit Haverkamp"})
    dry = CliRunner().invoke(portal, [*run, "kredietbank@stad.example"])
    assert "4691 ongewijzigd" in dry.stdout
    assert "niets bewaard" in dry.stdout
    assert CliRunner().invoke(portal, [*run, "niemand@stad.example"]).exit_code == 1


def test_two_people_who_bring_the_same_files_in_at_once_bring_them_in_once(register):
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(import_cases, SYSTEM, DEMO / "aanvragen.csv", MESSY / "eisers.csv") for _ in range(4)]
    new = sorted(counts(future.result(), "cases")[0] for future in done)
    assert (new, len(rows_of(Case)), len(rows_of(Claim))) == ([0, 0, 0, 400], 400, 9)


@pytest.mark.postgres
def test_on_postgresql_the_samples_come_in_change_and_are_listed_alike(migrated_url, tmp_path, clock):
    connect(settings_for(tmp_path, migrated_url))
    import_creditors(SYSTEM, DEMO / "creditors.csv")
    counted = [counts(import_cases(SYSTEM, DEMO / "aanvragen.csv", DEMO / "eisers.csv")) for _ in range(2)]
    messy = import_cases(SYSTEM, DEMO / "aanvragen.csv", MESSY / "eisers.csv")
    assert [*counted, counts(messy)] == [(4691, 0, 0, 0), (0, 0, 4691, 0), (0, 4, 5, 15)]
    actor = factory.actor(factory.organisation(Kind.BANK))
    with db.reading() as session:
        for sort in ("started", "figures", "bank"):
            first = case_list(session, actor, ListQuery(sort=sort))
            second = case_list(session, actor, ListQuery(sort=sort, after=first.next_after))
            assert len({row.ref for row in first.rows + second.rows}) == 100
        assert sum(case_list(session, actor, ListQuery()).counts[status] for status in Status) == 400
        assert len(creditor_list(session, actor, CreditorQuery(q="energie")).rows) == 3
    db.engine().dispose()
