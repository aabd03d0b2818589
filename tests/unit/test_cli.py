"""The command line as a whole: found commands, refusals as sentences."""

import sys

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app import cli, db
from app.creditors.models import Organisation
from app.errors import Conflict, NotFound, Refusal


@pytest.fixture
def saying(monkeypatch):
    """Let `portal proef zeg` raise what is given."""

    def run(outcome):
        @click.command()
        def say():
            raise outcome

        monkeypatch.setitem(cli.COMMANDS, "proef zeg", "tests.proef:say")
        monkeypatch.setitem(sys.modules, "tests.proef", type("proef", (), {"say": say}))
        return CliRunner().invoke(cli.portal, ["proef", "zeg"])

    return run


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Refusal("proef.nee", sentence="Dat mag niet."), "Dat mag niet.\n"),
        (Refusal("proef.zonder_woorden", bedrag=5), "proef.zonder_woorden (bedrag: 5)\n"),
        (Conflict(), "Iemand anders heeft dit intussen veranderd; er is niets bewaard.\n"),
        (NotFound(), "Dat bestaat niet.\n"),
    ],
)
def test_a_no_is_one_sentence_on_stderr(saying, outcome, words):
    done = saying(outcome)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", words)


def test_a_bug_is_not_dressed_up_as_a_refusal(saying):
    assert isinstance(saying(ZeroDivisionError()).exception, ZeroDivisionError)


@pytest.mark.parametrize("words", [["bestaat-niet"], ["calculate", "--bestaat-niet"]])
def test_a_slip_in_the_call_ends_with_2(words):
    assert CliRunner().invoke(cli.portal, words).exit_code == 2


def test_help_names_every_command_of_the_first_word():
    done = CliRunner().invoke(cli.portal, ["--help"])
    assert done.exit_code == 0
    assert [name for name in cli.COMMANDS if name.split()[0] not in done.stdout] == []


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_line_of_the_table_leads_to_a_command(name):
    done = CliRunner().invoke(cli.portal, [*name.split(), "--help"])
    assert done.exit_code == 0, done.output


def test_a_database_that_is_not_there_yet_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{tmp_path / 'portal.sqlite'}")
    done = CliRunner().invoke(cli.portal, ["proposals", "show", "D-2222-2222"])
    assert (done.exit_code, done.stderr) == (1, "De database is niet bij de tijd: voer eerst `portal migrate` uit.\n")


def test_a_database_that_does_not_answer_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{tmp_path / 'nowhere' / 'portal.sqlite'}")
    done = CliRunner().invoke(cli.portal, ["audit", "verify"])
    assert (done.exit_code, done.stderr.startswith("De database antwoordt niet; er is niets bewaard.")) == (1, True)


def test_a_place_for_rejects_that_cannot_be_written_is_refused_before_anything_is_saved(database, settings, tmp_path, monkeypatch):
    monkeypatch.setattr("app.config.Settings.from_env", lambda: settings)
    rejects = tmp_path / "nowhere" / "rejects.csv"
    done = CliRunner().invoke(cli.portal, ["import", "creditors", "demo/creditors.csv", "--rejects", str(rejects)])
    assert (done.exit_code, done.stderr) == (1, f"{rejects} kan niet worden geschreven. Kies een andere plaats. Er is niets ingelezen.\n")
    with db.reading(as_portal=True) as session:
        assert session.scalars(select(Organisation.id)).all() == []
