"""Forms of accounts: shape and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from app.accounts.rules import EMAIL as EMAIL_SHAPE
from app.accounts.rules import MOST_EMAIL, MOST_NAME, MOST_PASSWORD

NEEDED = InputRequired(_("Vul dit in."))
ADDRESS = Length(max=MOST_EMAIL, message=_("Dit is te lang voor een e-mailadres."))

EMAIL = Regexp(rf"{EMAIL_SHAPE.pattern}$", message=_("Dit is geen e-mailadres, zoals naam@organisatie.nl."))


class PasswordForm(FlaskForm):
    email = StringField(_("E-mailadres"), [NEEDED, ADDRESS], render_kw={"autocomplete": "username", "type": "email"})
    password = PasswordField(_("Wachtwoord"), [NEEDED, Length(max=MOST_PASSWORD)], render_kw={"autocomplete": "current-password"})


class CodeForm(FlaskForm):
    code = StringField(
        _("Code uit uw inlog-app"),
        [NEEDED, Length(max=20, message=_("Een code heeft zes cijfers, een herstelcode tien tekens."))],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class NewPasswordForm(FlaskForm):
    password = PasswordField(_("Nieuw wachtwoord"), [NEEDED, Length(max=MOST_PASSWORD)], render_kw={"autocomplete": "new-password"})


class ChangePasswordForm(NewPasswordForm, CodeForm):
    """A new password, with the second factor asked again."""


class ColleagueForm(FlaskForm):
    name = StringField(_("Naam"), [NEEDED, Length(max=MOST_NAME)], render_kw={"autocomplete": "off"})
    email = StringField(_("E-mailadres"), [NEEDED, ADDRESS, EMAIL], render_kw={"type": "email"})
    role = SelectField(_("Rol"), [NEEDED])
