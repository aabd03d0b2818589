"""Forms of the register: shape and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.creditors.words import SORTS


class UploadForm(FlaskForm):
    file = FileField(_("Schuldeisers en incassopartijen"), [FileRequired(_("Kies het bestand."))])


TOO_LONG = _("Dit is te lang.")


class RegisterForm(FlaskForm):
    """An organisation that somebody adds by hand."""

    name = StringField(_("Naam"), [InputRequired(_("Vul de naam in.")), Length(max=120, message=TOO_LONG)])
    code = IntegerField(_("Code bij de Kredietbank (CodeEiser)"), [InputRequired(_("Vul de code in als een getal van 1 of hoger."))])
    sort = RadioField(
        _("Soort"),
        [InputRequired(_("Kies de soort organisatie."))],
        choices=[SelectChoice(one, words) for one, words in SORTS.items()],
        validate_choice=False,  # the register says it in its own words
    )
    branch = StringField(_("Branche"), [Length(max=40, message=TOO_LONG)])
    kvk = StringField(_("KvK-nummer"), [Length(max=20, message=TOO_LONG)])
    establishment = StringField(_("Vestigingsnummer"), [Length(max=20, message=TOO_LONG)])
    street = StringField(_("Straat"), [Length(max=120, message=TOO_LONG)])
    house_number = StringField(_("Huisnummer"), [Length(max=20, message=TOO_LONG)])
    postcode = StringField(_("Postcode"), [Length(max=10, message=TOO_LONG)])
    city = StringField(_("Plaats"), [Length(max=80, message=TOO_LONG)])
    email = StringField(_("E-mailadres"), [Length(max=254, message=TOO_LONG)])
    phone = StringField(_("Telefoon"), [Length(max=30, message=TOO_LONG)])
    contact_name = StringField(_("Naam van de contactpersoon"), [Length(max=120, message=TOO_LONG)])
    contact_task = StringField(_("Waarvoor"), [Length(max=80, message=TOO_LONG)])
    contact_phone = StringField(_("Telefoon van de contactpersoon"), [Length(max=30, message=TOO_LONG)])
    contact_email = StringField(_("E-mailadres van de contactpersoon"), [Length(max=254, message=TOO_LONG)])
    revision = HiddenField()  # of the complaint that asks for it


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
