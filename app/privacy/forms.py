"""Forms of privacy: shape and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length


class RestrictForm(FlaskForm):
    """Why the data of a case must rest."""

    revision = HiddenField(validators=[InputRequired()])
    reason = TextAreaField(
        _("Reden"), [InputRequired(_("Schrijf waarom de gegevens moeten rusten.")), Length(max=1000)], render_kw={"rows": 3}
    )  # fmt: skip


class StepForm(FlaskForm):
    """A step on a case as the person saw it."""

    revision = HiddenField(validators=[InputRequired()])
