"""To which team a signal goes, by the rules of the policy plan 2025-2028 (5.2) in their order, and which rule it was. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.early_signals.parameters import value
from app.early_signals.rules import LANDLORD, LATE, Sort
from app.money import Cents


class Team(StrEnum):
    """The kinds of teams of the plan; in neighbourhoods each has one of its own."""

    MESSAGE = "message or call centre"
    REGULATED = "regulated payment"
    WPI = "debt help at work and income"
    EARLY = "early outreach"
    ACUTE = "outreach"
    DESK = "signal desk"


class Rule(StrEnum):
    """Which rule sent a signal to its team."""

    LATE = "late signal"
    LATE_HOUSEHOLD = "household with a late signal"
    SMALL_FIRST = "first small amount"
    BENEFIT_RENT = "landlord and benefit"
    BENEFIT = "benefit"
    UNKNOWN = "not known to the city"
    NO_NEIGHBOURHOOD = "no neighbourhood"


DESK = "Meldpunt Vroegsignalering"  # sees all signals: it checks who receives a benefit
CALL_CENTRE = "Klantcontactcentrum"
REGULATED = "WPI Geregelde Betaling"
WPI = "WPI Schuldhulpverlening"
# The part of the city of each range of postcodes; set by the city.
DISTRICTS = (
    (1011, 1018, "Centrum"), (1019, 1019, "Oost"), (1020, 1039, "Noord"), (1040, 1049, "Nieuw-West"), (1050, 1059, "West"),
    (1060, 1069, "Nieuw-West"), (1070, 1083, "Zuid"), (1084, 1099, "Oost"), (1100, 1109, "Zuidoost"),
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the rules ask: of the report, of the household, and what the city knows (None: nobody looked)."""

    sort: Sort
    branch: str
    arrears_cents: Cents
    postcode: str
    others: int = 0  # other reports about the household lately
    late_in_household: bool = False
    benefit: bool | None = None


@dataclass(frozen=True)
class Routed:
    """The kind of team, the rule, and the name of the organisation that is the team."""

    team: Team
    rule: Rule
    place: str


def route(facts: Facts, on: date) -> Routed:
    """Return where a signal goes."""
    if facts.sort in LATE:
        return _nearby(Team.ACUTE, Rule.LATE, facts)
    if facts.late_in_household:
        return _nearby(Team.ACUTE, Rule.LATE_HOUSEHOLD, facts)
    if facts.branch != LANDLORD and facts.others == 0 and facts.arrears_cents < value("small_cents", on):
        return Routed(Team.MESSAGE, Rule.SMALL_FIRST, CALL_CENTRE)
    if facts.benefit:
        is_rent = facts.branch == LANDLORD
        return Routed(Team.REGULATED, Rule.BENEFIT_RENT, REGULATED) if is_rent else Routed(Team.WPI, Rule.BENEFIT, WPI)
    return _nearby(Team.EARLY, Rule.UNKNOWN, facts)


def _nearby(team: Team, rule: Rule, facts: Facts) -> Routed:
    """Return the team of the neighbourhood; a postcode outside the city goes to the desk."""
    district = district_of(facts.postcode)
    return Routed(team, rule, f"Buurtteam {district}") if district else Routed(Team.DESK, Rule.NO_NEIGHBOURHOOD, DESK)


def district_of(postcode: str) -> str | None:
    """Return the part of the city of a postcode; None outside the city."""
    digits = postcode.strip()[:4]
    number = int(digits) if len(digits) == 4 and digits.isascii() and digits.isdigit() else 0
    return next((name for first, last, name in DISTRICTS if first <= number <= last), None)
