"""Forms of the bank's proposal pages: shape and length only; the rules decide."""

import re
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.consents.rules import Product
from app.proposals.bank_words import PRODUCTS
from app.proposals.offer_forms import readable

PERCENTAGE = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?")
REASON = Length(max=1000, message=_("Houd het bij 1.000 tekens."))


class PercentageField(StringField):
    """A percentage as people write it, with at most two decimals; `value` holds it, None when nothing is written."""

    value: Decimal | None = None

    def __init__(self, label: Any, most: int, message: Any, **kwargs: Any) -> None:
        super().__init__(label, [Length(max=10)], **kwargs)
        self.most, self.message = most, message

    def pre_validate(self, form: FlaskForm) -> None:
        text = (self.data or "").strip().removesuffix("%").strip()
        found = PERCENTAGE.fullmatch(text)
        self.value = Decimal(f"{found[1]}.{found[2] or '0'}") if found else None
        if text and (self.value is None or self.value > self.most):
            raise ValidationError(str(self.message))


class DraftForm(FlaskForm):
    product = RadioField(
        _("Welk product stelt u voor?"),
        [InputRequired(_("Kies een product."))],
        choices=[SelectChoice(product.value, name) for product, name in PRODUCTS.items()],
    )
    months = IntegerField(_("Aantal maanden"), [Optional(), NumberRange(1, 60, _("Kies 1 tot en met 60 maanden."))])
    annual_rate = PercentageField(_("Jaarrente in procenten"), 30, _("Schrijf een getal van 0 tot en met 30, zoals 7,50."))
    fee_percentage = PercentageField(_("Vergoeding in procenten"), 9, _("Schrijf een getal van 0 tot en met 9, zoals 8,50."))
    reason = TextAreaField(_("Waarom schuldbemiddeling?"), [REASON, readable])

    def chosen(self) -> Product:
        return Product(self.product.data)


class EndForm(FlaskForm):
    reason = TextAreaField(_("Waarom?"), [REASON, readable])
    revision = HiddenField()
