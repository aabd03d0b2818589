"""Forms of the bank's proposal pages: shape and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DecimalField, HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.consents.rules import Product
from app.proposals.bank_words import PRODUCTS

REASON = Length(max=1000, message=_("Houd het bij 1.000 tekens."))


class DraftForm(FlaskForm):
    product = RadioField(
        _("Welk product stelt u voor?"),
        [InputRequired(_("Kies een product."))],
        choices=[SelectChoice(product.value, name) for product, name in PRODUCTS.items()],
    )
    months = IntegerField(_("Aantal maanden"), [Optional(), NumberRange(1, 60, _("Kies 1 tot en met 60 maanden."))])
    annual_rate = DecimalField(_("Jaarrente in %%"), [Optional(), NumberRange(0, 30, _("Kies 0 tot en met 30."))], places=2)
    fee_percentage = DecimalField(_("Vergoeding in procenten"), [Optional(), NumberRange(0, 9, _("Ten hoogste 9."))], places=2)
    reason = TextAreaField(_("Waarom schuldbemiddeling?"), [REASON])

    def chosen(self) -> Product:
        return Product(self.product.data)


class EndForm(FlaskForm):
    reason = TextAreaField(_("Waarom?"), [REASON])
    revision = HiddenField()
