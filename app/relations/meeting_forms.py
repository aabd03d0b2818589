"""Forms of meetings: shape, wording and length only."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length

from app.relations.complaint_forms import LONG, PartyForm, readable


class WhenFields:
    """When and where a meeting is, and with whom."""

    day = DateField(_("Dag"), [InputRequired(_("Vul een dag in."))])
    begins = TimeField(_("Begint om"), [InputRequired(_("Vul een tijd in, zoals 10:00."))])
    ends = TimeField(_("Eindigt om"), [InputRequired(_("Vul een tijd in, zoals 11:00."))])
    place = StringField(_("Plaats"), [Length(max=200, message=_("Houd het bij 200 tekens.")), readable])
    ours = SelectMultipleField(_("Wie van ons?"), choices=[])
    theirs = TextAreaField(_("Wie van hen?"), [LONG, readable])


def offer(form: Any, colleagues: list[tuple[int, str]], seated: list[tuple[int | None, str]]) -> None:
    """Show who of the own side can sit at the table: colleagues, and who sits there already."""
    known = dict(colleagues) | {id_: name for id_, name in seated if id_ is not None}
    form.ours.choices = [SelectChoice(str(id_), name) for id_, name in known.items()]


class PlanForm(WhenFields, PartyForm):
    """A new meeting, or one that was held already."""

    was_held = BooleanField(_("Dit overleg is al geweest"))
    minutes = TextAreaField(_("Verslag"), [LONG, readable])


class ChangeForm(WhenFields, FlaskForm):
    revision = HiddenField()


class ItemForm(FlaskForm):
    """A point for the agenda."""

    item = TextAreaField(_("Nieuw punt"), [LONG, readable])
    is_private = BooleanField(_("Alleen voor ons"))


class NoteForm(FlaskForm):
    note = TextAreaField(_("Notitie"), [LONG, readable])


class MinutesForm(FlaskForm):
    minutes = TextAreaField(_("Verslag"), [LONG, readable])
    revision = HiddenField()


class CancelForm(FlaskForm):
    reason = TextAreaField(_("Waarom gaat het niet door?"), [LONG, readable])
    revision = HiddenField()
