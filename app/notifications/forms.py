"""Forms of messages: shape only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, NumberRange

from app.notifications.rules import HOURS
from app.notifications.words import MODES
from app.speech import LANGUAGES


class ReadAllForm(FlaskForm):
    newest = IntegerField(_("Tot en met"), [InputRequired(), NumberRange(0, 2**31 - 1)])


class SettingsForm(FlaskForm):
    mode = RadioField(
        _("Wat wilt u gemaild krijgen?"), [InputRequired(_("Kies hoe u mail wilt."))], choices=[SelectChoice(*one) for one in MODES.items()]
    )
    hour = SelectField(_("Hoe laat?"), choices=[SelectChoice(str(hour), f"{hour}.00") for hour in HOURS])
    subjects = SelectMultipleField(_("Waarover?"))
    revision = HiddenField()


class MailboxForm(FlaskForm):
    kinds = SelectMultipleField(_("Ook naar de gedeelde mailbox"))
    language = SelectField(_("Taal van de mail"), choices=[SelectChoice(*one) for one in LANGUAGES.items()])
    revision = HiddenField()
