"""Forms of first accounts: shape and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length

from app.accounts.forms import ADDRESS, EMAIL, NEEDED
from app.accounts.rules import MOST_NAME
from app.accounts.words import SIGNUP_REFUSALS


class SignupForm(FlaskForm):
    """Asked without an account, so it holds no more than the bank needs."""

    name = StringField(
        _("Uw naam"), [NEEDED, Length(max=MOST_NAME, message=_("Houd het bij 120 tekens."))], render_kw={"autocomplete": "name"}
    )
    email = StringField(_("Uw e-mailadres op het werk"), [NEEDED, ADDRESS, EMAIL], render_kw={"autocomplete": "email", "type": "email"})
    kvk = StringField(
        _("KvK-nummer van uw organisatie"),
        [NEEDED, Length(max=20, message=_("Een KvK-nummer heeft acht cijfers."))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class ApproveForm(FlaskForm):
    checked = BooleanField(_("Ik heb het KvK-nummer opgezocht in het handelsregister; het hoort bij deze organisatie"))


class RefuseForm(FlaskForm):
    reason = SelectField(
        _("Reden"),
        [InputRequired(_("Kies een reden."))],
        choices=[SelectChoice("", _("Kies een reden")), *(SelectChoice(reason.value, words) for reason, words in SIGNUP_REFUSALS.items())],
    )
    words = TextAreaField(_("Toelichting, alleen voor de Kredietbank"), [Length(max=1000, message=_("Houd het bij 1.000 tekens."))])
