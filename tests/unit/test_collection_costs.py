"""Collection costs by worked sums: the scale, its least and its most, the notice of fourteen days, and what is refused."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from app import cli
from app.cases.collection_costs import check_costs, steps
from app.errors import Refusal

RECEIVED = date(2026, 6, 4)  # a Thursday


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        (1, 4_000),  # one cent still costs the least
        (26_666, 4_000),
        (26_667, 4_000),  # 15 % of 266.67 is 40.0005
        (26_670, 4_001),  # 40.005, half up
        (100_000, 15_000),
        (250_000, 37_500),
        (250_001, 37_500),
        (300_000, 42_500),
        (500_000, 62_500),
        (1_000_000, 87_500),
        (2_000_000, 97_500),
        (20_000_000, 277_500),
        (99_999_900, 677_500),  # 6,774.995, half up
        (100_000_000, 677_500),
        (500_000_000, 677_500),  # never more
    ],
)
def test_the_scale_allows(principal, allowed):
    assert check_costs([principal], 1, RECEIVED).allowed_cents == allowed


def test_claims_of_one_notice_are_summed():
    together = check_costs([20_000, 20_000, 20_000], 12_000, RECEIVED)
    assert (together.principal_cents, together.allowed_cents, together.excess_cents) == (60_000, 9_000, 3_000)


def test_what_stays_below_the_scale_is_no_excess():
    assert check_costs([100_000], 14_000, RECEIVED).excess_cents == 0


@pytest.mark.parametrize(("principal", "allowed"), [(100_000, 18_150), (1, 4_840), (26_670, 4_841), (500_000_000, 819_775)])
def test_tax_comes_on_top_of_the_scale(principal, allowed):
    assert check_costs([principal], 1, RECEIVED, vat=True).allowed_cents == allowed


def test_each_band_has_its_step():
    bands = [(step.begins, step.ends, step.percentage, step.cents) for step in steps(300_000)]
    assert bands == [
        (0, 250_000, "15.00", 37_500),
        (250_000, 500_000, "10.00", 5_000),
        (500_000, 1_000_000, "5.00", 0),
        (1_000_000, 20_000_000, "1.00", 0),
        (20_000_000, None, "0.50", 0),
    ]


@pytest.mark.parametrize(
    ("received", "last_day", "payable_from"),
    [
        (date(2026, 6, 4), date(2026, 6, 18), date(2026, 6, 19)),
        (date(2026, 6, 6), date(2026, 6, 22), date(2026, 6, 23)),  # 20 June is a Saturday
        (date(2026, 12, 11), date(2026, 12, 28), date(2026, 12, 29)),  # 25 and 26 December, then a Sunday
        (date(2012, 7, 1), date(2012, 7, 16), date(2012, 7, 17)),
    ],
)
def test_a_consumer_owes_costs_after_fourteen_days(received, last_day, payable_from):
    found = check_costs([100_000], 15_000, received)
    assert (found.last_day, found.payable_from) == (last_day, payable_from)


@pytest.mark.parametrize(
    ("principals", "charged", "received"),
    [([0], 1, RECEIVED), ([-1], 1, RECEIVED), ([1], 0, RECEIVED), ([100, 0], 1, RECEIVED), ([], 1, RECEIVED), ([10**13], 1, RECEIVED),
     ([1], 1, date(2012, 6, 30)), ([1], 1, date.max)],
)  # fmt: skip
def test_a_check_that_means_nothing_is_refused(principals, charged, received):
    with pytest.raises(Refusal):
        check_costs(principals, charged, received)


# ── the command ──────────────────────────────────────────────────────────────


def run(*words):
    return CliRunner().invoke(cli.portal, ["costs", "check", *words])


def test_the_command_writes_one_document():
    done = run("--principal", "1000.00", "--principal", "2000", "--charged", "500.5", "--received", "2026-06-04", "--json")
    told = json.loads(done.stdout)
    assert list(told) == ["principal_cents", "allowed_cents", "charged_cents", "excess_cents", "last_day", "payable_from", "steps"]
    assert [told[name] for name in list(told)[:-1]] == [300_000, 42_500, 50_050, 7_550, "2026-06-18", "2026-06-19"]
    assert told["steps"][0] == {"from": 0, "to": 250_000, "percentage": "15.00", "cents": 37_500}


def test_the_command_tells_people_the_reckoning():
    told = run("--principal", "1000", "--charged", "150.01", "--received", "2026-06-04", "--vat").stdout
    assert "181,50" in told
    assert "18-06-2026" in told


@pytest.mark.parametrize("amount", ["0", "0.00", "1.234", "12.345", "-5", "1.234,56", "12,5", "twaalf", "", "1e3", "٣"])
def test_an_amount_that_is_none_is_refused(amount):
    done = run(f"--principal={amount}", "--charged", "40", "--received", "2026-06-04")
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


def test_a_notice_from_before_the_decree_is_refused():
    done = run("--principal", "100", "--charged", "40", "--received", "2012-06-30")
    assert (done.exit_code, done.stdout) == (1, "")


@pytest.mark.parametrize("received", ["2026-02-30", "4 juni", "2026-6-4x"])
def test_a_day_that_does_not_exist_is_a_slip_in_the_call(received):
    assert run("--principal", "100", "--charged", "40", "--received", received).exit_code == 2
