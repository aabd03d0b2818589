"""What the letter about one offer needs to know, as frozen values. Pure; the words stand in `letter_text`."""

from dataclasses import dataclass
from datetime import date

from app.consents.rules import Product
from app.money import Cents


@dataclass(frozen=True)
class Group:
    """The other claims of one rank together."""

    preferential: bool
    count: int
    claims_cents: Cents
    percentage: str
    payment_cents: Cents


@dataclass(frozen=True)
class OfferLetter:
    """Everything that the letter about one offer tells. `groups` are the others; the own claim is in none of them.

    `portal` is the address without its scheme. `agent_for` names the creditor when the letter goes to who collects for it.
    `covered_by` is the version of the standing consent that answered the offer already.
    """

    ref: str
    case_ref: str
    written_on: date
    recipient: tuple[str, ...]
    reference: str
    client_name: str
    client_birth_date: date
    client_address: str
    product: Product
    months: int
    preferential: bool
    balance_cents: Cents
    takes_part_cents: Cents
    payment_cents: Cents
    percentage: str
    groups: tuple[Group, ...]
    income_cents: Cents
    vtlb_cents: Cents
    capacity_cents: Cents
    available_cents: Cents
    answer_by: date
    remind_on: tuple[date, ...]
    closes_on: date
    code: str
    portal: str
    drafted_by: str
    approved_by: str
    agent_for: str = ""
    extra_cents: Cents = 0
    fee_cents: Cents = 0
    reason: str = ""
    guidance: bool = False
    covered_by: int | None = None
    has_new_code: bool = False

    @property
    def is_zero(self) -> bool:
        return self.product is Product.ZERO_OFFER

    @property
    def is_forecast(self) -> bool:
        return self.product is Product.DEBT_MEDIATION

    @property
    def is_paid_in_full(self) -> bool:
        return self.product is Product.REFINANCING
