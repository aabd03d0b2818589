"""Forms of commitments: shape, wording and length only."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Optional

from app.relations.commitment_rules import AT_MOST, WITHIN_DAYS, Measure, Norm, Party
from app.relations.commitment_words import MEASURES, PARTIES
from app.relations.complaint_forms import LONG, SHORT, PartyForm, readable

BY_HAND = "by hand"
BY_FIGURE = "by figure"
WAYS = {BY_HAND: _("Zelf, op een dag"), BY_FIGURE: _("Het portaal, elke maand met een eigen cijfer")}
NUMBER = Length(max=20, message=_("Houd het bij 20 tekens."))


class MakeForm(PartyForm):
    """A new commitment."""

    words = TextAreaField(_("Wat is afgesproken?"), [LONG, readable])
    by = RadioField(
        _("Wie doet het?"), choices=[SelectChoice(one.value, words) for one, words in PARTIES.items()], default=Party.THEIRS.value
    )
    by_whom = StringField(_("Door wie?"), [SHORT, readable])
    due_on = DateField(_("Uiterlijk op"), [InputRequired(_("Vul een dag in."))])
    how = TextAreaField(_("Hoe ziet u dat het is gebeurd?"), [LONG, readable])
    way = RadioField(_("Wie controleert het?"), choices=[SelectChoice(way, words) for way, words in WAYS.items()], default=BY_HAND)
    check_on = DateField(_("Dag van de controle"), [Optional()])
    measure = SelectField(
        _("Welk cijfer?"), choices=[SelectChoice(one.value, words) for one, words in MEASURES.items()], default=next(iter(MEASURES)).value
    )
    threshold = IntegerField(_("Ten minste hoeveel procent?"), [Optional()])
    days = IntegerField(_("Binnen hoeveel werkdagen?"), [Optional()])
    at_most = IntegerField(_("Ten hoogste hoe vaak per maand?"), [Optional()])
    meeting = StringField(_("Nummer van het overleg"), [NUMBER, readable])
    escalation = StringField(_("Nummer van de escalatie"), [NUMBER, readable])

    def norm(self) -> Norm | None:
        """Return the norm that was chosen; a missing number is one that no norm allows, and what the figure does not ask is left out."""
        if self.way.data == BY_HAND:
            return None
        measure = Measure(self.measure.data)
        if measure in AT_MOST:
            return Norm(measure, -1 if self.at_most.data is None else self.at_most.data)
        return Norm(measure, self.threshold.data or 0, (self.days.data or 0) if measure in WITHIN_DAYS else 0)


class CheckForm(FlaskForm):
    """What a check came to."""

    outcome = RadioField(
        _("Is de afspraak nagekomen?"),
        [InputRequired(_("Maak een keuze."))],
        choices=[SelectChoice("kept", _("Ja, nagekomen")), SelectChoice("broken", _("Nee, niet nagekomen"))],
    )
    check_words = TextAreaField(_("Wat zag u?"), [LONG, readable])
    next_on = DateField(_("Volgende controle"), [Optional()])
    revision = HiddenField()


class PlanForm(FlaskForm):
    """The day of the next check."""

    check_on = DateField(_("Dag van de controle"), [InputRequired(_("Vul een dag in."))])
    revision = HiddenField()


class EndForm(FlaskForm):
    reason = TextAreaField(_("Waarom eindigt de afspraak?"), [LONG, readable])
    revision = HiddenField()
