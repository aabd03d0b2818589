"""Forms of early signals: shape, wording and length only; the rules decide."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, Field, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms import ValidationError as Wrong
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.cases.forms import AmountField
from app.early_signals.mandates import CreditorChoice
from app.early_signals.rules import Sort
from app.early_signals.signal_words import CONFIRMATIONS, KINDS, OUTCOMES, PARTS, SORTS, WITHDRAWALS
from app.errors import Refusal
from app.exchange import cells
from app.exchange.words import REFUSALS as CELLS
from app.web import whole_number

YES, NO, UNKNOWN = "yes", "no", "unknown"


def as_cell(parse: cells.Parser) -> Callable[[FlaskForm, Field], None]:
    """Hold a field to what a cell of a file may be; what it gives stands in the field."""

    def check(_form: FlaskForm, field: Field) -> None:
        text = (field.data or "").strip()
        try:
            field.data = parse(text) if text else ""
        except Refusal as no:
            said = str(CELLS[no.code])
            raise Wrong(said % no.facts if no.facts else said) from no

    return check


def _texts(label: Any, most: int, *more: Any, **settings: Any) -> StringField:
    return StringField(label, [*more, as_cell(cells.text(most))], **settings)


class OnBehalfForm(FlaskForm):
    """What a reporter sends; an agent chooses in whose name, a creditor has nothing to choose."""

    creditor = SelectField(
        _("Namens welke schuldeiser meldt u?"), [InputRequired(_("Kies de schuldeiser namens wie u meldt."))], validate_choice=False
    )  # of whom the mandate holds, the use case asks

    def offer(self, creditors: Sequence[CreditorChoice] | None) -> None:
        """Let an agent choose from the creditors that gave it a mandate; None: nobody is chosen."""
        if creditors is None:
            del self.creditor
            return
        known = [SelectChoice(one.code, one.name) for one in creditors]
        self.creditor.choices = known if len(known) == 1 else [SelectChoice("", _("Kies een schuldeiser")), *known]

    @property
    def creditor_code(self) -> int | None:
        """Return the code of the creditor that was chosen; None when there was nothing to choose, and for nonsense."""
        return whole_number(self.creditor.data) if "creditor" in self else None


class SignalForm(OnBehalfForm):
    reference = _texts(_("Uw kenmerk"), 140, InputRequired(_("Vul uw kenmerk in.")))
    reported_on = DateField(_("Dag van de melding"), [InputRequired(_("Vul een dag in."))])
    surname = _texts(_("Achternaam"), 120, InputRequired(_("Vul de achternaam in.")), render_kw={"autocomplete": "off"})
    given_name = _texts(_("Voornaam of voorletters"), 80, render_kw={"autocomplete": "off"})
    birth_date = DateField(_("Geboortedatum, als u die weet"), [Optional()])
    street = _texts(_("Straat"), 120)
    house_number = _texts(_("Huisnummer met toevoeging"), 20, InputRequired(_("Vul het huisnummer in.")))
    postcode = StringField(_("Postcode"), [InputRequired(_("Vul de postcode in.")), as_cell(cells.postcode)])
    city = _texts(_("Plaats"), 80)
    phone = _texts(_("Telefoon"), 30)
    email = StringField(_("E-mailadres"), [as_cell(cells.email)])
    sort = RadioField(
        _("Wat meldt u?"),
        [InputRequired(_("Kies wat u meldt."))],
        choices=[SelectChoice(one.value, words) for one, words in SORTS.items()],
        default=Sort.ARREARS.value,
    )
    arrears_cents = AmountField(_("Achterstand in euro"), [InputRequired(_("Vul de achterstand in.")), Length(max=20)])
    instalments = IntegerField(
        _("Aantal termijnen"),
        [InputRequired(_("Vul het aantal termijnen in.")), NumberRange(1, 600, _("Vul een getal van 1 tot en met 600 in."))],
    )
    days = IntegerField(_("Hoeveel dagen oud is de oudste termijn?"), [Optional(), NumberRange(0, 36_500, _("Vul een aantal dagen in."))])
    confirmed = SelectMultipleField(
        _("Wat deed u voordat u meldt?"), choices=[SelectChoice(one.value, words) for one, words in CONFIRMATIONS.items()]
    )


class WithdrawForm(FlaskForm):
    reason = SelectField(
        _("Waarom trekt u het signaal in?"),
        [InputRequired(_("Kies een reden."))],
        choices=[SelectChoice("", _("Kies een reden")), *(SelectChoice(one.value, words) for one, words in WITHDRAWALS.items())],
        default="",
    )


class UploadForm(OnBehalfForm):
    file = FileField(_("Meldingen"), [FileRequired(_("Kies het bestand."))])
    confirmed = BooleanField(_("Bij elke regel hebben wij alle vier de stappen gezet"))


class AttemptForm(FlaskForm):
    kind = SelectField(
        _("Hoe zocht u contact?"),
        [InputRequired(_("Kies hoe u contact zocht."))],
        choices=[SelectChoice("", _("Kies een manier")), *(SelectChoice(one.value, words) for one, words in KINDS.items())],
        default="",
    )
    on = DateField(_("Op welke dag?"), [InputRequired(_("Vul een dag in."))])
    part = SelectField(
        _("Dagdeel"),
        choices=[SelectChoice("", _("Kies een dagdeel")), *(SelectChoice(one.value, words) for one, words in PARTS.items())],
        default="",
    )
    reached = RadioField(
        _("Bereikt?"),
        [InputRequired(_("Kies ja of nee."))],
        choices=[SelectChoice(YES, _("ja")), SelectChoice(NO, _("nee"))],
    )
    outcome = SelectField(
        _("Resultaat, als het signaal klaar is"),
        choices=[SelectChoice("", _("Nog geen resultaat")), *(SelectChoice(one.value, words) for one, words in OUTCOMES.items())],
        default="",
    )
    revision = HiddenField()


def _known(label: Any) -> RadioField:
    choices = [SelectChoice(UNKNOWN, _("niet nagekeken")), SelectChoice(YES, _("ja")), SelectChoice(NO, _("nee"))]
    return RadioField(label, [InputRequired(_("Kies een antwoord."))], choices=choices, default=UNKNOWN)


class HouseholdForm(FlaskForm):
    benefit = _known(_("Heeft het huishouden een uitkering (Participatiewet)?"))
    children = _known(_("Wonen er kinderen?"))
    revision = HiddenField()
