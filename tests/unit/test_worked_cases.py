"""Every worked case of tests/cases, through the command itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from app.cli import portal
from app.proposals.calculation import calculate
from app.proposals.plain_yaml import CaseFaults, plain
from app.proposals.worked_case import case_as_json, read_case

CASES = Path(__file__).parent.parent / "cases"
SAMPLE = (CASES / "01-contract-sample.yaml").read_text()
KEYS = ["product", "months", "capacity_cents", "available_cents", "fee_cents", "ranks", "claims"]
KEYS += ["answer_by", "remind_on", "closes_on", "warnings"]


def run(*files):
    return CliRunner().invoke(portal, ["calculate", *map(str, files)])


def holds(found, expected):
    if isinstance(expected, dict):
        return all(key in found and holds(found[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(holds, found, expected))
    return found == expected and type(found) is type(expected)


def faults_of(text):
    with pytest.raises(CaseFaults) as refused:
        read_case(text.encode())
    return {(fault.where, fault.code) for fault in refused.value.faults}


@pytest.mark.parametrize("expected", sorted(CASES.glob("*.expected.json")), ids=lambda path: path.name.partition(".")[0])
def test_a_worked_case_is_reproduced(expected):
    done = run(str(expected).replace(".expected.json", ".yaml"))
    assert done.exit_code == 0, done.stderr
    assert holds(json.loads(done.stdout), json.loads(expected.read_text()))
    assert list(json.loads(done.stdout)) == KEYS


@pytest.mark.parametrize("words", sorted(CASES.glob("*.refused.txt")), ids=lambda path: path.name.partition(".")[0])
def test_a_case_that_cannot_be_is_refused_with_all_its_faults(words):
    done = run(str(words).replace(".refused.txt", ".yaml"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert [word for word in words.read_text().split() if word not in done.stderr] == []


def test_several_files_give_one_list_in_their_order():
    done = run(CASES / "23-one-cent.yaml", CASES / "19-twelve-months.yaml")
    assert [one["months"] for one in json.loads(done.stdout)] == [1, 12]


def test_one_bad_file_refuses_the_call_and_is_named():
    done = run(CASES / "23-one-cent.yaml", CASES / "42-no-claims.yaml")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "42-no-claims.yaml" in done.stderr
    assert "23-one-cent.yaml" not in done.stderr


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    done = run(tmp_path / "nergens.yaml")
    assert done.exit_code == 1
    assert "nergens.yaml" in done.stderr


def test_no_file_at_all_is_a_slip_in_the_call():
    assert run().exit_code == 2


def test_a_file_above_one_megabyte_is_refused(tmp_path):
    (tmp_path / "groot.yaml").write_text(SAMPLE + "#" * 1_000_000)
    assert "1 MB" in run(tmp_path / "groot.yaml").stderr


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ("as_of: 2026-03-02", "as_of: 2026-02-30", "as_of", "not_a_date"),
        ("as_of: 2026-03-02", "as_of: 2026-W10-1", "as_of", "not_a_date"),
        ("as_of: 2026-03-02\n", "", "as_of", "missing"),
        ("issued_on: 2026-03-04", "issued_on: 9999-12-31", "issued_on", "not_a_date"),
        ("income_cents: 152300", "income_cents: 1523.00", "income_cents", "not_cents"),
        ("income_cents: 152300", "income_cents: '152300'", "income_cents", "not_cents"),
        ("income_cents: 152300", "income_cents: true", "income_cents", "not_cents"),
        ("income_cents: 152300", "income_cents: .inf", "income_cents", "not_cents"),
        ("income_cents: 152300", "income_cents: " + "9" * 5000, "income_cents", "not_cents"),
        ("product: restructuring_loan", "product: gift", "product", "unknown_product"),
        ("months: 18\nannual", "months: 0\nannual", "months", "months_outside"),
        ("months: 18\nannual", "months: 18.0\nannual", "months", "not_whole"),
        ('annual_rate: "7.50"', 'annual_rate: "-1"', "annual_rate", "rate_outside"),
        ('annual_rate: "7.50"', "annual_rate: 7e1", "annual_rate", "not_a_percentage"),
        ('annual_rate: "7.50"', "annual_rate: nan", "annual_rate", "not_a_percentage"),
        ("debtor: {", "debtor: {shoe_size: 43, ", "debtor.shoe_size", "unknown_key"),
        ("debtor: {", "debtor: {guidance: ja, ", "guidance", "double_key"),
        ("birth_date: 1991-05-17", "birth_date: 2091-05-17", "debtor.birth_date", "born_later"),
        ("{id: c1, creditor: 4100", "{id: c1, creditor: water", "claims[1].creditor", "not_whole"),
        ("fraud: false}\n  - {id: c2", "fraud: null}\n  - {id: c2", "claims[1].fraud", "not_true_or_false"),
        ("version: 3", "version: 3, colour: blue", "consents[1].colour", "unknown_key"),
        ("clauses: {", "clauses: {colour: blue, ", "consents[1].clauses.colour", "unknown_key"),
        ("max_months: 18", "max_months: null", "consents[1].clauses.max_months", "not_whole"),
        ("valid_from: 2026-01-01", "valid_from: 2026-13-01", "consents[1].clauses.valid_from", "not_a_date"),
        ('min_percentage: "3.00"', 'min_percentage: "101"', "consents[1].clauses.min_percentage", "out_of_bounds"),
        ("products: [restructuring_loan, zero_offer]", "products: [gift]", "consents[1].clauses.products", "unknown_product"),
    ],
)
def test_what_cannot_be_is_named_where_it_stands(old, new, where, code):
    assert old in SAMPLE
    assert (where, code) in faults_of(SAMPLE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_mapping"),
        ("[]", "not_a_mapping"),
        ("a: [", "not_yaml"),
        ("a: 1\n---\nb: 2", "not_yaml"),
        ("{[1]: 2}", "not_yaml"),
        ("a: &x [1]\nb: *x", "not_plain"),
        ("a: !!python/object/apply:os.system [ls]", "not_plain"),
        ("[" * 20, "too_deep"),
        ("a: \x01", "not_yaml"),
        ("[" * 100_000, "not_yaml"),
    ],
)
def test_only_plain_yaml_is_read(text, code):
    assert code in {found for _, found in faults_of(text)}


def test_a_file_that_is_not_text_is_refused():
    with pytest.raises(CaseFaults, match="case_faults"):
        read_case(b"\xff\xfe\x00")


def test_an_empty_claim_is_not_read_as_a_claim_of_nothing():
    assert ("claims[1].balance_cents", "missing") in faults_of("claims: [{}]")


def test_plain_yaml_keeps_decimals_as_text():
    assert plain(b"{a: 1.10, b: 010, c: yes, d: ~, e: '7', f: -3}") == {"a": "1.10", "b": "010", "c": "yes", "d": None, "e": "7", "f": -3}


@pytest.mark.parametrize("file", sorted(CASES.glob("[0-3]*.yaml")), ids=lambda path: path.stem)
def test_a_case_written_as_a_file_is_the_same_case(file):
    case = read_case(file.read_bytes())
    again = read_case(yaml.safe_dump(case_as_json(case)).encode())
    assert calculate(again) == calculate(case)


def test_calculating_imports_no_web_and_no_database():
    code = "import sys, app.cli, app.proposals.commands; print({'flask', 'sqlalchemy', 'babel', 'werkzeug'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
