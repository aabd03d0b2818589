"""Forms of practice reports: the fields of a section follow from its questions; shape and length only, the rules decide."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import Length, Optional

from app.errors import Refusal
from app.money import amount
from app.practices.question_words import CHOICES, QUESTIONS
from app.practices.questions import QUESTION, SECTION, Answer, Kind, Question, parse
from app.practices.rules import WORDS, Mark
from app.practices.words import JUDGEMENTS, REFUSALS
from app.web import say, typed

LONG = Length(max=WORDS, message=_("Houd het bij 4.000 tekens."))


class SectionForm(FlaskForm):
    """The questions of one section; `section_form` adds them."""

    revision = HiddenField()

    def answers(self) -> dict[str, str]:
        """Return what was typed, by question."""
        return {field.name: typed(field) for field in self if field.name in QUESTION}

    def validate(self, extra_validators: Any = None) -> bool:
        """Say at every answer that cannot be read why not, so that all are mended at once."""
        valid = super().validate(extra_validators)
        for code, text in self.answers().items():
            try:
                parse(QUESTION[code], text)
            except Refusal as refusal:
                self[code].errors = [say(refusal, REFUSALS)]
                valid = False
        return bool(valid)


@cache
def section_form(section: str) -> type[SectionForm]:
    """Return the form of a section."""
    fields: dict[str, Any] = {question.code: _field(question) for question in SECTION[section].questions}
    return type("SectionForm", (SectionForm,), fields | {"__module__": f"section {section}"})  # made, in no file of ours


def _field(question: Question) -> Any:
    label = QUESTIONS[question.code]
    if question.kind is Kind.CHOICE:
        choices = [SelectChoice(one.value, CHOICES[one.value]) for one in question.choices or ()]
        return RadioField(label, [Optional()], choices=choices, validate_choice=False)
    if question.kind is Kind.TEXT:
        return TextAreaField(label, [Length(max=question.most)])
    return StringField(label, [Length(max=30, message=_("Houd het bij 30 tekens."))])


def filled(section: str, answers: Mapping[str, Answer], revision: int) -> dict[str, Any]:
    """Return the fields of a section as it was saved."""
    texts = {code: _text(QUESTION[code], answers[code]) for code in answers if code in QUESTION}
    return {question.code: texts.get(question.code, "") for question in SECTION[section].questions} | {"revision": revision}


def _text(question: Question, value: Answer) -> str:
    return amount(value) if question.kind is Kind.CENTS and isinstance(value, int) else str(value)


class EvidenceForm(FlaskForm):
    files = MultipleFileField(_("Bestanden"))


class ReplyForm(FlaskForm):
    words = TextAreaField(_("Uw antwoord op de vraag"), [LONG])
    seen = HiddenField()


class MarkForm(FlaskForm):
    mark = RadioField(
        _("Uw oordeel"),
        choices=[SelectChoice(mark.value, words) for mark, words in JUDGEMENTS.items()],
        default=Mark.SEEN.value,
    )
    words = TextAreaField(_("Opmerking of vraag"), [LONG])
    seen = HiddenField()


class ReopenForm(FlaskForm):
    reason = TextAreaField(_("Waarom mag de schuldeiser het rapport verbeteren?"), [LONG])
    revision = HiddenField()


def chosen_files(field: Field) -> list[Any]:
    """Return the files that somebody chose; a browser sends an empty one when nothing was."""
    return [file for file in field.data or [] if file and file.filename]
