"""The form of a check of collection costs: shape and wording only. It changes nothing, so it is asked with its values in the address."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from app.errors import Refusal
from app.exchange.cells import amount
from app.money import Cents
from app.practices.checking import principals
from app.practices.cost_rules import CostCase
from app.practices.cost_words import REFUSALS
from app.web import say, typed


class CostForm(FlaskForm):
    principals = TextAreaField(_("Hoofdsom"), [Length(max=1000)])
    charged = StringField(_("Gerekende incassokosten"), [Length(max=30)])
    received = DateField(_("Dag waarop de consument de aanmaning kreeg"), [Optional()])
    vat = BooleanField(_("De schuldeiser kan de btw niet verrekenen"))
    earlier_principal = StringField(_("Eerdere termijnen, samen"), [Length(max=30)])
    earlier_costs = StringField(_("Kosten die daarover al zijn gerekend"), [Length(max=30)])

    def case(self) -> CostCase:
        """Return what the form asks."""
        return CostCase(
            principals(typed(self.principals)), _cents(typed(self.charged)), self.received.data, bool(self.vat.data),
            _cents(typed(self.earlier_principal)), _cents(typed(self.earlier_costs)),
        )  # fmt: skip

    def validate_principals(self, field: Any) -> None:
        _readable(principals, typed(field))

    def validate_charged(self, field: Any) -> None:
        if not typed(field).strip():
            raise ValidationError(str(REFUSALS["cases.costs_amount"]))
        _readable(_cents, typed(field))

    def validate_earlier_principal(self, field: Any) -> None:
        _readable(_cents, typed(field))

    def validate_earlier_costs(self, field: Any) -> None:
        _readable(_cents, typed(field))


_amount = amount()


def _cents(text: str) -> Cents:
    found = _amount(text.strip()) if text.strip() else 0
    return found if isinstance(found, int) else 0


def _readable(read: Callable[[str], object], text: str) -> None:
    try:
        read(text)
    except Refusal as refusal:
        raise ValidationError(say(refusal, REFUSALS)) from refusal
