"""The statutory cost check on the command line; it needs no database."""

import json
import re
from datetime import date, datetime
from typing import Any

import click

from app.cases.collection_costs import Reckoning, check_costs
from app.errors import Refusal
from app.money import Cents, amount

_EUROS = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2}))?")


@click.command(short_help="Leg incassokosten naast het wettelijke tarief.")
@click.option(
    "--principal", "principals", metavar="EUR", multiple=True, required=True, help="Hoofdsom; meer in één aanmaning tellen samen."
)
@click.option("--charged", metavar="EUR", required=True, help="De gerekende incassokosten.")
@click.option("--received", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Dag waarop de consument de aanmaning kreeg.")
@click.option("--vat", is_flag=True, help="De schuldeiser kan de btw niet verrekenen.")
@click.option("--json", "as_json", is_flag=True, help="Schrijf één JSON-document.")
def check(principals: tuple[str, ...], charged: str, received: datetime, *, vat: bool, as_json: bool) -> None:
    """Leg incassokosten naast het Besluit incassokosten (2012) en zeg vanaf wanneer een consument ze verschuldigd is."""
    found = check_costs([_cents(one) for one in principals], _cents(charged), received.date(), vat=vat)
    click.echo(json.dumps(as_document(found), indent=1) if as_json else "\n".join(_lines(found)))


def _cents(text: str) -> Cents:
    """Read an amount as `1234.56`. Raises Refusal for anything else."""
    found = _EUROS.fullmatch(text)
    if not found:
        raise Refusal("cases.costs_amount")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def as_document(found: Reckoning) -> dict[str, Any]:
    """Return a cost check as the contract writes it; cents are whole numbers, percentages have two decimals."""
    return {
        "principal_cents": found.principal_cents,
        "allowed_cents": found.allowed_cents,
        "charged_cents": found.charged_cents,
        "excess_cents": found.excess_cents,
        "last_day": found.last_day.isoformat(),
        "payable_from": found.payable_from.isoformat(),
        "steps": [{"from": one.begins, "to": one.ends, "percentage": one.percentage, "cents": one.cents} for one in found.steps],
    }


def _lines(found: Reckoning) -> list[str]:
    reached = [step for step in found.steps if step.cents]
    return [
        f"Hoofdsom {amount(found.principal_cents)} euro",
        *(f"  {step.percentage}% boven {amount(step.begins)}: {amount(step.cents)} euro" for step in reached),
        f"Toegestaan {amount(found.allowed_cents)} euro, gerekend {amount(found.charged_cents)} euro, te veel {amount(found.excess_cents)}",
        f"Betalen zonder kosten kan tot en met {_day(found.last_day)}; de kosten zijn verschuldigd vanaf {_day(found.payable_from)}.",
    ]


def _day(day: date) -> str:
    return f"{day:%d-%m-%Y}"
