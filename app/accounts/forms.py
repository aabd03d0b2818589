"""Forms of accounts: shape and length only; the rules decide."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp, StopValidation

from app.accounts.passkeys import MOST_ANSWER
from app.accounts.rules import EMAIL as EMAIL_SHAPE
from app.accounts.rules import MOST_EMAIL, MOST_NAME, MOST_PASSKEY_NAME, MOST_PASSWORD

NEEDED = InputRequired(_("Vul dit in."))
ADDRESS = Length(max=MOST_EMAIL, message=_("Dit is te lang voor een e-mailadres."))

EMAIL = Regexp(rf"{EMAIL_SHAPE.pattern}$", message=_("Dit is geen e-mailadres, zoals naam@organisatie.nl."))


CODE = Length(max=40, message=_("Een code heeft zes cijfers, een herstelcode 28 tekens."))


def _code_or_passkey(form: Any, field: StringField) -> None:
    """Ask a code, unless a recovery code was typed or a passkey signed instead."""
    if not form.passkey.data and not (form.recovery.data or "").strip() and not (field.data or "").strip():
        raise StopValidation(str(_("Vul dit in.")))


class PasswordForm(FlaskForm):
    email = StringField(_("E-mailadres"), [NEEDED, ADDRESS], render_kw={"autocomplete": "username", "type": "email"})
    password = PasswordField(_("Wachtwoord"), [NEEDED, Length(max=MOST_PASSWORD)], render_kw={"autocomplete": "current-password"})


class ForgottenForm(FlaskForm):
    email = StringField(_("E-mailadres"), [NEEDED, ADDRESS, EMAIL], render_kw={"autocomplete": "username", "type": "email"})


class PasskeyForm(FlaskForm):
    """What a passkey signed; the page's script fills it in."""

    passkey = HiddenField(validators=[Length(max=MOST_ANSWER)])


class CodeForm(PasskeyForm):
    code = StringField(
        _("Code uit uw inlog-app"),
        [_code_or_passkey, CODE],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    # a field of its own: on a phone the other one has keys for figures only
    recovery = StringField(
        _("Herstelcode"), [CODE], render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    )


class AppForm(FlaskForm):
    """The code that a new app shows: no passkey stands in for it."""

    code = StringField(
        _("Code uit uw inlog-app"),
        [NEEDED, CODE],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class NewPasskeyForm(PasskeyForm):
    name = StringField(_("Naam van de passkey"), [NEEDED, Length(max=MOST_PASSKEY_NAME)], render_kw={"autocomplete": "off"})


class NewPasswordForm(FlaskForm):
    password = PasswordField(_("Nieuw wachtwoord"), [NEEDED, Length(max=MOST_PASSWORD)], render_kw={"autocomplete": "new-password"})


class ChangePasswordForm(CodeForm):
    """A new password, with the former one and the second factor asked again."""

    old = PasswordField(_("Huidig wachtwoord"), [NEEDED, Length(max=MOST_PASSWORD)], render_kw={"autocomplete": "current-password"})
    password = PasswordField(_("Nieuw wachtwoord"), [NEEDED, Length(max=MOST_PASSWORD)], render_kw={"autocomplete": "new-password"})


class NameForm(FlaskForm):
    name = StringField(_("Naam"), [NEEDED, Length(max=MOST_NAME)], render_kw={"autocomplete": "name"})


class ColleagueForm(FlaskForm):
    name = StringField(_("Naam"), [NEEDED, Length(max=MOST_NAME)], render_kw={"autocomplete": "off"})
    email = StringField(_("E-mailadres"), [NEEDED, ADDRESS, EMAIL], render_kw={"type": "email"})
    role = SelectField(_("Rol"), [NEEDED])


class AccessForm(FlaskForm):
    """Who asks access with eHerkenning."""

    name = StringField(_("Uw naam"), [NEEDED, Length(max=MOST_NAME)], render_kw={"autocomplete": "name"})
    email = StringField(_("Uw e-mailadres op het werk"), [NEEDED, ADDRESS, EMAIL], render_kw={"autocomplete": "email", "type": "email"})


class AccessCodeForm(FlaskForm):
    code = StringField(
        _("Code uit de mail"),
        [NEEDED, Length(max=20, message=_("De code heeft acht tekens."))],
        render_kw={"autocomplete": "one-time-code"},
    )
