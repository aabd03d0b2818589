"""The command line: a table of commands that are imported when somebody asks for them. Rules and words stand elsewhere."""

import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from app.errors import Conflict, NotFound, Refusal
from app.reach import PORTAL, act_within

# The first word of `proposals draft` is a group; it needs no line of its own.
COMMANDS: dict[str, str] = {
    "audit anchor": "app.audit.commands:anchor",
    "audit verify": "app.audit.commands:verify",
    "backup": "app.backups.commands:backup",
    "calculate": "app.proposals.commands:calculate",
    "costs check": "app.cases.cost_commands:check",
    "import cases": "app.cases.commands:import_cases",
    "import creditors": "app.creditors.commands:import_creditors",
    "import signals": "app.early_signals.commands:import_signals",
    "keys new": "app.privacy.commands:new_key",
    "keys rotate": "app.privacy.commands:rotate_keys",
    "keys status": "app.privacy.commands:key_status",
    "letters verify": "app.documents.commands:verify",
    "letters write": "app.proposals.commands:write_letters",
    "mail bounced": "app.notifications.commands:bounced",
    "mail digests": "app.notifications.commands:digests",
    "migrate": "app.jobs.commands:migrate",
    "profiles count": "app.relations.commands:count_profiles",
    "proposals draft": "app.proposals.commands:draft",
    "proposals issue": "app.proposals.commands:issue",
    "proposals show": "app.proposals.commands:show",
    "reminders run": "app.proposals.commands:run_reminders",
    "retention": "app.privacy.commands:retention",
    "serve": "app.jobs.commands:serve",
    "web": "app.jobs.commands:web",
    "worker": "app.jobs.commands:worker",
    "users add": "app.accounts.commands:add",
    "users disable": "app.accounts.commands:disable",
    "users reset": "app.accounts.commands:reset",
    "restore": "app.backups.commands:restore",
    "seed": "app.demo.commands:seed",
    "simulate": "app.demo.simulate_command:simulate",
    "health": "app.site.commands:health",
}


class Refused(click.ClickException):
    """A no of the trade: one sentence on stderr, exit status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file or sys.stderr)


class LazyGroup(click.Group):
    """The commands of the table whose names begin with `words`."""

    def __init__(self, words: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self.words = words

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({name[len(self.words) :].split()[0] for name in COMMANDS if name.startswith(self.words)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        full = self.words + cmd_name
        if full in COMMANDS:
            return _load(COMMANDS[full])
        under = any(name.startswith(full + " ") for name in COMMANDS)
        return LazyGroup(full + " ", name=cmd_name, no_args_is_help=True) if under else None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as no:
            raise Refused(sentence(no)) from no
        except Conflict as no:
            raise Refused("Iemand anders heeft dit intussen veranderd; er is niets bewaard.") from no
        except NotFound as no:
            raise Refused("Dat bestaat niet.") from no
        except Exception as error:
            words = storage_words(error)
            if words is None:
                raise
            raise Refused(words) from error


def _load(place: str) -> click.Command:
    module, _, name = place.partition(":")
    command = getattr(import_module(module), name)
    assert isinstance(command, click.Command)  # noqa: S101 - a wrong line in the table is a bug
    return command


def storage_words(error: Exception) -> str | None:
    """Return what to say of a database that is away, locked, or not at this version; None for any other error."""
    if type(error).__module__ != "sqlalchemy.exc":
        return None
    cause = getattr(error, "orig", None) or error
    if "no such table" in str(cause) or "no such column" in str(cause) or type(cause).__name__ in {"UndefinedTable", "UndefinedColumn"}:
        return "De database is niet bij de tijd: voer eerst `portal migrate` uit."
    if type(error).__name__ in {"OperationalError", "InterfaceError", "TimeoutError"}:
        return f"De database antwoordt niet; er is niets bewaard. {str(cause).splitlines()[0]}"
    return None


def sentence(no: Refusal) -> str:
    """Return the words of a refusal: its own, or those that its feature keeps in `words.REFUSALS`."""
    if "sentence" in no.facts:
        return str(no.facts["sentence"])
    words = _words_of(no.code.partition(".")[0])
    if no.code in words:
        return str(words[no.code]) % no.facts
    facts = ", ".join(f"{name}: {value}" for name, value in no.facts.items())
    return f"{no.code} ({facts})" if facts else no.code


def _words_of(feature: str) -> dict[str, object]:
    try:
        return dict(import_module(f"app.{feature}.words").REFUSALS)
    except ModuleNotFoundError:  # a foundation module such as `money` keeps no words
        return {}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def portal() -> None:
    """Het schuldeisersportaal op de opdrachtregel."""
    act_within(PORTAL)


def main() -> NoReturn:
    """Run the command that was typed."""
    portal(prog_name="portal")
    raise SystemExit(0)
