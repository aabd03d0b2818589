"""Forms of answering many offers in one go and of kept filters: shape, wording and length only."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length

from app.proposals.offer_forms import ACCEPT, LONG, REJECT, readable
from app.proposals.offer_words import REASONS


class ManyForm(FlaskForm):
    answer = RadioField(
        _("Kies één antwoord voor alles"),
        [InputRequired(_("Kies een antwoord."))],
        choices=[SelectChoice(ACCEPT, _("Accepteren")), SelectChoice(REJECT, _("Afwijzen"))],
    )
    reason = SelectField(
        _("Reden"),
        choices=[SelectChoice("", _("Kies een reden")), *(SelectChoice(reason.value, words) for reason, words in REASONS.items())],
        default="",
    )
    explanation = TextAreaField(_("Uitleg"), [LONG, readable])
    confirmed = BooleanField(_("Ik wijs ook af wat ons akkoord vooraf dekt"))

    def validate_reason(self, field: SelectField) -> None:
        if self.answer.data == REJECT and not field.data:
            raise ValidationError(_("Kies de reden waarom u afwijst."))


class FilterForm(FlaskForm):
    name = StringField(
        _("Naam van het filter"),
        [InputRequired(_("Geef het filter een naam.")), Length(max=60, message=_("Houd het bij 60 tekens.")), readable],
    )
