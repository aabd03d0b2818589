"""Forms of settling one offer and of calling a creditor: shape, wording and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length

from app.proposals.court_rules import CourtPoint, Guidance
from app.proposals.court_words import COURT, GUIDANCE
from app.proposals.offer_forms import readable

LONG = Length(max=1000, message=_("Houd het bij 1.000 tekens."))
GO, STAY = "go", "stay"


class AskForm(FlaskForm):
    words = TextAreaField(_("Waarom vraagt u het nog een keer?"), [InputRequired(_("Schrijf waarom u het vraagt.")), LONG, readable])
    court = SelectMultipleField(_("Wat een rechter bekijkt"), choices=[SelectChoice(point.value, COURT[point]) for point in CourtPoint])
    guidance = SelectMultipleField(_("Begeleiding die is geregeld"), choices=[SelectChoice(one.value, GUIDANCE[one]) for one in Guidance])
    revision = HiddenField()

    def points(self) -> list[CourtPoint]:
        return [CourtPoint(value) for value in self.court.data or []]

    def arranged(self) -> list[Guidance]:
        return [Guidance(value) for value in self.guidance.data or []]


class ClockForm(FlaskForm):
    why = TextAreaField(_("Waarom staat de klok stil?"), [InputRequired(_("Schrijf waarom de klok stilstaat.")), LONG, readable])
    revision = HiddenField()


class CourtForm(FlaskForm):
    decision = RadioField(
        _("Gaat de Kredietbank naar de rechter?"),
        [InputRequired(_("Kies een besluit."))],
        choices=[SelectChoice(GO, _("Ja, wij vragen een dwangakkoord")), SelectChoice(STAY, _("Nee, wij gaan niet naar de rechter"))],
    )
    court_reason = TextAreaField(_("Waarom?"), [InputRequired(_("Schrijf waarom u dit besluit.")), LONG, readable])
    revision = HiddenField()


class CallForm(FlaskForm):
    called_on = DateField(_("Gebeld op"), [InputRequired(_("Vul een dag in."))])
    spoken_to = StringField(_("Gesproken met"), [Length(max=120, message=_("Houd het bij 120 tekens.")), readable])
    note = TextAreaField(_("Wat is er besproken?"), [LONG, readable])
