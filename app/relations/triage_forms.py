"""Forms of the relations team on one complaint, each beside the others on one page: shape, wording and length only."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Optional

from app.relations.complaint_forms import LONG, SHORT, PartyForm, readable
from app.relations.complaint_words import CATEGORIES, KINDS, OUTCOMES, SEVERITIES

KIND_CHOICES = [SelectChoice(kind.value, words) for kind, words in KINDS.items()]


class ActForm(FlaskForm):
    """An act without words, on the complaint as it was seen."""

    revision = HiddenField()


class SortForm(ActForm):
    kind = SelectField(_("Onderwerp"), choices=KIND_CHOICES)
    severity = SelectField(_("Ernst"), choices=[SelectChoice(one.value, words) for one, words in SEVERITIES.items()])
    category = SelectField(
        _("Oorzaak"),
        choices=[SelectChoice("", _("Nog niet bekend")), *(SelectChoice(one.value, words) for one, words in CATEGORIES.items())],
    )
    owner = SelectField(_("Behandelaar"), choices=[])
    is_urgent = BooleanField(_("Spoed"))

    def offer(self, colleagues: list[tuple[int, str]]) -> None:
        """Show who can look after it."""
        self.owner.choices = [SelectChoice("", _("Nog niemand")), *(SelectChoice(str(id_), name) for id_, name in colleagues)]


class NoteForm(ActForm):
    note = TextAreaField(_("Notitie"), [LONG, readable])


class RelateForm(ActForm):
    case = StringField(_("Dossiernummer"), [Length(max=20, message=_("Houd het bij 20 tekens.")), readable])


class PassOnForm(PartyForm):
    why = TextAreaField(_("Waarom?"), [LONG, readable])
    revision = HiddenField()


class MergeForm(ActForm):
    into = StringField(_("Nummer van het andere signaal"), [SHORT, readable])


class SplitForm(ActForm):
    kind = SelectField(_("Onderwerp van het nieuwe signaal"), choices=KIND_CHOICES)
    split_words = TextAreaField(_("Wat hoort bij het nieuwe signaal?"), [LONG, readable])


class PauseForm(ActForm):
    reason = TextAreaField(_("Waarom staat de klok stil?"), [LONG, readable])


class AddressForm(ActForm):
    told_words = TextAreaField(_("Tekst voor de schuldeiser"), [LONG, readable])
    tell_agent = BooleanField(_("Ook aan de incassopartij"))


class ReplyForm(ActForm):
    reply = TextAreaField(_("Bericht aan de schuldeiser"), [LONG, readable])


class CloseForm(ActForm):
    outcome = RadioField(
        _("Uitkomst"), [InputRequired(_("Kies een uitkomst."))], choices=[SelectChoice(one.value, words) for one, words in OUTCOMES.items()]
    )
    outcome_words = TextAreaField(_("Uitkomst voor de melder"), [LONG, readable])


class ReopenForm(ActForm):
    reopen_words = TextAreaField(_("Waarom wordt het heropend?"), [LONG, readable])


class PatternForm(ActForm):
    decision = TextAreaField(_("Wat spreekt u af?"), [Optional(), LONG, readable])
