"""`portal simulate` as people run it: a small year, played twice, beside a portal in production that it must not touch."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
PORTAL = [sys.executable, "-c", "from app.cli import main; main()"]


def run(folder, *words):
    """Run `portal simulate` where the settings name a portal in production that cannot even start."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    production = {"PORTAL_ENV": "production", "PORTAL_DATABASE_URL": f"sqlite:///{folder / 'production.sqlite'}", "TMPDIR": str(folder)}
    return subprocess.run([*PORTAL, "simulate", *words], env=known | production, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("simulated")


@pytest.fixture(scope="module")
def told(folder):
    done = run(folder, "--cases", "12", "--seed", "5", "--json", "--plot", str(folder / "year.svg"))
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_the_same_seed_gives_the_same_year_to_the_last_figure(folder, told):
    again = run(folder, "--cases", "12", "--seed", "5", "--json", "--plot", str(folder / "again.svg"))
    assert json.loads(again.stdout) == told
    assert (folder / "again.svg").read_bytes() == (folder / "year.svg").read_bytes()


def test_the_document_has_its_keys_in_their_order(told):
    assert list(told) == [
        "seed", "year", "cases", "creditors", "with", "without", "same_cases", "answers_drawn", "consents", "months", "curve",
        "assumptions",
    ]  # fmt: skip
    assert list(told["with"]) == list(told["without"]) == [
        "issued", "left", "offers", "saved", "saved_share", "prepared", "answers_by_hand", "reminders", "agreed", "share_agreed", "days",
    ]  # fmt: skip


def test_both_ways_play_the_same_proposals(told):
    assert (told["cases"], told["with"]["issued"]) == (12, told["without"]["issued"])
    assert told["with"]["offers"] == told["without"]["offers"] == told["answers_drawn"]["offers"]


def test_a_case_that_is_agreed_both_ways_never_takes_longer_with_consents(told):
    same = told["same_cases"]
    assert same["with"]["cases"] == same["without"]["cases"] > 5
    assert same["slower"] == 0
    assert same["with"]["mean"] <= same["without"]["mean"]


def test_what_was_saved_is_what_the_consents_answered(told):
    saved = told["with"]["saved"]
    assert saved > 0
    assert sum(one["saved"] for one in told["consents"]) == sum(month["with"]["saved"] for month in told["months"]) == saved
    assert told["without"]["saved"] == told["without"]["prepared"] == 0
    assert told["with"]["answers_by_hand"] < told["without"]["answers_by_hand"]


def test_the_portal_of_the_settings_is_never_touched_and_nothing_is_left_behind(folder, told):
    assert sorted(path.name for path in folder.iterdir() if path.name != "again.svg") == ["year.svg"]


def test_more_is_saved_when_every_creditor_has_a_consent(folder, told):
    done = run(folder, "--cases", "4", "--seed", "5", "--json", "--share", "100")
    assert float(json.loads(done.stdout)["with"]["saved_share"]) > float(told["with"]["saved_share"])


def test_a_plot_that_cannot_be_kept_is_refused_before_the_year_is_played(folder):
    done = run(folder, "--plot", str(folder / "nowhere" / "year.svg"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "de map bestaat niet" in done.stderr
