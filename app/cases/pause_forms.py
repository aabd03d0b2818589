"""Forms of notices and pauses: shape, wording and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length

from app.cases.pause_rules import EndReason, NoticeState
from app.cases.pause_words import ENDS, SEARCHED
from app.exchange.words import REFUSALS as CELLS

LONG = Length(max=2000, message=_("Houd het bij 2.000 tekens."))
ANSWERS = {
    NoticeState.CONFIRMED: _("Bevestigen: wij incasseren niet"),
    NoticeState.OTHER_AGENT: _("Een andere partij incasseert voor ons"),
    NoticeState.CLIENT_UNKNOWN: _("Wij kennen deze cliënt niet"),
    NoticeState.OBSTACLE: _("Er is een beletsel"),
}
END_REASONS = (EndReason.CLIENT_STOPPED, EndReason.SENT_BY_MISTAKE)  # the others follow from what happens


def readable(_form: FlaskForm, field: Field) -> None:
    """Refuse a sign that no database keeps as it is."""
    if "\x00" in (field.data or ""):
        raise ValidationError(str(CELLS["exchange.control_character"]))


class NoticeForm(FlaskForm):
    answer = RadioField(_("Kies uw antwoord"), [InputRequired(_("Kies een antwoord."))], choices=[])
    agent = SelectField(_("Wie incasseert?"), default="", choices=[])
    agent_name = StringField(_("Staat die er niet bij? Vul de naam in"), [Length(max=120, message=_("Houd het bij 120 tekens.")), readable])
    searched = SelectMultipleField(
        _("Waarop hebt u gezocht?"), choices=[SelectChoice(field.value, words) for field, words in SEARCHED.items()]
    )
    words = TextAreaField(_("Wat is het beletsel?"), [LONG, readable])
    revision = HiddenField()

    def offer(self, answers: frozenset[NoticeState], agents: list[tuple[int, str]]) -> None:
        """Show only the answers that the notice can still get, and the agents of its creditor."""
        self.answer.choices = [SelectChoice(state.value, words) for state, words in ANSWERS.items() if state in answers]
        self.agent.choices = [SelectChoice("", _("Kies een incassopartij")), *(SelectChoice(str(id_), name) for id_, name in agents)]


class BreachForm(FlaskForm):
    """Collecting during a pause, told by the creditor itself."""

    happened_on = DateField(_("Op welke dag?"), [InputRequired(_("Vul een dag in."))])
    breach_words = TextAreaField(
        _("Wat is er gebeurd?"), [InputRequired(_("Schrijf in een paar woorden wat er is gebeurd.")), LONG, readable]
    )


class ComplaintForm(BreachForm):
    """Collecting during a pause, told by the client."""

    notice = SelectField(_("Om welke schuldeiser gaat het?"), default="", choices=[])

    def offer(self, notices: list[tuple[str, str]]) -> None:
        """Show the creditors to which a notice went."""
        self.notice.choices = [SelectChoice("", _("Kies een schuldeiser")), *(SelectChoice(ref, name) for ref, name in notices)]


class EndForm(FlaskForm):
    reason = SelectField(
        _("Waarom eindigen de pauzes?"),
        [InputRequired(_("Kies een reden."))],
        choices=[SelectChoice("", _("Kies een reden")), *(SelectChoice(reason.value, ENDS[reason]) for reason in END_REASONS)],
        default="",
    )
