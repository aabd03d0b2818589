"""Forms of the register: shape and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp


class UploadForm(FlaskForm):
    file = FileField(_("Schuldeisers en incassopartijen"), [FileRequired(_("Kies het bestand."))])


class ContactForm(FlaskForm):
    name = StringField(_("Naam"), [InputRequired(_("Vul een naam in.")), Length(max=120)])
    task = StringField(_("Waarvoor"), [Length(max=80)])
    phone = StringField(_("Telefoon"), [Length(max=30)])
    email = StringField(
        _("E-mailadres"), [Optional(), Length(max=254), Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=_("Dit is geen e-mailadres."))]
    )


class MandateForm(FlaskForm):
    other = SelectField(_("Wie"), [InputRequired(_("Kies een organisatie."))], coerce=int)
    starts_on = DateField(_("Eerste dag"), [InputRequired(_("Vul de eerste dag in."))])
    ends_on = DateField(_("Laatste dag, als die bekend is"), [Optional()])


class EndMandateForm(FlaskForm):
    ends_on = DateField(_("Laatste dag"), [InputRequired(_("Vul de laatste dag in."))])
    revision = HiddenField()
