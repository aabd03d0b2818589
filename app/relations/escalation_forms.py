"""Forms of escalations: shape, wording and length only."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Optional

from app.relations.complaint_forms import LONG, PartyForm, readable
from app.relations.escalation_rules import Level
from app.relations.escalation_words import LEVELS, RESULTS, WAYS

WAY_CHOICES = [SelectChoice(one.value, words) for one, words in WAYS.items()]
RESULT_CHOICES = [SelectChoice(one.value, words) for one, words in RESULTS.items()]
CHOOSE = InputRequired(_("Maak een keuze."))


class StepFields:
    """What every step is begun with."""

    way = RadioField(_("Hoe?"), [CHOOSE], choices=WAY_CHOICES)
    words = TextAreaField(_("Wat vraagt u?"), [LONG, readable])
    due_on = DateField(_("Uiterlijk op"), [Optional()])
    owner = SelectField(_("Behandelaar"), choices=[], default="")


def colleagues(people: list[tuple[int, str]]) -> list[SelectChoice]:
    """Return the colleagues who can look after something; who acts, where nobody is chosen."""
    return [SelectChoice("", _("Ikzelf")), *(SelectChoice(str(id_), name) for id_, name in people)]


class StartForm(StepFields, PartyForm):
    """A new escalation."""

    complaint = StringField(_("Nummer van het signaal, als er een is"), [Length(max=20, message=_("Houd het bij 20 tekens.")), readable])
    pattern = HiddenField()
    subject = TextAreaField(_("Waar gaat het over?"), [LONG, readable])
    level = RadioField(
        _("Bij wie begint u?"),
        [CHOOSE],
        choices=[SelectChoice(level.value, LEVELS[level]) for level in (Level.CONTACT, Level.MANAGEMENT)],
    )


class ClimbForm(StepFields, FlaskForm):
    """The next step."""

    to = RadioField(_("Naar wie?"), [CHOOSE], choices=[])
    revision = HiddenField()

    def offer(self, above: tuple[Level, ...]) -> None:
        """Show who follows on the step before."""
        self.to.choices = [SelectChoice(level.value, LEVELS[level]) for level in above]


class ResultForm(FlaskForm):
    """What a step came to."""

    result = RadioField(_("Wat leverde de stap op?"), [CHOOSE], choices=RESULT_CHOICES)
    result_words = TextAreaField(_("Toelichting"), [LONG, readable])
    revision = HiddenField()


class ChangeForm(FlaskForm):
    """Another term or owner."""

    due_on = DateField(_("Uiterlijk op"), [InputRequired(_("Vul een dag in."))])
    owner = SelectField(_("Behandelaar"), choices=[], default="")
    revision = HiddenField()


class CloseForm(FlaskForm):
    """How the escalation ended."""

    result = RadioField(_("Hoe liep het af?"), [CHOOSE], choices=RESULT_CHOICES)
    close_words = TextAreaField(_("Wat werkte, of waarom niet?"), [LONG, readable])
    revision = HiddenField()
