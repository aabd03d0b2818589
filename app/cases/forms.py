"""Forms of the debt file: shape and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.errors import Refusal
from app.exchange.words import REFUSALS
from app.money import parse_amount

UNKNOWN, YES, NO = "unknown", "yes", "no"


class AmountField(StringField):
    """An amount in euros as people write it; `cents` holds what it stands for."""

    cents: int = 0

    def pre_validate(self, form: FlaskForm) -> None:
        try:
            self.cents = parse_amount(self.data or "0")
        except Refusal as refusal:
            raise ValidationError(str(REFUSALS[refusal.code])) from refusal


class UploadForm(FlaskForm):
    applications = FileField(_("Aanvragen"), [FileRequired(_("Kies het bestand met de aanvragen."))])
    claims = FileField(_("Eisers"), [FileRequired(_("Kies het bestand met de eisers."))])


class FactsForm(FlaskForm):
    team = StringField(_("Buurtteam dat begeleidt"), [Length(max=80)])
    programme = SelectField(_("Programma"))
    entrepreneur = RadioField(
        _("Is de cliënt ondernemer?"),
        choices=[SelectChoice(YES, _("Ja")), SelectChoice(NO, _("Nee")), SelectChoice(UNKNOWN, _("Nog niet bekend"))],
        default=UNKNOWN,
    )
    settlement = RadioField(
        _("Was er eerder een schuldregeling?"),
        choices=[SelectChoice(NO, _("Nee, dat is nagekeken")), SelectChoice(YES, _("Ja")), SelectChoice(UNKNOWN, _("Nog niet nagekeken"))],
        default=UNKNOWN,
    )
    last_settlement_on = DateField(_("Wanneer eindigde die regeling?"), [Optional()])
    income = AmountField(_("Inkomen per maand"), [InputRequired()])
    vtlb = AmountField(_("Vrij te laten bedrag (vtlb) per maand"), [InputRequired()])
    extra = AmountField(_("Extra inleg"))
    calculated_on = DateField(_("Dag van de berekening"), [InputRequired()])
    revision = HiddenField()


class ClaimForm(FlaskForm):
    fraud = BooleanField(_("Deze vordering is ontstaan door fraude of een boete"))
    security = AmountField(_("Waarde van de zekerheid"))
    revision = HiddenField()
