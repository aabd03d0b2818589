"""The command line as a whole: found commands, refusals as sentences."""

import sys

import click
import pytest
from click.testing import CliRunner

from app import cli
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
