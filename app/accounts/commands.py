"""Commands of accounts: add, reset and disable people."""

import json

import click

from app.access import Role

_JSON = click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")


@click.command()
@click.argument("email")
@click.option("--name", required=True, help="Naam van de persoon.")
@click.option("--organisation", required=True, help="Code of naam van de organisatie.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role if role is not Role.SYSTEM]), help="Rol.")
@_JSON
def add(email: str, name: str, organisation: str, role: str, *, as_json: bool) -> None:
    """Voeg iemand toe; druk de link af waarmee die een wachtwoord kiest."""
    _connect()
    from app.accounts.people import add_person

    _tell(add_person(name, email, Role(role), organisation), as_json=as_json)


@click.command()
@click.argument("email")
@_JSON
def reset(email: str, *, as_json: bool) -> None:
    """Koppel wachtwoord, inlog-app, passkeys en inlogdiensten los; druk de link af voor een nieuw wachtwoord."""
    _connect()
    from app.accounts.people import reset_person

    _tell(reset_person(email), as_json=as_json)


@click.command()
@click.argument("email")
@_JSON
def disable(email: str, *, as_json: bool) -> None:
    """Sluit een account; wie is ingelogd, is dat meteen niet meer."""
    _connect()
    from app.accounts.people import disable_person

    disable_person(email)
    click.echo(json.dumps({"disabled": email}) if as_json else f"{email} kan niet meer inloggen.")


def _connect() -> None:
    from app import connect
    from app.config import Settings

    connect(Settings.from_env())


def _tell(path: str, *, as_json: bool) -> None:
    from app.config import Settings

    link = f"{Settings.from_env().base_url}{path}"
    click.echo(json.dumps({"link": link}) if as_json else link)
