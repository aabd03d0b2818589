"""Forms of answering an offer: shape, wording and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Regexp

from app.errors import Refusal
from app.exchange.words import REFUSALS as CELLS
from app.money import Cents, parse_amount
from app.proposals.offer_words import REASONS

ACCEPT, OTHER, REJECT, RECONSIDER = "accept", "other", "reject", "reconsider"
ANSWERS_TO_QUESTION = [
    SelectChoice(ACCEPT, _("Accepteren")),
    SelectChoice(OTHER, _("Accepteren met opmerking of ander saldo")),
    SelectChoice(REJECT, _("Afwijzen")),
]
LONG = Length(max=2000, message=_("Houd het bij 2.000 tekens."))
KEPT = ("answer", "balance", "remark", "reason", "explanation", "question")  # what a draft holds


def readable(_form: FlaskForm, field: Field) -> None:
    """Refuse a sign that no database keeps as it is."""
    if "\x00" in (field.data or ""):
        raise ValidationError(str(CELLS["exchange.control_character"]))


class AnswerForm(FlaskForm):
    answer = RadioField(
        _("Kies uw antwoord"),
        [InputRequired(_("Kies een antwoord."))],
        choices=[*ANSWERS_TO_QUESTION, SelectChoice(RECONSIDER, _("Heroverweging vragen"))],
    )
    balance = StringField(_("Uw saldo vandaag in euro"), [Length(max=20)], render_kw={"inputmode": "decimal"})
    remark = TextAreaField(_("Opmerking"), [LONG, readable])
    reason = SelectField(
        _("Reden"),
        choices=[SelectChoice("", _("Kies een reden")), *(SelectChoice(reason.value, words) for reason, words in REASONS.items())],
        default="",
    )
    explanation = TextAreaField(_("Uitleg"), [LONG, readable])
    confirmed = BooleanField(_("Ik wijs toch af"))
    question = TextAreaField(_("Wat moet de Kredietbank opnieuw bekijken?"), [LONG, readable])
    revision = HiddenField("")

    balance_cents: Cents | None = None

    def validate_balance(self, field: StringField) -> None:
        """Read the amount where it belongs to the answer; an empty one means that the claim did not change."""
        if self.answer.data != OTHER:
            return
        if not (field.data or "").strip():
            if not (self.remark.data or "").strip():
                raise ValidationError(_("Vul uw saldo in, of schrijf een opmerking."))
            return
        try:
            self.balance_cents = parse_amount(field.data or "")
        except Refusal as refusal:
            raise ValidationError(str(CELLS[refusal.code])) from refusal

    def validate_reason(self, field: SelectField) -> None:
        if self.answer.data == REJECT and not field.data:
            raise ValidationError(_("Kies de reden waarom u afwijst."))


class NamedAnswerForm(AnswerForm):
    """An answer by the code on a letter: the person has no account, so it tells its name."""

    name = StringField(
        _("Naam van wie antwoordt"),
        [InputRequired(_("Vul uw naam in.")), Length(max=200, message=_("Houd het bij 200 tekens.")), readable],
        render_kw={"autocomplete": "name"},
    )


class LetterCodeForm(FlaskForm):
    code = StringField(
        _("Code op de brief"),
        [InputRequired(_("Vul de code in die op uw brief staat.")), Length(max=40, message=_("Een code heeft tien tekens."))],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class NewCodeForm(FlaskForm):
    ref = StringField(
        _("Ons kenmerk op de brief"),
        [
            InputRequired(_("Vul het kenmerk in dat op uw brief staat.")),
            Regexp(r"^\s*[ASas]-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}\s*$", message=_("Een kenmerk ziet eruit als A-7K3M-9QX2 of S-7K3M-9QX2.")),
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class LetterForm(FlaskForm):
    file = FileField(_("De brief als pdf"))
    code = StringField(_("Of de controlecode onder aan de brief"), [Length(max=40, message=_("Een controlecode heeft tien tekens."))])
